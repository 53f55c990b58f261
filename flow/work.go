package flow

import (
	"context"

	"tierstock/model"
	"tierstock/store"
)

// IsWorkJob says whether a job type is that of tasks to move goods, which a move under the key of
// such a task advances. Other moves look for none.
func IsWorkJob(jobType string) bool {
	return jobType == string(model.TaskReplenish) || jobType == string(model.TaskMove)
}

// isWork says whether goods are to be moved for nobody's reservation.
func (t *Task) isWork() bool {
	return t.Kind == model.TaskReplenish || t.Kind == model.TaskMove
}

// loadWork reads, and locks, the open tasks to move goods that the movements' keys name. It comes
// after the locks of the tier-3 rows, so that of two moves for one task the later sees what the
// earlier has done.
func (b *Book) loadWork(ctx context.Context, n *needed) error {
	var keys [][]any
	for key := range n.work {
		keys = append(keys, []any{key.TaskID, key.JobType})
	}
	for _, some := range chunks(keys, chunkKeys) {
		statement, args := sqlWork(b.dialect, b.lock, b.warehouse, some)
		if err := b.scanTasks(ctx, statement, args); err != nil {
			return err
		}
	}
	if len(keys) > 0 {
		for _, task := range b.tasks {
			if task.isWork() {
				task.BinRow = b.rows[task.binID]
			}
		}
	}
	return nil
}

// sqlWork finds open tasks to move goods by their keys.
func sqlWork(d store.Dialect, lock, warehouse string, keys [][]any) (string, []any) {
	w := newWhere(warehouse)
	condition := w.tuples(d, "task_id, job_type", keys)
	return sqlTaskColumns + by(d, "tasks_key") + `WHERE warehouse = ? AND ` + condition +
			` AND state = ? AND kind IN (?, ?) ` + byID + lock,
		append(w.args, model.TaskOpen, model.TaskReplenish, model.TaskMove)
}

// Worked advances the open task to move goods that the movement's key names, where they came from
// the row that it names, and ends it when nothing is left to move.
func (e *Effect) Worked(from, to *StockRow, qty model.Quantity) {
	key := e.Movement.Needs.Work
	if key == nil {
		return
	}
	for _, task := range e.tasksWhere(func(task *Task) bool {
		return task.isWork() && task.State == model.TaskOpen && task.BinRow == from &&
			task.TaskID == key.TaskID && task.JobType == key.JobType
	}) {
		e.changeTask(task)
		task.Done += qty
		task.ToBin = to.Bin
		if task.Done >= task.Qty {
			task.State = model.TaskDone
		}
	}
}
