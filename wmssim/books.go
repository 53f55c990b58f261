package wmssim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"tierstock/model"
	"tierstock/wmsync"
)

// amount is what the books say of a spot.
type amount struct {
	onHand    model.Quantity
	expiresOn string
}

// SetStock sets rows of the books without an item in the feed, as they were before it began.
func (w *WMS) SetStock(rows ...Row) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, row := range rows {
		onHand, err := model.ParseQuantity(row.OnHand)
		if err != nil {
			return fmt.Errorf("stock of %s: %w", row.SKU, err)
		}
		w.books[w.spot(row.Spot)] = &amount{onHand: onHand, expiresOn: row.ExpiresOn}
	}
	return nil
}

// Book books a change: it changes the books and is told in the feed.
func (w *WMS) Book(change Delta) error {
	qty, err := model.ParseQuantity(change.Delta)
	if err != nil {
		return fmt.Errorf("stock of %s: %w", change.SKU, err)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	booked := w.book(change.Spot, qty)
	booked.expiresOn = cmp.Or(change.ExpiresOn, booked.expiresOn)
	raw, _ := json.Marshal(change)
	w.tell(wmsync.Stock, item{Op: wmsync.Delta, Key: change.SKU, Data: raw})
	return nil
}

// SetBehindTheBack makes the first warehouse have so much of a SKU, and tells nobody.
func (w *WMS) SetBehindTheBack(sku string, qty model.Quantity) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	at := Spot{Warehouse: w.options.Warehouses[0], SKU: sku}
	missing := qty
	for _, row := range w.rows() {
		if row.Warehouse == at.Warehouse && row.SKU == sku {
			at = row.Spot
			missing -= w.books[row.Spot].onHand
		}
	}
	w.book(at, missing)
}

// Stock are the books, by their spots.
func (w *WMS) Stock() []Row {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.rows()
}

// OnHand is how much of a SKU there is in all, each row in its own pack.
func (w *WMS) OnHand(sku string) (total model.Quantity) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for at, booked := range w.books {
		if at.SKU == sku {
			total += booked.onHand
		}
	}
	return total
}

// Totals are what there is of each SKU, as OnHand counts it.
func (w *WMS) Totals() map[string]model.Quantity {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	totals := map[string]model.Quantity{}
	for at, booked := range w.books {
		totals[at.SKU] += booked.onHand
	}
	return totals
}

// rows are the books in order; what has come to nothing is left out.
func (w *WMS) rows() []Row {
	rows := make([]Row, 0, len(w.books))
	for at, booked := range w.books {
		if booked.onHand != 0 {
			rows = append(rows, Row{Spot: at, ExpiresOn: booked.expiresOn,
				OnHand: booked.onHand.String()})
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Warehouse, b.Warehouse), cmp.Compare(a.SKU, b.SKU),
			cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Owner, b.Owner),
			cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Pack, b.Pack))
	})
	return rows
}

// book adds to a spot. Books may go below zero: what was done on the floor was done.
func (w *WMS) book(at Spot, qty model.Quantity) *amount {
	at = w.spot(at)
	booked := w.books[at]
	if booked == nil {
		booked = &amount{}
		w.books[at] = booked
	}
	booked.onHand += qty
	return booked
}

// spot is where the books keep what is there.
func (w *WMS) spot(at Spot) Spot {
	if !w.options.ByZone {
		at.Zone = ""
	}
	return at
}
