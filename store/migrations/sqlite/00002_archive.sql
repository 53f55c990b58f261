-- +goose Up

-- How far each warehouse's history has gone to files: every flow up to seq, and none after. batch_id
-- fences two archivers off each other. key_count are its rows in archived_keys, reserve_count the
-- RESERVE effects, whose keys stay in reservations; recorded_at is the latest among what went.
CREATE TABLE IF NOT EXISTS archives (
    warehouse TEXT NOT NULL,
    batch_id INTEGER NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    key_count INTEGER NOT NULL DEFAULT 0,
    reserve_count INTEGER NOT NULL DEFAULT 0,
    recorded_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse)
) STRICT;

-- Each stock row as its last archived flow, of that seq, left it: where its chain of flows begins.
CREATE TABLE IF NOT EXISTS checkpoints (
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

-- The keys of archived effects, in the order of the flows' own index: a key that is here never has
-- an effect again. RESERVE keys are in reservations instead.
CREATE TABLE IF NOT EXISTS archived_keys (
    warehouse TEXT NOT NULL,
    order_id TEXT NOT NULL DEFAULT '',
    task_id TEXT NOT NULL DEFAULT '',
    line_id TEXT NOT NULL DEFAULT '',
    job_type TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0,
    action TEXT NOT NULL,
    PRIMARY KEY (warehouse, order_id, task_id, line_id, job_type, revision, action)
) STRICT, WITHOUT ROWID;
