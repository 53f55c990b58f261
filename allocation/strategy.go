package allocation

import (
	"cmp"
	"maps"
	"slices"

	"tierstock/flow"
	"tierstock/model"
)

// Strategies by name; the contract's.
const (
	FEFO       = "FEFO"
	FIFO       = "FIFO"
	LIFO       = "LIFO"
	Nearest    = "NEAREST"
	FewestBins = "FEWEST_BINS"
	EmptyBin   = "EMPTY_BIN"
	FullPacks  = "FULL_PACKS"
)

// order says which of two candidates goes first.
type order func(one, other flow.Choice) int

// strategy is one way to choose stock.
type strategy struct {
	order order
	// byBin: it looks at what lies in each bin.
	byBin bool
	// fewest: as few candidates as can serve, in that order among equals.
	fewest bool
}

var strategies = map[string]strategy{
	FEFO:       {order: fefo},
	FIFO:       {order: fifo},
	LIFO:       {order: lifo},
	Nearest:    {order: nearest, byBin: true},
	FewestBins: {order: fefo, byBin: true, fewest: true},
	EmptyBin:   {order: emptyBin, byBin: true},
	FullPacks:  {order: fullPacks},
}

// Strategies are the names of all strategies, sorted.
func Strategies() []string { return slices.Sorted(maps.Keys(strategies)) }

// Choose is the engine's flow.Chooser: the named strategy puts the candidates in order, and each
// gives what it can until the demand is served. It looks at nothing but its arguments.
//
// What a pool keeps for the demand's activity goes before ordinary stock, and what scores more, by
// a rule's weights, before what scores less; then comes the strategy's order, and last the row's
// and the bin's, so that one question has one answer.
func Choose(demand flow.Demand, choices []flow.Choice) []flow.Choice {
	how, known := strategies[demand.Asked.Strategy]
	if !known {
		how = strategies[FEFO]
	}
	score(demand, choices)
	better := func(one, other flow.Choice) int {
		return cmp.Or(
			usableFirst(one, other),
			pooledFirst(one, other),
			cmp.Compare(other.Score, one.Score),
			how.order(one, other),
			inPlace(one, other))
	}
	slices.SortFunc(choices, better)
	serving := newServing(demand, choices)
	if how.fewest {
		serving.fewest(choices)
	} else {
		for i := range choices {
			serving.take(&choices[i])
		}
	}
	serving.fill(choices)
	if how.fewest {
		takenFirst(choices)
	}
	serving.makeUp(choices)
	return choices
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

// pooledFirst: what is kept for an activity, and may be taken, is for this one.
func pooledFirst(one, other flow.Choice) int {
	return cmp.Compare(unpooled(one), unpooled(other))
}

func unpooled(choice flow.Choice) int {
	if choice.Pool != "" {
		return 0
	}
	return 1
}

// inPlace is the last word: the row, and of one row the bin that is taken from first.
func inPlace(one, other flow.Choice) int {
	if one.Bin == nil || other.Bin == nil {
		return cmp.Compare(one.Row.ID, other.Row.ID)
	}
	return cmp.Or(byPath(one, other), cmp.Compare(one.Row.ID, other.Row.ID))
}

// byPath is the way through the bins: storage before staging and totes, then by pick sequence.
func byPath(one, other flow.Choice) int {
	return cmp.Or(
		cmp.Compare(one.BinRank, other.BinRank),
		cmp.Compare(one.PickSequence, other.PickSequence),
		cmp.Compare(one.Bin.Bin, other.Bin.Bin))
}

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

// nearest: by the way through the bins; among the rows of one bin FEFO.
func nearest(one, other flow.Choice) int {
	if one.Bin == nil || other.Bin == nil {
		return fefo(one, other)
	}
	return cmp.Or(byPath(one, other), fefo(one, other))
}

// emptyBin: the bin with the least left goes first, so that it is soon free for other goods. What
// counts is what the bin has free, not how much of that the row may still promise.
func emptyBin(one, other flow.Choice) int {
	return cmp.Or(cmp.Compare(freeIn(one), freeIn(other)), fefo(one, other))
}

func freeIn(choice flow.Choice) model.Quantity {
	if choice.Bin == nil {
		return choice.Available
	}
	return choice.Bin.Available()
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
