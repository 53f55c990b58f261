package flow

import (
	"cmp"
	"context"
	"fmt"

	"tierstock/model"
	"tierstock/store"
)

// Shortage is demand that stock did not serve, as it is recorded: see model.Shortage.
type Shortage struct {
	model.Shortage

	Asked Asked
	// Pin: what covers it is pinned to bins, too.
	Pin bool
}

var shortages = newTable("shortages", `warehouse id job_type order_id line_id sku qty state asked
	created_at updated_at`, `revision source owner covered priority ship_complete pin cover
	reservation_id`)

// Miss records with the effect what it could not serve of a reservation, in the reservation's unit.
// pin: what covers it is to be pinned to bins, as this was. since is when the demand was first
// short, 0 for now.
func (e *Effect) Miss(r *Reservation, qty model.Quantity, pin bool, since model.Instant) {
	if qty == 0 {
		return
	}
	key := e.Movement.Key
	source := fmt.Sprintf("%s %s", key.Action, key.JobType)
	switch {
	case key.IsTask():
		source = fmt.Sprintf("%s/%s/%d", source, key.TaskID, key.Revision)
	case key.Line() != r.Key:
		source = fmt.Sprintf("%s/%s/%s/%d", source, key.OrderID, key.LineID, key.Revision)
	}
	for i := range e.missed {
		if e.missed[i].Reservation == r.ID {
			e.missed[i].Qty += qty
			return
		}
	}
	e.missed = append(e.missed, Shortage{Asked: r.Asked, Pin: pin,
		Shortage: model.Shortage{ID: e.engine.db.NewID(), Line: r.Key, Source: source, Item: r.Item,
			Qty: qty, State: model.ShortageOpen, Priority: r.Priority,
			Cover: r.Asked.Rule != nil && r.Asked.Rule.Cover, Reservation: r.ID,
			CreatedAt: cmp.Or(since, e.View.Now), UpdatedAt: e.View.Now}})
}

// addShortages adds what the batch's effects could not serve.
func (b *Book) addShortages(ctx context.Context) error {
	var missed []Shortage
	for _, effect := range b.effects {
		missed = append(missed, effect.missed...)
	}
	return b.inserts.insert(ctx, shortages, len(missed), func(i int, row *rowText) {
		missed[i].write(b.warehouse, row)
	})
}

// AddShortages records demand that no effect came of.
func AddShortages(ctx context.Context, tx *store.Tx, warehouse string, missed []Shortage) error {
	return insertRows(ctx, tx, shortages, len(missed), func(i int, row *rowText) {
		missed[i].write(warehouse, row)
	})
}

func (s *Shortage) write(warehouse string, row *rowText) {
	row.string(warehouse).int(s.ID).string(s.Line.JobType).string(s.Line.OrderID).
		string(s.Line.LineID).string(s.Item.SKU).int(int64(s.Qty)).string(string(s.State)).
		string(s.Asked.text()).int(int64(s.CreatedAt)).int(int64(cmp.Or(s.UpdatedAt, s.CreatedAt))).
		int(s.Line.Revision).string(s.Source).string(s.Item.Owner).int(int64(s.Covered)).
		int(s.Priority).flag(s.ShipComplete).flag(s.Pin).flag(s.Cover).int(s.Reservation)
}

// Alike says whether another shortage asks for the same, in the same turn.
func (s *Shortage) Alike(other *Shortage) bool {
	return s.Line == other.Line && s.Item == other.Item && s.Qty == other.Qty &&
		s.Priority == other.Priority && s.ShipComplete == other.ShipComplete &&
		s.Pin == other.Pin && s.Cover == other.Cover && s.Asked.text() == other.Asked.text()
}

// ParseAsked reads what Asked was written as.
func ParseAsked(text string) (Asked, error) { return parseAsked(text) }
