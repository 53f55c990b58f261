package wmsync

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

func (b booking) key() bookKey {
	return bookKey{b.at.Zone, b.at.Owner, b.at.SKU, b.at.Batch, b.at.Pack}
}

// summing sums both sides up.
type summing struct {
	laid
	warehouse string
	sizes     map[string]model.SKU
	// told and booked are, in order, what each row may have been told, or told, meanwhile.
	told, booked map[bookKey][]model.Quantity
}

// refine learns from a row of the system's what it tells apart: what some row names. That a row
// names no batch says nothing, written out or not.
func (s *summing) refine(it *item) {
	var said stockData
	_ = json.Unmarshal(it.Data, &said) // it was read before
	s.grain.zone = s.grain.zone || said.Zone != ""
	s.grain.batch = s.grain.batch || said.Batch != nil && *said.Batch != ""
	s.grain.pack = s.grain.pack || said.Pack != ""
}

// at is a row's key at the system's grain.
func (s *summing) at(key bookKey) bookKey {
	if !s.grain.zone {
		key.zone = ""
	}
	if !s.grain.batch {
		key.batch = ""
	}
	if !s.grain.pack {
		key.pack = ""
	}
	return key
}

func (s *summing) row(key bookKey) *bookRow {
	key = s.at(key)
	row, known := s.rows[key]
	if !known {
		row = &bookRow{key: key}
		s.rows[key] = row
	}
	return row
}

// amount is a quantity in packs of key, in base units where the system does not tell packs apart.
func (s *summing) amount(key bookKey, qty model.Quantity) model.Quantity {
	if s.grain.pack || key.pack == "" {
		return qty
	}
	if size, known := s.sizes[key.sku].Size(key.pack); known {
		qty, _ = size.Base(qty)
	}
	return qty
}

// readSizes reads the articles whose packs have to be turned into base units.
func (s *summing) readSizes(ctx context.Context, p *puller, before, after cut,
	theirs snapshot, booked []booking) error {
	packed := map[string]bool{}
	note := func(key bookKey) {
		if key.pack != "" {
			packed[key.sku] = true
		}
	}
	for _, row := range before.stock {
		note(row.key)
	}
	for _, movement := range slices.Concat(before.untold, before.dead, after.untold) {
		if movement.Pack != "" {
			packed[mapped(p.SKUs, movement.SKU)] = true
		}
	}
	for _, is := range slices.Concat(booked, before.unapplied) {
		note(is.key())
	}
	for _, it := range theirs.items {
		note(it.data.(booking).key())
	}
	s.sizes = map[string]model.SKU{}
	for codes := range slices.Chunk(slices.Sorted(maps.Keys(packed)), commitItems) {
		page, err := p.catalog.SKUs(ctx, master.SKUFilter{Codes: codes}, "", len(codes))
		if err != nil {
			return err
		}
		for _, sku := range page.Rows {
			s.sizes[sku.Code] = sku
		}
	}
	return nil
}

// addOurs adds what is here, and what of it explains that theirs is otherwise.
func (s *summing) addOurs(remote *remote, before cut) {
	for _, row := range before.stock {
		s.row(row.key).ours += s.amount(row.key, row.qty)
	}
	for _, movement := range slices.Concat(before.untold, before.dead) {
		for key, qty := range s.effects(remote, movement) {
			s.row(key).untold += qty
		}
	}
	for _, is := range before.unapplied {
		s.row(is.key()).unapplied += s.amount(is.key(), is.qty)
	}
}

// tell adds what a movement does to the rows that it touches, should the system have been told.
func (s *summing) tell(remote *remote, movement Movement) {
	for key, qty := range s.effects(remote, movement) {
		s.row(key)
		s.told[s.at(key)] = append(s.told[s.at(key)], qty)
	}
}

// effects are what a movement changes, in our words and at the system's grain: nothing where goods
// stay in a row of it.
func (s *summing) effects(remote *remote, movement Movement) map[bookKey]model.Quantity {
	in := remote.inward()
	is := bookKey{owner: mapped(in.owners, movement.Owner), sku: mapped(in.skus, movement.SKU),
		batch: movement.Batch, pack: mapped(in.packs, movement.Pack)}
	qty, _ := model.ParseQuantity(movement.Qty)
	effects := map[bookKey]model.Quantity{}
	add := func(place *Place, sign model.Quantity) {
		if place != nil {
			key := is
			key.zone = mapped(in.zones, place.Zone)
			effects[s.at(key)] += sign * s.amount(key, qty)
		}
	}
	add(movement.From, -1)
	add(movement.To, 1)
	maps.DeleteFunc(effects, func(_ bookKey, qty model.Quantity) bool { return qty == 0 })
	return effects
}

// stateOf says how a row stands: "" where both sides say the same and nothing is under way, TIMING
// where what is under way explains what they say, else OPEN.
func (s *summing) stateOf(key bookKey, row *bookRow) flow.DifferenceState {
	sums := map[model.Quantity]bool{}
	booked := model.Quantity(0)
	for _, each := range append([]model.Quantity{0}, s.booked[key]...) {
		booked += each
		sums[booked] = true
	}
	told := model.Quantity(0)
	for _, each := range append([]model.Quantity{0}, s.told[key]...) {
		told += each
		if !sums[row.theirs-row.expected()-told] {
			continue
		}
		if row.theirs == row.ours {
			return ""
		}
		return flow.DifferenceTiming
	}
	return flow.DifferenceOpen
}
