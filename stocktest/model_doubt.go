package stocktest

import (
	"slices"

	"tierstock/model"
)

// lost is part of a hold whose stock is in doubt; tier 2 has let it go already.
type lost struct {
	promise *promise
	hold    *hold
	qty     model.Quantity
	pinned  bool
}

// short is what follows when a bin did not have the rest: what was to come from there lets go,
// what is left there is frozen and is to be counted, and the promise moves to other stock.
func (m *Model) short(s *site, a *answer, p *promise, h *hold, from model.BinStockKey,
	wasPinned bool) {
	gone := lost{p, h, s.unpinned(p, h), wasPinned}
	if wasPinned {
		gone.qty = 0
		for _, pin := range s.pinsIn(p, from) {
			gone.qty += pin.pinned
			s.postBin(from, model.Amounts{Reserved: -pin.pinned})
			pin.pinned, pin.state = 0, model.TaskShort
		}
	}
	s.postZone(h.row, model.Amounts{Reserved: -gone.qty})
	s.doubt(from, s.binHas(from).Available())
	a.shortage = m.replace(s, gone, from)
	if a.shortage > 0 {
		m.end(p, model.ReservationReleased)
	}
}

// doubt freezes up to qty, less others' pins and no more than tier 2 has available, and asks for
// a count.
func (s *site) doubt(row model.BinStockKey, qty model.Quantity) model.Quantity {
	s.bin(row)
	qty = max(0, min(qty, s.binHas(row).Available(), s.zoneHas(s.above(row)).Available()))
	s.postBoth(row, model.Amounts{Frozen: qty})
	s.askCount(row, qty)
	return qty
}

func (s *site) askCount(row model.BinStockKey, froze model.Quantity) {
	s.works = append(s.works, &work{kind: model.TaskCount, state: model.TaskOpen,
		key: model.TaskKey{JobType: "COUNT"}, row: row, qty: froze, froze: froze})
}

// replace moves what was lost to stock outside that bin, and says how much found none.
func (m *Model) replace(s *site, gone lost, from model.BinStockKey) model.Quantity {
	p := gone.promise
	takes, found := m.elsewhere(s, gone, from)
	for _, take := range takes {
		s.take(p, take.row, take.qty)
		if !gone.pinned {
			continue
		}
		for _, in := range s.whereTaken(p, take, from) {
			s.pin(p, *in.bin, in.qty, model.TaskKey{JobType: "PICK"})
		}
	}
	gone.hold.held -= found
	gone.hold.released += gone.qty - found
	return gone.qty - found
}

// elsewhere chooses other stock for what was lost, and says how many of its packs that makes up
// for. A promise in base units may find other packs, but only for whole ones of those it lost.
func (m *Model) elsewhere(s *site, gone lost, from model.BinStockKey) ([]take, model.Quantity) {
	p, pack := gone.promise, gone.hold.row.Pack
	asked := p.asked
	if !p.baseUnits {
		asked.Pack = pack
	}
	for packs := gone.qty; packs > 0; packs -= model.One {
		takes := m.choose(s, asked, m.unit(p, pack, packs), &from)
		found := model.Quantity(0)
		for _, take := range takes {
			found += m.unit(p, take.row.Pack, take.qty)
		}
		if stands, whole := m.packs(p, pack, found); whole {
			return takes, stands
		}
	}
	return nil, 0
}

// Report records what a worker found wrong.
func (m *Model) Report(line model.ExceptionLine) Ask {
	line.At.Pack = m.normalPack(line.At.SKU, line.At.Pack)
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.At.Warehouse, model.Exception), content,
		func(s *site, a *answer) { m.report(s, a, line) })
}

func (m *Model) report(s *site, a *answer, line model.ExceptionLine) {
	known := m.checkRow(s, a, line.At)
	if line.Qty != nil {
		m.checkQty(a, line.At.SKU, *line.Qty)
	}
	if line.Reservation != nil {
		s.live(a, *line.Reservation, "")
	}
	if !known || a.refused() || line.Kind == model.OtherException {
		return
	}
	if line.Kind == model.Overage {
		s.bin(line.At)
		s.zone(s.above(line.At))
		s.askCount(line.At, 0)
		return
	}
	has := s.binHas(line.At)
	qty := has.OnHand - has.Frozen
	if line.Qty != nil {
		a.refuseIf(*line.Qty > qty, model.Insufficient)
		qty = *line.Qty
	}
	if a.refused() {
		return
	}
	displaced := m.displace(s, line, qty)
	a.applied = s.doubt(line.At, qty)
	for _, gone := range displaced {
		missing := m.replace(s, gone, line.At)
		a.shortage += missing
		m.end(gone.promise, model.ReservationReleased)
	}
}

// displace lets go of pins that stand in the way of freezing qty: the named promise's first, then
// the newest first.
func (m *Model) displace(s *site, line model.ExceptionLine, qty model.Quantity) (gone []lost) {
	var pins []*work
	for _, pin := range slices.Backward(s.works) {
		if pin.pinned > 0 && pin.row == line.At {
			pins = append(pins, pin)
		}
	}
	named := func(pin *work) int {
		if line.Reservation != nil && *pin.promise == *line.Reservation {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(pins, func(a, b *work) int { return named(a) - named(b) })
	for _, pin := range pins {
		part := min(pin.pinned, qty-s.binHas(line.At).Available())
		if part <= 0 {
			break
		}
		p := s.promises[*pin.promise]
		h := p.holdOn(s.above(pin.row))
		s.postBoth(pin.row, model.Amounts{Reserved: -part})
		pin.shrink(part)
		gone = append(gone, lost{p, h, part, true})
	}
	return gone
}
