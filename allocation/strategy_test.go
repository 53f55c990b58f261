package allocation_test

import (
	"fmt"
	"slices"
	"testing"

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
	demand := flow.Demand{Qty: model.Whole(25),
		Asked: flow.Asked{Strategy: allocation.FullPacks, AnyPack: true}}
	got := taken(allocation.Choose(demand, choices))
	if want := []string{"2:2", "1:1"}; !slices.Equal(got, want) {
		t.Errorf("takes %v, want %v", got, want)
	}
}

// TestFullPacksMakesUp: what the largest packs first would leave, others serve.
func TestFullPacksMakesUp(t *testing.T) {
	size := func(numerator, denominator int64) model.Fraction {
		return model.Fraction{Numerator: numerator, Denominator: denominator}
	}
	for _, test := range []struct {
		name    string
		qty     string
		choices []flow.Choice
		want    []string
	}{
		{"packs of 6 and 4 serve 8 by two of 4", "8", []flow.Choice{packed(1, "SIX", size(6, 1), 5),
			packed(2, "FOUR", size(4, 1), 5)}, []string{"2:2"}},
		{"of equal ones the one with the most of the largest", "14", []flow.Choice{
			packed(1, "SIX", size(6, 1), 2), packed(2, "FIVE", size(5, 1), 1),
			packed(3, "FOUR", size(4, 1), 5)}, []string{"1:1", "3:2"}},
		{"where nothing is better it stays", "9", []flow.Choice{packed(1, "SIX", size(6, 1), 5),
			packed(2, "FOUR", size(4, 1), 1)}, []string{"1:1"}},
		{"ninths that make a unit, and units for the rest", "3", []flow.Choice{
			packed(1, "", model.Each, 2), packed(2, "", model.Each, 0),
			packed(3, "NINTH", size(1, 9), 20)}, []string{"1:2", "3:9"}},
		{"a unit split where that is what serves", "2.5", []flow.Choice{packed(1, "TWO", size(2, 1), 1),
			packed(2, "", model.Each, 1)}, []string{"1:1", "2:0.5"}},
		{"a pack larger than all that is wanted", "3", []flow.Choice{
			packed(1, "HUGE", size(1<<60, 1), 1), packed(2, "TWO", size(2, 1), 2)}, []string{"2:1"}},
	} {
		qty, err := model.ParseQuantity(test.qty)
		if err != nil {
			t.Fatal(err)
		}
		demand := flow.Demand{Qty: qty, Asked: flow.Asked{Strategy: allocation.FullPacks,
			AnyPack: true}}
		if got := taken(allocation.Choose(demand, test.choices)); !slices.Equal(got, test.want) {
			t.Errorf("%s: takes %v, want %v", test.name, got, test.want)
		}
	}
	half := packed(1, "", model.Each, 2)
	half.Available += model.One / 2
	demand := flow.Demand{Qty: model.Whole(3), Asked: flow.Asked{Strategy: allocation.FullPacks,
		AnyPack: true}}
	got := taken(allocation.Choose(demand, []flow.Choice{half, packed(2, "NINTH", size(1, 9), 9)}))
	if want := []string{"1:2", "2:9"}; !slices.Equal(got, want) {
		t.Errorf("of 2.5 and nine ninths takes %v, want %v", got, want)
	}
}
