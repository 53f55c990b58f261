package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tierstock/model"
	"tierstock/wmssim"
	"tierstock/wmsync"
)

// What a WMS tells in TestKilledSync: ten thousand items, some of which nobody can apply.
const (
	changesMade   = 10_000
	tightSKUs     = 100
	orderedSKUs   = 150
	floorSKUs     = 20
	stockOfOrders = 1000
	poisoned      = 10
	// early changes may be told before the stock from before is loaded. Orders may not: they would
	// be short, and stay so.
	early = 500
)

// changes is what a WMS tells, and what it comes to.
type changes struct {
	t      *testing.T
	wms    *wmssim.WMS
	random *rand.Rand
	made   int
	tight  map[string]int64
	orders map[string]map[string]int64 // of those that are open, how much of each SKU
	booked int                         // deltas
}

// newChanges makes the SKUs: tight ones, of which there is never more than was told of, others that
// orders are of, and some that only the floor has.
func newChanges(t *testing.T, wms *wmssim.WMS) *changes {
	t.Helper()
	c := &changes{t: t, wms: wms, random: rand.New(rand.NewPCG(3, 4)), tight: map[string]int64{},
		orders: map[string]map[string]int64{}}
	for i := range tightSKUs {
		wms.PutSKU(wmssim.SKU{Code: tightSKU(i)})
	}
	for i := range orderedSKUs {
		wms.PutSKU(wmssim.SKU{Code: orderedSKU(i)})
		err := wms.SetStock(wmssim.Row{Spot: wmssim.Spot{Warehouse: "MAIN", SKU: orderedSKU(i)},
			OnHand: fmt.Sprint(stockOfOrders)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range floorSKUs {
		wms.PutSKU(wmssim.SKU{Code: floorSKU(i)})
	}
	c.made = tightSKUs + orderedSKUs + floorSKUs
	return c
}

func tightSKU(i int) string   { return fmt.Sprintf("T-%03d", i) }
func orderedSKU(i int) string { return fmt.Sprintf("O-%03d", i) }
func floorSKU(i int) string   { return fmt.Sprintf("F-%03d", i%floorSKUs) }

// tell tells all there is, at a pace, until the context ends. loaded ends when the stock from
// before is there.
func (c *changes) tell(ctx context.Context, pace time.Duration, loaded <-chan struct{}) {
	for c.made < changesMade && ctx.Err() == nil {
		if c.made == early {
			<-loaded
		}
		c.one()
		if c.made++; c.made%50 == 0 {
			time.Sleep(50 * pace)
		}
	}
}

func (c *changes) one() {
	if c.made%(changesMade/poisoned) == 0 {
		c.wms.PutRaw(wmsync.Stock, json.RawMessage(fmt.Sprintf(`{"id":"poison-%d","op":"delta",
			"key":"T-001","data":{"warehouse":"MAIN","sku":"T-001","delta":1.5}}`, c.made)))
		return
	}
	switch draw := c.random.IntN(100); {
	case draw < 60:
		sku := tightSKU(c.random.IntN(tightSKUs))
		qty := c.random.Int64N(9) + 1
		if has := c.tight[sku]; has > 0 && draw < 30 {
			qty = -min(has, qty)
		}
		c.tight[sku] += qty
		c.book(sku, qty)
	case draw < 75:
		c.book(orderedSKU(c.random.IntN(orderedSKUs)), []int64{-2, -1, 1, 2}[draw%4])
	case c.made < early:
		c.tight[tightSKU(draw)]++
		c.book(tightSKU(draw), 1)
	case draw < 90 || len(c.orders) == 0:
		c.put(fmt.Sprint("A", c.made))
	case draw < 96:
		c.put(c.open())
	default:
		id := c.open()
		delete(c.orders, id)
		c.wms.CancelOrder(id)
	}
}

func (c *changes) book(sku string, qty int64) {
	c.booked++
	err := c.wms.Book(wmssim.Delta{Spot: wmssim.Spot{Warehouse: "MAIN", SKU: sku},
		Delta: model.Whole(qty).String(), Reason: "OTHER"})
	if err != nil {
		c.t.Error(err)
	}
}

// put makes an order, or a newer version of one.
func (c *changes) put(id string) {
	order := wmssim.Order{OrderID: id, JobType: "ORDER", Warehouse: "MAIN"}
	c.orders[id] = map[string]int64{}
	for line := range c.random.IntN(3) + 1 {
		sku, qty := orderedSKU(c.random.IntN(orderedSKUs)), c.random.Int64N(3)+1
		c.orders[id][sku] += qty
		order.Lines = append(order.Lines, wmssim.OrderLine{LineID: fmt.Sprint(line + 1), SKU: sku,
			Qty: model.Whole(qty).String()})
	}
	c.wms.PutOrder(order)
}

// open is one of the open orders; which of them is drawn in the order of their ids, so that a run
// is like another.
func (c *changes) open() (id string) {
	nth := c.random.IntN(len(c.orders))
	for made := range c.made {
		id := fmt.Sprint("A", made)
		if _, open := c.orders[id]; !open {
			continue
		}
		if nth == 0 {
			return id
		}
		nth--
	}
	return ""
}

// reserved is how much of each SKU the open orders want.
func (c *changes) reserved() map[string]int64 {
	all := map[string]int64{}
	for _, order := range c.orders {
		for sku, qty := range order {
			all[sku] += qty
		}
	}
	return all
}
