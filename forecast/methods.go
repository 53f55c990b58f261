package forecast

// PeriodDays is the length of the periods in which demand is forecast: a week. What a shop sells of
// one article is a piece now and then, so that a day's demand is nearly always nothing, and which
// day of the week it was matters little to goods that are brought and bought for weeks. A month
// would leave too few periods to choose a method by. Of the methods only that with a weekly season
// looks at days.
const PeriodDays = 7

// Seasons, in periods of the series that a method is shown.
const (
	weekDays  = 7
	yearWeeks = 52
)

// method is a way to forecast, with the parameters that it may have.
type method struct {
	name string
	// warmUp is how many periods it must have seen before it is judged, or used.
	warmUp int
	// origins is from how many origins on it is judged, 0 for originsMin.
	origins int
	// daily: it is shown days, not periods.
	daily bool
	// machines makes one for each choice of its parameters.
	machines func() []machine
}

// machine is a method with its parameters, and what it has made of the demand seen so far.
type machine interface {
	// see shows it the next amount.
	see(amount float64)
	// ahead is its forecast for the steps-th period from now, from 1.
	ahead(steps int) float64
}

// The parameters to choose among. Coarse: what is between two of them forecasts alike, and the more
// there are the more likely the best of them is best by chance.
var (
	windows    = []int{4, 8, 13, 26, 52}
	alphas     = []float64{0.02, 0.05, 0.1, 0.2, 0.3, 0.5}
	betas      = []float64{0.02, 0.1}
	gammas     = []float64{0.1, 0.3}
	dampings   = []float64{0.8, 0.95}
	seasonals  = []float64{0.05, 0.2}
	rareAlphas = []float64{0.05, 0.1, 0.2}
)

// naiveName is the method that all others are measured by.
const naiveName = "NAIVE"

// methods are all there are, the simpler first: of two that are as good it is the simpler.
func methods() []method {
	return []method{
		{name: naiveName, warmUp: 1, machines: func() []machine { return []machine{&naive{}} }},
		{name: "MOVING_AVERAGE", warmUp: 4, machines: movingAverages},
		{name: "EXPONENTIAL", warmUp: 4, machines: smoothings},
		{name: "CROSTON_SBA", warmUp: 4, machines: crostons},
		{name: "TSB", warmUp: 4, machines: tsbs},
		{name: "DAMPED_TREND", warmUp: 8, machines: trends},
		{name: "WEEKLY_SEASON", warmUp: 4, daily: true,
			machines: func() []machine { return seasons(weekDays) }},
		// A season of a year is judged over a whole one: in part of a year chance looks like one.
		{name: "YEARLY_SEASON", warmUp: 2 * yearWeeks, origins: yearWeeks,
			machines: func() []machine { return seasons(yearWeeks) }},
	}
}

func movingAverages() (all []machine) {
	for _, window := range windows {
		all = append(all, &average{window: window})
	}
	return all
}

func smoothings() (all []machine) {
	for _, alpha := range alphas {
		all = append(all, &smoothing{alpha: alpha})
	}
	return all
}

func crostons() (all []machine) {
	for _, alpha := range rareAlphas {
		all = append(all, &croston{alpha: alpha, factor: syntetosBoylan(alpha)})
	}
	return all
}

func tsbs() (all []machine) {
	for _, alpha := range rareAlphas {
		for _, beta := range rareAlphas {
			all = append(all, &tsb{alpha: alpha, beta: beta})
		}
	}
	return all
}

func trends() (all []machine) {
	for _, alpha := range seasonals {
		for _, beta := range betas {
			for _, damping := range dampings {
				all = append(all, &trend{alpha: alpha, beta: beta, damping: damping})
			}
		}
	}
	return all
}

func seasons(length int) (all []machine) {
	for _, alpha := range seasonals {
		for _, gamma := range gammas {
			all = append(all, &season{alpha: alpha, beta: betas[0], gamma: gamma, length: length})
		}
	}
	return all
}
