package flow

import (
	"context"
	"database/sql"
	"math"

	"github.com/shopspring/decimal"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// DifferenceState is what has become of a difference.
type DifferenceState string

// The states of a difference. TIMING ones are explained by what is under way.
const (
	DifferenceTiming   DifferenceState = "TIMING"
	DifferenceOpen     DifferenceState = "OPEN"
	DifferenceCleared  DifferenceState = "CLEARED"
	DifferenceResolved DifferenceState = "RESOLVED"
	DifferenceIgnored  DifferenceState = "IGNORED"
)

// Difference is one amount that is not what it should be: Ours is what the place says, Theirs what
// it should say, Diff is Ours less Theirs. Where it is about a commit rather than a stock row,
// StockID is the commit's.
type Difference struct {
	ID, RunID            int64
	Warehouse            string
	Kind                 string
	State                DifferenceState
	Tier                 model.Tier
	Zone, Bin            string
	Owner, SKU           string
	Batch, Pack          string
	StockID, Reservation int64
	Quantity             string
	Ours, Theirs, Diff   model.Quantity
	SeenRuns             int64
	Note                 string
}

// differenceName is what makes a difference of one run that of another, too.
type differenceName struct {
	kind                 string
	tier                 model.Tier
	stockID, reservation int64
	quantity             string
	diff                 model.Quantity
	// Where it is about no row of ours, what it is about.
	zone, owner, sku, batch, pack string
}

func (d Difference) identity() differenceName {
	name := differenceName{kind: d.Kind, tier: d.Tier, stockID: d.StockID,
		reservation: d.Reservation, quantity: d.Quantity, diff: d.Diff}
	if d.StockID == 0 && d.Reservation == 0 {
		name.zone, name.owner, name.sku, name.batch, name.pack = d.Zone, d.Owner, d.SKU, d.Batch, d.Pack
	}
	return name
}

func differenceOf(id, run int64, f finding) Difference {
	stockID := f.row.id
	if f.commit != 0 {
		stockID = f.commit
	}
	return Difference{ID: id, RunID: run, Warehouse: f.warehouse, Kind: f.kind,
		State: DifferenceOpen, Tier: f.row.tier, Zone: f.row.zone, Bin: f.row.bin,
		Owner: f.row.owner, SKU: f.row.sku, Batch: f.row.batch, Pack: f.row.pack, StockID: stockID,
		Reservation: f.reservation, Quantity: f.quantity, Ours: quantityOf(f.ours),
		Theirs: quantityOf(f.theirs), Diff: quantityOf(f.ours.Sub(f.theirs)), SeenRuns: 1,
		Note: shortText(f.subject() + ": expected " + f.expected + ", found " + f.found)}
}

// quantityOf is an amount as a column takes it. A sum that no row could hold is a difference all
// the same, and shows as the largest there is.
func quantityOf(d decimal.Decimal) model.Quantity {
	millionths := d.Shift(model.QuantityScale)
	switch {
	case millionths.GreaterThan(decimal.NewFromInt(math.MaxInt64)):
		return math.MaxInt64
	case millionths.LessThan(decimal.NewFromInt(math.MinInt64)):
		return math.MinInt64
	}
	return model.Quantity(millionths.IntPart())
}

const differenceColumns = `id, run_id, warehouse, kind, state, tier, zone, bin, owner, sku, batch,
	pack, stock_id, reservation_id, quantity, ours, theirs, diff, seen_runs, note`

func scanDifference(rows *sql.Rows) (d Difference, err error) {
	err = rows.Scan(&d.ID, &d.RunID, &d.Warehouse, &d.Kind, &d.State, &d.Tier, &d.Zone, &d.Bin,
		&d.Owner, &d.SKU, &d.Batch, &d.Pack, &d.StockID, &d.Reservation, &d.Quantity, &d.Ours,
		&d.Theirs, &d.Diff, &d.SeenRuns, &d.Note)
	return d, err
}

var differencesTable = newTable("differences", `warehouse id run_id kind state quantity`,
	`tier zone bin owner sku batch pack stock_id reservation_id ours theirs diff seen_runs note`)

func insertDifferences(ctx context.Context, tx *store.Tx, warehouse string,
	differences []Difference) error {
	return insertRows(ctx, tx, differencesTable, len(differences), func(i int, row *rowText) {
		d := &differences[i]
		row.string(warehouse).int(d.ID).int(d.RunID).string(d.Kind).string(string(d.State)).
			string(d.Quantity).string(string(d.Tier)).string(d.Zone).string(d.Bin).string(d.Owner).
			string(d.SKU).string(d.Batch).string(d.Pack).int(d.StockID).int(d.Reservation).
			int(int64(d.Ours)).int(int64(d.Theirs)).int(int64(d.Diff)).int(d.SeenRuns).
			string(d.Note)
	})
}

// compareWithLast counts the runs in a row that saw each difference, and keeps ignoring what
// somebody has ignored and has not changed since. cleared are the last run's that are gone.
func compareWithLast(ctx context.Context, tx *store.Tx, run *Run, differences []Difference) (
	cleared []int64, ignored int64, err error) {
	last := map[differenceName]Difference{}
	err = store.EachRow(ctx, tx, `SELECT `+differenceColumns+` FROM differences WHERE warehouse = ?
		AND run_id = (SELECT MAX(r.id) FROM reconciliation_runs AS r
			WHERE r.warehouse = ? AND r.scope = ? AND r.state = ? AND r.id < ?)`,
		[]any{run.Warehouse, run.Warehouse, run.Scope, RunDone, run.ID},
		func(rows *sql.Rows) error {
			difference, err := scanDifference(rows)
			last[difference.identity()] = difference
			return err
		})
	if err != nil {
		return nil, 0, err
	}
	for i := range differences {
		difference := &differences[i]
		if difference.State != DifferenceOpen && difference.State != DifferenceIgnored {
			continue // explained, or gone by itself
		}
		difference.State, difference.SeenRuns = DifferenceOpen, 1
		before, seen := last[difference.identity()]
		if seen && (before.State == DifferenceOpen || before.State == DifferenceIgnored) {
			difference.SeenRuns = before.SeenRuns + 1
		}
		if seen && before.State == DifferenceIgnored {
			difference.State = DifferenceIgnored
			ignored++
		}
	}
	for _, difference := range differences {
		if difference.State == DifferenceOpen || difference.State == DifferenceIgnored {
			delete(last, difference.identity())
		}
	}
	for _, gone := range last {
		if gone.State == DifferenceOpen {
			cleared = append(cleared, gone.ID)
		}
	}
	return cleared, ignored, nil
}

func clearDifferences(ctx context.Context, tx *store.Tx, warehouse string, ids []int64) error {
	for _, some := range chunks(ids, chunkKeys) {
		args := []any{DifferenceCleared, warehouse}
		for _, id := range some {
			args = append(args, id)
		}
		_, err := tx.Exec(ctx, `UPDATE differences SET state = ? WHERE warehouse = ? AND id IN (`+
			store.InList(len(some))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Runs lists a warehouse's runs, the newest first, from before an id; 0 is from the newest. scope
// "" is every scope.
func Runs(ctx context.Context, db *store.DB, warehouse string, scope Scope, before int64,
	first int) (master.Page[Run], error) {
	var asked conditions
	if scope != "" {
		asked.and(`scope = ?`, scope)
	}
	if before != 0 {
		asked.and(`id < ?`, before)
	}
	var runs []Run
	err := store.EachRow(ctx, db.Reader(), `SELECT `+runColumns+` FROM reconciliation_runs
		WHERE warehouse = ?`+asked.text.String()+` ORDER BY id DESC LIMIT ?`,
		append(append([]any{warehouse}, asked.args...), first+1), func(rows *sql.Rows) error {
			run, err := scanRun(rows)
			runs = append(runs, run)
			return err
		})
	return master.PageOf(runs, first), err
}

// Differences lists what a run found, after an id.
func Differences(ctx context.Context, db *store.DB, warehouse string, run, after int64,
	first int) (master.Page[Difference], error) {
	var found []Difference
	err := store.EachRow(ctx, db.Reader(), `SELECT `+differenceColumns+` FROM differences
		WHERE warehouse = ? AND run_id = ? AND id > ? ORDER BY id LIMIT ?`,
		[]any{warehouse, run, after, first + 1}, func(rows *sql.Rows) error {
			difference, err := scanDifference(rows)
			found = append(found, difference)
			return err
		})
	return master.PageOf(found, first), err
}

// FindDifference looks for a difference by its id alone, nil for none. Its warehouse is not part
// of the id, and each statement names one, so it asks in each of the few there are.
func FindDifference(ctx context.Context, db *store.DB, id int64) (found *Difference, err error) {
	var warehouses []string
	err = store.EachRow(ctx, db.Reader(), `SELECT code FROM warehouses ORDER BY code`, nil,
		func(rows *sql.Rows) error {
			var code string
			err := rows.Scan(&code)
			warehouses = append(warehouses, code)
			return err
		})
	for _, warehouse := range warehouses {
		if err != nil || found != nil {
			break
		}
		err = store.EachRow(ctx, db.Reader(), `SELECT `+differenceColumns+` FROM differences
			WHERE warehouse = ? AND id = ?`, []any{warehouse, id}, func(rows *sql.Rows) error {
			difference, err := scanDifference(rows)
			found = &difference
			return err
		})
	}
	return found, err
}
