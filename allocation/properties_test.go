package allocation_test

import (
	"fmt"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// looksAtBins are the strategies that choose among what lies in each bin.
var looksAtBins = map[string]bool{allocation.Nearest: true, allocation.FewestBins: true,
	allocation.EmptyBin: true}

// TestChooseServesWhatCanBeServed: whatever the candidates, every strategy takes no more of each
// than it has, of a row's bins together no more than the row has, no more than was asked for,
// nothing that was passed over, and leaves nothing that could have served; the same question has
// the same answer in whatever order the candidates come.
func TestChooseServesWhatCanBeServed(t *testing.T) {
	for _, strategy := range append(allocation.Strategies(), "") {
		t.Run(strategy, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				choices := drawRows(t)
				if looksAtBins[strategy] {
					choices = drawBins(t)
				}
				demand := flow.Demand{Qty: model.Whole(rapid.Int64Range(1, 60).Draw(t, "qty")),
					Asked: flow.Asked{Strategy: strategy, ByBin: looksAtBins[strategy]}}
				shuffled := rapid.Permutation(choices).Draw(t, "shuffled")
				chosen := allocation.Choose(demand, slices.Clone(choices))
				checkTaken(t, demand, choices, chosen)
				again := allocation.Choose(demand, shuffled)
				if !slices.Equal(taken(chosen), taken(again)) {
					t.Fatalf("%v, and of other order %v", taken(chosen), taken(again))
				}
			})
		})
	}
}

// checkTaken holds a choice by the unit to what every choice must be.
func checkTaken(t *rapid.T, demand flow.Demand, offered, chosen []flow.Choice) {
	t.Helper()
	if len(chosen) != len(offered) {
		t.Fatalf("%d candidates came back of %d", len(chosen), len(offered))
	}
	var sum model.Quantity
	ofRow := map[*flow.StockRow]model.Quantity{}
	for _, choice := range chosen {
		if choice.Taken < 0 || choice.Taken > choice.Available ||
			choice.Skipped != "" && choice.Taken > 0 {
			t.Fatalf("takes %s of %s (%s)", choice.Taken, choice.Available, choice.Skipped)
		}
		sum += choice.Taken
		if ofRow[choice.Row] += choice.Taken; choice.Bin != nil &&
			ofRow[choice.Row] > choice.RowAvailable {
			t.Fatalf("takes %s of row %d, which has %s", ofRow[choice.Row], choice.Row.ID,
				choice.RowAvailable)
		}
	}
	if want := min(couldServe(offered), demand.Qty); sum != want {
		t.Fatalf("takes %s, want %s", sum, want)
	}
}

// couldServe is all there is: of a row's bins no more than the row has.
func couldServe(choices []flow.Choice) (sum model.Quantity) {
	inBins := map[*flow.StockRow]model.Quantity{}
	for _, choice := range choices {
		switch {
		case choice.Skipped != "":
		case choice.Bin == nil:
			sum += choice.Available
		default:
			more := min(choice.Available, choice.RowAvailable-inBins[choice.Row])
			inBins[choice.Row] += more
			sum += more
		}
	}
	return sum
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

// drawBins draws rows with their bins, of which a row may have promised some already.
func drawBins(t *rapid.T) (choices []flow.Choice) {
	for _, whole := range drawRows(t) {
		if whole.Skipped != "" {
			choices = append(choices, whole)
			continue
		}
		whole.RowAvailable = whole.Available
		whole.Row.Zone = rapid.SampledFrom([]string{"A", "B"}).Draw(t, "zone")
		for _, code := range []string{"X", "Y", "Z"}[:rapid.IntRange(1, 3).Draw(t, "bins")] {
			free := model.Whole(rapid.Int64Range(1, 20).Draw(t, "free"))
			choices = append(choices, inBin(whole, whole.Row.Zone+code, free,
				rapid.Int64Range(1, 3).Draw(t, "sequence"), rapid.IntRange(0, 2).Draw(t, "rank")))
		}
	}
	return choices
}

// inBin is what of a row lies in a bin.
func inBin(whole flow.Choice, bin string, free model.Quantity, sequence int64,
	rank int) flow.Choice {
	whole.Bin = &flow.StockRow{ID: whole.Row.ID*100 + sequence, Zone: whole.Row.Zone, Bin: bin,
		Batch: whole.Row.Batch, Amounts: model.Amounts{OnHand: free}}
	whole.PickSequence, whole.BinRank = sequence, rank
	whole.Available = min(whole.RowAvailable, free)
	return whole
}

// TestFewestBinsIsFewest: no other choice of bins serves from fewer, whatever their rows have
// promised already.
func TestFewestBinsIsFewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choices := drawBins(t)
		if len(choices) > 12 {
			choices = choices[:12]
		}
		demand := flow.Demand{Qty: model.Whole(rapid.Int64Range(1, 60).Draw(t, "qty")),
			Asked: flow.Asked{Strategy: allocation.FewestBins, ByBin: true}}
		wanted := min(couldServe(choices), demand.Qty)
		fewest := len(choices)
		for set := range 1 << len(choices) {
			var some []flow.Choice
			for i := range choices {
				if set&(1<<i) != 0 {
					some = append(some, choices[i])
				}
			}
			if count := bits.OnesCount(uint(set)); count < fewest && couldServe(some) >= wanted {
				fewest = count
			}
		}
		if got := len(taken(allocation.Choose(demand, choices))); got != fewest {
			t.Fatalf("takes from %d bins, %d would do", got, fewest)
		}
	})
}

// TestBinsInOrder: NEAREST goes through the bins by storage, staging and totes, then pick sequence;
// EMPTY_BIN from the bin with the least in it, though its row has less still to promise.
func TestBinsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		choices := drawBins(t)
		demand := flow.Demand{Qty: model.Whole(rapid.Int64Range(1, 60).Draw(t, "qty"))}
		for strategy, place := range map[string]func(flow.Choice) []int64{
			allocation.Nearest: func(choice flow.Choice) []int64 {
				return []int64{int64(choice.BinRank), choice.PickSequence}
			},
			allocation.EmptyBin: func(choice flow.Choice) []int64 {
				return []int64{int64(choice.Bin.Available())}
			},
		} {
			demand.Asked = flow.Asked{Strategy: strategy, ByBin: true}
			left := map[*flow.StockRow]model.Quantity{}
			var before []int64
			for _, choice := range allocation.Choose(demand, slices.Clone(choices)) {
				if choice.Skipped != "" {
					continue
				}
				if at := place(choice); slices.Compare(before, at) > 0 {
					t.Fatalf("%s goes to %v after %v", strategy, at, before)
				} else {
					before = at
				}
				if _, seen := left[choice.Row]; !seen {
					left[choice.Row] = choice.RowAvailable
				}
				if want := min(choice.Available, left[choice.Row], demand.Qty); choice.Taken != want {
					t.Fatalf("%s takes %s, not %s", strategy, choice.Taken, want)
				}
				left[choice.Row] -= choice.Taken
				demand.Qty -= choice.Taken
			}
			demand.Qty = model.Whole(7)
		}
	})
}

// TestFullPacksLeavesNothing: where the largest packs first leave something, no other packs would
// leave less; where they leave nothing, they are what is taken.
func TestFullPacksLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var choices []flow.Choice
		for i, size := range rapid.SliceOfNDistinct(rapid.Int64Range(1, 9), 1, 4,
			rapid.ID[int64]).Draw(t, "sizes") {
			pack := fmt.Sprint("P", size)
			if size == 1 {
				pack = ""
			}
			for range rapid.IntRange(1, 2).Draw(t, "rows") {
				choices = append(choices, packed(int64(10*i+len(choices)), pack, model.Fraction{
					Numerator: size, Denominator: 1}, rapid.Int64Range(1, 4).Draw(t, "packs")))
			}
		}
		wanted := rapid.Int64Range(1, 60).Draw(t, "qty")
		demand := flow.Demand{Qty: model.Whole(wanted), Asked: flow.Asked{AnyPack: true,
			Strategy: allocation.FullPacks}}
		shuffled := rapid.Permutation(choices).Draw(t, "shuffled")
		chosen := allocation.Choose(demand, slices.Clone(choices))
		served, largestFirst := int64(0), true
		greedy := wanted
		for _, choice := range chosen {
			size := choice.Size.Numerator
			if choice.Taken < 0 || choice.Taken > choice.Available || choice.Taken%model.One != 0 {
				t.Fatalf("takes %s of %s packs", choice.Taken, choice.Available)
			}
			served += int64(choice.Taken/model.One) * size
			most := min(int64(choice.Available/model.One), greedy/size)
			largestFirst = largestFirst && choice.Taken == model.Whole(most)
			greedy -= most * size
		}
		if best := bestOf(choices, wanted); served != best || greedy == 0 && !largestFirst {
			t.Fatalf("serves %d of %d, and %d could be; largest first: %t", served, wanted, best,
				largestFirst)
		}
		if again := taken(allocation.Choose(demand, shuffled)); !slices.Equal(taken(chosen), again) {
			t.Fatalf("%v, and of other order %v", taken(chosen), again)
		}
	})
}

// bestOf is the most that whole packs can serve.
func bestOf(choices []flow.Choice, wanted int64) (best int64) {
	sums := map[int64]bool{0: true}
	for _, choice := range choices {
		for range choice.Available / model.One {
			for sum := wanted; sum >= choice.Size.Numerator; sum-- {
				sums[sum] = sums[sum] || sums[sum-choice.Size.Numerator]
			}
		}
	}
	for sum, can := range sums {
		if can {
			best = max(best, sum)
		}
	}
	return best
}
