package stocktest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// A check must have been seen to fail: the naive writer oversells in the race that the engine
// wins, and verify says so.
func TestNaiveOversells(t *testing.T) {
	const callers, pieces = 20, 10
	Each(t, func(t *testing.T, db *store.DB) {
		site := New(t, db)
		received := site.Receive("F1", "10").OK()
		row := received.ZoneStocks[0].ID
		var applied atomic.Int64
		var read sync.WaitGroup
		read.Add(callers)
		naive := Naive{DB: db, Warehouse: site.Warehouse, Between: func() { read.Done(); read.Wait() }}
		together(callers, func(int) {
			held, err := naive.Reserve(context.Background(), row, model.One)
			if err != nil {
				t.Error(err)
			}
			if held {
				applied.Add(1)
			}
		})
		if applied.Load() <= pieces {
			t.Errorf("the naive writer sold %d of %d: the race does not bite", applied.Load(), pieces)
		}
		report, err := flow.Verify(context.Background(), db,
			flow.VerifyOptions{Warehouses: []string{site.Warehouse}})
		if err != nil || report.OK() {
			t.Errorf("verify is green on what the naive writer left: %v", err)
		}
	})
}
