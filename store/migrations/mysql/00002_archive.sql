-- +goose NO TRANSACTION
-- +goose Up

-- How far each warehouse's history has gone to files: every flow up to seq, and none after. batch_id
-- fences two archivers off each other. key_count are its rows in archived_keys, reserve_count the
-- RESERVE effects, whose keys stay in reservations; recorded_at is the latest among what went.
CREATE TABLE IF NOT EXISTS archives (
    warehouse VARCHAR(64) NOT NULL,
    batch_id BIGINT NOT NULL,
    seq BIGINT NOT NULL DEFAULT 0,
    key_count BIGINT NOT NULL DEFAULT 0,
    reserve_count BIGINT NOT NULL DEFAULT 0,
    recorded_at BIGINT NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Each stock row as its last archived flow, of that seq, left it: where its chain of flows begins.
CREATE TABLE IF NOT EXISTS checkpoints (
    warehouse VARCHAR(64) NOT NULL,
    stock_id BIGINT NOT NULL,
    tier VARCHAR(16) NOT NULL,
    row_seq BIGINT NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    frozen BIGINT NOT NULL,
    received_on VARCHAR(10) NOT NULL DEFAULT '',
    seq BIGINT NOT NULL,
    PRIMARY KEY (warehouse, stock_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The keys of archived effects, in the order of the flows' own index: a key that is here never has
-- an effect again. RESERVE keys are in reservations instead.
CREATE TABLE IF NOT EXISTS archived_keys (
    warehouse VARCHAR(64) NOT NULL,
    order_id VARCHAR(64) NOT NULL DEFAULT '',
    task_id VARCHAR(64) NOT NULL DEFAULT '',
    line_id VARCHAR(64) NOT NULL DEFAULT '',
    job_type VARCHAR(64) NOT NULL DEFAULT '',
    revision BIGINT NOT NULL DEFAULT 0,
    action VARCHAR(16) NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
