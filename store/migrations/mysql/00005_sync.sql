-- +goose NO TRANSACTION
-- +goose Up

-- How far each stream of each system is. place is the system's own cursor, opaque to us; loaded: a
-- first snapshot was taken. page_id names the page that was applied last, and fences off who lost
-- its lease. due_at is when it is pulled next, as_of up to when the system had told all at the last
-- success that reached the stream's end.
CREATE TABLE IF NOT EXISTS sync_streams (
    system VARCHAR(64) NOT NULL,
    stream VARCHAR(16) NOT NULL,
    place MEDIUMTEXT NOT NULL,
    loaded BOOLEAN NOT NULL DEFAULT 0,
    page_id BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    last_run_at BIGINT NOT NULL DEFAULT 0,
    last_success_at BIGINT NOT NULL DEFAULT 0,
    as_of BIGINT NOT NULL DEFAULT 0,
    failures INT NOT NULL DEFAULT 0,
    last_error VARCHAR(500) NOT NULL DEFAULT '',
    PRIMARY KEY (system, stream)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Items of streams that were taken in, applied or dead: one that comes again changes nothing. warehouse
-- is '' for streams that are no warehouse's. The stream "webhook" has the wake-ups of late.
CREATE TABLE IF NOT EXISTS sync_inbox (
    warehouse VARCHAR(64) NOT NULL,
    system VARCHAR(64) NOT NULL,
    stream VARCHAR(16) NOT NULL,
    item VARCHAR(200) NOT NULL,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item),
    KEY sync_inbox_applied (warehouse, system, stream, applied_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a system said last of what it owns: an order, a notice, an article. version guards against
-- what is older; gone: it was deleted or cancelled there. data is what we keep of it (JSON).
CREATE TABLE IF NOT EXISTS sync_items (
    warehouse VARCHAR(64) NOT NULL,
    system VARCHAR(64) NOT NULL,
    stream VARCHAR(16) NOT NULL,
    item_key VARCHAR(200) NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    gone BOOLEAN NOT NULL DEFAULT 0,
    data MEDIUMTEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item_key)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Goods that a system expects us to receive: qty is in packs of pack. closed: nothing more will come.
CREATE TABLE IF NOT EXISTS expected_goods (
    warehouse VARCHAR(64) NOT NULL,
    asn_id VARCHAR(64) NOT NULL,
    line_id VARCHAR(64) NOT NULL,
    system VARCHAR(64) NOT NULL,
    zone VARCHAR(64) NOT NULL DEFAULT '',
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL,
    batch VARCHAR(64) NOT NULL DEFAULT '',
    pack VARCHAR(64) NOT NULL DEFAULT '',
    expires_on VARCHAR(10) NOT NULL DEFAULT '',
    qty BIGINT NOT NULL,
    closed BOOLEAN NOT NULL DEFAULT 0,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, asn_id, line_id),
    KEY expected_goods_sku (warehouse, sku, closed)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Messages that did not go through at once, either way. stream "movements" went out: seq and part are
-- its place in the feed and within its effect. Of the others item is the item's id. state: WAITING is
-- tried again at next_at, HELD waits for an earlier one of its SKU, QUEUED was put back by somebody,
-- DEAD is given up.
CREATE TABLE IF NOT EXISTS sync_messages (
    warehouse VARCHAR(64) NOT NULL,
    id BIGINT NOT NULL,
    system VARCHAR(64) NOT NULL,
    stream VARCHAR(16) NOT NULL,
    item VARCHAR(200) NOT NULL DEFAULT '',
    owner VARCHAR(64) NOT NULL DEFAULT '',
    sku VARCHAR(64) NOT NULL DEFAULT '',
    state VARCHAR(16) NOT NULL,
    attempts INT NOT NULL DEFAULT 0,
    body MEDIUMTEXT NOT NULL,
    last_error VARCHAR(500) NOT NULL DEFAULT '',
    next_at BIGINT NOT NULL DEFAULT 0,
    seq BIGINT NOT NULL DEFAULT 0,
    part INT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (warehouse, id),
    KEY sync_messages_state (warehouse, system, state, seq),
    KEY sync_messages_stream (warehouse, system, stream, state)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far each system has been told what happened in each warehouse: every flow up to seq was
-- delivered, or is a row of sync_messages. page_id is as in sync_streams. retry_at: the system is left
-- alone until then, after so many failures in a row.
CREATE TABLE IF NOT EXISTS sync_places (
    warehouse VARCHAR(64) NOT NULL,
    system VARCHAR(64) NOT NULL,
    seq BIGINT NOT NULL DEFAULT 0,
    page_id BIGINT NOT NULL DEFAULT 0,
    last_run_at BIGINT NOT NULL DEFAULT 0,
    last_success_at BIGINT NOT NULL DEFAULT 0,
    retry_at BIGINT NOT NULL DEFAULT 0,
    failures INT NOT NULL DEFAULT 0,
    last_error VARCHAR(500) NOT NULL DEFAULT '',
    PRIMARY KEY (warehouse, system)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
