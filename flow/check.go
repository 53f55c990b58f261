package flow

import (
	"fmt"

	"tierstock/model"
)

// This file holds the checks that several verbs share. Each refusal names the caller's field.

// Article is the SKU, or NOT_FOUND.
func (e *Effect) Article(field, code string) (model.SKU, error) {
	sku, ok := e.View.SKU(code)
	if !ok {
		return sku, Refuse(model.NotFound, field, "there is no SKU "+code)
	}
	return sku, nil
}

// Site is the zone, or NOT_FOUND.
func (e *Effect) Site(field, code string) (model.Zone, error) {
	zone, ok := e.View.Zone(code)
	if !ok {
		return zone, Refuse(model.NotFound, field, "there is no zone "+code)
	}
	return zone, nil
}

// Place is the bin, or NOT_FOUND.
func (e *Effect) Place(field, code string) (model.Bin, error) {
	bin, ok := e.View.Bin(code)
	if !ok {
		return bin, Refuse(model.NotFound, field, "there is no bin "+code)
	}
	return bin, nil
}

// OpenPlace is a bin that lets stock in.
func (e *Effect) OpenPlace(field, code string) (model.Bin, error) {
	bin, err := e.Place(field, code)
	if err == nil && e.Blocked(code) {
		err = Refuse(model.InvalidState, field, "bin "+code+" is blocked; unblock it first")
	}
	return bin, err
}

// CheckQty refuses zero, negatives and more digits than the SKU has.
func CheckQty(field string, sku model.SKU, qty model.Quantity) error {
	if qty <= 0 {
		return Refuse(model.Invalid, field, qty.String()+" is not greater than zero")
	}
	return CheckDigits(field, sku, qty)
}

// CheckDigits refuses more fraction digits than the SKU has.
func CheckDigits(field string, sku model.SKU, qty model.Quantity) error {
	if !qty.HasAtMost(sku.Decimals) {
		return Refuse(model.Invalid, field, fmt.Sprintf("SKU %s has %d fraction digits, not as "+
			"many as %s", sku.Code, sku.Decimals, qty))
	}
	return nil
}

// ttlMax is the longest time to live, a century in seconds: beyond it is a mistake.
const ttlMax = 100 * 366 * 24 * 60 * 60

// CheckTTL refuses a time to live that is over at once or never.
func CheckTTL(field string, seconds int64) error {
	if seconds <= 0 || seconds > ttlMax {
		return Refuse(model.Invalid, field, fmt.Sprintf(
			"%d is not greater than zero and within a century", seconds))
	}
	return nil
}

// NormalPack is the pack as rows name it ("" for the SKU's own unit), or INVALID.
func NormalPack(field string, sku model.SKU, pack string) (string, error) {
	if pack == sku.Unit {
		return "", nil
	}
	if _, ok := sku.Size(pack); !ok {
		return "", Refuse(model.Invalid, field, "SKU "+sku.Code+" has no pack "+pack)
	}
	return pack, nil
}

// BinRowAt checks a bin row's key and normalises its pack. The row is made if it is missing.
func (e *Effect) BinRowAt(field string, key model.BinStockKey) (*StockRow, model.SKU, error) {
	sku, err := e.Article(field+".sku", key.SKU)
	if err != nil {
		return nil, sku, err
	}
	if _, err := e.Place(field+".bin", key.Bin); err != nil {
		return nil, sku, err
	}
	if key.Pack, err = NormalPack(field+".pack", sku, key.Pack); err != nil {
		return nil, sku, err
	}
	return e.BinRow(key), sku, nil
}

// Live finds a reservation that may still be acted on: NOT_FOUND where there is none,
// INVALID_STATE where it has ended, INVALID where the sku hint is wrong.
func (e *Effect) Live(field string, line model.LineKey, hint string) (*Reservation, error) {
	r := e.reservations[line]
	if r == nil {
		return nil, Refuse(model.NotFound, field, fmt.Sprintf("there is no reservation %s %s/%s "+
			"revision %d", line.JobType, line.OrderID, line.LineID, line.Revision))
	}
	e.Act(r)
	if err := CheckHint(hint, r.Item.SKU); err != nil {
		return nil, err
	}
	if r.Ended(e.View.Now) {
		return nil, Refuse(model.InvalidState, field, "the reservation has ended: it is "+
			string(r.StateAt(e.View.Now)))
	}
	return r, nil
}

// ReservationOf is the reservation of a line, nil for none.
func (b *Book) ReservationOf(line model.LineKey) *Reservation { return b.reservations[line] }

// StateAt is the reservation's state with its time to live taken into account.
func (r *Reservation) StateAt(now model.Instant) model.ReservationState {
	if r.Expired(now) {
		return model.ReservationExpired
	}
	return r.State
}

// CheckHint refuses a sku that was given to save a look-up and is wrong.
func CheckHint(hint, sku string) error {
	if hint != "" && sku != "" && hint != sku {
		return Refuse(model.Invalid, "sku", "it is of SKU "+sku+", not "+hint)
	}
	return nil
}

// DateBatch notes a batch and its expiry date: the first date given stays.
func (e *Effect) DateBatch(item model.Item, code string, expiresOn model.Date) error {
	if code == "" {
		if expiresOn != "" {
			return Refuse(model.Invalid, "expiresOn", "an expiry date needs a batch")
		}
		return nil
	}
	key := batchKey{item, code}
	batch := e.batches[key]
	if batch == nil {
		batch = &batchRow{Batch: model.Batch{Warehouse: e.warehouse, Item: item, Code: code},
			isNew: true}
		e.batches[key] = batch
		e.onUndo(func() { delete(e.batches, key) })
	}
	switch {
	case expiresOn == "" || batch.ExpiresOn == expiresOn:
		return nil
	case batch.ExpiresOn != "":
		return Refuse(model.Invalid, "expiresOn", "batch "+code+" expires on "+
			string(batch.ExpiresOn)+"; correct it with upsertBatches")
	}
	saved(e.Book, batch).ExpiresOn = expiresOn
	batch.dirty = true
	return nil
}

// Today is the warehouse's own calendar day.
func (e *Effect) Today() model.Date { return e.View.Today() }
