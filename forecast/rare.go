package forecast

// croston forecasts demand that is rare: the size of a demand and the time between two are smoothed
// each by itself (Croston, Forecasting and stock control for intermittent demands, Operational
// Research Quarterly 23, 1972). Their quotient is too large on average; factor, see syntetosBoylan,
// corrects that, and 1 leaves it.
type croston struct {
	alpha, factor  float64
	size, interval float64
	since          float64 // periods since the last demand
	begun          bool
}

// syntetosBoylan is the correction of Syntetos and Boylan (The accuracy of intermittent demand
// estimates, International Journal of Forecasting 21, 2005).
func syntetosBoylan(alpha float64) float64 { return 1 - alpha/2 }

func (c *croston) see(amount float64) {
	c.since++
	if amount == 0 {
		return
	}
	if c.begun {
		c.size += c.alpha * (amount - c.size)
		c.interval += c.alpha * (c.since - c.interval)
	} else {
		c.size, c.interval, c.begun = amount, c.since, true
	}
	c.since = 0
}

func (c *croston) ahead(_ int) float64 {
	if !c.begun {
		return 0
	}
	return c.factor * c.size / c.interval
}

// tsb smooths the size of a demand and how probable one is, the latter in every period, so that
// what nobody asks for any more fades (Teunter, Syntetos and Babai, Intermittent demand: linking
// forecasting to inventory obsolescence, European Journal of Operational Research 214, 2011). alpha
// smooths the size, beta the probability.
type tsb struct {
	alpha, beta       float64
	size, probability float64
	waited            float64 // periods until the first demand
	begun             bool
}

func (t *tsb) see(amount float64) {
	if !t.begun {
		if t.waited++; amount > 0 {
			t.size, t.probability, t.begun = amount, 1/t.waited, true
		}
		return
	}
	occurred := 0.0
	if amount > 0 {
		occurred = 1
		t.size += t.alpha * (amount - t.size)
	}
	t.probability += t.beta * (occurred - t.probability)
}

func (t *tsb) ahead(_ int) float64 { return t.size * t.probability }
