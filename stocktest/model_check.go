package stocktest

import (
	"tierstock/model"
)

// normalPack is "" for an article's own unit.
func (m *Model) normalPack(sku, pack string) string {
	if pack == m.skus[sku].Unit {
		return ""
	}
	return pack
}

// article refuses one that is not there.
func (m *Model) article(a *answer, code string) (model.SKU, bool) {
	sku, known := m.skus[code]
	a.refuseIf(!known, model.NotFound)
	return sku, known
}

// checkQty refuses zero, negatives and digits that the article does not have.
func (m *Model) checkQty(a *answer, code string, qty model.Quantity) {
	sku, known := m.article(a, code)
	a.refuseIf(qty <= 0, model.Invalid)
	a.refuseIf(known && !qty.HasAtMost(sku.Decimals), model.Invalid)
}

func (m *Model) checkPack(a *answer, code, pack string) {
	if sku, known := m.skus[code]; known {
		_, has := sku.Size(pack)
		a.refuseIf(!has, model.Invalid)
	}
}

// place is a bin; one that is not there is refused.
func (s *site) place(a *answer, code string) *model.Bin {
	bin := s.bins[code]
	a.refuseIf(bin == nil, model.NotFound)
	return bin
}

// checkRow refuses a bin row that cannot be.
func (m *Model) checkRow(s *site, a *answer, at model.BinStockKey) bool {
	m.article(a, at.SKU)
	m.checkPack(a, at.SKU, at.Pack)
	return s.place(a, at.Bin) != nil
}

// live is a promise that may still be acted on, nil for none.
func (s *site) live(a *answer, line model.LineKey, hint string) *promise {
	p := s.promises[line]
	if a.refuseIf(p == nil, model.NotFound) {
		return nil
	}
	a.refuseIf(wrongHint(hint, p), model.Invalid)
	if a.refuseIf(p.ended(), model.InvalidState) {
		return nil
	}
	return p
}

func (p *promise) ended() bool { return p.state != model.ReservationOpen || p.overdue }

func wrongHint(hint string, p *promise) bool {
	return hint != "" && p.item.SKU != "" && hint != p.item.SKU
}

// unlessOwn is nil for a line's own key: naming it is the same as leaving it out.
func unlessOwn(line *model.LineKey, own model.LineKey) *model.LineKey {
	if line != nil && *line == own {
		return nil
	}
	return line
}
