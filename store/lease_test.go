package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

func take(t *testing.T, db *store.DB, owner string, ttl time.Duration) (epoch int64, held bool) {
	t.Helper()
	epoch, held, err := db.TryLease(context.Background(), "nightly", owner, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return epoch, held
}

func TestLease(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		if epoch, held := take(t, db, "a", time.Hour); epoch != 1 || !held {
			t.Errorf("first: epoch %d, held %v", epoch, held)
		}
		if epoch, held := take(t, db, "a", time.Hour); epoch != 1 || !held {
			t.Errorf("prolonged: epoch %d, held %v", epoch, held)
		}
		if epoch, held := take(t, db, "b", time.Hour); epoch != 1 || held {
			t.Errorf("another: epoch %d, held %v", epoch, held)
		}
		if err := db.Release(context.Background(), "nightly", "b"); err != nil {
			t.Error(err)
		}
		if _, held := take(t, db, "b", time.Hour); held {
			t.Error("b released what a holds")
		}
		if err := db.Release(context.Background(), "nightly", "a"); err != nil {
			t.Error(err)
		}
		if epoch, held := take(t, db, "b", -time.Second); epoch != 2 || !held {
			t.Errorf("after the release: epoch %d, held %v", epoch, held)
		}
		if epoch, held := take(t, db, "b", time.Hour); epoch != 3 || !held {
			t.Errorf("own, run out: epoch %d, held %v", epoch, held)
		}
	})
}

// Many at once, on a lease that nobody has heard of: one holds it.
func TestLeaseRace(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		other := again(t, db)
		var holders atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				mine := []*store.DB{db, other}[i%2]
				_, held, err := mine.TryLease(context.Background(), "race", fmt.Sprint(i), time.Hour)
				if err != nil {
					t.Error(err)
				}
				if held {
					holders.Add(1)
				}
			})
		}
		wg.Wait()
		if holders.Load() != 1 {
			t.Errorf("%d holders", holders.Load())
		}
	})
}
