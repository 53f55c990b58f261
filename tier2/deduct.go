package tier2

import (
	"context"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Deduct lets held stock leave the warehouse, from both tiers.
func (s *Service) Deduct(ctx context.Context, mode flow.Mode, lines []model.DeductLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, deduct)
}

func deduct(line model.DeductLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Deduct),
		Audit: line.Audit,
		Needs: flow.Needs{FreeBins: true,
			Reservations: []model.LineKey{own(line.Reservation, line.Key)}},
		Content: func(content *flow.Content, _ *master.View) {
			content.Line('r', line.Reservation, line.Key).Optional('q', line.Qty).
				Flag('c', line.CloseRemainder)
		},
		Decide: func(effect *flow.Effect) error { return decideDeduct(effect, line) }}
}

func decideDeduct(effect *flow.Effect, line model.DeductLine) error {
	r, err := effect.Live("reservation", own(line.Reservation, line.Key), line.SKU)
	if err != nil {
		return err
	}
	qty, err := openPart(effect, r, line.Qty)
	if err != nil {
		return err
	}
	effect.Applied = qty
	if err := effect.Deduct(r, qty); err != nil {
		return err
	}
	if rest := effect.Open(r); line.CloseRemainder && rest > 0 {
		return effect.GiveBack(r, rest, model.ReservationReleased)
	}
	return nil
}
