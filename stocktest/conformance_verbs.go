package stocktest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// verbCase is a line of one verb that is applied, and what the contract's "Keys", "Lists" and "The
// two tiers" say of it. same are edits that leave the call the same call, other are edits that
// do not; fails makes it one that is refused.
type verbCase[L any] struct {
	name   string
	before func(s *Site)
	verb   func(s *Site) Verb[L]
	line   func(s *Site) L
	fails  func(line *L)
	same   edits[L]
	other  edits[L]
	// legs are the effect's, as Answer.Legs has them.
	legs []string
}

// edits are changes of a line, by what they show.
type edits[L any] map[string]func(line *L)

// verbTest is a verbCase of any verb.
type verbTest interface {
	named() string
	run(s *Site)
}

func conformVerbs(t *testing.T, db *store.DB) {
	t.Helper()
	for _, tests := range [][]verbTest{lineVerbs(), workVerbs(), stockVerbs()} {
		for _, test := range tests {
			t.Run(test.named(), func(t *testing.T) { test.run(New(t, db)) })
		}
	}
}

func (c verbCase[L]) named() string { return c.name }

func (c verbCase[L]) run(s *Site) {
	c.before(s)
	// "Failures write nothing, so they do not use the key up".
	refused := c.answer(s, flow.Mode{}, c.fails)
	if refused.Code.Succeeded() {
		s.t.Fatalf("%s: not refused", c.name)
	}
	// "dryRun answers what would happen, keys looked up too, and writes nothing".
	dry := c.answer(s, flow.Mode{DryRun: true}, nil).OK()
	first := c.answer(s, flow.Mode{}, nil).OK()
	if told, came := timeless(dry.Result), timeless(first.Result); told != came {
		s.t.Errorf("the dry run said\n%s\nand it became\n%s", told, came)
	}
	first.Legs(c.legs...)
	checkLedger(s, first)
	c.replay(s, first)
	s.Restart()
	c.replay(s, first)
	c.archived(s, first)
}

// checkLedger: "All legs of an effect carry the caller's key and action, in both tiers", and
// flowsByLine and flowsByTask find them by it. Only an effect that touched no row has none.
func checkLedger(s *Site, answer Answer) {
	s.t.Helper()
	if len(answer.Flows) == 0 {
		return
	}
	key := answer.Flows[0].Key
	look := func() ([]model.Flow, error) {
		return flow.FlowsByLine(s.t.Context(), s.DB, s.Warehouse, key.Line())
	}
	if key.IsTask() {
		look = func() ([]model.Flow, error) {
			return flow.FlowsByTask(s.t.Context(), s.DB, s.Warehouse, model.TaskKey{
				JobType: key.JobType, TaskID: key.TaskID, Revision: key.Revision})
		}
	}
	found, err := look()
	if err != nil {
		s.t.Fatal(err)
	}
	found = slices.DeleteFunc(found, func(leg model.Flow) bool { return leg.Key != key })
	for _, leg := range found {
		if leg.Seq == 0 {
			s.t.Errorf("a flow without its place in the feed: %+v", leg)
		}
	}
	slices.SortFunc(found, func(one, other model.Flow) int { return one.Leg - other.Leg })
	ledger := Answer{Result: model.Result{Flows: found}}
	if got, want := flowsOf(ledger), flowsOf(answer); !slices.Equal(got, want) {
		s.t.Errorf("flows by the key\n%+v\nin the answer\n%+v", got, want)
	}
}

func (c verbCase[L]) answer(s *Site, mode flow.Mode, edit func(*L)) Answer {
	s.t.Helper()
	line := c.line(s)
	if edit != nil {
		edit(&line)
	}
	return Answer{Result: Call(s, c.verb(s), mode, line)[0], site: s}
}

// replay: "Same key and same content answers REPLAYED; same key and other content answers
// KEY_CONFLICT." "For a REPLAYED line flows and qtyApplied are the first answer's".
func (c verbCase[L]) replay(s *Site, first Answer) {
	again := c.answer(s, flow.Mode{}, nil)
	again.Is(model.Replayed)
	if again.Applied != first.Applied || again.Shortage != first.Shortage {
		s.t.Errorf("applied %s and short of %s, the first answer %s and %s", again.Applied,
			again.Shortage, first.Applied, first.Shortage)
	}
	if got, want := flowsOf(again), flowsOf(first); !slices.Equal(got, want) {
		s.t.Errorf("flows of the replay\n%v\nof the first answer\n%v", got, want)
	}
	if (again.Reservation == nil) != (first.Reservation == nil) {
		s.t.Errorf("reservation %+v, in the first answer %+v", again.Reservation,
			first.Reservation)
	}
	c.answer(s, flow.Mode{DryRun: true}, nil).Is(model.Replayed)
	for name, edit := range c.same {
		if same := c.answer(s, flow.Mode{}, edit); same.Code != model.Replayed {
			s.t.Errorf("%s: %s %s, not REPLAYED", name, same.Code, same.Message)
		}
	}
	for name, edit := range c.other {
		other := c.answer(s, flow.Mode{}, edit)
		if other.Code != model.KeyConflict || other.Field != "key" {
			s.t.Errorf("%s: %s %q, not KEY_CONFLICT", name, other.Code, other.Field)
		}
	}
}

// flowsOf are the flows of an answer, without the number that the feed gives later.
func flowsOf(answer Answer) []model.Flow {
	flows := slices.Clone(answer.Flows)
	for i := range flows {
		flows[i].Seq = 0
	}
	return flows
}

// timeless is a result without what differs from one try to the next: ids and times, and who
// else holds a row, which a refusal names as of its answer.
func timeless(result model.Result) string {
	result.Message, _, _ = strings.Cut(result.Message, " (")
	result.Flows = slices.Clone(result.Flows)
	for i := range result.Flows {
		result.Flows[i].ID, result.Flows[i].RecordedAt, result.Flows[i].Reservation = "", 0, 0
	}
	result.ZoneStocks = slices.Clone(result.ZoneStocks)
	for i := range result.ZoneStocks {
		result.ZoneStocks[i].ID, result.ZoneStocks[i].UpdatedAt = 0, 0
	}
	result.BinStocks = slices.Clone(result.BinStocks)
	for i := range result.BinStocks {
		result.BinStocks[i].ID, result.BinStocks[i].UpdatedAt = 0, 0
	}
	result.Tasks = slices.Clone(result.Tasks)
	for i := range result.Tasks {
		result.Tasks[i].ID, result.Tasks[i].Key.TaskID = 0, ""
	}
	reservation := "none"
	if r := result.Reservation; r != nil {
		reservation = fmt.Sprint(r.Key, r.State, r.Held, r.Open, r.Holds, r.ExpiresAt > 0)
	}
	result.Reservation = nil
	return fmt.Sprintf("%+v %s", result, reservation)
}
