package wmsync

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// loadMark is the mark of a warehouse that a system's first stock is being loaded into, or was.
const (
	loadMark    = "sync.load."
	loadRunning = "LOADING"
	loadDone    = "LOADED"
	// loadName is what the bookings of a load are named after.
	loadName = "load"
)

// firstLoads leaves the rows of warehouses that are empty, or that were being loaded: what another
// one holds is compared by reconciliation, not overwritten.
func (p *puller) firstLoads(ctx context.Context, items []*item) ([]*item, error) {
	if p.row.Loaded {
		// The process may have died when all was loaded, and before it said so.
		if err := p.loaded(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.read(ctx, items); err != nil {
		return nil, err
	}
	loads := map[string]bool{}
	for _, ours := range p.Warehouses {
		begins, err := p.beginLoad(ctx, ours)
		if err == nil && begins {
			items, err = p.resume(ctx, ours, items)
		}
		if err != nil {
			return nil, err
		}
		loads[ours] = begins
		if !begins {
			p.missed = append(p.missed, ours)
		}
	}
	return slices.DeleteFunc(items, func(it *item) bool {
		booked, _ := it.data.(booking)
		return it.fault == "" && (!loads[it.warehouse] || booked.qty == 0)
	}), nil
}

// loadSpot is what has been loaded of a row of the system's books, in how many bookings.
type loadSpot struct {
	qty   model.Quantity
	times int
}

// resume goes on with a load that was cut off: what a snapshot says now is less what was loaded of
// an earlier one.
func (p *puller) resume(ctx context.Context, warehouse string, items []*item) ([]*item, error) {
	spots, err := p.loadedSpots(ctx, warehouse)
	if err != nil || len(spots) == 0 {
		return items, err
	}
	for _, it := range items {
		booked, ok := it.data.(booking)
		if spot, was := spots[booked.at]; ok && was && it.fault == "" {
			booked.qty, booked.round = booked.qty-spot.qty, spot.times
			it.data = booked
			delete(spots, booked.at)
		}
	}
	for at, spot := range spots {
		if spot.qty == 0 {
			continue
		}
		items = append(items, &item{Change: Change{ID: snapshotID + "gone:" + hashed(encoded(at)),
			Op: Upsert}, ofSnapshot: true, isRead: true, warehouse: warehouse,
			about: model.Item{Owner: at.Owner, SKU: at.SKU},
			data:  booking{at: at, batch: &at.Batch, qty: -spot.qty, round: spot.times, reason: "SYNC"}})
	}
	return items, nil
}

// loadedSpots are what was loaded so far, as the feed tells.
func (p *puller) loadedSpots(ctx context.Context, warehouse string) (
	map[model.ZoneStockKey]loadSpot, error) {
	spots, last := map[model.ZoneStockKey]loadSpot{}, model.Key{}
	for after, more := flow.FromBeginning, true; more; {
		page, err := flow.Floor(ctx, p.db, warehouse, after, relayFlows)
		if err != nil {
			return nil, err
		}
		for _, leg := range page.Rows {
			key := leg.Key
			isLoad := key.OrderID == loadName || strings.HasPrefix(key.TaskID, loadName+"/")
			if key.JobType != p.job() || !isLoad {
				continue
			}
			at := model.ZoneStockKey{Warehouse: warehouse, Zone: leg.Zone, Owner: leg.Owner,
				SKU: leg.SKU, Batch: leg.Batch, Pack: leg.Pack}
			spot := spots[at]
			spot.qty += leg.Delta.OnHand
			if key != last {
				spot.times++
			}
			spots[at], last = spot, key
		}
		after, more = page.SafeSeq, page.More
	}
	return spots, nil
}

// beginLoad says whether a warehouse is loaded now, and marks it so.
func (p *puller) beginLoad(ctx context.Context, warehouse string) (begins bool, err error) {
	err = p.db.Transact(ctx, func(tx *store.Tx) error {
		value, stocked := "", ""
		begins = false
		err := store.EachRow(ctx, tx, `SELECT value FROM marks WHERE warehouse = ? AND name = ?`,
			[]any{warehouse, loadMark + p.Name}, scanInto(&value))
		if err != nil || value != "" {
			begins = value == loadRunning
			return err
		}
		err = store.EachRow(ctx, tx, `SELECT id FROM zone_stocks WHERE warehouse = ? AND on_hand > 0
			LIMIT 1`, []any{warehouse}, scanInto(&stocked))
		if err != nil || stocked != "" {
			return err
		}
		begins = true
		_, err = tx.Exec(ctx, `INSERT INTO marks (warehouse, name, value) VALUES (?, ?, ?)`, warehouse,
			loadMark+p.Name, loadRunning)
		if errors.Is(err, store.ErrDuplicate) {
			err = store.Redo(err)
		}
		return err
	})
	return begins, err
}

// loaded ends the first load of warehouses that were loaded.
func (p *puller) loaded(ctx context.Context) error {
	if p.stream != Stock {
		return nil
	}
	for _, ours := range p.Warehouses {
		err := p.db.Transact(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE marks SET value = ? WHERE warehouse = ? AND name = ?`,
				loadDone, ours, loadMark+p.Name)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
