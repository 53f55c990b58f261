-- The schema after all migrations, as the database reports it. Made by
-- go test ./store -run Schema -update

-- The keys of archived effects, in the order of the flows' own index: a key that is here never has
-- an effect again. RESERVE keys are in reservations instead.
CREATE TABLE archived_keys (
    warehouse varchar(64) NOT NULL,
    order_id varchar(64) NOT NULL DEFAULT '',
    task_id varchar(64) NOT NULL DEFAULT '',
    line_id varchar(64) NOT NULL DEFAULT '',
    job_type varchar(64) NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 0,
    action varchar(16) NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- How far each warehouse's history has gone to files: every flow up to seq, and none after. batch_id
-- fences two archivers off each other. key_count are its rows in archived_keys, reserve_count the
-- RESERVE effects, whose keys stay in reservations; recorded_at is the latest among what went.
CREATE TABLE archives (
    warehouse varchar(64) NOT NULL,
    batch_id bigint NOT NULL,
    seq bigint NOT NULL DEFAULT 0,
    key_count bigint NOT NULL DEFAULT 0,
    reserve_count bigint NOT NULL DEFAULT 0,
    recorded_at bigint NOT NULL DEFAULT 0,
    updated_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Keys of effects that touched no stock row.
CREATE TABLE bare_effects (
    warehouse varchar(64) NOT NULL,
    action varchar(16) NOT NULL,
    job_type varchar(64) NOT NULL DEFAULT '',
    order_id varchar(64) NOT NULL DEFAULT '',
    line_id varchar(64) NOT NULL DEFAULT '',
    task_id varchar(64) NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 0,
    reservation_id bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    content bigint NOT NULL DEFAULT 0,
    reason varchar(16) NOT NULL DEFAULT '',
    reference varchar(64) NOT NULL DEFAULT '',
    note varchar(500) NOT NULL DEFAULT '',
    actor varchar(64) NOT NULL DEFAULT '',
    occurred_at bigint NOT NULL DEFAULT 0,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Lots, with the date people enter, a hold for recalls, and the activity they are kept for.
CREATE TABLE batches (
    warehouse varchar(64) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    code varchar(64) NOT NULL,
    expires_on varchar(10) NOT NULL DEFAULT '',
    hold tinyint NOT NULL DEFAULT 0,
    pool varchar(64) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, sku, owner, code)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Where stock lies. tick counts writes, so that a lock on a bin is always a write.
CREATE TABLE bins (
    warehouse varchar(64) NOT NULL,
    code varchar(64) NOT NULL,
    zone varchar(64) NOT NULL,
    kind varchar(16) NOT NULL,
    pick_sequence bigint NOT NULL DEFAULT 0,
    blocked tinyint NOT NULL DEFAULT 0,
    parent varchar(64) NOT NULL DEFAULT '',
    tick bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, code),
    KEY bins_zone (warehouse, zone, code)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE bin_flows (
    warehouse varchar(64) NOT NULL,
    commit_id bigint NOT NULL,
    pos int NOT NULL,
    stock_id bigint NOT NULL,
    row_seq bigint NOT NULL,
    action varchar(16) NOT NULL,
    job_type varchar(64) NOT NULL DEFAULT '',
    order_id varchar(64) NOT NULL DEFAULT '',
    line_id varchar(64) NOT NULL DEFAULT '',
    task_id varchar(64) NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 0,
    leg int NOT NULL,
    reservation_id bigint NOT NULL DEFAULT 0,
    zone varchar(64) NOT NULL,
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    frozen_delta bigint NOT NULL,
    on_hand_after bigint NOT NULL,
    reserved_after bigint NOT NULL,
    frozen_after bigint NOT NULL,
    received_on varchar(10) NOT NULL DEFAULT '',
    applied bigint NOT NULL DEFAULT 0,
    shortage bigint NOT NULL DEFAULT 0,
    content bigint NOT NULL DEFAULT 0,
    reason varchar(16) NOT NULL DEFAULT '',
    reference varchar(64) NOT NULL DEFAULT '',
    note varchar(500) NOT NULL DEFAULT '',
    actor varchar(64) NOT NULL DEFAULT '',
    occurred_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, commit_id, pos),
    UNIQUE KEY bin_flows_key (warehouse, order_id, task_id, line_id, job_type, revision, action, leg),
    KEY bin_flows_reservation (warehouse, reservation_id),
    KEY bin_flows_row (warehouse, stock_id, row_seq)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Tier 3: where it lies. version rises when on_hand changes, and only then.
CREATE TABLE bin_stocks (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    zone varchar(64) NOT NULL,
    bin varchar(64) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    batch varchar(64) NOT NULL DEFAULT '',
    pack varchar(64) NOT NULL DEFAULT '',
    on_hand bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    frozen bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    row_seq bigint NOT NULL DEFAULT 0,
    tick bigint NOT NULL DEFAULT 0,
    updated_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY bin_stocks_row (warehouse, sku, owner, bin, batch, pack),
    KEY bin_stocks_bin (warehouse, bin, id),
    CONSTRAINT bin_stocks_sound CHECK (on_hand >= 0 and reserved >= 0 and frozen >= 0 and reserved + frozen <= on_hand)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Each stock row as its last archived flow, of that seq, left it: where its chain of flows begins.
CREATE TABLE checkpoints (
    warehouse varchar(64) NOT NULL,
    stock_id bigint NOT NULL,
    tier varchar(16) NOT NULL,
    row_seq bigint NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    frozen bigint NOT NULL,
    received_on varchar(10) NOT NULL DEFAULT '',
    seq bigint NOT NULL,
    PRIMARY KEY (warehouse, stock_id)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- One row per commit of the write path. first_seq is 0 until the feed has numbered it: flow seq = first_seq + pos. tick is greater than that of every earlier commit of a row it touches.
CREATE TABLE commits (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    tick bigint NOT NULL,
    flows int NOT NULL,
    first_seq bigint NOT NULL DEFAULT 0,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (warehouse, id),
    KEY commits_seq (warehouse, first_seq, tick)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What was asked for on each day of the warehouse's own calendar, in base units: of every reservation
-- what it was to hold. The mark "demand" says up to which flow of the feed it is counted.
CREATE TABLE daily_demand (
    warehouse varchar(64) NOT NULL,
    sku varchar(64) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    day varchar(10) NOT NULL,
    qty bigint NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, day)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What is expected of an item from as_of on: daily a day, deviation the error's of a horizon, both in
-- millionths of base units as every quantity; error and naive are scaled errors in millionths.
CREATE TABLE demand_forecasts (
    warehouse varchar(64) NOT NULL,
    sku varchar(64) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    as_of varchar(10) NOT NULL,
    method varchar(64) NOT NULL,
    daily bigint NOT NULL,
    deviation bigint NOT NULL,
    error bigint NOT NULL DEFAULT 0,
    naive bigint NOT NULL DEFAULT 0,
    safety_stock bigint NOT NULL DEFAULT 0,
    reorder_point bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, sku, owner)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What a run found. quantity is the name of the amount that differs.
CREATE TABLE differences (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    kind varchar(64) NOT NULL,
    state varchar(16) NOT NULL,
    tier varchar(16) NOT NULL DEFAULT '',
    zone varchar(64) NOT NULL DEFAULT '',
    bin varchar(64) NOT NULL DEFAULT '',
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL DEFAULT '',
    batch varchar(64) NOT NULL DEFAULT '',
    pack varchar(64) NOT NULL DEFAULT '',
    stock_id bigint NOT NULL DEFAULT 0,
    reservation_id bigint NOT NULL DEFAULT 0,
    quantity varchar(64) NOT NULL,
    ours bigint NOT NULL DEFAULT 0,
    theirs bigint NOT NULL DEFAULT 0,
    diff bigint NOT NULL DEFAULT 0,
    seen_runs int NOT NULL DEFAULT 0,
    note varchar(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, id),
    KEY differences_run (warehouse, run_id, id)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Goods that a system expects us to receive: qty is in packs of pack. closed: nothing more will come.
CREATE TABLE expected_goods (
    warehouse varchar(64) NOT NULL,
    asn_id varchar(64) NOT NULL,
    line_id varchar(64) NOT NULL,
    system varchar(64) NOT NULL,
    zone varchar(64) NOT NULL DEFAULT '',
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    batch varchar(64) NOT NULL DEFAULT '',
    pack varchar(64) NOT NULL DEFAULT '',
    expires_on varchar(10) NOT NULL DEFAULT '',
    qty bigint NOT NULL,
    closed tinyint NOT NULL DEFAULT 0,
    updated_at bigint NOT NULL,
    PRIMARY KEY (warehouse, asn_id, line_id),
    KEY expected_goods_sku (warehouse, sku, closed)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- The last seq given in each warehouse.
CREATE TABLE feeds (
    warehouse varchar(64) NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What a reservation holds of a tier-2 row, in that row's pack. position: the order taken. open_qty = held - deducted - released.
CREATE TABLE holds (
    warehouse varchar(64) NOT NULL,
    reservation_id bigint NOT NULL,
    zone_stock_id bigint NOT NULL,
    position int NOT NULL,
    held bigint NOT NULL,
    deducted bigint NOT NULL DEFAULT 0,
    released bigint NOT NULL DEFAULT 0,
    open_qty bigint NOT NULL,
    PRIMARY KEY (warehouse, reservation_id, zone_stock_id),
    KEY holds_row (warehouse, zone_stock_id, open_qty),
    CONSTRAINT holds_sound CHECK (open_qty = held - deducted - released and open_qty >= 0 and deducted >= 0 and released >= 0)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Who may run a job now; epoch fences off a late owner.
CREATE TABLE leases (
    name varchar(64) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    epoch bigint NOT NULL DEFAULT 0,
    expires_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Places that work done in steps goes on from.
CREATE TABLE marks (
    warehouse varchar(64) NOT NULL,
    name varchar(64) NOT NULL,
    value varchar(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, name)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Runs of the nightly and asked-for comparisons. business_date is '' for one that was asked for.
CREATE TABLE reconciliation_runs (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    scope varchar(16) NOT NULL,
    business_date varchar(10) NOT NULL DEFAULT '',
    state varchar(16) NOT NULL,
    compared bigint NOT NULL DEFAULT 0,
    matched bigint NOT NULL DEFAULT 0,
    timing bigint NOT NULL DEFAULT 0,
    open_count bigint NOT NULL DEFAULT 0,
    started_at bigint NOT NULL,
    finished_at bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    error varchar(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, id),
    KEY reconciliation_runs_date (warehouse, scope, business_date)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- One row per computation. number is 0 for a business date's own, and the asker's for others.
CREATE TABLE replenishment_runs (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    business_date varchar(10) NOT NULL,
    number bigint NOT NULL DEFAULT 0,
    with_tasks tinyint NOT NULL DEFAULT 0,
    moves bigint NOT NULL DEFAULT 0,
    buys bigint NOT NULL DEFAULT 0,
    left_out bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY replenishment_runs_date (warehouse, business_date, number)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What a run proposes. A MOVE's qty is in packs of pack, a BUY's in base units, with no places. task
-- is the id of the task made of it, 0 for none. present is what the target had, in base units, wanted
-- what it should have.
CREATE TABLE replenishment_suggestions (
    warehouse varchar(64) NOT NULL,
    run_id bigint NOT NULL,
    line int NOT NULL,
    kind varchar(16) NOT NULL,
    reason varchar(16) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    batch varchar(64) NOT NULL DEFAULT '',
    pack varchar(64) NOT NULL DEFAULT '',
    qty bigint NOT NULL,
    zone varchar(64) NOT NULL DEFAULT '',
    bin varchar(64) NOT NULL DEFAULT '',
    to_zone varchar(64) NOT NULL DEFAULT '',
    to_bin varchar(64) NOT NULL DEFAULT '',
    present bigint NOT NULL DEFAULT 0,
    wanted bigint NOT NULL DEFAULT 0,
    task bigint NOT NULL DEFAULT 0,
    task_id varchar(64) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, run_id, line)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Promises to order lines. due_at is expires_at while the time to live runs, else 0. started: floor work has begun, which ends it for good. base_units: made with FULL_PACKS. priority: of those who want the same stock, the higher goes first. content is a hash of what was asked, asked the part of it that another choice of stock must honour (JSON, empty for none).
CREATE TABLE reservations (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    job_type varchar(64) NOT NULL,
    order_id varchar(64) NOT NULL,
    line_id varchar(64) NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL DEFAULT '',
    requested bigint NOT NULL DEFAULT 0,
    base_units tinyint NOT NULL DEFAULT 0,
    priority bigint NOT NULL DEFAULT 0,
    started tinyint NOT NULL DEFAULT 0,
    state varchar(16) NOT NULL,
    expires_at bigint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL DEFAULT 0,
    content bigint NOT NULL DEFAULT 0,
    asked text NOT NULL,
    created_at bigint NOT NULL,
    tick bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY reservations_key (warehouse, order_id, line_id, job_type, revision),
    KEY reservations_due (warehouse, due_at),
    KEY reservations_sku (warehouse, sku, id)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What has come back of a deduction or pick, by its key.
CREATE TABLE returned (
    warehouse varchar(64) NOT NULL,
    action varchar(16) NOT NULL,
    job_type varchar(64) NOT NULL DEFAULT '',
    order_id varchar(64) NOT NULL DEFAULT '',
    line_id varchar(64) NOT NULL DEFAULT '',
    task_id varchar(64) NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 0,
    restored bigint NOT NULL DEFAULT 0,
    tick bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Counts changes of the masters, per warehouse and ('') for what all share.
CREATE TABLE revisions (
    warehouse varchar(64) NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Demand that stock did not serve. source is the effect that fell short, '' where the line got
-- nothing and its key is free; reservation_id is the one that effect was for. asked is how stock for
-- it is chosen (JSON), ship_complete: all of the order or nothing, pin: with tasks, cover: when stock
-- arrives. What a later effect covered of qty is covered.
CREATE TABLE shortages (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    job_type varchar(64) NOT NULL,
    order_id varchar(64) NOT NULL,
    line_id varchar(64) NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    source varchar(250) NOT NULL DEFAULT '',
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    qty bigint NOT NULL,
    covered bigint NOT NULL DEFAULT 0,
    state varchar(16) NOT NULL,
    priority bigint NOT NULL DEFAULT 0,
    ship_complete tinyint NOT NULL DEFAULT 0,
    pin tinyint NOT NULL DEFAULT 0,
    cover tinyint NOT NULL DEFAULT 0,
    asked text NOT NULL,
    reservation_id bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY shortages_line (warehouse, order_id, line_id, job_type, revision, source),
    KEY shortages_sku (warehouse, sku, id),
    KEY shortages_state (warehouse, state, id)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Articles, shared by all warehouses.
CREATE TABLE skus (
    code varchar(64) NOT NULL,
    name varchar(500) NOT NULL DEFAULT '',
    unit varchar(64) NOT NULL,
    decimals int NOT NULL DEFAULT 0,
    active tinyint NOT NULL DEFAULT 1,
    PRIMARY KEY (code)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Pack sizes in base units, as fractions.
CREATE TABLE sku_packs (
    sku varchar(64) NOT NULL,
    code varchar(64) NOT NULL,
    numerator bigint NOT NULL,
    denominator bigint NOT NULL,
    PRIMARY KEY (sku, code)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- How much of an item is to be in a zone, or in one bin of it, in base units. pack: moved in whole
-- packs of that. sources: the zones it comes from (JSON, empty for those that are nobody's target).
CREATE TABLE stock_levels (
    warehouse varchar(64) NOT NULL,
    zone varchar(64) NOT NULL,
    bin varchar(64) NOT NULL DEFAULT '',
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    min_qty bigint NOT NULL,
    max_qty bigint NOT NULL,
    pack varchar(64) NOT NULL DEFAULT '',
    strategy varchar(64) NOT NULL DEFAULT '',
    sources text NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, zone, bin)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Items of streams that were taken in, applied or dead: one that comes again changes nothing. warehouse
-- is '' for streams that are no warehouse's. The stream "webhook" has the wake-ups of late.
CREATE TABLE sync_inbox (
    warehouse varchar(64) NOT NULL,
    system varchar(64) NOT NULL,
    stream varchar(16) NOT NULL,
    item varchar(200) NOT NULL,
    applied_at bigint NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item),
    KEY sync_inbox_applied (warehouse, system, stream, applied_at)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- What a system said last of what it owns: an order, a notice, an article. version guards against
-- what is older; gone: it was deleted or cancelled there. data is what we keep of it (JSON).
CREATE TABLE sync_items (
    warehouse varchar(64) NOT NULL,
    system varchar(64) NOT NULL,
    stream varchar(16) NOT NULL,
    item_key varchar(200) NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    gone tinyint NOT NULL DEFAULT 0,
    data mediumtext NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item_key)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Messages that did not go through at once, either way. stream "movements" went out: seq and part are
-- its place in the feed and within its effect. Of the others item is the item's id. state: WAITING is
-- tried again at next_at, HELD waits for an earlier one of its SKU, QUEUED was put back by somebody,
-- DEAD is given up.
CREATE TABLE sync_messages (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    system varchar(64) NOT NULL,
    stream varchar(16) NOT NULL,
    item varchar(200) NOT NULL DEFAULT '',
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL DEFAULT '',
    state varchar(16) NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    body mediumtext NOT NULL,
    last_error varchar(500) NOT NULL DEFAULT '',
    next_at bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    part int NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    PRIMARY KEY (warehouse, id),
    KEY sync_messages_state (warehouse, system, state, seq),
    KEY sync_messages_stream (warehouse, system, stream, state)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- How far each system has been told what happened in each warehouse: every flow up to seq was
-- delivered, or is a row of sync_messages. page_id is as in sync_streams. retry_at: the system is left
-- alone until then, after so many failures in a row.
CREATE TABLE sync_places (
    warehouse varchar(64) NOT NULL,
    system varchar(64) NOT NULL,
    seq bigint NOT NULL DEFAULT 0,
    page_id bigint NOT NULL DEFAULT 0,
    last_run_at bigint NOT NULL DEFAULT 0,
    last_success_at bigint NOT NULL DEFAULT 0,
    retry_at bigint NOT NULL DEFAULT 0,
    failures int NOT NULL DEFAULT 0,
    last_error varchar(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, system)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- How far each stream of each system is. place is the system's own cursor, opaque to us; loaded: a
-- first snapshot was taken. page_id names the page that was applied last, and fences off who lost
-- its lease. due_at is when it is pulled next, as_of up to when the system had told all at the last
-- success that reached the stream's end.
CREATE TABLE sync_streams (
    system varchar(64) NOT NULL,
    stream varchar(16) NOT NULL,
    place mediumtext NOT NULL,
    loaded tinyint NOT NULL DEFAULT 0,
    page_id bigint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL DEFAULT 0,
    last_run_at bigint NOT NULL DEFAULT 0,
    last_success_at bigint NOT NULL DEFAULT 0,
    as_of bigint NOT NULL DEFAULT 0,
    failures int NOT NULL DEFAULT 0,
    last_error varchar(500) NOT NULL DEFAULT '',
    PRIMARY KEY (system, stream)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Floor work and pins. pinned is what is tied to the bin row now; kind PICKED marks goods picked into a bin, which is no task. froze is what a count task will unfreeze.
CREATE TABLE tasks (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    kind varchar(16) NOT NULL,
    state varchar(16) NOT NULL,
    job_type varchar(64) NOT NULL DEFAULT '',
    task_id varchar(64) NOT NULL DEFAULT '',
    reservation_id bigint NOT NULL DEFAULT 0,
    zone_stock_id bigint NOT NULL DEFAULT 0,
    bin_stock_id bigint NOT NULL DEFAULT 0,
    to_bin varchar(64) NOT NULL DEFAULT '',
    qty bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    pinned bigint NOT NULL DEFAULT 0,
    froze bigint NOT NULL DEFAULT 0,
    pick_sequence bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    tick bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    KEY tasks_key (warehouse, task_id, job_type),
    KEY tasks_reservation (warehouse, reservation_id),
    KEY tasks_row (warehouse, bin_stock_id, state),
    CONSTRAINT tasks_sound CHECK (pinned >= 0 and froze >= 0)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Sites.
CREATE TABLE warehouses (
    code varchar(64) NOT NULL,
    name varchar(500) NOT NULL DEFAULT '',
    timezone varchar(64) NOT NULL,
    region varchar(64) NOT NULL DEFAULT '',
    priority bigint NOT NULL DEFAULT 0,
    latitude bigint NOT NULL DEFAULT 0,
    longitude bigint NOT NULL DEFAULT 0,
    located tinyint NOT NULL DEFAULT 0,
    daily_lines bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (code)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Parts of a warehouse, each with its staging bin. pool: the activity that its stock is kept for.
CREATE TABLE zones (
    warehouse varchar(64) NOT NULL,
    code varchar(64) NOT NULL,
    name varchar(500) NOT NULL DEFAULT '',
    allocatable tinyint NOT NULL DEFAULT 1,
    priority bigint NOT NULL DEFAULT 0,
    staging_bin varchar(64) NOT NULL,
    pool varchar(64) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, code)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Each row is one leg of one effect on one stock row. The unique key makes an effect happen once.
CREATE TABLE zone_flows (
    warehouse varchar(64) NOT NULL,
    commit_id bigint NOT NULL,
    pos int NOT NULL,
    stock_id bigint NOT NULL,
    row_seq bigint NOT NULL,
    action varchar(16) NOT NULL,
    job_type varchar(64) NOT NULL DEFAULT '',
    order_id varchar(64) NOT NULL DEFAULT '',
    line_id varchar(64) NOT NULL DEFAULT '',
    task_id varchar(64) NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 0,
    leg int NOT NULL,
    reservation_id bigint NOT NULL DEFAULT 0,
    zone varchar(64) NOT NULL,
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    frozen_delta bigint NOT NULL,
    on_hand_after bigint NOT NULL,
    reserved_after bigint NOT NULL,
    frozen_after bigint NOT NULL,
    received_on varchar(10) NOT NULL DEFAULT '',
    applied bigint NOT NULL DEFAULT 0,
    shortage bigint NOT NULL DEFAULT 0,
    content bigint NOT NULL DEFAULT 0,
    reason varchar(16) NOT NULL DEFAULT '',
    reference varchar(64) NOT NULL DEFAULT '',
    note varchar(500) NOT NULL DEFAULT '',
    actor varchar(64) NOT NULL DEFAULT '',
    occurred_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, commit_id, pos),
    UNIQUE KEY zone_flows_key (warehouse, order_id, task_id, line_id, job_type, revision, action, leg),
    KEY zone_flows_reservation (warehouse, reservation_id),
    KEY zone_flows_row (warehouse, stock_id, row_seq)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

-- Tier 2: what may be promised. Quantities in millionths.
CREATE TABLE zone_stocks (
    warehouse varchar(64) NOT NULL,
    id bigint NOT NULL,
    zone varchar(64) NOT NULL,
    owner varchar(64) NOT NULL DEFAULT '',
    sku varchar(64) NOT NULL,
    batch varchar(64) NOT NULL DEFAULT '',
    pack varchar(64) NOT NULL DEFAULT '',
    received_on varchar(10) NOT NULL DEFAULT '',
    on_hand bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    frozen bigint NOT NULL DEFAULT 0,
    row_seq bigint NOT NULL DEFAULT 0,
    tick bigint NOT NULL DEFAULT 0,
    updated_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY zone_stocks_row (warehouse, sku, owner, zone, batch, pack),
    KEY zone_stocks_zone (warehouse, zone, id),
    CONSTRAINT zone_stocks_sound CHECK (on_hand >= 0 and reserved >= 0 and frozen >= 0 and reserved + frozen <= on_hand)
) ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE VIEW bin_flows_view AS
SELECT s.warehouse AS warehouse,
    s.commit_id AS commit_id,
    s.pos AS pos,
    s.stock_id AS stock_id,
    s.row_seq AS row_seq,
    s.action AS action,
    s.job_type AS job_type,
    s.order_id AS order_id,
    s.line_id AS line_id,
    s.task_id AS task_id,
    s.revision AS revision,
    s.leg AS leg,
    s.reservation_id AS reservation_id,
    s.actor AS actor,
    cast(s.on_hand_delta * 0.000001 as decimal(24,6)) AS on_hand_delta,
    cast(s.reserved_delta * 0.000001 as decimal(24,6)) AS reserved_delta,
    cast(s.frozen_delta * 0.000001 as decimal(24,6)) AS frozen_delta,
    cast(s.on_hand_after * 0.000001 as decimal(24,6)) AS on_hand_after,
    cast(s.reserved_after * 0.000001 as decimal(24,6)) AS reserved_after,
    cast(s.frozen_after * 0.000001 as decimal(24,6)) AS frozen_after
FROM bin_flows s;

CREATE VIEW bin_stocks_view AS
SELECT s.warehouse AS warehouse,
    s.id AS id,
    s.zone AS zone,
    s.bin AS bin,
    s.owner AS owner,
    s.sku AS sku,
    s.batch AS batch,
    s.pack AS pack,
    s.version AS version,
    cast(s.on_hand * 0.000001 as decimal(24,6)) AS on_hand,
    cast(s.reserved * 0.000001 as decimal(24,6)) AS reserved,
    cast(s.frozen * 0.000001 as decimal(24,6)) AS frozen
FROM bin_stocks s;

CREATE VIEW holds_view AS
SELECT s.warehouse AS warehouse,
    s.reservation_id AS reservation_id,
    s.zone_stock_id AS zone_stock_id,
    s.position AS position,
    cast(s.held * 0.000001 as decimal(24,6)) AS held,
    cast(s.deducted * 0.000001 as decimal(24,6)) AS deducted,
    cast(s.released * 0.000001 as decimal(24,6)) AS released,
    cast(s.open_qty * 0.000001 as decimal(24,6)) AS open_qty
FROM holds s;

CREATE VIEW reservations_view AS
SELECT s.warehouse AS warehouse,
    s.id AS id,
    s.job_type AS job_type,
    s.order_id AS order_id,
    s.line_id AS line_id,
    s.revision AS revision,
    s.owner AS owner,
    s.sku AS sku,
    s.state AS state,
    cast(s.requested * 0.000001 as decimal(24,6)) AS requested
FROM reservations s;

CREATE VIEW zone_flows_view AS
SELECT s.warehouse AS warehouse,
    s.commit_id AS commit_id,
    s.pos AS pos,
    s.stock_id AS stock_id,
    s.row_seq AS row_seq,
    s.action AS action,
    s.job_type AS job_type,
    s.order_id AS order_id,
    s.line_id AS line_id,
    s.task_id AS task_id,
    s.revision AS revision,
    s.leg AS leg,
    s.reservation_id AS reservation_id,
    s.actor AS actor,
    cast(s.on_hand_delta * 0.000001 as decimal(24,6)) AS on_hand_delta,
    cast(s.reserved_delta * 0.000001 as decimal(24,6)) AS reserved_delta,
    cast(s.frozen_delta * 0.000001 as decimal(24,6)) AS frozen_delta,
    cast(s.on_hand_after * 0.000001 as decimal(24,6)) AS on_hand_after,
    cast(s.reserved_after * 0.000001 as decimal(24,6)) AS reserved_after,
    cast(s.frozen_after * 0.000001 as decimal(24,6)) AS frozen_after
FROM zone_flows s;

CREATE VIEW zone_stocks_view AS
SELECT s.warehouse AS warehouse,
    s.id AS id,
    s.zone AS zone,
    s.owner AS owner,
    s.sku AS sku,
    s.batch AS batch,
    s.pack AS pack,
    s.received_on AS received_on,
    cast(s.on_hand * 0.000001 as decimal(24,6)) AS on_hand,
    cast(s.reserved * 0.000001 as decimal(24,6)) AS reserved,
    cast(s.frozen * 0.000001 as decimal(24,6)) AS frozen
FROM zone_stocks s;
