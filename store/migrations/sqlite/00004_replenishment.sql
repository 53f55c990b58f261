-- +goose Up

-- What was asked for on each day of the warehouse's own calendar, in base units: of every reservation
-- what it was to hold. The mark "demand" says up to which flow of the feed it is counted.
CREATE TABLE IF NOT EXISTS daily_demand (
    warehouse TEXT NOT NULL,
    sku TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    day TEXT NOT NULL,
    qty INTEGER NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, day)
) STRICT, WITHOUT ROWID;

-- What is expected of an item from as_of on: daily a day, deviation the error's of a horizon, both in
-- millionths of base units as every quantity; error and naive are scaled errors in millionths.
CREATE TABLE IF NOT EXISTS demand_forecasts (
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

-- How much of an item is to be in a zone, or in one bin of it, in base units. pack: moved in whole
-- packs of that. sources: the zones it comes from (JSON, empty for those that are nobody's target).
CREATE TABLE IF NOT EXISTS stock_levels (
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

-- One row per computation. number is 0 for a business date's own, and the asker's for others.
CREATE TABLE IF NOT EXISTS replenishment_runs (
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
CREATE UNIQUE INDEX IF NOT EXISTS replenishment_runs_date
    ON replenishment_runs (warehouse, business_date, number);

-- What a run proposes. A MOVE's qty is in packs of pack, a BUY's in base units, with no places. task
-- is the id of the task made of it, 0 for none. present is what the target had, in base units, wanted
-- what it should have.
CREATE TABLE IF NOT EXISTS replenishment_suggestions (
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
