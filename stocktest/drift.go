package stocktest

import (
	"tierstock/flow"
	"tierstock/model"
)

// Drift is a fault put into the books of a site behind the engine's back, and how it must be found:
// by which invariant, under which name, on which row, and by which scope of a reconciliation.
type Drift struct {
	Name      string
	Invariant int
	Kind      string
	Row       string
	Scope     flow.Scope
	// Stays says that no repair brings back what was lost: the ledger only goes on.
	Stays bool

	statement string
	args      []any
}

// DriftedDay plays what the drifts need to be there: F1 has 10, of which R1 pins 4 and holds 6,
// F2 has 4, of which 1 is frozen.
func (s *Site) DriftedDay() {
	s.t.Helper()
	s.Receive("F1", "10").OK()
	s.Receive("F2", "4").OK()
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "F1", "4").OK()
	s.Freeze("F2", "1").OK()
}

// Inject puts the drift into a site that DriftedDay was played on.
func (d Drift) Inject(s *Site) {
	s.t.Helper()
	args := append([]any{}, d.args...)
	for i := range args {
		if args[i] == nil {
			args[i] = s.Warehouse
		}
	}
	s.Write(d.statement, args...)
}

// Drifts are one of each kind.
func Drifts() []Drift {
	drifts := append(balanceDrifts(), flowDrifts()...)
	return append(drifts,
		Drift{Name: "orphan hold", Invariant: 5, Kind: "ORPHAN_HOLD", Row: "zone FAST, SKU TEA",
			Scope: flow.ScopeReservations, args: []any{nil}, statement: `INSERT INTO holds (warehouse,
				reservation_id, zone_stock_id, position, held, open_qty)
				SELECT warehouse, 7, id, 0, 2000000, 2000000 FROM zone_stocks
				WHERE warehouse = ? AND zone = 'FAST'`},
		Drift{Name: "orphan pin", Invariant: 5, Kind: "ORPHAN_PIN", Row: "bin F2, SKU TEA",
			Scope: flow.ScopeReservations, args: []any{nil}, statement: `INSERT INTO tasks (warehouse,
				id, kind, state, task_id, reservation_id, bin_stock_id, qty, pinned, created_at)
				SELECT warehouse, 7, 'PICK', 'OPEN', 'LOST', 8, id, 1000000, 1000000, 1
				FROM bin_stocks WHERE warehouse = ? AND bin = 'F2'`})
}

// balanceDrifts change an amount of a row in either tier.
func balanceDrifts() (drifts []Drift) {
	for _, amount := range []string{"on_hand", "reserved", "frozen"} {
		for _, tier := range []struct {
			table, where, row string
		}{{"zone_stocks", "zone = 'FAST'", "zone FAST, SKU TEA"},
			{"bin_stocks", "bin = 'F1'", "bin F1, SKU TEA"}} {
			drifts = append(drifts, Drift{Name: tier.table + "." + amount, Invariant: 4,
				Kind: "BALANCE", Row: tier.row, Scope: flow.ScopeLedger, args: []any{nil},
				statement: "UPDATE " + tier.table + " SET " + amount + " = " + amount +
					" + 1000000 WHERE warehouse = ? AND " + tier.where})
		}
	}
	return drifts
}

// flowDrifts break the chain of a row's flows.
func flowDrifts() []Drift {
	const copied = `stock_id, action, job_type, order_id, line_id, task_id, revision,
		reservation_id, zone, on_hand_delta, reserved_delta, frozen_delta, on_hand_after,
		reserved_after, frozen_after`
	return []Drift{
		{Name: "missing flow", Invariant: 4, Kind: "MISSING_FLOW", Row: "zone FAST, SKU TEA",
			Scope: flow.ScopeLedger, Stays: true, args: []any{nil, model.Reserve},
			statement: `DELETE FROM zone_flows WHERE warehouse = ? AND action = ?`},
		{Name: "doubled flow", Invariant: 4, Kind: "EXTRA_FLOW", Row: "bin F1, SKU TEA",
			Scope: flow.ScopeLedger, args: []any{nil, model.Pin},
			statement: `INSERT INTO bin_flows (warehouse, commit_id, pos, row_seq, leg, ` + copied +
				`) SELECT warehouse, commit_id, pos + 1, row_seq + 1, leg + 1, ` + copied +
				` FROM bin_flows WHERE warehouse = ? AND action = ?`},
		{Name: "hole in row_seq", Invariant: 4, Kind: "MISSING_FLOW", Row: "bin F1, SKU TEA",
			Scope: flow.ScopeLedger, args: []any{nil, model.Pin},
			statement: `UPDATE bin_flows SET row_seq = row_seq + 1 WHERE warehouse = ? AND action = ?`},
		{Name: "broken after", Invariant: 4, Kind: "BROKEN_CHAIN", Row: "zone FAST, SKU TEA",
			Scope: flow.ScopeLedger, args: []any{nil, model.Freeze},
			statement: `UPDATE zone_flows SET frozen_after = frozen_after + 1000000
				WHERE warehouse = ? AND action = ?`},
		{Name: "broken delta", Invariant: 4, Kind: "BROKEN_CHAIN", Row: "bin F2, SKU TEA",
			Scope: flow.ScopeLedger, args: []any{nil, model.Freeze},
			statement: `UPDATE bin_flows SET frozen_delta = frozen_delta + 1000000
				WHERE warehouse = ? AND action = ?`},
	}
}
