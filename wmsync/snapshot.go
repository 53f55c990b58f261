package wmsync

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierstock/store"
)

const (
	// shrinkMin is how few items a stream may have for a snapshot to be judged by how many are gone.
	shrinkMin = 20
	// shrinkMax: a snapshot that lacks more than so many percent of what is known, a fifth, is not
	// believed, unless the configuration says otherwise.
	shrinkMax = 20
	// alignMax is how often snapshots of several warehouses are read to get all of one moment.
	alignMax = 5
)

// snapshotID begins what an item of a snapshot is called.
const snapshotID = "snapshot:"

// snapshot is all of a stream as it is now.
type snapshot struct {
	asOf   time.Time
	cursor string
	items  []*item
}

// load takes a snapshot, applies it and moves the stream on to where the changes after it begin. At
// first contact one that is empty moves nothing: changes are read from the beginning, which come to
// the same, whether or not the system means what it says.
func (p *puller) load(ctx context.Context) error {
	snap, err := p.readSnapshot(ctx)
	if err != nil {
		return err
	}
	if len(snap.items) == 0 && !p.row.Loaded {
		return p.commit(ctx, part{}, p.row.Place, true)
	}
	if p.stream == Stock {
		if snap.items, err = p.firstLoads(ctx, snap.items); err != nil {
			return err
		}
	} else if snap.items, err = p.withDeletes(ctx, snap.items); err != nil {
		return err
	}
	if err := p.take(ctx, snap.items, snap.cursor); err != nil {
		return err
	}
	if len(snap.items) == 0 {
		return p.commit(ctx, part{}, snap.cursor, true)
	}
	return p.loaded(ctx)
}

// readSnapshot reads that of each warehouse, all of one moment: changes that lie between two of
// them would be applied twice, or not at all.
func (p *puller) readSnapshot(ctx context.Context) (snap snapshot, err error) {
	sites := []string{""}
	if p.stream != SKUs && !p.tellsAll() {
		sites = slices.Sorted(maps.Keys(p.Warehouses))
	}
	for range alignMax {
		snap = snapshot{}
		cursors := map[string]bool{}
		for _, site := range sites {
			one, err := p.readOne(ctx, site)
			if err != nil {
				return snap, err
			}
			cursors[one.cursor] = true
			snap.cursor, snap.items = one.cursor, append(snap.items, one.items...)
		}
		if len(cursors) == 1 {
			return snap, nil
		}
	}
	return snap, Fail(Unreachable, "the system moved on between the snapshots of its warehouses, %d "+
		"times; it is tried again", alignMax)
}

// tellsAll says whether a snapshot is of all warehouses at once: Tryton's cursors are.
func (r *remote) tellsAll() bool { return r.Kind == KindTryton }

// readOne reads the pages of one snapshot.
func (p *puller) readOne(ctx context.Context, site string) (snap snapshot, err error) {
	read := counted{site: site}
	for next, first := "", true; first || next != ""; first = false {
		page, err := p.Source.Snapshot(ctx, p.stream, site, next)
		if err != nil {
			return snap, err
		}
		if page.AsOf.After(p.began.Time().Add(clockSkewMax)) {
			return snap, errWrongClock(page.AsOf)
		}
		if first {
			snap.cursor, snap.asOf = page.Cursor, page.AsOf
		} else if page.Cursor != snap.cursor && page.Cursor != "" {
			return snap, Fail(Malformed, "the snapshot moved on while it was read; it is tried again")
		}
		for _, row := range page.Rows {
			snap.items = append(snap.items, rowItem(row, site))
		}
		if err := read.add(page, len(snap.items)); err != nil {
			return snap, err
		}
		next = page.Next
	}
	return snap, read.complete(len(snap.items))
}

// counted checks that a snapshot is all there: what the system says of the number of its rows, of
// all or of each page.
type counted struct {
	site      string
	said      int
	fits      bool
	pages     int
	seenPages map[string]bool
}

func (c *counted) add(page Snapshot, rows int) error {
	if c.pages++; c.pages == 1 {
		c.said, c.fits, c.seenPages = page.RowCount, true, map[string]bool{}
	}
	c.fits = c.fits && page.RowCount == len(page.Rows)
	if rows > snapshotRowsMax {
		return Fail(Malformed, "the snapshot has more than %d rows", snapshotRowsMax)
	}
	if page.Next != "" && c.seenPages[page.Next] {
		return Fail(Malformed, "the snapshot does not end: its page %.40q comes again", page.Next)
	}
	c.seenPages[page.Next] = true
	return nil
}

func (c *counted) complete(rows int) error {
	if c.said < 0 || c.said == rows || c.fits {
		return nil
	}
	return Fail(Malformed, "the snapshot of %q is short: the system says %d rows and gave %d", c.site,
		c.said, rows)
}

func rowItem(row json.RawMessage, site string) *item {
	return &item{Change: Change{ID: snapshotID + hashed(string(row)), Op: Upsert, Data: row},
		ofSnapshot: true, askedOf: site}
}

// What is known of a stream. An order of which nothing is held and nothing is wanted any more is
// done with: a system that leaves it out of its snapshot means nothing by it.
const (
	sqlKnown = `SELECT i.item_key FROM sync_items AS i
		WHERE i.warehouse = ? AND i.system = ? AND i.stream = ? AND i.gone = 0`
	isOpenOrder = ` AND (EXISTS (SELECT 1 FROM reservations AS r JOIN holds AS h
				ON h.warehouse = r.warehouse AND h.reservation_id = r.id AND h.open_qty > 0
			WHERE r.warehouse = i.warehouse AND r.order_id = i.item_key)
		OR EXISTS (SELECT 1 FROM shortages AS s WHERE s.warehouse = i.warehouse
			AND s.order_id = i.item_key AND s.state = 'OPEN'))`
)

// withDeletes adds what is known and not in the snapshot, as deleted. One that lacks much, or has
// nothing, is not believed: it is rather cut short than that so much is gone.
func (p *puller) withDeletes(ctx context.Context, items []*item) ([]*item, error) {
	there, isEmpty := map[[2]string]bool{}, len(items) == 0
	if err := p.read(ctx, items); err != nil {
		return nil, err
	}
	for _, it := range items {
		there[[2]string{it.warehouse, it.key}] = true
	}
	for _, site := range p.sites() {
		var gone []*item
		known := 0
		statement := sqlKnown
		if p.stream == Orders {
			statement += isOpenOrder
		}
		err := store.EachRow(ctx, p.db.Reader(), statement, []any{site, p.Name, p.stream},
			func(rows *sql.Rows) error {
				var key string
				err := rows.Scan(&key)
				if known++; !there[[2]string{site, key}] {
					gone = append(gone, &item{Change: Change{ID: snapshotID + "gone:" + hashed(key), Op: Delete,
						Key: key}, ofSnapshot: true, warehouse: site, key: key, ours: true})
				}
				return err
			})
		if err != nil {
			return nil, err
		}
		most := cmp.Or(p.System.Pull.ShrinkMax, shrinkMax)
		isShort := known >= shrinkMin && len(gone)*percents > known*most
		if isShort || isEmpty && known > 0 && most < percents {
			return nil, fmt.Errorf("the snapshot lacks %d of the %d items that are known: more than "+
				"%d %% is not believed. If they are gone, have the system send their deletes, or raise "+
				"pull.shrinkMax in the configuration", len(gone), known, most)
		}
		items = append(items, gone...)
	}
	return items, nil
}

// scanInto reads a single text.
func scanInto(text *string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error { return rows.Scan(text) }
}

// readDelete reads an item that says that what its key names is gone, and finds the warehouse in
// which it is known where the item does not say.
func (p *puller) readDelete(ctx context.Context, it *item) error {
	if it.ours {
		return nil
	}
	var data struct {
		OrderID   string `json:"orderId"`
		ASNID     string `json:"asnId"`
		Warehouse string `json:"warehouse"`
	}
	if len(it.Data) > 0 {
		if err := json.Unmarshal(it.Data, &data); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	var c check
	it.key = c.code("key", orText(data.OrderID, data.ASNID, it.Key), nil) // as of an upsert
	if data.Warehouse != "" {
		it.warehouse = c.warehouse(&p.System, data.Warehouse)
		return c.wrong
	}
	for _, site := range p.sites() {
		known, err := p.readStates(ctx, site, []string{it.key})
		if err != nil {
			return err
		}
		if known[it.key].known {
			it.warehouse = site
			return c.wrong
		}
	}
	it.warehouse, it.isLost = slices.Sorted(maps.Values(p.Warehouses))[0], true
	return c.wrong
}
