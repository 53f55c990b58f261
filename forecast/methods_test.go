package forecast

import (
	"math"
	"testing"
)

// fpp is Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 2nd edition, OTexts
// 2018.

func shown(machine machine, amounts ...float64) machine {
	for _, amount := range amounts {
		machine.see(amount)
	}
	return machine
}

func checkAhead(t *testing.T, machine machine, tolerance float64, want ...float64) {
	t.Helper()
	for i, expected := range want {
		if got := machine.ahead(i + 1); math.Abs(got-expected) > tolerance {
			t.Errorf("%d ahead: %.4f, not %.4f", i+1, got, expected)
		}
	}
}

// fpp, section 7.1: oil production of Saudi Arabia, 1996 to 2013, with its alpha and first level.
func TestSmoothingAsPublished(t *testing.T) {
	machine := shown(&smoothing{alpha: 0.8339, level: 446.5868, begun: true},
		445.36, 453.20, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43, 521.28, 508.95,
		488.89, 509.87, 456.72, 473.82, 525.95, 549.83, 542.34)
	checkAhead(t, machine, 0.01, 542.68, 542.68)
}

// fpp, section 7.2: air passengers of Australia, 1990 to 2016, in millions.
func TestTrendAsPublished(t *testing.T) {
	passengers := []float64{17.55, 21.86, 23.89, 26.93, 26.89, 28.83, 30.08, 30.95, 30.19, 31.58,
		32.58, 33.48, 39.02, 41.39, 41.60, 44.66, 46.95, 48.73, 51.49, 50.03, 60.64, 63.36, 66.36,
		68.20, 68.12, 69.78, 72.60}
	machine := shown(&trend{alpha: 0.8321, beta: 0.0001, damping: 1, level: 15.57, slope: 2.102,
		begun: true}, passengers...)
	checkAhead(t, machine, 0.01, 74.60, 76.70, 78.80, 80.91, 83.01)
}

// The equations of fpp, section 7.2, for a damped trend, by hand: the level 10, the trend 2 and the
// damping 0.5 expect 11; 13 makes that 12, and the trend 0.5*(12-10) + 0.5*0.5*2 = 1.5.
func TestDampedTrendByHand(t *testing.T) {
	machine := shown(&trend{alpha: 0.5, beta: 0.5, damping: 0.5, level: 10, slope: 2, begun: true}, 13)
	checkAhead(t, machine, 1e-12, 12.75, 13.125, 13.3125)
}

// fpp, section 7.3: nights of international tourists in Australia, quarters of 2005 to 2015.
func TestSeasonAsPublished(t *testing.T) {
	nights := []float64{42.20566, 24.64917, 32.66734, 37.25735, 45.24246, 29.35048, 36.34421,
		41.78208, 49.27660, 31.27540, 37.85063, 38.83704, 51.23690, 31.83855, 41.32342, 42.79900,
		55.70836, 33.40714, 42.31664, 45.15712, 59.57608, 34.83733, 44.84168, 46.97125, 60.01903,
		38.37118, 46.97586, 50.73380, 61.64687, 39.29957, 52.67121, 54.33232, 66.83436, 40.87119,
		51.82854, 57.49191, 65.25147, 43.06121, 54.76076, 59.83447, 73.25703, 47.69662, 61.09777,
		66.05576}
	machine := shown(&season{alpha: 0.3063, beta: 0.0003, gamma: 0.4263, length: 4, level: 32.2597,
		slope: 0.7014, seasonal: []float64{9.6962, -9.3132, -1.6935, 1.3106}}, nights...)
	checkAhead(t, machine, 0.02, 76.10, 51.60, 63.97, 68.37)
}

// The beginning of a season is our own: two whole seasons' mean, and each place's distance from it.
func TestSeasonBeginsWithTwo(t *testing.T) {
	machine := &season{alpha: 0.2, beta: 0.1, gamma: 0.3, length: 3}
	shown(machine, 1, 2, 3)
	checkAhead(t, machine, 1e-12, 2, 2)
	shown(machine, 3, 4, 5)
	checkAhead(t, machine, 1e-12, 2, 3, 4, 2)
}

// fpp, section 12.2: sales of a lubricant; demand 2.750, interval 2.793, forecast 0.985.
func TestCrostonAsPublished(t *testing.T) {
	sales := []float64{0, 2, 0, 1, 0, 11, 0, 0, 0, 0, 2, 0, 6, 3, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0,
		0, 3, 1, 0, 0, 1, 0, 1, 0, 0}
	machine := &croston{alpha: 0.1, factor: 1}
	shown(machine, sales...)
	if math.Abs(machine.size-2.750) > 0.001 || math.Abs(machine.interval-2.793) > 0.001 {
		t.Errorf("size %.4f, interval %.4f", machine.size, machine.interval)
	}
	checkAhead(t, machine, 0.001, 0.985, 0.985)
	corrected := &croston{alpha: 0.1, factor: syntetosBoylan(0.1)}
	checkAhead(t, shown(corrected, sales...), 0.001, 0.985*0.95)
}

// Croston's own finding of 1972, which the correction of Syntetos and Boylan is about: of demands
// of one size whose periods are drawn with probability 1/3, plain Croston expects too much on
// average, by about alpha/2 of it, and the corrected one does not.
func TestCrostonIsCorrected(t *testing.T) {
	const alpha, periods = 0.3, 200_000
	plain := &croston{alpha: alpha, factor: 1}
	seed, sum, demand := uint64(1), 0.0, 0.0
	for range periods {
		seed = seed*6364136223846793005 + 1442695040888963407
		amount := 0.0
		if seed>>33%3 == 0 {
			amount = 6
		}
		demand += amount
		plain.see(amount)
		sum += plain.ahead(1)
	}
	excess := sum/demand - 1
	corrected := syntetosBoylan(alpha)*(1+excess) - 1
	if excess < 0.08 || math.Abs(corrected) > excess/2 {
		t.Errorf("plain is %.3f too high, corrected %.3f", excess, corrected)
	}
}

// The equations of Teunter, Syntetos and Babai (2011), by hand: the second period's demand of 4
// makes the probability 1/2; nothing makes it 0.4, and 8 makes that 0.52 and the size 4.8.
func TestTSBByHand(t *testing.T) {
	machine := &tsb{alpha: 0.2, beta: 0.2}
	checkAhead(t, shown(machine, 0), 0, 0)
	checkAhead(t, shown(machine, 4), 1e-12, 2)
	checkAhead(t, shown(machine, 0), 1e-12, 1.6)
	checkAhead(t, shown(machine, 8), 1e-12, 0.52*4.8)
	for range 50 {
		machine.see(0)
	}
	if faded := machine.ahead(1); faded > 0.001 {
		t.Errorf("what nobody asks for is still expected: %f", faded)
	}
}

func TestAveragesForget(t *testing.T) {
	checkAhead(t, shown(&average{window: 2}, 100, 1, 3), 1e-12, 2, 2)
	checkAhead(t, &average{window: 2}, 0, 0)
	checkAhead(t, shown(&naive{}, 5, 7), 0, 7)
}
