package sourcing

import (
	"context"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// roundsMax is how often what fell short is planned again. Each round leaves out what was tried, so
// that a fifth one would mean that stock is taken faster than it can be planned.
const roundsMax = 4

// Terms are how orders are carried out. Strategy is how stock is chosen inside a warehouse, as in a
// wave. Sees is as for Service.Plan: nothing is placed or given back where it does not look.
type Terms struct {
	Sees        func(warehouse string) bool
	Strategy    string
	CreateTasks bool
	Actor       string
}

// Executed is what became of an order. Code is REPLAYED where an earlier call had served all of it,
// APPLIED where all is served now, PARTIAL, INSUFFICIENT with nothing held, or a refusal.
type Executed struct {
	OrderID        string
	Code           model.Code
	Field, Message string
	Lines          []LinePlan
	Parts          []PartOutcome
	Rounds         []Round
}

// PartOutcome is what one warehouse answered. Round is the one that tried it, 0 where an earlier
// call had.
type PartOutcome struct {
	Warehouse string
	Round     int
	Code      model.Code
	Lines     []PartLineOutcome
	Tasks     []model.Task
}

// PartLineOutcome is the answer to a part of the order's line of that number: Qty was asked of this
// warehouse. GivenBack: it was released again, as the order could not be served as it should.
type PartLineOutcome struct {
	LineID    string
	Line      int
	Qty       model.Quantity
	GivenBack bool
	model.Result
}

// LineIDs are the names of the order's lines, by their numbers.
func (e *Executed) LineIDs() []string { return lineIDs(e.Lines) }

// Round is one plan: what it chose of what was left then.
type Round struct {
	Number int
	Choice
}

// Execute serves orders that name no warehouse: it plans them, reserves each warehouse's part in a
// wave of its own, and plans again what fell short, without what was tried. Each part's lines have
// the order's own keys in that warehouse.
//
// No transaction spans two warehouses. Whoever is cut off between two parts repeats the call: what
// an earlier one placed is found by its keys, and only what is missing is planned. Two calls for
// one order at the same time may place a line twice for a moment; the last of them sees both and
// gives the later one back. An order that ships complete and cannot is given back, whole.
func (s *Service) Execute(ctx context.Context, orders []Order, terms Terms) ([]Executed, error) {
	scene, err := s.look(ctx, orders, terms.Sees)
	if err != nil {
		return nil, err
	}
	run := newRun(s, scene, terms)
	if err := run.resume(ctx); err != nil {
		return nil, err
	}
	if err := run.serve(ctx); err != nil {
		return nil, err
	}
	if err := run.giveUp(ctx); err != nil {
		return nil, err
	}
	return run.answer(), nil
}

// run is one execution.
type run struct {
	service  *Service
	scene    *scene
	terms    Terms
	outcomes map[*task]*Executed
	// fresh: something has been reserved by this call.
	fresh bool
	// gaveUp are the orders that were given back.
	gaveUp map[*task]bool
}

func newRun(s *Service, scene *scene, terms Terms) *run {
	run := &run{service: s, scene: scene, terms: terms, outcomes: map[*task]*Executed{},
		gaveUp: map[*task]bool{}}
	for _, task := range scene.tasks {
		run.outcomes[task] = &Executed{OrderID: task.order.OrderID}
	}
	return run
}

// serve plans and places, round by round, until all is served or nothing more is to be had. Before
// it ends it looks at what is held for the orders once more: a part of a call that was cut off may
// have come in meanwhile.
func (r *run) serve(ctx context.Context) error {
	for round := 1; round <= roundsMax; round++ {
		placed := false
		if r.wants() {
			candidates, err := r.service.candidates(ctx, r.scene)
			if err != nil {
				return err
			}
			if placed, err = r.place(ctx, round, r.scene.choose(candidates)); err != nil {
				return err
			}
		}
		if placed && r.wants() && round < roundsMax {
			continue
		}
		found, err := r.settleTwins(ctx)
		if err != nil || !found || !r.wants() {
			return err
		}
	}
	return nil
}

func (r *run) wants() bool { return slices.ContainsFunc(r.scene.tasks, (*task).wants) }

// place carries a plan out, warehouse by warehouse, and says whether it asked for anything.
func (r *run) place(ctx context.Context, round int, chosen map[*task]Choice) (bool, error) {
	asked := map[string][]ask{}
	for _, task := range turns(r.scene.tasks) {
		choice, planned := chosen[task]
		if !planned {
			continue
		}
		r.outcomes[task].Rounds = append(r.outcomes[task].Rounds, Round{round, choice})
		for _, part := range choice.Parts {
			asked[part.Warehouse] = append(asked[part.Warehouse], ask{task, part.Lines})
		}
	}
	for _, warehouse := range r.scene.warehouses {
		if err := r.askFor(ctx, warehouse.Code, round, asked[warehouse.Code]); err != nil {
			return false, err
		}
	}
	return len(asked) > 0, nil
}

// ask is what one warehouse is asked for of one order.
type ask struct {
	task  *task
	lines []PartLine
}

// askFor reserves a warehouse's parts of all orders as one wave: its own transaction.
func (r *run) askFor(ctx context.Context, warehouse string, round int, asks []ask) error {
	if len(asks) == 0 || ctx.Err() != nil {
		return ctx.Err() // what is asked for after that would be done all the same
	}
	wave := model.Wave{Strategy: r.terms.Strategy, CreateTasks: r.terms.CreateTasks,
		LooksElsewhere: true}
	for _, ask := range asks {
		order := ask.task.order.Order
		order.Warehouse, order.Lines = warehouse, nil
		for _, part := range ask.lines {
			line := ask.task.order.Lines[part.Line]
			line.Qty = part.Qty
			order.Lines = append(order.Lines, line)
		}
		wave.Orders = append(wave.Orders, order)
	}
	results, err := r.service.allocate(ctx, flow.Mode{Actor: r.terms.Actor}, wave)
	if err != nil {
		return err
	}
	for i, ask := range asks {
		r.take(warehouse, round, ask, results[i])
	}
	return nil
}

// take notes what a warehouse answered to its part of an order.
func (r *run) take(warehouse string, round int, ask ask, answer model.OrderResult) {
	part := PartOutcome{Warehouse: warehouse, Round: round, Code: answer.Code, Tasks: answer.Tasks}
	for i, asked := range ask.lines {
		result, state := answer.Lines[i], &ask.task.lines[asked.Line]
		part.Lines = append(part.Lines, PartLineOutcome{
			LineID: ask.task.order.Lines[asked.Line].LineID, Qty: asked.Qty, Result: result,
			Line: asked.Line})
		switch {
		case result.Code.Succeeded():
			state.held += heldOf(result)
			state.exclude(warehouse)
			ask.task.serve(warehouse)
			r.fresh = r.fresh || result.Code != model.Replayed
		case result.Code == model.Skipped:
			// Another line of the part is at fault; this one may be asked for here again.
		case result.Code.Retryable():
			state.exclude(warehouse)
		default:
			state.refusal = &model.Refusal{Code: result.Code, Field: result.Field,
				Message: "warehouse " + warehouse + ": " + result.Message}
		}
	}
	r.outcomes[ask.task].Parts = append(r.outcomes[ask.task].Parts, part)
}

func (t *task) serve(warehouse string) {
	if !slices.Contains(t.serving, warehouse) {
		t.serving = append(t.serving, warehouse)
	}
}

func heldOf(result model.Result) model.Quantity {
	if result.Reservation != nil {
		return result.Reservation.Held
	}
	return result.Applied
}

// giveUp gives back what is held for orders that ship complete and could not be served whole.
func (r *run) giveUp(ctx context.Context) error {
	lines := map[string][]model.ReleaseLine{}
	for _, task := range r.scene.tasks {
		if !task.order.ShipComplete || task.isWhole() || task.isConflict() {
			continue
		}
		r.gaveUp[task] = true
		outcome := r.outcomes[task]
		for p := range outcome.Parts {
			part := &outcome.Parts[p]
			for l := range part.Lines {
				line := &part.Lines[l]
				if line.Reservation != nil && line.Reservation.State == model.ReservationOpen {
					line.GivenBack = true
					lines[part.Warehouse] = append(lines[part.Warehouse],
						giveBack(part.Warehouse, line.Reservation))
				}
			}
		}
	}
	return r.releaseAll(ctx, lines)
}

// isConflict says whether a line's key was used for something else: that is left as it is.
func (t *task) isConflict() bool {
	return slices.ContainsFunc(t.lines, func(line lineState) bool {
		return line.refusal != nil && line.refusal.Code == model.KeyConflict
	})
}

// giveBack releases a reservation under sourcing's own key.
func giveBack(warehouse string, reservation *model.Reservation) model.ReleaseLine {
	key := reservation.Key
	return model.ReleaseLine{Warehouse: warehouse, Reservation: &key, SKU: reservation.Item.SKU,
		Key: model.LineKey{JobType: giveBackJob, OrderID: key.OrderID, LineID: key.LineID,
			Revision: reservation.ID},
		Audit: model.Audit{Reason: "ORDER", Note: "given back: the order was not served as it should"}}
}

func (r *run) releaseAll(ctx context.Context, lines map[string][]model.ReleaseLine) error {
	for _, warehouse := range r.scene.warehouses {
		for some := range slices.Chunk(lines[warehouse.Code], flow.LinesMax) {
			results, err := r.service.release(ctx, flow.Mode{Actor: r.terms.Actor}, some)
			if err != nil {
				return err
			}
			for i, result := range results {
				switch {
				case result.Code == model.Busy:
					return fmt.Errorf("giving back in %s: %w", warehouse.Code, store.ErrContended)
				case !result.Code.Succeeded():
					return fmt.Errorf("giving back %+v in %s: %s %s", some[i].Key, warehouse.Code,
						result.Code, result.Message)
				}
			}
		}
	}
	return nil
}
