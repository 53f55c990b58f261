package bench

import (
	"math"
	"strconv"
	"strings"
)

// logAxis lays what is between low and high along a length.
type logAxis struct{ low, high, length float64 }

func (a logAxis) at(v float64) float64 {
	return a.length * math.Log(v/a.low) / math.Log(a.high/a.low)
}

// down is at for an axis that goes up, in a picture whose lengths go down.
func (a logAxis) down(v float64) float64 { return a.length - a.at(v) }

// roundAxis spans low to high and ends at 1, 2 or 5 times a power of ten on both sides.
func roundAxis(low, high, length float64) logAxis {
	a := logAxis{low: roundDown(low), high: roundUp(high), length: length}
	if a.low == a.high {
		a.low, a.high = roundDown(a.low/2), roundUp(a.high*2)
	}
	return a
}

// nearly forgives what a power of ten lacks for being computed.
const nearly = 1e-9

func roundDown(v float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(v))))
	for _, step := range []float64{5, 2} {
		if step*power <= v*(1+nearly) {
			return step * power
		}
	}
	return power
}

func roundUp(v float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(v))))
	for _, step := range []float64{1, 2, 5} {
		if step*power >= v*(1-nearly) {
			return step * power
		}
	}
	return 10 * power
}

// decadesOnly is from how many powers of ten on the steps between them go without a text.
const decadesOnly = 3

func decadeTicks(a logAxis) []tick {
	var ticks []tick
	wide := math.Log10(a.high/a.low) >= decadesOnly-nearly
	for power := math.Pow10(int(math.Floor(math.Log10(a.low)))); power <= a.high; power *= 10 {
		for _, step := range []float64{1, 2, 5} {
			v := step * power
			if v < a.low*(1-nearly) || v > a.high*(1+nearly) {
				continue
			}
			t := tick{At: length(a.down(v)), Text: figure(v)}
			if wide && step > 1 {
				t.Text = ""
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// callerTicks are the powers of four: few enough to fit, and 4,096 is one.
func callerTicks(a logAxis) []tick {
	var ticks []tick
	for v := a.low; v <= a.high; v *= 4 {
		ticks = append(ticks, tick{At: length(a.at(v)), Text: figure(v)})
	}
	return ticks
}

// length is a coordinate: a tenth is finer than any screen shows.
func length(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// none stands where there is no figure.
const none = "–"

// figure is a number for people: three digits count, thousands are grouped, and what is not a
// number is not shown as one.
func figure(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	size := math.Abs(v)
	decimals := 0
	switch {
	case size == 0 || size >= 100:
	case size < 1e-4:
		return strconv.FormatFloat(v, 'g', 2, 64)
	default:
		decimals = 2 - int(math.Floor(math.Log10(size)))
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals, 64), ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return grouped(whole) + "." + fraction
	}
	return grouped(whole)
}

// grouped puts a comma before each three digits.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return figure(float64(n)) + " " + word + "s"
}
