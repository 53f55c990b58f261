package sourcing

import (
	"cmp"
	"math/bits"
	"slices"

	"tierstock/model"
)

// Choose plans a demand: which candidate serves which lines. It looks at nothing but its arguments,
// and the order of the candidates does not matter.
//
// The best plan serves most; of those, splits fewest lines over warehouses; then uses the fewest
// warehouses; then has most of them in a preferred region, the highest priorities, the shortest
// way, the lowest codes. Among up to twelve candidates that may serve it is found by trying all
// sets of them, the smallest first; of more, twelve are chosen first that together promise most.
func Choose(demand Demand, candidates []Candidate) Choice {
	b, looks := newBoard(&demand, candidates)
	choice := Choice{Short: make([]model.Quantity, len(demand.Lines)), Exact: true}
	chosen, listed := plan{}, b.shortlist()
	if len(listed) > 0 {
		chosen, choice.Exact = b.search(listed)
		choice.Exact = choice.Exact && len(listed) == len(b.sites)
	}
	wanted := model.Quantity(0)
	for i, line := range demand.Lines {
		choice.Short[i] = line.Qty
		wanted = plus(wanted, line.Qty)
	}
	isShort := demand.Whole && chosen.score.served < wanted
	if isShort {
		chosen = plan{}
	}
	b.explain(&chosen, listed, isShort)
	choice.take(b, chosen.grants)
	for _, site := range b.sites {
		looks = append(looks, site.look)
	}
	slices.SortFunc(looks, func(one, other Look) int {
		return cmp.Or(cmp.Compare(rank(one.Reason != ""), rank(other.Reason != "")),
			better(&one, &other))
	})
	choice.Looks = looks
	return choice
}

// take makes the parts of what is granted.
func (c *Choice) take(b *board, grants []grant) {
	for i, site := range b.sites {
		part := Part{Warehouse: site.candidate.Warehouse}
		for _, grant := range grants {
			if grant.site == i {
				part.Lines = append(part.Lines, PartLine{grant.line, grant.qty})
				c.Short[grant.line] -= grant.qty
			}
		}
		slices.SortFunc(part.Lines, func(one, other PartLine) int {
			return cmp.Compare(one.Line, other.Line)
		})
		if len(part.Lines) > 0 {
			c.Parts = append(c.Parts, part)
		}
	}
}

// plan is a set of sites and what they serve.
type plan struct {
	set    []int
	grants []grant
	score  score
}

// search tries all sets of the sites listed, the smallest first, and says whether it could try all
// that might be better.
func (b *board) search(listed []int) (best plan, exact bool) {
	steps := stepsMax
	top := b.bound(listed)
	for size := 1; size <= len(listed); size++ {
		for mask := 1; mask < 1<<len(listed); mask++ {
			if bits.OnesCount(uint(mask)) != size {
				continue
			}
			set := pickOf(listed, mask)
			if !b.maySplit(set) {
				continue
			}
			bound := b.bound(set)
			// A larger set must be better; one of the same size may be preferred.
			if by := bound.compare(best.score); by > 0 || by == 0 && !b.preferred(set, &best) {
				continue
			}
			grants, score := b.assign(set, bound, &steps)
			if by := score.compare(best.score); by < 0 || by == 0 && b.preferred(set, &best) {
				best = plan{set, grants, score}
			}
		}
		if best.score == top {
			break
		}
	}
	return best, steps > 0
}

// maySplit says whether the order may be served by so many warehouses.
func (b *board) maySplit(set []int) bool {
	most := b.demand.MaxSplits
	if most == nil {
		return true
	}
	fresh := 0
	for _, i := range set {
		fresh += rank(!b.sites[i].look.Serving)
	}
	return fresh == 0 || len(b.demand.Serving)+fresh <= *most+1
}

func pickOf(listed []int, mask int) []int {
	set := make([]int, 0, bits.OnesCount(uint(mask)))
	for i, site := range listed {
		if mask&(1<<i) != 0 {
			set = append(set, site)
		}
	}
	return set
}

// preferred says whether a set is preferred to that of a plan which is as good otherwise.
func (b *board) preferred(set []int, over *plan) bool {
	return cmp.Or(cmp.Compare(len(set), len(over.set)), b.compareSets(set, over.set)) < 0
}

func (b *board) compareSets(set, other []int) int {
	serving, regions, priorities, metres := b.sum(set)
	otherServing, otherRegions, otherPriorities, otherMetres := b.sum(other)
	return cmp.Or(
		cmp.Compare(otherServing, serving),
		cmp.Compare(otherRegions, regions),
		cmp.Compare(otherPriorities, priorities),
		cmp.Compare(metres, otherMetres),
		slices.Compare(set, other)) // sites are in order of preference, and last by code
}

func (b *board) sum(set []int) (serving, regions int, priorities, metres int64) {
	for _, i := range set {
		look := &b.sites[i].look
		serving += rank(look.Serving)
		regions += rank(look.RegionMatches)
		priorities += look.Priority
		metres += look.Metres
	}
	return serving, regions, priorities, metres
}

// shortlist are the sites that are searched: all, or of too many those that in turn serve most of
// the lines that no earlier one serves whole, then most of what is left, then the preferred.
func (b *board) shortlist() []int {
	var listed []int
	if len(b.sites) <= exactMax {
		for i := range b.sites {
			listed = append(listed, i)
		}
		return listed
	}
	whole := make([]bool, len(b.demand.Lines))
	need := make([]model.Quantity, len(b.groups))
	for i, group := range b.groups {
		for _, line := range group {
			need[i] = plus(need[i], b.demand.Lines[line].Qty)
		}
	}
	for len(listed) < exactMax {
		best, bestLines, bestQty := -1, -1, model.Quantity(-1)
		for i, site := range b.sites {
			lines, qty := site.adds(whole, need)
			if !slices.Contains(listed, i) &&
				(lines > bestLines || lines == bestLines && qty > bestQty) {
				best, bestLines, bestQty = i, lines, qty
			}
		}
		listed = append(listed, best)
		for group, qty := range b.sites[best].pools {
			need[group] -= min(need[group], qty)
		}
		for line, isWhole := range b.sites[best].whole {
			whole[line] = whole[line] || isWhole
		}
	}
	slices.Sort(listed)
	return listed
}

// adds is how many lines more a site serves whole, within its room, and how much of what is needed.
func (s *site) adds(whole []bool, need []model.Quantity) (lines int, sum model.Quantity) {
	for line, isWhole := range s.whole {
		lines += rank(isWhole && !whole[line])
	}
	for group, qty := range s.pools {
		sum = plus(sum, min(need[group], qty))
	}
	return min(lines, s.room()), sum
}

// explain says of every site that serves no part why not.
func (b *board) explain(chosen *plan, listed []int, isShort bool) {
	used := map[int]bool{}
	for _, grant := range chosen.grants {
		used[grant.site] = true
	}
	for i, site := range b.sites {
		switch {
		case used[i]:
		case !slices.Contains(listed, i):
			site.look.Reason = NotShortlisted
		case isShort:
			site.look.Reason = NotWhole
		default:
			site.look.Reason = b.whyNot(i, used, chosen.grants)
		}
	}
}

// whyNot compares a site with the least preferred one whose part it could have served.
func (b *board) whyNot(i int, used map[int]bool, grants []grant) Reason {
	site := b.sites[i]
	for instead, replaced := range slices.Backward(b.sites) {
		if !used[instead] || !site.couldServe(instead, grants) {
			continue
		}
		look, other := &site.look, &replaced.look
		switch {
		case other.RegionMatches && !look.RegionMatches:
			return OtherRegion
		case other.RegionMatches == look.RegionMatches && other.Priority > look.Priority:
			return LowerPriority
		case other.RegionMatches == look.RegionMatches && other.Priority == look.Priority &&
			other.Metres < look.Metres:
			return Farther
		}
		return NotNeeded
	}
	return LessStock
}

// couldServe says whether a site could serve all that another one does.
func (s *site) couldServe(instead int, grants []grant) bool {
	lines := 0
	for _, grant := range grants {
		if grant.site == instead {
			lines++
			if s.gives[grant.line] < grant.qty {
				return false
			}
		}
	}
	return lines <= s.room()
}

// Spend takes what a plan uses from the candidates, so that the next demand sees what it leaves.
func Spend(demand Demand, choice Choice, candidates []Candidate) {
	b := board{demand: &demand}
	b.order()
	for _, part := range choice.Parts {
		at := slices.IndexFunc(candidates, func(candidate Candidate) bool {
			return candidate.Warehouse == part.Warehouse
		})
		candidate := &candidates[at]
		candidate.LinesLeft -= int64(len(part.Lines))
		for _, turn := range b.turns {
			for _, line := range part.Lines {
				if line.Line == turn {
					candidate.spend(&demand.Lines[turn], line.Qty)
				}
			}
		}
	}
}

func (c *Candidate) spend(want *Want, qty model.Quantity) {
	for i := range c.Stock {
		if stock := &c.Stock[i]; want.suits(stock) {
			taken := min(qty, stock.Qty)
			stock.Qty -= taken
			qty -= taken
		}
	}
}
