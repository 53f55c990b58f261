package sourcing_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/sourcing"
	"tierstock/stocktest"
	"tierstock/store"
)

// A plan sees what a plain reserve could take, and each order what those before it leave.
func TestPlan(t *testing.T) {
	onEach(t, func(c *chain) {
		c.done(c.catalog.UpsertZones(c.t.Context(), []master.ZoneInput{
			{Warehouse: "A", Code: "SHUT", Allocatable: new(false)},
			{Warehouse: "A", Code: "POOL", Pool: new("VIP")}}))
		c.done(c.catalog.UpsertBatches(c.t.Context(), []master.BatchInput{
			{Warehouse: "A", SKU: "TEA", Batch: "OLD", ExpiresOn: new(model.Date("2020-01-31"))},
			{Warehouse: "A", SKU: "TEA", Batch: "GOOD", ExpiresOn: new(model.Date("2999-12-31"))},
			{Warehouse: "A", SKU: "TEA", Batch: "HELD", Hold: new(true)}}))
		receive := func(zone, owner, sku, batch, pack string, qty int64) {
			c.receipts++
			results, err := c.zone.Receive(c.t.Context(), flow.Mode{}, []model.ReceiveLine{{
				Key: model.LineKey{JobType: "IN", OrderID: "A", LineID: string(rune('a' + c.receipts))},
				At: model.ZoneStockKey{Warehouse: "A", Zone: zone, Owner: owner, SKU: sku,
					Batch: batch, Pack: pack}, Qty: model.Whole(qty)}})
			if err != nil || results[0].Code != model.Applied {
				c.t.Fatal(err, results)
			}
		}
		receive("SHUT", "", "TEA", "", "", 100)
		receive("POOL", "", "TEA", "", "", 100)
		receive("Z", "", "TEA", "OLD", "", 100)
		receive("Z", "", "TEA", "HELD", "", 100)
		receive("Z", "ACME", "TEA", "", "", 7)
		receive("Z", "", "TEA", "GOOD", "", 5)
		receive("Z", "", "TEA", "", "", 4)
		receive("Z", "", "OIL", "", "CASE", 3)
		edited := func(edit func(*model.OrderLine)) func(*sourcing.Order) {
			return func(o *sourcing.Order) { edit(&o.Lines[0]) }
		}
		for _, test := range []struct {
			order sourcing.Order
			code  model.Code
			want  string
		}{
			{order("1", "TEA 200"), model.Partial, "A 0:9"},
			{order("2", "TEA 200", whole), model.Insufficient, ""},
			{order("3", "TEA 200", func(o *sourcing.Order) { o.Owner = "ACME" }), model.Partial,
				"A 0:7"},
			{order("4", "TEA 200", edited(func(l *model.OrderLine) { l.Batch = new("GOOD") })),
				model.Partial, "A 0:5"},
			{order("5", "TEA 200", edited(func(l *model.OrderLine) { l.Batch = new("OLD") })),
				model.Insufficient, ""},
			{order("6", "TEA 4", edited(func(l *model.OrderLine) { l.MinRemainingDays = 999_999 })),
				model.Applied, "A 0:4"},
			{order("7", "OIL 3", edited(func(l *model.OrderLine) { l.Pack = "CASE" })),
				model.Applied, "A 0:3"},
			{order("8", "OIL 3"), model.Insufficient, ""},
			{order("9", "OIL 3", edited(func(l *model.OrderLine) { l.Pack = "EA" })),
				model.Insufficient, ""},
		} {
			plans, err := c.Plan(c.t.Context(), []sourcing.Order{test.order}, nil)
			if err != nil {
				c.t.Fatal(err)
			}
			parts, _, _ := strings.Cut(written(plans[0].Choice), " |")
			if plans[0].Code != test.code || parts != test.want {
				c.t.Errorf("order %s: %s %s", test.order.OrderID, plans[0].Code, parts)
			}
		}
		plans, err := c.Plan(c.t.Context(), []sourcing.Order{order("LOW", "TEA 6"),
			order("HIGH", "TEA 6", func(o *sourcing.Order) { o.Priority = 1 })}, nil)
		if err != nil || plans[0].Lines[0].Qty != 3*model.One || plans[1].Code != model.Applied {
			c.t.Error(err, plans)
		}
		if got := c.open("TEA"); got != 0 {
			c.t.Errorf("a plan holds %s", got)
		}
	})
}

// A plan reads each warehouse with the same few statements, however many lines there are.
func TestPlanReadsWithFewStatements(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			var mu sync.Mutex
			count := 0
			db, err := store.Open(context.Background(), backend.URL(t), store.Options{
				Trace: func(string) { mu.Lock(); defer mu.Unlock(); count++ }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := newChain(t, db)
			for _, warehouse := range []string{"A", "B", "C"} {
				c.warehouse(master.WarehouseInput{Code: warehouse, DailyLines: new(int64(1000))})
				c.stock(warehouse, "TEA 100, SALT 100")
			}
			var orders []sourcing.Order
			for i := range 50 {
				orders = append(orders, order(string(rune('a'+i)), "TEA 1, SALT 1, OIL 1, TEA 2"))
			}
			if _, err := c.Plan(t.Context(), orders, nil); err != nil { // fills the cache of the masters
				t.Fatal(err)
			}
			count = 0
			if _, err := c.Plan(t.Context(), orders, nil); err != nil {
				t.Fatal(err)
			}
			// The warehouses, the SKUs; of each warehouse its view, its stock and its day's lines.
			if want := 2 + 3*3; count != want {
				t.Errorf("%d statements, not %d", count, want)
			}
		})
	}
}
