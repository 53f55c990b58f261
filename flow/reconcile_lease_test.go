package flow

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tierstock/store"
)

func leaseDB(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "stock.db"),
		store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestLeaseIsProlongedWhileWorkGoesOn(t *testing.T) {
	db := leaseDB(t)
	const ttl = 300 * time.Millisecond
	held, err := underLease(t.Context(), db, "night", ttl,
		func(ctx context.Context, _ int64) error {
			time.Sleep(3 * ttl)
			again, err := underLease(ctx, db, "night", ttl,
				func(context.Context, int64) error { return nil })
			if again || err != nil {
				t.Errorf("another got it: %t %v", again, err)
			}
			return ctx.Err()
		})
	if !held || err != nil {
		t.Errorf("held %t: %v", held, err)
	}
	held, err = underLease(t.Context(), db, "night", ttl,
		func(context.Context, int64) error { return nil })
	if !held || err != nil {
		t.Errorf("given back, held %t: %v", held, err)
	}
}

func TestWorkEndsWhenItsLeaseIsLost(t *testing.T) {
	db := leaseDB(t)
	_, err := underLease(t.Context(), db, "night", 150*time.Millisecond,
		func(ctx context.Context, _ int64) error {
			err := db.Transact(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE leases SET owner = 'another', epoch = epoch + 1,
					expires_at = expires_at + 1000000000`)
				return err
			})
			if err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		})
	if !errors.Is(err, errCutOff) {
		t.Errorf("ended with %v", err)
	}
}
