package tier2

import (
	"context"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Extend gives reservations a new time to live, counted from now by the database's clock.
func (s *Service) Extend(ctx context.Context, mode flow.Mode, lines []model.ExtendLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, extend)
}

func extend(line model.ExtendLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Extend), Audit: line.Audit,
		Needs: flow.Needs{Reservations: []model.LineKey{line.Reservation}},
		Content: func(content *flow.Content, _ *master.View) {
			content.Line('r', &line.Reservation, line.Key).Number('t', line.TTLSeconds)
		},
		Decide: func(effect *flow.Effect) error { return decideExtend(effect, line) }}
}

func decideExtend(effect *flow.Effect, line model.ExtendLine) error {
	if err := flow.CheckTTL("ttlSeconds", line.TTLSeconds); err != nil {
		return err
	}
	r, err := effect.Live("reservation", line.Reservation, "")
	if err != nil {
		return err
	}
	if r.Started {
		return flow.Refuse(model.InvalidState, "reservation",
			"floor work has begun, so it no longer expires")
	}
	effect.SetTTL(r, line.TTLSeconds)
	return nil
}
