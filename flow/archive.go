package flow

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// An archive takes the oldest flows out of the tables and leaves in their place a checkpoint for
// each row, where its chain begins, and their keys, so that none has an effect again. It is always
// the first part of the feed, whole commits of it: one number says what is archived, each row's
// flows go in their order, and the feed goes on from there.

// Limits of archiving.
const (
	// archiveAgeMin keeps what callers may still be repeating: they get the first answer, and not
	// TOO_OLD. It must also be longer than any batch of the write path lives, so that no key gets
	// into the archive behind the back of one that has looked there (see lookUpArchived).
	archiveAgeMin = 24 * time.Hour
	// announceTime is how long the first archive of a warehouse is announced before anything goes
	// into it: longer than any batch of the write path lives that may not know of it. Such a batch
	// is decided ahead for batchTimeMax at most, and written in as much and a COMMIT.
	announceTime = 2*batchTimeMax + 15*time.Second
	// archiveFlowsMax bounds what one transaction takes, so that writers wait for tens of
	// milliseconds at most. A commit is taken whole, even one that is larger.
	archiveFlowsMax = 2000
)

// ErrBroken is a warehouse whose books are not whole: what is archived cannot be looked into any
// more.
var ErrBroken = errors.New("nothing is archived while the books are not whole")

// ArchiveOptions say what to archive, and where it goes.
type ArchiveOptions struct {
	Warehouse string
	// Before is the first day, in the warehouse's own time zone, that stays.
	Before model.Date
	// Keep stores effects for good. When it returns, they must be there even if the machine fails
	// in the next moment. The same flow may come again, in a later run.
	Keep func(ctx context.Context, flows []ArchivedFlow) error
	// Waiting, where it is set, hears for how long the first run of a warehouse waits until every
	// writer knows that there is an archive.
	Waiting func(time.Duration)
	// Tell, where it is set, hears how many flows are archived, and of how many.
	Tell func(done, total int)
}

// ArchivedFlow is a flow with all that is in the tables about it. An effect that touched no stock
// row has no Tier, and only its key, what it applied and who did it.
type ArchivedFlow struct {
	model.Flow

	// Commit, Pos and Tick are its place among the commits, StockID is its stock row.
	Commit, Tick int64
	Pos          int
	StockID      int64
	ReceivedOn   model.Date
	// Applied, Shortage and Content are the effect's, on its leg 0.
	Applied, Shortage model.Quantity
	Content           int64
}

// Archived is what a run has done. Bare are effects without flows. Remaining flows stay.
type Archived struct {
	Flows, Commits, Bare, Remaining int64
}

// Archive moves the flows of a warehouse that were recorded before a day to where Keep stores
// them, oldest first, in transactions of their own. Whatever ends it, nothing is lost and nothing
// doubled, and the next run goes on. It takes the first commits of the feed up to the first that
// is younger, so one that was recorded just before the day may stay. Refusals are *model.Refusal.
func Archive(ctx context.Context, db *store.DB, options ArchiveOptions) (done Archived, err error) {
	until, err := ArchiveUntil(ctx, db, options.Warehouse, options.Before)
	if err != nil {
		return done, err
	}
	sum := sha256.Sum256([]byte(options.Warehouse))
	lease := "archive." + hex.EncodeToString(sum[:16])
	held, err := db.UnderLease(ctx, lease, runLease,
		func(ctx context.Context, _ int64) (err error) {
			run := archiver{db: db, ArchiveOptions: options, until: until}
			done, err = run.run(ctx)
			return err
		})
	if err == nil && !held {
		err = Refuse(model.Busy, "warehouse", fmt.Sprintf("an archive run of warehouse %s is going "+
			"on, or was killed less than %.0f s ago", options.Warehouse, runLease.Seconds()))
	}
	return done, err
}

// ArchiveUntil is the moment a day begins in a warehouse, if what lies before is old enough to be
// archived.
func ArchiveUntil(ctx context.Context, db *store.DB, warehouse string, before model.Date) (
	model.Instant, error) {
	view, err := master.New(db).View(ctx, db.Reader(), warehouse)
	switch {
	case err != nil:
		return 0, err
	case view == nil:
		return 0, Refuse(model.NotFound, "warehouse", "there is no warehouse "+warehouse)
	}
	day, err := time.ParseInLocation(time.DateOnly, string(before), view.Warehouse.Location())
	if err != nil {
		return 0, Refuse(model.Invalid, "before", "is not a date such as 2026-01-31")
	}
	until := model.InstantOf(day)
	if until > view.Now-model.Instant(archiveAgeMin.Microseconds()) {
		latest := view.Now.Time().Add(-archiveAgeMin).In(view.Warehouse.Location())
		return 0, Refuse(model.Invalid, "before", fmt.Sprintf("%s is too late for warehouse %s: "+
			"what was done in the last %.0f hours stays, as callers may still repeat it; the latest "+
			"date is %s", before, warehouse, archiveAgeMin.Hours(), latest.Format(time.DateOnly)))
	}
	return until, nil
}

// archiver is one run in one warehouse.
type archiver struct {
	ArchiveOptions

	db    *store.DB
	until model.Instant
	state archiveState
	done  Archived
}

// archiveState is the warehouse's row of archives.
type archiveState struct {
	batch, seq, keys, reserves int64
	recordedAt, updatedAt      model.Instant
}

func (a *archiver) run(ctx context.Context) (Archived, error) {
	limit, err := archiveLimit(ctx, a.db, a.Warehouse)
	if err != nil {
		return a.done, err
	}
	old, err := a.sum(ctx, `SELECT COALESCE(SUM(flows), 0) FROM commits
		WHERE warehouse = ? AND recorded_at < ? AND first_seq <= ?`, a.until, limit)
	if err != nil {
		return a.done, err
	}
	bare, err := a.sum(ctx, `SELECT COUNT(*) FROM bare_effects
		WHERE warehouse = ? AND recorded_at < ?`, a.until)
	if err == nil {
		err = a.checkBooks(ctx)
	}
	if err == nil && old+bare > 0 {
		err = a.moveAll(ctx, limit, old)
	}
	if err == nil {
		a.done.Remaining, err = a.sum(ctx, `SELECT COALESCE(SUM(flows), 0) FROM commits
			WHERE warehouse = ?`)
	}
	return a.done, err
}

// sum reads one number of the warehouse.
func (a *archiver) sum(ctx context.Context, statement string, args ...any) (
	number int64, err error) {
	err = store.EachRow(ctx, a.db.Reader(), statement, append([]any{a.Warehouse}, args...),
		func(rows *sql.Rows) error { return rows.Scan(&number) })
	return number, err
}

// checkBooks: an archive would bury what is wrong with them.
func (a *archiver) checkBooks(ctx context.Context) error {
	report, err := Verify(ctx, a.db, VerifyOptions{Warehouses: []string{a.Warehouse}})
	if err == nil && !report.OK() {
		err = fmt.Errorf("%w: warehouse %s has %d breaches; `tierstock verify` names them",
			ErrBroken, a.Warehouse, report.Breaches())
	}
	return err
}

// moveAll goes on where the last run ended: commits in the order of the feed, then the effects
// without flows, which have no place in it.
func (a *archiver) moveAll(ctx context.Context, limit, old int64) error {
	if err := a.db.Transact(ctx, a.announce(ctx)); err != nil {
		return err
	}
	if err := a.wait(ctx); err != nil {
		return err
	}
	for {
		batch, err := a.readCommits(ctx, limit)
		if err == nil && len(batch.commits) == 0 {
			batch, err = a.readBare(ctx)
		}
		if err != nil || len(batch.flows) == 0 {
			return err
		}
		if err := a.move(ctx, batch); err != nil {
			return err
		}
		if len(batch.commits) == 0 {
			a.done.Bare += int64(len(batch.flows))
			continue
		}
		a.done.Flows += int64(len(batch.flows))
		a.done.Commits += int64(len(batch.commits))
		if a.Tell != nil {
			a.Tell(int(a.done.Flows), int(max(old, a.done.Flows)))
		}
	}
}

// announce makes the warehouse's row, which the write path sees in its next batch.
func (a *archiver) announce(ctx context.Context) func(*store.Tx) error {
	return func(tx *store.Tx) (err error) {
		if a.state, err = readArchive(ctx, tx, a.Warehouse, ""); err != nil || a.state.batch != 0 {
			return err
		}
		if a.state.updatedAt, err = tx.Now(ctx); err != nil {
			return err
		}
		a.state.batch = a.db.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO archives (warehouse, batch_id, updated_at)
			VALUES (?, ?, ?)`, a.Warehouse, a.state.batch, a.state.updatedAt)
		if errors.Is(err, store.ErrDuplicate) {
			err = store.Redo(err)
		}
		return err
	}
}

// wait returns when no batch is under way any more that does not know of the archive.
func (a *archiver) wait(ctx context.Context) error {
	if a.state.seq > 0 || a.state.keys > 0 {
		return nil
	}
	var now model.Instant
	err := a.db.Transact(ctx, func(tx *store.Tx) (err error) {
		now, err = tx.Now(ctx)
		return err
	})
	rest := announceTime - time.Duration(now-a.state.updatedAt)*time.Microsecond
	if err != nil || rest <= 0 {
		return err
	}
	if a.Waiting != nil {
		a.Waiting(rest)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rest):
		return nil
	}
}

// archiveLimit is the last number in the feed that may be archived: nobody who follows the feed,
// and keeps their place in the database, may find a hole in it. It numbers what has no number, as
// only that has a place.
func archiveLimit(ctx context.Context, db *store.DB, warehouse string) (limit int64, err error) {
	end, err := Stamp(ctx, db, warehouse)
	if err != nil {
		return 0, err
	}
	err = store.EachRow(ctx, db.Reader(), `SELECT COALESCE(MIN(seq), ?) FROM sync_places
		WHERE warehouse = ?`, []any{end, warehouse},
		func(rows *sql.Rows) error { return rows.Scan(&limit) })
	return min(limit, end), err
}

// readArchive reads how far a warehouse is archived; zero where it never was. lock is "" or FOR
// UPDATE.
func readArchive(ctx context.Context, q store.Queryer, warehouse, lock string) (
	state archiveState, err error) {
	statement := `SELECT batch_id, seq, key_count, reserve_count, recorded_at, updated_at
		FROM archives WHERE warehouse = ?` + lock
	err = store.EachRow(ctx, q, statement, []any{warehouse}, func(rows *sql.Rows) error {
		return rows.Scan(&state.batch, &state.seq, &state.keys, &state.reserves,
			&state.recordedAt, &state.updatedAt)
	})
	return state, err
}
