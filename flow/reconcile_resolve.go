package flow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"tierstock/model"
	"tierstock/store"
)

// DifferenceAction is what somebody decided about a difference.
type DifferenceAction string

// The decisions. Rebuild is for differences inside the books, those between for others' figures.
const (
	AcceptTheirs DifferenceAction = "ACCEPT_THEIRS"
	AcceptOurs   DifferenceAction = "ACCEPT_OURS"
	Recount      DifferenceAction = "RECOUNT"
	Ignore       DifferenceAction = "IGNORE"
	Rebuild      DifferenceAction = "REBUILD"
)

// restatedMark names the mark of a commit that somebody looked at and accepted as it is: flows of
// it were taken away or put in by hand, which no new flow can mend.
const restatedMark = "restated:"

// Resolution is a decision about a difference. ExpectedDiff is the difference that whoever decided
// was looking at.
type Resolution struct {
	ID           int64
	Action       DifferenceAction
	ExpectedDiff model.Quantity
	Note         string
	Actor        string
	// Sees says which warehouses are the decider's; a difference of another is none. nil is all.
	Sees func(warehouse string) bool
}

// Resolve carries a decision out and returns the run as it is then. IGNORE keeps the difference
// from being reported as long as it does not change. REBUILD writes flows of action REPAIR, after
// which the next run finds nothing there. Refusals are *model.Refusal; STALE means that the
// difference is another by now.
func (r *Reconciler) Resolve(ctx context.Context, decision Resolution) (*Run, error) {
	difference, err := r.toResolve(ctx, decision)
	if err != nil {
		return nil, err
	}
	scope, err := r.scopeOf(ctx, difference)
	if err != nil {
		return nil, err
	}
	if scope == ScopeExternal {
		return r.resolveOutside(ctx, difference, decision)
	}
	if !slices.Contains([]DifferenceAction{Ignore, Rebuild}, decision.Action) {
		return nil, Refuse(model.Invalid, "action", string(decision.Action)+" is for EXTERNAL "+
			"differences; this one is inside the books: REBUILD or IGNORE it")
	}
	seen, err := examine(ctx, r.db, scope, difference)
	if err != nil {
		return nil, err
	}
	if now := seen.diff(); now != decision.ExpectedDiff || seen.found == nil {
		return nil, Refuse(model.Stale, "expectedDiff", "the difference is "+now.String()+" now")
	}
	state := DifferenceIgnored
	if decision.Action == Rebuild {
		state = DifferenceResolved
		if err := r.rebuild(ctx, difference, seen, decision); err != nil {
			return nil, err
		}
	}
	resolved := []int64{difference.ID}
	if state == DifferenceResolved {
		if resolved, err = r.goneSince(ctx, scope, difference); err != nil {
			return nil, err
		}
	}
	return r.decided(ctx, difference, resolved, state, decision)
}

// resolveOutside carries a decision about another system's figures out.
func (r *Reconciler) resolveOutside(ctx context.Context, difference *Difference,
	decision Resolution) (*Run, error) {
	if decision.Action == Rebuild {
		return nil, Refuse(model.Invalid, "action", "REBUILD is for differences inside the books; "+
			"of this one ACCEPT_THEIRS, ACCEPT_OURS, RECOUNT or IGNORE it")
	}
	if r.outside == nil {
		return nil, Refuse(model.InvalidState, "id", "no system is configured any more")
	}
	if err := r.outside.Decide(ctx, *difference, decision); err != nil {
		return nil, err
	}
	state := DifferenceResolved
	if decision.Action == Ignore {
		state = DifferenceIgnored
	}
	return r.decided(ctx, difference, []int64{difference.ID}, state, decision)
}

func (r *Reconciler) toResolve(ctx context.Context, decision Resolution) (*Difference, error) {
	switch decision.Action {
	case Ignore, Rebuild, AcceptTheirs, AcceptOurs, Recount:
	default:
		return nil, Refuse(model.Invalid, "action", "there is no action "+string(decision.Action))
	}
	difference, err := FindDifference(ctx, r.db, decision.ID)
	switch {
	case err != nil:
		return nil, err
	case difference == nil || decision.Sees != nil && !decision.Sees(difference.Warehouse):
		return nil, Refuse(model.NotFound, "id", "there is no such difference")
	case difference.State != DifferenceOpen:
		return nil, Refuse(model.InvalidState, "id", "the difference is "+string(difference.State))
	}
	return difference, nil
}

func (r *Reconciler) scopeOf(ctx context.Context, difference *Difference) (scope Scope, err error) {
	err = store.EachRow(ctx, r.db.Reader(), `SELECT scope FROM reconciliation_runs
		WHERE warehouse = ? AND id = ?`, []any{difference.Warehouse, difference.RunID},
		func(rows *sql.Rows) error { return rows.Scan(&scope) })
	return scope, err
}

// examination is a difference as it is now, and what would put it right.
type examination struct {
	found   *finding
	repairs []Repair
	refusal error
}

func (e examination) diff() model.Quantity {
	if e.found == nil {
		return 0
	}
	return quantityOf(e.found.ours.Sub(e.found.theirs))
}

// examine looks at a difference again, and at all that its repair depends on, in one snapshot.
func examine(ctx context.Context, db *store.DB, scope Scope, difference *Difference) (
	seen examination, err error) {
	err = db.Snapshot(ctx, func(tx *store.Tx) error {
		seen = examination{}
		restate := map[int64]bool{}
		is := difference.identity()
		for _, each := range InnerScopes() {
			checker := newChecker(tx, difference.Warehouse, func(f finding) {
				now := differenceOf(0, 0, f).identity()
				moved := now.diff != is.diff
				now.diff = is.diff
				if each == scope && now == is && (seen.found == nil || !moved) {
					seen.found = &f
				}
				if each == ScopeLedger && f.commit == 0 {
					restate[f.row.id] = true
				}
			})
			if err := checker.run(ctx, each); err != nil {
				return err
			}
		}
		if seen.found == nil {
			return nil
		}
		repairs, err := planFor(ctx, tx, *seen.found, restate)
		if refusal := (*model.Refusal)(nil); errors.As(err, &refusal) {
			seen.refusal, err = refusal, nil
		}
		seen.repairs = repairs
		return err
	})
	return seen, err
}

// planFor repairs the family of the row that the finding names; where the row is gone, what hangs
// in the air is closed.
func planFor(ctx context.Context, tx *store.Tx, f finding, restate map[int64]bool) (
	[]Repair, error) {
	switch {
	case f.row.sku != "":
		members, err := loadFamily(ctx, tx, model.ZoneStockKey{Warehouse: f.warehouse,
			Zone: f.row.zone, Owner: f.row.owner, SKU: f.row.sku, Batch: f.row.batch,
			Pack: f.row.pack}, restate)
		if err != nil {
			return nil, err
		}
		return members.plan()
	case f.kind == kindOrphanHold:
		return []Repair{{Hold: &OrphanHold{Reservation: f.reservation, ZoneStock: f.row.id}}}, nil
	case f.kind == kindOrphanPin:
		return []Repair{{Pin: f.task}}, nil
	}
	return nil, Refuse(model.InvalidState, "action", "the stock row of these flows is gone; put "+
		"it back, then rebuild it")
}

// rebuild writes the repairs. A commit whose flows were tampered with is marked as looked at:
// flows are never changed, and its rows are repaired as differences of their own.
func (r *Reconciler) rebuild(ctx context.Context, difference *Difference, seen examination,
	decision Resolution) error {
	if seen.found.commit != 0 {
		return r.acceptCommit(ctx, difference.Warehouse, seen.found.commit, decision.Note)
	}
	if seen.refusal != nil {
		return seen.refusal
	}
	results, err := r.repair(ctx, difference.Warehouse, seen.repairs, decision.Note, decision.Actor)
	if err != nil {
		return err
	}
	for _, result := range results {
		if !result.Code.Succeeded() {
			return &model.Refusal{Code: result.Code, Field: result.Field, Message: result.Message}
		}
	}
	return nil
}

const sqlNewMark = `INSERT INTO marks (warehouse, name, value) VALUES (?, ?, ?)`

func (r *Reconciler) acceptCommit(ctx context.Context, warehouse string, commit int64,
	note string) error {
	return r.db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, sqlNewMark, warehouse,
			restatedMark+strconv.FormatInt(commit, 10), note)
		if errors.Is(err, store.ErrDuplicate) {
			return nil
		}
		return err
	})
}

// decided records the decision, and what was resolved with it: a repair puts a whole family of rows
// right.
func (r *Reconciler) decided(ctx context.Context, difference *Difference, resolved []int64,
	state DifferenceState, decision Resolution) (*Run, error) {
	run := Run{ID: difference.RunID, Warehouse: difference.Warehouse}
	err := r.db.Transact(ctx, func(tx *store.Tx) error {
		changed := int64(0)
		for _, id := range resolved {
			affected, err := tx.Exec(ctx, `UPDATE differences SET state = ?, note = ?
				WHERE warehouse = ? AND id = ? AND state = ?`, state,
				shortText(decision.Note+" ("+decision.Actor+")"), difference.Warehouse, id,
				DifferenceOpen)
			if err != nil {
				return err
			}
			changed += affected
		}
		_, err := tx.Exec(ctx, `UPDATE reconciliation_runs SET open_count = open_count - ?
			WHERE warehouse = ? AND id = ?`, changed, run.Warehouse, run.ID)
		if err != nil {
			return err
		}
		return landed(ctx, tx, &run)
	})
	return &run, err
}

// goneSince are the differences of the run that are not there any more. That the one that was
// rebuilt still is would be a defect of the plan.
func (r *Reconciler) goneSince(ctx context.Context, scope Scope, difference *Difference) (
	gone []int64, err error) {
	now, err := compare(ctx, r.db, scope, difference.Warehouse)
	if err != nil {
		return nil, err
	}
	if now.differ > int64(len(now.findings)) {
		// What a shortened list does not show may still be there.
		return []int64{difference.ID}, nil
	}
	there := map[differenceName]bool{}
	for _, finding := range now.findings {
		there[differenceOf(0, 0, finding).identity()] = true
	}
	if there[difference.identity()] {
		return nil, fmt.Errorf("difference %d is still there after its repair", difference.ID)
	}
	for after, more := int64(0), true; more; {
		page, err := Differences(ctx, r.db, difference.Warehouse, difference.RunID, after,
			differencesMax)
		if err != nil {
			return nil, err
		}
		for _, each := range page.Rows {
			if after = each.ID; each.State == DifferenceOpen && !there[each.identity()] {
				gone = append(gone, each.ID)
			}
		}
		more = page.More
	}
	return gone, nil
}
