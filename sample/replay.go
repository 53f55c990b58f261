package sample

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tierstock/model"
)

// Replay is what a replay is given, and what it tells.
type Replay struct {
	// Days is how many days of the history to play; 0 is all.
	Days int
	// Tell, where set, is told the days played and to play, after each.
	Tell func(done, total int)
}

// Outcome is what a replay came to. Odd are, in words, the first lines that were answered other
// than planned: somebody else has changed the sample's stock.
type Outcome struct {
	Progress

	SKUs int
	Odd  []string
	// Played is how many days this run played, with Work lines of calls in Took.
	Played   int
	WorkDone int
	Took     time.Duration
}

// oddMax is how many odd answers are told in words.
const oddMax = 5

// player plays a plan and counts what comes of it.
type player struct {
	*Site
	clock

	mu       sync.Mutex
	progress Progress
	odd      []string
}

// Play builds the sample warehouse and plays its history through the engine, or goes on where an
// earlier run was interrupted, to the same end.
func (s *Site) Play(ctx context.Context, replay Replay) (Outcome, error) {
	started := time.Now()
	orders, err := History()
	if err != nil {
		return Outcome{}, err
	}
	last, progress, err := s.begin(ctx)
	if err != nil {
		return Outcome{}, err
	}
	plan := newPlan(orders, last)
	days := plan.days
	if replay.Days > 0 {
		days = days[:min(replay.Days, len(days))]
	}
	if replay.Tell == nil {
		replay.Tell = func(int, int) {}
	}
	p := &player{Site: s, clock: plan.clock, progress: progress}
	err = p.play(ctx, plan, days, replay.Tell, started)
	outcome := Outcome{Progress: p.progress, SKUs: len(plan.articles), Odd: p.odd,
		Played: p.progress.Days - max(progress.Days, 0), Took: time.Since(started),
		WorkDone: p.progress.Work - progress.Work}
	return outcome, err
}

// play opens the warehouse unless that has been done, then plays the days that have not been.
// A day that was begun is played again from its morning: what was done is answered REPLAYED.
func (p *player) play(ctx context.Context, plan *plan, days []day, tell func(int, int),
	started time.Time) error {
	spent := p.progress.Millis
	keep := func(before Progress) error {
		p.progress.Millis = spent + time.Since(started).Milliseconds()
		return p.keep(ctx, before, p.progress)
	}
	if p.progress.Days < 0 {
		before := p.progress
		if err := p.open(ctx, plan); err != nil {
			return err
		}
		p.progress.Days = 0
		if err := keep(before); err != nil {
			return err
		}
	}
	for p.progress.Days < len(days) {
		tell(p.progress.Days, len(days))
		before := p.progress
		if err := p.playDay(ctx, &days[p.progress.Days]); err != nil {
			p.progress = before
			return err
		}
		p.progress.Days++
		if err := keep(before); err != nil {
			return err
		}
	}
	tell(p.progress.Days, len(days))
	return nil
}

// open builds the warehouse and its opening stock.
func (p *player) open(ctx context.Context, plan *plan) error {
	if err := p.build(ctx, plan.articles); err != nil {
		return err
	}
	_, err := ask(ctx, p, p.Tier2.Receive, plan.opening, receivedSKU)
	return err
}

func receivedSKU(line model.ReceiveLine) string { return line.At.SKU }

// playDay plays the rounds of a day.
func (p *player) playDay(ctx context.Context, day *day) error {
	if err := p.morning(ctx, day); err != nil {
		return err
	}
	if err := p.wave(ctx, day); err != nil {
		return err
	}
	picks, err := p.pin(ctx, day)
	if err != nil {
		return err
	}
	return p.evening(ctx, day, picks)
}

func (p *player) morning(ctx context.Context, day *day) error {
	deducts := make([]model.DeductLine, len(day.ship))
	for i, line := range day.ship {
		deducts[i] = model.DeductLine{Key: line.Key(), Warehouse: Warehouse, SKU: line.SKU,
			Audit: p.audit(line, day.on, shipHour)}
	}
	moves := append(day.putAway[:len(day.putAway):len(day.putAway)], day.bring...)
	return together(
		func() error {
			_, err := ask(ctx, p, p.Tier2.Deduct, deducts, deductedSKU, model.NotFound)
			return err
		},
		func() error {
			_, err := ask(ctx, p, p.Tier3.Move, moves, movedSKU)
			return err
		})
}

func deductedSKU(line model.DeductLine) string { return line.SKU }
func movedSKU(line model.MoveLine) string      { return line.From.SKU }

// wave reserves what the day's orders ask for, from where loose pieces are picked.
func (p *player) wave(ctx context.Context, day *day) error {
	lines := make([]model.ReserveLine, len(day.orders))
	orders := map[string]bool{}
	for i, line := range day.orders {
		lines[i] = model.ReserveLine{Key: line.Key(), Warehouse: Warehouse,
			Item: model.Item{SKU: line.SKU}, Qty: model.Whole(line.Pieces), AllowPartial: true,
			Zones: []string{pickZone, shelfZone}, Audit: p.audit(line, day.on, waveHour)}
		orders[line.OrderID] = true
		p.progress.Asked += line.Pieces
	}
	results, err := ask(ctx, p, p.Allocation.Reserve, lines, reservedSKU, model.Insufficient)
	for _, result := range results {
		p.progress.Held += int64(result.Applied / model.One)
	}
	p.progress.Orders += len(orders)
	p.progress.Lines += len(lines)
	return err
}

func reservedSKU(line model.ReserveLine) string { return line.Item.SKU }

// pin ties what is due to bins; what it says is what to pick where. Of a line that got nothing
// there is no reservation.
func (p *player) pin(ctx context.Context, day *day) ([]model.PickLine, error) {
	pins := make([]model.PinLine, len(day.pick))
	for i, line := range day.pick {
		pins[i] = model.PinLine{Key: model.TaskKey{JobType: pickJob, TaskID: line.taskID()},
			Warehouse: Warehouse, Reservation: line.Key(), Audit: p.audit(line.OrderLine, day.on, pickHour)}
	}
	// Pins name no SKU, so the order's lines tell which go one after another.
	skus := make(map[model.TaskKey]string, len(pins))
	for i, pin := range pins {
		skus[pin.Key] = day.pick[i].SKU
	}
	results, err := ask(ctx, p, p.Tier3.Pin, pins,
		func(line model.PinLine) string { return skus[line.Key] }, model.NotFound)
	if err != nil {
		return nil, err
	}
	var picks []model.PickLine
	for i, result := range results {
		picks = append(picks, picksOf(pins[i], result, day.pick[i].tote)...)
	}
	return picks, nil
}

// picksOf are the picks of what a pin tied, each bin's under a revision of its own.
func picksOf(pin model.PinLine, result model.Result, tote string) []model.PickLine {
	var picks []model.PickLine
	for _, leg := range result.Flows {
		if leg.Tier != model.BinTier || leg.Delta.Reserved <= 0 {
			continue
		}
		key := pin.Key
		key.Revision = int64(len(picks))
		picks = append(picks, model.PickLine{Key: key, Reservation: pin.Reservation,
			From: model.BinStockKey{Warehouse: Warehouse, Bin: leg.Bin, Owner: leg.Owner,
				SKU: leg.SKU, Batch: leg.Batch, Pack: leg.Pack},
			Qty: leg.Delta.Reserved, ToBin: tote, Audit: pin.Audit})
	}
	return picks
}

func (p *player) evening(ctx context.Context, day *day, picks []model.PickLine) error {
	p.progress.Receipts += len(day.receive)
	return together(
		func() error {
			_, err := ask(ctx, p, p.Tier3.Pick, picks,
				func(line model.PickLine) string { return line.From.SKU })
			return err
		},
		func() error {
			_, err := ask(ctx, p, p.Tier3.Repack, day.open,
				func(line model.RepackLine) string { return line.At.SKU })
			return err
		},
		func() error {
			_, err := ask(ctx, p, p.Tier2.Receive, day.receive, receivedSKU)
			return err
		})
}

func (p *player) audit(line OrderLine, on model.Date, hour int) model.Audit {
	return p.clock.audit("ORDER", line.OrderID, on, hour)
}

// ask sends lines and judges the answers: beside successes, only the codes that are fine.
func ask[L any](ctx context.Context, p *player, call verb[L], lines []L, sku func(L) string,
	fine ...model.Code) ([]model.Result, error) {
	results, err := send(ctx, call, lines, sku)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.Work += len(lines)
	for i, result := range results {
		if isFine(result.Code, fine) {
			continue
		}
		p.progress.Odd++
		if len(p.odd) < oddMax {
			p.odd = append(p.odd, fmt.Sprintf("%s %s: %s (%+v)", result.Code, result.Field,
				result.Message, lines[i]))
		}
	}
	return results, nil
}

func isFine(code model.Code, fine []model.Code) bool {
	return code.Succeeded() || slices.Contains(fine, code)
}
