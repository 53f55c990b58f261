package sample

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/model"
)

func nothing(OrderLine) model.Audit { return model.Audit{} }

// sizes are the lines of each order of each wave.
func sizes(waves []model.Wave) (all [][]int) {
	for _, wave := range waves {
		var orders []int
		for _, order := range wave.Orders {
			orders = append(orders, len(order.Lines))
		}
		all = append(all, orders)
	}
	return all
}

func TestWavesKeepTheirLimits(t *testing.T) {
	orders := func(count, lines int) (all []OrderLine) {
		for n := range count {
			for line := range lines {
				all = append(all, OrderLine{OrderID: fmt.Sprint(n), LineID: fmt.Sprint(line)})
			}
		}
		return all
	}
	many := make([]int, 1000)
	for i := range many {
		many[i] = 1
	}
	for name, c := range map[string]struct {
		lines []OrderLine
		want  [][]int
	}{
		"none":                      {nil, nil},
		"some":                      {orders(3, 2), [][]int{{2, 2, 2}}},
		"as many orders as it may":  {orders(1000, 1), [][]int{many}},
		"one order more":            {orders(1001, 1), [][]int{many, {1}}},
		"as many lines as it may":   {orders(2, 2500), [][]int{{2500, 2500}}},
		"an order over the border":  {orders(2, 3000), [][]int{{3000, 2000}, {1000}}},
		"an order of several waves": {orders(1, 10_001), [][]int{{5000}, {5000}, {1}}},
	} {
		if diff := cmp.Diff(c.want, sizes(wavesOf(Warehouse, c.lines, true, nothing))); diff != "" {
			t.Error(name, diff)
		}
	}
}

func TestLinesOfAnOrderStandTogether(t *testing.T) {
	together := byOrder([]string{"B1", "A1", "B2", "C1", "A2"},
		func(line string) string { return line[:1] })
	if diff := cmp.Diff([]string{"B1", "B2", "A1", "A2", "C1"}, together); diff != "" {
		t.Error(diff)
	}
}

// TestBusyLinesAreSettledLater: what was answered once stays answered, though it replays now.
func TestBusyLinesAreSettledLater(t *testing.T) {
	answers := func(codes ...model.Code) []model.OrderResult {
		order := model.OrderResult{}
		for _, code := range codes {
			order.Lines = append(order.Lines, model.Result{Code: code})
		}
		return []model.OrderResult{order}
	}
	var results []model.Result
	if !settle(&results, answers(model.Applied, model.Busy, model.Busy)) ||
		!settle(&results, answers(model.Replayed, model.Partial, model.Busy)) ||
		settle(&results, answers(model.Replayed, model.Replayed, model.Insufficient)) {
		t.Error("it is not known whether a line is still to be asked for")
	}
	codes := []model.Code{results[0].Code, results[1].Code, results[2].Code}
	if diff := cmp.Diff([]model.Code{model.Applied, model.Partial, model.Insufficient},
		codes); diff != "" {
		t.Error(diff)
	}
}

// TestPlanHasSurprises: about one pick in a hundred comes short, and now and then a piece is
// damaged; what one bin lacks another has.
func TestPlanHasSurprises(t *testing.T) {
	plan := newPlan(history(t), "2026-11-22")
	picks, short, damaged, lacking := 0, 0, 0, 0
	for _, day := range plan.days {
		for _, picking := range day.pick {
			picks++
			if picking.missing == 0 {
				continue
			}
			short++
			if picking.missing >= picking.atHome || picking.atHome > picking.held {
				t.Errorf("%+v", picking)
			}
		}
		if day.damaged != nil {
			damaged++
		}
		lacking += len(day.lacking)
	}
	if share := float64(short) / float64(picks); share < 0.005 || share > 0.02 {
		t.Errorf("%d of %d picks come short", short, picks)
	}
	if damaged < 10 || damaged > 30 || lacking < 50 {
		t.Error(damaged, "pieces damaged,", lacking, "orders lack something")
	}
}
