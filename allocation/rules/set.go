package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tierstock/allocation"
	"tierstock/model"
)

// Sets are the rule sets of a file, in the file's order.
type Sets struct {
	// Default is the set for demands that name none, "" where those have none.
	Default string
	List    []Set
}

// Set is an ordered list of rules; the first that is for a demand decides it.
type Set struct {
	Name  string
	Rules []Rule
}

// Rule is one rule. When is its condition as it was written, "" where it is for every demand.
type Rule struct {
	Name   string
	Line   int
	When   string
	Ruling allocation.Ruling

	condition *condition // nil for every demand
	always    bool       // there is no when
}

// Find is the set of that name, or for "" the default one; nil where there is none.
func (s *Sets) Find(name string) *Set {
	name = cmp.Or(name, s.Default)
	for i := range s.List {
		if s.List[i].Name == name {
			return &s.List[i]
		}
	}
	return nil
}

// Rule finds what the named set says about a demand; it is that of allocation.Rules.
func (s *Sets) Rule(name string, demand allocation.Demand) (
	ruling allocation.Ruling, known bool, err error) {
	set := s.Find(name)
	if set == nil {
		return ruling, false, nil
	}
	rule, err := set.Decide(demand)
	if err != nil {
		return ruling, true, err
	}
	return rule.Ruling, true, nil
}

// Decide finds the first rule that is for a demand. The error says that there is none, or that a
// condition failed.
func (s *Set) Decide(demand allocation.Demand) (*Rule, error) {
	seen := see(demand)
	for i := range s.Rules {
		rule := &s.Rules[i]
		holds, err := rule.holds(seen)
		if err != nil {
			return nil, fmt.Errorf("rule set %s, rule %s: %w", s.Name, rule.Name, err)
		}
		if holds {
			return rule, nil
		}
	}
	return nil, fmt.Errorf("rule set %s has no rule for this demand (%s); a last rule without when"+
		" is for all the rest", s.Name, describe(demand))
}

// Holds says whether the rule is for a demand. The error is that of its condition.
func (r *Rule) Holds(demand allocation.Demand) (bool, error) { return r.holds(see(demand)) }

func (r *Rule) holds(demand any) (bool, error) {
	if r.condition == nil {
		return true, nil
	}
	return r.condition.holds(demand)
}

// describe lists what a condition sees of a demand, but for what was not said.
func describe(demand allocation.Demand) string {
	var parts []string
	say := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	say("warehouse", demand.Warehouse)
	say("owner", demand.Owner)
	say("sku", demand.SKU)
	say("jobType", demand.JobType)
	say("orderId", demand.OrderID)
	say("lineId", demand.LineID)
	say("channel", demand.Channel)
	say("priority", strconv.FormatInt(demand.Priority, 10))
	say("qty", demand.Qty.String())
	say("pack", demand.Pack)
	say("batch", demand.Batch)
	if demand.MinRemainingDays > 0 {
		say("minRemainingDays", strconv.Itoa(demand.MinRemainingDays))
	}
	if demand.ShipComplete {
		say("shipComplete", "true")
	}
	return strings.Join(parts, ", ")
}

// Strategy is the one that the rule has stock chosen by.
func (r *Rule) Strategy() string { return cmp.Or(r.Ruling.Strategy, allocation.FEFO) }

// Summary says in one line what the rule lets the engine do.
func (r *Rule) Summary() string {
	rule := r.Ruling.Rule
	parts := []string{r.Strategy()}
	say := func(said bool, format string, args ...any) {
		if said {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	list := func(texts []string) string {
		quoted := make([]string, len(texts))
		for i, text := range texts {
			if quoted[i] = text; text == "" {
				quoted[i] = `""`
			}
		}
		return strings.Join(quoted, ", ")
	}
	say(rule.Pool != "" && rule.Ordinary, "pool %s first, then ordinary stock", rule.Pool)
	say(rule.Pool != "" && !rule.Ordinary, "pool %s only", rule.Pool)
	say(len(rule.Zones) > 0, "only zones %s", list(rule.Zones))
	say(len(rule.NotZones) > 0, "not zones %s", list(rule.NotZones))
	say(len(rule.Batches) > 0, "only batches %s", list(rule.Batches))
	say(len(rule.NotBatches) > 0, "not batches %s", list(rule.NotBatches))
	say(len(rule.Keep) > 0, "keep %s", quantities(rule.Keep))
	say(len(rule.AtLeast) > 0, "at least %s", quantities(rule.AtLeast))
	say(r.Ruling.MinRemainingDays > 0, "at least %d days left", r.Ruling.MinRemainingDays)
	say(len(rule.Weights) > 0, "weights %s", weights(rule.Weights))
	say(rule.Cover, "shortages covered")
	return strings.Join(parts, "; ")
}

func quantities(byZone map[string]model.Quantity) string {
	var parts []string
	for _, zone := range slices.Sorted(maps.Keys(byZone)) {
		parts = append(parts, byZone[zone].String()+" in "+zone)
	}
	return strings.Join(parts, ", ")
}

func weights(byName map[string]float64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		parts = append(parts, name+" "+strconv.FormatFloat(byName[name], 'g', -1, 64))
	}
	return strings.Join(parts, ", ")
}
