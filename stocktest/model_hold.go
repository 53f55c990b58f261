package stocktest

import (
	"cmp"
	"slices"

	"tierstock/model"
)

// part is some of a hold, in its row's packs, tied to a bin or not.
type part struct {
	hold *hold
	pin  *work
	qty  model.Quantity
}

func (h *hold) open() model.Quantity { return h.held - h.deducted - h.released }

// unit turns packs into what a promise counts in, packs turns it back; whole is false where that
// would split a pack.
func (m *Model) unit(p *promise, pack string, packs model.Quantity) model.Quantity {
	if p == nil || !p.baseUnits {
		return packs
	}
	size, _ := m.skus[p.item.SKU].Size(pack)
	base, _ := size.Base(packs)
	return base
}

func (m *Model) packs(p *promise, pack string, qty model.Quantity) (model.Quantity, bool) {
	if p == nil || !p.baseUnits || pack == "" {
		return qty, true
	}
	size, _ := m.skus[p.item.SKU].Size(pack)
	packs, exact := size.Packs(qty)
	return packs, exact && packs%model.One == 0
}

// sum is how much there is of each pack: ninths of a unit are exact only together.
type sum map[string]model.Quantity

// units is a sum in what a promise counts in.
func (m *Model) units(p *promise, of sum) (units model.Quantity) {
	for pack, packs := range of {
		units += m.unit(p, pack, packs)
	}
	return units
}

// fit adds packs to a sum up to qty, and says how many. Splitting a pack is wrong.
func (m *Model) fit(a *answer, p *promise, to sum, pack string, packs, qty model.Quantity,
) model.Quantity {
	if m.units(p, to) >= qty || packs == 0 {
		return 0
	}
	was := to[pack]
	to[pack] += packs
	if over := m.units(p, to) - qty; over > 0 {
		all, whole := m.packs(p, pack, m.unit(p, pack, to[pack])-over)
		a.refuseIf(!whole, model.Invalid)
		to[pack] = all
	}
	return to[pack] - was
}

// open is all that a promise still holds, in its own unit.
func (m *Model) open(p *promise) model.Quantity {
	open := sum{}
	for _, hold := range p.holds {
		open[hold.row.Pack] += hold.open()
	}
	return m.units(p, open)
}

// take holds stock of a row that the row has free.
func (s *site) take(p *promise, row model.ZoneStockKey, qty model.Quantity) {
	s.postZone(row, model.Amounts{Reserved: qty})
	p.grow(row, qty)
}

func (p *promise) grow(row model.ZoneStockKey, qty model.Quantity) {
	on := p.holdOn(row)
	if on == nil {
		on = &hold{row: row}
		p.holds = append(p.holds, on)
	}
	on.held += qty
}

func (p *promise) holdOn(row model.ZoneStockKey) *hold {
	for _, hold := range p.holds {
		if hold.row == row {
			return hold
		}
	}
	return nil
}

// pins are what ties a promise to bins, as it is worked off: tasks by pick sequence and bin, then
// goods picked.
func (s *site) pins(p *promise) []*work {
	var pins []*work
	for _, work := range s.works {
		if work.promise != nil && *work.promise == p.key && work.pinned > 0 {
			pins = append(pins, work)
		}
	}
	slices.SortStableFunc(pins, func(a, b *work) int {
		return cmp.Or(cmp.Compare(pickedLast(a), pickedLast(b)),
			cmp.Compare(a.sequence, b.sequence), cmp.Compare(a.row.Bin, b.row.Bin))
	})
	return pins
}

func pickedLast(pin *work) int {
	if pin.kind == model.GoodsPicked {
		return 1
	}
	return 0
}

func (s *site) pinsIn(p *promise, row model.BinStockKey) []*work {
	return slices.DeleteFunc(s.pins(p), func(pin *work) bool { return pin.row != row })
}

func (s *site) pinned(p *promise, h *hold) (pinned model.Quantity) {
	for _, pin := range s.pins(p) {
		if s.above(pin.row) == h.row {
			pinned += pin.pinned
		}
	}
	return pinned
}

func (s *site) unpinned(p *promise, h *hold) model.Quantity { return h.open() - s.pinned(p, h) }

// toGiveBack lists a promise's parts as they are given back: the unpinned first, last taken
// first; then tasks in reverse pick sequence; goods picked last.
func (s *site) toGiveBack(p *promise) (parts []part) {
	for _, hold := range slices.Backward(p.holds) {
		parts = append(parts, part{hold: hold, qty: s.unpinned(p, hold)})
	}
	pins := s.pins(p)
	for _, picked := range []int{0, 1} {
		for _, pin := range slices.Backward(pins) {
			if pickedLast(pin) == picked {
				parts = append(parts, part{p.holdOn(s.above(pin.row)), pin, pin.pinned})
			}
		}
	}
	return parts
}

// toDeduct lists them as they leave: goods picked, tasks by pick sequence, then what is free.
func (s *site) toDeduct(p *promise) (parts []part) {
	pins := s.pins(p)
	for _, picked := range []int{1, 0} {
		for _, pin := range pins {
			if pickedLast(pin) == picked {
				parts = append(parts, part{p.holdOn(s.above(pin.row)), pin, pin.pinned})
			}
		}
	}
	for _, hold := range p.holds {
		parts = append(parts, part{hold: hold, qty: s.unpinned(p, hold)})
	}
	return parts
}

// cut shortens parts to qty, in the promise's unit. Splitting a pack is wrong.
func (m *Model) cut(a *answer, p *promise, parts []part, qty model.Quantity) (cut []part) {
	given := sum{}
	for _, part := range parts {
		part.qty = m.fit(a, p, given, part.hold.row.Pack, part.qty, qty)
		if part.qty > 0 {
			cut = append(cut, part)
		}
	}
	return cut
}

func (m *Model) giveBack(s *site, a *answer, p *promise, qty model.Quantity,
	ended model.ReservationState) {
	for _, part := range m.cut(a, p, s.toGiveBack(p), qty) {
		s.postZone(part.hold.row, model.Amounts{Reserved: -part.qty})
		part.hold.released += part.qty
		if part.pin != nil {
			s.postBin(part.pin.row, model.Amounts{Reserved: -part.qty})
			part.pin.shrink(part.qty)
		}
	}
	m.end(p, ended)
}

// end gives a promise that holds nothing more the state that says what ended the last of it.
func (m *Model) end(p *promise, state model.ReservationState) {
	isOpen := func(h *hold) bool { return h.open() > 0 }
	if p.state == model.ReservationOpen && !slices.ContainsFunc(p.holds, isOpen) {
		p.state = state
	}
}

// leave deducts, and notes what left from where.
func (m *Model) leave(s *site, a *answer, p *promise, qty model.Quantity) {
	a.left.promise, a.left.item = p.key, p.item
	for _, part := range m.cut(a, p, s.toDeduct(p), qty) {
		s.postZone(part.hold.row, held(-part.qty))
		part.hold.deducted += part.qty
		if part.pin != nil {
			s.postBin(part.pin.row, held(-part.qty))
			part.pin.shrink(part.qty)
			s.note(a, part.pin.row, part.qty)
			continue
		}
		for _, bin := range s.freeBins(part.hold.row) {
			taken := min(part.qty, s.binHas(bin).Available())
			part.qty -= taken
			s.postBin(bin, model.Amounts{OnHand: -taken})
			s.note(a, bin, taken)
		}
	}
	m.end(p, model.ReservationDeducted)
}

// note adds to what left; of one row all is one entry.
func (s *site) note(a *answer, row model.BinStockKey, qty model.Quantity) {
	for i := range a.left.rows {
		if a.left.rows[i].row == row {
			a.left.rows[i].qty += qty
			return
		}
	}
	if qty > 0 {
		above := s.above(row)
		a.left.rows = append(a.left.rows, departed{row, above.Zone, qty, s.zone(above).since})
	}
}

// held is stock that comes or goes with its hold.
func held(qty model.Quantity) model.Amounts { return model.Amounts{OnHand: qty, Reserved: qty} }

// shrink lets part of a pin go. A task left with nothing is cancelled.
func (w *work) shrink(qty model.Quantity) {
	w.pinned -= qty
	switch {
	case w.kind == model.GoodsPicked:
		w.qty -= qty
		if w.pinned == 0 {
			w.state = model.TaskDone
		}
	case w.pinned == 0:
		w.state = model.TaskCancelled
	default:
		w.qty -= qty
	}
}

// pin ties part of a hold to free stock of a bin.
func (s *site) pin(p *promise, row model.BinStockKey, qty model.Quantity, key model.TaskKey) {
	s.postBin(row, model.Amounts{Reserved: qty})
	line := p.key
	s.works = append(s.works, &work{kind: model.TaskPick, state: model.TaskOpen, key: key,
		promise: &line, row: row, qty: qty, pinned: qty, sequence: s.bins[row.Bin].PickSequence})
	p.start()
}

// start ends a time to live for good.
func (p *promise) start() { p.started, p.ttl = true, false }

// markPicked ties goods that lie in a bin to their promise there.
func (s *site) markPicked(p *promise, row model.BinStockKey, qty model.Quantity) {
	for _, pin := range s.pinsIn(p, row) {
		if pin.kind == model.GoodsPicked {
			pin.qty += qty
			pin.pinned += qty
			return
		}
	}
	line := p.key
	s.works = append(s.works, &work{kind: model.GoodsPicked, state: model.TaskOpen,
		promise: &line, row: row, qty: qty, pinned: qty})
}

// shift moves part of a hold to another tier-2 row, with the stock.
func (s *site) shift(p *promise, from *hold, to model.ZoneStockKey, qty model.Quantity) {
	if from.row == to {
		return
	}
	s.arrive(to, s.zone(from.row).since)
	s.postZone(from.row, held(-qty))
	s.postZone(to, held(qty))
	from.held -= qty
	p.grow(to, qty)
}
