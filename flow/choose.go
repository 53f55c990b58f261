package flow

import (
	"slices"

	"tierstock/model"
)

// Choice is a row that could serve a demand, as a strategy sees it. Rows of one Choice list all
// belong to the demand's item.
type Choice struct {
	Row          *StockRow
	ZonePriority int64
	ExpiresOn    model.Date
	// Size is the row's pack in base units.
	Size model.Fraction
	// Available may be taken, in the row's pack; 0 where Skipped says why not.
	Available model.Quantity
	Skipped   string
	// Taken is what the strategy takes, in the row's pack.
	Taken model.Quantity
}

// Demand is what a strategy must serve. Qty is in packs of Pack, or in base units where AnyPack.
type Demand struct {
	Qty      model.Quantity
	Strategy string
	AnyPack  bool
}

// Chooser orders the choices best first and sets what it takes of each; together no more than
// the demand, and less only where there is no more to be had.
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
)

// SkippedHeld is a row that others hold: but for them it would serve.
const SkippedHeld = "HELD"

// Choose lets the engine's strategy pick rows of an item for a demand under the constraints
// asked. outside, where set, narrows what is available of a row.
func (e *Effect) Choose(item model.Item, qty model.Quantity, asked Asked,
	outside func(*StockRow) model.Quantity) []Choice {
	var choices []Choice
	for _, row := range e.ZoneRows(item) {
		choice := e.choice(row, asked)
		if outside != nil && choice.Skipped == "" {
			choice.Available = min(choice.Available, outside(row))
			if choice.Available <= 0 {
				choice.Available, choice.Skipped = 0, SkippedHeld
			}
		}
		choices = append(choices, choice)
	}
	demand := Demand{Qty: qty, Strategy: asked.Strategy, AnyPack: asked.AnyPack}
	chosen := e.engine.choose(demand, choices)
	e.explain(chosen)
	return chosen
}

func (b *Book) choice(row *StockRow, asked Asked) Choice {
	zone, _ := b.View.Zone(row.Zone)
	choice := Choice{Row: row, ZonePriority: zone.Priority, Size: b.size(row.Item.SKU, row.Pack)}
	batch := b.batches[batchKey{row.Item, row.Batch}]
	if batch != nil {
		choice.ExpiresOn = batch.ExpiresOn
	}
	choice.Skipped = b.whyNot(row, zone.Allocatable, batch, asked)
	if choice.Skipped == "" {
		choice.Available = row.Available()
	}
	return choice
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
		skipped := choice.Skipped
		if skipped == "" && choice.Taken == 0 {
			skipped = skipNeed
		}
		e.Explanation = append(e.Explanation, model.Candidate{Zone: row.Zone, Bin: row.Bin,
			Batch: row.Batch, Pack: row.Pack, ExpiresOn: choice.ExpiresOn,
			Available: max(0, row.Available()), Taken: choice.Taken,
			Rank: len(e.Explanation) + 1, Skipped: skipped})
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
