-- +goose Up

-- How far each stream of each system is. place is the system's own cursor, opaque to us; loaded: a
-- first snapshot was taken. page_id names the page that was applied last, and fences off who lost
-- its lease. due_at is when it is pulled next, as_of up to when the system had told all at the last
-- success that reached the stream's end.
CREATE TABLE IF NOT EXISTS sync_streams (
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

-- Items of streams that were taken in, applied or dead: one that comes again changes nothing. warehouse
-- is '' for streams that are no warehouse's. The stream "webhook" has the wake-ups of late.
CREATE TABLE IF NOT EXISTS sync_inbox (
    warehouse TEXT NOT NULL,
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    item TEXT NOT NULL,
    applied_at INTEGER NOT NULL,
    PRIMARY KEY (warehouse, system, stream, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sync_inbox_applied
    ON sync_inbox (warehouse, system, stream, applied_at);

-- What a system said last of what it owns: an order, a notice, an article. version guards against
-- what is older; gone: it was deleted or cancelled there. data is what we keep of it (JSON).
CREATE TABLE IF NOT EXISTS sync_items (
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

-- Goods that a system expects us to receive: qty is in packs of pack. closed: nothing more will come.
CREATE TABLE IF NOT EXISTS expected_goods (
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
CREATE INDEX IF NOT EXISTS expected_goods_sku
    ON expected_goods (warehouse, sku, closed);

-- Messages that did not go through at once, either way. stream "movements" went out: seq and part are
-- its place in the feed and within its effect. Of the others item is the item's id. state: WAITING is
-- tried again at next_at, HELD waits for an earlier one of its SKU, QUEUED was put back by somebody,
-- DEAD is given up.
CREATE TABLE IF NOT EXISTS sync_messages (
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
CREATE INDEX IF NOT EXISTS sync_messages_state
    ON sync_messages (warehouse, system, state, seq);
CREATE INDEX IF NOT EXISTS sync_messages_stream
    ON sync_messages (warehouse, system, stream, state);

-- How far each system has been told what happened in each warehouse: every flow up to seq was
-- delivered, or is a row of sync_messages. page_id is as in sync_streams. retry_at: the system is left
-- alone until then, after so many failures in a row.
CREATE TABLE IF NOT EXISTS sync_places (
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
