package replenish

import (
	"context"
	"database/sql"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// cancelTasks cancels the open tasks of a run: the next one has decided anew, and goods must not be
// brought for both. A task that is being worked on is locked, and is found done or open after that.
func cancelTasks(ctx context.Context, tx *store.Tx, warehouse string, run int64) error {
	if run == 0 {
		return nil
	}
	open, err := collect(ctx, tx, func(rows *sql.Rows, id *int64) error { return rows.Scan(id) },
		`SELECT t.id FROM replenishment_suggestions AS g
		JOIN tasks AS t ON t.warehouse = g.warehouse AND t.id = g.task
		WHERE g.warehouse = ? AND g.run_id = ? AND t.state = 'OPEN' ORDER BY t.id`, warehouse, run)
	if err != nil {
		return err
	}
	index := " FORCE INDEX (PRIMARY)" // else every task of the warehouse may be locked
	if tx.Dialect() == store.SQLite {
		index = ""
	}
	for len(open) > 0 {
		some := open[:min(len(open), insertChunk)]
		open = open[len(some):]
		args := []any{model.TaskCancelled, warehouse, model.TaskOpen}
		for _, id := range some {
			args = append(args, id)
		}
		_, err := tx.Exec(ctx, `UPDATE tasks`+index+` SET state = ?, tick = tick + 1
			WHERE warehouse = ? AND state = ? AND id IN (`+store.InList(len(some))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// addTasks makes a task of each MOVE. It ties no stock: whoever is quicker takes it, and the move
// then says so.
func addTasks(ctx context.Context, tx *store.Tx, run *Run, lines []Suggestion) error {
	var moves []Suggestion
	for _, line := range lines {
		if line.Kind == KindMove {
			moves = append(moves, line)
		}
	}
	return insert(ctx, tx, "tasks", `warehouse, kind, state, job_type, task_id, to_bin, id,
		bin_stock_id, qty, pick_sequence, created_at`, "", len(moves),
		func(i int, row *store.Text) {
			line := &moves[i]
			texts(row, run.Warehouse, string(model.TaskReplenish), string(model.TaskOpen),
				string(model.TaskReplenish), line.TaskID, line.ToBin)
			numbers(row, line.Task, line.source, int64(line.Qty), line.pickSequence,
				int64(run.CreatedAt))
		})
}

func addSuggestions(ctx context.Context, tx *store.Tx, run *Run, lines []Suggestion) error {
	return insert(ctx, tx, "replenishment_suggestions", `warehouse, kind, reason, owner, sku, batch,
		pack, zone, bin, to_zone, to_bin, task_id, run_id, line, qty, present, wanted, task`, "",
		len(lines), func(i int, row *store.Text) {
			line := &lines[i]
			texts(row, run.Warehouse, string(line.Kind), string(line.Reason),
				line.Item.Owner, line.Item.SKU, line.Batch, line.Pack, line.Zone, line.Bin,
				line.ToZone, line.ToBin, line.TaskID)
			numbers(row, run.ID, int64(line.Line), int64(line.Qty), int64(line.Present),
				int64(line.Wanted), line.Task)
		})
}

// replaceForecasts keeps the last run's only: a forecast is good until the next.
func replaceForecasts(ctx context.Context, tx *store.Tx, warehouse string,
	expected []*Expected) error {
	_, err := tx.Exec(ctx, `DELETE FROM demand_forecasts WHERE warehouse = ?`, warehouse)
	if err != nil {
		return err
	}
	return insert(ctx, tx, "demand_forecasts", `warehouse, sku, owner, as_of, method, daily,
		deviation, error, naive, safety_stock, reorder_point`, "", len(expected),
		func(i int, row *store.Text) {
			e := expected[i]
			texts(row, warehouse, e.Item.SKU, e.Item.Owner, string(e.AsOf), e.Method)
			numbers(row, int64(quantity(e.Daily)), int64(quantity(e.Deviation)),
				int64(quantity(e.Error)), int64(quantity(e.Naive)), int64(e.SafetyStock),
				int64(e.ReorderPoint))
		})
}

// dropOld drops the suggestions of runs that nobody asks for any more, but not of the one whose
// tasks are open.
func dropOld(ctx context.Context, tx *store.Tx, run *Run, open int64) error {
	old, err := collect(ctx, tx, func(rows *sql.Rows, id *int64) error { return rows.Scan(id) },
		`SELECT id FROM replenishment_runs WHERE warehouse = ? AND moves + buys > 0
		AND id <> ? ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?`, run.Warehouse, open,
		runsKept)
	if err != nil || len(old) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM replenishment_suggestions WHERE warehouse = ?
		AND run_id = ?`, run.Warehouse, old[0])
	return err
}

// SuggestionPlace is a suggestion's place in lists: a list goes on in the run that it began with.
type SuggestionPlace struct {
	Run  int64
	Line int
}

// Suggestions lists what the latest run of a warehouse proposes, after a place, and which run that
// is, nil where there is none.
func (s *Service) Suggestions(ctx context.Context, warehouse string, after SuggestionPlace,
	first int) (master.Page[Suggestion], *Run, error) {
	condition, args := `ORDER BY created_at DESC, id DESC LIMIT 1`, []any{warehouse}
	if after.Run != 0 {
		condition, args = `AND id = ?`, append(args, after.Run)
	}
	runs, err := collect(ctx, s.db.Reader(), scanRun, `SELECT `+runColumns+`
		FROM replenishment_runs WHERE warehouse = ? `+condition, args...)
	if err != nil || len(runs) == 0 {
		return master.Page[Suggestion]{}, nil, err
	}
	lines, err := collect(ctx, s.db.Reader(), func(rows *sql.Rows, g *Suggestion) error {
		return scanItem(rows, &g.Item, &g.Line, &g.Kind, &g.Reason, &g.Batch, &g.Pack, &g.Qty,
			&g.Zone, &g.Bin, &g.ToZone, &g.ToBin, &g.Present, &g.Wanted, &g.Task, &g.TaskID)
	}, `SELECT owner, sku, line, kind, reason, batch, pack, qty, zone, bin, to_zone, to_bin,
			present, wanted, task, task_id FROM replenishment_suggestions
		WHERE warehouse = ? AND run_id = ? AND line > ? ORDER BY line LIMIT ?`,
		warehouse, runs[0].ID, after.Line, first+1)
	return master.PageOf(lines, first), &runs[0], err
}

// Forecast is an item's forecast as it is kept, all amounts in base units.
type Forecast struct {
	Item                                        model.Item
	AsOf                                        model.Date
	Method                                      string
	Daily, Deviation, SafetyStock, ReorderPoint model.Quantity
	// Error and Naive are the mean absolute scaled errors of the method and of expecting the last
	// period again, in the back-test.
	Error, Naive model.Quantity
}

// Forecasts lists what is expected of a warehouse's items after one, by SKU and owner; "" is any
// SKU.
func (s *Service) Forecasts(ctx context.Context, warehouse, sku string, after model.Item,
	first int) (master.Page[Forecast], error) {
	condition, args := "", []any{warehouse, after.SKU, after.SKU, after.Owner}
	if sku != "" {
		condition, args = ` AND sku = ?`, append(args, sku)
	}
	rows, err := collect(ctx, s.db.Reader(), func(rows *sql.Rows, f *Forecast) error {
		return scanItem(rows, &f.Item, &f.AsOf, &f.Method, &f.Daily, &f.Deviation, &f.SafetyStock,
			&f.ReorderPoint, &f.Error, &f.Naive)
	}, `SELECT owner, sku, as_of, method, daily, deviation, safety_stock, reorder_point, error,
			naive FROM demand_forecasts
		WHERE warehouse = ? AND (sku > ? OR sku = ? AND owner > ?)`+condition+`
		ORDER BY sku, owner LIMIT ?`, append(args, first+1)...)
	return master.PageOf(rows, first), err
}
