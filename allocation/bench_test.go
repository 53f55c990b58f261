package allocation_test

import (
	"fmt"
	"slices"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// BenchmarkChoose is what a choice costs by itself, from few rows and from many.
func BenchmarkChoose(b *testing.B) {
	for _, count := range []int{1, 10, 1000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			b.ReportAllocs()
			rows := make([]flow.Choice, count)
			for i := range rows {
				day := model.Date(fmt.Sprintf("2026-%02d-%02d", i%12+1, i%28+1))
				rows[i] = row(int64(i), day, day, int64(i%3), 10)
			}
			choices := slices.Clone(rows)
			demand := flow.Demand{Qty: model.Whole(15)}
			for b.Loop() {
				copy(choices, rows)
				allocation.Choose(demand, choices)
			}
		})
	}
}
