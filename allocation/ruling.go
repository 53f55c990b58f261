package allocation

import (
	"cmp"
	"slices"
	"strings"

	"tierstock/flow"
	"tierstock/model"
)

// Rules are rule sets by name; package rules reads them from a file.
type Rules interface {
	// Rule finds what the named set says about a demand; "" is the set for demands that name none.
	// known is false where there is no such set. An error refuses the demand: no rule of the set is
	// for it, or a condition failed.
	Rule(set string, demand Demand) (ruling Ruling, known bool, err error)
}

// Demand is what a rule's condition sees of an order line.
type Demand struct {
	Warehouse, Owner, SKU    string
	JobType, OrderID, LineID string
	Channel                  string
	Priority                 int64
	// Qty is what is asked for, in packs of Pack.
	Qty              model.Quantity
	Pack             string
	Batch            string
	MinRemainingDays int
	ShipComplete     bool
}

// Ruling is what a rule says: which strategy, how much life must remain at least, and what the
// engine must honour.
type Ruling struct {
	Strategy         string
	MinRemainingDays int
	Rule             *flow.Rule
}

// noRules are the rules of an engine that was given none.
type noRules struct{}

func (noRules) Rule(string, Demand) (ruling Ruling, known bool, err error) { return }

// how is how a line's stock is to be chosen, or why it cannot be.
type how struct {
	Ruling
	err error
}

// howFor finds how the stock for a line is to be chosen: by the strategy it names, by the rule set,
// or by what applies where it names none.
func (s *Service) howFor(name string, demand Demand) how {
	if _, isStrategy := strategies[name]; isStrategy {
		return how{Ruling: Ruling{Strategy: name}}
	}
	ruling, known, err := s.rules.Rule(name, demand)
	switch {
	case !known && name != "":
		return how{err: flow.Refuse(model.Invalid, "strategy",
			"there is no strategy or rule set "+name+"; the strategies are "+
				strings.Join(Strategies(), ", "))}
	case err != nil:
		return how{err: flow.Refuse(model.Invalid, "strategy", err.Error())}
	}
	ruling.Strategy = cmp.Or(ruling.Strategy, FEFO)
	return how{Ruling: ruling}
}

// looksAtBins says whether the choice depends on which bins the stock lies in.
func (h how) looksAtBins() bool {
	return strategies[h.Strategy].byBin || h.Rule != nil && h.Rule.Weights["near"] != 0
}

// asked is what a line asks for, and what the rule adds to it. pack is normalised.
func (h how) asked(line model.ReserveLine, pack string) flow.Asked {
	asked := flow.Asked{Zones: line.Zones, Batch: line.Batch, Pack: pack,
		AnyPack:          h.Strategy == FullPacks && pack == "",
		MinRemainingDays: max(line.MinRemainingDays, h.MinRemainingDays),
		ByBin:            h.looksAtBins()}
	if h.Rule != nil {
		rule := *h.Rule
		rule.AskedLife = line.MinRemainingDays
		asked.Rule = &rule
	}
	if h.Strategy != FEFO {
		asked.Strategy = h.Strategy
	}
	return asked
}

// decider names, for people, what chose the stock: a strategy, or a rule and its strategy.
func (h how) decider() string {
	if h.Rule == nil {
		return h.Strategy
	}
	return h.Rule.Name + ": " + h.Strategy
}

// IsStrategy says whether a name is that of a strategy, which no rule set may have.
func IsStrategy(name string) bool { return slices.Contains(Strategies(), name) }
