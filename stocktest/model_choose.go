package stocktest

import (
	"cmp"
	"slices"

	"tierstock/model"
)

// modelStrategies are those that the model knows.
var modelStrategies = []string{"", "FEFO", "FIFO", "LIFO", "FULL_PACKS", "NEAREST", "FEWEST_BINS",
	"EMPTY_BIN"}

// anyPack says whether a reserve counts in base units and takes whatever packs there are.
func anyPack(line model.ReserveLine) bool {
	return line.Strategy == "FULL_PACKS" && line.Pack == ""
}

// candidate is a tier-2 row that a choice may take from.
type candidate struct {
	row      model.ZoneStockKey
	free     model.Quantity
	size     model.Fraction
	expires  model.Date
	since    model.Date
	priority int64
	born     int
}

// take is what is taken of a row; of one of its bins where the strategy looks at bins.
type take struct {
	row model.ZoneStockKey
	bin *model.BinStockKey
	qty model.Quantity
}

// choose picks rows for a demand under the constraints of a reserve, and bins where its strategy
// looks at them. Nothing comes from the bin row outside, where one is given.
func (m *Model) choose(s *site, asked model.ReserveLine, qty model.Quantity,
	outside *model.BinStockKey) (takes []take) {
	if looksAtBins[asked.Strategy] {
		return s.fromBins(asked.Strategy, m.candidates(s, asked, nil), qty, outside)
	}
	usable, rest := m.candidates(s, asked, outside), qty
	for _, candidate := range usable {
		taken := min(candidate.free, rest)
		worth := taken
		if anyPack(asked) {
			taken, worth = wholePacks(candidate, rest)
		}
		if taken > 0 {
			takes = append(takes, take{row: candidate.row, qty: taken})
		}
		rest -= worth
	}
	if anyPack(asked) && rest > 0 {
		if better := otherPacks(usable, qty, rest); better != nil {
			return better
		}
	}
	return takes
}

// wholePacks is the most that a row can give towards a demand in base units without splitting a
// pack, and what that is worth. The base pack may be split as far as the article's digits go.
func wholePacks(c candidate, demand model.Quantity) (packs, worth model.Quantity) {
	if c.row.Pack == "" {
		packs = min(c.free, demand)
		return packs, packs
	}
	for packs = c.free - c.free%model.One; packs > 0; packs -= model.One {
		if worth, exact := c.size.Base(packs); exact && worth <= demand {
			return packs, worth
		}
	}
	return 0, 0
}

func (m *Model) candidates(s *site, asked model.ReserveLine,
	outside *model.BinStockKey) (usable []candidate) {
	for key, row := range s.zoneRows {
		c := candidate{row: key, free: row.Available(), since: row.since, born: row.born,
			priority: s.zones[key.Zone].Priority}
		c.size, _ = m.skus[key.SKU].Size(key.Pack)
		if batch := s.batches[lot{key.Item(), key.Batch}]; batch != nil {
			c.expires = batch.ExpiresOn
		}
		if !m.mayTake(s, asked, key) {
			continue
		}
		if outside != nil {
			c.free = min(c.free, s.freeOutside(key, *outside))
		}
		if c.free > 0 {
			usable = append(usable, c)
		}
	}
	slices.SortFunc(usable, func(a, b candidate) int { return compare(asked.Strategy, a, b) })
	return usable
}

// mayTake says whether a reserve may take from a row at all, however much is free there.
func (m *Model) mayTake(s *site, asked model.ReserveLine, key model.ZoneStockKey) bool {
	if key.Item() != asked.Item || !s.zones[key.Zone].Allocatable ||
		len(asked.Zones) > 0 && !slices.Contains(asked.Zones, key.Zone) ||
		asked.Batch != nil && *asked.Batch != key.Batch ||
		!anyPack(asked) && asked.Pack != key.Pack {
		return false
	}
	batch := s.batches[lot{key.Item(), key.Batch}]
	if batch == nil {
		return true
	}
	if batch.Hold {
		return false
	}
	return batch.ExpiresOn == "" ||
		batch.ExpiresOn >= m.today.Plus(asked.MinRemainingDays)
}

// compare says which of two rows a strategy takes first; equals go by FEFO.
func compare(strategy string, a, b candidate) int {
	first := 0
	switch strategy {
	case "FIFO":
		first = cmp.Compare(a.since, b.since)
	case "LIFO":
		first = cmp.Compare(b.since, a.since)
	case "FULL_PACKS":
		first = cmp.Compare(b.size.Numerator*a.size.Denominator,
			a.size.Numerator*b.size.Denominator)
	}
	return cmp.Or(first, byExpiry(a, b), cmp.Compare(a.born, b.born))
}

// byExpiry is FEFO but for which of two equal rows is older.
func byExpiry(a, b candidate) int {
	return cmp.Or(cmp.Compare(noneLast(a.expires), noneLast(b.expires)),
		cmp.Compare(b.priority, a.priority), cmp.Compare(a.since, b.since))
}

func noneLast(date model.Date) model.Date { return cmp.Or(date, "~") }
