package stocktest

import (
	"slices"
	"strings"
	"testing"

	"tierstock/flow"
	"tierstock/store"
)

// Each drift is found and named, by verify and by its scope of a reconciliation; and once every
// difference is rebuilt by the engine, neither finds anything any more.
func TestDriftsAreFoundNamedAndRepaired(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		for _, drift := range Drifts() {
			t.Run(strings.ReplaceAll(drift.Name, " ", "_"), func(t *testing.T) {
				s := New(t, db)
				s.DriftedDay()
				s.Verify()
				drift.Inject(s)
				if !slices.ContainsFunc(breaches(t, s), func(breach flow.Breach) bool {
					return breach.Invariant == drift.Invariant && breach.Kind == drift.Kind &&
						strings.Contains(breach.Row, drift.Row)
				}) {
					t.Errorf("verify found only %v", breaches(t, s))
				}
				reconciler := flow.NewReconciler(db, s.Engine.Repair, nil)
				found := differences(t, s, reconciler, drift.Scope)
				if !slices.ContainsFunc(found, func(difference flow.Difference) bool {
					return difference.Kind == drift.Kind
				}) {
					t.Errorf("reconciling %s found only %+v", drift.Scope, found)
				}
				rebuild(t, s, reconciler)
				if left := breaches(t, s); len(left) > 0 && !drift.Stays {
					t.Errorf("after the repair there are %v", left)
				}
			})
		}
	})
}

func breaches(t *testing.T, s *Site) (found []flow.Breach) {
	t.Helper()
	report, err := flow.Verify(t.Context(), s.DB,
		flow.VerifyOptions{Warehouses: []string{s.Warehouse}})
	if err != nil {
		t.Fatal(err)
	}
	for _, verdict := range report.Invariants {
		found = append(found, verdict.Listed...)
	}
	return found
}

// differences are the open ones of a run now.
func differences(t *testing.T, s *Site, reconciler *flow.Reconciler,
	scope flow.Scope) []flow.Difference {
	t.Helper()
	run, err := reconciler.Reconcile(t.Context(), scope, s.Warehouse, "")
	if err != nil {
		t.Fatal(err)
	}
	page, err := flow.Differences(t.Context(), s.DB, s.Warehouse, run.ID, 0, pageRows)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(page.Rows, func(difference flow.Difference) bool {
		return difference.State != flow.DifferenceOpen
	})
}

// rebuild resolves one difference after the other until no scope has an open one.
func rebuild(t *testing.T, s *Site, reconciler *flow.Reconciler) {
	t.Helper()
	const resolvedMax = 10
	for range resolvedMax {
		var open []flow.Difference
		for _, scope := range flow.InnerScopes() {
			open = append(open, differences(t, s, reconciler, scope)...)
		}
		if len(open) == 0 {
			return
		}
		_, err := reconciler.Resolve(t.Context(), flow.Resolution{ID: open[0].ID,
			Action: flow.Rebuild, ExpectedDiff: open[0].Diff, Note: "looked at", Actor: "test"})
		if err != nil {
			t.Fatalf("%+v: %v", open[0], err)
		}
	}
	t.Error("differences stay open")
}
