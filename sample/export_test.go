package sample

import "testing"

// Expected is what the plan expects of the first days: order lines, and pieces held.
func Expected(t *testing.T, days int) (lines int, held int64) {
	t.Helper()
	for _, day := range newPlan(history(t), "2026-11-22").days[:days] {
		lines += len(day.orders)
		held += day.held
	}
	return lines, held
}
