package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// Limits and habits of a forecast.
const (
	// HorizonPeriods is over how many periods a forecast is judged: what is kept and bought lasts
	// for weeks, so it is their whole demand that must be met.
	HorizonPeriods = 4
	// HorizonDays is the same in days.
	HorizonDays = HorizonPeriods * PeriodDays
	// DaysMax bounds the history that is looked at; what is older says nothing about next month.
	DaysMax = 5 * 366
	// amountMax is more than any quantity, and small enough that sums of squares stay finite.
	amountMax = 1e15
	// originsMin is from how many origins a method is judged. Where there are fewer, nothing can be
	// chosen, and the mean of all that was seen is expected.
	originsMin = 8
)

// meanName is what is expected of a series that is too short to choose a method for.
const meanName = "MEAN"

// Forecast is what to expect of one series.
type Forecast struct {
	// Method names how it was made.
	Method string
	// Daily is the mean demand a day over the horizon.
	Daily float64
	// Deviation is the root mean square of the back-test's errors of the whole demand of a horizon.
	// It is taken about nothing and not about the mean error, so that a forecast that is always too
	// low has more of it.
	Deviation float64
	// Error is the mean absolute scaled error of the method in the back-test, and Naive that of
	// expecting the last period again; 0 where there was nothing to scale by.
	Error, Naive float64
	// Origins is how many forecasts the back-test made.
	Origins int
}

// Of forecasts a series of demand a day, oldest first, that ends on the day before the forecast
// begins. What is no number, or negative, counts as nothing.
func Of(daily []float64) Forecast {
	series := newSeries(daily)
	best := series.choose(len(series.periods))
	if best == nil {
		return series.mean()
	}
	best.forecast.Daily = finite(best.path[len(series.periods)] / PeriodDays)
	return best.forecast
}

// Over is the demand expected over so many days.
func (f Forecast) Over(days float64) float64 { return finite(f.Daily * max(days, 0)) }

// SafetyStock is what to keep beyond the expected demand, so that it lasts through a lead time with
// the probability `service` (0.95 for 95 in 100):
//
//	z(service) * Deviation * sqrt(leadDays / HorizonDays)
//
// z is the quantile of the normal distribution. Errors of different weeks are taken to be
// independent, so that the deviation grows with the root of the time (Silver, Pyke and Thomas,
// Inventory and Production Management in Supply Chains, 4th edition, chapter 6). It is never
// negative.
func (f Forecast) SafetyStock(service, leadDays float64) float64 {
	if math.IsNaN(service) || service <= 0.5 || leadDays <= 0 {
		return 0
	}
	z := distuv.UnitNormal.Quantile(min(service, serviceMax))
	return finite(z * f.Deviation * math.Sqrt(leadDays/HorizonDays))
}

// serviceMax keeps the quantile finite.
const serviceMax = 0.9999

// ReorderPoint is what must be there, or be coming, or more has to be bought: the demand of the
// lead time and the safety stock for it.
func (f Forecast) ReorderPoint(service, leadDays float64) float64 {
	return finite(f.Over(leadDays) + f.SafetyStock(service, leadDays))
}

// finite keeps what is no amount from going on.
func finite(amount float64) float64 {
	if math.IsNaN(amount) || amount < 0 {
		return 0
	}
	return min(amount, amountMax)
}

// series is demand in days, and in whole periods counted back from its end.
type series struct {
	days    []float64
	periods []float64
	// actual is the mean demand a period over the horizon after each number of periods seen.
	actual []float64
}

func newSeries(daily []float64) *series {
	daily = daily[max(0, len(daily)-DaysMax):]
	daily = daily[len(daily)%PeriodDays:]
	s := &series{days: make([]float64, len(daily))}
	for i, amount := range daily {
		s.days[i] = finite(amount)
	}
	for i := 0; i < len(s.days); i += PeriodDays {
		s.periods = append(s.periods, floats.Sum(s.days[i:i+PeriodDays]))
	}
	for i := 0; i+HorizonPeriods <= len(s.periods); i++ {
		s.actual = append(s.actual, floats.Sum(s.periods[i:i+HorizonPeriods])/HorizonPeriods)
	}
	return s
}

func (s *series) mean() Forecast {
	if len(s.days) == 0 {
		return Forecast{Method: meanName}
	}
	mean := floats.Sum(s.days) / float64(len(s.days))
	forecast := Forecast{Method: meanName, Daily: finite(mean)}
	sum := 0.0
	for _, actual := range s.actual {
		forecast.Origins++
		miss := (actual - mean*PeriodDays) * HorizonPeriods
		sum += miss * miss
	}
	if forecast.Origins > 0 {
		forecast.Deviation = finite(math.Sqrt(sum / float64(forecast.Origins)))
	}
	return forecast
}
