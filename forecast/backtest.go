package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// path is what was forecast after each number of periods seen: the mean demand a period over the
// horizon that follows.
type path []float64

// run shows a machine the series, period by period, and takes its forecast after each.
func (s *series) run(m method, machine machine) path {
	forecasts := make(path, len(s.periods)+1)
	for seen := range forecasts {
		if seen > 0 {
			s.show(m, machine, seen-1)
		}
		forecasts[seen] = m.overHorizon(machine)
	}
	return forecasts
}

func (s *series) show(m method, machine machine, period int) {
	if !m.daily {
		machine.see(s.periods[period])
		return
	}
	for _, amount := range s.days[period*PeriodDays : (period+1)*PeriodDays] {
		machine.see(amount)
	}
}

func (m method) overHorizon(machine machine) float64 {
	steps := HorizonPeriods
	if m.daily {
		steps = HorizonDays
	}
	sum := 0.0
	for step := 1; step <= steps; step++ {
		sum += finite(machine.ahead(step))
	}
	return finite(sum / HorizonPeriods)
}

// candidate is a method as it would have been used: at each origin with the parameters that had
// done best by then.
type candidate struct {
	method   method
	path     path // of those parameters that do best in the end
	misses   []float64
	first    int // origin of the first miss
	forecast Forecast
}

// absolute are the absolute errors from the origin first to the last whose horizon ends by `end`.
func (s *series) absolute(forecasts path, first, end int) []float64 {
	var misses []float64
	for origin := first; origin+HorizonPeriods <= end; origin++ {
		misses = append(misses, math.Abs(s.actual[origin]-forecasts[origin]))
	}
	return misses
}

// candidate tries a method on the first `end` periods. The miss at an origin is that of the
// parameters which, by the horizons that had ended by then, had missed least.
func (s *series) candidate(m method, end int) *candidate {
	c := &candidate{method: m, first: m.warmUp}
	var paths []path
	var misses [][]float64
	for _, machine := range m.machines() {
		forecasts := s.run(m, machine)
		paths = append(paths, forecasts)
		misses = append(misses, s.absolute(forecasts, m.warmUp, end))
	}
	sums := make([]float64, len(paths))
	for i := range misses[0] {
		if known := i - HorizonPeriods; known >= 0 {
			for p := range misses {
				sums[p] += misses[p][known]
			}
		}
		c.misses = append(c.misses, misses[floats.MinIdx(sums)][i])
	}
	for p := range misses {
		sums[p] = floats.Sum(misses[p])
	}
	c.path = paths[floats.MinIdx(sums)]
	return c
}

// choose tries every method on the first `end` periods and gives the one that missed least, nil
// where there is too little to judge by. A method is measured against the naive one on the same
// origins, since those that need long to warm up are tried on fewer.
func (s *series) choose(end int) *candidate {
	var best, naive *candidate
	least := math.Inf(1)
	for _, m := range methods() {
		if end-m.warmUp-HorizonPeriods+1 < max(m.origins, originsMin) {
			continue
		}
		c := s.candidate(m, end)
		if naive == nil {
			naive = c
		}
		if ratio := c.against(naive); ratio < least {
			best, least = c, ratio
		}
	}
	if best == nil {
		return nil
	}
	s.judge(best, naive, end)
	return best
}

// against is a method's error as a part of the naive one's on the same origins.
func (c *candidate) against(naive *candidate) float64 {
	own, other := floats.Sum(c.misses), floats.Sum(naive.misses[c.first-naive.first:])
	if other == 0 {
		return 1 + own
	}
	return own / other
}

func (s *series) judge(c, naive *candidate, end int) {
	f := &c.forecast
	f.Method, f.Origins = c.method.name, len(c.misses)
	squares := floats.Dot(c.misses, c.misses) / float64(f.Origins)
	f.Deviation = finite(HorizonPeriods * math.Sqrt(squares))
	if scale := s.scale(end); scale > 0 {
		f.Error = floats.Sum(c.misses) / float64(f.Origins) / scale
		f.Naive = floats.Sum(naive.misses[c.first-naive.first:]) / float64(f.Origins) / scale
	}
}

// scale is what errors are measured in: how far, on average, a period of the first `end` was from
// the one before (Hyndman and Koehler, Another look at measures of forecast accuracy, International
// Journal of Forecasting 22, 2006).
func (s *series) scale(end int) float64 {
	if end < 2 {
		return 0
	}
	return floats.Distance(s.periods[1:end], s.periods[:end-1], 1) / float64(end-1)
}

// Comparison is how a choice did on demand that it had not seen, in mean absolute scaled errors.
type Comparison struct {
	Method string
	// Chosen is the chosen method's, Naive that of expecting the last period again, and NaiveHorizon
	// that of expecting the last horizon again. Nothing is that of expecting no demand at all.
	Chosen, Naive, NaiveHorizon, Nothing float64
	// ChosenNext and NaiveNext look one period ahead only.
	ChosenNext, NaiveNext float64
	// Expected and Actual are the chosen method's forecasts and what came, in units a period.
	Expected, Actual float64
}

// Compare chooses a method for all but the last holdOut periods of a series, and then lets it and
// the naive ones forecast those, from one origin after the other. ok is false where the periods
// before say nothing: there are too few, or all are the same.
func Compare(daily []float64, holdOut int) (c Comparison, ok bool) {
	s := newSeries(daily)
	end := len(s.periods) - holdOut
	scale := s.scale(end)
	if holdOut < HorizonPeriods || scale == 0 {
		return c, false
	}
	best := s.choose(end)
	if best == nil {
		return c, false
	}
	c.Method = best.method.name
	origins := float64(holdOut - HorizonPeriods + 1)
	for origin := end; origin+HorizonPeriods <= len(s.periods); origin++ {
		actual, last := s.actual[origin], s.periods[origin-1]
		c.Chosen += math.Abs(actual-best.path[origin]) / origins / scale
		c.Naive += math.Abs(actual-last) / origins / scale
		c.NaiveHorizon += math.Abs(actual-s.actual[origin-HorizonPeriods]) / origins / scale
		c.Nothing += actual / origins / scale
		c.Expected += best.path[origin] / origins
		c.Actual += actual / origins
		c.ChosenNext += math.Abs(s.periods[origin]-best.path[origin]) / origins / scale
		c.NaiveNext += math.Abs(s.periods[origin]-last) / origins / scale
	}
	return c, true
}
