package flow

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// Limits of reconciliation.
const (
	// differencesMax is how many differences a run keeps; all are counted. Somebody is to look at
	// each, and after a thousand the cause is another than a row's.
	differencesMax = 1000
	// attemptsMax is how often a scheduled run is tried again for one business date.
	attemptsMax = 5
	// runLease is for how long a process that has died keeps others from a scope; one that lives
	// prolongs it.
	runLease = time.Minute
)

// Scope is what a reconciliation compares.
type Scope string

// The scopes. The inner ones compare the books with themselves: balances with the sum of flows,
// tier 2 with the sum of tier 3, reserved with what is open and pinned.
const (
	ScopeLedger       Scope = "LEDGER"
	ScopeTiers        Scope = "TIERS"
	ScopeReservations Scope = "RESERVATIONS"
	ScopeExternal     Scope = "EXTERNAL"
)

// InnerScopes are those that need nothing but the books.
func InnerScopes() []Scope { return []Scope{ScopeLedger, ScopeTiers, ScopeReservations} }

// RunState is how far a run is.
type RunState string

// The states of a run.
const (
	RunRunning RunState = "RUNNING"
	RunDone    RunState = "DONE"
	RunFailed  RunState = "FAILED"
)

// Run is one comparison of one warehouse. BusinessDate is "" for one that was asked for.
type Run struct {
	ID                              int64
	Scope                           Scope
	Warehouse                       string
	BusinessDate                    model.Date
	State                           RunState
	Compared, Matched, Timing, Open int64
	StartedAt, FinishedAt           model.Instant
	Error                           string
}

// RepairFunc writes repairs as ordinary flows of action REPAIR: Engine.Repair.
type RepairFunc func(ctx context.Context, warehouse string, repairs []Repair, note,
	actor string) ([]model.Result, error)

// Outside compares a warehouse's books with those of the systems around it: package wmsync.
type Outside interface {
	// Compares says whether there is anybody to compare a warehouse with.
	Compares(warehouse string) bool
	// Compare lays both sides beside each other.
	Compare(ctx context.Context, warehouse string) (OutsideFound, error)
	// Decide looks at a difference again and carries a decision about it out. Refusals are
	// *model.Refusal; STALE means that the difference is another by now.
	Decide(ctx context.Context, difference Difference, decision Resolution) error
}

// OutsideFound is what a comparison with other systems found: rows compared, and matched, and what
// differs, each TIMING, CLEARED or OPEN.
type OutsideFound struct {
	Compared, Matched int64
	Differences       []Difference
}

// Reconciler compares the books with themselves, and with others', and records what differs. It
// never repairs on its own: Resolve does, when it is told to.
type Reconciler struct {
	db      *store.DB
	repair  RepairFunc
	outside Outside
}

// NewReconciler makes a reconciler; repair is Engine.Repair, outside nil where there is nobody to
// compare with.
func NewReconciler(db *store.DB, repair RepairFunc, outside Outside) *Reconciler {
	return &Reconciler{db, repair, outside}
}

// Reconcile runs a scope in a warehouse. For a business date there is one run however many
// processes ask for it: the run that is there is returned. With "" it is always a new one. BUSY
// means that another is at it. Refusals are *model.Refusal. With the error of a run that came to
// nothing comes the run, which is FAILED.
func (r *Reconciler) Reconcile(ctx context.Context, scope Scope, warehouse string,
	date model.Date) (*Run, error) {
	if err := r.check(ctx, scope, warehouse); err != nil {
		return nil, err
	}
	if date != "" {
		run, err := r.settled(ctx, r.db.Reader(), scope, warehouse, date)
		if run != nil || err != nil {
			return run, err
		}
	}
	var run *Run
	held, err := r.db.UnderLease(ctx, leaseOf(scope, warehouse), runLease,
		func(ctx context.Context, epoch int64) (err error) {
			run, err = r.perform(ctx, scope, warehouse, date, epoch)
			return err
		})
	if err == nil && !held {
		err = Refuse(model.Busy, "scope", "a "+string(scope)+" run of this warehouse is going on")
	}
	return run, err
}

func (r *Reconciler) check(ctx context.Context, scope Scope, warehouse string) error {
	if scope != ScopeExternal && !slices.Contains(InnerScopes(), scope) {
		return Refuse(model.Invalid, "scope", "there is no scope "+string(scope))
	}
	known := false
	err := store.EachRow(ctx, r.db.Reader(), `SELECT 1 FROM warehouses WHERE code = ?`,
		[]any{warehouse}, func(*sql.Rows) error { known = true; return nil })
	if err == nil && !known {
		err = Refuse(model.NotFound, "warehouse", "there is no warehouse "+warehouse)
	}
	if err == nil && scope == ScopeExternal && (r.outside == nil || !r.outside.Compares(warehouse)) {
		err = Refuse(model.Invalid, "scope", "EXTERNAL compares with another system's stock, and no "+
			"system whose stock is pulled is configured for warehouse "+warehouse)
	}
	return err
}

// leaseOf names a scope's lease. A warehouse's code may alone be as long as a name of a lease.
func leaseOf(scope Scope, warehouse string) string {
	sum := sha256.Sum256([]byte(warehouse))
	return "reconcile." + string(scope) + "." + hex.EncodeToString(sum[:16])
}

// perform does one run under the scope's lease.
func (r *Reconciler) perform(ctx context.Context, scope Scope, warehouse string,
	date model.Date, epoch int64) (*Run, error) {
	run, isNew, err := r.begin(ctx, scope, warehouse, date, epoch)
	if err != nil || !isNew {
		return run, err
	}
	found, err := r.find(ctx, run)
	if err == nil {
		err = r.finish(ctx, run, found)
	}
	if err != nil {
		run.State, run.Error = RunFailed, shortText(err.Error())
		return run, errors.Join(err, r.fail(ctx, run, err))
	}
	return run, nil
}

// found is what a run is to record. listed: all that differs is among the differences.
type found struct {
	compared, matched, timing, open int64
	differences                     []Difference
	listed                          bool
}

// find compares what the run is about.
func (r *Reconciler) find(ctx context.Context, run *Run) (found, error) {
	if run.Scope == ScopeExternal {
		return r.findOutside(ctx, run)
	}
	compared, err := compare(ctx, r.db, run.Scope, run.Warehouse)
	if err != nil {
		return found{}, err
	}
	differences := make([]Difference, len(compared.findings))
	for i, finding := range compared.findings {
		differences[i] = differenceOf(r.db.NewID(), run.ID, finding)
	}
	return found{compared: compared.compared, matched: compared.matched, open: compared.differ,
		differences: differences, listed: compared.differ == int64(len(differences))}, nil
}

// findOutside compares with other systems. What is explained, or was gone at a second look, is
// recorded as such.
func (r *Reconciler) findOutside(ctx context.Context, run *Run) (found, error) {
	compared, err := r.outside.Compare(ctx, run.Warehouse)
	if err != nil {
		return found{}, err
	}
	is := found{compared: compared.Compared, matched: compared.Matched, listed: true}
	for _, difference := range compared.Differences {
		switch difference.State {
		case DifferenceTiming:
			is.timing++
		case DifferenceOpen:
			is.open++
		}
		if len(is.differences) == differencesMax {
			is.listed = false
			continue
		}
		difference.ID, difference.RunID = r.db.NewID(), run.ID
		difference.Warehouse, difference.Note = run.Warehouse, shortText(difference.Note)
		difference.SeenRuns = 1
		is.differences = append(is.differences, difference)
	}
	return is, nil
}

// comparison is what a scope found, all in one snapshot.
type comparison struct {
	findings []finding
	// differ is how many findings there are, matched how many of the compared rows have none.
	differ, compared, matched int64
}

// compare runs the checks of a scope.
func compare(ctx context.Context, db *store.DB, scope Scope, warehouse string) (
	result comparison, err error) {
	err = db.Snapshot(ctx, func(tx *store.Tx) error {
		result = comparison{}
		broken := map[int64]bool{}
		checker := newChecker(tx, warehouse, func(f finding) {
			result.differ++
			if len(result.findings) < differencesMax {
				result.findings = append(result.findings, f)
			}
			if f.commit == 0 {
				broken[f.row.id] = true
			}
		})
		for _, ledger := range ledgers() {
			if scope == ScopeTiers && ledger.tier == model.BinTier {
				continue
			}
			rowCount, err := checker.countRows(ctx, ledger)
			if err != nil {
				return err
			}
			result.compared += rowCount
		}
		if err := checker.run(ctx, scope); err != nil {
			return err
		}
		delete(broken, 0)
		result.matched = max(0, result.compared-int64(len(broken)))
		return nil
	})
	return result, err
}

// run does the checks of one scope.
func (c *checker) run(ctx context.Context, scope Scope) error {
	for _, check := range checks() {
		if check.scope == scope {
			if err := check.run(c, ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
