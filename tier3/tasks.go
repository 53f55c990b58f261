package tier3

import (
	"context"

	"gorm.io/gorm"

	"tierstock/master"
	"tierstock/model"
)

// TaskFilter narrows a list of tasks; "" and empty lists are no filter.
type TaskFilter struct {
	Kinds              []model.TaskKind
	OrderID, Zone, Bin string
	States             []model.TaskState
}

const (
	taskColumns = `t.id, t.kind, t.job_type, t.task_id, t.state, s.zone, s.bin, t.to_bin,
		s.owner, s.sku, s.batch, s.pack, t.qty, t.done, t.pick_sequence,
		COALESCE(r.order_id, '') AS order_id, COALESCE(r.line_id, '') AS line_id,
		COALESCE(r.job_type, '') AS order_job_type, COALESCE(r.revision, 0) AS order_revision`
	joinBinRow = `JOIN bin_stocks AS s ON s.warehouse = t.warehouse AND s.id = t.bin_stock_id`
	// Work that no order asked for, such as counting, has no reservation.
	joinReservation = `LEFT JOIN reservations AS r
		ON r.warehouse = t.warehouse AND r.id = t.reservation_id`
)

// taskRow is a task as it is read.
type taskRow struct {
	ID                                        int64
	Kind                                      model.TaskKind
	State                                     model.TaskState
	JobType, TaskID, OrderID, LineID          string
	OrderJobType                              string
	OrderRevision                             int64
	Zone, Bin, ToBin, Owner, SKU, Batch, Pack string
	Qty, Done                                 model.Quantity
	PickSequence                              int64
}

// Tasks lists the floor work of a warehouse whose id comes after that, by id. Goods that lie
// picked in a tote are no work and are not among it.
func (r *Reader) Tasks(ctx context.Context, warehouse string, filter TaskFilter, after int64,
	first int) (master.Page[model.Task], error) {
	query := r.db.Gorm(ctx).Table("tasks AS t").Select(taskColumns).
		Joins(joinBinRow).Joins(joinReservation).
		Where("t.warehouse = ? AND t.id > ?", warehouse, after)
	var rows []taskRow
	err := filter.narrow(query).Order("t.id").Limit(first + 1).Scan(&rows).Error
	if err != nil {
		return master.Page[model.Task]{}, err
	}
	tasks := make([]model.Task, len(rows))
	for i, row := range rows {
		tasks[i] = row.task()
	}
	return master.PageOf(tasks, first), nil
}

func (f TaskFilter) narrow(query *gorm.DB) *gorm.DB {
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = model.TaskKinds
	}
	query = query.Where("t.kind IN ? AND t.kind <> ?", kinds, model.GoodsPicked)
	if f.OrderID != "" {
		query = query.Where("r.order_id = ?", f.OrderID)
	}
	if f.Zone != "" {
		query = query.Where("s.zone = ?", f.Zone)
	}
	if f.Bin != "" {
		query = query.Where("s.bin = ?", f.Bin)
	}
	if len(f.States) > 0 {
		query = query.Where("t.state IN ?", f.States)
	}
	return query
}

func (row taskRow) task() model.Task {
	return model.Task{
		ID:      row.ID,
		Kind:    row.Kind,
		Key:     model.TaskKey{JobType: row.JobType, TaskID: row.TaskID},
		State:   row.State,
		OrderID: row.OrderID, LineID: row.LineID,
		OrderJobType: row.OrderJobType, OrderRevision: row.OrderRevision,
		Zone: row.Zone, Bin: row.Bin, ToBin: row.ToBin,
		Item:  model.Item{Owner: row.Owner, SKU: row.SKU},
		Batch: row.Batch, Pack: row.Pack,
		Qty: row.Qty, Done: row.Done,
		PickSequence: row.PickSequence,
	}
}
