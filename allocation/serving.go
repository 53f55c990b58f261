package allocation

import (
	"container/heap"

	"tierstock/flow"
	"tierstock/model"
)

// Why a rule of a demand's own passes over a candidate, beside the engine's reasons.
const (
	// skipKept: the zone must keep what it has.
	skipKept = "KEPT"
	// skipTooFew: the zone gives no so small a quantity.
	skipTooFew = "TOO_FEW"
)

// serving is a demand that is being served.
type serving struct {
	demand flow.Demand
	rest   model.Quantity
	// spare is what a zone that must keep something can give, in base units.
	spare map[string]model.Quantity
	// left is what the rows of bins still have available, in the row's packs. A row may have
	// promised more of what its bins hold than lies in any one of them.
	left map[*flow.StockRow]model.Quantity
}

func newServing(demand flow.Demand, choices []flow.Choice) *serving {
	s := &serving{demand: demand, rest: demand.Qty}
	for i := range choices {
		choice := &choices[i]
		if choice.Bin != nil && choice.Skipped == "" {
			if s.left == nil {
				s.left = map[*flow.StockRow]model.Quantity{}
			}
			s.left[choice.Row] = choice.RowAvailable
		}
	}
	if rule := demand.Asked.Rule; rule != nil && len(rule.Keep) > 0 {
		s.keep(rule.Keep, choices)
	}
	return s
}

// keep finds what each zone that must keep something can spare.
func (s *serving) keep(least map[string]model.Quantity, choices []flow.Choice) {
	s.spare = map[string]model.Quantity{}
	seen := map[*flow.StockRow]bool{}
	for i := range choices {
		choice := &choices[i]
		_, keeps := least[choice.Row.Zone]
		if !keeps || seen[choice.Row] {
			continue
		}
		seen[choice.Row] = true
		base, _ := choice.Size.Base(choice.RowAvailable)
		s.spare[choice.Row.Zone] += base
	}
	for zone, qty := range least {
		s.spare[zone] = max(0, s.spare[zone]-qty)
	}
}

// take takes what a candidate can give towards the rest.
func (s *serving) take(choice *flow.Choice) {
	if qty := s.most(choice); qty > 0 {
		s.set(choice, qty)
	}
}

// set changes what is taken of a candidate.
func (s *serving) set(choice *flow.Choice, qty model.Quantity) {
	was := *choice
	choice.Taken = qty
	anyPack := s.demand.Asked.AnyPack
	s.rest -= worth(*choice, anyPack) - worth(was, anyPack)
	if choice.Bin != nil && s.left != nil {
		s.left[choice.Row] -= qty - was.Taken
	}
	if spare, keeps := s.spare[choice.Row.Zone]; keeps {
		s.spare[choice.Row.Zone] = spare - baseUp(choice.Size, qty) + baseUp(choice.Size, was.Taken)
	}
}

// baseUp is qty packs in base units, rounded up: what a zone keeps is never less than it must.
func baseUp(size model.Fraction, qty model.Quantity) model.Quantity {
	base, exact := size.Base(qty)
	if !exact {
		base++
	}
	return base
}

// most is what a candidate can give now; where a rule stands against that, it says so.
func (s *serving) most(choice *flow.Choice) model.Quantity {
	if choice.Skipped != "" || s.rest <= 0 {
		return 0
	}
	available := choice.Available
	if choice.Bin != nil {
		available = min(available, s.left[choice.Row])
	}
	if spare, keeps := s.spare[choice.Row.Zone]; keeps {
		packs, _ := choice.Size.Packs(max(0, spare))
		if available = min(available, packs); available == 0 {
			choice.Skipped = skipKept
			return 0
		}
	}
	qty := takeOf(choice, available, s.rest, s.demand.Asked.AnyPack)
	if rule := s.demand.Asked.Rule; rule != nil && qty > 0 {
		base, _ := choice.Size.Base(qty)
		if least := rule.AtLeast[choice.Row.Zone]; base < least {
			choice.Skipped = skipTooFew
			return 0
		}
	}
	return qty
}

// takeOf is what a candidate gives towards rest: with any pack allowed, whole packs only.
func takeOf(choice *flow.Choice, available, rest model.Quantity, anyPack bool) model.Quantity {
	if !anyPack || choice.Row.Pack == "" {
		return min(available, rest)
	}
	packs, _ := choice.Size.Packs(rest)
	packs = min(available, packs)
	return packs - packs%leastExact(choice.Size)
}

// leastExact is the fewest whole packs whose worth six digits can say: 1 case, but 9 ninths.
func leastExact(size model.Fraction) model.Quantity {
	parts := size.Denominator / gcd(size.Denominator, size.Numerator)
	return model.Whole(parts / gcd(parts, int64(model.One)))
}

func gcd(one, other int64) int64 {
	for other != 0 {
		one, other = other, one%other
	}
	return one
}

// worth is what is taken of a candidate, in the demand's unit.
func worth(choice flow.Choice, baseUnits bool) model.Quantity {
	if !baseUnits {
		return choice.Taken
	}
	base, _ := choice.Size.Base(choice.Taken)
	return base
}

// fewest serves from as few candidates as can: of those that can give all the rest, the first in
// order; where none can, the one that gives most. A pool's stock is used up before other stock is
// looked at.
func (s *serving) fewest(choices []flow.Choice) {
	for begin := 0; begin < len(choices) && s.rest > 0; {
		end := begin
		for end < len(choices) && unpooled(choices[end]) == unpooled(choices[begin]) {
			end++
		}
		s.fewestOf(choices[begin:end])
		begin = end
	}
}

func (s *serving) fewestOf(choices []flow.Choice) {
	offers := &offers{}
	for i := range choices {
		if gives := s.most(&choices[i]); gives > 0 {
			offers.list = append(offers.list, offer{i, gives})
		}
	}
	heap.Init(offers)
	for s.rest > 0 && offers.Len() > 0 {
		best := offers.list[0]
		switch gives := s.most(&choices[best.place]); {
		case gives == 0 || choices[best.place].Taken > 0:
			heap.Pop(offers)
		case gives < best.gives && gives < s.rest:
			offers.list[0].gives = gives // its row or zone has given elsewhere meanwhile
			heap.Fix(offers, 0)
		case gives >= s.rest:
			s.take(s.firstThatServes(choices))
		default:
			heap.Pop(offers)
			s.take(&choices[best.place])
		}
	}
}

// firstThatServes is the first candidate that gives all the rest; there is one.
func (s *serving) firstThatServes(choices []flow.Choice) *flow.Choice {
	for i := range choices {
		if choices[i].Taken == 0 && s.most(&choices[i]) >= s.rest {
			return &choices[i]
		}
	}
	return nil
}

// offer is what the candidate at a place could give when it was last asked.
type offer struct {
	place int
	gives model.Quantity
}

// offers is a heap with the largest offer on top, and of equals the first in order.
type offers struct{ list []offer }

func (o *offers) Len() int { return len(o.list) }

func (o *offers) Less(i, j int) bool {
	one, other := o.list[i], o.list[j]
	return one.gives > other.gives || one.gives == other.gives && one.place < other.place
}

func (o *offers) Swap(i, j int) { o.list[i], o.list[j] = o.list[j], o.list[i] }

func (o *offers) Push(x any) { o.list = append(o.list, x.(offer)) }

func (o *offers) Pop() any {
	last := o.list[len(o.list)-1]
	o.list = o.list[:len(o.list)-1]
	return last
}

// takenFirst puts what is taken before what is not, each in order.
func takenFirst(choices []flow.Choice) {
	ordered := make([]flow.Choice, 0, len(choices))
	for _, wanted := range []bool{true, false} {
		for _, choice := range choices {
			if choice.Taken > 0 == wanted {
				ordered = append(ordered, choice)
			}
		}
	}
	copy(choices, ordered)
}
