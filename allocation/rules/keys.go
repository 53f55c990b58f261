package rules

import (
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// Limits of what a rule says.
const (
	listMax   = 500
	daysMax   = 36500
	weightMax = 1_000_000
)

// readRule reads a rule. ok is false where there is nothing that could be one.
func (r *reader) readRule(node *yaml.Node) (rule Rule, ok bool) {
	made := &flow.Rule{}
	rule = Rule{Line: node.Line, Ruling: allocation.Ruling{Rule: made}}
	r.rule = nameOf(node)
	found := r.mapping(node, "a rule", r.keysOf(&rule))
	if found == nil {
		return rule, false
	}
	if !found["name"] {
		r.wrongf(node.Line, "write name: ...", "a rule must have a name")
	}
	if found["ordinary"] && !found["pool"] {
		r.wrongf(node.Line, "name a pool, or leave ordinary out",
			"ordinary says whether other stock may follow that of a pool, and there is no pool")
	}
	r.checkZones(node.Line, made)
	rule.always = !found["when"]
	made.Name = r.set + "/" + rule.Name
	return rule, true
}

// keysOf are the keys of a rule, each with what reads it.
func (r *reader) keysOf(rule *Rule) map[string]func(*yaml.Node) {
	made := rule.Ruling.Rule
	return map[string]func(*yaml.Node){
		"name":     func(value *yaml.Node) { rule.Name = r.ruleName(value) },
		"when":     func(value *yaml.Node) { r.when(value, rule) },
		"strategy": func(value *yaml.Node) { rule.Ruling.Strategy = r.strategy(value) },
		"zones":    func(value *yaml.Node) { made.Zones = r.codes(value, "zones") },
		"notZones": func(value *yaml.Node) { made.NotZones = r.codes(value, "notZones") },
		"batches":  func(value *yaml.Node) { made.Batches = r.patterns(value, "batches") },
		"notBatches": func(value *yaml.Node) {
			made.NotBatches = r.patterns(value, "notBatches")
		},
		"pool":     func(value *yaml.Node) { made.Pool = r.code(value, "pool") },
		"ordinary": func(value *yaml.Node) { made.Ordinary = r.flag(value, "ordinary") },
		"keep":     func(value *yaml.Node) { made.Keep = r.quantities(value, "keep") },
		"atLeast":  func(value *yaml.Node) { made.AtLeast = r.quantities(value, "atLeast") },
		"minRemainingDays": func(value *yaml.Node) {
			rule.Ruling.MinRemainingDays = r.days(value, "minRemainingDays")
		},
		"weights":        func(value *yaml.Node) { made.Weights = r.weights(value) },
		"coverShortages": func(value *yaml.Node) { made.Cover = r.flag(value, "coverShortages") },
	}
}

// Keys are the keys that a rule may have, sorted.
func Keys() []string { return slices.Sorted(maps.Keys((&reader{}).keysOf(&Rule{}))) }

// nameOf is a rule's name before the rule is read, for what is said of it.
func nameOf(node *yaml.Node) string {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "name" {
			return node.Content[i+1].Value
		}
	}
	return ""
}

// checkZones refuses zones about which a rule says one thing and its opposite.
func (r *reader) checkZones(line int, rule *flow.Rule) {
	denied := func(zone string) bool {
		return len(rule.Zones) > 0 && !slices.Contains(rule.Zones, zone) ||
			slices.Contains(rule.NotZones, zone)
	}
	for _, zone := range rule.Zones {
		if denied(zone) {
			r.wrongf(line, "leave it out of one of the two", "zone %s is in zones and notZones", zone)
		}
	}
	for _, named := range []struct {
		key    string
		byZone map[string]model.Quantity
	}{{"keep", rule.Keep}, {"atLeast", rule.AtLeast}} {
		for _, zone := range slices.Sorted(maps.Keys(named.byZone)) {
			if denied(zone) {
				r.wrongf(line, "leave it out", "%s names zone %s, which the rule denies", named.key, zone)
			}
		}
	}
}

func (r *reader) ruleName(node *yaml.Node) string {
	name := r.code(node, "name")
	if strings.Contains(name, "/") {
		r.wrongf(node.Line, "name it otherwise", "name: %q has a /, which stands between set and rule",
			name)
	}
	return name
}

func (r *reader) when(node *yaml.Node, rule *Rule) {
	text, ok := r.text(node, "when")
	if !ok {
		return
	}
	if rule.When = strings.TrimSpace(text); rule.When == "" {
		r.wrongf(node.Line, "leave it out where the rule is for every demand", "when is empty")
		return
	}
	made, err := compile(text)
	if err != nil {
		r.wrongf(node.Line, "write a condition such as channel == \"WEB\" and qty >= 24, or leave when "+
			"out for every demand", "when: %v", err)
		return
	}
	rule.condition = made
}

func (r *reader) strategy(node *yaml.Node) string {
	text, ok := r.text(node, "strategy")
	if ok && !allocation.IsStrategy(text) {
		r.wrongf(node.Line, "the strategies are "+strings.Join(allocation.Strategies(), ", "),
			"strategy: there is no %q", text)
	}
	return text
}

// list reads each of a list of texts; a single one may stand alone.
func (r *reader) list(node *yaml.Node, key string, read func(*yaml.Node) (string, bool)) (
	texts []string) {
	items := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		items = node.Content
	}
	if len(items) == 0 || len(items) > listMax {
		r.wrongf(node.Line, fmt.Sprintf("write 1 to %d, or leave it out", listMax), "%s: has %d entries",
			key, len(items))
		return nil
	}
	for _, item := range items {
		text, ok := read(item)
		if !ok {
			continue
		}
		if slices.Contains(texts, text) {
			r.wrongf(item.Line, "leave one out", "%s: %q is there twice", key, text)
		}
		texts = append(texts, text)
	}
	return texts
}

func (r *reader) codes(node *yaml.Node, key string) []string {
	return r.list(node, key, func(item *yaml.Node) (string, bool) {
		code := r.code(item, key)
		return code, code != ""
	})
}

func (r *reader) patterns(node *yaml.Node, key string) []string {
	return r.list(node, key, func(item *yaml.Node) (string, bool) {
		pattern, ok := r.text(item, key)
		if _, err := path.Match(pattern, ""); err != nil {
			r.wrongf(item.Line, "* is any text, ? one character, [ab] one of these, \\ takes the next "+
				"as it is", "%s: %q is no pattern", key, pattern)
		}
		return pattern, ok
	})
}

func (r *reader) flag(node *yaml.Node, key string) bool {
	if node.Value != "true" && node.Value != "false" {
		r.wrongf(node.Line, "write true or false", "%s: %q is neither true nor false", key, node.Value)
	}
	return node.Value == "true"
}

func (r *reader) days(node *yaml.Node, key string) int {
	days, err := strconv.Atoi(node.Value)
	if err != nil || days < 0 || days > daysMax {
		r.wrongf(node.Line, "write whole days", "%s: %q is no number from 0 to %d", key, node.Value,
			daysMax)
	}
	return days
}

// entries reads a mapping of names to values.
func (r *reader) entries(node *yaml.Node, key string, read func(name, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 || len(node.Content)/2 > listMax {
		r.wrongf(node.Line, "write NAME: NUMBER lines below it, or leave it out",
			"%s must hold 1 to %d numbers by name", key, listMax)
		return
	}
	there := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		if there[name.Value] {
			r.wrongf(name.Line, "leave one out", "%s: %s is there twice", key, name.Value)
		}
		there[name.Value] = true
		read(name, node.Content[i+1])
	}
}

func (r *reader) quantities(node *yaml.Node, key string) map[string]model.Quantity {
	byZone := map[string]model.Quantity{}
	r.entries(node, key, func(name, value *yaml.Node) {
		zone := r.code(name, key)
		text, ok := r.text(value, key+" "+zone)
		if !ok {
			return
		}
		qty, err := model.ParseQuantity(text)
		if err == nil && qty <= 0 {
			err = fmt.Errorf("%s is not above 0", text)
		}
		if err != nil {
			r.wrongf(value.Line, "write a quantity in base units, such as 24", "%s %s: %v", key, zone, err)
		}
		byZone[zone] = qty
	})
	return byZone
}

func (r *reader) weights(node *yaml.Node) map[string]float64 {
	byName := map[string]float64{}
	r.entries(node, "weights", func(name, value *yaml.Node) {
		if !slices.Contains(allocation.Weighed(), name.Value) {
			r.wrongf(name.Line, "the names are "+strings.Join(allocation.Weighed(), ", "),
				"weights: there is no %q", name.Value)
		}
		weight, err := strconv.ParseFloat(value.Value, 64)
		if err != nil || math.IsNaN(weight) || weight == 0 || math.Abs(weight) > weightMax {
			r.wrongf(value.Line, "write a number such as 2 or -0.5",
				"weights %s: %q is no number up to %d, or 0", name.Value, value.Value, weightMax)
		}
		byName[name.Value] = weight
	})
	return byName
}
