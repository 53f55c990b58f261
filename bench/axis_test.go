package bench

import (
	"math"
	"slices"
	"testing"
)

func TestFigure(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "1": 1, "0.06": 0.06, "1.5": 1.5, "12.3": 12.34, "123": 123.4, "1,000": 999.96,
		"104,200": 104200, "1,234,568": 1234567.8, "-1,000": -1000, "10": 9.999, "0.000455": 4.55e-4,
		"3e-07": 3e-7,
	} {
		if got := figure(v); got != want {
			t.Errorf("%g is %q, not %q", v, got, want)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := figure(v); got != none {
			t.Errorf("%g is %q", v, got)
		}
	}
}

func TestRoundAxis(t *testing.T) {
	for _, c := range []struct{ low, high, wantLow, wantHigh float64 }{
		{61, 115000, 50, 200000},
		{100, 1000, 100, 1000},
		{100, 100, 50, 200},
		{0.03, 0.9, 0.02, 1},
	} {
		a := roundAxis(c.low, c.high, 260)
		if math.Abs(a.low/c.wantLow-1) > nearly || math.Abs(a.high/c.wantHigh-1) > nearly {
			t.Errorf("%g to %g: an axis from %g to %g", c.low, c.high, a.low, a.high)
		}
		if a.at(a.low) != 0 || math.Abs(a.down(a.high)) > nearly {
			t.Errorf("%g to %g: the ends are at %g and %g", c.low, c.high, a.at(a.low), a.at(a.high))
		}
		if len(decadeTicks(a)) < 2 {
			t.Errorf("%g to %g: fewer than two ticks", c.low, c.high)
		}
	}
}

func TestApart(t *testing.T) {
	for _, wanted := range [][]float64{
		{}, {10}, {100, 100}, {0, 0, 0}, {260, 259, 258}, {50, 10, 55, 200, 52, 11, 258, 260},
	} {
		placed := apart(wanted, 15, 260)
		sorted := slices.Sorted(slices.Values(placed))
		for i, at := range sorted {
			if at < 0 || at > 260 || i > 0 && at-sorted[i-1] < 15-nearly {
				t.Errorf("%v: placed at %v", wanted, placed)
			}
		}
		for i := range wanted {
			for j := range wanted {
				if wanted[i] < wanted[j] && placed[i] > placed[j] {
					t.Errorf("%v: %v are not in the same order", wanted, placed)
				}
			}
		}
	}
	if placed := apart([]float64{20, 100}, 15, 260); !slices.Equal(placed, []float64{20, 100}) {
		t.Errorf("what is apart was moved to %v", placed)
	}
}
