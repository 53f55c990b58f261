package sourcing_test

import (
	"context"
	"errors"
	"testing"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/sourcing"
)

func TestExecute(t *testing.T) {
	onEach(t, func(c *chain) {
		c.stock("A", "TEA 10, SALT 3")
		c.stock("B", "TEA 5, OIL 8")
		c.stock("C", "TEA 4")
		orders := []sourcing.Order{order("O1", "TEA 2, SALT 3"), order("O2", "SALT 1, OIL 9"),
			order("O3", "TEA 16")}
		c.expect(c.execute(orders...),
			"APPLIED; 1 A 1:2 of 2 APPLIED 2:3 of 3 APPLIED",
			"PARTIAL; 1 B 2:8 of 8 APPLIED",
			"APPLIED; 1 A 1:8 of 8 APPLIED; 1 B 1:5 of 5 APPLIED; 1 C 1:3 of 3 APPLIED")
		c.expect(c.execute(orders...),
			"REPLAYED; 0 A 1:2 of 2 REPLAYED 2:3 of 3 REPLAYED",
			"PARTIAL; 0 B 2:8 of 8 REPLAYED",
			"REPLAYED; 0 A 1:8 of 8 REPLAYED; 0 B 1:5 of 5 REPLAYED; 0 C 1:3 of 3 REPLAYED")
		c.stock("C", "SALT 1, OIL 1")
		c.expect(c.execute(orders[1]),
			"APPLIED; 0 B 2:8 of 8 REPLAYED; 1 C 1:1 of 1 APPLIED 2:1 of 1 APPLIED")
		if got := c.shortages(); got != 0 {
			t.Errorf("%d shortages, though nobody here waits", got)
		}
	})
}

// meanwhile takes stock of a warehouse just before the service asks for its first part there.
func (c *chain) meanwhile(warehouse, goods string) {
	taken := false
	c.Between(func(allocate sourcing.Allocator) sourcing.Allocator {
		return func(ctx context.Context, mode flow.Mode, wave model.Wave) ([]model.OrderResult,
			error) {
			if wave.Orders[0].Warehouse == warehouse && !taken {
				taken = true
				other := order("RIVAL", goods).Order
				other.Warehouse = warehouse
				_, err := allocate(ctx, mode, model.Wave{Orders: []model.Order{other}})
				if err != nil {
					return nil, err
				}
			}
			return allocate(ctx, mode, wave)
		}
	})
}

func TestWhatFellShortIsPlannedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*sourcing.Order)
		want string
	}{
		"some of it": {func(*sourcing.Order) {},
			"APPLIED; 1 A 1:6 of 10 PARTIAL 2:1 of 1 APPLIED; 2 B 1:4 of 4 APPLIED"},
		"all or nothing": {whole, "APPLIED; 1 A 1:0 of 10 INSUFFICIENT 2:0 of 1 SKIPPED; " +
			"2 A 2:1 of 1 APPLIED; 2 C 1:10 of 10 APPLIED"},
		"all or nothing of one warehouse": {func(o *sourcing.Order) {
			o.ShipComplete, o.MaxSplits = true, new(0)
		}, "INSUFFICIENT; 1 A 1:0 of 10 INSUFFICIENT 2:0 of 1 SKIPPED"},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(c *chain) {
				c.t = t
				c.warehouse(master.WarehouseInput{Code: "A", Priority: new(int64(1))})
				c.stock("A", "TEA 10, SALT 1")
				c.stock("B", "TEA 5")
				c.stock("C", "TEA 10")
				c.meanwhile("A", "TEA 4")
				c.expect(c.execute(order("O", "TEA 10, SALT 1", test.edit)), test.want)
				if got := c.shortages(); got != 0 {
					t.Errorf("%d shortages, though other warehouses were tried", got)
				}
			})
		})
	}
}

// A warehouse where a line's key is used is not asked for the rest, though stock has come there:
// the key has had its effect.
func TestNoWarehouseIsAskedTwiceForALine(t *testing.T) {
	onEach(t, func(c *chain) {
		c.warehouse(master.WarehouseInput{Code: "A", Priority: new(int64(1))})
		c.stock("A", "TEA 10")
		c.stock("C", "TEA 10")
		c.meanwhile("A", "TEA 4")
		c.Between(func(allocate sourcing.Allocator) sourcing.Allocator {
			return func(ctx context.Context, mode flow.Mode, wave model.Wave) ([]model.OrderResult,
				error) {
				results, err := allocate(ctx, mode, wave)
				c.stock("A", "TEA 10")
				return results, err
			}
		})
		o := order("O", "TEA 10")
		c.expect(c.execute(o), "APPLIED; 1 A 1:6 of 10 PARTIAL; 2 C 1:4 of 4 APPLIED")
		c.expect(c.execute(o), "REPLAYED; 0 A 1:6 of 10 REPLAYED; 0 C 1:4 of 4 REPLAYED")
	})
}

// What is held already stays while the rest is planned again; where the rest cannot be had, an
// order that ships complete is given back, and is served when stock has come.
func TestShipCompleteIsGivenBack(t *testing.T) {
	onEach(t, func(c *chain) {
		c.stock("A", "TEA 10")
		c.stock("B", "SALT 5")
		c.meanwhile("B", "SALT 1")
		o := order("O", "TEA 10, SALT 5", whole)
		executed := c.execute(o)
		c.expect(executed, "INSUFFICIENT; 1 A 1:10 of 10 APPLIED given back; "+
			"1 B 2:0 of 5 INSUFFICIENT")
		if got := c.open("TEA"); got != 0 || executed[0].Lines[0].Code != model.Skipped ||
			executed[0].Lines[1].Code != model.Insufficient || executed[0].Message == "" {
			c.t.Errorf("%s is held: %+v", got, executed[0].Lines)
		}
		c.stock("B", "SALT 5")
		c.expect(c.execute(o), "INSUFFICIENT")
		for i := range o.Lines {
			o.Lines[i].Revision = 1
		}
		c.expect(c.execute(o), "APPLIED; 1 A 1:10 of 10 APPLIED; 1 B 2:5 of 5 APPLIED")
	})
}

// Whoever is cut off between two warehouses' parts repeats the call, and all is placed once.
func TestCutOffBetweenParts(t *testing.T) {
	for name, edit := range map[string]func(*sourcing.Order){
		"as it comes": func(*sourcing.Order) {}, "all or nothing": whole} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(c *chain) {
				c.t = t
				c.stock("A", "TEA 6")
				c.stock("B", "TEA 6")
				c.stock("C", "SALT 5")
				ctx, cancel := context.WithCancel(t.Context())
				c.Between(func(allocate sourcing.Allocator) sourcing.Allocator {
					return func(ctx context.Context, mode flow.Mode, wave model.Wave) (
						[]model.OrderResult, error) {
						results, err := allocate(ctx, mode, wave)
						cancel()
						return results, err
					}
				})
				o := order("O", "TEA 10, SALT 5", edit)
				_, err := c.Execute(ctx, []sourcing.Order{o}, terms)
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				if got := c.open("TEA"); got != 6*model.One {
					t.Fatalf("%s is held", got)
				}
				c.expect(c.execute(o), "APPLIED; 0 A 1:6 of 6 REPLAYED; 1 B 1:4 of 4 APPLIED; "+
					"1 C 2:5 of 5 APPLIED")
				c.expect(c.execute(o), "REPLAYED; 0 A 1:6 of 6 REPLAYED; 0 B 1:4 of 4 REPLAYED; "+
					"0 C 2:5 of 5 REPLAYED")
			})
		})
	}
}

func TestExecuteRefuses(t *testing.T) {
	onEach(t, func(c *chain) {
		c.stock("A", "TEA 10, SALT 10, OIL 10")
		c.expect(c.execute(order("PLACED", "TEA 5")), "APPLIED; 1 A 1:5 of 5 APPLIED")
		_, err := c.zone.Release(c.t.Context(), flow.Mode{}, []model.ReleaseLine{{Warehouse: "B",
			Key: model.LineKey{JobType: "SO", OrderID: "GONE", LineID: "1"}}})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, test := range []struct {
			order     sourcing.Order
			code      model.Code
			field     string
			lineCode  model.Code
			lineField string
		}{
			{order("1", "RUM 1"), model.Insufficient, "", model.NotFound, "sku"},
			{order("2", "RUM 1", whole), model.NotFound, "lines[0].sku", model.NotFound, "sku"},
			{order("3", "TEA 1", func(o *sourcing.Order) { o.Allowed = []string{"A", "X"} }),
				model.NotFound, "warehouses[1]", model.Skipped, ""},
			{order("4", "TEA 1", func(o *sourcing.Order) { o.MaxSplits = new(-1) }), model.Invalid,
				"maxSplits", model.Skipped, ""},
			{order("5", "TEA 1", func(o *sourcing.Order) {
				o.Destination = &sourcing.Place{Latitude: 91 * model.One}
			}), model.Invalid, "destination.latitude", model.Skipped, ""},
			{order("6", "TEA 1", func(o *sourcing.Order) { o.Lines[0].Qty = 0 }),
				model.Insufficient, "", model.Invalid, "qty"},
			{order("7", "TEA 1", func(o *sourcing.Order) { o.Lines[0].Pack = "KEG" }),
				model.Insufficient, "", model.Invalid, "pack"},
			{order("8", "TEA 1", func(o *sourcing.Order) { o.Lines[0].MinRemainingDays = -1 }),
				model.Insufficient, "", model.Invalid, "minRemainingDays"},
			{order("9", "TEA 1, SALT 1", func(o *sourcing.Order) { o.Lines[1].LineID = "1" }),
				model.Insufficient, "", model.Invalid, "lineId"},
			{order("PLACED", "TEA 4"), model.Insufficient, "", model.KeyConflict, "qty"},
			{order("PLACED", "SALT 5"), model.Insufficient, "", model.KeyConflict, "sku"},
			{order("PLACED", "TEA 5", func(o *sourcing.Order) { o.Lines[0].Batch = new("L1") }),
				model.Insufficient, "", model.KeyConflict, "key"},
			{order("GONE", "TEA 1"), model.Insufficient, "", model.Cancelled, ""},
		} {
			got := c.execute(test.order)[0]
			line := got.Lines[0]
			if got.Code != test.code || got.Field != test.field || line.Code != test.lineCode ||
				line.Field != test.lineField || (test.field == "") != (got.Message == "") {
				c.t.Errorf("%s: %s %q %q, line %s %q %q", test.order.OrderID, got.Code, got.Field,
					got.Message, line.Code, line.Field, line.Message)
			}
		}
		if got := c.open("TEA"); got != 5*model.One {
			c.t.Errorf("%s is held", got)
		}
		for _, executed := range c.execute(order("TWICE", "TEA 1"), order("TWICE", "TEA 1")) {
			if executed.Code != model.Invalid || executed.Field != "orderId" {
				c.t.Errorf("%+v", executed)
			}
		}
	})
}

// A line that its caller has released is not placed anew by a repeated call.
func TestReleasedLinesStayReleased(t *testing.T) {
	onEach(t, func(c *chain) {
		c.stock("A", "TEA 5")
		c.stock("B", "TEA 5")
		o := order("O", "TEA 5")
		c.expect(c.execute(o), "APPLIED; 1 A 1:5 of 5 APPLIED")
		_, err := c.zone.Release(c.t.Context(), flow.Mode{}, []model.ReleaseLine{{Warehouse: "A",
			Key: o.Key(&o.Lines[0])}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.expect(c.execute(o), "REPLAYED; 0 A 1:5 of 5 REPLAYED")
		if got := c.open("TEA"); got != 0 {
			c.t.Errorf("%s is held", got)
		}
	})
}

func TestCallsAreBounded(t *testing.T) {
	onEach(t, func(c *chain) {
		many := make([]sourcing.Order, sourcing.OrdersMax+1)
		if _, err := c.Plan(c.t.Context(), many, nil); !errors.Is(err, sourcing.ErrTooManyLines) {
			c.t.Error(err)
		}
		long := order("O", "TEA 1")
		long.Lines = make([]model.OrderLine, sourcing.LinesMax+1)
		_, err := c.Execute(c.t.Context(), []sourcing.Order{long}, terms)
		if !errors.Is(err, sourcing.ErrTooManyLines) {
			c.t.Error(err)
		}
	})
}

// TestWhatACallDoesNotSee: a warehouse that a call does not see is in no explanation, and what an
// order holds there is neither told nor given back.
func TestWhatACallDoesNotSee(t *testing.T) {
	onEach(t, func(c *chain) {
		c.stock("A", "TEA 3")
		c.stock("B", "TEA 9")
		one := order("1", "TEA 5", func(o *sourcing.Order) { o.Allowed = []string{"B"} })
		c.expect(c.execute(one), "APPLIED; 1 B 1:5 of 5 APPLIED")

		onlyA := func(warehouse string) bool { return warehouse == "A" }
		again := order("1", "TEA 5", whole)
		plans, err := c.Plan(t.Context(), []sourcing.Order{again}, onlyA)
		if err != nil || len(plans[0].Looks) != 1 || plans[0].Looks[0].Warehouse != "A" {
			t.Error(err, plans)
		}
		hidden := terms
		hidden.Sees = onlyA
		executed, err := c.Execute(t.Context(), []sourcing.Order{again}, hidden)
		if err != nil || len(executed[0].Parts) != 0 {
			t.Error(err, executed)
		}
		other := one
		other.OrderID = "2"
		executed, err = c.Execute(t.Context(), []sourcing.Order{other}, hidden)
		if err != nil || executed[0].Code != model.NotFound || len(executed[0].Parts) != 0 {
			t.Error(err, executed)
		}
		if open := c.open("TEA"); open != 5*model.One {
			t.Errorf("%s is held, not what it was", open)
		}
		c.verify()
	})
}
