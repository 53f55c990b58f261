package tryton

import (
	"context"
	"encoding/json"
	"time"

	"tierstock/wmsync"
)

// Changes reads what was written after a cursor. A Tryton that was set back in time, or another
// one, is not noticed: a cursor is of one database for ever.
func (c *Client) Changes(
	ctx context.Context, stream wmsync.Stream, since string, limit int,
) (wmsync.Page, error) {
	page, err := c.changes(ctx, stream, since, limit)
	return page, plain(err)
}

func (c *Client) changes(
	ctx context.Context, stream wmsync.Stream, since string, limit int,
) (wmsync.Page, error) {
	place, err := readCursor(since, stream)
	if err != nil {
		return wmsync.Page{}, err
	}
	switch stream {
	case wmsync.SKUs:
		return c.skuChanges(ctx, place, limit)
	case wmsync.Stock:
		return c.stockChanges(ctx, place, limit)
	case wmsync.Orders:
		return shipmentChanges(ctx, c, orderKind(), place, limit)
	case wmsync.Inbound:
		return shipmentChanges(ctx, c, inboundKind(), place, limit)
	}
	return wmsync.Page{}, unsupported(stream)
}

// Snapshot reads a page of how a stream is now. Of stock, the warehouse "" is all that are
// configured: their rows then share a cursor, which the stream of all of them can go on from.
func (c *Client) Snapshot(
	ctx context.Context, stream wmsync.Stream, warehouse, page string,
) (wmsync.Snapshot, error) {
	rows, err := c.snapshot(ctx, stream, warehouse, page)
	return rows, plain(err)
}

func (c *Client) snapshot(
	ctx context.Context, stream wmsync.Stream, warehouse, page string,
) (wmsync.Snapshot, error) {
	place, err := c.snapshotPage(ctx, stream, warehouse, page)
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	switch stream {
	case wmsync.SKUs:
		return c.skuSnapshot(ctx, place)
	case wmsync.Stock:
		return c.stockSnapshot(ctx, place)
	case wmsync.Orders:
		return shipmentSnapshot(ctx, c, orderKind(), place)
	case wmsync.Inbound:
		return shipmentSnapshot(ctx, c, inboundKind(), place)
	}
	return wmsync.Snapshot{}, unsupported(stream)
}

func unsupported(stream wmsync.Stream) error {
	return wmsync.Fail(wmsync.Unsupported, "Tryton has no stream %s", stream)
}

// token is a page of a snapshot: which records come next, and what all pages have in common.
type token struct {
	AsOf      time.Time `json:"asOf"`
	Cursor    cursor    `json:"cursor"`
	Warehouse string    `json:"warehouse,omitempty"`
	After     int64     `json:"after"`
}

// snapshotPage reads a page's token, or begins a snapshot: first it is noted where the changes
// after it begin.
func (c *Client) snapshotPage(
	ctx context.Context, stream wmsync.Stream, warehouse, page string,
) (token, error) {
	var place token
	if page != "" {
		if json.Unmarshal([]byte(page), &place) != nil || place.Cursor.Stream != stream ||
			place.Warehouse != warehouse {
			return place, wmsync.Fail(wmsync.Expired, "the page is none of this snapshot")
		}
		return place, nil
	}
	at, err := c.now(ctx)
	if err != nil {
		return place, err
	}
	place = token{AsOf: at, Warehouse: warehouse, Cursor: c.after(stream, at)}
	if stream == wmsync.Stock {
		err = c.settle(ctx, &place.Cursor)
	}
	return place, err
}

// snapshot is the page with these rows; more says that others follow.
func (t *token) snapshot(rows []json.RawMessage, more bool) wmsync.Snapshot {
	page := wmsync.Snapshot{AsOf: t.AsOf, Cursor: t.Cursor.text(), Rows: rows, RowCount: -1}
	if more {
		text, _ := json.Marshal(t)
		page.Next = string(text)
	}
	return page
}
