package sourcing

import (
	"context"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
)

// Service plans orders that name no warehouse, and executes the plans.
type Service struct {
	db      *store.DB
	catalog *master.Catalog
	stock   *tier2.Reader
	// allocate and release are the services' own; tests put something between.
	allocate func(context.Context, flow.Mode, model.Wave) ([]model.OrderResult, error)
	release  func(context.Context, flow.Mode, []model.ReleaseLine) ([]model.Result, error)
}

// New makes the service.
func New(db *store.DB, catalog *master.Catalog, zone *tier2.Service,
	allocation *allocation.Service) *Service {
	return &Service{db: db, catalog: catalog, stock: tier2.NewReader(db, catalog),
		allocate: allocation.Allocate, release: zone.Release}
}

// OrderPlan is the plan for one order. Code is APPLIED where all of it would be served, PARTIAL or
// INSUFFICIENT where not, or a refusal, with the field at fault.
type OrderPlan struct {
	OrderID        string
	Code           model.Code
	Field, Message string
	Lines          []LinePlan
	Choice
}

// LineIDs are the names of the order's lines, by their numbers.
func (p *OrderPlan) LineIDs() []string { return lineIDs(p.Lines) }

func lineIDs(lines []LinePlan) []string {
	ids := make([]string, len(lines))
	for i, line := range lines {
		ids[i] = line.LineID
	}
	return ids
}

// LinePlan is what is, or would be, served of a line, from all warehouses together.
type LinePlan struct {
	LineID         string
	Code           model.Code
	Field, Message string
	Qty, Shortage  model.Quantity
}

// Plan says which warehouses would serve the orders now, by priority, then in the order given: each
// sees what those before it leave. It holds nothing: by the time it is executed others may have
// taken the stock. For the call there are only the warehouses that sees holds for, all where it is
// nil. The error is about the whole call.
func (s *Service) Plan(ctx context.Context, orders []Order, sees func(warehouse string) bool) (
	[]OrderPlan, error) {
	scene, err := s.look(ctx, orders, sees)
	if err != nil {
		return nil, err
	}
	candidates, err := s.candidates(ctx, scene)
	if err != nil {
		return nil, err
	}
	chosen := scene.choose(candidates)
	plans := make([]OrderPlan, len(orders))
	for i, task := range scene.tasks {
		plans[i] = task.plan(chosen[task])
	}
	return plans, nil
}

// choose plans what is left of every task. A part's lines are numbered as in the order.
func (s *scene) choose(candidates []Candidate) map[*task]Choice {
	chosen := map[*task]Choice{}
	for _, task := range turns(s.tasks) {
		demand, numbers := task.demand()
		if len(demand.Lines) == 0 {
			continue
		}
		choice := Choose(demand, candidates)
		Spend(demand, choice, candidates)
		short := make([]model.Quantity, len(task.lines))
		for at, number := range numbers {
			short[number] = choice.Short[at]
		}
		choice.Short = short
		for _, part := range choice.Parts {
			for i := range part.Lines {
				part.Lines[i].Line = numbers[part.Lines[i].Line]
			}
		}
		chosen[task] = choice
	}
	return chosen
}

func (t *task) plan(choice Choice) OrderPlan {
	plan := OrderPlan{OrderID: t.order.OrderID, Choice: choice}
	whole, some := true, false
	for i := range t.lines {
		line := LinePlan{LineID: t.order.Lines[i].LineID}
		line.Qty = t.left(i)
		if choice.Short != nil {
			line.Shortage = choice.Short[i]
			line.Qty -= line.Shortage
		}
		line.Code = codeOf(line.Qty, line.Shortage)
		if refusal := t.lines[i].refusal; refusal != nil {
			line.Code, line.Field, line.Message = refusal.Code, refusal.Field, refusal.Message
		} else if t.refusal != nil {
			line.Code = model.Skipped
		}
		whole = whole && line.Code == model.Applied
		some = some || line.Qty > 0
		plan.Lines = append(plan.Lines, line)
	}
	plan.Code = codeOfOrder(whole, some)
	if t.refusal != nil {
		plan.Code, plan.Field, plan.Message = t.refusal.Code, t.refusal.Field, t.refusal.Message
	}
	return plan
}

func codeOf(served, short model.Quantity) model.Code {
	switch {
	case short == 0:
		return model.Applied
	case served > 0:
		return model.Partial
	}
	return model.Insufficient
}

func codeOfOrder(whole, some bool) model.Code {
	switch {
	case whole:
		return model.Applied
	case some:
		return model.Partial
	}
	return model.Insufficient
}
