package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// ErrLeaseLost ends work whose lease another process has taken over.
var ErrLeaseLost = errors.New("another process has taken the work over")

// leaseRow is what a lease says after an attempt to take it.
type leaseRow struct {
	owner string
	epoch int64
}

// TryLease takes or prolongs the lease of that name for owner, until ttl from now by the
// database's clock, and says whether owner holds it. epoch rises with each take-over, so that
// work of an earlier holder can be told and refused. A name needs no set-up.
func (db *DB) TryLease(ctx context.Context, name, owner string, ttl time.Duration) (
	epoch int64, held bool, err error) {
	err = db.Transact(ctx, func(tx *Tx) error {
		row, err := tx.takeLease(ctx, name, owner, ttl)
		epoch, held = row.epoch, row.owner == owner
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("lease %s: %w", name, err)
	}
	return epoch, held, nil
}

// takeLease assigns the epoch before the owner, because MySQL's SET sees values already assigned.
// An owner whose own lease has run out takes it over like anybody else.
func (tx *Tx) takeLease(ctx context.Context, name, owner string, ttl time.Duration) (
	leaseRow, error) {
	now := NowSQL(tx.Dialect())
	_, err := tx.Exec(ctx, `UPDATE leases SET
			epoch = epoch + CASE WHEN owner = ? AND expires_at > `+now+` THEN 0 ELSE 1 END,
			owner = ?, expires_at = `+now+` + ?
		WHERE name = ? AND (owner = ? OR expires_at <= `+now+`)`,
		owner, owner, ttl.Microseconds(), name, owner)
	if err != nil {
		return leaseRow{}, err
	}
	var row leaseRow
	known, err := queryRow(ctx, tx, "SELECT owner, epoch FROM leases WHERE name = ?",
		[]any{name}, &row.owner, &row.epoch)
	if err != nil || known {
		return row, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO leases (name, owner, epoch, expires_at)
		VALUES (?, ?, 1, `+now+` + ?)`, name, owner, ttl.Microseconds())
	if errors.Is(err, ErrDuplicate) {
		return row, Redo(err)
	}
	return leaseRow{owner: owner, epoch: 1}, err
}

// Release gives a lease back before its time. It does nothing if owner does not hold it.
func (db *DB) Release(ctx context.Context, name, owner string) error {
	return db.Transact(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, "UPDATE leases SET owner = '', expires_at = 0 "+
			"WHERE name = ? AND owner = ?", name, owner)
		return err
	})
}

// UnderLease runs work while it holds a lease, prolonging it, and says whether it got it. epoch is
// the lease's. When the lease is lost, the work's context ends, and its error is ErrLeaseLost.
func (db *DB) UnderLease(ctx context.Context, name string, ttl time.Duration,
	work func(ctx context.Context, epoch int64) error) (held bool, err error) {
	owner := rand.Text()
	epoch, held, err := db.TryLease(ctx, name, owner, ttl)
	if err != nil || !held {
		return false, err
	}
	return true, db.whileHeld(ctx, lease{name, owner, epoch, ttl},
		func(ctx context.Context) error { return work(ctx, epoch) })
}

// lease is one that is held.
type lease struct {
	name, owner string
	epoch       int64
	ttl         time.Duration
}

// whileHeld runs work while it prolongs a lease, which it gives back afterwards, also where the
// work panics: nobody else would ever get it.
func (db *DB) whileHeld(ctx context.Context, lease lease, work func(context.Context) error) (
	err error) {
	working, cancel := context.WithCancelCause(ctx)
	prolonged := make(chan struct{})
	go func() {
		defer close(prolonged)
		db.prolong(working, lease, cancel)
	}()
	defer func() {
		cancel(nil)
		<-prolonged
		ending, stop := context.WithTimeout(context.WithoutCancel(ctx), lease.ttl)
		defer stop()
		err = errors.Join(err, db.Release(ending, lease.name, lease.owner))
	}()
	err = work(working)
	if lost := context.Cause(working); err != nil && errors.Is(lost, ErrLeaseLost) {
		err = lost
	}
	return err
}

// prolong keeps a lease until the context ends, and ends it when somebody else has had it.
func (db *DB) prolong(ctx context.Context, lease lease, end context.CancelCauseFunc) {
	ticker := time.NewTicker(lease.ttl / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		epoch, held, err := db.TryLease(ctx, lease.name, lease.owner, lease.ttl)
		if err == nil && (!held || epoch != lease.epoch) {
			end(ErrLeaseLost)
			return
		}
	}
}
