package allocation

import (
	"slices"

	"tierstock/flow"
	"tierstock/model"
)

// Limits of the search for a better packing. Beyond them the largest packs first must do.
const (
	// packLotsMax is how many kinds of packs are looked at; articles have two or three.
	packLotsMax = 8
	// packingStepsMax bounds the search: a millisecond at most.
	packingStepsMax = 5000
)

// packLot is all there is of one pack. Packs are counted in the fewest that six digits can say.
type packLot struct {
	pack string
	// step is the fewest packs that are taken at once, worth what they are in base units.
	step, worth model.Quantity
	// count is how many steps there are.
	count int64
	// small: a pack is less than the unit itself.
	small bool
}

// packing looks for the packs that serve most of a demand in base units.
type packing struct {
	lots []packLot
	// base is what there is by the unit, which fills what packs leave.
	base model.Quantity
	// within[i] is what lots from i on are worth together.
	within []model.Quantity
	// left is what the best packing so far leaves, and best its steps of each lot.
	left        model.Quantity
	best, tried []int64
	steps       int
}

// makeUp looks for other packs where the largest first have left something: packs of 6 and 4 serve
// 8 as two of 4. It takes as many of the largest packs as it can, and of packs smaller than the
// unit as few. What a rule keeps back or gives only in bulk is not looked at again, nor are bins.
func (s *serving) makeUp(choices []flow.Choice) {
	if !s.demand.Asked.AnyPack || s.rest <= 0 || s.spare != nil || s.left != nil {
		return
	}
	if rule := s.demand.Asked.Rule; rule != nil && len(rule.AtLeast) > 0 {
		return
	}
	p := s.packing(choices)
	if p == nil || !p.search(0, s.demand.Qty) {
		return
	}
	s.apply(p, choices)
}

// packing gathers what there is of each pack; nil where that is of too many kinds.
func (s *serving) packing(choices []flow.Choice) *packing {
	p := &packing{left: s.rest}
	for i := range choices {
		choice := &choices[i]
		if choice.Skipped != "" {
			continue
		}
		if choice.Row.Pack == "" {
			p.base = min(s.demand.Qty, p.base+min(s.demand.Qty, choice.Available))
			continue
		}
		at := p.lotOf(choice.Row.Pack)
		if at < 0 {
			at = len(p.lots)
			step := leastExact(choice.Size)
			worth, exact := choice.Size.Base(step)
			if !exact || worth > s.demand.Qty {
				continue // it is larger than all that is wanted
			}
			p.lots = append(p.lots, packLot{pack: choice.Row.Pack, step: step, worth: worth,
				small: choice.Size.Compare(model.Each) < 0})
		}
		p.lots[at].count += int64(choice.Available / p.lots[at].step)
	}
	if len(p.lots) > packLotsMax {
		return nil
	}
	p.tried = make([]int64, len(p.lots))
	p.within = make([]model.Quantity, len(p.lots)+1)
	for i := len(p.lots) - 1; i >= 0; i-- {
		lot := &p.lots[i]
		lot.count = min(lot.count, int64(s.demand.Qty/lot.worth))
		p.within[i] = p.within[i+1] + model.Quantity(lot.count)*lot.worth
	}
	return p
}

func (p *packing) lotOf(pack string) int {
	return slices.IndexFunc(p.lots, func(lot packLot) bool { return lot.pack == pack })
}

// search tries the lots from i on for what is wanted, and says whether it found what leaves less.
func (p *packing) search(i int, wanted model.Quantity) (better bool) {
	if p.steps++; p.steps > packingStepsMax || wanted-p.within[i]-p.base >= p.left {
		return false
	}
	if i == len(p.lots) {
		p.left = max(0, wanted-p.base)
		p.best = slices.Clone(p.tried)
		return true
	}
	lot := p.lots[i]
	most := min(lot.count, int64(wanted/lot.worth))
	for n := range most + 1 {
		if p.tried[i] = n; !lot.small {
			p.tried[i] = most - n
		}
		rest := wanted - model.Quantity(p.tried[i])*lot.worth
		better = p.search(i+1, rest) || better
		if p.left == 0 || p.steps > packingStepsMax {
			break
		}
	}
	return better
}

// apply takes what the packing says, from the candidates in their order.
func (s *serving) apply(p *packing, choices []flow.Choice) {
	s.rest = s.demand.Qty
	for i := range choices {
		choice := &choices[i]
		choice.Taken = 0
		if at := p.lotOf(choice.Row.Pack); at >= 0 && choice.Skipped == "" {
			lot := p.lots[at]
			steps := min(int64(choice.Available/lot.step), p.best[at])
			p.best[at] -= steps
			choice.Taken = model.Quantity(steps) * lot.step
			s.rest -= model.Quantity(steps) * lot.worth
		}
	}
	for i := range choices {
		if choice := &choices[i]; choice.Skipped == "" && choice.Row.Pack == "" {
			choice.Taken = min(choice.Available, s.rest)
			s.rest -= choice.Taken
		}
	}
}
