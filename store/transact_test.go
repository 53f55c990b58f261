package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

var errRefused = errors.New("refused")

func mark(ctx context.Context, tx *store.Tx, name string) error {
	_, err := tx.Exec(ctx, "INSERT INTO marks (warehouse, name, value) VALUES ('W1', ?, '0')", name)
	return err
}

func marks(t *testing.T, q store.Queryer) int {
	t.Helper()
	return query[int](t, q, "SELECT COUNT(*) FROM marks WHERE warehouse = 'W1'")
}

// add makes the mark's value one more, in a way that loses updates unless the row is locked.
func add(ctx context.Context, tx *store.Tx, name string) error {
	var value int
	rows, err := tx.Query(ctx, "SELECT CAST(value AS "+integerType(tx)+") FROM marks "+
		"WHERE warehouse = 'W1' AND name = ?"+tx.ForUpdate(), name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE marks SET value = ? WHERE warehouse = 'W1' AND name = ?",
		fmt.Sprint(value+1), name)
	return err
}

func integerType(tx *store.Tx) string {
	if tx.Dialect() == store.SQLite {
		return "INTEGER"
	}
	return "SIGNED"
}

func setUp(t *testing.T, db *store.DB, names ...string) {
	t.Helper()
	err := db.Transact(context.Background(), func(tx *store.Tx) error {
		for _, name := range names {
			if err := mark(context.Background(), tx, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTransactRollsBackOnError(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Transact(ctx, func(tx *store.Tx) error {
			return errors.Join(mark(ctx, tx, "a"), errRefused)
		})
		if !errors.Is(err, errRefused) {
			t.Error(err)
		}
		if n := marks(t, db.Reader()); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

// A panic with rows still open must neither hang nor keep the connection, which on SQLite is the
// only one that writes.
func TestTransactRollsBackOnPanic(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if cause := recover(); cause != "broken" {
					t.Errorf("recovered %v", cause)
				}
			}()
			_ = db.Transact(ctx, func(tx *store.Tx) error {
				_ = mark(ctx, tx, "a")
				// The rows stay open on purpose.
				if _, err := tx.Query(ctx, "SELECT name FROM marks WHERE warehouse = 'W1'"); err != nil {
					t.Error(err)
				}
				panic("broken")
			})
		}()
		setUp(t, db, "b")
		if n := marks(t, db.Reader()); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestTransactRedoes(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		runs := 0
		err := db.Transact(ctx, func(tx *store.Tx) error {
			runs++
			if err := mark(ctx, tx, fmt.Sprint(runs)); err != nil || runs == 3 {
				return err
			}
			return fmt.Errorf("run %d: %w", runs, store.Redo(errRefused))
		})
		if err != nil || runs != 3 {
			t.Errorf("%d runs: %v", runs, err)
		}
		if n := marks(t, db.Reader()); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestTransactGivesUp(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		runs := 0
		err := db.Transact(ctx, func(*store.Tx) error {
			runs++
			return store.Redo(errRefused)
		})
		if !errors.Is(err, store.ErrContended) || !errors.Is(err, errRefused) {
			t.Error(err)
		}
		if runs != store.RedoMax {
			t.Errorf("%d runs", runs)
		}
	})
}

func TestDuplicateLeavesTheTransactionGoing(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		setUp(t, db, "a")
		err := db.Transact(ctx, func(tx *store.Tx) error {
			if err := mark(ctx, tx, "a"); !errors.Is(err, store.ErrDuplicate) {
				t.Errorf("by hand: %v", err)
			}
			row := map[string]any{"warehouse": "W1", "name": "a", "value": ""}
			err := tx.Gorm().Table("marks").Create(row).Error
			if !errors.Is(err, store.ErrDuplicate) {
				t.Errorf("by gorm: %v", err)
			}
			return mark(ctx, tx, "b")
		})
		if err != nil {
			t.Error(err)
		}
		if n := marks(t, db.Reader()); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestGormInTheTransaction(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Transact(ctx, func(tx *store.Tx) error {
			if err := mark(ctx, tx, "a"); err != nil {
				return err
			}
			var inside, outside int64
			const where = "warehouse = 'W1'"
			if err := tx.Gorm().Table("marks").Where(where).Count(&inside).Error; err != nil {
				return err
			}
			if err := db.Gorm(ctx).Table("marks").Where(where).Count(&outside).Error; err != nil {
				return err
			}
			if inside != 1 || outside != 0 {
				t.Errorf("%d rows inside, %d outside", inside, outside)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Two handles are two processes: no increment is lost, and no busy database reaches the caller.
func TestTwoProcessesLoseNothing(t *testing.T) {
	const callers, each = 8, 25
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		setUp(t, db, "a")
		dbs := []*store.DB{db, again(t, db)}
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				for range each {
					err := dbs[caller%2].Transact(ctx, func(tx *store.Tx) error {
						return add(ctx, tx, "a")
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got := query[int](t, db.Reader(),
			"SELECT value + 0 FROM marks WHERE warehouse = 'W1' AND name = 'a'")
		if got != callers*each {
			t.Errorf("%d of %d increments", got, callers*each)
		}
	})
}

// Two transactions lock the same rows crosswise, so that the server must kill one; both end well.
// The function hides the deadlock, which must not lead to a COMMIT that stores half.
func TestDeadlockIsRedoneEvenWhenHidden(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		setUp(t, db, "a", "b")
		patience := map[store.Dialect]time.Duration{
			store.MySQL: 10 * time.Second, store.SQLite: 50 * time.Millisecond}[db.Dialect()]
		var runs atomic.Int64
		met := make(chan struct{})
		cross := func(first, second string) {
			err := db.Transact(ctx, func(tx *store.Tx) error {
				hidden := add(ctx, tx, first)
				if runs.Add(1) == 2 {
					close(met)
				}
				select {
				case <-met: // both hold their first row; on SQLite only one ever does
				case <-time.After(patience):
				}
				return hide(errors.Join(hidden, add(ctx, tx, second)))
			})
			if err != nil {
				t.Error(err)
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() { cross("a", "b") })
		wg.Go(func() { cross("b", "a") })
		wg.Wait()
		for _, name := range []string{"a", "b"} {
			got := query[int](t, db.Reader(),
				"SELECT value + 0 FROM marks WHERE warehouse = 'W1' AND name = ?", name)
			if got != 2 {
				t.Errorf("%s is %d", name, got)
			}
		}
		if db.Dialect() == store.MySQL && runs.Load() < 3 {
			t.Error("there was no deadlock")
		}
	})
}

func hide(error) error { return nil }

func TestSnapshotIsConsistentAndReadOnly(t *testing.T) {
	ctx := context.Background()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		setUp(t, db, "a")
		err := db.Snapshot(ctx, func(tx *store.Tx) error {
			before := marks(t, tx)
			setUp(t, db, "b")
			if after := marks(t, tx); before != 1 || after != 1 {
				t.Errorf("%d rows, then %d", before, after)
			}
			return mark(ctx, tx, "c")
		})
		if err == nil || errors.Is(err, store.ErrContended) {
			t.Errorf("a snapshot wrote: %v", err)
		}
		if n := marks(t, db.Reader()); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestEndedContext(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		err := db.Transact(ctx, func(tx *store.Tx) error {
			defer cancel()
			return mark(ctx, tx, "a")
		})
		if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnknown) {
			t.Error(err)
		}
		if n := marks(t, db.Reader()); n != 0 {
			t.Errorf("%d rows of a cancelled transaction", n)
		}
		setUp(t, db, "b")
	})
}

// A caller who waits for a lock is let go when its context ends, not when the lock does.
func TestEndedContextWhileWaiting(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		setUp(t, db, "a")
		err := db.Transact(context.Background(), func(tx *store.Tx) error {
			if err := add(context.Background(), tx, "a"); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			started := time.Now()
			err := db.Transact(ctx, func(tx *store.Tx) error { return add(ctx, tx, "a") })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			if waited := time.Since(started); waited > 3*time.Second {
				t.Errorf("waited %v", waited)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
