package sample

import (
	"context"
	"testing"
)

// The tests play the first lines of the history, which have few SKUs: under the race detector all
// of it would take minutes. How many days these take is a day more than they have.
const (
	SomeLines = 100
	SomeDays  = 41
)

// PlaySome plays the first lines of the history.
func PlaySome(ctx context.Context, t *testing.T, site *Site, replay Replay) (Outcome, error) {
	t.Helper()
	return site.playOrders(ctx, history(t)[:SomeLines], replay)
}

// Expected is how many pieces the plan expects to be held of them.
func Expected(t *testing.T) (held int64) {
	t.Helper()
	for _, day := range newPlan(history(t)[:SomeLines], "2026-11-22").days {
		held += day.held
	}
	return held
}

// ExpectedSurprises are those of the plan: every short pick is served from elsewhere.
func ExpectedSurprises(t *testing.T) (found Surprises) {
	t.Helper()
	for _, day := range newPlan(history(t)[:SomeLines], "2026-11-22").days {
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
