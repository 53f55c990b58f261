-- +goose Up

-- Counts changes of the masters, per warehouse and ('') for what all share.
CREATE TABLE IF NOT EXISTS revisions (
    warehouse TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) STRICT;

-- Sites.
CREATE TABLE IF NOT EXISTS warehouses (
    code TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL,
    region TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    latitude INTEGER NOT NULL DEFAULT 0,
    longitude INTEGER NOT NULL DEFAULT 0,
    located INTEGER NOT NULL DEFAULT 0,
    daily_lines INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (code)
) STRICT;

-- Articles, shared by all warehouses.
CREATE TABLE IF NOT EXISTS skus (
    code TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    unit TEXT NOT NULL,
    decimals INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (code)
) STRICT;

-- Pack sizes in base units, as fractions.
CREATE TABLE IF NOT EXISTS sku_packs (
    sku TEXT NOT NULL,
    code TEXT NOT NULL,
    numerator INTEGER NOT NULL,
    denominator INTEGER NOT NULL,
    PRIMARY KEY (sku, code)
) STRICT;

-- Parts of a warehouse, each with its staging bin. pool: the activity that its stock is kept for.
CREATE TABLE IF NOT EXISTS zones (
    warehouse TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    allocatable INTEGER NOT NULL DEFAULT 1,
    priority INTEGER NOT NULL DEFAULT 0,
    staging_bin TEXT NOT NULL,
    pool TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, code)
) STRICT;

-- Where stock lies. tick counts writes, so that a lock on a bin is always a write.
CREATE TABLE IF NOT EXISTS bins (
    warehouse TEXT NOT NULL,
    code TEXT NOT NULL,
    zone TEXT NOT NULL,
    kind TEXT NOT NULL,
    pick_sequence INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    parent TEXT NOT NULL DEFAULT '',
    tick INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, code)
) STRICT;
CREATE INDEX IF NOT EXISTS bins_zone ON bins (warehouse, zone, code);

-- Lots, with the date people enter, a hold for recalls, and the activity they are kept for.
CREATE TABLE IF NOT EXISTS batches (
    warehouse TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    code TEXT NOT NULL,
    expires_on TEXT NOT NULL DEFAULT '',
    hold INTEGER NOT NULL DEFAULT 0,
    pool TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, sku, owner, code)
) STRICT;

-- Tier 2: what may be promised. Quantities in millionths.
CREATE TABLE IF NOT EXISTS zone_stocks (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    zone TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    pack TEXT NOT NULL DEFAULT '',
    received_on TEXT NOT NULL DEFAULT '',
    on_hand INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0,
    frozen INTEGER NOT NULL DEFAULT 0,
    row_seq INTEGER NOT NULL DEFAULT 0,
    tick INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    CONSTRAINT zone_stocks_sound CHECK (on_hand >= 0 AND reserved >= 0 AND frozen >= 0 AND reserved + frozen <= on_hand)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS zone_stocks_row ON zone_stocks (warehouse, sku, owner, zone, batch, pack);
CREATE INDEX IF NOT EXISTS zone_stocks_zone ON zone_stocks (warehouse, zone, id);

-- Tier 3: where it lies. version rises when on_hand changes, and only then.
CREATE TABLE IF NOT EXISTS bin_stocks (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    zone TEXT NOT NULL,
    bin TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    pack TEXT NOT NULL DEFAULT '',
    on_hand INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0,
    frozen INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    row_seq INTEGER NOT NULL DEFAULT 0,
    tick INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    CONSTRAINT bin_stocks_sound CHECK (on_hand >= 0 AND reserved >= 0 AND frozen >= 0 AND reserved + frozen <= on_hand)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS bin_stocks_row ON bin_stocks (warehouse, sku, owner, bin, batch, pack);
CREATE INDEX IF NOT EXISTS bin_stocks_bin ON bin_stocks (warehouse, bin, id);

-- One row per commit of the write path. first_seq is 0 until the feed has numbered it: flow seq = first_seq + pos. tick is greater than that of every earlier commit of a row it touches.
CREATE TABLE IF NOT EXISTS commits (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    flows INTEGER NOT NULL,
    first_seq INTEGER NOT NULL DEFAULT 0,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, id)
) STRICT;
CREATE INDEX IF NOT EXISTS commits_seq ON commits (warehouse, first_seq, tick);

-- The last seq given in each warehouse.
CREATE TABLE IF NOT EXISTS feeds (
    warehouse TEXT NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) STRICT;

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE IF NOT EXISTS zone_flows (
    warehouse TEXT NOT NULL,
    commit_id INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    stock_id INTEGER NOT NULL,
    row_seq INTEGER NOT NULL,
    action TEXT NOT NULL,
    job_type TEXT NOT NULL DEFAULT '',
    order_id TEXT NOT NULL DEFAULT '',
    line_id TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    leg INTEGER NOT NULL,
    reservation_id INTEGER NOT NULL DEFAULT 0,
    zone TEXT NOT NULL,
    on_hand_delta INTEGER NOT NULL,
    reserved_delta INTEGER NOT NULL,
    frozen_delta INTEGER NOT NULL,
    on_hand_after INTEGER NOT NULL,
    reserved_after INTEGER NOT NULL,
    frozen_after INTEGER NOT NULL,
    received_on TEXT NOT NULL DEFAULT '',
    applied INTEGER NOT NULL DEFAULT 0,
    shortage INTEGER NOT NULL DEFAULT 0,
    content INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    actor TEXT NOT NULL DEFAULT '',
    occurred_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, commit_id, pos)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS zone_flows_key ON zone_flows (warehouse, order_id, task_id, line_id, job_type, revision, action, leg);
CREATE INDEX IF NOT EXISTS zone_flows_row ON zone_flows (warehouse, stock_id, row_seq);
CREATE INDEX IF NOT EXISTS zone_flows_reservation ON zone_flows (warehouse, reservation_id);

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE IF NOT EXISTS bin_flows (
    warehouse TEXT NOT NULL,
    commit_id INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    stock_id INTEGER NOT NULL,
    row_seq INTEGER NOT NULL,
    action TEXT NOT NULL,
    job_type TEXT NOT NULL DEFAULT '',
    order_id TEXT NOT NULL DEFAULT '',
    line_id TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    leg INTEGER NOT NULL,
    reservation_id INTEGER NOT NULL DEFAULT 0,
    zone TEXT NOT NULL,
    on_hand_delta INTEGER NOT NULL,
    reserved_delta INTEGER NOT NULL,
    frozen_delta INTEGER NOT NULL,
    on_hand_after INTEGER NOT NULL,
    reserved_after INTEGER NOT NULL,
    frozen_after INTEGER NOT NULL,
    received_on TEXT NOT NULL DEFAULT '',
    applied INTEGER NOT NULL DEFAULT 0,
    shortage INTEGER NOT NULL DEFAULT 0,
    content INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    actor TEXT NOT NULL DEFAULT '',
    occurred_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, commit_id, pos)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS bin_flows_key ON bin_flows (warehouse, order_id, task_id, line_id, job_type, revision, action, leg);
CREATE INDEX IF NOT EXISTS bin_flows_row ON bin_flows (warehouse, stock_id, row_seq);
CREATE INDEX IF NOT EXISTS bin_flows_reservation ON bin_flows (warehouse, reservation_id);

-- Keys of effects that touched no stock row.
CREATE TABLE IF NOT EXISTS bare_effects (
    warehouse TEXT NOT NULL,
    action TEXT NOT NULL,
    job_type TEXT NOT NULL DEFAULT '',
    order_id TEXT NOT NULL DEFAULT '',
    line_id TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    reservation_id INTEGER NOT NULL DEFAULT 0,
    applied INTEGER NOT NULL DEFAULT 0,
    content INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    actor TEXT NOT NULL DEFAULT '',
    occurred_at INTEGER NOT NULL DEFAULT 0,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) STRICT;

-- Promises to order lines. due_at is expires_at while the time to live runs, else 0. started: floor work has begun, which ends it for good. base_units: made with FULL_PACKS. priority: of those who want the same stock, the higher goes first. content is a hash of what was asked, asked the part of it that another choice of stock must honour (JSON, empty for none).
CREATE TABLE IF NOT EXISTS reservations (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    job_type TEXT NOT NULL,
    order_id TEXT NOT NULL,
    line_id TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL DEFAULT '',
    requested INTEGER NOT NULL DEFAULT 0,
    base_units INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 0,
    started INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    content INTEGER NOT NULL DEFAULT 0,
    asked TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    tick INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS reservations_key ON reservations (warehouse, order_id, line_id, job_type, revision);
CREATE INDEX IF NOT EXISTS reservations_sku ON reservations (warehouse, sku, id);
CREATE INDEX IF NOT EXISTS reservations_due ON reservations (warehouse, due_at);

-- What a reservation holds of a tier-2 row, in that row's pack. position: the order taken. open_qty = held - deducted - released.
CREATE TABLE IF NOT EXISTS holds (
    warehouse TEXT NOT NULL,
    reservation_id INTEGER NOT NULL,
    zone_stock_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    held INTEGER NOT NULL,
    deducted INTEGER NOT NULL DEFAULT 0,
    released INTEGER NOT NULL DEFAULT 0,
    open_qty INTEGER NOT NULL,
    PRIMARY KEY (warehouse, reservation_id, zone_stock_id),
    CONSTRAINT holds_sound CHECK (open_qty = held - deducted - released AND open_qty >= 0 AND deducted >= 0 AND released >= 0)
) STRICT;
CREATE INDEX IF NOT EXISTS holds_row ON holds (warehouse, zone_stock_id, open_qty);

-- Floor work and pins. pinned is what is tied to the bin row now; kind PICKED marks goods picked into a bin, which is no task. froze is what a count task will unfreeze.
CREATE TABLE IF NOT EXISTS tasks (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    job_type TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    reservation_id INTEGER NOT NULL DEFAULT 0,
    zone_stock_id INTEGER NOT NULL DEFAULT 0,
    bin_stock_id INTEGER NOT NULL DEFAULT 0,
    to_bin TEXT NOT NULL DEFAULT '',
    qty INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    pinned INTEGER NOT NULL DEFAULT 0,
    froze INTEGER NOT NULL DEFAULT 0,
    pick_sequence INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    tick INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    CONSTRAINT tasks_sound CHECK (pinned >= 0 AND froze >= 0)
) STRICT;
CREATE INDEX IF NOT EXISTS tasks_reservation ON tasks (warehouse, reservation_id);
CREATE INDEX IF NOT EXISTS tasks_row ON tasks (warehouse, bin_stock_id, state);
CREATE INDEX IF NOT EXISTS tasks_key ON tasks (warehouse, task_id, job_type);

-- What has come back of a deduction or pick, by its key.
CREATE TABLE IF NOT EXISTS returned (
    warehouse TEXT NOT NULL,
    action TEXT NOT NULL,
    job_type TEXT NOT NULL DEFAULT '',
    order_id TEXT NOT NULL DEFAULT '',
    line_id TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    restored INTEGER NOT NULL DEFAULT 0,
    tick INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) STRICT;

-- Who may run a job now; epoch fences off a late owner.
CREATE TABLE IF NOT EXISTS leases (
    name TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    epoch INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) STRICT;

-- Runs of the nightly and asked-for comparisons. business_date is '' for one that was asked for.
CREATE TABLE IF NOT EXISTS reconciliation_runs (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    scope TEXT NOT NULL,
    business_date TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    compared INTEGER NOT NULL DEFAULT 0,
    matched INTEGER NOT NULL DEFAULT 0,
    timing INTEGER NOT NULL DEFAULT 0,
    open_count INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, id)
) STRICT;
CREATE INDEX IF NOT EXISTS reconciliation_runs_date ON reconciliation_runs (warehouse, scope, business_date);

-- What a run found. quantity is the name of the amount that differs.
CREATE TABLE IF NOT EXISTS differences (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    tier TEXT NOT NULL DEFAULT '',
    zone TEXT NOT NULL DEFAULT '',
    bin TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL DEFAULT '',
    batch TEXT NOT NULL DEFAULT '',
    pack TEXT NOT NULL DEFAULT '',
    stock_id INTEGER NOT NULL DEFAULT 0,
    reservation_id INTEGER NOT NULL DEFAULT 0,
    quantity TEXT NOT NULL,
    ours INTEGER NOT NULL DEFAULT 0,
    theirs INTEGER NOT NULL DEFAULT 0,
    diff INTEGER NOT NULL DEFAULT 0,
    seen_runs INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, id)
) STRICT;
CREATE INDEX IF NOT EXISTS differences_run ON differences (warehouse, run_id, id);

-- Places that work done in steps goes on from.
CREATE TABLE IF NOT EXISTS marks (
    warehouse TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, name)
) STRICT;

-- For people who read the database: the same rows with decimals.
CREATE VIEW IF NOT EXISTS zone_stocks_view AS
SELECT s.warehouse,
    s.id,
    s.zone,
    s.owner,
    s.sku,
    s.batch,
    s.pack,
    s.received_on,
    printf('%s%d.%06d',
    CASE WHEN s.on_hand < 0 THEN '-' ELSE '' END,
    abs(s.on_hand) / 1000000,
    abs(s.on_hand) % 1000000) AS on_hand,
    printf('%s%d.%06d',
    CASE WHEN s.reserved < 0 THEN '-' ELSE '' END,
    abs(s.reserved) / 1000000,
    abs(s.reserved) % 1000000) AS reserved,
    printf('%s%d.%06d',
    CASE WHEN s.frozen < 0 THEN '-' ELSE '' END,
    abs(s.frozen) / 1000000,
    abs(s.frozen) % 1000000) AS frozen
FROM zone_stocks AS s;

CREATE VIEW IF NOT EXISTS bin_stocks_view AS
SELECT s.warehouse,
    s.id,
    s.zone,
    s.bin,
    s.owner,
    s.sku,
    s.batch,
    s.pack,
    s.version,
    printf('%s%d.%06d',
    CASE WHEN s.on_hand < 0 THEN '-' ELSE '' END,
    abs(s.on_hand) / 1000000,
    abs(s.on_hand) % 1000000) AS on_hand,
    printf('%s%d.%06d',
    CASE WHEN s.reserved < 0 THEN '-' ELSE '' END,
    abs(s.reserved) / 1000000,
    abs(s.reserved) % 1000000) AS reserved,
    printf('%s%d.%06d',
    CASE WHEN s.frozen < 0 THEN '-' ELSE '' END,
    abs(s.frozen) / 1000000,
    abs(s.frozen) % 1000000) AS frozen
FROM bin_stocks AS s;

CREATE VIEW IF NOT EXISTS zone_flows_view AS
SELECT s.warehouse,
    s.commit_id,
    s.pos,
    s.stock_id,
    s.row_seq,
    s.action,
    s.job_type,
    s.order_id,
    s.line_id,
    s.task_id,
    s.revision,
    s.leg,
    s.reservation_id,
    s.actor,
    printf('%s%d.%06d',
    CASE WHEN s.on_hand_delta < 0 THEN '-' ELSE '' END,
    abs(s.on_hand_delta) / 1000000,
    abs(s.on_hand_delta) % 1000000) AS on_hand_delta,
    printf('%s%d.%06d',
    CASE WHEN s.reserved_delta < 0 THEN '-' ELSE '' END,
    abs(s.reserved_delta) / 1000000,
    abs(s.reserved_delta) % 1000000) AS reserved_delta,
    printf('%s%d.%06d',
    CASE WHEN s.frozen_delta < 0 THEN '-' ELSE '' END,
    abs(s.frozen_delta) / 1000000,
    abs(s.frozen_delta) % 1000000) AS frozen_delta,
    printf('%s%d.%06d',
    CASE WHEN s.on_hand_after < 0 THEN '-' ELSE '' END,
    abs(s.on_hand_after) / 1000000,
    abs(s.on_hand_after) % 1000000) AS on_hand_after,
    printf('%s%d.%06d',
    CASE WHEN s.reserved_after < 0 THEN '-' ELSE '' END,
    abs(s.reserved_after) / 1000000,
    abs(s.reserved_after) % 1000000) AS reserved_after,
    printf('%s%d.%06d',
    CASE WHEN s.frozen_after < 0 THEN '-' ELSE '' END,
    abs(s.frozen_after) / 1000000,
    abs(s.frozen_after) % 1000000) AS frozen_after
FROM zone_flows AS s;

CREATE VIEW IF NOT EXISTS bin_flows_view AS
SELECT s.warehouse,
    s.commit_id,
    s.pos,
    s.stock_id,
    s.row_seq,
    s.action,
    s.job_type,
    s.order_id,
    s.line_id,
    s.task_id,
    s.revision,
    s.leg,
    s.reservation_id,
    s.actor,
    printf('%s%d.%06d',
    CASE WHEN s.on_hand_delta < 0 THEN '-' ELSE '' END,
    abs(s.on_hand_delta) / 1000000,
    abs(s.on_hand_delta) % 1000000) AS on_hand_delta,
    printf('%s%d.%06d',
    CASE WHEN s.reserved_delta < 0 THEN '-' ELSE '' END,
    abs(s.reserved_delta) / 1000000,
    abs(s.reserved_delta) % 1000000) AS reserved_delta,
    printf('%s%d.%06d',
    CASE WHEN s.frozen_delta < 0 THEN '-' ELSE '' END,
    abs(s.frozen_delta) / 1000000,
    abs(s.frozen_delta) % 1000000) AS frozen_delta,
    printf('%s%d.%06d',
    CASE WHEN s.on_hand_after < 0 THEN '-' ELSE '' END,
    abs(s.on_hand_after) / 1000000,
    abs(s.on_hand_after) % 1000000) AS on_hand_after,
    printf('%s%d.%06d',
    CASE WHEN s.reserved_after < 0 THEN '-' ELSE '' END,
    abs(s.reserved_after) / 1000000,
    abs(s.reserved_after) % 1000000) AS reserved_after,
    printf('%s%d.%06d',
    CASE WHEN s.frozen_after < 0 THEN '-' ELSE '' END,
    abs(s.frozen_after) / 1000000,
    abs(s.frozen_after) % 1000000) AS frozen_after
FROM bin_flows AS s;

CREATE VIEW IF NOT EXISTS holds_view AS
SELECT s.warehouse,
    s.reservation_id,
    s.zone_stock_id,
    s.position,
    printf('%s%d.%06d',
    CASE WHEN s.held < 0 THEN '-' ELSE '' END,
    abs(s.held) / 1000000,
    abs(s.held) % 1000000) AS held,
    printf('%s%d.%06d',
    CASE WHEN s.deducted < 0 THEN '-' ELSE '' END,
    abs(s.deducted) / 1000000,
    abs(s.deducted) % 1000000) AS deducted,
    printf('%s%d.%06d',
    CASE WHEN s.released < 0 THEN '-' ELSE '' END,
    abs(s.released) / 1000000,
    abs(s.released) % 1000000) AS released,
    printf('%s%d.%06d',
    CASE WHEN s.open_qty < 0 THEN '-' ELSE '' END,
    abs(s.open_qty) / 1000000,
    abs(s.open_qty) % 1000000) AS open_qty
FROM holds AS s;

CREATE VIEW IF NOT EXISTS reservations_view AS
SELECT s.warehouse,
    s.id,
    s.job_type,
    s.order_id,
    s.line_id,
    s.revision,
    s.owner,
    s.sku,
    s.state,
    printf('%s%d.%06d',
    CASE WHEN s.requested < 0 THEN '-' ELSE '' END,
    abs(s.requested) / 1000000,
    abs(s.requested) % 1000000) AS requested
FROM reservations AS s;
