package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

func TestLeaseIsProlongedWhileWorkGoesOn(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		const ttl = 300 * time.Millisecond
		held, err := db.UnderLease(t.Context(), "night", ttl,
			func(ctx context.Context, _ int64) error {
				time.Sleep(3 * ttl)
				again, err := db.UnderLease(ctx, "night", ttl,
					func(context.Context, int64) error { return nil })
				if again || err != nil {
					t.Errorf("another got it: %t %v", again, err)
				}
				return ctx.Err()
			})
		if !held || err != nil {
			t.Errorf("held %t: %v", held, err)
		}
		held, err = db.UnderLease(t.Context(), "night", ttl,
			func(context.Context, int64) error { return nil })
		if !held || err != nil {
			t.Errorf("given back, held %t: %v", held, err)
		}
	})
}

func TestWorkEndsWhenItsLeaseIsLost(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := db.UnderLease(t.Context(), "night", 150*time.Millisecond,
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
		if !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestWorkThatPanicsGivesItsLeaseBack(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is gone")
				}
			}()
			_, _ = db.UnderLease(t.Context(), "night", time.Minute,
				func(context.Context, int64) error { panic("no such work") })
		}()
		held, err := db.UnderLease(t.Context(), "night", time.Minute,
			func(context.Context, int64) error { return nil })
		if !held || err != nil {
			t.Errorf("after a panic, held %t: %v", held, err)
		}
	})
}
