package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

func TestIDsRiseAndNeverRepeat(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	next := store.IDs(func() time.Time { return now }, 5)
	last := int64(0)
	// Five milliseconds' worth while the clock stands still, then an hour back.
	for i := range 5_000 {
		if i == 2_500 {
			now = now.Add(-time.Hour)
		}
		id := next()
		if id <= last {
			t.Fatalf("id %d after %d", id, last)
		}
		last = id
	}
	now = now.Add(2 * time.Hour)
	if id := next(); id>>23 != now.UnixMilli()-1_735_689_600_000 {
		t.Errorf("id %d does not follow the clock", id)
	}
}

func TestIDsArePositiveFromTheFirstDayToTheLast(t *testing.T) {
	for _, year := range []int{2025, 2058} {
		day := time.Date(year, 1, 1, 0, 0, 1, 0, time.UTC)
		if id := store.IDs(func() time.Time { return day }, 1<<13-1)(); id <= 0 {
			t.Errorf("%d: %d", year, id)
		}
	}
}

func TestIDsAreUniqueAcrossProcesses(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, first *store.DB) {
		dbs := []*store.DB{first}
		for range 3 {
			dbs = append(dbs, again(t, first))
		}
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wg sync.WaitGroup
		for _, db := range dbs {
			if _, err := db.Migrate(context.Background()); err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				for range 20_000 {
					id := db.NewID()
					mu.Lock()
					seen[id] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(seen) != 80_000 {
			t.Errorf("%d different identifiers of 80,000", len(seen))
		}
	})
}
