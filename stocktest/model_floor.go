package stocktest

import (
	"slices"

	"tierstock/model"
)

// Pin ties what a promise holds to bins.
func (m *Model) Pin(line model.PinLine) Ask {
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.Warehouse, model.Pin), content,
		func(s *site, a *answer) { m.pin(s, a, line) })
}

func (m *Model) pin(s *site, a *answer, line model.PinLine) {
	p := s.live(a, line.Reservation, "")
	if line.Bin != "" {
		s.place(a, line.Bin)
	}
	if p == nil || a.refused() {
		return
	}
	held := sum{}
	for _, hold := range p.holds {
		held[hold.row.Pack] += s.unpinned(p, hold)
	}
	rest := m.units(p, held)
	if line.Bin != "" {
		a.refuseIf(!slices.ContainsFunc(p.holds, func(h *hold) bool {
			return h.open() > 0 && h.row.Zone == s.bins[line.Bin].Zone
		}), model.InvalidState)
	}
	a.refuseIf(rest == 0, model.InvalidState)
	if line.Qty != nil {
		m.checkQty(a, p.item.SKU, *line.Qty)
		a.refuseIf(*line.Qty > rest, model.InvalidState)
		rest = *line.Qty
	}
	if a.refused() {
		return
	}
	a.applied = rest
	pinned := sum{}
	for _, hold := range p.holds {
		if line.Bin == "" && looksAtBins[p.asked.Strategy] {
			packs := m.fit(a, p, pinned, hold.row.Pack, min(s.freeOutside(hold.row,
				model.BinStockKey{}), s.unpinned(p, hold)), rest)
			for _, in := range s.spread(p.asked.Strategy, hold.row, packs, nil) {
				s.pin(p, *in.bin, in.qty, line.Key)
			}
			continue
		}
		for _, row := range s.freeBins(hold.row) {
			if line.Bin != "" && line.Bin != row.Bin {
				continue
			}
			packs := m.fit(a, p, pinned, row.Pack,
				min(s.binHas(row).Available(), s.unpinned(p, hold)), rest)
			if packs > 0 {
				s.pin(p, row, packs, line.Key)
			}
		}
	}
	a.refuseIf(m.units(p, pinned) < rest, model.Insufficient)
}

// Unpin cancels a task.
func (m *Model) Unpin(line model.UnpinLine) Ask {
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.Warehouse, model.Unpin), content,
		func(s *site, a *answer) {
			at := slices.IndexFunc(s.works, func(w *work) bool { return w.name == line.Task })
			if a.refuseIf(at < 0 || s.works[at].kind == model.GoodsPicked, model.NotFound) {
				return
			}
			task := s.works[at]
			if a.refuseIf(task.kind != model.TaskPick || task.pinned == 0, model.InvalidState) {
				return
			}
			a.applied = task.pinned
			s.postBin(task.row, model.Amounts{Reserved: -task.pinned})
			task.shrink(task.pinned)
		})
}

// Pick takes goods from a bin for a promise.
func (m *Model) Pick(line model.PickLine) Ask {
	line.From.Pack = m.normalPack(line.From.SKU, line.From.Pack)
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.From.Warehouse, model.Pick), content,
		func(s *site, a *answer) { m.pick(s, a, line) })
}

func (m *Model) pick(s *site, a *answer, line model.PickLine) {
	known := m.checkRow(s, a, line.From)
	m.checkQty(a, line.From.SKU, line.Qty)
	if line.ToBin != "" {
		s.checkTarget(a, line.From, line.ToBin)
	}
	p := s.live(a, line.Reservation, "")
	if p == nil || !known {
		return
	}
	h := p.holdOn(s.above(line.From))
	if a.refuseIf(h == nil || line.Qty > h.open(), model.InvalidState) {
		return
	}
	tied := model.Quantity(0)
	for _, pin := range s.pinsIn(p, line.From) {
		tied += pin.pinned
	}
	tied = min(tied, line.Qty)
	a.refuseIf(line.Qty-tied > s.binHas(line.From).Available(), model.Insufficient)
	if a.refused() {
		return
	}
	a.applied = line.Qty
	m.takeFromBin(s, a, p, h, line, tied)
	m.end(p, model.ReservationDeducted)
}

// takeFromBin carries a pick out that is allowed.
func (m *Model) takeFromBin(s *site, a *answer, p *promise, h *hold, line model.PickLine,
	tied model.Quantity) {
	p.start()
	wasPinned := len(s.pinsIn(p, line.From)) > 0
	s.postBin(line.From, model.Amounts{OnHand: -line.Qty, Reserved: -tied})
	s.advance(p, line, tied)
	a.left.promise, a.left.item = p.key, p.item
	if line.ToBin == "" {
		s.note(a, line.From, line.Qty)
		s.postZone(h.row, held(-line.Qty))
		h.deducted += line.Qty
	} else {
		to := line.From
		to.Bin = line.ToBin
		s.shift(p, h, s.above(to), line.Qty)
		s.postBin(to, held(line.Qty))
		s.markPicked(p, to, line.Qty)
	}
	s.fitPins(p, h)
	if line.Short {
		m.short(s, a, p, h, line.From, wasPinned)
	}
}

func isTask(pin *work) bool { return pin.kind != model.GoodsPicked }

// advance works off pins in the bin, those of the call's own task first.
func (s *site) advance(p *promise, line model.PickLine, qty model.Quantity) {
	pins := s.pinsIn(p, line.From)
	own := func(pin *work) bool {
		return pin.key.JobType == line.Key.JobType && pin.key.TaskID == line.Key.TaskID
	}
	for _, first := range []bool{true, false} {
		for _, pin := range pins {
			if own(pin) != first || qty == 0 || pin.pinned == 0 {
				continue
			}
			part := min(qty, pin.pinned)
			qty -= part
			pin.pinned -= part
			if isTask(pin) {
				pin.done += part
				pin.toBin = line.ToBin
			} else {
				pin.qty -= part
			}
			if pin.pinned == 0 {
				pin.state = model.TaskDone
			}
		}
	}
}

// fitPins lets go of pins that are more than the hold has open.
func (s *site) fitPins(p *promise, h *hold) {
	excess := s.pinned(p, h) - h.open()
	for _, part := range s.toGiveBack(p) {
		if part.pin != nil && part.hold == h && excess > 0 {
			qty := min(excess, part.pin.pinned)
			s.postBin(part.pin.row, model.Amounts{Reserved: -qty})
			part.pin.shrink(qty)
			excess -= qty
		}
	}
}

// checkTarget refuses a bin that goods cannot go to.
func (s *site) checkTarget(a *answer, from model.BinStockKey, to string) {
	a.refuseIf(to == from.Bin, model.Invalid)
	if bin := s.place(a, to); bin != nil {
		a.refuseIf(bin.Blocked, model.InvalidState)
	}
}

// Move moves stock from bin to bin.
func (m *Model) Move(line model.MoveLine) Ask {
	line.From.Pack = m.normalPack(line.From.SKU, line.From.Pack)
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.From.Warehouse, model.Move), content,
		func(s *site, a *answer) { m.move(s, a, line) })
}

func (m *Model) move(s *site, a *answer, line model.MoveLine) {
	a.refuseIf(line.Frozen && line.WithReservation != nil, model.Invalid)
	known := m.checkRow(s, a, line.From)
	m.checkQty(a, line.From.SKU, line.Qty)
	s.checkTarget(a, line.From, line.ToBin)
	to := line.From
	to.Bin = line.ToBin
	if !known || s.bins[line.ToBin] == nil {
		return
	}
	a.applied = line.Qty
	has, above := s.binHas(line.From), s.zoneHas(s.above(line.From))
	switch {
	case line.WithReservation != nil:
		m.moveHeld(s, a, line, to)
	case line.Frozen:
		a.refuseIf(line.Qty > has.Frozen, model.InvalidState)
		s.carry(a, line.From, to, model.Amounts{OnHand: line.Qty, Frozen: line.Qty})
	default:
		crosses := s.above(line.From) != s.above(to)
		a.refuseIf(line.Qty > has.Available() || crosses && line.Qty > above.Available(),
			model.Insufficient)
		s.carry(a, line.From, to, model.Amounts{OnHand: line.Qty})
	}
}

// carry moves amounts from bin to bin, and from zone to zone where they differ.
func (s *site) carry(a *answer, from, to model.BinStockKey, amounts model.Amounts) {
	if a.refused() {
		return
	}
	s.postBin(from, model.Amounts{}.Minus(amounts))
	s.postBin(to, amounts)
	if above, aboveTo := s.above(from), s.above(to); above != aboveTo {
		s.arrive(aboveTo, s.zone(above).since)
		s.postZone(above, model.Amounts{}.Minus(amounts))
		s.postZone(aboveTo, amounts)
	}
}

// moveHeld takes a promise's pins in the bin along first, then free stock under its hold.
func (m *Model) moveHeld(s *site, a *answer, line model.MoveLine, to model.BinStockKey) {
	p := s.live(a, *line.WithReservation, "")
	if p == nil {
		return
	}
	h := p.holdOn(s.above(line.From))
	if a.refuseIf(h == nil || h.open() == 0, model.InvalidState) {
		return
	}
	pins := s.pinsIn(p, line.From)
	free := line.Qty
	for _, pin := range pins {
		free -= min(free, pin.pinned)
	}
	a.refuseIf(free > s.unpinned(p, h), model.InvalidState)
	a.refuseIf(free > s.binHas(line.From).Available(), model.Insufficient)
	if a.refused() {
		return
	}
	s.shift(p, h, s.above(to), line.Qty)
	rest := line.Qty
	for _, pin := range pins {
		if qty := min(rest, pin.pinned); qty > 0 {
			s.movePin(p, pin, to, qty)
			rest -= qty
		}
	}
	s.postBin(line.From, model.Amounts{OnHand: -rest})
	s.postBin(to, model.Amounts{OnHand: rest})
}

// movePin moves part of a pin; a whole task follows, a part gets a task of its own.
func (s *site) movePin(p *promise, pin *work, to model.BinStockKey, qty model.Quantity) {
	s.postBin(pin.row, held(-qty))
	s.postBin(to, held(qty))
	switch {
	case pin.kind == model.GoodsPicked:
		pin.shrink(qty)
		s.markPicked(p, to, qty)
	case qty == pin.pinned:
		pin.row, pin.sequence = to, s.bins[to.Bin].PickSequence
	default:
		pin.shrink(qty)
		part := *pin
		part.key.TaskID, part.row, part.sequence = "", to, s.bins[to.Bin].PickSequence
		part.qty, part.pinned, part.done, part.toBin, part.name = qty, qty, 0, "", ""
		s.works = append(s.works, &part)
	}
}
