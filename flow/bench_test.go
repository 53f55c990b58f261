package flow_test

import (
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
)

// BenchmarkSubmit is what a line costs on its way through the write path: with fresh keys, and as a
// replay.
func BenchmarkSubmit(b *testing.B) {
	for _, backend := range stocktest.Backends(b) {
		for _, replayed := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/replayed=%t", backend.Name, replayed), func(b *testing.B) {
				s := stocktest.New(b, stocktest.Migrated(b, backend.URL(b)))
				s.Receive("F1", "100000000").OK()
				round := 0
				stocktest.PerLine(b, flow.LinesMax, func() {
					if !replayed {
						round++
					}
					lines := make([]model.ReserveLine, flow.LinesMax)
					for i := range lines {
						lines[i] = model.ReserveLine{Warehouse: s.Warehouse, Qty: model.One,
							Key:  stocktest.Line(fmt.Sprint("R", round, "-", i)),
							Item: model.Item{SKU: stocktest.Tea}}
					}
					stocktest.MustApply(b, s.Allocation.Reserve, lines)
				})
			})
		}
	}
}
