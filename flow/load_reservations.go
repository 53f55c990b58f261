package flow

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// findReservations finds by plain reads whose reservations are at stake where they are not
// named by key: a task's, and those with a pin on a row in trouble.
func (b *Book) findReservations(ctx context.Context, n *needed) error {
	for _, ids := range chunks(slices.Sorted(maps.Keys(n.tasks)), chunkKeys) {
		statement, args := sqlReservationsOfTasks(b.warehouse, ids)
		if err := b.scanIDs(ctx, statement, args, n.ids); err != nil {
			return err
		}
	}
	for item, bins := range n.pinsIn {
		for bin := range bins {
			statement, args := sqlReservationsPinnedIn(b.warehouse, item, bin)
			if err := b.scanIDs(ctx, statement, args, n.ids); err != nil {
				return err
			}
		}
	}
	delete(n.ids, 0)
	return nil
}

func (b *Book) scanIDs(ctx context.Context, statement string, args []any,
	into map[int64]bool) error {
	return store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		into[id] = true
		return err
	})
}

// lockReservations locks the reservations with their holds and tasks; their items join the
// batch's.
func (b *Book) lockReservations(ctx context.Context, n *needed) error {
	lines := slices.SortedFunc(maps.Keys(n.reservations), compareLines)
	for _, some := range chunks(lines, chunkKeys) {
		statement, args := sqlReservationsByKey(b.dialect, b.lock, b.warehouse, some)
		if err := b.scanReservations(ctx, statement, args); err != nil {
			return err
		}
	}
	for _, some := range chunks(slices.Sorted(maps.Keys(n.ids)), chunkKeys) {
		statement, args := sqlReservationsByID(b.dialect, b.lock, b.warehouse, some)
		if err := b.scanReservations(ctx, statement, args); err != nil {
			return err
		}
	}
	for _, r := range b.reserved {
		if r.Item.SKU == "" {
			continue
		}
		n.items[r.Item], n.skus[r.Item.SKU] = true, true
		if n.freeOf[r.Key] {
			n.freeBins[r.Item] = true
		}
	}
	if err := b.loadHolds(ctx); err != nil {
		return err
	}
	return b.loadTasks(ctx, n.tasks)
}

func (b *Book) scanReservations(ctx context.Context, statement string, args []any) error {
	return store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		r := &Reservation{}
		var asked string
		err := rows.Scan(&r.ID, &r.Key.JobType, &r.Key.OrderID, &r.Key.LineID, &r.Key.Revision,
			&r.Item.Owner, &r.Item.SKU, &r.Requested, &r.BaseUnits, &r.Started, &r.State,
			&r.ExpiresAt, &r.dueAt, &r.content, &asked, &r.createdAt, &r.version,
			&r.Priority)
		if err != nil {
			return err
		}
		r.stored = r.cells()
		if b.reserved[r.ID] == nil {
			b.addReservation(r)
		}
		r.Asked, err = parseAsked(asked)
		return err
	})
}

// loadHolds reads the holds of the locked reservations, in the order they were taken. Their
// rows are tied when those are locked.
func (b *Book) loadHolds(ctx context.Context) error {
	for _, ids := range chunks(slices.Sorted(maps.Keys(b.reserved)), chunkKeys) {
		statement, args := sqlHolds(b.dialect, b.warehouse, ids)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var id int64
			hold := &Hold{}
			err := rows.Scan(&id, &hold.rowID, &hold.position, &hold.Held, &hold.Deducted,
				&hold.Released)
			hold.reservation, hold.stored = b.reserved[id], hold.cells()
			hold.reservation.Holds = append(hold.reservation.Holds, hold)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// loadTasks reads the pins of the locked reservations, and tasks that were named.
func (b *Book) loadTasks(ctx context.Context, named map[int64]bool) error {
	for _, ids := range chunks(slices.Sorted(maps.Keys(b.reserved)), chunkKeys) {
		statement, args := sqlPins(b.dialect, b.warehouse, ids)
		if err := b.scanTasks(ctx, statement, args); err != nil {
			return err
		}
	}
	for _, ids := range chunks(slices.Sorted(maps.Keys(named)), chunkKeys) {
		statement, args := sqlTasksByID(b.dialect, b.warehouse, ids)
		if err := b.scanTasks(ctx, statement, args); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) scanTasks(ctx context.Context, statement string, args []any) error {
	return store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		task := &Task{}
		var reservation int64
		err := rows.Scan(&task.ID, &task.Kind, &task.State, &task.JobType, &task.TaskID,
			&reservation, &task.zoneID, &task.binID, &task.ToBin, &task.Qty, &task.Done,
			&task.Pinned, &task.Froze, &task.PickSequence, &task.createdAt, &task.version)
		if err != nil || b.tasks[task.ID] != nil {
			return err
		}
		b.tasks[task.ID] = task
		if r := b.reserved[reservation]; r != nil {
			task.Reservation = r
			r.Pins = append(r.Pins, task)
		}
		return nil
	})
}

// tieHolds points holds to their locked rows.
func (b *Book) tieHolds() error {
	for _, r := range b.reserved {
		for _, hold := range r.Holds {
			if hold.Row = b.rows[hold.rowID]; hold.Row == nil {
				return fmt.Errorf("reservation %d holds tier-2 row %d, which is not there",
					r.ID, hold.rowID)
			}
		}
	}
	return nil
}

// loadPins points tasks to their locked rows, and makes sure that no reservation with a pin on
// a row in trouble is missing: one made since we looked means looking again.
func (b *Book) loadPins(ctx context.Context, n *needed) error {
	for id, task := range b.tasks {
		task.ZoneRow, task.BinRow = b.rows[task.zoneID], b.rows[task.binID]
		if task.BinRow == nil && (task.Pinned > 0 || n.tasks[id]) {
			return fmt.Errorf("task %d ties tier-3 row %d, which is not there", id, task.binID)
		}
	}
	if err := b.loadCountTasks(ctx, n); err != nil {
		return err
	}
	if err := b.loadWork(ctx, n); err != nil {
		return err
	}
	now := map[int64]bool{}
	for item, bins := range n.pinsIn {
		for bin := range bins {
			statement, args := sqlReservationsPinnedIn(b.warehouse, item, bin)
			if err := b.scanIDs(ctx, statement, args, now); err != nil {
				return err
			}
		}
	}
	for id := range now {
		if b.reserved[id] == nil {
			return store.Redo(fmt.Errorf("reservation %d has pinned the row meanwhile", id))
		}
	}
	return nil
}

// loadCountTasks reads the open count tasks of the rows that are counted.
func (b *Book) loadCountTasks(ctx context.Context, n *needed) error {
	var ids []int64
	for _, row := range b.bins {
		if n.counts[row.Item][row.Bin] {
			ids = append(ids, row.ID)
		}
	}
	slices.Sort(ids)
	for _, some := range chunks(ids, chunkKeys) {
		statement, args := sqlCountTasks(b.warehouse, some)
		err := b.scanTasks(ctx, statement, args)
		if err != nil {
			return err
		}
	}
	for _, task := range b.tasks {
		if task.BinRow == nil {
			task.BinRow = b.rows[task.binID]
		}
	}
	return nil
}

func compareLines(one, other model.LineKey) int {
	return cmp.Or(
		cmp.Compare(one.OrderID, other.OrderID),
		cmp.Compare(one.LineID, other.LineID),
		cmp.Compare(one.JobType, other.JobType),
		cmp.Compare(one.Revision, other.Revision))
}
