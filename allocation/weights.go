package allocation

import (
	"maps"
	"slices"

	"tierstock/flow"
	"tierstock/model"
)

// weighed are what a rule's weights may name: each says how much of a good thing a candidate has.
// Among the candidates of one choice the most of it counts 1 and the least 0.
var weighed = map[string]func(demand flow.Demand, choice flow.Choice) float64{
	// expiry: the sooner it expires, the more; no date is the least.
	"expiry": func(demand flow.Demand, choice flow.Choice) float64 {
		return -days(demand, choice.ExpiresOn, daysNever)
	},
	// age: the longer it has been here, the more.
	"age": func(demand flow.Demand, choice flow.Choice) float64 {
		return -days(demand, choice.Row.ReceivedOn, 0)
	},
	// zone: the higher the zone's priority, the more.
	"zone": func(_ flow.Demand, choice flow.Choice) float64 { return float64(choice.ZonePriority) },
	// near: the earlier in pick sequence, the more. It looks at bins.
	"near": func(_ flow.Demand, choice flow.Choice) float64 { return -float64(choice.PickSequence) },
	// plenty: the more there is, the more.
	"plenty": func(_ flow.Demand, choice flow.Choice) float64 { return available(choice) },
	// rest: the less there is, the more: it empties a place.
	"rest": func(_ flow.Demand, choice flow.Choice) float64 { return -available(choice) },
	// exact: whether it is just what is asked for.
	"exact": func(demand flow.Demand, choice flow.Choice) float64 {
		offered := choice.Available
		if demand.Asked.AnyPack {
			offered, _ = choice.Size.Base(offered)
		}
		if offered == demand.Qty {
			return 1
		}
		return 0
	},
}

// available is what may be taken, in base units: packs of several sizes are compared.
func available(choice flow.Choice) float64 {
	base, _ := choice.Size.Base(choice.Available)
	return float64(base)
}

// Weighed are the names that weights may have, sorted.
func Weighed() []string { return slices.Sorted(maps.Keys(weighed)) }

// daysNever is a date further away than any.
const daysNever = 1_000_000

// days is how far away a date is, in days.
func days(demand flow.Demand, date model.Date, none float64) float64 {
	if date == "" {
		return none
	}
	return float64(demand.Today.DaysUntil(date))
}

// score gives every usable candidate its score by the demand's weights.
func score(demand flow.Demand, choices []flow.Choice) {
	rule := demand.Asked.Rule
	if rule == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(rule.Weights)) {
		if value := weighed[name]; value != nil {
			addScore(demand, choices, rule.Weights[name], value)
		}
	}
}

func addScore(demand flow.Demand, choices []flow.Choice, weight float64,
	value func(flow.Demand, flow.Choice) float64) {
	var values []float64
	for _, choice := range choices {
		if choice.Skipped == "" {
			values = append(values, value(demand, choice))
		}
	}
	if len(values) == 0 {
		return
	}
	least, most := slices.Min(values), slices.Max(values)
	if least == most {
		return
	}
	for i := range choices {
		if choices[i].Skipped == "" {
			choices[i].Score += weight * (values[0] - least) / (most - least)
			values = values[1:]
		}
	}
}
