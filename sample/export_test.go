package sample

import (
	"context"
	"slices"
	"testing"
)

// The tests play the first lines of the history, which have few SKUs: under the race detector all
// of it would take minutes. How many days these take is a day more than they have.
const (
	SomeLines = 100
	SomeDays  = 41
)

// hotEvery is of how many lines one asks for the same SKU, so that some get nothing at first, and
// some never.
const (
	hotEvery  = 4
	hotPieces = 9
)

func someOrders(t *testing.T) []OrderLine {
	t.Helper()
	lines := slices.Clone(history(t)[:SomeLines])
	hot := lines[0]
	for n := range lines {
		if n%hotEvery == 1 {
			lines[n].SKU, lines[n].Name, lines[n].Kind = hot.SKU, hot.Name, hot.Kind
			lines[n].Pieces = hotPieces
		}
		// What would be picked on the last day but one is on the last: then something ships after it.
		if last := lines[SomeLines-1].OrderedOn; lines[n].ShipOn == last.Plus(-1) {
			lines[n].ShipOn = last
		}
	}
	return lines
}

// PlaySome plays the first lines of the history, with a hot SKU.
func PlaySome(ctx context.Context, t *testing.T, site *Site, replay Replay) (Outcome, error) {
	t.Helper()
	return site.playOrders(ctx, someOrders(t), replay)
}

// PlayPartly plays the first lines but for the last day, and of that the morning and the first part
// of replenishment, as if it had been interrupted there: of so many tasks every other one is moved.
// With 0 the run is made, with less only the levels are set.
func PlayPartly(ctx context.Context, t *testing.T, site *Site, moved int) error {
	t.Helper()
	outcome, err := PlaySome(ctx, t, site, Replay{Days: SomeDays - 1})
	if err != nil {
		return err
	}
	last, _, err := site.begin(ctx)
	if err != nil {
		return err
	}
	plan := newPlan(someOrders(t), last)
	p := &player{Site: site, clock: plan.clock, progress: outcome.Progress}
	today := &plan.days[SomeDays-1]
	p.misbehave(today)
	if _, err := p.morning(ctx, today); err != nil {
		return err
	}
	if moved < 0 {
		return upsert(ctx, site.Replenish.UpsertLevels, today.levels)
	}
	moves, err := p.propose(ctx, today)
	if err != nil {
		return err
	}
	return p.workOff(ctx, moves[:moved])
}

// Expected is how many pieces the plan expects to be held of them.
func Expected(t *testing.T) (held int64) {
	t.Helper()
	for _, day := range newPlan(someOrders(t), "2026-11-22").days {
		held += day.held
	}
	return held
}

// ExpectedSurprises are those of the plan: every short pick is served from elsewhere.
func ExpectedSurprises(t *testing.T) (found Surprises) {
	t.Helper()
	for _, day := range newPlan(someOrders(t), "2026-11-22").days {
		for _, picking := range day.pick {
			if picking.missing > 0 {
				found.ShortPicks++
			}
		}
		if day.damaged != nil {
			found.Damaged++
		}
	}
	found.Moved, found.Counts = found.ShortPicks, found.ShortPicks+found.Damaged
	return found
}

// SurpriseDays are the days on which something is not as the book says, but for the last few.
func SurpriseDays(t *testing.T) (days []int) {
	t.Helper()
	all := newPlan(someOrders(t), "2026-11-22").days
	for n, day := range all[:len(all)-5] {
		short := slices.ContainsFunc(day.pick, func(p picking) bool { return p.missing > 0 })
		if short || day.damaged != nil {
			days = append(days, n)
		}
	}
	return days
}

// Troubles are, on the last day of the plan, the article whose movement the WMS refuses, and the
// one that it loses a piece of.
func Troubles(t *testing.T) (refused, lost string) {
	t.Helper()
	days := newPlan(someOrders(t), "2026-11-22").days
	return days[len(days)-1].refused, days[len(days)-1].lost
}

// Coming is how many lines of goods are to come after the last day of the plan.
func Coming(t *testing.T) (lines int) {
	t.Helper()
	days := newPlan(someOrders(t), "2026-11-22").days
	for _, notice := range days[len(days)-1].coming {
		lines += len(notice.Lines)
	}
	return lines
}
