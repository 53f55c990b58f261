package flow_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

func TestScheduledRunIsMadeOnce(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		b.day()
		var asking sync.WaitGroup
		for range 8 {
			asking.Go(func() {
				r := b.reconciler()
				refusal := (*model.Refusal)(nil)
				_, err := r.Reconcile(ctx, flow.ScopeTiers, "W1", "2026-11-23")
				if err != nil && (!errors.As(err, &refusal) || refusal.Code != model.Busy) {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		r := b.reconciler()
		first, err := r.Reconcile(ctx, flow.ScopeTiers, "W1", "2026-11-23")
		if err != nil {
			t.Fatal(err)
		}
		page, err := flow.Runs(ctx, db, "W1", "", 0, 50)
		if err != nil || len(page.Rows) != 1 || page.Rows[0] != *first ||
			first.State != flow.RunDone {
			t.Errorf("%+v %v", page, err)
		}
		if next, err := r.Reconcile(ctx, flow.ScopeTiers, "W1", "2026-11-24"); err != nil ||
			next.ID == first.ID {
			t.Errorf("the next day: %+v %v", next, err)
		}
		one, other := reconciled(t, r, flow.ScopeTiers), reconciled(t, r, flow.ScopeTiers)
		if one.ID == other.ID || one.BusinessDate != "" {
			t.Errorf("runs that are asked for are new: %+v %+v", one, other)
		}
	})
}

func TestRunThatWasCutOffIsMadeAgain(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		r := b.reconciler()
		b.exec(`INSERT INTO reconciliation_runs (warehouse, id, scope, business_date, state,
			started_at) VALUES ('W1', 7, 'TIERS', '2026-11-23', 'RUNNING', 1)`)
		run, err := r.Reconcile(ctx, flow.ScopeTiers, "W1", "2026-11-23")
		if err != nil || run.ID == 7 || run.State != flow.RunDone {
			t.Fatalf("%+v %v", run, err)
		}
		page, err := flow.Runs(ctx, db, "W1", flow.ScopeTiers, 8, 5)
		if err != nil || page.Rows[0].State != flow.RunFailed || page.Rows[0].Error == "" {
			t.Errorf("%+v %v", page, err)
		}
		for id := range 5 {
			b.exec(`INSERT INTO reconciliation_runs (warehouse, id, scope, business_date, state,
				started_at) VALUES ('W1', ?, 'TIERS', '2026-11-24', 'FAILED', 1)`, id+10)
		}
		run, err = r.Reconcile(ctx, flow.ScopeTiers, "W1", "2026-11-24")
		if err != nil || run.State != flow.RunFailed {
			t.Errorf("one that always fails is given up: %+v %v", run, err)
		}
	})
}

// A process that was paused past its lease does not begin a run after its successor.
func TestRunIsFencedOff(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		r := b.reconciler()
		reconciled(t, r, flow.ScopeTiers)
		b.exec(`UPDATE marks SET value = '999 1' WHERE warehouse = 'W1' AND name = 'reconcile.TIERS'`)
		if _, err := r.Reconcile(context.Background(), flow.ScopeTiers, "W1", ""); !errors.Is(err,
			store.ErrLeaseLost) {
			t.Error(err)
		}
		page, err := flow.Runs(context.Background(), db, "W1", "", 0, 5)
		if err != nil || len(page.Rows) != 1 {
			t.Errorf("%+v %v", page, err)
		}
	})
}
