-- The schema after all migrations, as the database reports it. Made by
-- go test ./store -run Schema -update

-- The keys of archived effects, in the order of the flows' own index: a key that is here never has
-- an effect again. RESERVE keys are in reservations instead.
CREATE TABLE archived_keys (
    warehouse TEXT NOT NULL,
    order_id TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    line_id TEXT NOT NULL DEFAULT '',
    job_type TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    action TEXT NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) STRICT, WITHOUT ROWID;

-- How far each warehouse's history has gone to files: every flow up to seq, and none after. batch_id
-- fences two archivers off each other. key_count are its rows in archived_keys, reserve_count the
-- RESERVE effects, whose keys stay in reservations; recorded_at is the latest among what went.
CREATE TABLE archives (
    warehouse TEXT NOT NULL,
    batch_id INTEGER NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    key_count INTEGER NOT NULL DEFAULT 0,
    reserve_count INTEGER NOT NULL DEFAULT 0,
    recorded_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) STRICT;

-- Keys of effects that touched no stock row.
CREATE TABLE bare_effects (
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

-- Lots, with the date people enter, a hold for recalls, and the activity they are kept for.
CREATE TABLE batches (
    warehouse TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    code TEXT NOT NULL,
    expires_on TEXT NOT NULL DEFAULT '',
    hold INTEGER NOT NULL DEFAULT 0,
    pool TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, sku, owner, code)
) STRICT;

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE bin_flows (
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
CREATE UNIQUE INDEX bin_flows_key ON bin_flows (warehouse, order_id, task_id, line_id, job_type, revision, action, leg);
CREATE INDEX bin_flows_reservation ON bin_flows (warehouse, reservation_id);
CREATE INDEX bin_flows_row ON bin_flows (warehouse, stock_id, row_seq);

-- Tier 3: where it lies. version rises when on_hand changes, and only then.
CREATE TABLE bin_stocks (
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
CREATE INDEX bin_stocks_bin ON bin_stocks (warehouse, bin, id);
CREATE UNIQUE INDEX bin_stocks_row ON bin_stocks (warehouse, sku, owner, bin, batch, pack);

-- Where stock lies. tick counts writes, so that a lock on a bin is always a write.
CREATE TABLE bins (
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
CREATE INDEX bins_zone ON bins (warehouse, zone, code);

-- Each stock row as its last archived flow, of that seq, left it: where its chain of flows begins.
CREATE TABLE checkpoints (
    warehouse TEXT NOT NULL,
    stock_id INTEGER NOT NULL,
    tier TEXT NOT NULL,
    row_seq INTEGER NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    frozen INTEGER NOT NULL,
    received_on TEXT NOT NULL DEFAULT '',
    seq INTEGER NOT NULL,
    PRIMARY KEY (warehouse, stock_id)
) STRICT, WITHOUT ROWID;

-- One row per commit of the write path. first_seq is 0 until the feed has numbered it: flow seq = first_seq + pos. tick is greater than that of every earlier commit of a row it touches.
CREATE TABLE commits (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    flows INTEGER NOT NULL,
    first_seq INTEGER NOT NULL DEFAULT 0,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, id)
) STRICT;
CREATE INDEX commits_seq ON commits (warehouse, first_seq, tick);

-- What was asked for on each day of the warehouse's own calendar, in base units: of every reservation
-- what it was to hold. The mark "demand" says up to which flow of the feed it is counted.
CREATE TABLE daily_demand (
    warehouse TEXT NOT NULL,
    sku TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    day TEXT NOT NULL,
    qty INTEGER NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, day)
) STRICT, WITHOUT ROWID;

-- What is expected of an item from as_of on: daily a day, deviation the error's of a horizon, both in
-- millionths of base units as every quantity; error and naive are scaled errors in millionths.
CREATE TABLE demand_forecasts (
    warehouse TEXT NOT NULL,
    sku TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    as_of TEXT NOT NULL,
    method TEXT NOT NULL,
    daily INTEGER NOT NULL,
    deviation INTEGER NOT NULL,
    error INTEGER NOT NULL DEFAULT 0,
    naive INTEGER NOT NULL DEFAULT 0,
    safety_stock INTEGER NOT NULL DEFAULT 0,
    reorder_point INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, sku, owner)
) STRICT, WITHOUT ROWID;

-- What a run found. quantity is the name of the amount that differs.
CREATE TABLE differences (
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
CREATE INDEX differences_run ON differences (warehouse, run_id, id);

-- Goods that a system expects us to receive: qty is in packs of pack. closed: nothing more will come.
CREATE TABLE expected_goods (
    warehouse TEXT NOT NULL,
    asn_id TEXT NOT NULL,
    line_id TEXT NOT NULL,
    system TEXT NOT NULL,
    zone TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    pack TEXT NOT NULL DEFAULT '',
    expires_on TEXT NOT NULL DEFAULT '',
    qty INTEGER NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, asn_id, line_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX expected_goods_sku
    ON expected_goods (warehouse, sku, closed);

-- The last seq given in each warehouse.
CREATE TABLE feeds (
    warehouse TEXT NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) STRICT;

-- What a reservation holds of a tier-2 row, in that row's pack. position: the order taken. open_qty = held - deducted - released.
CREATE TABLE holds (
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
CREATE INDEX holds_row ON holds (warehouse, zone_stock_id, open_qty);

-- Who may run a job now; epoch fences off a late owner.
CREATE TABLE leases (
    name TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    epoch INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) STRICT;

-- Places that work done in steps goes on from.
CREATE TABLE marks (
    warehouse TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, name)
) STRICT;

-- Runs of the nightly and asked-for comparisons. business_date is '' for one that was asked for.
CREATE TABLE reconciliation_runs (
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
CREATE INDEX reconciliation_runs_date ON reconciliation_runs (warehouse, scope, business_date);

-- One row per computation. number is 0 for a business date's own, and the asker's for others.
CREATE TABLE replenishment_runs (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    business_date TEXT NOT NULL,
    number INTEGER NOT NULL DEFAULT 0,
    with_tasks INTEGER NOT NULL DEFAULT 0,
    moves INTEGER NOT NULL DEFAULT 0,
    buys INTEGER NOT NULL DEFAULT 0,
    left_out INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX replenishment_runs_date
    ON replenishment_runs (warehouse, business_date, number);

-- What a run proposes. A MOVE's qty is in packs of pack, a BUY's in base units, with no places. task
-- is the id of the task made of it, 0 for none. present is what the target had, in base units, wanted
-- what it should have.
CREATE TABLE replenishment_suggestions (
    warehouse TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    pack TEXT NOT NULL DEFAULT '',
    qty INTEGER NOT NULL,
    zone TEXT NOT NULL DEFAULT '',
    bin TEXT NOT NULL DEFAULT '',
    to_zone TEXT NOT NULL DEFAULT '',
    to_bin TEXT NOT NULL DEFAULT '',
    present INTEGER NOT NULL DEFAULT 0,
    wanted INTEGER NOT NULL DEFAULT 0,
    task INTEGER NOT NULL DEFAULT 0,
    task_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, run_id, line)
) STRICT, WITHOUT ROWID;

-- Promises to order lines. due_at is expires_at while the time to live runs, else 0. started: floor work has begun, which ends it for good. base_units: made with FULL_PACKS. priority: of those who want the same stock, the higher goes first. content is a hash of what was asked, asked the part of it that another choice of stock must honour (JSON, empty for none).
CREATE TABLE reservations (
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
CREATE INDEX reservations_due ON reservations (warehouse, due_at);
CREATE UNIQUE INDEX reservations_key ON reservations (warehouse, order_id, line_id, job_type, revision);
CREATE INDEX reservations_sku ON reservations (warehouse, sku, id);

-- What has come back of a deduction or pick, by its key.
CREATE TABLE returned (
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

-- Counts changes of the masters, per warehouse and ('') for what all share.
CREATE TABLE revisions (
    warehouse TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) STRICT;

-- Demand that stock did not serve. source is the effect that fell short, '' where the line got
-- nothing and its key is free; reservation_id is the one that effect was for. asked is how stock for
-- it is chosen (JSON), ship_complete: all of the order or nothing, pin: with tasks, cover: when stock
-- arrives. What a later effect covered of qty is covered.
CREATE TABLE shortages (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    job_type TEXT NOT NULL,
    order_id TEXT NOT NULL,
    line_id TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    qty INTEGER NOT NULL,
    covered INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    ship_complete INTEGER NOT NULL DEFAULT 0,
    pin INTEGER NOT NULL DEFAULT 0,
    cover INTEGER NOT NULL DEFAULT 0,
    asked TEXT NOT NULL,
    reservation_id INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shortages_line
    ON shortages (warehouse, order_id, line_id, job_type, revision, source);
CREATE INDEX shortages_sku ON shortages (warehouse, sku, id);
CREATE INDEX shortages_state ON shortages (warehouse, state, id);

-- Pack sizes in base units, as fractions.
CREATE TABLE sku_packs (
    sku TEXT NOT NULL,
    code TEXT NOT NULL,
    numerator INTEGER NOT NULL,
    denominator INTEGER NOT NULL,
    PRIMARY KEY (sku, code)
) STRICT;

-- Articles, shared by all warehouses.
CREATE TABLE skus (
    code TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    unit TEXT NOT NULL,
    decimals INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (code)
) STRICT;

-- How much of an item is to be in a zone, or in one bin of it, in base units. pack: moved in whole
-- packs of that. sources: the zones it comes from (JSON, empty for those that are nobody's target).
CREATE TABLE stock_levels (
    warehouse TEXT NOT NULL,
    zone TEXT NOT NULL,
    bin TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL,
    min_qty INTEGER NOT NULL,
    max_qty INTEGER NOT NULL,
    pack TEXT NOT NULL DEFAULT '',
    strategy TEXT NOT NULL DEFAULT '',
    sources TEXT NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, zone, bin)
) STRICT, WITHOUT ROWID;

-- Items of streams that were taken in, applied or dead: one that comes again changes nothing. warehouse
-- is '' for streams that are no warehouse's. The stream "webhook" has the wake-ups of late.
CREATE TABLE sync_inbox (
    warehouse TEXT NOT NULL,
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    item TEXT NOT NULL,
    applied_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_inbox_applied
    ON sync_inbox (warehouse, system, stream, applied_at);

-- What a system said last of what it owns: an order, a notice, an article. version guards against
-- what is older; gone: it was deleted or cancelled there. data is what we keep of it (JSON).
CREATE TABLE sync_items (
    warehouse TEXT NOT NULL,
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    item_key TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    data TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item_key)
) STRICT, WITHOUT ROWID;

-- Messages that did not go through at once, either way. stream "movements" went out: seq and part are
-- its place in the feed and within its effect. Of the others item is the item's id. state: WAITING is
-- tried again at next_at, HELD waits for an earlier one of its SKU, QUEUED was put back by somebody,
-- DEAD is given up.
CREATE TABLE sync_messages (
    warehouse TEXT NOT NULL,
    id INTEGER NOT NULL,
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    item TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    sku TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    last_error TEXT NOT NULL DEFAULT '',
    next_at INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    part INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_messages_state
    ON sync_messages (warehouse, system, state, seq);
CREATE INDEX sync_messages_stream
    ON sync_messages (warehouse, system, stream, state);

-- How far each system has been told what happened in each warehouse: every flow up to seq was
-- delivered, or is a row of sync_messages. page_id is as in sync_streams. retry_at: the system is left
-- alone until then, after so many failures in a row.
CREATE TABLE sync_places (
    warehouse TEXT NOT NULL,
    system TEXT NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    page_id INTEGER NOT NULL DEFAULT 0,
    last_run_at INTEGER NOT NULL DEFAULT 0,
    last_success_at INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, system)
) STRICT, WITHOUT ROWID;

-- How far each stream of each system is. place is the system's own cursor, opaque to us; loaded: a
-- first snapshot was taken. page_id names the page that was applied last, and fences off who lost
-- its lease. due_at is when it is pulled next, as_of up to when the system had told all at the last
-- success that reached the stream's end.
CREATE TABLE sync_streams (
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    place TEXT NOT NULL,
    loaded INTEGER NOT NULL DEFAULT 0,
    page_id INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    last_run_at INTEGER NOT NULL DEFAULT 0,
    last_success_at INTEGER NOT NULL DEFAULT 0,
    as_of INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (system, stream)
) STRICT, WITHOUT ROWID;

-- Floor work and pins. pinned is what is tied to the bin row now; kind PICKED marks goods picked into a bin, which is no task. froze is what a count task will unfreeze.
CREATE TABLE tasks (
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
CREATE INDEX tasks_key ON tasks (warehouse, task_id, job_type);
CREATE INDEX tasks_reservation ON tasks (warehouse, reservation_id);
CREATE INDEX tasks_row ON tasks (warehouse, bin_stock_id, state);

-- Sites.
CREATE TABLE warehouses (
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

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE zone_flows (
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
CREATE UNIQUE INDEX zone_flows_key ON zone_flows (warehouse, order_id, task_id, line_id, job_type, revision, action, leg);
CREATE INDEX zone_flows_reservation ON zone_flows (warehouse, reservation_id);
CREATE INDEX zone_flows_row ON zone_flows (warehouse, stock_id, row_seq);

-- Tier 2: what may be promised. Quantities in millionths.
CREATE TABLE zone_stocks (
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
CREATE UNIQUE INDEX zone_stocks_row ON zone_stocks (warehouse, sku, owner, zone, batch, pack);
CREATE INDEX zone_stocks_zone ON zone_stocks (warehouse, zone, id);

-- Parts of a warehouse, each with its staging bin. pool: the activity that its stock is kept for.
CREATE TABLE zones (
    warehouse TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    allocatable INTEGER NOT NULL DEFAULT 1,
    priority INTEGER NOT NULL DEFAULT 0,
    staging_bin TEXT NOT NULL,
    pool TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, code)
) STRICT;

CREATE VIEW bin_flows_view AS
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

CREATE VIEW bin_stocks_view AS
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

CREATE VIEW holds_view AS
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

CREATE VIEW reservations_view AS
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

CREATE VIEW zone_flows_view AS
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

CREATE VIEW zone_stocks_view AS
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
