package flow

import (
	"slices"

	"tierstock/model"
)

// This file and pin.go are the whole of how holds and pins come and go. A reservation holds
// tier-2 rows; a pin ties part of a hold to a bin row; per hold, pinned <= open.

// part is some of a hold, in its row's packs, tied to a bin or not.
type part struct {
	hold *Hold
	pin  *Task
	qty  model.Quantity
}

// NewReservation makes the promise for an order line; holds are added to it.
func (e *Effect) NewReservation(made Reservation) *Reservation {
	made.ID = e.engine.db.NewID()
	made.isNew, made.dirty = true, true
	made.content, made.createdAt, made.by = e.content, e.View.Now, e
	made.dueAt, made.asked = made.ExpiresAt, made.Asked.text()
	e.addReservation(&made)
	e.onUndo(func() {
		delete(e.reservations, made.Key)
		delete(e.reserved, made.ID)
	})
	e.Reservation = &made
	return &made
}

func (b *Book) addReservation(r *Reservation) {
	b.reservations[r.Key] = r
	b.reserved[r.ID] = r
}

// Cancel remembers a release that came before its reserve: the late reserve meets it by its key.
func (e *Effect) Cancel(key model.LineKey) {
	e.NewReservation(Reservation{Key: key, State: model.ReservationCancelled})
	e.Reservation.content = 0
	reserve := key.For(e.warehouse, model.Reserve)
	e.known[reserve] = known{here: true, cancelled: true}
	e.onUndo(func() { delete(e.known, reserve) })
}

// Act makes a reservation the one this effect acts on; it is written, so that two processes
// acting on it meet.
func (e *Effect) Act(r *Reservation) {
	e.Touch(r)
	e.Reservation = r
}

// Touch marks a reservation as written by this effect.
func (e *Effect) Touch(r *Reservation) { saved(e.Book, r).dirty = true }

// Start ends a reservation's time to live for good: floor work has begun.
func (e *Effect) Start(r *Reservation) {
	saved(e.Book, r)
	r.Started, r.ExpiresAt, r.dueAt = true, 0, 0
}

// SetTTL gives a reservation a new time to live, counted from now.
func (e *Effect) SetTTL(r *Reservation, seconds int64) {
	saved(e.Book, r)
	r.ExpiresAt = e.View.Now.Plus(seconds)
	r.dueAt = r.ExpiresAt
}

// Take holds some of a row's available stock.
func (e *Effect) Take(r *Reservation, row *StockRow, qty model.Quantity) *Hold {
	e.Post(row, Reserved(qty))
	return e.grow(r, row, qty)
}

// grow adds to a hold without touching the row.
func (e *Effect) grow(r *Reservation, row *StockRow, qty model.Quantity) *Hold {
	hold := r.HoldOn(row)
	if hold == nil {
		hold = &Hold{Row: row, reservation: r, position: len(r.Holds), isNew: true}
		if r.by == e {
			r.Holds = append(r.Holds, hold) // undone with the reservation itself
		} else {
			saved(e.Book, r).Holds = append(slices.Clip(r.Holds), hold)
		}
	} else {
		saved(e.Book, hold)
	}
	hold.Held += qty
	hold.dirty = true
	return hold
}

// shrink takes from a hold what never was deducted or released: it moved elsewhere.
func (e *Effect) shrink(hold *Hold, qty model.Quantity) {
	saved(e.Book, hold).Held -= qty
	hold.dirty = true
}

// GiveBack releases qty, in the reservation's unit: its unpinned part first, last taken first;
// then task pins in reverse pick sequence; picked goods last.
func (e *Effect) GiveBack(r *Reservation, qty model.Quantity, ended model.ReservationState) error {
	parts, err := e.share(r, r.partsToGiveBack(), qty)
	if err != nil {
		return err
	}
	for _, part := range parts {
		e.releasePart(part)
	}
	e.EndIfEmpty(r, ended)
	return nil
}

func (e *Effect) releasePart(part part) {
	e.Post(part.hold.Row, Reserved(-part.qty))
	saved(e.Book, part.hold).Released += part.qty
	part.hold.dirty = true
	if part.pin != nil {
		e.Post(part.pin.BinRow, Reserved(-part.qty))
		e.ShrinkPin(part.pin, part.qty)
	}
}

func (r *Reservation) partsToGiveBack() []part {
	var parts []part
	for _, hold := range slices.Backward(r.Holds) {
		parts = append(parts, part{hold: hold, qty: hold.Unpinned()})
	}
	pins := r.pinsInOrder()
	for _, kind := range []bool{false, true} {
		for _, pin := range slices.Backward(pins) {
			if (pin.Kind == model.GoodsPicked) == kind {
				parts = append(parts, part{hold: r.HoldOn(pin.ZoneRow), pin: pin, qty: pin.Pinned})
			}
		}
	}
	return parts
}

// Deduct lets qty leave, in the reservation's unit: picked goods first, then pins by pick
// sequence, then free bins. The bins of every hold must be loaded.
func (e *Effect) Deduct(r *Reservation, qty model.Quantity) error {
	parts, err := e.share(r, r.partsToDeduct(), qty)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := e.deductPart(part); err != nil {
			return err
		}
	}
	e.EndIfEmpty(r, model.ReservationDeducted)
	return nil
}

func (r *Reservation) partsToDeduct() []part {
	var parts []part
	pins := r.pinsInOrder()
	for _, picked := range []bool{true, false} {
		for _, pin := range pins {
			if (pin.Kind == model.GoodsPicked) == picked {
				parts = append(parts, part{hold: r.HoldOn(pin.ZoneRow), pin: pin, qty: pin.Pinned})
			}
		}
	}
	for _, hold := range r.Holds {
		parts = append(parts, part{hold: hold, qty: hold.Unpinned()})
	}
	return parts
}

func (e *Effect) deductPart(part part) error {
	e.Post(part.hold.Row, Held(-part.qty))
	saved(e.Book, part.hold).Deducted += part.qty
	part.hold.dirty = true
	if part.pin != nil {
		e.Post(part.pin.BinRow, Held(-part.qty))
		e.ShrinkPin(part.pin, part.qty)
		return nil
	}
	rest := part.qty
	for _, bin := range e.FreeBins(part.hold.Row) {
		qty := min(rest, bin.Available())
		e.Post(bin, OnHand(-qty))
		if rest -= qty; rest == 0 {
			return nil
		}
	}
	return Refuse(model.InvalidState, "qty", "the zone's bins do not hold what it promises; "+
		"run verify")
}

// share cuts a list of parts to qty, in the reservation's unit. Splitting a pack is INVALID.
func (e *Effect) share(r *Reservation, parts []part, qty model.Quantity) ([]part, error) {
	fill := e.Fill(r, qty)
	var shared []part
	for _, part := range parts {
		taken, err := fill.Take(part.hold.Row.Pack, part.qty)
		if err != nil {
			return nil, err
		}
		if part.qty = taken; taken > 0 {
			shared = append(shared, part)
		}
	}
	return shared, nil
}

// EndIfEmpty gives a reservation with nothing open the state that says what ended it.
func (e *Effect) EndIfEmpty(r *Reservation, ended model.ReservationState) {
	isOpen := func(hold *Hold) bool { return hold.Open() > 0 }
	if r.State == model.ReservationOpen && !slices.ContainsFunc(r.Holds, isOpen) {
		saved(e.Book, r)
		r.State, r.dueAt = ended, 0
	}
}

// Shift moves part of a hold from one tier-2 row to another, with the stock.
func (e *Effect) Shift(hold *Hold, to *StockRow, qty model.Quantity) *Hold {
	if hold.Row == to {
		return hold
	}
	e.Arrive(to, hold.Row.ReceivedOn)
	e.Post(hold.Row, Held(-qty))
	e.Post(to, Held(qty))
	e.shrink(hold, qty)
	return e.grow(hold.reservation, to, qty)
}

// Leave lets qty of a hold leave the warehouse from tier 2; the bin row is the caller's to post.
func (e *Effect) Leave(hold *Hold, qty model.Quantity) {
	e.Post(hold.Row, Held(-qty))
	saved(e.Book, hold).Deducted += qty
	hold.dirty = true
}

// GiveUp closes the account of a part of a hold that tier 2 let go: moved of it is held
// elsewhere now, missing counts as released.
func (e *Effect) GiveUp(hold *Hold, moved, missing model.Quantity) {
	saved(e.Book, hold)
	hold.Held -= moved
	hold.Released += missing
	hold.dirty = true
}

// OwnerOf is the reservation a hold belongs to.
func (b *Book) OwnerOf(hold *Hold) *Reservation { return hold.reservation }

// Picked is all that is held and lies picked, in the reservation's unit.
func (b *Book) Picked(r *Reservation) model.Quantity {
	packs := tally{}
	for _, pin := range r.Pins {
		if pin.Kind == model.GoodsPicked {
			packs[pin.ZoneRow.Pack] += pin.Pinned
		}
	}
	return packs.worth(b, r)
}

// Unpinned is all that is held and not tied to a bin, in the reservation's unit.
func (b *Book) Unpinned(r *Reservation) model.Quantity { return b.sum(r, (*Hold).Unpinned) }
