-- +goose NO TRANSACTION
-- +goose Up

-- What was asked for on each day of the warehouse's own calendar, in base units: of every reservation
-- what it was to hold. The mark "demand" says up to which flow of the feed it is counted.
CREATE TABLE IF NOT EXISTS daily_demand (
    warehouse VARCHAR(64) NOT NULL,
    sku VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    day VARCHAR(10) NOT NULL,
    qty BIGINT NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, day)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What is expected of an item from as_of on: daily a day, deviation the error's of a horizon, both in
-- millionths of base units as every quantity; error and naive are scaled errors in millionths.
CREATE TABLE IF NOT EXISTS demand_forecasts (
    warehouse VARCHAR(64) NOT NULL,
    sku VARCHAR(64) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    as_of VARCHAR(10) NOT NULL,
    method VARCHAR(64) NOT NULL,
    daily BIGINT NOT NULL,
    deviation BIGINT NOT NULL,
    error BIGINT NOT NULL DEFAULT 0,
    naive BIGINT NOT NULL DEFAULT 0,
    safety_stock BIGINT NOT NULL DEFAULT 0,
    reorder_point BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, sku, owner)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How much of an item is to be in a zone, or in one bin of it, in base units. pack: moved in whole
-- packs of that. sources: the zones it comes from (JSON, empty for those that are nobody's target).
CREATE TABLE IF NOT EXISTS stock_levels (
    warehouse VARCHAR(64) NOT NULL,
    zone VARCHAR(64) NOT NULL,
    bin VARCHAR(64) NOT NULL DEFAULT '',
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    min_qty BIGINT NOT NULL,
    max_qty BIGINT NOT NULL,
    pack VARCHAR(64) NOT NULL DEFAULT '',
    strategy VARCHAR(64) NOT NULL DEFAULT '',
    sources TEXT NOT NULL,
    PRIMARY KEY (warehouse, sku, owner, zone, bin)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row per computation. number is 0 for a business date's own, and the asker's for others.
CREATE TABLE IF NOT EXISTS replenishment_runs (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    business_date VARCHAR(10) NOT NULL,
    number BIGINT NOT NULL DEFAULT 0,
    with_tasks BOOLEAN NOT NULL DEFAULT 0,
    moves BIGINT NOT NULL DEFAULT 0,
    buys BIGINT NOT NULL DEFAULT 0,
    left_out BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY replenishment_runs_date (warehouse, business_date, number)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a run proposes. A MOVE's qty is in packs of pack, a BUY's in base units, with no places. task
-- is the id of the task made of it, 0 for none. present is what the target had, in base units, wanted
-- what it should have.
CREATE TABLE IF NOT EXISTS replenishment_suggestions (
    warehouse VARCHAR(64) NOT NULL,
    run_id BIGINT NOT NULL,
    line INT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    reason VARCHAR(16) NOT NULL,
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    batch VARCHAR(64) NOT NULL DEFAULT '',
    pack VARCHAR(64) NOT NULL DEFAULT '',
    qty BIGINT NOT NULL,
    zone VARCHAR(64) NOT NULL DEFAULT '',
    bin VARCHAR(64) NOT NULL DEFAULT '',
    to_zone VARCHAR(64) NOT NULL DEFAULT '',
    to_bin VARCHAR(64) NOT NULL DEFAULT '',
    present BIGINT NOT NULL DEFAULT 0,
    wanted BIGINT NOT NULL DEFAULT 0,
    task BIGINT NOT NULL DEFAULT 0,
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, run_id, line)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
