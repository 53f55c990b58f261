package stocktest

import (
	"cmp"
	"slices"

	"tierstock/model"
)

// OrderVerdict is what may be answered to an order of a wave.
type OrderVerdict struct {
	Code  model.Code
	Lines []Verdict
}

// Allocate takes a wave: orders by priority, then in the order given. A dry one changes nothing.
func (m *Model) Allocate(wave model.Wave, dry bool) []OrderVerdict {
	before := map[string]*site{}
	for code, site := range m.sites {
		before[code] = site.clone()
	}
	uses := map[model.Key]int{}
	for i := range wave.Orders {
		for l := range wave.Orders[i].Lines {
			uses[wave.Orders[i].Key(&wave.Orders[i].Lines[l]).For(wave.Orders[i].Warehouse, "")]++
		}
	}
	turns := make([]int, len(wave.Orders))
	for i := range turns {
		turns[i] = i
	}
	slices.SortStableFunc(turns, func(a, b int) int {
		return cmp.Compare(wave.Orders[b].Priority, wave.Orders[a].Priority)
	})
	verdicts := make([]OrderVerdict, len(wave.Orders))
	for _, turn := range turns {
		verdicts[turn] = m.order(wave, &wave.Orders[turn], uses)
	}
	if dry {
		m.sites = before
	}
	return verdicts
}

// order serves one order: line by line, or with shipComplete all or nothing.
func (m *Model) order(wave model.Wave, order *model.Order, uses map[model.Key]int) OrderVerdict {
	verdict := OrderVerdict{Lines: make([]Verdict, len(order.Lines))}
	held := false
	step := 1
	if order.ShipComplete {
		step = len(order.Lines)
	}
	for from := 0; from < len(order.Lines); from += step {
		var before *site
		if site := m.sites[order.Warehouse]; site != nil {
			before = site.clone()
		}
		effects := make([][]Verdict, step)
		failed := false
		for i := range effects {
			line := &order.Lines[from+i]
			for _, ask := range m.waveLine(wave, order, line) {
				said := m.line(ask)
				if uses[order.Key(line).For(order.Warehouse, "")] > 1 {
					said = refusedWith(model.Invalid)
				}
				effects[i] = append(effects[i], said)
				failed = failed || !said.Codes[0].Succeeded()
			}
		}
		if failed && before != nil {
			m.sites[order.Warehouse] = before
		}
		for i, said := range effects {
			if failed {
				skipOthers(said)
			}
			both := bothOf(said)
			if both.Codes[0] == model.Insufficient { // all of it becomes a shortage
				both.Shortage = order.Lines[from+i].Qty
			}
			verdict.Lines[from+i] = both
			held = held || said[0].Codes[0] == model.Replayed &&
				m.isOpen(order.Warehouse, order.Key(&order.Lines[from+i]))
		}
	}
	verdict.Code = orderCode(verdict.Lines, held)
	return verdict
}

func (m *Model) isOpen(warehouse string, line model.LineKey) bool {
	site := m.sites[warehouse]
	return site != nil && site.promises[line] != nil && !site.promises[line].ended()
}

// bothOf is the answer to a line from those to its effects.
func bothOf(said []Verdict) Verdict {
	reserved := said[0]
	if len(said) == 1 {
		return reserved
	}
	pinned := said[1]
	isReserved := reserved.Codes[0].Succeeded()
	switch {
	case !isReserved && (reserved.Codes[0] != model.Skipped || pinned.Codes[0] == model.Skipped):
		return reserved
	case !isReserved, !pinned.Codes[0].Succeeded():
		return pinned
	case reserved.Codes[0] == model.Replayed && pinned.Codes[0] == model.Applied:
		return Verdict{Codes: pinned.Codes, Applied: pinned.Applied}
	}
	return reserved
}

func orderCode(lines []Verdict, held bool) model.Code {
	counts := map[model.Code]int{}
	for _, line := range lines {
		counts[line.Codes[0]]++
	}
	replayed, applied := counts[model.Replayed], counts[model.Applied]
	switch {
	case replayed == len(lines):
		return model.Replayed
	case replayed+applied == len(lines):
		return model.Applied
	case replayed+applied+counts[model.Partial] > 0 || held:
		return model.Partial
	}
	return model.Insufficient
}

// waveLine is what a line asks for.
func (m *Model) waveLine(wave model.Wave, order *model.Order, line *model.OrderLine) []Ask {
	asked := model.ReserveLine{Key: order.Key(line), Warehouse: order.Warehouse,
		Item: model.Item{Owner: order.Owner, SKU: line.SKU}, Qty: line.Qty, Batch: line.Batch,
		Pack: m.normalPack(line.SKU, line.Pack), MinRemainingDays: line.MinRemainingDays}
	content := asked
	content.Key = model.LineKey{}
	asked.AllowPartial, asked.Strategy = !order.ShipComplete, wave.Strategy
	reserve := ask(asked.Key.For(order.Warehouse, model.Reserve), content,
		func(s *site, a *answer) { m.reserve(s, a, asked) })
	reserve.sameAs = func(s *site) bool {
		p := s.promises[asked.Key]
		return p != nil && p.item == asked.Item && p.requested == asked.Qty &&
			(p.asked.Batch == nil) == (asked.Batch == nil) &&
			(asked.Batch == nil || *p.asked.Batch == *asked.Batch) &&
			p.asked.Pack == asked.Pack && p.asked.MinRemainingDays == asked.MinRemainingDays
	}
	if !wave.CreateTasks {
		return []Ask{reserve}
	}
	pin := ask(asked.Key.For(order.Warehouse, model.Pin), "",
		func(s *site, a *answer) { m.pinAll(s, a, asked.Key) })
	return []Ask{reserve, pin}
}

// pinAll ties to bins what a promise holds and has not tied yet.
func (m *Model) pinAll(s *site, a *answer, line model.LineKey) {
	p := s.live(a, line, "")
	if p == nil {
		return
	}
	rest := sum{}
	for _, hold := range p.holds {
		packs := s.unpinned(p, hold)
		rest[hold.row.Pack] += packs
		for _, in := range s.spread(p.asked.Strategy, hold.row, packs, nil) {
			s.pin(p, *in.bin, in.qty, model.TaskKey{JobType: "PICK"})
		}
	}
	a.applied = m.units(p, rest)
}
