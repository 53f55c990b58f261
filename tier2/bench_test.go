package tier2_test

import (
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
)

// BenchmarkLife is what an order line costs from its reserve to its deduction.
func BenchmarkLife(b *testing.B) {
	for _, backend := range stocktest.Backends(b) {
		b.Run(string(backend.Name), func(b *testing.B) {
			s := stocktest.New(b, stocktest.Migrated(b, backend.URL(b)))
			s.Receive("F1", "100000000").OK()
			round := 0
			stocktest.PerLine(b, flow.LinesMax, func() {
				round++
				reserves := make([]model.ReserveLine, flow.LinesMax)
				deducts := make([]model.DeductLine, flow.LinesMax)
				for i := range reserves {
					key := stocktest.Line(fmt.Sprint("R", round, "-", i))
					reserves[i] = model.ReserveLine{Key: key, Warehouse: s.Warehouse,
						Item: model.Item{SKU: stocktest.Tea}, Qty: model.One}
					deducts[i] = model.DeductLine{Key: key, Warehouse: s.Warehouse}
				}
				stocktest.MustApply(b, s.Allocation.Reserve, reserves)
				stocktest.MustApply(b, s.Tier2.Deduct, deducts)
			})
		})
	}
}
