package stocktest

import (
	"tierstock/model"
)

// Adjust changes a bin row by a signed amount.
func (m *Model) Adjust(line model.AdjustLine) Ask {
	line.At.Pack = m.normalPack(line.At.SKU, line.At.Pack)
	content := line
	content.Key, content.Audit, content.ExpectedOnHand = model.TaskKey{}, model.Audit{}, nil
	return ask(line.Key.For(line.At.Warehouse, model.Adjust), content,
		func(s *site, a *answer) { m.adjust(s, a, line) })
}

func (m *Model) adjust(s *site, a *answer, line model.AdjustLine) {
	known := m.checkRow(s, a, line.At)
	a.refuseIf(line.Delta == 0, model.Invalid)
	a.refuseIf(!line.Delta.HasAtMost(m.skus[line.At.SKU].Decimals), model.Invalid)
	if !known {
		return
	}
	has, above := s.binHas(line.At), s.zoneHas(s.above(line.At))
	a.refuseIf(line.ExpectedOnHand != nil && *line.ExpectedOnHand != has.OnHand, model.Stale)
	change := model.Amounts{OnHand: line.Delta}
	if line.Frozen || line.Delta > 0 && s.bins[line.At.Bin].Blocked {
		change.Frozen = line.Delta
	}
	spare := min(has.Available(), above.Available())
	if line.Frozen {
		spare = has.Frozen
	}
	a.refuseIf(-line.Delta > spare, model.Insufficient)
	if a.refused() {
		return
	}
	s.bookIn(a, line.At, change)
	a.applied = line.Delta
}

// bookIn changes a row in both tiers by what nobody received: what is more came today.
func (s *site) bookIn(a *answer, at model.BinStockKey, change model.Amounts) {
	if change.OnHand > 0 {
		above := s.above(at)
		s.dateBatch(a, lot{at.Item(), at.Batch}, "")
		s.arrive(above, s.today)
	}
	s.postBoth(at, change)
}

// Count sets a bin row to what was counted.
func (m *Model) Count(line model.CountLine) Ask {
	line.At.Pack = m.normalPack(line.At.SKU, line.At.Pack)
	content := line
	content.Key, content.Audit, content.ExpectedVersion = model.TaskKey{}, model.Audit{}, 0
	return ask(line.Key.For(line.At.Warehouse, model.Count), content,
		func(s *site, a *answer) { m.count(s, a, line) })
}

func (m *Model) count(s *site, a *answer, line model.CountLine) {
	known := m.checkRow(s, a, line.At)
	a.refuseIf(line.Counted < 0, model.Invalid)
	a.refuseIf(!line.Counted.HasAtMost(m.skus[line.At.SKU].Decimals), model.Invalid)
	if !known {
		return
	}
	row, above := s.bin(line.At), s.zone(s.above(line.At))
	a.refuseIf(line.ExpectedVersion != row.version, model.Stale)
	for _, task := range s.works {
		if task.kind == model.TaskCount && task.row == line.At && task.state == model.TaskOpen {
			thaw := min(task.froze, row.Frozen)
			s.postBoth(line.At, model.Amounts{Frozen: -thaw})
			task.state, task.done, task.froze = model.TaskDone, task.qty, 0
		}
	}
	change := model.Amounts{OnHand: line.Counted - row.OnHand}
	a.refuseIf(line.Counted < row.Reserved+row.Frozen, model.InvalidState)
	a.refuseIf(-change.OnHand > above.Available(), model.InvalidState)
	if a.refused() {
		return
	}
	if s.bins[line.At.Bin].Blocked {
		change.Frozen = line.Counted - row.Frozen
	}
	s.bookIn(a, line.At, change)
	a.applied = line.Counted
}

// Freeze and Unfreeze take stock out of what may be promised, and give it back.
func (m *Model) Freeze(line model.FreezeLine) Ask { return m.freezing(line, model.Freeze) }

// Unfreeze is the inverse of Freeze.
func (m *Model) Unfreeze(line model.FreezeLine) Ask { return m.freezing(line, model.Unfreeze) }

func (m *Model) freezing(line model.FreezeLine, action model.Action) Ask {
	line.At.Pack = m.normalPack(line.At.SKU, line.At.Pack)
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.At.Warehouse, action), content, func(s *site, a *answer) {
		known := m.checkRow(s, a, line.At)
		m.checkQty(a, line.At.SKU, line.Qty)
		if !known {
			return
		}
		has, above := s.binHas(line.At), s.zoneHas(s.above(line.At))
		change := model.Amounts{Frozen: line.Qty}
		if action == model.Unfreeze {
			change.Frozen = -line.Qty
			a.refuseIf(s.bins[line.At.Bin].Blocked || line.Qty > has.Frozen, model.InvalidState)
		} else {
			a.refuseIf(line.Qty > min(has.Available(), above.Available()), model.Insufficient)
		}
		if a.refused() {
			return
		}
		s.postBoth(line.At, change)
		a.applied = line.Qty
	})
}

// Block closes a bin, Unblock opens it.
func (m *Model) Block(line model.BlockLine) Ask { return m.blocking(line, model.Block) }

// Unblock is the inverse of Block but for the freezing.
func (m *Model) Unblock(line model.BlockLine) Ask { return m.blocking(line, model.Unblock) }

func (m *Model) blocking(line model.BlockLine, action model.Action) Ask {
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.Warehouse, action), content, func(s *site, a *answer) {
		bin := s.place(a, line.Bin)
		if bin == nil || a.refuseIf(bin.Kind == model.StagingBin, model.InvalidState) ||
			a.refuseIf(bin.Blocked == (action == model.Block), model.InvalidState) {
			return
		}
		bin.Blocked = action == model.Block
		for key, row := range s.binRows {
			if key.Bin != bin.Code || row.OnHand == 0 || action == model.Unblock {
				continue
			}
			free := row.Available()
			a.refuseIf(row.Reserved > 0 || free > s.zoneHas(s.above(key)).Available(),
				model.InvalidState)
			s.postBoth(key, model.Amounts{Frozen: free})
			a.applied += free
		}
	})
}

// Repack turns packs into packs of another size.
func (m *Model) Repack(line model.RepackLine) Ask {
	line.At.Pack = m.normalPack(line.At.SKU, line.At.Pack)
	line.ToPack = m.normalPack(line.At.SKU, line.ToPack)
	content := line
	content.Key, content.Audit = model.TaskKey{}, model.Audit{}
	return ask(line.Key.For(line.At.Warehouse, model.Repack), content,
		func(s *site, a *answer) { m.repack(s, a, line) })
}

func (m *Model) repack(s *site, a *answer, line model.RepackLine) {
	known := m.checkRow(s, a, line.At)
	m.checkPack(a, line.At.SKU, line.ToPack)
	m.checkQty(a, line.At.SKU, line.Qty)
	if a.refuseIf(line.ToPack == line.At.Pack, model.Invalid) || a.refused() || !known {
		return
	}
	sku := m.skus[line.At.SKU]
	from, _ := sku.Size(line.At.Pack)
	to, _ := sku.Size(line.ToPack)
	ratio := model.Fraction{Numerator: from.Numerator * to.Denominator,
		Denominator: from.Denominator * to.Numerator}
	made, exact := ratio.Base(line.Qty)
	a.refuseIf(!exact || !made.HasAtMost(sku.Decimals), model.Invalid)
	above := s.above(line.At)
	a.refuseIf(line.Qty > min(s.binHas(line.At).Available(), s.zoneHas(above).Available()),
		model.Insufficient)
	if a.refused() {
		return
	}
	target := line.At
	target.Pack = line.ToPack
	s.arrive(s.above(target), s.zone(above).since)
	s.postBoth(line.At, model.Amounts{OnHand: -line.Qty})
	s.postBoth(target, model.Amounts{OnHand: made})
	a.applied = line.Qty
}
