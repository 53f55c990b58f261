package allocation

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// TakeOver gives what one reservation holds to another order line of higher priority.
type TakeOver struct {
	// Key is that of what From gives back, a RELEASE of its own.
	Key model.LineKey
	// From is the reservation that gives, Qty how much of it, in its unit.
	From model.LineKey
	Qty  model.Quantity
	// To is reserved with what becomes free. Its audit is that of the release, too.
	To model.ReserveLine
}

// TakeOver lets lines of higher priority have what others hold. Each is two effects that both
// happen or neither: the holder gives back, unpinned stock first and never goods that are picked,
// and the line reserves by its own strategy. What the holder has lost is a shortage of it. Each
// line is answered in order; the answer is that of its reservation, with the flows of both.
func (s *Service) TakeOver(ctx context.Context, mode flow.Mode, lines []TakeOver) (
	[]model.Result, error) {
	sets := make([][]*flow.Movement, len(lines))
	for i, line := range lines {
		sets[i] = []*flow.Movement{s.giveUp(line), s.reserve(line.To)}
	}
	if mode.AllOrNothing {
		var all []*flow.Movement
		for _, set := range sets {
			all = append(all, set...)
		}
		sets = [][]*flow.Movement{all}
	}
	both, err := s.engine.SubmitSets(ctx, mode, sets)
	if err != nil {
		return nil, err
	}
	results := make([]model.Result, len(lines))
	for i := range results {
		results[i] = takenOver(both[2*i], both[2*i+1])
	}
	return results, nil
}

// takenOver is one answer from those of a line's two effects.
func takenOver(given, taken model.Result) model.Result {
	if !given.Code.Succeeded() && (given.Code != model.Skipped || taken.Code == model.Skipped) {
		return given
	}
	taken.Flows = append(given.Flows, taken.Flows...)
	return taken
}

// giveUp is what the holder gives back.
func (s *Service) giveUp(line TakeOver) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.To.Warehouse, model.Release),
		Audit: line.To.Audit,
		Needs: flow.Needs{Items: []model.Item{line.To.Item},
			Reservations: []model.LineKey{line.From, line.To.Key}},
		Content: func(content *flow.Content, _ *master.View) {
			content.Line('r', &line.From, line.Key).Quantity('q', line.Qty).
				Line('t', &line.To.Key, line.Key)
		},
		Decide: func(effect *flow.Effect) error { return decideGiveUp(effect, line) }}
}

func decideGiveUp(effect *flow.Effect, line TakeOver) error {
	r, err := effect.Live("from", line.From, "")
	if err != nil {
		return err
	}
	sku, err := effect.Article("to.sku", r.Item.SKU)
	if err != nil {
		return err
	}
	if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
		return err
	}
	free := effect.Open(r) - effect.Picked(r)
	switch {
	case r.Item != line.To.Item:
		return flow.Refuse(model.Invalid, "from", fmt.Sprintf("it holds %s of owner %q, not what "+
			"is wanted", r.Item.SKU, r.Item.Owner))
	case r.Priority >= line.To.Priority:
		return flow.Refuse(model.InvalidState, "from", fmt.Sprintf("its priority is %d; only a "+
			"higher one than that may take it over, not %d", r.Priority, line.To.Priority))
	case effect.ReservationOf(line.To.Key) != nil:
		return flow.Refuse(model.InvalidState, "to", "it is reserved already and would get nothing; "+
			"take over under a new key or a higher revision")
	case line.Qty > free:
		return flow.Refuse(model.InvalidState, "qty", fmt.Sprintf("it holds %s that is not picked "+
			"yet", free))
	}
	effect.Applied = line.Qty
	if err := effect.GiveBack(r, line.Qty, model.ReservationReleased); err != nil {
		return err
	}
	effect.Miss(r, line.Qty, r.Started, 0)
	return nil
}
