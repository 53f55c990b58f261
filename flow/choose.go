package flow

import (
	"slices"

	"tierstock/model"
)

// Choice is stock that could serve a demand, as a strategy sees it: a tier-2 row or, for a strategy
// that looks at bins, what of the row lies in one bin. Those of one list all belong to the demand's
// item.
type Choice struct {
	Row *StockRow
	// Bin is the tier-3 row, nil for a strategy that does not look at bins.
	Bin          *StockRow
	PickSequence int64
	// BinRank is 0 for where stock is stored, 1 for staging bins, 2 for totes.
	BinRank      int
	ZonePriority int64
	ExpiresOn    model.Date
	// Pool is the activity the stock is kept for, "" for ordinary stock.
	Pool string
	// Size is the row's pack in base units.
	Size model.Fraction
	// Available may be taken, in the row's pack; 0 where Skipped says why not. RowAvailable is what
	// may be taken of the row, from all its bins together; under a rule that keeps something in zones,
	// where it is only this demand that may not take from it, it is what others could.
	Available, RowAvailable model.Quantity
	Skipped                 string
	// Score is what a rule's weights make of it; the highest goes first.
	Score float64
	// Taken is what the strategy takes, in the row's pack.
	Taken model.Quantity
}

// Demand is what a strategy must serve. Qty is in packs of Asked.Pack, or in base units where
// Asked.AnyPack.
type Demand struct {
	Qty   model.Quantity
	Asked Asked
	// Today is the warehouse's date.
	Today model.Date
}

// Chooser orders the choices best first and sets what it takes of each; together no more than
// the demand, and less only where there is no more to be had. Of choices it passes over by a rule
// of its own it says why in Skipped.
type Chooser func(demand Demand, choices []Choice) []Choice

// Why a row was not taken; the words of an explanation.
const (
	skipHold   = "ON_HOLD"
	skipFrozen = "FROZEN"
	skipPack   = "WRONG_PACK"
	skipBatch  = "WRONG_BATCH"
	skipZone   = "WRONG_ZONE"
	skipShut   = "NOT_ALLOCATABLE"
	skipDate   = "EXPIRED"
	skipLife   = "SHORT_LIFE"
	skipEmpty  = "EMPTY"
	skipNeed   = "NOT_NEEDED"
	skipFew    = "NOT_ENOUGH"
	// skipPool is stock that is kept for another activity, skipOrdinary stock that is kept for none
	// where only an activity's own may be taken, skipRule a zone or batch that a rule denies.
	skipPool     = "OTHER_POOL"
	skipOrdinary = "NOT_IN_POOL"
	skipRule     = "DENIED"
)

// SkippedHeld is a row that others hold: but for them it would serve.
const SkippedHeld = "HELD"

// Choose lets the engine's strategy pick stock of an item for a demand under the constraints
// asked. doubtful, where set, is a bin row that nothing may come from.
func (e *Effect) Choose(item model.Item, qty model.Quantity, asked Asked,
	doubtful *StockRow) []Choice {
	var choices []Choice
	for _, row := range e.ZoneRows(item) {
		choice := e.choice(row, asked)
		switch {
		case choice.Skipped != "":
			choices = append(choices, choice)
		case asked.ByBin:
			choices = e.appendBins(choices, choice, doubtful)
		default:
			choices = append(choices, e.sparing(choice, doubtful))
		}
	}
	chosen := e.engine.choose(Demand{Qty: qty, Asked: asked, Today: e.View.Today()}, choices)
	e.explain(chosen)
	return chosen
}

// sparing leaves what lies in a doubtful bin out of what a row has available.
func (e *Effect) sparing(choice Choice, doubtful *StockRow) Choice {
	if doubtful == nil {
		return choice
	}
	free := model.Quantity(0)
	for _, bin := range e.FreeBins(choice.Row) {
		if bin != doubtful {
			free += bin.Available()
		}
	}
	if choice.Available = min(choice.Available, free); choice.Available == 0 {
		choice.Skipped = SkippedHeld
	}
	return choice
}

// appendBins adds a row's bins with free stock, for a strategy that looks at bins.
func (e *Effect) appendBins(choices []Choice, whole Choice, doubtful *StockRow) []Choice {
	for _, bin := range e.FreeBins(whole.Row) {
		if bin != doubtful {
			choices = append(choices, e.inBin(whole, bin))
		}
	}
	return choices
}

// inBin is what of a row may come from one of its bins.
func (b *Book) inBin(choice Choice, bin *StockRow) Choice {
	place, _ := b.View.Bin(bin.Bin)
	choice.Bin, choice.PickSequence, choice.BinRank = bin, place.PickSequence, rankOfBin(place.Kind)
	choice.Available = min(choice.Available, bin.Available())
	return choice
}

// ChooseBins lets the strategy that a hold's reservation was made with say which bins qty of it
// comes from, in packs of the row. doubtful, where set, is a bin row that nothing may come from.
func (e *Effect) ChooseBins(hold *Hold, qty model.Quantity, doubtful *StockRow) []Choice {
	whole := Choice{Row: hold.Row, Available: qty, RowAvailable: qty, Size: model.Each}
	if asked := hold.reservation.Asked; asked.ByBin {
		asked = Asked{Pack: hold.Row.Pack, ByBin: true, Strategy: asked.Strategy}
		return e.engine.choose(Demand{Qty: qty, Asked: asked, Today: e.View.Today()},
			e.appendBins(nil, whole, doubtful))
	}
	var chosen []Choice
	for _, place := range e.placesOf(hold.Row) {
		if qty == 0 {
			break
		}
		free := place.row.Available()
		if free > 0 && place.row != doubtful && !e.Blocked(place.row.Bin) {
			taken := min(free, qty)
			chosen = append(chosen, Choice{Row: hold.Row, Bin: place.row, Taken: taken})
			qty -= taken
		}
	}
	return chosen
}

func (b *Book) choice(row *StockRow, asked Asked) Choice {
	zone, _ := b.View.Zone(row.Zone)
	choice := Choice{Row: row, ZonePriority: zone.Priority, Size: b.size(row.Item.SKU, row.Pack),
		Pool: zone.Pool}
	batch := b.batches[batchKey{row.Item, row.Batch}]
	if batch != nil {
		choice.ExpiresOn = batch.ExpiresOn
		if batch.Pool != "" {
			choice.Pool = batch.Pool
		}
	}
	choice.Skipped = b.whyNot(row, zone.Allocatable, batch, asked)
	if choice.Skipped == "" {
		choice.Skipped = asked.refuses(choice)
	}
	switch {
	case choice.Skipped == "":
		choice.Available = row.Available()
		choice.RowAvailable = choice.Available
	case asked.Rule != nil && len(asked.Rule.Keep) > 0 && asked.Rule.sharesPool(choice.Pool) &&
		b.whyNot(row, zone.Allocatable, batch, Asked{Pack: row.Pack}) == "":
		choice.RowAvailable = row.Available()
	}
	return choice
}

// refuses is the reason of a rule or a pool against stock, "" for none. Stock that is kept for an
// activity serves nobody else.
func (a *Asked) refuses(choice Choice) string {
	rule := a.Rule
	if rule == nil {
		rule = &noRule
	}
	switch {
	case !rule.sharesPool(choice.Pool):
		return skipPool
	case choice.Pool == "" && rule.Pool != "" && !rule.Ordinary:
		return skipOrdinary
	case rule.deniesZone(choice.Row.Zone) || rule.deniesBatch(choice.Row.Batch):
		return skipRule
	}
	return ""
}

// whyNot is the first reason against a row, "" for none. A batch may still be taken on its
// expiry day, by the warehouse's own date.
func (b *Book) whyNot(row *StockRow, allocatable bool, batch *batchRow, asked Asked) string {
	today := b.View.Today()
	switch {
	case !allocatable:
		return skipShut
	case len(asked.Zones) > 0 && !slices.Contains(asked.Zones, row.Zone):
		return skipZone
	case asked.Batch != nil && *asked.Batch != row.Batch:
		return skipBatch
	case !asked.AnyPack && asked.Pack != row.Pack:
		return skipPack
	case batch != nil && batch.Hold:
		return skipHold
	case batch != nil && batch.ExpiresOn != "" && batch.ExpiresOn < today:
		return skipDate
	case batch != nil && batch.ExpiresOn != "" &&
		today.DaysUntil(batch.ExpiresOn) < asked.MinRemainingDays:
		return skipLife
	case row.OnHand == 0:
		return skipEmpty
	case row.Available() > 0:
		return ""
	case row.Frozen == row.OnHand:
		return skipFrozen
	}
	return SkippedHeld
}

// explain turns what was looked at into the answer's explanation.
func (e *Effect) explain(choices []Choice) {
	for _, choice := range choices {
		if len(e.Explanation) == model.CandidatesMax {
			return
		}
		row := choice.Row
		if choice.Bin != nil {
			row = choice.Bin
		}
		skipped := choice.Skipped
		if skipped == "" && choice.Taken == 0 {
			skipped = skipNeed
		}
		e.Explanation = append(e.Explanation, model.Candidate{Zone: row.Zone, Bin: row.Bin,
			Batch: row.Batch, Pack: row.Pack, ExpiresOn: choice.ExpiresOn,
			Available: max(0, row.Available()), Taken: choice.Taken,
			Rank: len(e.Explanation) + 1, Skipped: skipped, Score: choice.Score})
	}
}

// promisable is the part of a tier-2 row that a plain reserve could take today.
func (b *Book) promisable(row *StockRow) model.Quantity {
	asked := Asked{Pack: row.Pack}
	if choice := b.choice(row, asked); choice.Skipped == "" {
		return choice.Available
	}
	return 0
}
