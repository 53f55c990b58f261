package tier3_test

import (
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
)

// BenchmarkMove is what a line costs that touches two rows of tier 3.
func BenchmarkMove(b *testing.B) {
	for _, backend := range stocktest.Backends(b) {
		b.Run(string(backend.Name), func(b *testing.B) {
			s := stocktest.New(b, stocktest.Migrated(b, backend.URL(b)))
			s.Receive("F1", "100000000").OK()
			round := 0
			stocktest.PerLine(b, flow.LinesMax, func() {
				round++
				lines := make([]model.MoveLine, flow.LinesMax)
				for i := range lines {
					lines[i] = model.MoveLine{Key: model.TaskKey{JobType: "FLOOR",
						TaskID: fmt.Sprint("M", round, "-", i)}, From: s.InBin("F1"), ToBin: "F2",
						Qty: model.One}
				}
				stocktest.MustApply(b, s.Tier3.Move, lines)
			})
		})
	}
}
