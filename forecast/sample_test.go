package forecast_test

import (
	"slices"
	"testing"

	"tierstock/forecast"
	"tierstock/sample"
)

// holdOut is the last of the sample's three years: each season once.
const holdOut = 52

// summed are means of comparisons.
type summed struct {
	forecast.Comparison

	count, silent int
	methods       map[string]int
}

func (s *summed) add(daily []float64) {
	c, ok := forecast.Compare(daily, holdOut)
	if !ok {
		s.silent++
		return
	}
	s.count++
	s.methods[c.Method]++
	s.Chosen += c.Chosen
	s.Naive += c.Naive
	s.NaiveHorizon += c.NaiveHorizon
	s.Nothing += c.Nothing
	s.ChosenNext += c.ChosenNext
	s.NaiveNext += c.NaiveNext
}

// The methods chosen by back-test on two years of the sample's orders must forecast the third better
// than "the same as last period", whichever period that is. Sales are counted both as order lines, of
// which two SKUs have twelve, and as pieces.
//
// `go test ./forecast -run Sample -v` shows the figures; docs/replenishment.md keeps them.
func TestSampleBeatsTheNaive(t *testing.T) {
	orders, err := sample.History()
	if err != nil {
		t.Fatal(err)
	}
	first, last := orders[0].OrderedOn, orders[len(orders)-1].OrderedOn
	daily := map[string][]float64{}
	lines, pieces := map[string]int{}, map[string]int64{}
	for _, line := range orders {
		if daily[line.SKU] == nil {
			daily[line.SKU] = make([]float64, first.DaysUntil(last)+1)
		}
		daily[line.SKU][first.DaysUntil(line.OrderedOn)] += float64(line.Pieces)
		lines[line.SKU]++
		pieces[line.SKU] += line.Pieces
	}
	cases := []struct {
		name   string
		judged func(sku string) bool
		least  int
	}{
		{"12 order lines", func(sku string) bool { return lines[sku] >= 12 }, 2},
		{"8 order lines", func(sku string) bool { return lines[sku] >= 8 }, 70},
		{"12 pieces", func(sku string) bool { return pieces[sku] >= 12 }, 900},
	}
	var skus []string
	for sku := range daily {
		skus = append(skus, sku)
	}
	slices.Sort(skus)
	for _, test := range cases {
		sum := summed{methods: map[string]int{}}
		for _, sku := range skus {
			if test.judged(sku) {
				sum.add(daily[sku])
			}
		}
		n := float64(sum.count)
		t.Logf("SKUs with at least %s: %d (%d more had no demand to scale by). Four weeks ahead: "+
			"chosen %.3f, last week again %.3f, last four weeks again %.3f, nothing at all %.3f. "+
			"One week ahead: chosen %.3f, last week again %.3f. %v", test.name, sum.count,
			sum.silent, sum.Chosen/n, sum.Naive/n, sum.NaiveHorizon/n, sum.Nothing/n,
			sum.ChosenNext/n, sum.NaiveNext/n, sum.methods)
		if sum.count < test.least {
			t.Errorf("%s: only %d SKUs were judged", test.name, sum.count)
		}
		if sum.Chosen >= sum.Naive || sum.Chosen >= sum.NaiveHorizon ||
			sum.ChosenNext >= sum.NaiveNext {
			t.Errorf("%s: the naive forecast is better", test.name)
		}
	}
}
