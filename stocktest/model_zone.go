package stocktest

import (
	"slices"

	"tierstock/model"
)

// Receive brings goods in.
func (m *Model) Receive(line model.ReceiveLine) Ask {
	line.At.Pack = m.normalPack(line.At.SKU, line.At.Pack)
	if site := m.sites[line.At.Warehouse]; site != nil &&
		line.Bin == site.zones[line.At.Zone].StagingBin {
		line.Bin = ""
	}
	content := line
	content.Key, content.Audit = model.LineKey{}, model.Audit{}
	return ask(line.Key.For(line.At.Warehouse, model.Receive), content,
		func(s *site, a *answer) { m.receive(s, a, line) })
}

func (m *Model) receive(s *site, a *answer, line model.ReceiveLine) {
	m.checkQty(a, line.At.SKU, line.Qty)
	m.checkPack(a, line.At.SKU, line.At.Pack)
	zone, known := s.zones[line.At.Zone]
	a.refuseIf(!known, model.NotFound)
	code := line.Bin
	if code == "" {
		code = zone.StagingBin
	} else if bin := s.place(a, code); bin != nil {
		a.refuseIf(bin.Blocked, model.InvalidState)
		a.refuseIf(bin.Zone != zone.Code, model.Invalid)
	}
	s.dateBatch(a, lot{line.At.Item(), line.At.Batch}, line.ExpiresOn)
	if a.refused() {
		return
	}
	on := line.ReceivedOn
	if on == "" {
		on = m.today
	}
	s.arrive(line.At, on)
	s.postBoth(line.At.InBin(code), model.Amounts{OnHand: line.Qty})
	a.applied = line.Qty
}

// dateBatch makes a batch known. The first date stays, another later is wrong.
func (s *site) dateBatch(a *answer, lot lot, expiresOn model.Date) {
	if lot.code == "" {
		a.refuseIf(expiresOn != "", model.Invalid)
		return
	}
	if s.batches[lot] == nil {
		s.batches[lot] = &model.Batch{Warehouse: s.code, Item: lot.item, Code: lot.code}
	}
	batch := s.batches[lot]
	if expiresOn != "" && !a.refuseIf(
		batch.ExpiresOn != "" && batch.ExpiresOn != expiresOn, model.Invalid) {
		batch.ExpiresOn = expiresOn
	}
}

// Reserve holds stock.
func (m *Model) Reserve(line model.ReserveLine) Ask {
	line.Pack = m.normalPack(line.Item.SKU, line.Pack)
	content := line
	content.Key, content.Audit = model.LineKey{}, model.Audit{}
	if content.Strategy == "FEFO" {
		content.Strategy = ""
	}
	content.Zones = slices.Compact(slices.Sorted(slices.Values(line.Zones)))
	return ask(line.Key.For(line.Warehouse, model.Reserve), content,
		func(s *site, a *answer) { m.reserve(s, a, line) })
}

func (m *Model) reserve(s *site, a *answer, line model.ReserveLine) {
	m.checkQty(a, line.Item.SKU, line.Qty)
	m.checkPack(a, line.Item.SKU, line.Pack)
	for _, zone := range line.Zones {
		_, known := s.zones[zone]
		a.refuseIf(!known, model.NotFound)
	}
	a.refuseIf(!slices.Contains(modelStrategies, line.Strategy), model.Invalid)
	a.refuseIf(line.MinRemainingDays < 0, model.Invalid)
	a.refuseIf(line.TTLSeconds != nil && *line.TTLSeconds <= 0, model.Invalid)
	if a.refused() {
		return
	}
	p := &promise{key: line.Key, item: line.Item, requested: line.Qty, asked: line,
		baseUnits: anyPack(line), ttl: line.TTLSeconds != nil, state: model.ReservationOpen}
	taken := model.Quantity(0)
	for _, take := range m.choose(s, line, line.Qty, nil) {
		s.take(p, take.row, take.qty)
		taken += m.unit(p, take.row.Pack, take.qty)
	}
	if a.refuseIf(taken == 0 || taken < line.Qty && !line.AllowPartial, model.Insufficient) {
		return
	}
	s.promises[line.Key] = p
	a.applied, a.shortage, a.partial = taken, line.Qty-taken, taken < line.Qty
}

// Release gives held stock back.
func (m *Model) Release(line model.ReleaseLine) Ask {
	content := line
	content.Key, content.Audit, content.SKU = model.LineKey{}, model.Audit{}, ""
	content.Reservation = unlessOwn(line.Reservation, line.Key)
	return ask(line.Key.For(line.Warehouse, model.Release), content,
		func(s *site, a *answer) { m.release(s, a, line) })
}

func (m *Model) release(s *site, a *answer, line model.ReleaseLine) {
	named := line.Key
	if line.Reservation != nil {
		named = *line.Reservation
	}
	p := s.promises[named]
	if line.Qty == nil && p == nil {
		s.promises[named] = &promise{key: named, state: model.ReservationCancelled}
		s.effects[named.For(s.code, model.Reserve)] = effect{cancelled: true}
		return
	}
	if line.Qty == nil && p.ended() {
		a.refuseIf(wrongHint(line.SKU, p), model.Invalid)
		return
	}
	p = s.live(a, named, line.SKU)
	if qty, ok := m.openPart(a, p, line.Qty); ok {
		a.applied = qty
		m.giveBack(s, a, p, qty, model.ReservationReleased)
	}
}

// openPart is how much of a promise a line is about, all that is open where it does not say.
func (m *Model) openPart(a *answer, p *promise, qty *model.Quantity) (model.Quantity, bool) {
	if p == nil {
		return 0, false
	}
	if qty == nil {
		return m.open(p), !a.refused()
	}
	m.checkQty(a, p.item.SKU, *qty)
	a.refuseIf(*qty > m.open(p), model.InvalidState)
	return *qty, !a.refused()
}

// Extend gives a promise a new time to live.
func (m *Model) Extend(line model.ExtendLine) Ask {
	content := line
	content.Key, content.Audit = model.LineKey{}, model.Audit{}
	return ask(line.Key.For(line.Warehouse, model.Extend), content,
		func(s *site, a *answer) {
			a.refuseIf(line.TTLSeconds <= 0, model.Invalid)
			p := s.live(a, line.Reservation, "")
			if p != nil && !a.refuseIf(p.started, model.InvalidState) {
				p.ttl = true
			}
		})
}

// Deduct lets held stock leave.
func (m *Model) Deduct(line model.DeductLine) Ask {
	content := line
	content.Key, content.Audit, content.SKU = model.LineKey{}, model.Audit{}, ""
	content.Reservation = unlessOwn(line.Reservation, line.Key)
	return ask(line.Key.For(line.Warehouse, model.Deduct), content,
		func(s *site, a *answer) { m.deduct(s, a, line) })
}

func (m *Model) deduct(s *site, a *answer, line model.DeductLine) {
	named := line.Key
	if line.Reservation != nil {
		named = *line.Reservation
	}
	p := s.live(a, named, line.SKU)
	qty, ok := m.openPart(a, p, line.Qty)
	if !ok {
		return
	}
	a.applied = qty
	m.leave(s, a, p, qty)
	if rest := m.open(p); line.CloseRemainder && rest > 0 {
		m.giveBack(s, a, p, rest, model.ReservationReleased)
	}
}

// Restore brings back what left.
func (m *Model) Restore(line model.RestoreLine) Ask {
	content := line
	content.Key, content.Audit, content.SKU = model.LineKey{}, model.Audit{}, ""
	content.Deduction = unlessOwn(line.Deduction, line.Key)
	return ask(line.Key.For(line.Warehouse, model.Restore), content,
		func(s *site, a *answer) { m.restore(s, a, line) })
}

func (m *Model) restore(s *site, a *answer, line model.RestoreLine) {
	if a.refuseIf(line.Deduction != nil && line.Pick != nil, model.Invalid) {
		return
	}
	key := line.Key.For(s.code, model.Deduct)
	switch {
	case line.Deduction != nil:
		key = line.Deduction.For(s.code, model.Deduct)
	case line.Pick != nil:
		key = line.Pick.For(s.code, model.Pick)
	}
	done, known := s.effects[key]
	if a.refuseIf(!known, model.NotFound) {
		return
	}
	left := &done.left
	a.refuseIf(line.SKU != "" && line.SKU != left.item.SKU, model.Invalid)
	p := s.promises[left.promise]
	rest := -left.restored
	for _, row := range left.rows {
		rest += m.unit(p, row.row.Pack, row.qty)
	}
	qty := rest
	if line.Qty != nil {
		qty = *line.Qty
		m.checkQty(a, left.item.SKU, qty)
	}
	if a.refuseIf(rest == 0 || qty > rest, model.InvalidState) || a.refused() {
		return
	}
	m.putBack(s, a, p, left, qty)
	a.applied = qty
	left.restored += qty
	s.effects[key] = done
}

// putBack goes on where earlier restores stopped.
func (m *Model) putBack(s *site, a *answer, p *promise, left *departure, qty model.Quantity) {
	skip := left.restored
	for _, row := range left.rows {
		worth := m.unit(p, row.row.Pack, row.qty)
		back := min(worth-min(worth, skip), qty)
		skip -= min(worth, skip)
		qty -= back
		packs, whole := m.packs(p, row.row.Pack, back)
		if back == 0 || a.refuseIf(!whole, model.Invalid) {
			continue
		}
		to := row.row
		bin := s.bins[to.Bin]
		if bin.Blocked || bin.Zone != row.zone || bin.Kind.IsTote() {
			to.Bin = s.zones[row.zone].StagingBin
		}
		s.arrive(s.above(to), row.since)
		s.postBoth(to, model.Amounts{OnHand: packs})
	}
}

// Pass lets the time of a promise be over, if it has one.
func (m *Model) Pass(warehouse string, line model.LineKey) {
	if p := m.sites[warehouse].promises[line]; p.ttl && p.state == model.ReservationOpen {
		p.overdue = true
	}
}

// Expire writes the end of what is overdue, and says of how many.
func (m *Model) Expire() (written int) {
	for _, site := range m.sites {
		for _, p := range site.promises {
			if p.overdue && p.state == model.ReservationOpen {
				m.giveBack(site, &answer{}, p, m.open(p), model.ReservationExpired)
				written++
			}
		}
	}
	return written
}
