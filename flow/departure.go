package flow

import (
	"context"
	"database/sql"

	"tierstock/model"
	"tierstock/store"
)

// Departure is what left the warehouse under one key, and how much of it has come back.
type Departure struct {
	Item     model.Item
	Restored model.Quantity
	Legs     []Departed
	// BaseUnits: it left under a FULL_PACKS reservation, whose quantities are base units.
	BaseUnits bool

	key          model.Key
	since        map[model.ZoneStockKey]model.Date
	isNew, dirty bool
}

// Departed is one bin row's part of a departure, in the order goods left. Staging is the staging
// bin of the zone they left.
type Departed struct {
	From    model.BinStockKey
	Zone    string
	Staging string
	Qty     model.Quantity
	// Since is when the goods had come.
	Since model.Date
}

// Departure is what left under that key; nil where nothing did. The movement must need it.
func (b *Book) Departure(key model.Key) *Departure { return b.departures[key] }

// Return counts what comes back.
func (e *Effect) Return(departure *Departure, qty model.Quantity) {
	saved(e.Book, departure).Restored += qty
	departure.dirty = true
}

// Worth is packs in the departure's unit.
func (d *Departure) Worth(sku model.SKU, pack string, packs model.Quantity) model.Quantity {
	size, ok := sku.Size(pack)
	if !d.BaseUnits || !ok {
		return packs
	}
	base, _ := size.Base(packs)
	return base
}

// Packs is the inverse of Worth; whole is false where that would split a pack.
func (d *Departure) Packs(sku model.SKU, pack string, qty model.Quantity) (model.Quantity, bool) {
	size, ok := sku.Size(pack)
	if !d.BaseUnits || !ok || pack == "" {
		return qty, true
	}
	packs, exact := size.Packs(qty)
	return packs, exact && packs%model.One == 0
}

// loadDepartures reads the departures that come back, and locks how much already did; their
// items and bins join the batch's.
func (b *Book) loadDepartures(ctx context.Context, n *needed) error {
	for key := range n.departed {
		departure, err := b.readDeparture(ctx, key)
		if err != nil {
			return err
		}
		if departure == nil {
			continue
		}
		b.departures[key] = departure
		n.items[departure.Item], n.skus[departure.Item.SKU] = true, true
		for _, leg := range departure.Legs {
			n.addBins(n.bins, departure.Item, []string{leg.From.Bin, leg.Staging})
			n.enters[leg.From.Bin] = true
		}
	}
	return nil
}

func (b *Book) readDeparture(ctx context.Context, key model.Key) (*Departure, error) {
	departure := &Departure{key: key, isNew: true, since: map[model.ZoneStockKey]model.Date{}}
	statement, args := sqlReturned(b.lock, b.warehouse, key)
	err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		departure.isNew = false
		return rows.Scan(&departure.Restored)
	})
	if err != nil {
		return nil, err
	}
	if err := b.readSince(ctx, departure); err != nil {
		return nil, err
	}
	statement, args = sqlDeparted(b.warehouse, key)
	found := false
	stays := false
	err = store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		leg := Departed{From: model.BinStockKey{Warehouse: b.warehouse}}
		var delta model.Quantity
		err := rows.Scan(&leg.From.Owner, &leg.From.SKU, &leg.From.Batch, &leg.From.Pack,
			&leg.From.Bin, &leg.Zone, &delta, &leg.Staging, &departure.BaseUnits)
		found = true
		stays = stays || delta > 0
		departure.Item = leg.From.Item()
		leg.Qty = -delta
		leg.Since = departure.since[leg.From.InZone(leg.Zone)]
		if delta < 0 {
			departure.Legs = append(departure.Legs, leg)
		}
		return err
	})
	if err != nil || !found {
		return nil, err
	}
	if stays {
		departure.Legs = nil
	}
	return departure, nil
}

func (b *Book) readSince(ctx context.Context, departure *Departure) error {
	statement, args := sqlDepartedOn(b.warehouse, departure.key)
	return store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		row := model.ZoneStockKey{Warehouse: b.warehouse}
		var since model.Date
		err := rows.Scan(&row.Owner, &row.SKU, &row.Batch, &row.Pack, &row.Zone, &since)
		departure.since[row] = since
		return err
	})
}
