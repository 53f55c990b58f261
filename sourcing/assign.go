package sourcing

import (
	"cmp"
	"math/bits"
	"slices"

	"tierstock/model"
)

// score is how good an assignment is: what it serves, then how seldom it splits a line.
type score struct {
	served model.Quantity
	splits int
}

// compare is negative where s is the better score.
func (s score) compare(other score) int {
	return cmp.Or(cmp.Compare(other.served, s.served), cmp.Compare(s.splits, other.splits))
}

// grant is what one site serves of one line.
type grant struct {
	line, site int
	qty        model.Quantity
}

// bound is a score that no assignment to a set of sites can beat: no line gets more than there is
// for it, no group more than lies there, and no site serves more lines than it has room for.
func (b *board) bound(set []int) (best score) {
	all := model.Quantity(0)
	for g, group := range b.groups {
		wanted, pooled := model.Quantity(0), model.Quantity(0)
		for _, line := range group {
			most, splits := b.boundOf(line, set)
			wanted = plus(wanted, most)
			best.splits += splits
		}
		for _, site := range set {
			pooled = plus(pooled, b.sites[site].pools[g])
		}
		all = plus(all, wanted)
		best.served = plus(best.served, min(wanted, pooled))
	}
	roomy := model.Quantity(0)
	for _, site := range set {
		for _, qty := range b.sites[site].most[:b.sites[site].room()] {
			roomy = plus(roomy, qty)
		}
	}
	if best.served = min(best.served, roomy); best.served < all {
		best.splits = 0 // who gets less may have one part only
	}
	return best
}

// boundOf is the most that a line can get, and how often it must be split for that.
func (b *board) boundOf(line int, set []int) (most model.Quantity, splits int) {
	var gives [exactMax]model.Quantity
	for i, site := range set {
		gives[i] = b.sites[site].gives[line]
		most = plus(most, gives[i])
	}
	most = min(most, b.demand.Lines[line].Qty)
	slices.SortFunc(gives[:len(set)], func(one, other model.Quantity) int {
		return cmp.Compare(other, one)
	})
	for sum := gives[0]; sum < most; splits++ {
		sum = plus(sum, gives[splits+1])
	}
	return most, splits
}

// search finds who serves which line, among the sites of one set.
type search struct {
	board *board
	set   []int
	// left is what is left of the stock of each site of the set, and room for how many lines.
	left [][]model.Quantity
	room []int
	// rest bounds what the lines from each turn on can get yet.
	rest []score

	grants []grant
	score  score
	best   []grant
	bound  score
	top    score
	// steps are what the search may still do; it is shared by all sets of one demand.
	steps *int
}

// assign finds the best assignment to a set of sites that beats a score; best is nil where there is
// none, or where the search ended before it found one.
func (b *board) assign(set []int, bound score, steps *int) (best []grant, top score) {
	s := &search{board: b, set: set, bound: bound, steps: steps}
	for _, site := range set {
		stock := b.sites[site].candidate.Stock
		left := make([]model.Quantity, len(stock))
		for i := range stock {
			left[i] = stock[i].Qty
		}
		s.left = append(s.left, left)
		s.room = append(s.room, b.sites[site].room())
	}
	s.rest = make([]score, len(b.turns)+1)
	for turn := len(b.turns) - 1; turn >= 0; turn-- {
		most, splits := b.boundOf(b.turns[turn], set)
		s.rest[turn] = score{plus(s.rest[turn+1].served, most), s.rest[turn+1].splits + splits}
	}
	s.greedy()
	if s.top != bound {
		s.from(0)
	}
	return s.best, s.top
}

// greedy serves each line whole from the first site that can, else from those that have most.
func (s *search) greedy() {
	var undo []func()
	for _, line := range s.board.turns {
		if places := s.wholly(line); len(places) > 0 {
			undo = append(undo, s.serve(line, places[:1]))
			continue
		}
		undo = append(undo, s.serve(line, s.largestFirst(line, 1<<len(s.set)-1)))
	}
	s.keep()
	for _, undo := range slices.Backward(undo) {
		undo()
	}
}

func (s *search) keep() {
	s.best, s.top = slices.Clone(s.grants), s.score
}

// from tries what the lines from a turn on may do.
func (s *search) from(turn int) {
	if turn == len(s.board.turns) {
		if s.score.compare(s.top) < 0 {
			s.keep()
		}
		return
	}
	hope := score{plus(s.score.served, s.rest[turn].served), s.score.splits + s.rest[turn].splits}
	if hope.compare(s.top) >= 0 || s.top == s.bound || *s.steps <= 0 {
		return
	}
	line := s.board.turns[turn]
	for _, place := range s.wholly(line) {
		s.try(turn, []int{place})
	}
	for count := 1; count <= len(s.set); count++ {
		for mask := 1; mask < 1<<len(s.set) && *s.steps > 0; mask++ {
			if bits.OnesCount(uint(mask)) != count {
				continue
			}
			*s.steps--
			places := s.largestFirst(line, mask)
			isWhole := count == 1 && len(places) == 1 &&
				s.gives(line, places[0]) == s.board.demand.Lines[line].Qty
			if len(places) == count && !isWhole {
				s.try(turn, places)
			}
		}
	}
	s.try(turn, nil)
}

func (s *search) try(turn int, places []int) {
	*s.steps--
	undo := s.serve(s.board.turns[turn], places)
	s.from(turn + 1)
	undo()
}

// gives is what a place of the set can give to a line now.
func (s *search) gives(line, place int) (sum model.Quantity) {
	if s.room[place] == 0 {
		return 0
	}
	for _, row := range s.board.sites[s.set[place]].rows[line] {
		sum = plus(sum, s.left[place][row])
	}
	return min(sum, s.board.demand.Lines[line].Qty)
}

// wholly are the places that can give all of a line, in order of preference.
func (s *search) wholly(line int) (places []int) {
	for place := range s.set {
		if s.gives(line, place) == s.board.demand.Lines[line].Qty {
			places = append(places, place)
		}
	}
	return places
}

// largestFirst are the places of a mask that can give something, those that give most first.
func (s *search) largestFirst(line, mask int) (places []int) {
	gives := make([]model.Quantity, len(s.set))
	for place := range s.set {
		if mask&(1<<place) == 0 {
			continue
		}
		if gives[place] = s.gives(line, place); gives[place] > 0 {
			places = append(places, place)
		}
	}
	slices.SortStableFunc(places, func(one, other int) int {
		return cmp.Compare(gives[other], gives[one])
	})
	return places
}

// serve takes a line from places, one after the other until it is served, and gives back how to
// undo that.
func (s *search) serve(line int, places []int) (undo func()) {
	before, grants := s.score, len(s.grants)
	type taken struct {
		place, row int
		qty        model.Quantity
	}
	var takes []taken
	need := s.board.demand.Lines[line].Qty
	for _, place := range places {
		given := model.Quantity(0)
		for _, row := range s.board.sites[s.set[place]].rows[line] {
			qty := min(need-given, s.left[place][row])
			if qty > 0 {
				s.left[place][row] -= qty
				given += qty
				takes = append(takes, taken{place, row, qty})
			}
		}
		if given > 0 {
			need -= given
			s.room[place]--
			s.grants = append(s.grants, grant{line, s.set[place], given})
			s.score.served = plus(s.score.served, given)
		}
	}
	s.score.splits += max(0, len(s.grants)-grants-1)
	return func() {
		for _, take := range takes {
			s.left[take.place][take.row] += take.qty
		}
		for _, grant := range s.grants[grants:] {
			s.room[slices.Index(s.set, grant.site)]++
		}
		s.grants, s.score = s.grants[:grants], before
	}
}
