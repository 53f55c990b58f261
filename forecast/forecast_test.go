package forecast

import (
	"math"
	"testing"
)

func repeat(days int, amount func(day int) float64) []float64 {
	series := make([]float64, days)
	for day := range series {
		series[day] = amount(day)
	}
	return series
}

func TestNothingOddEscapes(t *testing.T) {
	huge := func(day int) float64 { return 1e300 * float64(day%3) }
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -5, math.MaxFloat64, 3}
	cases := map[string][]float64{
		"none":        nil,
		"a day":       {7},
		"a week":      repeat(7, func(int) float64 { return 1 }),
		"five weeks":  repeat(35, func(int) float64 { return 1 }),
		"zeros":       repeat(400, func(int) float64 { return 0 }),
		"one sale":    repeat(400, func(day int) float64 { return float64(day / 399) }),
		"first sale":  repeat(400, func(day int) float64 { return float64((400 - day) / 400) }),
		"a gap":       repeat(1200, func(day int) float64 { return float64(max(0, day-1100) % 2) }),
		"huge":        repeat(1200, huge),
		"odd":         repeat(1200, func(day int) float64 { return odd[day%len(odd)] }),
		"long":        repeat(20_000, func(day int) float64 { return float64(day % 5) }),
		"not a week":  repeat(401, func(day int) float64 { return float64(day % 2) }),
		"ends":        repeat(800, func(day int) float64 { return float64(max(0, 400-day)) }),
		"grows a lot": repeat(800, func(day int) float64 { return math.Exp(float64(day) / 10) }),
	}
	for name, daily := range cases {
		f := Of(daily)
		amounts := []float64{f.Daily, f.Deviation, f.Error, f.Naive, f.Over(30), f.Over(-1),
			f.SafetyStock(0.95, 14), f.SafetyStock(1, 14), f.SafetyStock(math.NaN(), 14),
			f.ReorderPoint(0.999, 1e6)}
		for i, amount := range amounts {
			if math.IsNaN(amount) || math.IsInf(amount, 0) || amount < 0 {
				t.Errorf("%s: amount %d is %v: %+v", name, i, amount, f)
			}
		}
		for _, holdOut := range []int{0, 4, 52, 1000} {
			c, _ := Compare(daily, holdOut)
			if math.IsNaN(c.Chosen + c.Naive + c.NaiveHorizon + c.Nothing + c.ChosenNext) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
	if f := Of(cases["zeros"]); f.Daily != 0 || f.SafetyStock(0.95, 14) != 0 {
		t.Errorf("of zeros: %+v", f)
	}
	if f := Of(cases["five weeks"]); f.Method != meanName || math.Abs(f.Daily-1) > 1e-12 {
		t.Errorf("of five weeks: %+v", f)
	}
}

// Each method is chosen where it is what the series is made for.
func TestTheMethodThatFitsIsChosen(t *testing.T) {
	cases := []struct {
		method    string
		daily     []float64
		nextDaily float64 // mean of the next four weeks
	}{
		{"YEARLY_SEASON", repeat(5*364, func(day int) float64 {
			return 10 + 8*math.Sin(2*math.Pi*float64(day)/364)
		}), 10 + 8*math.Sin(2*math.Pi*14/364)},
		// Any that follows a trend.
		{"", repeat(700, func(day int) float64 { return 100 + float64(day) }), 814},
		{naiveName, repeat(700, func(day int) float64 {
			return 10 + 100*float64(day/350)
		}), 110},
	}
	for _, test := range cases {
		f := Of(test.daily)
		off := math.Abs(f.Daily - test.nextDaily)
		if test.method != "" && f.Method != test.method || off > 0.1*test.nextDaily {
			t.Errorf("%s: %+v, next is %.1f", test.method, f, test.nextDaily)
		}
	}
}

// What comes after has no part in a choice, nor in the forecast made then.
func TestTheChoiceIsBlindToWhatComesAfter(t *testing.T) {
	amount := func(day int) float64 { return float64(day*day%7) * float64(day%3) }
	daily := repeat(140*PeriodDays, amount)
	other := repeat(140*PeriodDays, func(day int) float64 {
		if day < 100*PeriodDays {
			return amount(day)
		}
		return 1000
	})
	one, two := newSeries(daily).choose(100), newSeries(other).choose(100)
	if one.method.name != two.method.name || one.path[100] != two.path[100] ||
		one.forecast != two.forecast {
		t.Errorf("%+v, but with another future %+v", one.forecast, two.forecast)
	}
	before := Of(daily[:100*PeriodDays])
	one.forecast.Daily = before.Daily
	if one.forecast != before {
		t.Errorf("%+v, but where nothing comes after %+v", one.forecast, before)
	}
}

// Silver, Pyke and Thomas, chapter 6: of a deviation of 20 in four weeks, a lead time of one week
// has 10, and 95 in 100 are within 1.645 deviations.
func TestSafetyStock(t *testing.T) {
	f := Forecast{Daily: 2, Deviation: 20}
	if got := f.SafetyStock(0.95, 7); math.Abs(got-16.449) > 0.001 {
		t.Errorf("safety stock %f", got)
	}
	if got := f.ReorderPoint(0.95, 7); math.Abs(got-30.449) > 0.001 {
		t.Errorf("reorder point %f", got)
	}
	if got := f.SafetyStock(0.5, 7); got != 0 {
		t.Errorf("half the time nothing is needed: %f", got)
	}
}

// The scale is Hyndman and Koehler's: the mean distance from one period to the next.
func TestScale(t *testing.T) {
	s := newSeries(repeat(4*PeriodDays, func(day int) float64 {
		return []float64{1, 4, 2, 2}[day/PeriodDays] / PeriodDays
	}))
	if got := s.scale(4); math.Abs(got-5.0/3) > 1e-12 {
		t.Errorf("scale %f", got)
	}
}
