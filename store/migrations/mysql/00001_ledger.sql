-- +goose NO TRANSACTION
-- +goose Up

-- Counts changes of the masters, per warehouse and ('') for what all share.
CREATE TABLE IF NOT EXISTS revisions (
    warehouse VARCHAR(64) NOT NULL DEFAULT '',
    revision BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Sites.
CREATE TABLE IF NOT EXISTS warehouses (
    code VARCHAR(64) NOT NULL,
    name VARCHAR(500) NOT NULL DEFAULT '',
    timezone VARCHAR(64) NOT NULL,
    region VARCHAR(64) NOT NULL DEFAULT '',
    priority BIGINT NOT NULL DEFAULT 0,
    latitude BIGINT NOT NULL DEFAULT 0,
    longitude BIGINT NOT NULL DEFAULT 0,
    located BOOLEAN NOT NULL DEFAULT 0,
    daily_lines BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Articles, shared by all warehouses.
CREATE TABLE IF NOT EXISTS skus (
    code VARCHAR(64) NOT NULL,
    name VARCHAR(500) NOT NULL DEFAULT '',
    unit VARCHAR(64) NOT NULL,
    decimals INT NOT NULL DEFAULT 0,
    active BOOLEAN NOT NULL DEFAULT 1,
    PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Pack sizes in base units, as fractions.
CREATE TABLE IF NOT EXISTS sku_packs (
    sku VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    numerator BIGINT NOT NULL,
    denominator BIGINT NOT NULL,
    PRIMARY KEY (sku, code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Parts of a warehouse, each with its staging bin. pool: the activity that its stock is kept for.
CREATE TABLE IF NOT EXISTS zones (
    warehouse VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    name VARCHAR(500) NOT NULL DEFAULT '',
    allocatable BOOLEAN NOT NULL DEFAULT 1,
    priority BIGINT NOT NULL DEFAULT 0,
    staging_bin VARCHAR(64) NOT NULL,
    pool VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Where stock lies. tick counts writes, so that a lock on a bin is always a write.
CREATE TABLE IF NOT EXISTS bins (
    warehouse VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    zone VARCHAR(64) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    pick_sequence BIGINT NOT NULL DEFAULT 0,
    blocked BOOLEAN NOT NULL DEFAULT 0,
    parent VARCHAR(64) NOT NULL DEFAULT '',
    tick BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, code),
    KEY bins_zone (warehouse, zone, code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Lots, with the date people enter, a hold for recalls, and the activity they are kept for.
CREATE TABLE IF NOT EXISTS batches (
    warehouse VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    expires_on VARCHAR(10) NOT NULL DEFAULT '',
    hold BOOLEAN NOT NULL DEFAULT 0,
    pool VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, sku, owner, code)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Tier 2: what may be promised. Quantities in millionths.
CREATE TABLE IF NOT EXISTS zone_stocks (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    zone VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    batch VARCHAR(64) NOT NULL DEFAULT '',
    pack VARCHAR(64) NOT NULL DEFAULT '',
    received_on VARCHAR(10) NOT NULL DEFAULT '',
    on_hand BIGINT NOT NULL DEFAULT 0,
    reserved BIGINT NOT NULL DEFAULT 0,
    frozen BIGINT NOT NULL DEFAULT 0,
    row_seq BIGINT NOT NULL DEFAULT 0,
    tick BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY zone_stocks_row (warehouse, sku, owner, zone, batch, pack),
    KEY zone_stocks_zone (warehouse, zone, id),
    CONSTRAINT zone_stocks_sound CHECK (on_hand >= 0 AND reserved >= 0 AND frozen >= 0 AND reserved + frozen <= on_hand)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Tier 3: where it lies. version rises when on_hand changes, and only then.
CREATE TABLE IF NOT EXISTS bin_stocks (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    zone VARCHAR(64) NOT NULL,
    bin VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    batch VARCHAR(64) NOT NULL DEFAULT '',
    pack VARCHAR(64) NOT NULL DEFAULT '',
    on_hand BIGINT NOT NULL DEFAULT 0,
    reserved BIGINT NOT NULL DEFAULT 0,
    frozen BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 0,
    row_seq BIGINT NOT NULL DEFAULT 0,
    tick BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY bin_stocks_row (warehouse, sku, owner, bin, batch, pack),
    KEY bin_stocks_bin (warehouse, bin, id),
    CONSTRAINT bin_stocks_sound CHECK (on_hand >= 0 AND reserved >= 0 AND frozen >= 0 AND reserved + frozen <= on_hand)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row per commit of the write path. first_seq is 0 until the feed has numbered it: flow seq = first_seq + pos. tick is greater than that of every earlier commit of a row it touches.
CREATE TABLE IF NOT EXISTS commits (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    tick BIGINT NOT NULL,
    flows INT NOT NULL,
    first_seq BIGINT NOT NULL DEFAULT 0,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, id),
    KEY commits_seq (warehouse, first_seq, tick)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The last seq given in each warehouse.
CREATE TABLE IF NOT EXISTS feeds (
    warehouse VARCHAR(64) NOT NULL,
    last_seq BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE IF NOT EXISTS zone_flows (
    warehouse VARCHAR(64) NOT NULL,
    commit_id BIGINT NOT NULL,
    pos INT NOT NULL,
    stock_id BIGINT NOT NULL,
    row_seq BIGINT NOT NULL,
    action VARCHAR(16) NOT NULL,
    job_type VARCHAR(64) NOT NULL DEFAULT '',
    order_id VARCHAR(64) NOT NULL DEFAULT '',
    line_id VARCHAR(64) NOT NULL DEFAULT '',
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    revision BIGINT NOT NULL DEFAULT 0,
    leg INT NOT NULL,
    reservation_id BIGINT NOT NULL DEFAULT 0,
    zone VARCHAR(64) NOT NULL,
    on_hand_delta BIGINT NOT NULL,
    reserved_delta BIGINT NOT NULL,
    frozen_delta BIGINT NOT NULL,
    on_hand_after BIGINT NOT NULL,
    reserved_after BIGINT NOT NULL,
    frozen_after BIGINT NOT NULL,
    received_on VARCHAR(10) NOT NULL DEFAULT '',
    applied BIGINT NOT NULL DEFAULT 0,
    shortage BIGINT NOT NULL DEFAULT 0,
    content BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(16) NOT NULL DEFAULT '',
    reference VARCHAR(64) NOT NULL DEFAULT '',
    note VARCHAR(500) NOT NULL DEFAULT '',
    actor VARCHAR(64) NOT NULL DEFAULT '',
    occurred_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, commit_id, pos),
    UNIQUE KEY zone_flows_key (warehouse, order_id, task_id, line_id, job_type, revision, action, leg),
    KEY zone_flows_row (warehouse, stock_id, row_seq),
    KEY zone_flows_reservation (warehouse, reservation_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE IF NOT EXISTS bin_flows (
    warehouse VARCHAR(64) NOT NULL,
    commit_id BIGINT NOT NULL,
    pos INT NOT NULL,
    stock_id BIGINT NOT NULL,
    row_seq BIGINT NOT NULL,
    action VARCHAR(16) NOT NULL,
    job_type VARCHAR(64) NOT NULL DEFAULT '',
    order_id VARCHAR(64) NOT NULL DEFAULT '',
    line_id VARCHAR(64) NOT NULL DEFAULT '',
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    revision BIGINT NOT NULL DEFAULT 0,
    leg INT NOT NULL,
    reservation_id BIGINT NOT NULL DEFAULT 0,
    zone VARCHAR(64) NOT NULL,
    on_hand_delta BIGINT NOT NULL,
    reserved_delta BIGINT NOT NULL,
    frozen_delta BIGINT NOT NULL,
    on_hand_after BIGINT NOT NULL,
    reserved_after BIGINT NOT NULL,
    frozen_after BIGINT NOT NULL,
    received_on VARCHAR(10) NOT NULL DEFAULT '',
    applied BIGINT NOT NULL DEFAULT 0,
    shortage BIGINT NOT NULL DEFAULT 0,
    content BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(16) NOT NULL DEFAULT '',
    reference VARCHAR(64) NOT NULL DEFAULT '',
    note VARCHAR(500) NOT NULL DEFAULT '',
    actor VARCHAR(64) NOT NULL DEFAULT '',
    occurred_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, commit_id, pos),
    UNIQUE KEY bin_flows_key (warehouse, order_id, task_id, line_id, job_type, revision, action, leg),
    KEY bin_flows_row (warehouse, stock_id, row_seq),
    KEY bin_flows_reservation (warehouse, reservation_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Keys of effects that touched no stock row.
CREATE TABLE IF NOT EXISTS bare_effects (
    warehouse VARCHAR(64) NOT NULL,
    action VARCHAR(16) NOT NULL,
    job_type VARCHAR(64) NOT NULL DEFAULT '',
    order_id VARCHAR(64) NOT NULL DEFAULT '',
    line_id VARCHAR(64) NOT NULL DEFAULT '',
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    revision BIGINT NOT NULL DEFAULT 0,
    reservation_id BIGINT NOT NULL DEFAULT 0,
    applied BIGINT NOT NULL DEFAULT 0,
    content BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(16) NOT NULL DEFAULT '',
    reference VARCHAR(64) NOT NULL DEFAULT '',
    note VARCHAR(500) NOT NULL DEFAULT '',
    actor VARCHAR(64) NOT NULL DEFAULT '',
    occurred_at BIGINT NOT NULL DEFAULT 0,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Promises to order lines. due_at is expires_at while the time to live runs, else 0. started: floor work has begun, which ends it for good. base_units: made with FULL_PACKS. priority: of those who want the same stock, the higher goes first. content is a hash of what was asked, asked the part of it that another choice of stock must honour (JSON, empty for none).
CREATE TABLE IF NOT EXISTS reservations (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    job_type VARCHAR(64) NOT NULL,
    order_id VARCHAR(64) NOT NULL,
    line_id VARCHAR(64) NOT NULL,
    revision BIGINT NOT NULL DEFAULT 0,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL DEFAULT '',
    requested BIGINT NOT NULL DEFAULT 0,
    base_units BOOLEAN NOT NULL DEFAULT 0,
    priority BIGINT NOT NULL DEFAULT 0,
    started BOOLEAN NOT NULL DEFAULT 0,
    state VARCHAR(16) NOT NULL,
    expires_at BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    content BIGINT NOT NULL DEFAULT 0,
    asked TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    tick BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY reservations_key (warehouse, order_id, line_id, job_type, revision),
    KEY reservations_sku (warehouse, sku, id),
    KEY reservations_due (warehouse, due_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a reservation holds of a tier-2 row, in that row's pack. position: the order taken. open_qty = held - deducted - released.
CREATE TABLE IF NOT EXISTS holds (
    warehouse VARCHAR(64) NOT NULL,
    reservation_id BIGINT NOT NULL,
    zone_stock_id BIGINT NOT NULL,
    position INT NOT NULL,
    held BIGINT NOT NULL,
    deducted BIGINT NOT NULL DEFAULT 0,
    released BIGINT NOT NULL DEFAULT 0,
    open_qty BIGINT NOT NULL,
    PRIMARY KEY (warehouse, reservation_id, zone_stock_id),
    KEY holds_row (warehouse, zone_stock_id, open_qty),
    CONSTRAINT holds_sound CHECK (open_qty = held - deducted - released AND open_qty >= 0 AND deducted >= 0 AND released >= 0)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Floor work and pins. pinned is what is tied to the bin row now; kind PICKED marks goods picked into a bin, which is no task. froze is what a count task will unfreeze.
CREATE TABLE IF NOT EXISTS tasks (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    state VARCHAR(16) NOT NULL,
    job_type VARCHAR(64) NOT NULL DEFAULT '',
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    reservation_id BIGINT NOT NULL DEFAULT 0,
    zone_stock_id BIGINT NOT NULL DEFAULT 0,
    bin_stock_id BIGINT NOT NULL DEFAULT 0,
    to_bin VARCHAR(64) NOT NULL DEFAULT '',
    qty BIGINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    pinned BIGINT NOT NULL DEFAULT 0,
    froze BIGINT NOT NULL DEFAULT 0,
    pick_sequence BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    tick BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    KEY tasks_reservation (warehouse, reservation_id),
    KEY tasks_row (warehouse, bin_stock_id, state),
    KEY tasks_key (warehouse, task_id, job_type),
    CONSTRAINT tasks_sound CHECK (pinned >= 0 AND froze >= 0)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What has come back of a deduction or pick, by its key.
CREATE TABLE IF NOT EXISTS returned (
    warehouse VARCHAR(64) NOT NULL,
    action VARCHAR(16) NOT NULL,
    job_type VARCHAR(64) NOT NULL DEFAULT '',
    order_id VARCHAR(64) NOT NULL DEFAULT '',
    line_id VARCHAR(64) NOT NULL DEFAULT '',
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    revision BIGINT NOT NULL DEFAULT 0,
    restored BIGINT NOT NULL DEFAULT 0,
    tick BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who may run a job now; epoch fences off a late owner.
CREATE TABLE IF NOT EXISTS leases (
    name VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    epoch BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Runs of the nightly and asked-for comparisons. business_date is '' for one that was asked for.
CREATE TABLE IF NOT EXISTS reconciliation_runs (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    scope VARCHAR(16) NOT NULL,
    business_date VARCHAR(10) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL,
    compared BIGINT NOT NULL DEFAULT 0,
    matched BIGINT NOT NULL DEFAULT 0,
    timing BIGINT NOT NULL DEFAULT 0,
    open_count BIGINT NOT NULL DEFAULT 0,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0,
    epoch BIGINT NOT NULL DEFAULT 0,
    error VARCHAR(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, id),
    KEY reconciliation_runs_date (warehouse, scope, business_date)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a run found. quantity is the name of the amount that differs.
CREATE TABLE IF NOT EXISTS differences (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    kind VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    tier VARCHAR(16) NOT NULL DEFAULT '',
    zone VARCHAR(64) NOT NULL DEFAULT '',
    bin VARCHAR(64) NOT NULL DEFAULT '',
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL DEFAULT '',
    batch VARCHAR(64) NOT NULL DEFAULT '',
    pack VARCHAR(64) NOT NULL DEFAULT '',
    stock_id BIGINT NOT NULL DEFAULT 0,
    reservation_id BIGINT NOT NULL DEFAULT 0,
    quantity VARCHAR(64) NOT NULL,
    ours BIGINT NOT NULL DEFAULT 0,
    theirs BIGINT NOT NULL DEFAULT 0,
    diff BIGINT NOT NULL DEFAULT 0,
    seen_runs INT NOT NULL DEFAULT 0,
    note VARCHAR(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, id),
    KEY differences_run (warehouse, run_id, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Places that work done in steps goes on from.
CREATE TABLE IF NOT EXISTS marks (
    warehouse VARCHAR(64) NOT NULL,
    name VARCHAR(64) NOT NULL,
    value VARCHAR(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- For people who read the database: the same rows with decimals.
CREATE OR REPLACE VIEW zone_stocks_view AS
SELECT s.warehouse,
    s.id,
    s.zone,
    s.owner,
    s.sku,
    s.batch,
    s.pack,
    s.received_on,
    CAST(s.on_hand * 0.000001 AS DECIMAL(24,6)) AS on_hand,
    CAST(s.reserved * 0.000001 AS DECIMAL(24,6)) AS reserved,
    CAST(s.frozen * 0.000001 AS DECIMAL(24,6)) AS frozen
FROM zone_stocks AS s;

CREATE OR REPLACE VIEW bin_stocks_view AS
SELECT s.warehouse,
    s.id,
    s.zone,
    s.bin,
    s.owner,
    s.sku,
    s.batch,
    s.pack,
    s.version,
    CAST(s.on_hand * 0.000001 AS DECIMAL(24,6)) AS on_hand,
    CAST(s.reserved * 0.000001 AS DECIMAL(24,6)) AS reserved,
    CAST(s.frozen * 0.000001 AS DECIMAL(24,6)) AS frozen
FROM bin_stocks AS s;

CREATE OR REPLACE VIEW zone_flows_view AS
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
    CAST(s.on_hand_delta * 0.000001 AS DECIMAL(24,6)) AS on_hand_delta,
    CAST(s.reserved_delta * 0.000001 AS DECIMAL(24,6)) AS reserved_delta,
    CAST(s.frozen_delta * 0.000001 AS DECIMAL(24,6)) AS frozen_delta,
    CAST(s.on_hand_after * 0.000001 AS DECIMAL(24,6)) AS on_hand_after,
    CAST(s.reserved_after * 0.000001 AS DECIMAL(24,6)) AS reserved_after,
    CAST(s.frozen_after * 0.000001 AS DECIMAL(24,6)) AS frozen_after
FROM zone_flows AS s;

CREATE OR REPLACE VIEW bin_flows_view AS
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
    CAST(s.on_hand_delta * 0.000001 AS DECIMAL(24,6)) AS on_hand_delta,
    CAST(s.reserved_delta * 0.000001 AS DECIMAL(24,6)) AS reserved_delta,
    CAST(s.frozen_delta * 0.000001 AS DECIMAL(24,6)) AS frozen_delta,
    CAST(s.on_hand_after * 0.000001 AS DECIMAL(24,6)) AS on_hand_after,
    CAST(s.reserved_after * 0.000001 AS DECIMAL(24,6)) AS reserved_after,
    CAST(s.frozen_after * 0.000001 AS DECIMAL(24,6)) AS frozen_after
FROM bin_flows AS s;

CREATE OR REPLACE VIEW holds_view AS
SELECT s.warehouse,
    s.reservation_id,
    s.zone_stock_id,
    s.position,
    CAST(s.held * 0.000001 AS DECIMAL(24,6)) AS held,
    CAST(s.deducted * 0.000001 AS DECIMAL(24,6)) AS deducted,
    CAST(s.released * 0.000001 AS DECIMAL(24,6)) AS released,
    CAST(s.open_qty * 0.000001 AS DECIMAL(24,6)) AS open_qty
FROM holds AS s;

CREATE OR REPLACE VIEW reservations_view AS
SELECT s.warehouse,
    s.id,
    s.job_type,
    s.order_id,
    s.line_id,
    s.revision,
    s.owner,
    s.sku,
    s.state,
    CAST(s.requested * 0.000001 AS DECIMAL(24,6)) AS requested
FROM reservations AS s;
