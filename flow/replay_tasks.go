package flow

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// tasksOfKeys finds the tasks that go by the keys of floor work: whoever lost the answer to a pin
// learns from its replay which tasks it made.
func (b *Book) tasksOfKeys(ctx context.Context, keys []model.Key) (map[int64]bool, error) {
	ids := map[int64]bool{}
	var floor [][]any
	for _, key := range keys {
		if key.IsTask() {
			floor = append(floor, []any{key.TaskID, key.JobType})
		}
	}
	for _, some := range chunks(floor, chunkKeys) {
		statement, args := sqlTasksOfKeys(b.dialect, b.warehouse, some)
		if err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids[id] = true
			return err
		}); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// tasksOf are the tasks of a key as they are now.
func (r *replays) tasksOf(key model.Key) (views []model.Task) {
	var tasks []*Task
	for _, task := range r.now.tasks {
		if task.goesBy(key) && task.Kind != model.GoodsPicked && task.BinRow != nil {
			tasks = append(tasks, task)
		}
	}
	slices.SortFunc(tasks, func(one, other *Task) int { return cmp.Compare(one.ID, other.ID) })
	for _, task := range tasks {
		views = append(views, task.view())
	}
	return views
}

// goesBy says whether a key made a task: by its name or, of a wave line's PIN, for its reservation.
func (t *Task) goesBy(key model.Key) bool {
	if !key.IsTask() {
		return key.Action == model.Pin && t.Reservation != nil && t.Reservation.Key == key.Line()
	}
	return t.TaskID == key.TaskID && t.JobType == key.JobType &&
		(t.Reservation != nil || t.Kind == model.TaskCount || t.isWork())
}

func sqlTasksOfKeys(d store.Dialect, warehouse string, keys [][]any) (string, []any) {
	w := newWhere(warehouse)
	condition := w.tuples(d, "task_id, job_type", keys)
	return `SELECT id FROM tasks WHERE warehouse = ? AND ` + condition, w.args
}
