package tier2

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Release gives held stock back. One that comes before its reserve is remembered.
func (s *Service) Release(ctx context.Context, mode flow.Mode, lines []model.ReleaseLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, Releasing)
}

// Releasing is the movement of a line of Release, for who submits it with others.
func Releasing(line model.ReleaseLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Release),
		Audit: line.Audit,
		Needs: flow.Needs{Reservations: []model.LineKey{own(line.Reservation, line.Key)}},
		Content: func(content *flow.Content, _ *master.View) {
			content.Line('r', line.Reservation, line.Key).Optional('q', line.Qty)
		},
		Decide: func(effect *flow.Effect) error { return decideRelease(effect, line) }}
}

func decideRelease(effect *flow.Effect, line model.ReleaseLine) error {
	named := own(line.Reservation, line.Key)
	r := effect.ReservationOf(named)
	if line.Qty == nil && r == nil {
		effect.Cancel(named)
		return nil
	}
	if line.Qty == nil && r.Ended(effect.View.Now) {
		effect.Act(r)
		return flow.CheckHint(line.SKU, r.Item.SKU)
	}
	r, err := effect.Live("reservation", named, line.SKU)
	if err != nil {
		return err
	}
	qty, err := openPart(effect, r, line.Qty)
	if err != nil {
		return err
	}
	effect.Applied = qty
	return effect.GiveBack(r, qty, model.ReservationReleased)
}

// openPart is how much of a reservation a line is about: all that is open, or no more than that.
func openPart(effect *flow.Effect, r *flow.Reservation, qty *model.Quantity) (
	model.Quantity, error) {
	open := effect.Open(r)
	if qty == nil {
		return open, nil
	}
	sku, err := effect.Article("sku", r.Item.SKU)
	if err != nil {
		return 0, err
	}
	if err := flow.CheckQty("qty", sku, *qty); err != nil {
		return 0, err
	}
	if *qty > open {
		return 0, flow.Refuse(model.InvalidState, "qty",
			fmt.Sprintf("%s is more than the %s that is open", *qty, open))
	}
	return *qty, nil
}
