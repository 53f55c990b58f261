package allocation_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// row is a candidate for tests: id and date of arrival, expiry, zone priority and what it has.
func row(id int64, received, expires model.Date, priority int64, available int64) flow.Choice {
	return flow.Choice{Row: &flow.StockRow{ID: id, ReceivedOn: received}, ExpiresOn: expires,
		ZonePriority: priority, Size: model.Each, Available: model.Whole(available)}
}

func packed(id int64, pack string, size model.Fraction, available int64) flow.Choice {
	choice := row(id, "2026-01-01", "", 0, available)
	choice.Row.Pack, choice.Size = pack, size
	return choice
}

// taken lists what is taken, as "id:qty", in the order chosen.
func taken(choices []flow.Choice) (list []string) {
	for _, choice := range choices {
		if choice.Taken > 0 {
			list = append(list, fmt.Sprintf("%d:%s", choice.Row.ID, choice.Taken))
		}
	}
	return list
}

func TestStrategiesOrder(t *testing.T) {
	rows := func() []flow.Choice {
		return []flow.Choice{
			row(1, "2026-01-05", "", 9, 10),
			row(2, "2026-01-04", "2026-09-01", 0, 10),
			row(3, "2026-01-03", "2026-08-01", 0, 10),
			row(4, "2026-01-02", "2026-08-01", 5, 10),
			row(6, "2026-01-01", "2026-08-01", 0, 10),
			row(5, "2026-01-01", "2026-08-01", 0, 10),
		}
	}
	for _, test := range []struct {
		strategy string
		want     []string
	}{
		{"", []string{"4:10", "5:10", "6:10", "3:10", "2:10", "1:5"}},
		{allocation.FEFO, []string{"4:10", "5:10", "6:10", "3:10", "2:10", "1:5"}},
		{allocation.FIFO, []string{"5:10", "6:10", "4:10", "3:10", "2:10", "1:5"}},
		{allocation.LIFO, []string{"1:10", "2:10", "3:10", "4:10", "5:10", "6:5"}},
	} {
		demand := flow.Demand{Qty: model.Whole(55), Asked: flow.Asked{Strategy: test.strategy}}
		if got := taken(allocation.Choose(demand, rows())); !slices.Equal(got, test.want) {
			t.Errorf("%q takes %v, want %v", test.strategy, got, test.want)
		}
	}
}

// TestFullPacksTakesWholePacksFirst: 25 each with cases of 12 is two cases and one each.
func TestFullPacksTakesWholePacksFirst(t *testing.T) {
	dozen := model.Fraction{Numerator: 12, Denominator: 1}
	choices := []flow.Choice{packed(1, "", model.Each, 100), packed(2, "CASE", dozen, 5)}
	demand := flow.Demand{Qty: model.Whole(25), Asked: flow.Asked{Strategy: allocation.FullPacks, AnyPack: true}}
	got := taken(allocation.Choose(demand, choices))
	if want := []string{"2:2", "1:1"}; !slices.Equal(got, want) {
		t.Errorf("takes %v, want %v", got, want)
	}
}

// TestChooseServesWhatCanBeServed: whatever the rows, a strategy takes no more than there is, no
// more than was asked for, nothing that was passed over, and leaves nothing that could have
// served; the same question has the same answer in whatever order the rows come.
func TestChooseServesWhatCanBeServed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choices := drawRows(t)
		strategy := rapid.SampledFrom([]string{"", allocation.FEFO, allocation.FIFO,
			allocation.LIFO}).Draw(t, "strategy")
		demand := flow.Demand{Qty: model.Whole(rapid.Int64Range(1, 60).Draw(t, "qty")),
			Asked: flow.Asked{Strategy: strategy}}
		shuffled := rapid.Permutation(choices).Draw(t, "shuffled")
		chosen := allocation.Choose(demand, slices.Clone(choices))
		var sum, could model.Quantity
		for _, choice := range chosen {
			if choice.Taken < 0 || choice.Taken > choice.Available {
				t.Fatalf("takes %s of %s", choice.Taken, choice.Available)
			}
			sum += choice.Taken
			could += choice.Available
		}
		if want := min(could, demand.Qty); sum != want {
			t.Fatalf("takes %s, want %s", sum, want)
		}
		again := allocation.Choose(demand, shuffled)
		if !slices.Equal(taken(chosen), taken(again)) {
			t.Fatalf("%v, and of other order %v", taken(chosen), taken(again))
		}
	})
}

func drawRows(t *rapid.T) []flow.Choice {
	dates := rapid.SampledFrom([]model.Date{"", "2026-01-01", "2026-01-02"})
	count := rapid.IntRange(0, 8).Draw(t, "rows")
	choices := make([]flow.Choice, count)
	for i := range choices {
		choices[i] = row(int64(i+1), dates.Draw(t, "received"), dates.Draw(t, "expires"),
			rapid.Int64Range(0, 2).Draw(t, "priority"), rapid.Int64Range(1, 20).Draw(t, "available"))
		if rapid.Bool().Draw(t, "skipped") {
			choices[i].Available, choices[i].Skipped = 0, "EXPIRED"
		}
	}
	return choices
}
