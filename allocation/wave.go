package allocation

import (
	"cmp"
	"context"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Limits of a wave; the contract's.
const (
	WaveOrdersMax = 1000
	WaveLinesMax  = 5000
)

// Allocate serves a wave's orders by priority, then in the order given: each line is reserved and,
// where tasks are wanted, pinned to bins. The answers come in the order given. The error is about
// the whole call (see flow.Engine.Submit).
//
// A line is two effects under its own key, and both or neither happen: a line that is short takes
// what there is. The lines of an order that ships complete all happen or none does.
func (s *Service) Allocate(ctx context.Context, mode flow.Mode, wave model.Wave) (
	[]model.OrderResult, error) {
	plan := s.planWave(wave)
	results, err := s.engine.SubmitSets(ctx, mode, plan.sets)
	if err != nil {
		return nil, err
	}
	orders := plan.answer(results)
	if mode.DryRun {
		return orders, nil
	}
	return orders, s.noteUnserved(ctx, &plan, orders)
}

// Planned is a wave for who submits its sets with others, in a transaction of their own: see
// flow.Engine.SubmitBeside.
type Planned struct{ plan wavePlan }

// Plan makes the sets of a wave of one warehouse.
func (s *Service) Plan(wave model.Wave) Planned { return Planned{s.planWave(wave)} }

// Sets are the wave's movements: each set happens whole or not at all.
func (p Planned) Sets() [][]*flow.Movement { return p.plan.sets }

// Answer makes the wave's answers of what its movements came to, and records in the same
// transaction who got nothing.
func (p Planned) Answer(ctx context.Context, tx *store.Tx, verdicts []model.Result) (
	[]model.OrderResult, error) {
	orders := p.plan.answer(verdicts)
	for warehouse, lines := range p.plan.unserved(orders) {
		for some := range slices.Chunk(lines, unservedChunk) {
			if err := noteSome(ctx, tx, warehouse, some); err != nil {
				return nil, err
			}
		}
	}
	return orders, nil
}

// wavePlan is a wave as sets of movements, in the order in which they are served.
type wavePlan struct {
	wave  model.Wave
	sets  [][]*flow.Movement
	lines []waveLine
	// demands are what the lines of each order demand, as the rules said when the wave came.
	demands [][]demanded
}

// waveLine is a line's place in the wave, in the order in which lines are served.
type waveLine struct{ order, line int }

func (s *Service) planWave(wave model.Wave) wavePlan {
	plan := wavePlan{wave: wave, demands: make([][]demanded, len(wave.Orders))}
	turns := make([]int, len(wave.Orders))
	for i := range turns {
		turns[i] = i
	}
	slices.SortStableFunc(turns, func(one, other int) int {
		return cmp.Compare(wave.Orders[other].Priority, wave.Orders[one].Priority)
	})
	for _, turn := range turns {
		order := &wave.Orders[turn]
		var set []*flow.Movement
		for i := range order.Lines {
			demand := s.demandFor(wave, order, &order.Lines[i])
			plan.demands[turn] = append(plan.demands[turn], demand)
			set = append(set, demand.movements()...)
			if !order.ShipComplete || i == len(order.Lines)-1 {
				plan.sets = append(plan.sets, set)
				set = nil
			}
			plan.lines = append(plan.lines, waveLine{turn, i})
		}
	}
	return plan
}

// demandFor is what a line of a wave demands, as a line that is reserved by itself.
func (s *Service) demandFor(wave model.Wave, order *model.Order, line *model.OrderLine) demanded {
	asked := model.ReserveLine{Key: order.Key(line), Warehouse: order.Warehouse,
		Item: model.Item{Owner: order.Owner, SKU: line.SKU}, Qty: line.Qty, Batch: line.Batch,
		Pack: line.Pack, MinRemainingDays: line.MinRemainingDays, Priority: order.Priority,
		Channel: order.Channel, AllowPartial: !order.ShipComplete, Audit: order.Audit}
	demand := demandOf(asked)
	demand.ShipComplete = order.ShipComplete
	return demanded{line: asked, how: s.howFor(wave.Strategy, demand), pin: wave.CreateTasks,
		records: !wave.LooksElsewhere}
}

// demanded is a line to be reserved and, with pin, pinned to bins. records: what it lacks is
// recorded as a shortage, of that age where since says so.
type demanded struct {
	line         model.ReserveLine
	how          how
	pin, records bool
	since        model.Instant
}

func (d demanded) movements() []*flow.Movement {
	line := d.line
	item := []model.Item{line.Item}
	reserve := &flow.Movement{Key: line.Key.For(line.Warehouse, model.Reserve), Audit: line.Audit,
		Needs:   flow.Needs{Items: item, FreeBins: d.how.looksAtBins() || d.pin},
		Content: func(content *flow.Content, view *master.View) { describe(content, view, line) },
		SameAs: func(r *flow.Reservation, view *master.View) bool {
			return sameDemand(r, view, line)
		},
		Decide: d.reserve}
	if !d.pin {
		return []*flow.Movement{reserve}
	}
	return []*flow.Movement{reserve, {Key: line.Key.For(line.Warehouse, model.Pin),
		Audit:   line.Audit,
		Needs:   flow.Needs{Items: item, FreeBins: true, Reservations: []model.LineKey{line.Key}},
		Content: func(*flow.Content, *master.View) {},
		Decide:  func(effect *flow.Effect) error { return pinWhole(effect, line.Key) }}}
}

func (d demanded) reserve(effect *flow.Effect) error {
	err := decide(effect, d.line, d.how)
	if err == nil && d.records {
		effect.Miss(effect.Reservation, effect.Shortage, d.pin, d.since)
	}
	return err
}

// sameDemand says whether a reservation is what a wave's line asks for, whatever the terms were.
func sameDemand(r *flow.Reservation, view *master.View, line model.ReserveLine) bool {
	asked := r.Asked
	sameBatch := asked.Batch == nil && line.Batch == nil ||
		asked.Batch != nil && line.Batch != nil && *asked.Batch == *line.Batch
	return r.Item == line.Item && r.Requested == line.Qty && sameBatch &&
		asked.Pack == view.NormalPack(line.Item.SKU, line.Pack) &&
		asked.AskedLife() == line.MinRemainingDays
}

// pinWhole ties to bins what a reservation holds and has not tied yet.
func pinWhole(effect *flow.Effect, line model.LineKey) error {
	r, err := effect.Live("lineId", line, "")
	if err != nil {
		return err
	}
	before := effect.Unpinned(r)
	for _, hold := range r.Holds {
		effect.PinInBins(hold, hold.Unpinned(), nil, model.TaskKey{JobType: string(model.TaskPick)})
	}
	if rest := effect.Unpinned(r); rest > 0 {
		return flow.Refuse(model.InvalidState, "qty", "the zone's bins do not hold "+rest.String()+
			" of what it promises; run verify")
	}
	effect.Applied = before
	if before == 0 {
		effect.NotePins(r) // all was pinned already: the key is kept all the same
	}
	return nil
}

// answer puts the movements' results together, in the order in which the orders were given.
func (p *wavePlan) answer(results []model.Result) []model.OrderResult {
	orders := make([]model.OrderResult, len(p.wave.Orders))
	for i := range orders {
		orders[i] = model.OrderResult{OrderID: p.wave.Orders[i].OrderID,
			Lines: make([]model.Result, len(p.wave.Orders[i].Lines))}
	}
	for _, place := range p.lines {
		result := &orders[place.order].Lines[place.line]
		*result, results = results[0], results[1:]
		if p.wave.CreateTasks {
			*result = withPin(*result, results[0])
			results = results[1:]
		}
		if result.Code == model.Insufficient {
			result.Shortage = p.wave.Orders[place.order].Lines[place.line].Qty
		}
	}
	for i := range orders {
		sumUp(&orders[i])
	}
	return orders
}

// withPin is a line's answer from those of its two effects.
func withPin(reserved, pinned model.Result) model.Result {
	switch {
	case !reserved.Code.Succeeded() || !pinned.Code.Succeeded():
		return failed(reserved, pinned)
	case reserved.Code == model.Replayed && pinned.Code != model.Replayed:
		reserved.Code, reserved.Applied, reserved.Shortage = model.Applied, pinned.Applied, 0
		reserved.Flows = pinned.Flows
	default:
		reserved.Flows = append(reserved.Flows, pinned.Flows...)
	}
	reserved.BinStocks = pinned.BinStocks
	reserved.Reservation = cmp.Or(pinned.Reservation, reserved.Reservation)
	reserved.Tasks = pinned.Tasks
	sortForPicking(reserved.Tasks)
	return reserved
}

// failed is the answer to a line one of whose effects did not happen, and so neither did the other.
// It shows what was reserved for the line before.
func failed(reserved, pinned model.Result) model.Result {
	if reserved.Code.Succeeded() || reserved.Code == model.Skipped && pinned.Code != model.Skipped {
		pinned.Reservation = reserved.Reservation
		return pinned
	}
	return reserved
}

// sumUp finds the order's code from its lines', and its tasks in the order in which to pick.
func sumUp(order *model.OrderResult) {
	replayed, done, held := true, true, false
	for _, line := range order.Lines {
		replayed = replayed && line.Code == model.Replayed
		done = done && (line.Code == model.Replayed || line.Code == model.Applied)
		held = held || line.Code.Succeeded() ||
			line.Reservation != nil && line.Reservation.State == model.ReservationOpen
		order.Tasks = append(order.Tasks, line.Tasks...)
	}
	switch {
	case replayed:
		order.Code = model.Replayed
	case done:
		order.Code = model.Applied
	case held:
		order.Code = model.Partial
	default:
		order.Code = model.Insufficient
	}
	sortForPicking(order.Tasks)
}

func sortForPicking(tasks []model.Task) {
	slices.SortStableFunc(tasks, func(one, other model.Task) int {
		return cmp.Or(cmp.Compare(one.PickSequence, other.PickSequence),
			cmp.Compare(one.Bin, other.Bin), cmp.Compare(one.ID, other.ID))
	})
}
