package stocktest

import (
	"cmp"
	"maps"
	"slices"

	"tierstock/model"
)

// looksAtBins are the strategies that choose among what lies in each bin.
var looksAtBins = map[string]bool{"NEAREST": true, "FEWEST_BINS": true, "EMPTY_BIN": true}

// inBin is what of a row lies free in one bin. place is its place on the way through the bins.
type inBin struct {
	candidate
	bin   model.BinStockKey
	has   model.Quantity
	place int
}

// wayThrough are all bins: storage before staging and totes, then by pick sequence and code.
func (s *site) wayThrough() []string {
	rank := map[model.BinKind]int{model.StagingBin: 1, model.ToteBin: 2, model.ToteCell: 2}
	var codes []string
	for code := range s.bins {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		one, other := s.bins[a], s.bins[b]
		return cmp.Or(cmp.Compare(rank[one.Kind], rank[other.Kind]),
			cmp.Compare(one.PickSequence, other.PickSequence), cmp.Compare(a, b))
	})
	return codes
}

// fromBins takes qty from the bins of rows, in the order of a strategy, and no more of a row than
// it has free.
func (s *site) fromBins(strategy string, rows []candidate, qty model.Quantity,
	outside *model.BinStockKey) (takes []take) {
	way := s.wayThrough()
	var bins []inBin
	rowHas := map[model.ZoneStockKey]model.Quantity{}
	for _, row := range rows {
		rowHas[row.row] = row.free
		for _, bin := range s.freeBins(row.row) {
			if outside == nil || bin != *outside {
				bins = append(bins, inBin{row, bin, s.binHas(bin).Available(),
					slices.Index(way, bin.Bin)})
			}
		}
	}
	slices.SortFunc(bins, func(a, b inBin) int { return compareBins(strategy, a, b) })
	taken := make([]model.Quantity, len(bins))
	for qty > 0 {
		at := nextBin(strategy, bins, taken, rowHas, qty)
		if at < 0 {
			break
		}
		taken[at] = min(bins[at].has, rowHas[bins[at].row], qty)
		rowHas[bins[at].row] -= taken[at]
		qty -= taken[at]
	}
	for i, some := range taken {
		if some > 0 {
			takes = append(takes, take{bins[i].row, &bins[i].bin, some})
		}
	}
	return takes
}

// nextBin is the place of the bin to take from next, -1 for none. For FEWEST_BINS it is the first
// that serves all that is left or, where none does, the one with the most.
func nextBin(strategy string, bins []inBin, taken []model.Quantity,
	rowHas map[model.ZoneStockKey]model.Quantity, qty model.Quantity) int {
	best, most := -1, model.Quantity(0)
	for i, bin := range bins {
		gives := min(bin.has, rowHas[bin.row])
		if taken[i] > 0 || gives == 0 {
			continue
		}
		if strategy != "FEWEST_BINS" || gives >= qty {
			return i
		}
		if gives > most {
			best, most = i, gives
		}
	}
	return best
}

func compareBins(strategy string, a, b inBin) int {
	first := 0
	switch strategy {
	case "NEAREST":
		first = cmp.Compare(a.place, b.place)
	case "EMPTY_BIN":
		first = cmp.Compare(a.has, b.has)
	}
	return cmp.Or(first, byExpiry(a.candidate, b.candidate), cmp.Compare(a.place, b.place),
		cmp.Compare(a.born, b.born))
}

// spread says from which bins of a row qty comes.
func (s *site) spread(strategy string, row model.ZoneStockKey, qty model.Quantity,
	outside *model.BinStockKey) []take {
	if !looksAtBins[strategy] {
		strategy = "NEAREST"
	}
	return s.fromBins(strategy, []candidate{{row: row, free: qty}}, qty, outside)
}

// whereTaken says from which bins something comes that was taken for a promise outside a bin.
func (s *site) whereTaken(p *promise, of take, outside model.BinStockKey) []take {
	if of.bin != nil {
		return []take{of}
	}
	return s.spread(p.asked.Strategy, of.row, of.qty, &outside)
}

// freeOutside is what lies free in the bins of a row but that one.
func (s *site) freeOutside(row model.ZoneStockKey, outside model.BinStockKey,
) (free model.Quantity) {
	for _, bin := range s.freeBins(row) {
		if bin != outside {
			free += s.binHas(bin).Available()
		}
	}
	return free
}

// otherPacks looks for whole packs that leave less of a demand than left, by trying all there are:
// as many of the largest as can be and, of those smaller than the unit, as few. nil where there are
// none.
func otherPacks(usable []candidate, qty, left model.Quantity) (better []take) {
	var packs []candidate // what there is of each, as one
	steps := map[string]model.Quantity{}
	base := model.Quantity(0)
	for _, c := range usable {
		if c.row.Pack == "" {
			base += c.free
			continue
		}
		at := slices.IndexFunc(packs, func(of candidate) bool { return of.row.Pack == c.row.Pack })
		if at < 0 {
			at, packs = len(packs), append(packs, candidate{row: c.row, size: c.size})
			for steps[c.row.Pack] = model.One; !isExact(c.size, steps[c.row.Pack]); {
				steps[c.row.Pack] += model.One
			}
		}
		packs[at].free += c.free - c.free%steps[c.row.Pack]
	}
	var try func(i int, rest model.Quantity, taken map[string]model.Quantity)
	try = func(i int, rest model.Quantity, taken map[string]model.Quantity) {
		if left == 0 || rest < 0 {
			return
		}
		if i == len(packs) {
			if leaves := rest - min(rest, base); leaves < left {
				left, better = leaves, dealt(usable, steps, taken, min(rest, base))
			}
			return
		}
		pack, step := packs[i], steps[packs[i].row.Pack]
		for n := model.Quantity(0); n <= pack.free; n += step {
			some := n
			if pack.size.Numerator > pack.size.Denominator {
				some = pack.free - n
			}
			worth, _ := pack.size.Base(some)
			taken[pack.row.Pack] = some
			try(i+1, rest-worth, taken)
		}
	}
	try(0, qty, map[string]model.Quantity{})
	return better
}

func isExact(size model.Fraction, packs model.Quantity) bool {
	_, exact := size.Base(packs)
	return exact
}

// dealt takes so much of each pack, and of the base pack, from rows in their order.
func dealt(usable []candidate, steps, packs map[string]model.Quantity, base model.Quantity,
) (takes []take) {
	rest := map[string]model.Quantity{"": base}
	maps.Copy(rest, packs)
	for _, c := range usable {
		qty := c.free
		if c.row.Pack != "" {
			qty -= qty % steps[c.row.Pack]
		}
		if qty = min(qty, rest[c.row.Pack]); qty > 0 {
			rest[c.row.Pack] -= qty
			takes = append(takes, take{row: c.row, qty: qty})
		}
	}
	return takes
}
