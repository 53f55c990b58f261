package store_test

import (
	"context"
	"errors"
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

// behindCutter is a database, and the same one behind a cutter.
func behindCutter(t *testing.T, landed bool) (direct, db *store.DB, cutter *stocktest.Cutter) {
	t.Helper()
	databaseURL := stocktest.Backends(t)[1].URL(t)
	direct = stocktest.Migrated(t, databaseURL)
	throughURL, cutter := stocktest.NewCutter(t, databaseURL, landed)
	return direct, stocktest.Opened(t, throughURL), cutter
}

// A COMMIT without an answer is done again, and its key tells whether it had landed.
func TestUnknownCommitIsSettledByTheKey(t *testing.T) {
	ctx := context.Background()
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			direct, db, cutter := behindCutter(t, landed)
			cutter.Cuts.Store(1)
			runs, replays := 0, 0
			err := db.Transact(ctx, func(tx *store.Tx) error {
				runs++
				err := mark(ctx, tx, "key")
				if errors.Is(err, store.ErrDuplicate) {
					replays++
					return nil
				}
				return err
			})
			if err != nil || runs != 2 {
				t.Errorf("%d runs: %v", runs, err)
			}
			if want := map[bool]int{true: 1, false: 0}[landed]; replays != want {
				t.Errorf("%d replays, want %d", replays, want)
			}
			if n := marks(t, direct.Reader()); n != 1 {
				t.Errorf("%d effects of one key", n)
			}
		})
	}
}

// When no answer ever comes, the caller learns that nobody knows, not that nothing happened.
func TestUnknownCommitStaysUnknown(t *testing.T) {
	ctx := context.Background()
	direct, db, cutter := behindCutter(t, false)
	cutter.Cuts.Store(1000)
	err := db.Transact(ctx, func(tx *store.Tx) error { return mark(ctx, tx, "key") })
	if !errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrContended) {
		t.Error(err)
	}
	if n := marks(t, direct.Reader()); n != 0 {
		t.Errorf("%d effects", n)
	}
}

// An unknown COMMIT followed by a statement that the server refuses is still unknown; followed by
// an answer of the function's own, it is settled.
func TestUnknownCommitAndThenAnError(t *testing.T) {
	ctx := context.Background()
	_, db, cutter := behindCutter(t, true)
	for name, second := range map[string]func(*store.Tx) error{
		"refused": func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM missing WHERE warehouse = 'W1'")
			return err
		},
		"settled": func(*store.Tx) error { return errRefused },
	} {
		cutter.Cuts.Store(1)
		runs := 0
		err := db.Transact(ctx, func(tx *store.Tx) error {
			if runs++; runs > 1 {
				return second(tx)
			}
			return mark(ctx, tx, name)
		})
		if errors.Is(err, store.ErrUnknown) != (name == "refused") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
