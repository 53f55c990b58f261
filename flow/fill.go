package flow

import "tierstock/model"

// tally counts packs of each size by themselves: a third of a unit has no decimal, and thirds are
// exact only together.
type tally map[string]model.Quantity

// worth is all that was counted, in the reservation's unit.
func (t tally) worth(b *Book, r *Reservation) (sum model.Quantity) {
	for pack, packs := range t {
		sum += b.InUnit(r, pack, packs)
	}
	return sum
}

// sum adds up an amount of the holds, in the reservation's unit.
func (b *Book) sum(r *Reservation, amount func(*Hold) model.Quantity) model.Quantity {
	packs := tally{}
	for _, hold := range r.Holds {
		packs[hold.Row.Pack] += amount(hold)
	}
	return packs.worth(b, r)
}

// Fill serves a quantity, in a reservation's unit, with packs, one lot after the other.
type Fill struct {
	book        *Book
	reservation *Reservation
	qty         model.Quantity
	packs       tally
}

// Fill begins to serve qty.
func (b *Book) Fill(r *Reservation, qty model.Quantity) *Fill {
	return &Fill{b, r, qty, tally{}}
}

// Take takes what still fits of a lot of packs. Splitting a pack is INVALID.
func (f *Fill) Take(pack string, packs model.Quantity) (taken model.Quantity, err error) {
	rest := f.Rest()
	if rest <= 0 || packs == 0 {
		return 0, nil
	}
	was := f.packs[pack]
	rest += f.book.InUnit(f.reservation, pack, was)
	taken = packs
	if f.book.InUnit(f.reservation, pack, was+packs) > rest {
		fits, whole := f.book.Packs(f.reservation, pack, rest)
		if !whole {
			return 0, Refuse(model.Invalid, "qty", "would split a pack "+pack+
				"; give a quantity in whole packs")
		}
		taken = fits - was
	}
	f.packs[pack] += taken
	return taken, nil
}

// Rest is what is not served yet.
func (f *Fill) Rest() model.Quantity { return f.qty - f.packs.worth(f.book, f.reservation) }
