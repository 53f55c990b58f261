package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// reconciler makes one whose repairs go through an engine.
func (b *bench) reconciler() *flow.Reconciler {
	return flow.NewReconciler(b.db, b.engine().Repair, nil)
}

func (b *bench) engine() *flow.Engine {
	engine := flow.New(b.db, master.New(b.db), flow.Options{Choose: allocation.Choose})
	b.t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			b.t.Error(err)
		}
	})
	return engine
}

func reconciled(t *testing.T, r *flow.Reconciler, scope flow.Scope) *flow.Run {
	t.Helper()
	run, err := r.Reconcile(context.Background(), scope, "W1", "")
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func differencesOf(t *testing.T, db *store.DB, run *flow.Run) []flow.Difference {
	t.Helper()
	page, err := flow.Differences(context.Background(), db, "W1", run.ID, 0, 200)
	if err != nil {
		t.Fatal(err)
	}
	return page.Rows
}

// differ are the kinds of difference that the inner scopes find, each once.
func differ(t *testing.T, db *store.DB, r *flow.Reconciler) (kinds []string) {
	t.Helper()
	for _, scope := range flow.InnerScopes() {
		for _, difference := range differencesOf(t, db, reconciled(t, r, scope)) {
			kinds = append(kinds, difference.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Every drift that is a matter of the inner scopes is found and named by them, and once each of
// its differences is rebuilt, they and verify find nothing.
func TestReconcileFindsAndRebuildsEachDrift(t *testing.T) {
	inner := strings.Fields(`TIER_SUM NO_ZONE_ROW PINS_OVER_HOLD NO_STOCK_ROW MISSING_FLOW EXTRA_FLOW
		BROKEN_CHAIN BALANCE HELD_SUM PINNED_SUM ORPHAN_HOLD ORPHAN_PIN DOUBLED_KEY EFFECT_LEGS
		QUANTITY_NOT_KEPT COMMIT_FLOWS NO_COMMIT`)
	// Flows cannot be put back by a repair, nor reservations that are gone.
	stays := map[string][]string{"missing flow": {"9 NO_RESERVE_FLOW"},
		"flow of no reservation": {"9 NO_RESERVATION"}}
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		for _, drift := range drifts() {
			var want []string
			for _, breach := range drift.want {
				if _, kind, _ := strings.Cut(breach, " "); slices.Contains(inner, kind) {
					want = append(want, kind)
				}
			}
			slices.Sort(want)
			want = slices.Compact(want)
			if len(want) == 0 || drift.name == "flow without a row" {
				continue // the first is none of theirs, the second has a test of its own
			}
			t.Run(drift.name, func(t *testing.T) {
				b := newBench(t, db, "W1")
				defer b.wipe()
				reservation, pin := b.day()
				drift.inject(b, reservation, pin)
				r := b.reconciler()
				if got := differ(t, db, r); !slices.Equal(got, want) {
					t.Errorf("found %v, want %v", got, want)
				}
				rebuildAll(t, db, r)
				if got := differ(t, db, r); len(got) != 0 {
					t.Errorf("after the repair: %v", got)
				}
				if got := breaches(verified(t, db)); !slices.Equal(got, stays[drift.name]) {
					t.Errorf("verify after the repair: %v", got)
				}
			})
		}
	})
}

func rebuildAll(t *testing.T, db *store.DB, r *flow.Reconciler) {
	t.Helper()
	for _, scope := range flow.InnerScopes() {
		run := reconciled(t, r, scope)
		for i := 0; run.Open > 0; i++ {
			open := slices.DeleteFunc(differencesOf(t, db, run), func(d flow.Difference) bool {
				return d.State != flow.DifferenceOpen
			})
			if len(open) != int(run.Open) || i == 10 {
				t.Fatalf("%s: %d open, listed %+v", scope, run.Open, open)
			}
			after, err := r.Resolve(context.Background(), flow.Resolution{ID: open[0].ID,
				Action: flow.Rebuild, ExpectedDiff: open[0].Diff, Note: "looked at", Actor: "me"})
			if err != nil {
				t.Fatalf("%+v: %v", open[0], err)
			}
			run = after
		}
	}
}

func TestReconcileRecordsARun(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		b.day()
		r := b.reconciler()
		run := reconciled(t, r, flow.ScopeLedger)
		if run.State != flow.RunDone || run.Compared != 7 || run.Matched != 7 || run.Open != 0 ||
			run.StartedAt == 0 || run.FinishedAt < run.StartedAt {
			t.Errorf("a clean run: %+v", run)
		}
		row := b.bin("FAST-01", "A")
		b.exec(`UPDATE bin_stocks SET on_hand = on_hand + 500000 WHERE warehouse = 'W1' AND id = ?`,
			row.id)
		run = reconciled(t, r, flow.ScopeLedger)
		if run.Compared != 7 || run.Matched != 6 || run.Open != 1 {
			t.Errorf("a run with a difference: %+v", run)
		}
		is := differencesOf(t, db, run)[0]
		if is.Kind != "BALANCE" || is.Tier != model.BinTier || is.Bin != "FAST-01" || is.SKU != "A" ||
			is.Zone != "FAST" || is.Quantity != "ON_HAND" || is.Ours.String() != "100.5" ||
			is.Theirs.String() != "100" || is.Diff.String() != "0.5" || is.SeenRuns != 1 ||
			is.State != flow.DifferenceOpen || !strings.Contains(is.Note, "as after its flow 2") {
			t.Errorf("the difference: %+v", is)
		}
		page, err := flow.Runs(ctx, db, "W1", flow.ScopeLedger, 0, 1)
		if err != nil || len(page.Rows) != 1 || !page.More || page.Rows[0] != *run {
			t.Errorf("the newest run: %+v %v", page, err)
		}
		page, err = flow.Runs(ctx, db, "W1", "", run.ID, 5)
		if err != nil || len(page.Rows) != 1 || page.More || page.Rows[0].Open != 0 {
			t.Errorf("the run before: %+v %v", page, err)
		}
	})
}

func TestReconcileCountsIgnoresAndClears(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		b.day()
		r := b.reconciler()
		set := func(onHand int64) {
			b.exec(`UPDATE bin_stocks SET on_hand = ? WHERE warehouse = 'W1' AND id = ?`,
				onHand*unit, b.bin("FAST-01", "A").id)
		}
		set(101)
		reconciled(t, r, flow.ScopeLedger)
		run := reconciled(t, r, flow.ScopeLedger)
		seen := differencesOf(t, db, run)[0]
		if seen.SeenRuns != 2 {
			t.Errorf("the second run to see it says %d", seen.SeenRuns)
		}
		run, err := r.Resolve(ctx, flow.Resolution{ID: seen.ID, Action: flow.Ignore,
			ExpectedDiff: model.One, Note: "known", Actor: "me"})
		if err != nil || run.Open != 0 || run.ID != seen.RunID {
			t.Fatalf("ignored: %+v %v", run, err)
		}
		if run = reconciled(t, r, flow.ScopeLedger); run.Open != 0 || run.Matched != 6 {
			t.Errorf("an ignored difference counts: %+v", run)
		}
		if again := differencesOf(t, db, run)[0]; again.State != flow.DifferenceIgnored ||
			again.SeenRuns != 3 {
			t.Errorf("an ignored difference: %+v", again)
		}
		set(102)
		moved := reconciled(t, r, flow.ScopeLedger)
		if moved.Open != 1 || differencesOf(t, db, moved)[0].SeenRuns != 1 {
			t.Errorf("one that moved is new: %+v", moved)
		}
		set(100)
		reconciled(t, r, flow.ScopeLedger)
		if is := differencesOf(t, db, moved)[0]; is.State != flow.DifferenceCleared {
			t.Errorf("one that is gone: %+v", is)
		}
	})
}

func refusalOf(t *testing.T, err error) model.Refusal {
	t.Helper()
	refusal := (*model.Refusal)(nil)
	if !errors.As(err, &refusal) {
		t.Fatalf("no refusal but %v", err)
	}
	return *refusal
}

func TestReconcileRefuses(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		b.day()
		r := b.reconciler()
		asked := []struct {
			scope     flow.Scope
			warehouse string
			code      model.Code
			field     string
		}{{flow.ScopeExternal, "W1", model.Invalid, "scope"}, {"ALL", "W1", model.Invalid, "scope"},
			{flow.ScopeTiers, "W9", model.NotFound, "warehouse"}}
		for _, ask := range asked {
			_, err := r.Reconcile(ctx, ask.scope, ask.warehouse, "")
			if is := refusalOf(t, err); is.Code != ask.code || is.Field != ask.field {
				t.Errorf("%+v: %+v", ask, is)
			}
		}
		b.exec(`UPDATE bin_stocks SET on_hand = on_hand + 1000000 WHERE warehouse = 'W1' AND id = ?`,
			b.bin("FAST-01", "A").id)
		is := differencesOf(t, db, reconciled(t, r, flow.ScopeLedger))[0]
		decisions := []struct {
			decision flow.Resolution
			code     model.Code
			field    string
		}{
			{flow.Resolution{ID: is.ID, Action: flow.AcceptTheirs}, model.Invalid, "action"},
			{flow.Resolution{ID: is.ID, Action: flow.Recount}, model.Invalid, "action"},
			{flow.Resolution{ID: is.ID, Action: "HOPE"}, model.Invalid, "action"},
			{flow.Resolution{ID: 1, Action: flow.Ignore}, model.NotFound, "id"},
			{flow.Resolution{ID: is.ID, Action: flow.Rebuild, ExpectedDiff: 2 * model.One},
				model.Stale, "expectedDiff"},
		}
		for _, d := range decisions {
			_, err := r.Resolve(ctx, d.decision)
			if got := refusalOf(t, err); got.Code != d.code || got.Field != d.field {
				t.Errorf("%+v: %+v", d.decision, got)
			}
		}
		b.exec(`UPDATE bin_stocks SET on_hand = on_hand - 1000000 WHERE warehouse = 'W1' AND id = ?`,
			b.bin("FAST-01", "A").id)
		_, err := r.Resolve(ctx, flow.Resolution{ID: is.ID, Action: flow.Rebuild,
			ExpectedDiff: model.One})
		if got := refusalOf(t, err); got.Code != model.Stale {
			t.Errorf("one that is gone: %+v", got)
		}
	})
}

func TestRebuildRefusesWhatCannotBe(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.receive("ASN1", "FAST-01", "A", 5)
		id := b.reserve("O1", "FAST", "A", 5)
		// The bin lost four of the five that are promised, and both its books say so.
		b.effect(b.task(model.Adjust, "A1"), 0, post{row: b.bin("FAST-01", "A"), onHand: -4})
		r := b.reconciler()
		is := differencesOf(t, db, reconciled(t, r, flow.ScopeTiers))[0]
		decision := flow.Resolution{ID: is.ID, Action: flow.Rebuild, ExpectedDiff: is.Diff}
		_, err := r.Resolve(context.Background(), decision)
		if got := refusalOf(t, err); got.Code != model.InvalidState ||
			!strings.Contains(got.Message, "on hand 1, reserved 5") {
			t.Errorf("%+v", got)
		}
		b.exec(`UPDATE holds SET released = 4000000, open_qty = 1000000 WHERE warehouse = 'W1'`)
		b.effect(b.line(model.Release, "O1"), id, post{row: b.zone("FAST", "A"), reserved: -4})
		if _, err := r.Resolve(context.Background(), decision); err != nil {
			t.Error(err)
		}
		if report := verified(t, db); !report.OK() {
			t.Error(breaches(report))
		}
	})
}

func TestRebuildNeedsTheRow(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.receive("ASN1", "FAST-01", "A", 5)
		b.exec(`DELETE FROM bin_stocks WHERE warehouse = 'W1'`)
		r := b.reconciler()
		is := differencesOf(t, db, reconciled(t, r, flow.ScopeLedger))[0]
		_, err := r.Resolve(context.Background(), flow.Resolution{ID: is.ID, Action: flow.Rebuild})
		if got := refusalOf(t, err); is.Kind != "NO_STOCK_ROW" || got.Code != model.InvalidState {
			t.Errorf("%+v: %+v", is, got)
		}
	})
}

// A repair is worked out from a snapshot: what has moved since is not overwritten.
func TestRebuildRefusesARowThatMoved(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.receive("ASN1", "FAST-01", "A", 5)
		b.exec(`UPDATE zone_stocks SET on_hand = 6000000 WHERE warehouse = 'W1'`)
		engine := b.engine()
		r := flow.NewReconciler(db, func(ctx context.Context, warehouse string,
			repairs []flow.Repair, note, actor string) ([]model.Result, error) {
			b.receive("ASN2", "FAST-01", "A", 1)
			return engine.Repair(ctx, warehouse, repairs, note, actor)
		}, nil)
		is := differencesOf(t, db, reconciled(t, r, flow.ScopeLedger))[0]
		_, err := r.Resolve(context.Background(), flow.Resolution{ID: is.ID, Action: flow.Rebuild,
			ExpectedDiff: is.Diff})
		if got := refusalOf(t, err); got.Code != model.Stale {
			t.Errorf("%+v", got)
		}
	})
}
