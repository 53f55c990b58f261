package replenish_test

import (
	"fmt"
	"sync"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/replenish"
	"tierstock/stocktest"
)

// demand are the days' sums in short, the day as its distance from today.
func (f *floor) demand() (lines []string) {
	f.t.Helper()
	var rows []struct {
		SKU, Owner string
		Day        model.Date
		Qty        model.Quantity
	}
	err := f.DB.Gorm(f.t.Context()).Table("daily_demand").Where("warehouse = ?", f.Warehouse).
		Order("sku, owner, day").Scan(&rows).Error
	if err != nil {
		f.t.Fatal(err)
	}
	for _, row := range rows {
		lines = append(lines, fmt.Sprintf("%s %d %s", row.SKU, f.Today(0).DaysUntil(row.Day),
			row.Qty))
	}
	return lines
}

func (f *floor) collect() {
	f.t.Helper()
	if err := f.service.CollectDemand(f.t.Context(), f.Warehouse); err != nil {
		f.t.Fatal(err)
	}
	f.Write("UPDATE marks SET value = value WHERE warehouse = ?", f.Warehouse)
}

// daysAgo dates an order by the warehouse's noon.
func (f *floor) daysAgo(days int) func(*model.ReserveLine) {
	return func(line *model.ReserveLine) {
		view, err := f.Catalog.View(f.t.Context(), f.DB.Reader(), f.Warehouse)
		if err != nil {
			f.t.Fatal(err)
		}
		line.Audit.OccurredAt = view.Now - model.Instant(days)*86_400_000_000
	}
}

func TestDemandIsWhatWasAskedFor(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.Receive("B1", "10")
		f.Receive("B2", "5", func(line *model.ReceiveLine) { line.At.Pack = "CASE" })
		f.Receive("F1", "5", func(line *model.ReceiveLine) { line.At.Batch = "A" })
		f.Reserve("R1", "3").OK()
		f.Reserve("R2", "4", f.daysAgo(3)).OK()
		f.Reserve("R3", "2", func(line *model.ReserveLine) { line.Pack = "CASE" }).OK()
		f.collect()
		want(t, f.demand(), "TEA -3 4", "TEA 0 27")
		f.collect()
		want(t, f.demand(), "TEA -3 4", "TEA 0 27")
		f.Release("R1", "").OK() // whoever cancels had wanted them
		// Two legs are one demand, and what it could not get is part of it.
		f.Reserve("R4", "30", func(line *model.ReserveLine) { line.AllowPartial = true }).
			Is(model.Partial)
		f.Reserve("R5", "30").Is(model.Insufficient)
		f.collect()
		want(t, f.demand(), "TEA -3 4", "TEA 0 57")
	})
}

func TestDemandThatGotNothingCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		wave := model.Wave{Orders: []model.Order{{OrderID: "W", JobType: "SO",
			Warehouse: f.Warehouse, Lines: []model.OrderLine{{LineID: "1", SKU: stocktest.Tea,
				Qty: model.Whole(6)}}}}}
		if _, err := f.Allocation.Allocate(t.Context(), flow.Mode{}, wave); err != nil {
			t.Fatal(err)
		}
		f.Write("UPDATE shortages SET created_at = created_at - 172800000000 WHERE warehouse = ?",
			f.Warehouse)
		f.level(func(level *replenish.Level) { level.Min = 0 })
		f.run()
		want(t, f.demand())
		want(t, f.proposed())
		f.Receive("B1", "50")
		f.run(number(1))
		want(t, f.proposed(), "MOVE RESERVED 20 B1->P1")
		if _, err := f.Allocation.CoverShortages(t.Context(), f.Warehouse, true, "test"); err != nil {
			t.Fatal(err)
		}
		f.collect()
		want(t, f.demand(), "TEA 0 6")
	})
}

func TestCollectorsAtOnceCountOnce(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.Receive("B1", "500")
		for n := range 40 {
			f.Reserve(fmt.Sprint("R", n), "1").OK()
		}
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if err := f.service.CollectDemand(t.Context(), f.Warehouse); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		want(t, f.demand(), "TEA 0 40")
	})
}

// What was archived uncounted is lost to the forecast, and what came after it is not.
func TestDemandGoesOnAfterAnArchive(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.Receive("B1", "50")
		f.Reserve("R1", "1").OK()
		f.collect()
		f.Reserve("R2", "2", f.daysAgo(2)).OK()
		f.Age(30)
		f.Archive(&stocktest.Shelf{})
		f.Reserve("R3", "4").OK()
		f.collect()
		want(t, f.demand(), "TEA 0 5")
	})
}
