-- +goose Up

-- Demand that stock did not serve. source is the effect that fell short, '' where the line got
-- nothing and its key is free; reservation_id is the one that effect was for. asked is how stock for
-- it is chosen (JSON), ship_complete: all of the order or nothing, pin: with tasks, cover: when stock
-- arrives. What a later effect covered of qty is covered.
CREATE TABLE IF NOT EXISTS shortages (
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
CREATE UNIQUE INDEX IF NOT EXISTS shortages_line
    ON shortages (warehouse, order_id, line_id, job_type, revision, source);
CREATE INDEX IF NOT EXISTS shortages_sku ON shortages (warehouse, sku, id);
CREATE INDEX IF NOT EXISTS shortages_state ON shortages (warehouse, state, id);
