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

// Outcome is what a replay came to, over all its runs.
type Outcome struct {
	Progress

	SKUs   int
	Synced Synced
	// Notes are, in words, the first lines of this run that were answered other than planned:
	// somebody else has changed the sample's stock.
	Notes []string
}

// notesMax is how many odd answers are told in words.
const notesMax = 5

// keepEvery is after how many days, at the latest, it is kept how far the replay is.
const keepEvery = 10

// player plays a plan and counts what comes of it.
type player struct {
	*Site
	clock

	mu       sync.Mutex
	progress Progress
	notes    []string
	refused  bool // a line got nothing since the progress was kept
}

// Play builds the sample warehouse and plays its history through the engine, or goes on where an
// earlier run was interrupted, to the same end.
func (s *Site) Play(ctx context.Context, replay Replay) (Outcome, error) {
	orders, err := History()
	if err != nil {
		return Outcome{}, err
	}
	return s.playOrders(ctx, orders, replay)
}

func (s *Site) playOrders(ctx context.Context, orders []OrderLine, replay Replay) (
	Outcome, error) {
	started := time.Now()
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
	err = p.play(ctx, plan, len(days), replay.Tell, started)
	outcome := Outcome{Progress: p.progress, SKUs: len(plan.articles), Notes: p.notes}
	if err == nil {
		outcome.Synced, err = p.synced(ctx)
	}
	return outcome, err
}

// play opens the warehouse unless that has been done, then plays the days that have not been.
//
// Days that were played and not kept are played again: what was done is answered REPLAYED. Only a
// line that got nothing has left no trace and would be decided anew, so a day with such a line is
// kept before the next one brings goods. What comes before the last day is kept too: on that one
// goods are brought that the plan knows nothing of. The WMS is told of what is kept.
func (p *player) play(ctx context.Context, plan *plan, days int, tell func(int, int),
	started time.Time) error {
	if err := p.recall(ctx, plan); err != nil {
		return err
	}
	kept := p.progress
	keep := func() error {
		if err := p.tellMovements(ctx); err != nil {
			return err
		}
		p.progress.Millis += time.Since(started).Milliseconds()
		started = time.Now()
		err := p.keep(ctx, kept, p.progress)
		kept, p.refused = p.progress, false
		return err
	}
	if p.progress.Days < 0 {
		if err := p.open(ctx, plan); err != nil {
			return err
		}
		p.progress.Days = 0
		if err := keep(); err != nil {
			return err
		}
	}
	for p.progress.Days < days {
		tell(p.progress.Days, days)
		if err := p.playDay(ctx, plan, p.progress.Days); err != nil {
			return err
		}
		p.progress.Days++
		if p.refused || p.progress.Days%keepEvery == 0 || p.progress.Days >= days-1 {
			if err := keep(); err != nil {
				return err
			}
		}
	}
	tell(p.progress.Days, days)
	return p.leave(ctx, plan)
}

// open builds the warehouse, takes the WMS's articles in and receives the opening stock.
func (p *player) open(ctx context.Context, plan *plan) error {
	if err := p.build(ctx); err != nil {
		return err
	}
	if err := p.connect(ctx); err != nil {
		return err
	}
	_, err := ask(ctx, p, p.Tier2.Receive, plan.opening,
		func(n int) string { return plan.opening[n].At.SKU })
	return err
}

// playDay plays the rounds of a day.
func (p *player) playDay(ctx context.Context, plan *plan, n int) error {
	day := &plan.days[n]
	if day.isToday {
		return p.playToday(ctx, plan, n)
	}
	picks, err := p.morning(ctx, day)
	if err != nil {
		return err
	}
	if err := p.surprises(ctx, day, picks); err != nil {
		return err
	}
	p.progress.Receipts += len(day.receive)
	return together(
		func() error { return p.promise(ctx, plan, n) },
		func() error { return p.pick(ctx, day, picks) },
		func() error {
			_, err := ask(ctx, p, p.Tier3.Move, day.fetch,
				func(n int) string { return day.fetch[n].From.SKU })
			return err
		},
		func() error {
			_, err := ask(ctx, p, p.Tier2.Receive, day.receive,
				func(n int) string { return day.receive[n].At.SKU })
			return err
		})
}

// playToday plays the day that people see: its morning, and what goes wrong with the WMS.
func (p *player) playToday(ctx context.Context, plan *plan, n int) error {
	day := &plan.days[n]
	p.misbehave(day)
	if _, err := p.morning(ctx, day); err != nil {
		return err
	}
	if err := p.replenish(ctx, day); err != nil {
		return err
	}
	// Orders come first: by them it is known, after a restart, which days the WMS has told of.
	if _, err := p.takeOrders(ctx, plan, n); err != nil {
		return err
	}
	return p.takeNotices(ctx)
}

// morning plays a day's first round, and says of each line that is due what to pick where.
func (p *player) morning(ctx context.Context, day *day) (picks [][]model.PickLine, err error) {
	err = together(
		func() error { return p.ship(ctx, day) },
		func() error {
			_, err := ask(ctx, p, p.Tier3.Move, day.putAway,
				func(n int) string { return day.putAway[n].From.SKU })
			return err
		},
		func() error {
			_, err := ask(ctx, p, p.Tier3.Repack, day.open,
				func(n int) string { return day.open[n].At.SKU })
			return err
		},
		func() (err error) {
			picks, err = p.start(ctx, day)
			return err
		})
	return picks, err
}

// ship lets what was picked the day before leave.
func (p *player) ship(ctx context.Context, day *day) error {
	lines := make([]model.DeductLine, len(day.ship))
	for i, line := range day.ship {
		lines[i] = model.DeductLine{Key: line.Key(), Warehouse: Warehouse, SKU: line.SKU,
			Audit: p.audit(line, day.on, shipHour)}
	}
	_, err := ask(ctx, p, p.Tier2.Deduct, lines, func(n int) string { return lines[n].SKU })
	return err
}

// pick picks what is tied to bins into totes, but for what was picked short already, and counts
// what came from more than one place.
func (p *player) pick(ctx context.Context, day *day, picks [][]model.PickLine) error {
	var lines []model.PickLine
	bins := map[string]map[string]bool{} // of an order
	for i, ofLine := range picks {
		rows := map[model.BinStockKey]bool{}
		order := day.pick[i].OrderID
		for _, line := range ofLine {
			if !line.Short {
				lines = append(lines, line)
			}
			rows[line.From] = true
			if bins[order] == nil {
				bins[order] = map[string]bool{}
			}
			bins[order][line.From.Bin] = true
		}
		p.splits(&p.progress.PickedLines, &p.progress.SplitLines, len(rows))
	}
	for _, ofOrder := range bins {
		p.splits(&p.progress.PickedOrders, &p.progress.SplitOrders, len(ofOrder))
	}
	_, err := ask(ctx, p, p.Tier3.Pick, lines, func(n int) string { return lines[n].From.SKU })
	return err
}

func (p *player) splits(picked, split *int, places int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *picked++; places > 1 {
		*split++
	}
}

func (p *player) audit(line OrderLine, on model.Date, hour int) model.Audit {
	return p.clock.audit("ORDER", line.OrderID, on, hour)
}

// ask sends lines and judges the answers: beside successes, only the codes that are fine.
func ask[L any](ctx context.Context, p *player, call verb[L], lines []L,
	sku func(place int) string, fine ...model.Code) ([]model.Result, error) {
	results, err := send(ctx, call, lines, sku)
	if err == nil {
		judge(p, lines, results, fine)
	}
	return results, err
}

// judge counts lines, and those that were answered other than planned.
func judge[L any](p *player, lines []L, results []model.Result, fine []model.Code) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.Work += len(lines)
	for i, result := range results {
		if result.Code.Succeeded() || result.Code == model.TooOld ||
			slices.Contains(fine, result.Code) {
			continue
		}
		p.progress.Odd++
		if len(p.notes) < notesMax {
			p.notes = append(p.notes, fmt.Sprintf("%s %s: %s (%+v)", result.Code, result.Field,
				result.Message, lines[i]))
		}
	}
}
