package tier2

import (
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

// own is the reservation a line names, by default that of its own key.
func own(named *model.LineKey, key model.LineKey) model.LineKey {
	if named != nil {
		return *named
	}
	return key
}
