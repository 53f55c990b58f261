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

// ruled is a candidate for tests of rules: one row, or a part of it in a bin.
func ruled(id int64, zone string, available int64) flow.Choice {
	choice := row(id, "2026-01-01", "", 0, available)
	choice.Row.Zone, choice.RowAvailable = zone, choice.Available
	return choice
}

// TestAtLeastIsNoReasonToBeShort: rows that give no less than so much serve all the same where the
// rest of the demand can come from elsewhere.
func TestAtLeastIsNoReasonToBeShort(t *testing.T) {
	tenOfPallets := &flow.Rule{AtLeast: map[string]model.Quantity{"PALLET": model.Whole(10)}}
	keepFive := &flow.Rule{AtLeast: tenOfPallets.AtLeast,
		Keep: map[string]model.Quantity{"PALLET": model.Whole(15)}}
	for _, c := range []struct {
		name    string
		rule    *flow.Rule
		qty     int64
		choices []flow.Choice
		want    []string
	}{
		{"in order where that serves", tenOfPallets, 15, []flow.Choice{ruled(1, "SHELF", 5),
			ruled(2, "PALLET", 10)}, []string{"1:5", "2:10"}},
		{"less of the first", tenOfPallets, 12, []flow.Choice{ruled(1, "SHELF", 5),
			ruled(2, "PALLET", 10)}, []string{"1:2", "2:10"}},
		{"less of a pallet", tenOfPallets, 25, []flow.Choice{ruled(1, "PALLET", 20),
			ruled(2, "PALLET", 20)}, []string{"1:15", "2:10"}},
		{"another pallet", tenOfPallets, 15, []flow.Choice{ruled(1, "PALLET", 10),
			ruled(2, "PALLET", 15)}, []string{"2:15"}},
		{"less than a pallet", tenOfPallets, 9, []flow.Choice{ruled(1, "PALLET", 10)}, nil},
		{"no row has so much", tenOfPallets, 18, []flow.Choice{ruled(1, "PALLET", 9),
			ruled(2, "PALLET", 9)}, nil},
		{"what must stay, stays", keepFive, 100, []flow.Choice{ruled(1, "PALLET", 20),
			ruled(2, "PALLET", 20)}, []string{"1:15", "2:10"}},
	} {
		demand := flow.Demand{Qty: model.Whole(c.qty), Asked: flow.Asked{Rule: c.rule}}
		if got := taken(allocation.Choose(demand, c.choices)); !slices.Equal(got, c.want) {
			t.Errorf("%s: takes %v, want %v", c.name, got, c.want)
		}
	}
}

// TestKeepCountsWhatOthersCouldTake: stock that only this demand may not take stays there too.
func TestKeepCountsWhatOthersCouldTake(t *testing.T) {
	other := ruled(2, "SHELF", 100)
	other.Available, other.RowAvailable, other.Skipped = 0, model.Whole(100), "WRONG_BATCH"
	demand := flow.Demand{Qty: model.Whole(5), Asked: flow.Asked{Rule: &flow.Rule{
		Keep: map[string]model.Quantity{"SHELF": model.Whole(50)}}}}
	got := taken(allocation.Choose(demand, []flow.Choice{ruled(1, "SHELF", 10), other}))
	if want := []string{"1:5"}; !slices.Equal(got, want) {
		t.Errorf("takes %v, want %v", got, want)
	}
}

// TestWeightsPutInOrder: the candidate with the highest score goes first.
func TestWeightsPutInOrder(t *testing.T) {
	rows := func() []flow.Choice {
		late, soon := row(1, "2026-01-01", "2026-09-01", 0, 5), row(2, "2026-01-02", "2026-08-01", 9, 20)
		return []flow.Choice{late, soon, row(3, "2026-01-03", "", 5, 10)}
	}
	for _, c := range []struct {
		weights map[string]float64
		want    []string
	}{
		{nil, []string{"2:5"}},
		{map[string]float64{"age": 1}, []string{"1:5"}},
		{map[string]float64{"age": -1}, []string{"3:5"}},
		{map[string]float64{"zone": 1}, []string{"2:5"}},
		{map[string]float64{"rest": 1}, []string{"1:5"}},
		{map[string]float64{"plenty": 1}, []string{"2:5"}},
		{map[string]float64{"exact": 1}, []string{"1:5"}},
		{map[string]float64{"expiry": -2, "plenty": 1}, []string{"3:5"}},
	} {
		demand := flow.Demand{Qty: model.Whole(5), Today: "2026-02-01",
			Asked: flow.Asked{Rule: &flow.Rule{Weights: c.weights}}}
		if got := taken(allocation.Choose(demand, rows())); !slices.Equal(got, c.want) {
			t.Errorf("%v takes %v, want %v", c.weights, got, c.want)
		}
	}
}

// ruleCase is a drawn demand under a rule.
type ruleCase struct {
	demand  flow.Demand
	choices []flow.Choice
	// oneLeast: no more than one zone gives only so much at once, so that the most that can be had
	// is well defined and not a puzzle.
	oneLeast bool
}

func drawRuleCase(t *rapid.T) (c ruleCase) {
	zones := []string{"A", "B", "C"}
	rule := &flow.Rule{Pool: rapid.SampledFrom([]string{"", "P"}).Draw(t, "pool"), Ordinary: true}
	amounts := func(name string, most int) map[string]model.Quantity {
		byZone := map[string]model.Quantity{}
		for _, zone := range rapid.SliceOfNDistinct(rapid.SampledFrom(zones), 0, most,
			rapid.ID[string]).Draw(t, name) {
			byZone[zone] = model.Whole(rapid.Int64Range(1, 15).Draw(t, name+zone))
		}
		return byZone
	}
	c.oneLeast = rapid.IntRange(0, 3).Draw(t, "one zone") > 0
	rule.Keep = amounts("keep", 3)
	if c.oneLeast {
		rule.AtLeast = amounts("least", 1)
	} else {
		rule.AtLeast = amounts("least", 3)
	}
	rule.Weights = map[string]float64{}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(allocation.Weighed()), 0, 3,
		rapid.ID[string]).Draw(t, "weights") {
		rule.Weights[name] = rapid.Float64Range(-3, 3).Draw(t, "weight")
	}
	strategy := rapid.SampledFrom([]string{allocation.FEFO, allocation.FIFO, allocation.LIFO,
		allocation.EmptyBin, allocation.FewestBins}).Draw(t, "strategy")
	for i := range rapid.IntRange(0, 7).Draw(t, "rows") {
		choice := ruled(int64(i+1), rapid.SampledFrom(zones).Draw(t, "zone"),
			rapid.Int64Range(1, 20).Draw(t, "available"))
		if rule.Pool != "" && rapid.Bool().Draw(t, "pooled") {
			choice.Pool = rule.Pool
		}
		c.choices = append(c.choices, choice)
	}
	c.demand = flow.Demand{Qty: model.Whole(rapid.Int64Range(1, 80).Draw(t, "qty")),
		Asked: flow.Asked{Strategy: strategy, Rule: rule}, Today: "2026-02-01"}
	return c
}

// most is the most that a rule lets be taken: the best of all choices of the rows that give only so
// much at once.
func (c *ruleCase) most() (best model.Quantity) {
	rule := c.demand.Asked.Rule
	for chosen := range 1 << len(c.choices) {
		least, could := model.Quantity(0), model.Quantity(0)
		zones, leasts := map[string]model.Quantity{}, map[string]model.Quantity{}
		whole := map[string]model.Quantity{}
		possible := true
		for i, choice := range c.choices {
			zone := choice.Row.Zone
			whole[zone] += choice.Available
			if chosen>>i&1 == 0 {
				continue
			}
			possible = possible && choice.Available >= rule.AtLeast[zone]
			zones[zone] += choice.Available
			leasts[zone] += rule.AtLeast[zone]
			least += rule.AtLeast[zone]
		}
		for zone, qty := range zones {
			if keep, keeps := rule.Keep[zone]; keeps {
				qty = min(qty, max(0, whole[zone]-keep))
			}
			possible = possible && leasts[zone] <= qty
			could += qty
		}
		if possible && least <= c.demand.Qty {
			best = max(best, min(could, c.demand.Qty))
		}
	}
	return best
}

// TestChooseHonoursRules: whatever the rule and the rows, what must stay stays, no row gives less
// than it may, a pool's stock goes first, and all that could be had is taken.
func TestChooseHonoursRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawRuleCase(t)
		rule := drawn.demand.Asked.Rule
		most := drawn.most()
		chosen := allocation.Choose(drawn.demand, slices.Clone(drawn.choices))
		sum := model.Quantity(0)
		left, had := map[string]model.Quantity{}, map[string]model.Quantity{}
		for _, choice := range chosen {
			zone := choice.Row.Zone
			had[zone] += choice.Available
			left[zone] += choice.Available - choice.Taken
			sum += choice.Taken
			if choice.Taken < 0 || choice.Taken > choice.Available {
				t.Fatalf("takes %s of %s", choice.Taken, choice.Available)
			}
			if choice.Taken > 0 && (choice.Taken < rule.AtLeast[zone] || choice.Skipped != "") {
				t.Fatalf("takes %s of %s, %q, which gives at least %s", choice.Taken, zone,
					choice.Skipped, rule.AtLeast[zone])
			}
		}
		for zone, keep := range rule.Keep {
			if left[zone] < min(keep, had[zone]) {
				t.Fatalf("%s keeps %s, not %s", zone, left[zone], keep)
			}
		}
		if sum > most || drawn.oneLeast && sum < most {
			t.Fatalf("takes %s, and %s could be had: %v", sum, most, taken(chosen))
		}
		again := allocation.Choose(drawn.demand,
			rapid.Permutation(drawn.choices).Draw(t, "shuffled"))
		if fmt.Sprint(taken(chosen)) != fmt.Sprint(taken(again)) {
			t.Fatalf("%v, and of other order %v", taken(chosen), taken(again))
		}
		if len(rule.AtLeast) == 0 && len(rule.Keep) == 0 {
			checkPoolFirst(t, chosen)
		}
	})
}

func checkPoolFirst(t *rapid.T, chosen []flow.Choice) {
	ordinary, spare := model.Quantity(0), model.Quantity(0)
	for _, choice := range chosen {
		if choice.Pool == "" {
			ordinary += choice.Taken
		} else {
			spare += choice.Available - choice.Taken
		}
	}
	if ordinary > 0 && spare > 0 {
		t.Fatalf("takes %s of ordinary stock while the pool has %s", ordinary, spare)
	}
}
