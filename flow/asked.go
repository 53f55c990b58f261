package flow

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"tierstock/model"
)

// Asked are the constraints that any later choice of stock for a reservation must honour.
type Asked struct {
	Zones            []string `json:"zones,omitempty"`
	Batch            *string  `json:"batch,omitempty"`
	Pack             string   `json:"pack,omitempty"`
	Strategy         string   `json:"strategy,omitempty"`
	MinRemainingDays int      `json:"minRemainingDays,omitempty"`
	// AnyPack: whole packs first, then smaller ones; quantities are base units.
	AnyPack bool `json:"anyPack,omitempty"`
	// ByBin: the strategy looks at bins, so that those with free stock must be locked.
	ByBin bool `json:"byBin,omitempty"`
	// Rule is what a rule set adds, nil where none has a say.
	Rule *Rule `json:"rule,omitempty"`
}

// Rule is what a rule of a rule set says about the choice of stock for a demand. It is kept with
// the reservation: a choice that is made again later is made by the rule of the first.
type Rule struct {
	// Name is the rule set and the rule, as "set/rule", for people.
	Name string `json:"name"`
	// AskedLife is the remaining life that the demand itself asked for, in days.
	AskedLife int `json:"askedLife,omitempty"`
	// Zones, where any are named, are the only ones taken from, and NotZones never.
	Zones    []string `json:"zones,omitempty"`
	NotZones []string `json:"notZones,omitempty"`
	// Batches, where any are named, are the only ones taken, and NotBatches never: patterns as of
	// path.Match, such as "LOT-*", but that * goes over slashes too. Stock without a batch matches "".
	Batches    []string `json:"batches,omitempty"`
	NotBatches []string `json:"notBatches,omitempty"`
	// Pool is the activity whose stock is taken first; Ordinary lets other stock follow.
	Pool     string `json:"pool,omitempty"`
	Ordinary bool   `json:"ordinary,omitempty"`
	// Keep is what must stay available of the item in a zone, in base units.
	Keep map[string]model.Quantity `json:"keep,omitempty"`
	// AtLeast is what must be taken at once from a row of a zone, in base units, or nothing.
	AtLeast map[string]model.Quantity `json:"atLeast,omitempty"`
	// Cover: a shortage is covered when stock arrives.
	Cover bool `json:"cover,omitempty"`
	// Weights score candidates, by the names that package allocation gives to what it weighs.
	Weights map[string]float64 `json:"weights,omitempty"`
}

var noRule Rule

// slash stands for a slash where patterns are matched; no batch has it.
const slash = "\x01"

// sharesPool says whether stock that is kept for an activity, or with "" for none, is not kept from
// the rule's demands.
func (r *Rule) sharesPool(pool string) bool { return pool == "" || pool == r.Pool }

func (r *Rule) deniesZone(zone string) bool {
	return len(r.Zones) > 0 && !slices.Contains(r.Zones, zone) || slices.Contains(r.NotZones, zone)
}

func (r *Rule) deniesBatch(batch string) bool {
	// path.Match lets * end at a slash, which is a character like any other in a batch.
	batch = strings.ReplaceAll(batch, "/", slash)
	matches := func(pattern string) bool {
		matched, err := path.Match(strings.ReplaceAll(pattern, "/", slash), batch)
		return matched && err == nil
	}
	return len(r.Batches) > 0 && !slices.ContainsFunc(r.Batches, matches) ||
		slices.ContainsFunc(r.NotBatches, matches)
}

// AskedLife is the remaining life that the demand itself asked for, in days, without what a rule
// has added.
func (a *Asked) AskedLife() int {
	if a.Rule != nil {
		return a.Rule.AskedLife
	}
	return a.MinRemainingDays
}

// text is "" where nothing was asked, which is most of the time.
func (a *Asked) text() string {
	if a.Zones == nil && a.Batch == nil && a.Pack == "" && a.Strategy == "" &&
		a.MinRemainingDays == 0 && !a.AnyPack && a.Rule == nil {
		return ""
	}
	encoded, _ := json.Marshal(a)
	return string(encoded)
}

func parseAsked(text string) (asked Asked, err error) {
	if text == "" {
		return asked, nil
	}
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return asked, fmt.Errorf("reservations.asked: %w", err)
	}
	return asked, nil
}
