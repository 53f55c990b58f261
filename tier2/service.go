package tier2

import (
	"context"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// Service offers the tier-2 verbs. Each takes the lines of one call and answers one result a
// line, in order; its error is about the whole call (see flow.Engine.Submit).
type Service struct {
	db     *store.DB
	engine *flow.Engine
}

// New makes the service on an engine.
func New(db *store.DB, engine *flow.Engine) *Service { return &Service{db, engine} }

func submit[L any](ctx context.Context, s *Service, mode flow.Mode, lines []L,
	movement func(L) *flow.Movement) ([]model.Result, error) {
	movements := make([]*flow.Movement, len(lines))
	for i, line := range lines {
		movements[i] = movement(line)
	}
	return s.engine.Submit(ctx, mode, movements)
}

// own is the reservation a line names, by default that of its own key.
func own(named *model.LineKey, key model.LineKey) model.LineKey {
	if named != nil {
		return *named
	}
	return key
}
