package sourcing_test

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	gocmp "github.com/google/go-cmp/cmp"

	"tierstock/model"
	"tierstock/sourcing"
)

// drawn are candidates and a demand: few kinds of goods and small numbers, so that they collide.
func drawn(t *rapid.T, warehousesMax, skus int, limits bool) (sourcing.Demand,
	[]sourcing.Candidate) {
	small := rapid.Int64Range(0, 6)
	var candidates []sourcing.Candidate
	for w := range rapid.IntRange(1, warehousesMax).Draw(t, "warehouses") {
		candidate := sourcing.Candidate{Warehouse: fmt.Sprintf("W%02d", w),
			Region:   rapid.SampledFrom([]string{"EU", "US"}).Draw(t, "region"),
			Priority: rapid.Int64Range(0, 1).Draw(t, "priority")}
		for s := range skus {
			candidate.Stock = append(candidate.Stock, sourcing.Stock{
				Item: model.Item{SKU: fmt.Sprint("SKU", s)}, Days: sourcing.Lasting,
				Qty: model.Whole(small.Draw(t, "qty"))})
		}
		if limits && rapid.Bool().Draw(t, "limited") {
			candidate = limited(candidate, rapid.Int64Range(0, 3).Draw(t, "room"))
		}
		candidates = append(candidates, candidate)
	}
	demand := sourcing.Demand{Options: sourcing.Options{Regions: []string{"EU"}}}
	for l := range rapid.IntRange(1, 3).Draw(t, "lines") {
		sku := l
		if skus < 3 {
			sku = rapid.IntRange(0, skus-1).Draw(t, "sku")
		}
		demand.Lines = append(demand.Lines, sourcing.Want{Item: model.Item{SKU: fmt.Sprint("SKU", sku)},
			Qty: model.Whole(rapid.Int64Range(1, 9).Draw(t, "wanted"))})
	}
	if rapid.Bool().Draw(t, "bounded") {
		demand.MaxSplits = new(rapid.IntRange(0, 3).Draw(t, "splits"))
	}
	return demand, candidates
}

// sound holds a plan to what there is: stock, room, demand.
func sound(t *rapid.T, demand sourcing.Demand, candidates []sourcing.Candidate,
	choice sourcing.Choice) {
	served := make([]model.Quantity, len(demand.Lines))
	for _, part := range choice.Parts {
		at := slices.IndexFunc(candidates, func(c sourcing.Candidate) bool {
			return c.Warehouse == part.Warehouse
		})
		left := map[model.Item]model.Quantity{}
		for _, stock := range candidates[at].Stock {
			left[stock.Item] += stock.Qty
		}
		for _, line := range part.Lines {
			served[line.Line] += line.Qty
			left[demand.Lines[line.Line].Item] -= line.Qty
			if line.Qty <= 0 || left[demand.Lines[line.Line].Item] < 0 {
				t.Fatalf("%s: more than is promisable: %s", part.Warehouse, written(choice))
			}
		}
		if candidates[at].Limited && int64(len(part.Lines)) > candidates[at].LinesLeft {
			t.Fatalf("%s: more lines than it takes: %s", part.Warehouse, written(choice))
		}
	}
	for line, qty := range served {
		if qty+choice.Short[line] != demand.Lines[line].Qty || qty > demand.Lines[line].Qty {
			t.Fatalf("line %d: %s served, %s short", line, qty, choice.Short[line])
		}
	}
	if demand.MaxSplits != nil && len(choice.Parts) > *demand.MaxSplits+1 {
		t.Fatalf("too many splits: %s", written(choice))
	}
	if len(choice.Looks) != len(candidates) {
		t.Fatalf("%d of %d candidates are explained", len(choice.Looks), len(candidates))
	}
}

// verdict is how good a plan is: most served, then fewest lines split, then fewest warehouses.
type verdict struct {
	served             model.Quantity
	splits, warehouses int
}

func (v verdict) compare(other verdict) int {
	return cmp.Or(cmp.Compare(other.served, v.served), cmp.Compare(v.splits, other.splits),
		cmp.Compare(v.warehouses, other.warehouses))
}

func verdictOf(choice sourcing.Choice) (v verdict) {
	v.warehouses = len(choice.Parts)
	lines := map[int]bool{}
	for _, part := range choice.Parts {
		for _, line := range part.Lines {
			v.splits += map[bool]int{true: 1}[lines[line.Line]]
			lines[line.Line] = true
			v.served += line.Qty
		}
	}
	return v
}

// brute tries every set of warehouses for every line. Lines want different goods, so that it does
// not matter which warehouse of a line's set gives how much.
func brute(demand sourcing.Demand, candidates []sourcing.Candidate) (best verdict) {
	sets := make([]int, len(demand.Lines))
	for {
		if got, fits := judged(demand, candidates, sets); fits && got.compare(best) < 0 {
			best = got
		}
		line := 0
		for ; line < len(sets); line++ {
			if sets[line]++; sets[line] < 1<<len(candidates) {
				break
			}
			sets[line] = 0
		}
		if line == len(sets) {
			return best
		}
	}
}

func judged(demand sourcing.Demand, candidates []sourcing.Candidate, sets []int) (v verdict,
	fits bool) {
	used := 0
	for line, set := range sets {
		sum := model.Quantity(0)
		for w := range candidates {
			if set&(1<<w) != 0 {
				sum += candidates[w].Stock[line].Qty
			}
		}
		v.served += min(sum, demand.Lines[line].Qty)
		v.splits += max(0, bits.OnesCount(uint(set))-1)
		used |= set
	}
	for w, candidate := range candidates {
		lines := int64(0)
		for _, set := range sets {
			lines += int64(set >> w & 1)
		}
		if candidate.Limited && lines > candidate.LinesLeft {
			return v, false
		}
	}
	v.warehouses = bits.OnesCount(uint(used))
	return v, demand.MaxSplits == nil || v.warehouses <= *demand.MaxSplits+1
}

func TestNoPlanIsBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		demand, candidates := drawn(t, 4, 3, true)
		choice := sourcing.Choose(demand, candidates)
		sound(t, demand, candidates, choice)
		if !choice.Exact {
			t.Fatal("the search ended early")
		}
		if best := brute(demand, candidates); verdictOf(choice) != best {
			t.Fatalf("%s is %+v; there is %+v", written(choice), verdictOf(choice), best)
		}
	})
}

// Lines that want the same goods get all that there is of them, however they share it.
func TestAllThatCanBeServedIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		demand, candidates := drawn(t, 12, rapid.IntRange(1, 3).Draw(t, "skus"), false)
		demand.MaxSplits = nil
		choice := sourcing.Choose(demand, candidates)
		sound(t, demand, candidates, choice)
		wanted, there := map[model.Item]model.Quantity{}, map[model.Item]model.Quantity{}
		for _, line := range demand.Lines {
			wanted[line.Item] += line.Qty
		}
		for _, candidate := range candidates {
			for _, stock := range candidate.Stock {
				there[stock.Item] += stock.Qty
			}
		}
		most := model.Quantity(0)
		for item, qty := range wanted {
			most += min(qty, there[item])
		}
		if got := verdictOf(choice).served; got != most {
			t.Fatalf("%s serves %s of %s", written(choice), got, most)
		}
	})
}

func TestTheOrderOfCandidatesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		demand, candidates := drawn(t, 16, rapid.IntRange(1, 3).Draw(t, "skus"), true)
		one := sourcing.Choose(demand, candidates)
		other := sourcing.Choose(demand, rapid.Permutation(candidates).Draw(t, "shuffled"))
		sound(t, demand, candidates, one)
		if diff := gocmp.Diff(one, other, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What one plan uses, the next one does not find: together they take no more than there is.
func TestPlansSpendWhatTheyUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		demand, candidates := drawn(t, 5, rapid.IntRange(1, 3).Draw(t, "skus"), true)
		before := model.Quantity(0)
		for _, candidate := range candidates {
			for _, stock := range candidate.Stock {
				before += stock.Qty
			}
		}
		for range 4 {
			choice := sourcing.Choose(demand, candidates)
			sound(t, demand, candidates, choice)
			sourcing.Spend(demand, choice, candidates)
			before -= verdictOf(choice).served
		}
		for _, candidate := range candidates {
			for _, stock := range candidate.Stock {
				if before -= stock.Qty; stock.Qty < 0 {
					t.Fatalf("%s has %s", candidate.Warehouse, stock.Qty)
				}
			}
		}
		if before != 0 {
			t.Fatalf("%s is unaccounted for", before)
		}
	})
}
