package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// naive expects what was last.
type naive struct{ last float64 }

func (n *naive) see(amount float64)  { n.last = amount }
func (n *naive) ahead(_ int) float64 { return n.last }

// average expects the mean of the last few.
type average struct {
	window int
	seen   []float64
}

func (a *average) see(amount float64) {
	a.seen = append(a.seen, amount)
	if len(a.seen) > a.window {
		a.seen = a.seen[1:]
	}
}

func (a *average) ahead(_ int) float64 {
	if len(a.seen) == 0 {
		return 0
	}
	return floats.Sum(a.seen) / float64(len(a.seen))
}

// smoothing is simple exponential smoothing (Hyndman and Athanasopoulos, Forecasting: Principles
// and Practice, 2nd edition, 7.1). It begins with the first amount.
type smoothing struct {
	alpha, level float64
	begun        bool
}

func (s *smoothing) see(amount float64) {
	if !s.begun {
		s.level, s.begun = amount, true
		return
	}
	s.level += s.alpha * (amount - s.level)
}

func (s *smoothing) ahead(_ int) float64 { return s.level }

// trend is Holt's method with a damped trend (the same book, 7.2). It begins with the first amount
// and no trend: the difference of the first two, as the textbooks have it, is a trend of chance
// where demand is rare.
type trend struct {
	alpha, beta, damping float64
	level, slope         float64
	begun                bool
}

func (t *trend) see(amount float64) {
	if !t.begun {
		t.level, t.begun = amount, true
		return
	}
	was, expected := t.level, t.level+t.damping*t.slope
	t.level = expected + t.alpha*(amount-expected)
	t.slope = t.beta*(t.level-was) + (1-t.beta)*t.damping*t.slope
}

func (t *trend) ahead(steps int) float64 {
	if t.damping == 1 {
		return t.level + float64(steps)*t.slope
	}
	// The sum of damping^1 to damping^steps.
	sum := t.damping * (1 - math.Pow(t.damping, float64(steps))) / (1 - t.damping)
	return t.level + sum*t.slope
}

// season is the additive method of Holt and Winters (the same book, 7.3). It begins once it has
// seen two whole seasons: with their mean, no trend, and each place's mean distance from it.
type season struct {
	alpha, beta, gamma float64
	length             int

	first        []float64 // the first two seasons, until they are whole
	level, slope float64
	seasonal     []float64
	next         int // place in the season of the next amount
}

func (s *season) see(amount float64) {
	if s.seasonal == nil {
		if s.first = append(s.first, amount); len(s.first) == 2*s.length {
			s.begin()
		}
		return
	}
	was := s.level
	s.level = s.alpha*(amount-s.seasonal[s.next]) + (1-s.alpha)*(was+s.slope)
	s.seasonal[s.next] += s.gamma * (amount - was - s.slope - s.seasonal[s.next])
	s.slope += s.beta * (s.level - was - s.slope)
	s.next = (s.next + 1) % s.length
}

func (s *season) begin() {
	s.level = stat.Mean(s.first, nil)
	s.seasonal = make([]float64, s.length)
	for i := range s.seasonal {
		s.seasonal[i] = (s.first[i]+s.first[i+s.length])/2 - s.level
	}
	s.first = nil
}

func (s *season) ahead(steps int) float64 {
	if s.seasonal == nil {
		if len(s.first) == 0 {
			return 0
		}
		return stat.Mean(s.first, nil)
	}
	return s.level + float64(steps)*s.slope + s.seasonal[(s.next+steps-1)%s.length]
}
