package flow

import (
	"context"
	"maps"
	"slices"
)

// The tables of promises and floor work: the columns without a default, then the others.
var (
	reservations = newTable("reservations", `warehouse id job_type order_id line_id state asked
		created_at`, `revision owner sku requested base_units started expires_at due_at content
		tick priority`)
	holds = newTable("holds", `warehouse reservation_id zone_stock_id position held open_qty`,
		`deducted released`)
	tasks = newTable("tasks", `warehouse id kind state created_at`, `bin_stock_id zone_stock_id
		to_bin qty done pinned froze pick_sequence tick job_type task_id reservation_id`)
	returned = newTable("returned", `warehouse action`, `order_id task_id line_id job_type
		revision restored tick`)
	commits = newTable("commits", `warehouse id tick flows recorded_at`, ``)
)

// inIDOrder are the values of a map in the order of their keys.
func inIDOrder[T any](byID map[int64]T) []T {
	list := make([]T, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		list = append(list, byID[id])
	}
	return list
}

func (b *Book) addReservations(ctx context.Context) error {
	made := inIDOrder(b.reserved)
	made = slices.DeleteFunc(made, func(r *Reservation) bool { return !r.isNew })
	return b.inserts.insert(ctx, reservations, len(made), func(i int, row *rowText) {
		r := made[i]
		row.string(b.warehouse).int(r.ID).string(r.Key.JobType).string(r.Key.OrderID).
			string(r.Key.LineID).string(string(r.State)).string(r.asked).int(int64(r.createdAt)).
			int(r.Key.Revision).string(r.Item.Owner).string(r.Item.SKU).int(int64(r.Requested)).
			flag(r.BaseUnits).flag(r.Started).int(int64(r.ExpiresAt)).int(int64(r.dueAt)).
			int(r.content).int(b.tick).int(r.Priority)
	})
}

// changeReservations counts a write on each reservation whose holds or pins changed, so that its
// tick stands for all of it.
func (b *Book) changeReservations(ctx context.Context) error {
	var changed []change
	for _, r := range inIDOrder(b.reserved) {
		if !r.isNew && r.isTouched() {
			changed = append(changed, change{key: [2]int64{r.ID}, values: r.cells(),
				was: r.stored})
		}
	}
	return mergedUpdate{table: "reservations", keys: []string{"id"}, every: true,
		columns:  []string{"started", "state", "expires_at", "due_at"},
		counters: []string{"tick"}}.run(ctx, b.tx, b.warehouse, changed)
}

func (r *Reservation) isTouched() bool {
	return r.dirty ||
		slices.ContainsFunc(r.Holds, func(hold *Hold) bool { return hold.dirty }) ||
		slices.ContainsFunc(r.Pins, func(pin *Task) bool { return pin.dirty })
}

// cells are the columns of a reservation that change.
func (r *Reservation) cells() []cell {
	return []cell{flagCell(r.Started), textCell(r.State), intCell(r.ExpiresAt), intCell(r.dueAt)}
}

func (b *Book) addHolds(ctx context.Context) error {
	var made []*Hold
	for _, r := range inIDOrder(b.reserved) {
		for _, hold := range r.Holds {
			if hold.isNew {
				made = append(made, hold)
			}
		}
	}
	return b.inserts.insert(ctx, holds, len(made), func(i int, row *rowText) {
		hold := made[i]
		row.string(b.warehouse).int(hold.reservation.ID).int(hold.Row.ID).
			int(int64(hold.position)).int(int64(hold.Held)).int(int64(hold.Open())).
			int(int64(hold.Deducted)).int(int64(hold.Released))
	})
}

// changeHolds writes all holds of a reservation of which one changed: its key selects them all,
// but for those that this batch has just added, which get their value once more.
func (b *Book) changeHolds(ctx context.Context) error {
	var changed []change
	for _, r := range inIDOrder(b.reserved) {
		if r.isNew || !slices.ContainsFunc(r.Holds, func(hold *Hold) bool { return hold.dirty }) {
			continue
		}
		first := len(changed)
		for _, hold := range r.Holds {
			changed = append(changed, change{key: [2]int64{r.ID, hold.Row.ID},
				values: hold.cells(), was: hold.stored})
		}
		slices.SortFunc(changed[first:], func(one, other change) int {
			return slices.Compare(one.key[:], other.key[:])
		})
	}
	return mergedUpdate{table: "holds", keys: []string{"reservation_id", "zone_stock_id"},
		columns: []string{"held", "deducted", "released", "open_qty"}}.
		run(ctx, b.tx, b.warehouse, changed)
}

// cells are the columns of a hold that change.
func (h *Hold) cells() []cell {
	return []cell{intCell(h.Held), intCell(h.Deducted), intCell(h.Released), intCell(h.Open())}
}

func (b *Book) addTasks(ctx context.Context) error {
	made := slices.DeleteFunc(inIDOrder(b.tasks), func(task *Task) bool { return !task.isNew })
	return b.inserts.insert(ctx, tasks, len(made), func(i int, row *rowText) {
		task := made[i]
		var reservation int64
		if task.Reservation != nil {
			reservation = task.Reservation.ID
		}
		row.string(b.warehouse).int(task.ID).string(string(task.Kind)).
			string(string(task.State)).int(int64(task.createdAt)).int(task.BinRow.ID).
			int(rowID(task.ZoneRow)).string(task.ToBin).int(int64(task.Qty)).
			int(int64(task.Done)).int(int64(task.Pinned)).int(int64(task.Froze)).
			int(task.PickSequence).int(b.tick).string(task.JobType).string(task.TaskID).
			int(reservation)
	})
}

func (b *Book) changeTasks(ctx context.Context) error {
	var changed []change
	for _, task := range inIDOrder(b.tasks) {
		if task.dirty && !task.isNew {
			changed = append(changed, change{key: [2]int64{task.ID}, values: []cell{
				textCell(task.State), intCell(task.BinRow.ID), intCell(rowID(task.ZoneRow)),
				textCell(task.ToBin), intCell(task.Qty), intCell(task.Done), intCell(task.Pinned),
				intCell(task.Froze), intCell(task.PickSequence)}})
		}
	}
	return mergedUpdate{table: "tasks", keys: []string{"id"}, every: true,
		columns: []string{"state", "bin_stock_id", "zone_stock_id", "to_bin", "qty", "done",
			"pinned", "froze", "pick_sequence"},
		counters: []string{"tick"}}.run(ctx, b.tx, b.warehouse, changed)
}

func rowID(row *StockRow) int64 {
	if row == nil {
		return 0
	}
	return row.ID
}

// addReturned and changeReturned record what came back, so that no more comes back than left.
func (b *Book) addReturned(ctx context.Context) error {
	var made []*Departure
	for _, departure := range b.departures {
		if departure.dirty && departure.isNew {
			made = append(made, departure)
		}
	}
	return b.inserts.insert(ctx, returned, len(made), func(i int, row *rowText) {
		key := made[i].key
		row.string(b.warehouse).string(string(key.Action)).string(key.OrderID).
			string(key.TaskID).string(key.LineID).string(key.JobType).int(key.Revision).
			int(int64(made[i].Restored)).int(b.tick)
	})
}

func (b *Book) changeReturned(ctx context.Context) error {
	for _, departure := range b.departures {
		if !departure.dirty || departure.isNew {
			continue
		}
		_, err := b.tx.Exec(ctx, `UPDATE returned SET restored = ?, tick = tick + 1
			WHERE warehouse = ? AND order_id = ? AND task_id = ? AND line_id = ?
			AND job_type = ? AND revision = ? AND action = ?`,
			append([]any{departure.Restored, b.warehouse}, keyValues(departure.key)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) addCommit(ctx context.Context) error {
	if b.flows == 0 {
		return nil
	}
	return b.inserts.insert(ctx, commits, 1, func(_ int, row *rowText) {
		row.string(b.warehouse).int(b.commitID).int(b.tick).int(int64(b.flows)).
			int(int64(b.View.Now))
	})
}
