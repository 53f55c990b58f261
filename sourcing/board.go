package sourcing

import (
	"cmp"
	"math"
	"slices"

	"tierstock/model"
)

// unknown is the distance where a place is missing: farther than any on the globe.
const unknown = 30_000_000

// board is one demand against its candidates, in order of preference.
type board struct {
	demand *Demand
	sites  []*site
	// turns are the lines' numbers in the order in which they are served: those that fewer stock
	// suits go first, so that others do not take it.
	turns []int
	// groups are the lines of one item and pack: they may want the same stock.
	groups [][]int
}

// site is a candidate that may serve the demand.
type site struct {
	candidate *Candidate
	look      Look
	// rows are the places in the candidate's stock of what suits each line.
	rows [][]int
	// gives is what it could serve of each line, were it the only one, and pools what it has for
	// each group.
	gives, pools []model.Quantity
	whole        []bool
	// most are gives, largest first: with room for k lines it serves no more than the first k.
	most []model.Quantity
}

func newBoard(demand *Demand, candidates []Candidate) (*board, []Look) {
	b := &board{demand: demand}
	b.order()
	var looks []Look
	for i := range candidates {
		site := b.site(&candidates[i])
		if site.look.Reason != "" {
			looks = append(looks, site.look)
			continue
		}
		b.sites = append(b.sites, site)
	}
	slices.SortFunc(b.sites, func(one, other *site) int { return better(&one.look, &other.look) })
	return b, looks
}

// better orders warehouses: those that serve the order already, then preferred regions, then higher
// priority, then nearer, then by code.
func better(one, other *Look) int {
	return cmp.Or(
		cmp.Compare(rank(other.Serving), rank(one.Serving)),
		cmp.Compare(rank(other.RegionMatches), rank(one.RegionMatches)),
		cmp.Compare(other.Priority, one.Priority),
		cmp.Compare(one.Metres, other.Metres),
		cmp.Compare(one.Warehouse, other.Warehouse))
}

func rank(flag bool) int {
	if flag {
		return 1
	}
	return 0
}

func (b *board) order() {
	lines := b.demand.Lines
	type kind struct {
		item model.Item
		pack string
	}
	groups := map[kind]int{}
	for i := range lines {
		b.turns = append(b.turns, i)
		kind := kind{lines[i].Item, lines[i].Pack}
		group, known := groups[kind]
		if !known {
			group = len(b.groups)
			groups[kind] = group
			b.groups = append(b.groups, nil)
		}
		b.groups[group] = append(b.groups[group], i)
	}
	slices.SortStableFunc(b.turns, func(one, other int) int {
		return cmp.Or(
			cmp.Compare(rank(lines[other].Batch != nil), rank(lines[one].Batch != nil)),
			cmp.Compare(lines[other].MinRemainingDays, lines[one].MinRemainingDays))
	})
}

// site looks at a candidate; where it cannot serve, its look says why.
func (b *board) site(candidate *Candidate) *site {
	options := &b.demand.Options
	s := &site{candidate: candidate, look: Look{Warehouse: candidate.Warehouse,
		Serving:       slices.Contains(b.demand.Serving, candidate.Warehouse),
		RegionMatches: slices.Contains(options.Regions, candidate.Region),
		Priority:      candidate.Priority, Metres: metres(candidate.At, options.Destination),
		Limited: candidate.Limited, LinesLeft: candidate.LinesLeft}}
	if !options.allows(candidate.Warehouse) {
		s.look.Reason = NotAllowed
		return s
	}
	tried := b.fill(s)
	switch {
	case s.look.Qty == 0 && tried:
		s.look.Reason = Tried
	case candidate.Limited && candidate.LinesLeft <= 0:
		s.look.Reason = NoCapacity
	case s.look.Qty == 0:
		s.look.Reason = NoStock
	}
	return s
}

func (o *Options) allows(warehouse string) bool {
	return (len(o.Allowed) == 0 || slices.Contains(o.Allowed, warehouse)) &&
		!slices.Contains(o.Excluded, warehouse)
}

// fill finds what a candidate could give to each line, and says whether a line was tried there.
func (b *board) fill(s *site) (tried bool) {
	lines := b.demand.Lines
	s.rows = make([][]int, len(lines))
	s.gives, s.whole = make([]model.Quantity, len(lines)), make([]bool, len(lines))
	for i := range lines {
		want := &lines[i]
		if want.Not[s.candidate.Warehouse] {
			tried = true
			continue
		}
		for r := range s.candidate.Stock {
			stock := &s.candidate.Stock[r]
			if stock.Qty > 0 && want.suits(stock) {
				s.rows[i] = append(s.rows[i], r)
				s.gives[i] = plus(s.gives[i], stock.Qty)
			}
		}
		s.gives[i] = min(s.gives[i], want.Qty)
		s.look.Qty = plus(s.look.Qty, s.gives[i])
		if s.whole[i] = s.gives[i] == want.Qty; s.whole[i] {
			s.look.Lines++
		}
	}
	for _, group := range b.groups {
		s.pools = append(s.pools, s.pool(group))
	}
	s.most = slices.SortedFunc(slices.Values(s.gives),
		func(one, other model.Quantity) int { return cmp.Compare(other, one) })
	return tried
}

// pool is what a candidate has for all lines of a group together.
func (s *site) pool(group []int) (sum model.Quantity) {
	if len(group) == 1 {
		return s.gives[group[0]]
	}
	seen := map[int]bool{}
	for _, line := range group {
		for _, row := range s.rows[line] {
			if !seen[row] {
				seen[row] = true
				sum = plus(sum, s.candidate.Stock[row].Qty)
			}
		}
	}
	return sum
}

// room is how many lines it may serve.
func (s *site) room() int {
	if !s.candidate.Limited {
		return len(s.gives)
	}
	return int(max(0, min(s.candidate.LinesLeft, int64(len(s.gives)))))
}

// earthRadius in metres; the mean one, good to half a per cent.
const earthRadius = 6_371_008.8

// metres is the way over the globe, unknown where a place is missing.
func metres(one, other *Place) int64 {
	if one == nil || other == nil {
		return unknown
	}
	radians := func(degrees model.Quantity) float64 {
		return float64(degrees) / float64(model.One) * math.Pi / 180
	}
	north, south := radians(one.Latitude), radians(other.Latitude)
	half := func(angle float64) float64 { return math.Pow(math.Sin(angle/2), 2) }
	part := half(north-south) + math.Cos(north)*math.Cos(south)*
		half(radians(one.Longitude)-radians(other.Longitude))
	return int64(math.Round(2 * earthRadius * math.Asin(math.Sqrt(min(1, part)))))
}
