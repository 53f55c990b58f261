package forecast_test

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"tierstock/forecast"
	"tierstock/sample"
)

// yearOut, the last of the sample's three years, has each season once. The others are to see that
// it is no year of luck.
const yearOut = 52

var holdOuts = []int{13, 26, 39, yearOut}

// summed are means of comparisons.
type summed struct {
	forecast.Comparison

	count, silent int
	methods       map[string]int
}

// compared is an SKU's comparison, ok false for one that has none.
type compared struct {
	forecast.Comparison

	ok bool
}

func (s *summed) add(c compared) {
	if !c.ok {
		s.silent++
		return
	}
	s.count++
	s.methods[c.Method]++
	s.Chosen += c.Chosen
	s.Naive += c.Naive
	s.NaiveHorizon += c.NaiveHorizon
	s.Nothing += c.Nothing
	s.Expected += c.Expected
	s.Actual += c.Actual
	s.ChosenNext += c.ChosenNext
	s.NaiveNext += c.NaiveNext
}

// The methods chosen by back-test on two years of the sample's orders must forecast the third
// better than "the same as last period", whichever period that is: four weeks ahead, which is what
// a forecast is for here, and one week ahead. Sales are counted both as order lines, of which only
// two SKUs have twelve, and as pieces. Four weeks ahead they must win however much is held out.
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
		judged func(sku string, holdOut int) bool
		least  int
		// next: one week ahead they must win as well.
		next bool
	}{
		{"12 order lines", func(sku string, _ int) bool { return lines[sku] >= 12 }, 2, true},
		{"8 order lines", func(sku string, _ int) bool { return lines[sku] >= 8 }, 70, true},
		{"12 pieces", func(sku string, _ int) bool { return pieces[sku] >= 12 }, 900, true},
		// Who is judged is then known before, as it is in a warehouse.
		{"12 pieces before", func(sku string, holdOut int) bool {
			days := len(daily[sku]) - holdOut*forecast.PeriodDays
			return floats.Sum(daily[sku][:days]) >= 12
		}, 500, false},
	}
	var skus []string
	for sku := range daily {
		skus = append(skus, sku)
	}
	slices.Sort(skus)
	for _, holdOut := range holdOuts {
		known := map[string]compared{}
		for _, test := range cases {
			sum := summed{methods: map[string]int{}}
			for _, sku := range skus {
				if !test.judged(sku, holdOut) {
					continue
				}
				if _, done := known[sku]; !done {
					c, ok := forecast.Compare(daily[sku], holdOut)
					known[sku] = compared{c, ok}
				}
				sum.add(known[sku])
			}
			sum.judge(t, test.name, test.least, holdOut, test.next && holdOut == yearOut)
		}
	}
}

func (s *summed) judge(t *testing.T, name string, least, holdOut int, next bool) {
	t.Helper()
	n := float64(s.count)
	t.Logf("at least %s, %d weeks held out: %d SKUs, %d more without demand to scale by. "+
		"Four weeks ahead: chosen %.3f, last week again %.3f, last four weeks again %.3f, no demand "+
		"%.3f. One week ahead: chosen %.3f, last week again %.3f. "+
		"%.0f%% of the demand was expected. %v", name, holdOut, s.count,
		s.silent, s.Chosen/n, s.Naive/n, s.NaiveHorizon/n, s.Nothing/n, s.ChosenNext/n,
		s.NaiveNext/n, 100*s.Expected/s.Actual, s.methods)
	if s.count < least {
		t.Errorf("%s: only %d SKUs were judged", name, s.count)
	}
	if s.Chosen >= s.Naive || s.Chosen >= s.NaiveHorizon ||
		next && s.ChosenNext >= s.NaiveNext {
		t.Errorf("%s, %d weeks held out: the naive forecast is better", name, holdOut)
	}
}
