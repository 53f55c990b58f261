package sample

import (
	"context"
	"errors"
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

// TestOneReplayAtATime: the process that comes second to a day finds that it is not alone.
func TestOneReplayAtATime(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		site := &Site{DB: db}
		last, progress, err := site.begin(ctx)
		if err != nil || last == "" || progress.Days != -1 {
			t.Fatal(last, progress, err)
		}
		if err := site.keep(ctx, progress, Progress{Days: 0, Work: 7}); err != nil {
			t.Fatal(err)
		}
		if err := site.keep(ctx, progress, Progress{Days: 0, Work: 7}); err != nil {
			t.Error("a COMMIT that was not heard of, made again:", err)
		}
		if err := site.keep(ctx, progress, Progress{Days: 0, Work: 8}); !errors.Is(err, errTwice) {
			t.Error(err)
		}
		again, found, err := site.begin(ctx)
		if err != nil || again != last || found != (Progress{Days: 0, Work: 7}) {
			t.Error(again, found, err)
		}
	})
}
