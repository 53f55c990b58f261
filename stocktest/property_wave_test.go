package stocktest

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"tierstock/flow"
	"tierstock/model"
)

// allocate draws a wave and makes it on both sides, now and then dry before. Some of its orders
// were asked for before, or some of their lines by a reserve.
func (w *world) allocate(t *rapid.T) {
	d := w.draw(t, w.warehouses[0])
	wave := model.Wave{Strategy: d.strategy(), CreateTasks: d.chance(60, "createTasks")}
	if d.chance(2, "noStrategy") {
		wave.Strategy = "NONE"
	}
	if len(w.waves) > 0 && d.chance(20, "again") {
		wave.Orders = slices.Clone(one(t, "wave", w.waves).Orders)
		wave.Orders[0].Priority++
	}
	for range d.number("orders", 1-min(1, len(wave.Orders)), 3) {
		wave.Orders = append(wave.Orders, w.draw(t, w.orderSite(t)).order())
	}
	t.Logf("%s", describe(wave))
	var rehearsed []model.OrderResult
	if d.chance(25, "dryRun") {
		rehearsed = w.allocateBoth(t, wave, true)
	}
	results := w.allocateBoth(t, wave, false)
	if one, other := settled(rehearsed), settled(results); rehearsed != nil && one != other {
		t.Fatalf("the dry run said\n%s\nthe real one\n%s", one, other)
	}
	w.waves = append(w.waves, wave)
}

func (w *world) orderSite(t *rapid.T) string {
	if chance(t, 12, "other warehouse") {
		return w.warehouses[1]
	}
	return w.warehouses[0]
}

// order draws an order, whose lines' keys are also those of other verbs.
func (d *drawn) order() model.Order {
	first := d.reserve()
	order := model.Order{OrderID: first.Key.OrderID, JobType: first.Key.JobType, Warehouse: d.code,
		Owner: first.Item.Owner, ShipComplete: d.chance(35, "shipComplete"),
		Priority: int64(d.number("priority", 0, 2))}
	for i := range d.number("lines", 1, 3) {
		next := d.reserve()
		if i == 0 {
			next = first
		}
		order.Lines = append(order.Lines, model.OrderLine{LineID: fmt.Sprint(i + 1),
			SKU: next.Item.SKU, Qty: next.Qty, Batch: next.Batch, Pack: next.Pack,
			MinRemainingDays: next.MinRemainingDays, Revision: next.Key.Revision})
		if d.chance(3, "twin") {
			order.Lines[i].LineID = "1"
		}
	}
	if p := d.site.promises[first.Key]; p != nil && d.chance(60, "sameAgain") {
		order.Owner = p.item.Owner
		order.Lines[0] = model.OrderLine{LineID: "1", SKU: p.item.SKU, Qty: p.requested,
			Batch: p.asked.Batch, Pack: p.asked.Pack, Revision: first.Key.Revision,
			MinRemainingDays: p.asked.MinRemainingDays}
	}
	return order
}

func (w *world) allocateBoth(t *rapid.T, wave model.Wave, dry bool) []model.OrderResult {
	before := w.footprint(t)
	wanted := w.model.Allocate(wave, dry)
	results, err := w.allocation.Allocate(context.Background(),
		flow.Mode{Actor: "test", DryRun: dry}, wave)
	if err != nil || len(results) != len(wave.Orders) {
		t.Fatalf("%d results: %v", len(results), err)
	}
	written := false
	for i, result := range results {
		if result.Code != wanted[i].Code {
			t.Errorf("order %d is %s, the model says %s", i, result.Code, wanted[i].Code)
		}
		for l, line := range result.Lines {
			verdict := wanted[i].Lines[l]
			written = written || line.Code == model.Applied || line.Code == model.Partial
			if !slices.Contains(verdict.Codes, line.Code) || line.Applied != verdict.Applied ||
				line.Shortage != verdict.Shortage {
				t.Errorf("order %d line %d: %s %s short %s (%s: %s), the model says %v %s short %s",
					i, l, line.Code, line.Applied, line.Shortage, line.Field, line.Message,
					verdict.Codes, verdict.Applied, verdict.Shortage)
			}
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	if after := w.footprint(t); (dry || !written) && before != after {
		t.Fatalf("a wave that wrote nothing left a trace: %s, before it %s", after, before)
	}
	return results
}
