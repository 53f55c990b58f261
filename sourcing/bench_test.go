package sourcing_test

import (
	"fmt"
	"testing"

	"tierstock/model"
	"tierstock/sourcing"
)

// hard are candidates and demands that bounds do not rule out early.
func hard(warehouses, lines int, room int64) (sourcing.Demand, []sourcing.Candidate) {
	var candidates []sourcing.Candidate
	for w := range warehouses {
		candidate := sourcing.Candidate{Warehouse: fmt.Sprintf("W%02d", w), Limited: room > 0,
			LinesLeft: room}
		for l := range lines {
			candidate.Stock = append(candidate.Stock, sourcing.Stock{Days: sourcing.Lasting,
				Item: model.Item{SKU: fmt.Sprint("SKU", l)}, Qty: model.Whole(int64((w*7+l*5)%11 + 1))})
		}
		candidates = append(candidates, candidate)
	}
	demand := sourcing.Demand{}
	for l := range lines {
		demand.Lines = append(demand.Lines, sourcing.Want{Item: model.Item{SKU: fmt.Sprint("SKU", l)},
			Qty: model.Whole(11)})
	}
	return demand, candidates
}

func BenchmarkChoose(b *testing.B) {
	for _, size := range []struct {
		warehouses, lines int
		room              int64
	}{{3, 2, 0}, {12, 5, 0}, {12, 5, 2}, {12, 50, 0}, {12, 500, 0}, {12, 500, 40}, {100, 20, 2}} {
		name := fmt.Sprintf("warehouses=%d/lines=%d/room=%d", size.warehouses, size.lines, size.room)
		b.Run(name, func(b *testing.B) {
			demand, candidates := hard(size.warehouses, size.lines, size.room)
			for b.Loop() {
				sourcing.Choose(demand, candidates)
			}
		})
	}
}
