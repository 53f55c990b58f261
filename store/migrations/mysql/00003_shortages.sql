-- +goose NO TRANSACTION
-- +goose Up

-- Demand that stock did not serve. source is the effect that fell short, '' where the line got
-- nothing and its key is free; reservation_id is the one that effect was for. asked is how stock for
-- it is chosen (JSON), ship_complete: all of the order or nothing, pin: with tasks, cover: when stock
-- arrives. What a later effect covered of qty is covered.
CREATE TABLE IF NOT EXISTS shortages (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    job_type VARCHAR(64) NOT NULL,
    order_id VARCHAR(64) NOT NULL,
    line_id VARCHAR(64) NOT NULL,
    revision BIGINT NOT NULL DEFAULT 0,
    source VARCHAR(250) NOT NULL DEFAULT '',
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    qty BIGINT NOT NULL,
    covered BIGINT NOT NULL DEFAULT 0,
    state VARCHAR(16) NOT NULL,
    priority BIGINT NOT NULL DEFAULT 0,
    ship_complete BOOLEAN NOT NULL DEFAULT 0,
    pin BOOLEAN NOT NULL DEFAULT 0,
    cover BOOLEAN NOT NULL DEFAULT 0,
    asked TEXT NOT NULL,
    reservation_id BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, id),
    UNIQUE KEY shortages_line (warehouse, order_id, line_id, job_type, revision, source),
    KEY shortages_sku (warehouse, sku, id),
    KEY shortages_state (warehouse, state, id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
