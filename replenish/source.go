package replenish

import (
	"slices"

	"tierstock/flow"
	"tierstock/model"
)

// choice is a stock as a source for a target, unless it is none.
func (p *picture) choice(t *target, s *stock, size model.Fraction, isPacked bool) (
	choice flow.Choice, ok bool) {
	if !p.isSource(t, s) || isPacked && s.bin.Pack != t.Pack && s.bin.Pack != "" {
		return choice, false
	}
	available := min(s.bin.Available(), s.row.Available())
	if isPacked && s.bin.Pack == "" {
		available = wholePacks(size, available)
	}
	if available <= 0 {
		return choice, false
	}
	zone := p.zones[s.bin.Zone]
	return flow.Choice{Row: s.row, Bin: s.bin, PickSequence: s.place.PickSequence,
		BinRank: rankOf(s.place.Kind), ZonePriority: zone.Priority, ExpiresOn: s.batch.ExpiresOn,
		Size: s.size, Available: available, RowAvailable: s.row.Available()}, true
}

// rankOf: goods that are stored before those that have just come.
func rankOf(kind model.BinKind) int {
	if kind == model.StagingBin {
		return 1
	}
	return 0
}

// isSource says whether goods may be brought from there. A zone need not be allocatable for that:
// goods in reserve often are not promised where they lie. Where a level names no zones, they come
// from those that are nobody's target.
func (p *picture) isSource(t *target, s *stock) bool {
	switch {
	case s.bin.Zone == t.Zone, s.place.Kind.IsTote(), s.place.Blocked, p.unfit(s):
		return false
	case !p.poolAllows(t, s):
		return false
	case len(t.Sources) > 0:
		return slices.Contains(t.Sources, s.bin.Zone)
	}
	return !p.supplied[s.bin.Zone]
}

// poolAllows: what is kept for an activity goes only where that activity's stock is kept, and
// ordinary stock becomes an activity's only where a level says from which zones.
func (p *picture) poolAllows(t *target, s *stock) bool {
	pool, kept := s.batch.Pool, p.zones[t.Zone].Pool
	if pool == "" {
		pool = p.zones[s.bin.Zone].Pool
	}
	return pool == kept || pool == "" && len(t.Sources) > 0
}

// sizeOf is the pack that a level moves in. A pack that is gone by now is none.
func (p *picture) sizeOf(t *target) (size model.Fraction, isPacked bool) {
	return t.packSize, t.Pack != "" && t.packSize.Numerator > 0
}

// wholePacks is the most of qty base units that whole packs of that size make up exactly.
func wholePacks(size model.Fraction, qty model.Quantity) model.Quantity {
	packs, _ := size.Packs(max(0, qty))
	base, _ := size.Base(packs - packs%(model.One*model.Quantity(size.Denominator)))
	return base
}
