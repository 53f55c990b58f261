package stocktest

import (
	"testing"

	"tierstock/store"
)

// Conformance is what every database must give: the contract, sentence by sentence. open makes a
// fresh, migrated database.
func Conformance(t *testing.T, open func(t testing.TB) *store.DB) {
	t.Helper()
	sections := []struct {
		name string
		run  func(t *testing.T, db *store.DB)
	}{
		{"Verbs", conformVerbs}, {"Keys", conformKeys}, {"Lists", conformLists},
		{"Refusals", conformRefusals},
		{"Holds", conformHolds},
		{"Floor", conformFloor},
		{"Choice", conformChoice},
		{"Time", conformTime},
		{"Packs", conformPacks},
		{"Inverses", conformInverses},
		{"Edges", conformEdges},
		{"Waves", conformWaves},
		{"Strategies", conformStrategies},
		{"Shortages", conformShortages},
	}
	for _, section := range sections {
		t.Run(section.name, func(t *testing.T) {
			t.Parallel() // on a database of its own
			section.run(t, open(t))
		})
	}
}

// scenario is a short story on a site of its own.
type scenario struct {
	name string
	run  func(s *Site)
}

func play(t *testing.T, db *store.DB, scenarios []scenario) {
	t.Helper()
	for _, each := range scenarios {
		t.Run(each.name, func(t *testing.T) { each.run(New(t, db)) })
	}
}
