package tier3

import (
	"tierstock/flow"
	"tierstock/model"
)

// This file is what happens when a bin does not hold what the book says: what was to come from
// there lets go, what is doubtful is frozen until someone counts, and the rest of the promise
// moves to stock elsewhere, all in one effect.

// runShort answers a short pick: the reservation's part first, then the freeze, then the search
// for other stock. What finds none counts as released and is the shortage.
func runShort(effect *flow.Effect, r *flow.Reservation, hold *flow.Hold, from *flow.StockRow,
	wasPinned bool) {
	rest := hold.Unpinned()
	if wasPinned {
		rest = 0
		for _, pin := range r.PinsIn(from) {
			rest += pin.Pinned
			effect.CutShort(pin)
		}
	}
	effect.Post(hold.Row, flow.Reserved(-rest))
	frozen := freezeDoubtful(effect, from, from.Available())
	effect.AskCount(from, frozen)
	effect.Shortage = replace(effect, displaced{hold: hold, qty: rest, pinned: wasPinned}, from)
	effect.Miss(r, effect.InUnit(r, hold.Row.Pack, effect.Shortage), wasPinned, 0)
	if effect.Shortage > 0 {
		effect.EndIfEmpty(r, model.ReservationReleased)
	}
}

// freezeDoubtful freezes up to qty, less others' pins and no more than tier 2 has available.
func freezeDoubtful(effect *flow.Effect, row *flow.StockRow, qty model.Quantity) model.Quantity {
	above := effect.Above(row)
	qty = max(0, min(qty, row.Available(), above.Available()))
	effect.Note(row)
	effect.Post(row, flow.Frozen(qty))
	effect.Post(above, flow.Frozen(qty))
	return qty
}

// displaced is part of a hold whose stock cannot be relied on; tier 2 has let it go already.
type displaced struct {
	hold   *flow.Hold
	qty    model.Quantity
	pinned bool
}

// replace moves the rest of a promise to stock outside that bin, under the constraints it was
// made with, and says how much found none, in the hold's packs.
func replace(effect *flow.Effect, lost displaced, from *flow.StockRow) model.Quantity {
	if lost.qty == 0 {
		return 0
	}
	r := effect.OwnerOf(lost.hold)
	choices, moved := elsewhere(effect, r, lost, from)
	for _, choice := range choices {
		if choice.Taken == 0 {
			continue
		}
		hold := effect.Take(r, choice.Row, choice.Taken)
		if lost.pinned {
			pinElsewhere(effect, hold, choice, from)
		}
	}
	effect.GiveUp(lost.hold, moved, lost.qty-moved)
	return lost.qty - moved
}

// elsewhere chooses other stock and says how many packs of the lost hold it stands for. With
// FULL_PACKS that must be whole packs, since the account of a hold is kept in packs.
func elsewhere(effect *flow.Effect, r *flow.Reservation, lost displaced,
	from *flow.StockRow) ([]flow.Choice, model.Quantity) {
	asked, pack := r.Asked, lost.hold.Row.Pack
	if !asked.AnyPack {
		asked.Pack = pack
	}
	for packs := lost.qty; packs > 0; {
		effect.Explanation = nil
		choices := effect.Choose(r.Item, effect.InUnit(r, pack, packs), asked, from)
		found := model.Quantity(0)
		for _, choice := range choices {
			found += effect.InUnit(r, choice.Row.Pack, choice.Taken)
		}
		stands, whole := effect.Packs(r, pack, found)
		if whole {
			return choices, stands
		}
		packs = stands - stands%model.One
	}
	return nil, 0
}

// pinElsewhere ties what was chosen to bins: that which was chosen with it, or any but the one in
// doubt.
func pinElsewhere(effect *flow.Effect, hold *flow.Hold, choice flow.Choice, from *flow.StockRow) {
	key := model.TaskKey{JobType: string(model.TaskPick)}
	if choice.Bin != nil {
		effect.Pin(hold, choice.Bin, choice.Taken, key)
		return
	}
	effect.PinInBins(hold, choice.Taken, from, key)
}
