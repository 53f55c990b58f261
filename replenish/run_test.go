package replenish_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/replenish"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier3"
)

// floor is a site with P1 in FAST, where TEA is picked.
type floor struct {
	*stocktest.Site

	t       *testing.T
	service *replenish.Service
}

func each(t *testing.T, test func(t *testing.T, f *floor)) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		f := &floor{Site: stocktest.New(t, db), t: t}
		f.service = replenish.New(db, f.Catalog)
		f.Bin("FAST", "P1", model.PickBin, 4)
		test(t, f)
	})
}

func (f *floor) level(edits ...func(*replenish.Level)) {
	f.t.Helper()
	level := replenish.Level{Warehouse: f.Warehouse, Zone: "FAST", Bin: "P1",
		Item: model.Item{SKU: stocktest.Tea}, Min: model.Whole(5), Max: model.Whole(20)}
	for _, edit := range edits {
		edit(&level)
	}
	outcome, err := f.service.UpsertLevels(f.t.Context(), []replenish.Level{level})
	if err != nil || outcome.Results[0].Code != model.Applied {
		f.t.Fatal(outcome, err)
	}
}

// run runs with tasks unless an edit says otherwise.
func (f *floor) run(edits ...func(*replenish.Asked)) replenish.Run {
	f.t.Helper()
	asked := replenish.Asked{Warehouse: f.Warehouse, CreateTasks: true}
	for _, edit := range edits {
		edit(&asked)
	}
	run, _, err := f.service.Run(f.t.Context(), asked)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Write("UPDATE marks SET value = value WHERE warehouse = ?", f.Warehouse)
	return run
}

func number(n int64) func(*replenish.Asked) {
	return func(asked *replenish.Asked) { asked.Number = n }
}

func withoutTasks(asked *replenish.Asked) { asked.CreateTasks = false }

// proposed are the latest run's suggestions in short.
func (f *floor) proposed() (lines []string) {
	f.t.Helper()
	page, _, err := f.service.Suggestions(f.t.Context(), f.Warehouse, replenish.SuggestionPlace{},
		200)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, s := range page.Rows {
		lines = append(lines, fmt.Sprintf("%s %s %s%s %s->%s", s.Kind, s.Reason, s.Qty, s.Pack,
			s.Bin, s.ToBin))
	}
	return lines
}

// tasks are the site's REPLENISH tasks in short.
func (f *floor) tasks() (lines []string) {
	f.t.Helper()
	page, err := tier3.NewReader(f.DB).Tasks(f.t.Context(), f.Warehouse,
		tier3.TaskFilter{Kinds: []model.TaskKind{model.TaskReplenish}}, 0, 200)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, task := range page.Rows {
		lines = append(lines, short(task))
	}
	return lines
}

func short(task model.Task) string {
	return fmt.Sprintf("%s %s/%s %s->%s", task.State, task.Done, task.Qty, task.Bin, task.ToBin)
}

func want(t *testing.T, got []string, wanted ...string) {
	t.Helper()
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func (f *floor) key(run int64) func(*model.MoveLine) {
	return func(move *model.MoveLine) {
		move.Key = model.TaskKey{JobType: "REPLENISH",
			TaskID: fmt.Sprintf("%s/%d/1", f.Today(0), run)}
	}
}

func revision(n int64) func(*model.MoveLine) {
	return func(move *model.MoveLine) { move.Key.Revision = n }
}

func TestARunIsOncePerDateAndItsTasksAreWorkedOff(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.level()
		f.Receive("B1", "50")
		first := f.run()
		want(t, f.proposed(), "MOVE LEVEL 20 B1->P1")
		want(t, f.tasks(), "OPEN 0/20 B1->P1")
		f.Receive("B2", "50")
		if again := f.run(); again != first || first.Moves != 1 {
			t.Errorf("%+v, then %+v", first, again)
		}
		want(t, f.tasks(), "OPEN 0/20 B1->P1")

		moved := f.Move("B1", "P1", "8", f.key(0)).OK()
		if len(moved.Tasks) != 1 || short(moved.Tasks[0]) != "OPEN 8/20 B1->P1" {
			t.Errorf("the move answers %+v", moved.Tasks)
		}
		again := f.Move("B1", "P1", "8", f.key(0)).Is(model.Replayed)
		if len(again.Tasks) != 1 || short(again.Tasks[0]) != "OPEN 8/20 B1->P1" {
			t.Errorf("the replay answers %+v", again.Tasks)
		}
		f.Move("B2", "P1", "1", f.key(0), revision(1)).OK() // from elsewhere: other work
		want(t, f.tasks(), "OPEN 8/20 B1->P1")
		f.Move("B1", "P1", "12", f.key(0), revision(2)).OK()
		want(t, f.tasks(), "DONE 20/20 B1->P1")
		f.Move("B1", "P1", "1", f.key(0), revision(3)).OK()
		want(t, f.tasks(), "DONE 20/20 B1->P1")
	})
}

func TestTheNextRunCancelsWhatIsLeftAndAPreviewCountsIt(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.level()
		f.Receive("B1", "50")
		f.run()
		f.Move("B1", "P1", "2", f.key(0)).OK()
		f.run(number(7), withoutTasks)
		want(t, f.proposed())
		want(t, f.tasks(), "OPEN 2/20 B1->P1")
		f.run(number(8))
		want(t, f.proposed(), "MOVE LEVEL 18 B1->P1")
		want(t, f.tasks(), "CANCELLED 2/20 B1->P1", "OPEN 0/18 B1->P1")
		f.Move("B1", "P1", "3", f.key(0), revision(1)).OK()
		f.run(number(9))
		want(t, f.proposed())
		want(t, f.tasks(), "CANCELLED 2/20 B1->P1", "CANCELLED 0/18 B1->P1")
	})
}

func TestRunsAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.level()
		f.Receive("B1", "50")
		var mu sync.Mutex
		var group sync.WaitGroup
		made, runs := 0, map[int64]bool{}
		for range 6 {
			group.Go(func() {
				run, isNew, err := f.service.Run(t.Context(),
					replenish.Asked{Warehouse: f.Warehouse, CreateTasks: true})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				runs[run.ID] = true
				if isNew {
					made++
				}
			})
		}
		group.Wait()
		if made != 1 || len(runs) != 1 {
			t.Errorf("%d made, %v", made, runs)
		}
		want(t, f.tasks(), "OPEN 0/20 B1->P1")
	})
}

// Workers that share a task lose none of each other's pieces, though a run comes between.
func TestMovesAtOnceOfOneTask(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.level()
		f.Receive("B1", "50")
		f.run()
		other := flow.New(f.DB, f.Catalog, flow.Options{})
		defer func() { _ = other.Close(t.Context()) }()
		floors := []*tier3.Service{f.Tier3, tier3.New(f.DB, other)}
		var group sync.WaitGroup
		for n := range int64(20) {
			group.Go(func() {
				line := model.MoveLine{From: f.InBin("B1"), ToBin: "P1", Qty: model.One}
				f.key(0)(&line)
				line.Key.Revision = n
				results, err := floors[n%2].Move(t.Context(), flow.Mode{}, []model.MoveLine{line})
				if err != nil || results[0].Code != model.Applied {
					t.Error(results, err)
				}
			})
		}
		group.Wait()
		want(t, f.tasks(), "DONE 20/20 B1->P1")
	})
}

func TestAMoveAndACancelAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		f.level()
		f.Receive("B1", "50")
		for n := range int64(4) {
			f.run(number(2 * n))
			var group sync.WaitGroup
			group.Go(func() {
				line := model.MoveLine{From: f.InBin("B1"), ToBin: "P1", Qty: model.One}
				f.key(2 * n)(&line)
				if _, err := f.Tier3.Move(t.Context(), flow.Mode{}, []model.MoveLine{line}); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				_, _, err := f.service.Run(t.Context(), replenish.Asked{Warehouse: f.Warehouse,
					CreateTasks: true, Number: 2*n + 1})
				if err != nil {
					t.Error(err)
				}
			})
			group.Wait()
			open := slices.DeleteFunc(f.tasks(), func(task string) bool { return task[:4] != "OPEN" })
			if len(open) > 1 {
				t.Fatalf("open: %v", open)
			}
			f.Move("P1", "B1", f.onHand("P1")).OK()
		}
	})
}

func (f *floor) onHand(bin string) string {
	f.t.Helper()
	var qty model.Quantity
	err := f.DB.Gorm(f.t.Context()).Table("bin_stocks").Select("on_hand").
		Where("warehouse = ? AND bin = ?", f.Warehouse, bin).Scan(&qty).Error
	if err != nil {
		f.t.Fatal(err)
	}
	return qty.String()
}

func TestWhatIsExpectedIsBroughtAndBought(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		for day := -200; day < 0; day++ {
			f.Write(`INSERT INTO daily_demand (warehouse, sku, owner, day, qty)
				VALUES (?, ?, '', ?, ?)`, f.Warehouse, stocktest.Tea, f.Today(day), 3*model.One)
		}
		f.Receive("P1", "1")
		f.Receive("B1", "30")
		f.run()
		// Every day is the same, so that there is no error to be safe from.
		want(t, f.proposed(), "MOVE FORECAST 20 B1->P1", "BUY FORECAST 32 ->")
		page, err := f.service.Forecasts(t.Context(), f.Warehouse, "", model.Item{}, 10)
		if err != nil || len(page.Rows) != 1 {
			t.Fatal(page, err)
		}
		if got := page.Rows[0]; got.Daily != 3*model.One || got.ReorderPoint != 42*model.One ||
			got.SafetyStock != 0 || got.AsOf != f.Today(0) {
			t.Errorf("%+v", got)
		}
	})
}

func TestRefusedRuns(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		cases := []struct {
			asked replenish.Asked
			code  model.Code
			field string
		}{
			{replenish.Asked{Warehouse: "NONE"}, model.NotFound, "warehouse"},
			{replenish.Asked{Date: f.Today(1)}, model.Invalid, "businessDate"},
			{replenish.Asked{Number: -1}, model.Invalid, "number"},
			{replenish.Asked{Settings: &replenish.Settings{}}, model.Invalid, "serviceLevel"},
			{replenish.Asked{Settings: &replenish.Settings{Service: 1, LeadDays: 1, CoverDays: 1}},
				model.Invalid, "serviceLevel"},
			{replenish.Asked{Settings: &replenish.Settings{Service: 0.9, CoverDays: 1}},
				model.Invalid, "leadDays"},
			{replenish.Asked{Settings: &replenish.Settings{Service: 0.9, LeadDays: 1, CoverDays: 1e6}},
				model.Invalid, "coverDays"},
		}
		if _, isNew, err := f.service.Run(t.Context(),
			replenish.Asked{Warehouse: f.Warehouse}); err != nil || !isNew {
			t.Fatal(isNew, err)
		}
		for _, test := range append(cases, struct {
			asked replenish.Asked
			code  model.Code
			field string
		}{replenish.Asked{Date: f.Today(-1)}, model.InvalidState, "businessDate"}) {
			if test.asked.Warehouse == "" {
				test.asked.Warehouse = f.Warehouse
			}
			_, _, err := f.service.Run(t.Context(), test.asked)
			refusal, ok := errors.AsType[*model.Refusal](err)
			if !ok || refusal.Code != test.code || refusal.Field != test.field {
				t.Errorf("%+v: %v", test.asked, err)
			}
		}
	})
}
