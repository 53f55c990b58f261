package allocation

import (
	"tierstock/flow"
	"tierstock/model"
)

// This file is for demands that are short only because zones give no so small a quantity: what is
// taken in order may leave a rest that no row gives, though less of one row and enough of another
// would have served. Then what was taken is changed, by as little as will do.

// changesMax bounds the changes of one choice. Each makes the demand less short, and few are ever
// needed.
const changesMax = 100

// fill changes what is taken while that makes the demand less short. Where one zone gives only so
// much at once, what is taken in the end is the most that can be had; where several do, finding the
// most is a puzzle that nobody waits for. Whole packs of several sizes are left as they are.
func (s *serving) fill(choices []flow.Choice) {
	rule := s.demand.Asked.Rule
	if rule == nil || len(rule.AtLeast) == 0 || s.demand.Asked.AnyPack {
		return
	}
	for range changesMax {
		if s.rest <= 0 || !s.giveBack(choices) && !s.swap(choices) {
			return
		}
	}
}

// passedOver says whether a candidate would serve but for a rule's quantities.
func passedOver(choice *flow.Choice) bool {
	return choice.Taken == 0 && (choice.Skipped == skipKept || choice.Skipped == skipTooFew)
}

// leastOf is the least that a candidate gives at once, in the row's packs.
func (s *serving) leastOf(choice *flow.Choice) model.Quantity {
	least := s.demand.Asked.Rule.AtLeast[choice.Row.Zone]
	packs, exact := choice.Size.Packs(least)
	if !exact {
		packs++
	}
	return packs
}

// giveBack takes from a candidate that was passed over, and less of others for it: first of its own
// zone, where that must keep something, and last in order first.
func (s *serving) giveBack(choices []flow.Choice) bool {
	for i := range choices {
		choice := &choices[i]
		least := s.leastOf(choice)
		if !passedOver(choice) || choice.Available < least {
			continue
		}
		if s.attempt(choices, func() {
			if spare, keeps := s.spare[choice.Row.Zone]; keeps {
				packs, _ := choice.Size.Packs(spare)
				s.free(choices, least-packs, choice.Row.Zone)
			}
			s.free(choices, least-s.rest, "")
			s.takeNow(choice)
		}) {
			return true
		}
	}
	return false
}

// free gives qty back of what is taken, from a zone or with "" from any; no row keeps less than it
// may give.
func (s *serving) free(choices []flow.Choice, qty model.Quantity, zone string) {
	for i := len(choices) - 1; i >= 0 && qty > 0; i-- {
		choice := &choices[i]
		if choice.Taken == 0 || zone != "" && choice.Row.Zone != zone {
			continue
		}
		if back := min(qty, choice.Taken-s.leastOf(choice)); back > 0 {
			s.set(choice, choice.Taken-back)
			qty -= back
		}
	}
}

// swap takes from the largest candidate of a zone that was passed over instead of the one of a zone
// that gives least.
func (s *serving) swap(choices []flow.Choice) bool {
	largest, fewest := map[string]*flow.Choice{}, map[string]*flow.Choice{}
	for i := range choices {
		choice := &choices[i]
		zone := choice.Row.Zone
		if other := largest[zone]; passedOver(choice) &&
			(other == nil || choice.Available > other.Available) {
			largest[zone] = choice
		}
		if other := fewest[zone]; choice.Taken > 0 && (other == nil || choice.Taken <= other.Taken) {
			fewest[zone] = choice
		}
	}
	for _, zone := range s.zonesOf(choices) {
		for _, from := range s.zonesOf(choices) {
			taken, instead := fewest[from], largest[zone]
			if taken == nil || instead == nil {
				continue
			}
			if s.attempt(choices, func() {
				s.set(taken, 0)
				taken.Skipped = skipTooFew
				s.takeNow(instead)
			}) {
				return true
			}
		}
	}
	return false
}

// zonesOf lists the candidates' zones in their order.
func (s *serving) zonesOf(choices []flow.Choice) (zones []string) {
	seen := map[string]bool{}
	for i := range choices {
		if zone := choices[i].Row.Zone; !seen[zone] {
			seen[zone] = true
			zones = append(zones, zone)
		}
	}
	return zones
}

// takeNow takes from a candidate that was passed over before.
func (s *serving) takeNow(choice *flow.Choice) {
	choice.Skipped = ""
	s.take(choice)
}

// attempt makes a change, and takes it back where the demand is no less short for it.
func (s *serving) attempt(choices []flow.Choice, change func()) bool {
	type state struct {
		taken   model.Quantity
		skipped string
	}
	before, rest := make([]state, len(choices)), s.rest
	for i := range choices {
		before[i] = state{choices[i].Taken, choices[i].Skipped}
	}
	change()
	if s.rest < rest {
		return true
	}
	for i := range choices {
		s.set(&choices[i], before[i].taken)
		choices[i].Skipped = before[i].skipped
	}
	return false
}
