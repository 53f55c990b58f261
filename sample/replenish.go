package sample

import (
	"context"
	"fmt"

	"tierstock/model"
	"tierstock/replenish"
)

// suggestionsAtOnce is how many suggestions are read at a time.
const suggestionsAtOnce = 500

// Replenished is what came of replenishing the warehouse on the day that people see: of the Tasks
// that the Runs made so many were Moved, the rest is open; Buys are suggestions to buy. Before that
// day all are 0.
type Replenished struct {
	Levels int   `json:"levels"`
	Runs   int   `json:"runs"`
	Tasks  int   `json:"tasks"`
	Moved  int   `json:"moved"`
	Buys   int64 `json:"buys"`
}

// levelsOf are the levels of the fast movers' homes, those in the fast-pick zone. What comes in
// cases has at least a case's pieces there, and whole cases come down from reserve for it; what
// comes singly is filled up from its overflow bin. What has neither has nowhere to come from.
func levelsOf(articles []article) (levels []replenish.Level) {
	for _, article := range articles {
		if zoneOf(article.home) != pickZone {
			break // the articles are in the order of how often they are ordered
		}
		level := replenish.Level{Warehouse: Warehouse, Zone: pickZone, Bin: article.home,
			Item: model.Item{SKU: article.sku}}
		switch {
		case article.caseSize > 0:
			level.Min, level.Max = model.Whole(article.caseSize), model.Whole(2*article.caseSize)
			level.Pack, level.Sources = casePack, []string{reserveZone}
		case article.overflow != "":
			level.Min, level.Max = model.Whole(looseLow), model.Whole(openingLoose)
			level.Sources = []string{shelfZone}
		default:
			continue
		}
		levels = append(levels, level)
	}
	return levels
}

// workEvery is of how many tasks one is worked off; the others are left for people to see.
const workEvery = 2

// replenish has the day's run decide what to bring and to buy, and a part of its tasks worked off.
// It is the business date's own run, number 0, so that the night's finds it made and cancels
// nothing. Levels, run and moves are each what they were when they are asked for again.
func (p *player) replenish(ctx context.Context, day *day) error {
	moves, err := p.propose(ctx, day)
	if err != nil {
		return err
	}
	return p.workOff(ctx, moves)
}

// propose sets the levels, makes the run and says how its tasks are worked off.
func (p *player) propose(ctx context.Context, day *day) ([]model.MoveLine, error) {
	if err := upsert(ctx, p.Replenish.UpsertLevels, day.levels); err != nil {
		return nil, err
	}
	run, _, err := p.Replenish.Run(ctx, replenish.Asked{Warehouse: Warehouse, Date: day.on,
		CreateTasks: true})
	if err != nil {
		return nil, fmt.Errorf("replenishment of %s: %w", day.on, err)
	}
	moves, err := p.movesOf(ctx, run, day)
	p.progress.Replenished = Replenished{Levels: len(day.levels), Runs: 1, Tasks: len(moves),
		Buys: run.Buys}
	return moves, err
}

// movesOf are the moves that a run has made tasks of.
func (p *player) movesOf(ctx context.Context, run replenish.Run, day *day) (
	moves []model.MoveLine, err error) {
	place := replenish.SuggestionPlace{Run: run.ID}
	for more := true; more; {
		page, _, err := p.Replenish.Suggestions(ctx, Warehouse, place, suggestionsAtOnce)
		if err != nil {
			return nil, err
		}
		for _, found := range page.Rows {
			place.Line = found.Line
			if found.TaskID == "" {
				continue // to buy
			}
			moves = append(moves, model.MoveLine{
				Key: model.TaskKey{JobType: string(model.TaskReplenish), TaskID: found.TaskID},
				From: model.BinStockKey{Warehouse: Warehouse, Bin: found.Bin,
					Owner: found.Item.Owner, SKU: found.Item.SKU, Batch: found.Batch,
					Pack: found.Pack},
				ToBin: found.ToBin, Qty: found.Qty,
				Audit: p.clock.audit("REPLENISH", "", day.on, putAwayHour)})
		}
		more = page.More
	}
	return moves, nil
}

// workOff moves goods one after the other, as who brings them does.
func (p *player) workOff(ctx context.Context, moves []model.MoveLine) error {
	for n, move := range moves {
		if n%workEvery != 0 {
			continue
		}
		result, err := askOne(ctx, p, p.Tier3.Move, move)
		if err != nil {
			return err
		}
		if result.Code.Succeeded() {
			p.progress.Replenished.Moved++
		}
	}
	return nil
}
