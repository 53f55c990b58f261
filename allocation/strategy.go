package allocation

import (
	"cmp"
	"slices"

	"tierstock/flow"
	"tierstock/model"
)

// Strategies by name; the contract's.
const (
	FEFO      = "FEFO"
	FIFO      = "FIFO"
	LIFO      = "LIFO"
	FullPacks = "FULL_PACKS"
)

// order says which of two candidates goes first.
type order func(one, other flow.Choice) int

var strategies = map[string]order{FEFO: fefo, FIFO: fifo, LIFO: lifo, FullPacks: fullPacks}

// Choose is the engine's flow.Chooser: the named strategy puts the candidates in order, and each
// gives what it can until the demand is served. It looks at nothing but its arguments.
func Choose(demand flow.Demand, choices []flow.Choice) []flow.Choice {
	better := strategies[demand.Strategy]
	if better == nil {
		better = fefo
	}
	slices.SortFunc(choices, func(one, other flow.Choice) int {
		return cmp.Or(usableFirst(one, other), better(one, other), byID(one, other))
	})
	rest := demand.Qty
	for i := range choices {
		choices[i].Taken = takeOf(choices[i], rest, demand.AnyPack)
		rest -= worth(choices[i], demand.AnyPack)
	}
	return choices
}

// takeOf is what a candidate gives towards rest: with any pack allowed, whole packs only.
func takeOf(choice flow.Choice, rest model.Quantity, anyPack bool) model.Quantity {
	if !anyPack || choice.Row.Pack == "" {
		return min(choice.Available, rest)
	}
	packs, _ := choice.Size.Packs(rest)
	packs = min(choice.Available, packs)
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

func usableFirst(one, other flow.Choice) int {
	return cmp.Compare(unusable(one), unusable(other))
}

func unusable(choice flow.Choice) int {
	if choice.Skipped == "" {
		return 0
	}
	return 1
}

func byID(one, other flow.Choice) int { return cmp.Compare(one.Row.ID, other.Row.ID) }

// fefo: by expiry, none last; then zone priority, higher first; then since when it is there.
func fefo(one, other flow.Choice) int {
	return cmp.Or(
		compareDates(one.ExpiresOn, other.ExpiresOn),
		cmp.Compare(other.ZonePriority, one.ZonePriority),
		compareDates(one.Row.ReceivedOn, other.Row.ReceivedOn))
}

// fifo: what came first goes first.
func fifo(one, other flow.Choice) int {
	return cmp.Or(
		compareDates(one.Row.ReceivedOn, other.Row.ReceivedOn),
		compareDates(one.ExpiresOn, other.ExpiresOn),
		cmp.Compare(other.ZonePriority, one.ZonePriority))
}

// lifo: what came last goes first.
func lifo(one, other flow.Choice) int {
	return cmp.Or(
		compareDates(other.Row.ReceivedOn, one.Row.ReceivedOn),
		compareDates(one.ExpiresOn, other.ExpiresOn),
		cmp.Compare(other.ZonePriority, one.ZonePriority))
}

// fullPacks: the largest packs first, then the smallest; among equals FEFO.
func fullPacks(one, other flow.Choice) int {
	return cmp.Or(other.Size.Compare(one.Size), fefo(one, other))
}

// compareDates puts no date last.
func compareDates(one, other model.Date) int {
	switch {
	case one == other:
		return 0
	case one == "":
		return 1
	case other == "":
		return -1
	}
	return cmp.Compare(one, other)
}
