package flow

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// breachesListedMax is how many breaches of one invariant a report lists; all are counted. A page
// of them shows what is wrong, and a broken ledger of a million rows must not fill the memory.
const breachesListedMax = 50

// invariantNames are the contract's ten, in its order and short.
var invariantNames = [...]string{
	"amounts are sound: none negative, reserved + frozen <= on hand, none free in a blocked bin",
	"tier-2 on hand is the sum of tier 3",
	"tier-2 frozen is the sum of tier 3, reserved is no less, and pins fit their holds",
	"each row's flows are a chain that ends with its amounts",
	"reserved is what reservations hold open, and in a bin what is pinned",
	"reservations: held = deducted + released + open, and no more than requested",
	"one effect per key and leg",
	"moves keep the quantity, repacking the base quantity",
	"nothing left behind by a call that failed",
	"every flow is in the feed once and in order",
}

// VerifyOptions of a verification; the zero value checks everything.
type VerifyOptions struct {
	// Warehouses to check; none means all.
	Warehouses []string
}

// Report is what a verification found, all of it in one snapshot.
type Report struct {
	CheckedAt  model.Instant `json:"checkedAt"`
	Warehouses int           `json:"warehouses"`
	StockRows  int64         `json:"stockRows"`
	Flows      int64         `json:"flows"`
	Invariants []Verdict     `json:"invariants"`
}

// Verdict is what was found about one invariant: how many breaches, and the first of them.
type Verdict struct {
	Number   int      `json:"number"`
	Name     string   `json:"name"`
	Breaches int      `json:"breaches"`
	Listed   []Breach `json:"listed"`
}

// Breach is one place where an invariant does not hold: which row, what it should say, what it
// says.
type Breach struct {
	Invariant int    `json:"invariant"`
	Kind      string `json:"kind"`
	Warehouse string `json:"warehouse"`
	Row       string `json:"row"`
	Expected  string `json:"expected"`
	Found     string `json:"found"`
}

// Breaches is how many were found in all.
func (r Report) Breaches() (count int) {
	for _, verdict := range r.Invariants {
		count += verdict.Breaches
	}
	return count
}

// OK says whether every invariant holds.
func (r Report) OK() bool { return r.Breaches() == 0 }

// String is the breach in one line.
func (b Breach) String() string {
	return fmt.Sprintf("invariant %d, %s: %s: %s: expected %s, found %s", b.Invariant, b.Warehouse,
		b.Kind, b.Row, b.Expected, b.Found)
}

// Verify checks the ten invariants of every warehouse in one snapshot. An error means that it
// could not look; a breach is no error.
func Verify(ctx context.Context, db *store.DB, options VerifyOptions) (Report, error) {
	var report Report
	err := db.Snapshot(ctx, func(tx *store.Tx) error {
		report = newReport()
		warehouses, err := warehousesToCheck(ctx, tx, options)
		if err != nil {
			return err
		}
		if report.CheckedAt, err = tx.Now(ctx); err != nil {
			return err
		}
		for _, warehouse := range warehouses {
			checker := newChecker(tx, warehouse, func(f finding) { addTo(&report, f) })
			for _, check := range checks() {
				if err := check.run(checker, ctx); err != nil {
					return fmt.Errorf("verify %s: %w", warehouse, err)
				}
			}
			report.Warehouses++
			report.StockRows += checker.stockRows
			report.Flows += checker.flows
		}
		return nil
	})
	return report, err
}

func newReport() Report {
	var report Report
	for i, name := range invariantNames {
		report.Invariants = append(report.Invariants,
			Verdict{Number: i + 1, Name: name, Listed: []Breach{}})
	}
	return report
}

func addTo(report *Report, f finding) {
	verdict := &report.Invariants[f.invariant-1]
	verdict.Breaches++
	if len(verdict.Listed) < breachesListedMax {
		verdict.Listed = append(verdict.Listed, Breach{Invariant: f.invariant, Kind: f.kind,
			Warehouse: f.warehouse, Row: f.subject(), Expected: f.expected, Found: f.found})
	}
}

func warehousesToCheck(ctx context.Context, tx *store.Tx, options VerifyOptions) (
	warehouses []string, err error) {
	err = store.EachRow(ctx, tx, `SELECT code FROM warehouses ORDER BY code`, nil,
		func(rows *sql.Rows) error {
			var code string
			err := rows.Scan(&code)
			if len(options.Warehouses) == 0 || slices.Contains(options.Warehouses, code) {
				warehouses = append(warehouses, code)
			}
			return err
		})
	return warehouses, err
}

// check looks for breaches. Reconciliation runs those of its scope.
type check struct {
	scope Scope
	run   func(*checker, context.Context) error
}

// checks are all there are; together they are the ten invariants.
func checks() []check {
	return []check{
		{"", (*checker).amounts},                    // 1
		{"", (*checker).binZones},                   // 1, 2
		{ScopeTiers, (*checker).tierSums},           // 2, 3
		{ScopeReservations, (*checker).pinsInHolds}, // 3
		{ScopeLedger, (*checker).chains},            // 4
		{ScopeLedger, (*checker).lastFlows},         // 4
		{ScopeLedger, (*checker).checkpoints},       // 4
		{ScopeReservations, (*checker).openHolds},   // 5
		{ScopeReservations, (*checker).orphanHolds}, // 5
		{ScopeReservations, (*checker).pins},        // 5
		{ScopeReservations, (*checker).orphanPins},  // 5
		{"", (*checker).heldAmounts},                // 6
		{"", (*checker).heldTotals},                 // 6
		{"", (*checker).heldBaseUnits},              // 6
		{ScopeLedger, (*checker).doubledKeys},       // 7
		{"", (*checker).archivedKeys},               // 7
		{ScopeLedger, (*checker).effects},           // 7, 8, 9
		{"", (*checker).tracesOfReservations},       // 9
		{"", (*checker).feedNumbers},                // 10
		{"", (*checker).feedOrder},                  // 10
		{"", (*checker).feedPlaces},                 // 10
	}
}

// checker looks at one warehouse, in the one snapshot of its transaction.
type checker struct {
	tx        *store.Tx
	warehouse string
	report    func(finding)
	// restated are commits whose faults someone has looked at and accepted; nil until read.
	restated         map[int64]bool
	stockRows, flows int64
}

func newChecker(tx *store.Tx, warehouse string, report func(finding)) *checker {
	return &checker{tx: tx, warehouse: warehouse, report: report}
}

// each runs a statement whose every argument is the warehouse.
func (c *checker) each(ctx context.Context, statement string, scan func(*sql.Rows) error) error {
	args := make([]any, strings.Count(statement, "?"))
	for i := range args {
		args[i] = c.warehouse
	}
	return store.EachRow(ctx, c.tx, statement, args, scan)
}

// found reports a breach of an invariant in this warehouse.
func (c *checker) found(invariant int, kind string, f finding) {
	f.warehouse, f.invariant, f.kind = c.warehouse, invariant, kind
	c.report(f)
}

// sums selects the sum of an amount in two parts, whole units and millionths, because SQLite's SUM
// of integers fails past 9.2e18, which ten full rows reach. The parts are name_units, name_rest.
func (c *checker) sums(amount, name string) string {
	divide := " / "
	if c.tx.Dialect() == store.MySQL {
		divide = " DIV "
	}
	million := strconv.FormatInt(int64(model.One), 10)
	return `COALESCE(SUM(` + amount + divide + million + `), 0) AS ` + name + `_units,
		COALESCE(SUM(` + amount + ` % ` + million + `), 0) AS ` + name + `_rest`
}

// whole is a sum that sums selected, in millionths again, to compare with.
func whole(name string) string {
	return `(` + name + `_units * 1000000 + ` + name + `_rest)`
}

// loadRestated reads which commits someone has accepted as they are.
func (c *checker) loadRestated(ctx context.Context) error {
	if c.restated != nil {
		return nil
	}
	c.restated = map[int64]bool{}
	return store.EachRow(ctx, c.tx, `SELECT name FROM marks WHERE warehouse = ? AND name LIKE ?`,
		[]any{c.warehouse, restatedMark + "%"}, func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			id, _ := strconv.ParseInt(strings.TrimPrefix(name, restatedMark), 10, 64)
			c.restated[id] = true
			return err
		})
}
