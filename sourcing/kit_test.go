package sourcing_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/sourcing"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
)

// chain is an owner of warehouses A, B and C, each with a zone Z, and SKUs TEA, SALT and OIL.
type chain struct {
	t       *testing.T
	db      *store.DB
	catalog *master.Catalog
	zone    *tier2.Service
	reader  *tier2.Reader
	wave    *allocation.Service
	*sourcing.Service

	receipts int
}

func newChain(t *testing.T, db *store.DB) *chain {
	t.Helper()
	catalog := master.New(db)
	engine := flow.New(db, catalog, flow.Options{Choose: allocation.Choose})
	t.Cleanup(func() { _ = engine.Close(context.Background()) })
	c := &chain{t: t, db: db, catalog: catalog, zone: tier2.New(db, engine),
		reader: tier2.NewReader(db, catalog), wave: allocation.New(db, engine, nil)}
	c.Service = sourcing.New(db, catalog, c.zone, c.wave)
	for _, code := range []string{"A", "B", "C"} {
		c.warehouse(master.WarehouseInput{Code: code, Timezone: new("Etc/GMT-9")})
		c.done(catalog.UpsertZones(t.Context(), []master.ZoneInput{{Warehouse: code, Code: "Z"}}))
	}
	c.done(catalog.UpsertSKUs(t.Context(), []master.SKUInput{{Code: "TEA"}, {Code: "SALT"},
		{Code: "OIL", Packs: &[]model.Pack{{Code: "CASE",
			Size: model.Fraction{Numerator: 12, Denominator: 1}}}}}))
	return c
}

func (c *chain) warehouse(input master.WarehouseInput) {
	c.t.Helper()
	c.done(c.catalog.UpsertWarehouses(c.t.Context(), []master.WarehouseInput{input}))
}

func (c *chain) done(outcome master.Outcome, err error) {
	c.t.Helper()
	for _, result := range outcome.Results {
		if result.Code != model.Applied {
			c.t.Fatalf("masters: %+v", result)
		}
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *chain) sku(code string) {
	c.t.Helper()
	c.done(c.catalog.UpsertSKUs(c.t.Context(), []master.SKUInput{{Code: code}}))
}

// stock brings goods into a warehouse: "TEA 5, SALT 2".
func (c *chain) stock(warehouse, goods string) {
	c.t.Helper()
	var lines []model.ReceiveLine
	for _, stock := range at(warehouse, 0, goods).Stock {
		c.receipts++
		lines = append(lines, model.ReceiveLine{Qty: stock.Qty,
			Key: model.LineKey{JobType: "IN", OrderID: warehouse, LineID: fmt.Sprint(c.receipts)},
			At:  model.ZoneStockKey{Warehouse: warehouse, Zone: "Z", SKU: stock.Item.SKU}})
	}
	results, err := c.zone.Receive(c.t.Context(), flow.Mode{}, lines)
	if err != nil || slices.ContainsFunc(results, func(result model.Result) bool {
		return result.Code != model.Applied
	}) {
		c.t.Fatal(err, results)
	}
}

// order is an order for goods, its lines numbered from 1.
func order(id, goods string, edits ...func(*sourcing.Order)) sourcing.Order {
	order := sourcing.Order{Order: model.Order{OrderID: id, JobType: "SO"}}
	for i, stock := range at("X", 0, goods).Stock {
		order.Lines = append(order.Lines, model.OrderLine{LineID: fmt.Sprint(i + 1),
			SKU: stock.Item.SKU, Qty: stock.Qty})
	}
	for _, edit := range edits {
		edit(&order)
	}
	return order
}

func whole(order *sourcing.Order) { order.ShipComplete = true }

var terms = sourcing.Terms{Actor: "test", CreateTasks: true}

func (c *chain) execute(orders ...sourcing.Order) []sourcing.Executed {
	c.t.Helper()
	executed, err := c.Execute(c.t.Context(), orders, terms)
	if err != nil {
		c.t.Fatal(err)
	}
	return executed
}

// outcome is what became of an order as text: its code, then its parts by round.
func outcome(executed sourcing.Executed) string {
	text := string(executed.Code)
	for _, part := range executed.Parts {
		text += fmt.Sprintf("; %d %s", part.Round, part.Warehouse)
		for _, line := range part.Lines {
			text += fmt.Sprintf(" %s:%s of %s %s", line.LineID, line.Applied, line.Qty, line.Code)
			if line.GivenBack {
				text += " given back"
			}
		}
	}
	return text
}

func (c *chain) expect(got []sourcing.Executed, want ...string) {
	c.t.Helper()
	for i, executed := range got {
		if text := outcome(executed); text != want[i] {
			c.t.Errorf("order %d\ngot  %s\nwant %s", i, text, want[i])
		}
	}
	c.verify()
}

// verify holds the ledger to its invariants.
func (c *chain) verify() {
	c.t.Helper()
	report, err := flow.Verify(c.t.Context(), c.db, flow.VerifyOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, verdict := range report.Invariants {
		for _, breach := range verdict.Listed {
			c.t.Error(breach)
		}
	}
}

// open is what is held of a SKU in all warehouses together.
func (c *chain) open(sku string) (sum model.Quantity) {
	c.t.Helper()
	for _, warehouse := range []string{"A", "B", "C"} {
		page, err := c.reader.Reservations(c.t.Context(), warehouse,
			tier2.ReservationFilter{SKU: sku}, 0, 200)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, reservation := range page.Rows {
			sum += reservation.Open
		}
	}
	return sum
}

// shortages are how many shortages there are.
func (c *chain) shortages() (count int) {
	c.t.Helper()
	for _, warehouse := range []string{"A", "B", "C"} {
		page, err := c.wave.Shortages(c.t.Context(), warehouse, allocation.ShortageFilter{}, 0, 99)
		if err != nil {
			c.t.Fatal(err)
		}
		count += len(page.Rows)
	}
	return count
}

// onEach runs a test on a new chain on every backend.
func onEach(t *testing.T, test func(c *chain)) {
	t.Helper()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		test(newChain(t, db))
	})
}
