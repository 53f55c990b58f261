package replenish

import (
	"math"
	"testing"

	"tierstock/forecast"
	"tierstock/model"
)

// 95 in 100 is z = 1.644854 deviations of the normal distribution, and a deviation of 20 is that of
// four weeks. For a lead time of two weeks the safety stock is z * 20 * sqrt(14/28) = 23.262, and
// what to order at 14 days of 2 each beyond it, 51.262. A week to cover takes 7 * 2 and
// z * 20 * sqrt(7/28) = 16.449, which is 30.449.
func TestExpectedByHand(t *testing.T) {
	settings := Settings{Service: 0.95, LeadDays: 14, CoverDays: 7}
	item := model.Item{SKU: "TEA"}
	got := settings.expected(item, "2026-06-15", forecast.Forecast{Daily: 2, Deviation: 20})
	for name, c := range map[string]struct {
		got  model.Quantity
		want float64
	}{
		"safety stock":  {got.SafetyStock, 23.262},
		"reorder point": {got.ReorderPoint, 51.262},
		"cover":         {got.Cover, 30.449},
	} {
		if math.Abs(c.got.Decimal().InexactFloat64()-c.want) > 0.0005 {
			t.Errorf("%s: %s, want %g", name, c.got, c.want)
		}
	}
	if got.Item != item || got.AsOf != "2026-06-15" {
		t.Errorf("%+v", got)
	}
}
