package tier2

import (
	"context"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// expireLinesMax bounds one sweep of a warehouse, so that a large backlog does not hold up the
// lanes; what is left is swept next time.
const expireLinesMax = 1000

// Expire writes the end of reservations whose time is over, in every warehouse, and says how
// many it wrote. Racing with a release or deduct, exactly one of them wins.
func (s *Service) Expire(ctx context.Context) (int, error) {
	var warehouses []string
	if err := s.db.Gorm(ctx).Table("warehouses").Pluck("code", &warehouses).Error; err != nil {
		return 0, err
	}
	written := 0
	for _, warehouse := range warehouses {
		lines, err := s.due(ctx, warehouse)
		if err != nil {
			return written, err
		}
		results, err := flow.SubmitLines(ctx, s.engine, flow.Mode{Actor: "expiry"}, lines,
			func(line model.LineKey) *flow.Movement { return expire(warehouse, line) })
		if err != nil {
			return written, err
		}
		for _, result := range results {
			if result.Code == model.Applied {
				written++
			}
		}
	}
	return written, nil
}

func (s *Service) due(ctx context.Context, warehouse string) ([]model.LineKey, error) {
	var lines []model.LineKey
	err := s.db.Gorm(ctx).Table("reservations").
		Select("job_type AS job_type, order_id AS order_id, line_id AS line_id, revision").
		Where("warehouse = ? AND due_at > 0 AND due_at <= "+store.NowSQL(s.db.Dialect()), warehouse).
		Order("due_at").Limit(expireLinesMax).Scan(&lines).Error
	return lines, err
}

func expire(warehouse string, line model.LineKey) *flow.Movement {
	return &flow.Movement{Key: line.For(warehouse, model.Expire),
		Needs:   flow.Needs{Reservations: []model.LineKey{line}},
		Content: func(*flow.Content, *master.View) {},
		Decide: func(effect *flow.Effect) error {
			r := effect.ReservationOf(line)
			if r == nil || !r.Expired(effect.View.Now) {
				return flow.Refuse(model.InvalidState, "key", "its time is not over, or it has ended")
			}
			effect.Act(r)
			effect.Applied = effect.Open(r)
			return effect.GiveBack(r, effect.Applied, model.ReservationExpired)
		}}
}
