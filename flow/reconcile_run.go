package flow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tierstock/model"
	"tierstock/store"
)

// recordTimeMax bounds the record of a failure, which is written though the run's own context may
// have ended.
const recordTimeMax = 10 * time.Second

// runColumns are a run's, as scanRun reads them.
const runColumns = `id, scope, warehouse, business_date, state, compared, matched, timing,
	open_count, started_at, finished_at, error`

func scanRun(rows *sql.Rows) (run Run, err error) {
	err = rows.Scan(&run.ID, &run.Scope, &run.Warehouse, &run.BusinessDate, &run.State,
		&run.Compared, &run.Matched, &run.Timing, &run.Open, &run.StartedAt, &run.FinishedAt,
		&run.Error)
	return run, err
}

// settled is a business date's run, if there is nothing left to do for it: it is done, or has
// failed too often.
func (r *Reconciler) settled(ctx context.Context, q store.Queryer, scope Scope, warehouse string,
	date model.Date) (done *Run, err error) {
	failed := 0
	err = store.EachRow(ctx, q, `SELECT `+runColumns+` FROM reconciliation_runs
		WHERE warehouse = ? AND scope = ? AND business_date = ? ORDER BY id`,
		[]any{warehouse, scope, date}, func(rows *sql.Rows) error {
			run, err := scanRun(rows)
			if run.State == RunFailed {
				failed++
			}
			if done == nil && (run.State == RunDone || failed == attemptsMax) {
				done = &run
			}
			return err
		})
	return done, err
}

// begin records the run as RUNNING, unless its business date has one. One that is RUNNING still is
// of a process that was cut off: its lease has run out.
func (r *Reconciler) begin(ctx context.Context, scope Scope, warehouse string, date model.Date,
	epoch int64) (run *Run, isNew bool, err error) {
	id := r.db.NewID()
	err = r.db.Transact(ctx, func(tx *store.Tx) error {
		if err := fence(ctx, tx, scope, warehouse, epoch, id); err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE reconciliation_runs SET state = ?, finished_at = ?, error = ?
			WHERE warehouse = ? AND scope = ? AND state = ? AND id <> ?`, RunFailed, now,
			"the process that ran it ended", warehouse, scope, RunRunning, id)
		if err != nil {
			return err
		}
		if date != "" {
			run, err = r.settled(ctx, tx, scope, warehouse, date)
			if isNew = run == nil; err != nil || !isNew {
				return err
			}
		}
		isNew = true
		run = &Run{ID: id, Scope: scope, Warehouse: warehouse, BusinessDate: date,
			State: RunRunning, StartedAt: now}
		_, err = tx.Exec(ctx, `INSERT INTO reconciliation_runs (warehouse, id, scope,
			business_date, state, started_at, epoch) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			warehouse, id, scope, date, RunRunning, now, epoch)
		if errors.Is(err, store.ErrDuplicate) {
			return nil // a COMMIT that we heard nothing of had landed
		}
		return err
	})
	return run, isNew, err
}

// fence lets only the latest holder of the scope's lease begin a run: one that was paused past its
// lease finds a higher epoch in the warehouse and gives up. Who begins writes the mark, so that two
// never begin at once.
func fence(ctx context.Context, tx *store.Tx, scope Scope, warehouse string, epoch,
	run int64) error {
	name := "reconcile." + string(scope)
	var value string
	known := false
	err := store.EachRow(ctx, tx, `SELECT value FROM marks WHERE warehouse = ? AND name = ?`+
		tx.ForUpdate(), []any{warehouse, name}, func(rows *sql.Rows) error {
		known = true
		return rows.Scan(&value)
	})
	if err != nil {
		return err
	}
	ours := fmt.Sprintf("%d %d", epoch, run)
	if !known {
		_, err := tx.Exec(ctx, sqlNewMark, warehouse, name, ours)
		if errors.Is(err, store.ErrDuplicate) {
			return store.Redo(err)
		}
		return err
	}
	last, _, _ := strings.Cut(value, " ")
	if latest, err := strconv.ParseInt(last, 10, 64); err != nil || latest > epoch {
		return errors.Join(store.ErrLeaseLost, err)
	}
	_, err = tx.Exec(ctx, `UPDATE marks SET value = ? WHERE warehouse = ? AND name = ?`, ours,
		warehouse, name)
	return err
}

// finish records what a run found, if the run is still ours: whoever took its scope over has made
// it FAILED.
func (r *Reconciler) finish(ctx context.Context, run *Run, found found) error {
	return r.db.Transact(ctx, func(tx *store.Tx) error {
		cleared, ignored, err := compareWithLast(ctx, tx, run, found.differences)
		if err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		open := found.open - ignored
		affected, err := tx.Exec(ctx, `UPDATE reconciliation_runs SET state = ?, compared = ?,
			matched = ?, timing = ?, open_count = ?, finished_at = ?
			WHERE warehouse = ? AND id = ? AND state = ?`, RunDone, found.compared, found.matched,
			found.timing, open, now, run.Warehouse, run.ID, RunRunning)
		if err != nil {
			return err
		}
		if affected == 0 {
			return landed(ctx, tx, run)
		}
		// What a shortened list does not show may still be there.
		if found.listed {
			if err := clearDifferences(ctx, tx, run.Warehouse, cleared); err != nil {
				return err
			}
		}
		run.State, run.FinishedAt, run.Open = RunDone, now, open
		run.Compared, run.Matched, run.Timing = found.compared, found.matched, found.timing
		return insertDifferences(ctx, tx, run.Warehouse, found.differences)
	})
}

// landed tells a run that an earlier COMMIT of ours finished from one that was taken from us.
func landed(ctx context.Context, tx *store.Tx, run *Run) error {
	err := store.EachRow(ctx, tx, `SELECT `+runColumns+` FROM reconciliation_runs
		WHERE warehouse = ? AND id = ?`, []any{run.Warehouse, run.ID},
		func(rows *sql.Rows) (err error) {
			*run, err = scanRun(rows)
			return err
		})
	if err == nil && run.State != RunDone {
		err = store.ErrLeaseLost
	}
	return err
}

// fail records why a run came to nothing.
func (r *Reconciler) fail(ctx context.Context, run *Run, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeMax)
	defer cancel()
	return r.db.Transact(ctx, func(tx *store.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE reconciliation_runs SET state = ?, finished_at = ?, error = ?
			WHERE warehouse = ? AND id = ? AND state = ?`, RunFailed, now, shortText(cause.Error()),
			run.Warehouse, run.ID, RunRunning)
		return err
	})
}

// shortText cuts a text to what a column of free text holds.
func shortText(text string) string {
	if utf8.RuneCountInString(text) <= model.TextCharsMax {
		return text
	}
	return string([]rune(text)[:model.TextCharsMax-1]) + "…"
}
