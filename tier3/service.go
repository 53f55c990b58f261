package tier3

import (
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Service offers the tier-3 verbs. Each takes the lines of one call and answers one result a
// line, in order; its error is about the whole call (see flow.Engine.Submit).
type Service struct {
	db     *store.DB
	engine *flow.Engine
}

// New makes the service on an engine.
func New(db *store.DB, engine *flow.Engine) *Service { return &Service{db, engine} }

// addRow adds a bin row to a call's content, its pack normalised.
func addRow(content *flow.Content, view *master.View, at model.BinStockKey) *flow.Content {
	return content.Text('i', at.Bin).Text('o', at.Owner).Text('s', at.SKU).Text('b', at.Batch).
		Text('p', view.NormalPack(at.SKU, at.Pack))
}
