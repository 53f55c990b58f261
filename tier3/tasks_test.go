package tier3_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier3"
)

const (
	insertTask = `INSERT INTO tasks (warehouse, id, kind, state, job_type, task_id, reservation_id,
		zone_stock_id, bin_stock_id, to_bin, qty, done, pick_sequence, created_at)
		VALUES (?, ?, ?, ?, 'PICK', ?, ?, ?, ?, ?, ?, ?, ?, 7)`
	insertReservation = `INSERT INTO reservations (warehouse, id, job_type, order_id, line_id, sku,
		state, asked, created_at) VALUES (?, ?, 'SALE', ?, '1', 'TEA', 'OPEN', '', 7)`
)

// busy has floor work of each kind in the binned warehouse.
func busy(t *testing.T, db *store.DB) *tier3.Reader {
	t.Helper()
	reader := binned(t, db)
	writeRows(t, db, insertReservation, []any{"W1", 1, "O1"}, []any{"W1", 2, "O2"},
		[]any{"W2", 1, "O9"})
	writeRows(t, db, insertTask,
		[]any{"W1", 1, "PICK", "OPEN", "T1", 1, 11, 2, "", 3, 1, 40},
		[]any{"W1", 2, "PICKED", "OPEN", "T1", 1, 11, 2, "", 1, 0, 0},
		[]any{"W1", 3, "COUNT", "OPEN", "T3", 0, 11, 1, "", 0, 0, 0},
		[]any{"W1", 4, "PICK", "DONE", "T4", 2, 13, 5, "A2", 5, 5, 10},
		[]any{"W2", 1, "PICK", "OPEN", "T9", 1, 11, 2, "", 3, 0, 0})
	return reader
}

func TestTasks(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := busy(t, db)
		list := func(filter tier3.TaskFilter, after int64, first int) string {
			page, err := reader.Tasks(context.Background(), "W1", filter, after, first)
			if err != nil {
				t.Fatal(err)
			}
			var rows []string
			for _, task := range page.Rows {
				rows = append(rows, fmt.Sprint(task.ID))
			}
			if page.More {
				rows = append(rows, "...")
			}
			return strings.Join(rows, " ")
		}
		type filter = tier3.TaskFilter
		kinds := func(kinds ...model.TaskKind) filter { return filter{Kinds: kinds} }
		for _, test := range []struct{ got, want string }{
			{list(filter{}, 0, 9), "1 3 4"},
			{list(filter{}, 0, 2), "1 3 ..."},
			{list(filter{}, 3, 2), "4"},
			{list(kinds(model.TaskCount), 0, 9), "3"},
			{list(kinds(model.TaskCount, model.TaskPick), 0, 9), "1 3 4"},
			{list(kinds(model.GoodsPicked), 0, 9), ""},
			{list(filter{OrderID: "O2"}, 0, 9), "4"},
			{list(filter{Zone: "A"}, 0, 9), "1 3"},
			{list(filter{Bin: "A2"}, 0, 9), "1"},
			{list(filter{States: []model.TaskState{model.TaskDone, model.TaskShort}}, 0, 9), "4"},
		} {
			if test.got != test.want {
				t.Errorf("got %q, want %q", test.got, test.want)
			}
		}
	})
}

func TestATaskSaysWhatToDo(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		page, err := busy(t, db).Tasks(context.Background(), "W1", tier3.TaskFilter{}, 0, 9)
		want := []model.Task{
			{ID: 1, Kind: model.TaskPick, State: model.TaskOpen, OrderID: "O1", LineID: "1",
				OrderJobType: "SALE",
				Key:          model.TaskKey{JobType: "PICK", TaskID: "T1"},
				Zone:         "A", Bin: "A2", Item: model.Item{SKU: "TEA"}, Qty: 3, Done: 1,
				PickSequence: 40},
			{ID: 3, Kind: model.TaskCount, State: model.TaskOpen,
				Key:  model.TaskKey{JobType: "PICK", TaskID: "T3"},
				Zone: "A", Bin: "A1", Item: model.Item{SKU: "TEA"}},
			{ID: 4, Kind: model.TaskPick, State: model.TaskDone, OrderID: "O2", LineID: "1",
				OrderJobType: "SALE",
				Key:          model.TaskKey{JobType: "PICK", TaskID: "T4"},
				Zone:         "B", Bin: "B1", ToBin: "A2", Item: model.Item{Owner: "ACME", SKU: "OIL"},
				Qty: 5, Done: 5, PickSequence: 10},
		}
		if diff := cmp.Diff(want, page.Rows); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}
