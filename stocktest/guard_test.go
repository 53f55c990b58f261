package stocktest

import (
	"testing"

	"tierstock/model"
)

// A guard that no row can meet is wrong, not stale: asking again would never help.
func TestGuardNoRowCanMeet(t *testing.T) {
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			s := New(t, Migrated(t, backend.URL(t)))
			s.Receive("F1", "5").OK()
			expect := func(qty model.Quantity) func(*model.AdjustLine) {
				return func(line *model.AdjustLine) { line.ExpectedOnHand = &qty }
			}
			s.Adjust("F1", "1", expect(-model.One)).
				Refused(model.Invalid, "expectedOnHand", "negative")
			s.Adjust("F1", "1", expect(model.One/2)).
				Refused(model.Invalid, "expectedOnHand", "0.5")
			s.Adjust("F1", "1", expect(0)).Refused(model.Stale, "expectedOnHand", "5", "0")
			s.Adjust("F1", "1", expect(5*model.One)).OK()
		})
	}
}
