package replenish

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Limits of a run.
const (
	// suggestionsMax is how many suggestions a run keeps. It is more than a floor works off in a day.
	suggestionsMax = 20_000
	// runsKept is how many runs keep their suggestions; of older ones only the run is kept, so that
	// its date is not computed again.
	runsKept = 60
)

// tasksMark names the run whose tasks are open.
const tasksMark = "replenishment tasks"

// Asked is a run that is asked for. A business date has its own, number 0; others of that date have
// numbers of the asker's. Date "" is today.
type Asked struct {
	Warehouse string
	Date      model.Date
	Number    int64
	// CreateTasks makes a task of each MOVE, and cancels those tasks of earlier runs that are open.
	CreateTasks bool
	// Settings nil are the usual ones.
	Settings *Settings
}

// Run is one computation. LeftOut are suggestions beyond those that are kept.
type Run struct {
	ID                   int64
	Warehouse            string
	Date                 model.Date
	Number               int64
	CreateTasks          bool
	Moves, Buys, LeftOut int64
	CreatedAt            model.Instant
}

// computed is what a run has found.
type computed struct {
	suggestions []Suggestion
	leftOut     int64
	expected    []*Expected
}

// Run computes what to bring and to buy, once for each warehouse, business date and number: one
// that is there is returned as it is, and isNew is false. Refusals are *model.Refusal.
func (s *Service) Run(ctx context.Context, asked Asked) (run Run, isNew bool, err error) {
	view, err := s.catalog.View(ctx, s.db.Reader(), asked.Warehouse)
	if err != nil {
		return run, false, err
	}
	if err := asked.check(view); err != nil {
		return run, false, err
	}
	run, known, err := runNamed(ctx, s.db.Reader(), asked)
	if known || err != nil {
		return run, false, err
	}
	if err := refuseEarlier(ctx, s.db.Reader(), asked); err != nil {
		return run, false, err
	}
	if err := s.CollectDemand(ctx, asked.Warehouse); err != nil {
		return run, false, err
	}
	found, err := s.compute(ctx, asked)
	if err != nil {
		return run, false, err
	}
	err = s.db.Transact(ctx, func(tx *store.Tx) (err error) {
		run, isNew, err = keep(ctx, tx, asked, found)
		return err
	})
	return run, isNew, err
}

// refuseEarlier: a run for a date before the latest one's would take the open tasks of that away,
// and look at stock as it is now. It is asked before anything is computed, to spare that, and again
// when the run is written.
func refuseEarlier(ctx context.Context, q store.Queryer, asked Asked) error {
	var latest model.Date
	err := store.EachRow(ctx, q, `SELECT COALESCE(MAX(business_date), '')
		FROM replenishment_runs WHERE warehouse = ?`, []any{asked.Warehouse},
		func(rows *sql.Rows) error { return rows.Scan(&latest) })
	if err == nil && asked.Date < latest {
		err = flow.Refuse(model.InvalidState, "businessDate", "there is a run of "+string(latest)+
			" already; ask for that date with a number of its own, or for a later one")
	}
	return err
}

// Nightly is the run of a warehouse's business date, with tasks, by the usual settings.
func (s *Service) Nightly(ctx context.Context, warehouse string, date model.Date) error {
	_, _, err := s.Run(ctx, Asked{Warehouse: warehouse, Date: date, CreateTasks: true})
	return err
}

// check completes what is asked, or refuses it.
func (a *Asked) check(view *master.View) error {
	if view == nil {
		return flow.Refuse(model.NotFound, "warehouse", "there is no warehouse "+a.Warehouse)
	}
	today := view.Today()
	if a.Date == "" {
		a.Date = today
	}
	if a.Settings == nil {
		usual := Usual()
		a.Settings = &usual
	}
	switch settings := a.Settings; {
	case a.Date > today:
		return flow.Refuse(model.Invalid, "businessDate", string(a.Date)+" has not come yet; the "+
			"warehouse's date is "+string(today))
	case a.Number < 0:
		return flow.Refuse(model.Invalid, "number",
			fmt.Sprintf("%d is negative; give 0 or more", a.Number))
	case settings.Service < 0.5 || settings.Service > 0.9999:
		return flow.Refuse(model.Invalid, "serviceLevel", "is not from 0.5 to 0.9999")
	case settings.LeadDays < 1 || settings.LeadDays > daysMax:
		return flow.Refuse(model.Invalid, "leadDays", fmt.Sprintf("is not from 1 to %d", daysMax))
	case settings.CoverDays < 1 || settings.CoverDays > daysMax:
		return flow.Refuse(model.Invalid, "coverDays", fmt.Sprintf("is not from 1 to %d", daysMax))
	}
	return nil
}

// daysMax bounds the days that a forecast is stretched over.
const daysMax = 366

// compute finds what to bring and to buy, all from one snapshot.
func (s *Service) compute(ctx context.Context, asked Asked) (found computed, err error) {
	err = s.db.Snapshot(ctx, func(tx *store.Tx) error {
		found = computed{}
		view, err := s.catalog.View(ctx, tx, asked.Warehouse)
		if err != nil || view == nil {
			return err
		}
		expected, err := s.expect(ctx, tx, view, asked.Date, *asked.Settings)
		if err != nil {
			return err
		}
		for _, each := range expected {
			found.expected = append(found.expected, each)
		}
		slices.SortFunc(found.expected, func(one, other *Expected) int {
			return compareItems(one.Item, other.Item)
		})
		tasksOf := int64(0)
		if !asked.CreateTasks {
			if tasksOf, _, err = openRun(ctx, tx, asked.Warehouse, ""); err != nil {
				return err
			}
		}
		reader, err := newReader(ctx, tx, view, expected, tasksOf)
		if err != nil {
			return err
		}
		skus, err := reader.skus(ctx)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(skus, skusAtOnce) {
			if err := reader.each(ctx, some, found.add); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func (c *computed) add(p *picture) {
	for _, suggestion := range p.plan() {
		if len(c.suggestions) == suggestionsMax {
			c.leftOut++
			continue
		}
		suggestion.Line = len(c.suggestions) + 1
		c.suggestions = append(c.suggestions, suggestion)
	}
}

// openRun is the run whose tasks are open, 0 for none.
func openRun(ctx context.Context, q store.Queryer, warehouse, lock string) (id int64, known bool,
	err error) {
	value, known, err := readMark(ctx, q, warehouse, tasksMark, lock)
	if err == nil && known {
		_, err = fmt.Sscan(value, &id)
	}
	return id, known, err
}

const runColumns = `id, warehouse, business_date, number, with_tasks, moves, buys, left_out,
	created_at`

func scanRun(rows *sql.Rows, r *Run) error {
	return rows.Scan(&r.ID, &r.Warehouse, &r.Date, &r.Number, &r.CreateTasks, &r.Moves, &r.Buys,
		&r.LeftOut, &r.CreatedAt)
}

func runNamed(ctx context.Context, q store.Queryer, asked Asked) (run Run, known bool, err error) {
	runs, err := collect(ctx, q, scanRun, `SELECT `+runColumns+` FROM replenishment_runs
		WHERE warehouse = ? AND business_date = ? AND number = ?`, asked.Warehouse, asked.Date,
		asked.Number)
	if err != nil || len(runs) == 0 {
		return run, false, err
	}
	return runs[0], true, nil
}

// keep writes a run with all that it found, unless another has been quicker. The mark is locked
// first, so that runs come one after the other and each cancels the tasks of the one before.
func keep(ctx context.Context, tx *store.Tx, asked Asked, found computed) (run Run, isNew bool,
	err error) {
	last, marked, err := openRun(ctx, tx, asked.Warehouse, tx.ForUpdate())
	if err != nil {
		return run, false, err
	}
	run, known, err := runNamed(ctx, tx, asked)
	if known || err != nil {
		return run, false, err
	}
	if err := refuseEarlier(ctx, tx, asked); err != nil {
		return run, false, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return run, false, err
	}
	run = Run{ID: tx.NewID(), Warehouse: asked.Warehouse, Date: asked.Date, Number: asked.Number,
		CreateTasks: asked.CreateTasks, LeftOut: found.leftOut, CreatedAt: now}
	lines := slices.Clone(found.suggestions)
	for i := range lines {
		run.count(&lines[i], tx)
	}
	if run.CreateTasks {
		if err := cancelTasks(ctx, tx, run.Warehouse, last); err != nil {
			return run, false, err
		}
		if err := addTasks(ctx, tx, &run, lines); err != nil {
			return run, false, err
		}
		err := writeMark(ctx, tx, run.Warehouse, tasksMark, fmt.Sprint(run.ID), marked)
		if err != nil {
			return run, false, err
		}
		last = run.ID
	}
	for _, step := range []func() error{
		func() error { return addRun(ctx, tx, &run) },
		func() error { return addSuggestions(ctx, tx, &run, lines) },
		func() error { return replaceForecasts(ctx, tx, run.Warehouse, found.expected) },
		func() error { return dropOld(ctx, tx, &run, last) },
	} {
		if err := step(); err != nil {
			return run, false, err
		}
	}
	return run, true, nil
}

// count counts a suggestion, and names its task: once for each run and line.
func (r *Run) count(line *Suggestion, tx *store.Tx) {
	if line.Kind == KindBuy {
		r.Buys++
		return
	}
	r.Moves++
	if r.CreateTasks {
		line.Task = tx.NewID()
		line.TaskID = fmt.Sprintf("%s/%d/%d", r.Date, r.Number, line.Line)
	}
}

func addRun(ctx context.Context, tx *store.Tx, r *Run) error {
	_, err := tx.Exec(ctx, `INSERT INTO replenishment_runs (warehouse, id, business_date, number,
		with_tasks, moves, buys, left_out, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Warehouse, r.ID, r.Date, r.Number, r.CreateTasks, r.Moves, r.Buys, r.LeftOut, r.CreatedAt)
	if errors.Is(err, store.ErrDuplicate) {
		err = store.Redo(err) // another process has made it just now, and is found
	}
	return err
}
