package flow

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// write puts the decided batch into the database: each touched row once, each leg once.
func (b *Book) write(ctx context.Context) error {
	if len(b.effects) == 0 {
		return nil
	}
	b.number()
	tick := b.nextTick()
	steps := []func() error{
		func() error { return b.keepPacks(ctx) },
		func() error { return b.writeRows(ctx, tick) },
		func() error { return b.writeBins(ctx) },
		func() error { return b.writeBatches(ctx) },
		func() error { return b.writeReservations(ctx, tick) },
		func() error { return b.writeHolds(ctx) },
		func() error { return b.writeTasks(ctx, tick) },
		func() error { return b.writeReturned(ctx, tick) },
		func() error { return b.writeClosing(ctx) },
		func() error { return b.writeFlows(ctx) },
		func() error { return b.writeBare(ctx) },
		func() error { return b.writeCommit(ctx, tick) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// number gives each leg its place in the commit, and so in the feed.
func (b *Book) number() {
	for _, effect := range b.effects {
		effect.firstPos = b.flows
		b.flows += len(effect.legs)
	}
}

// nextTick is a Lamport clock that keeps close to the database's: later than every earlier commit
// of a row that this one touches, whatever process wrote it. The feed orders commits by it.
func (b *Book) nextTick() int64 {
	tick := int64(b.View.Now) - 1
	for _, row := range b.rows {
		if row.dirty {
			tick = max(tick, row.tick)
		}
	}
	return tick + 1
}

func (b *Book) writeRows(ctx context.Context, tick int64) error {
	shared := []string{"tick", "updated_at"}
	values := []any{tick, b.View.Now}
	zones, zonesNew, bins, binsNew := b.changedRows(tick)
	err := mergedUpdate{table: "zone_stocks", keys: []string{"id"}, every: true,
		columns: []string{"on_hand", "reserved", "frozen", "row_seq", "received_on"},
		shared:  shared, sharedValues: values}.run(ctx, b.tx, b.warehouse, zones)
	if err != nil {
		return err
	}
	if err := insertRows(ctx, b.tx, "zone_stocks", `warehouse, id, zone, owner, sku, batch, pack,
		on_hand, reserved, frozen, row_seq, received_on, tick, updated_at`, zonesNew); err != nil {
		return err
	}
	err = mergedUpdate{table: "bin_stocks", keys: []string{"id"}, every: true,
		columns: []string{"on_hand", "reserved", "frozen", "row_seq", "version"},
		shared:  shared, sharedValues: values}.run(ctx, b.tx, b.warehouse, bins)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, "bin_stocks", `warehouse, id, zone, owner, sku, batch, pack,
		on_hand, reserved, frozen, row_seq, version, tick, updated_at, bin`, binsNew)
}

// changedRows sorts the rows by what becomes of them, each in the order of ids.
func (b *Book) changedRows(tick int64) (zones []change, zonesNew [][]any, bins []change,
	binsNew [][]any) {
	for _, id := range slices.Sorted(maps.Keys(b.rows)) {
		row := b.rows[id]
		if !row.dirty || row.rowSeq == 0 {
			continue
		}
		values := []any{row.OnHand, row.Reserved, row.Frozen, row.rowSeq, row.lastColumn()}
		identity := []any{b.warehouse, row.ID, row.Zone, row.Item.Owner, row.Item.SKU, row.Batch,
			row.Pack}
		created := append(append(identity, values...), tick, b.View.Now)
		switch {
		case row.Tier == model.ZoneTier && row.isNew:
			zonesNew = append(zonesNew, created)
		case row.Tier == model.ZoneTier:
			zones = append(zones, change{[]any{row.ID}, values})
		case row.isNew:
			binsNew = append(binsNew, append(created, row.Bin))
		default:
			bins = append(bins, change{[]any{row.ID}, values})
		}
	}
	return zones, zonesNew, bins, binsNew
}

// lastColumn is what only one tier keeps: since when goods are there, or the count's version.
func (r *StockRow) lastColumn() any {
	if r.Tier == model.ZoneTier {
		return r.ReceivedOn
	}
	return r.Version
}

func (b *Book) writeBins(ctx context.Context) error {
	for _, bins := range chunks(b.enteredBins, chunkKeys) {
		statement, args := sqlTouchBins(b.warehouse, bins)
		if _, err := b.tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	for _, bin := range slices.Sorted(maps.Keys(b.closedBins)) {
		statement, args := sqlSetBlocked(b.warehouse, bin, b.closedBins[bin])
		if _, err := b.tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	if len(b.closedBins) == 0 {
		return nil
	}
	return master.Touch(ctx, b.tx, b.warehouse)
}

func (b *Book) writeBatches(ctx context.Context) error {
	var created [][]any
	for _, batch := range b.batches {
		switch {
		case batch.isNew:
			created = append(created, []any{b.warehouse, batch.Item.SKU, batch.Item.Owner,
				batch.Code, batch.ExpiresOn, batch.Hold})
		case batch.dirty:
			if err := b.dateBatch(ctx, batch); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(created, func(one, other []any) int {
		return cmp.Or(cmp.Compare(one[1].(string), other[1].(string)),
			cmp.Compare(one[2].(string), other[2].(string)),
			cmp.Compare(one[3].(string), other[3].(string)))
	})
	return insertRows(ctx, b.tx, "batches", "warehouse, sku, owner, code, expires_on, hold", created)
}

// dateBatch gives a batch its date, unless another has given it one since we looked.
func (b *Book) dateBatch(ctx context.Context, batch *batchRow) error {
	dated, err := b.tx.Exec(ctx, `UPDATE batches SET expires_on = ? WHERE warehouse = ?
		AND sku = ? AND owner = ? AND code = ? AND expires_on = ''`, batch.ExpiresOn, b.warehouse,
		batch.Item.SKU, batch.Item.Owner, batch.Code)
	if err == nil && dated == 0 {
		err = store.Redo(fmt.Errorf("batch %s has been dated meanwhile", batch.Code))
	}
	return err
}

func (b *Book) writeReservations(ctx context.Context, tick int64) error {
	var created [][]any
	var changed []change
	for _, id := range slices.Sorted(maps.Keys(b.reserved)) {
		r := b.reserved[id]
		switch {
		case r.isNew:
			created = append(created, []any{b.warehouse, r.ID, r.Key.JobType, r.Key.OrderID,
				r.Key.LineID, r.Key.Revision, r.Item.Owner, r.Item.SKU, r.Requested, r.BaseUnits,
				r.Started, r.State, r.ExpiresAt, r.dueAt, r.content, r.Asked.text(), r.createdAt,
				tick})
		case r.dirty:
			changed = append(changed, change{[]any{r.ID}, []any{r.Started, r.State, r.ExpiresAt,
				r.dueAt, r.tick + 1}})
		}
	}
	err := mergedUpdate{table: "reservations", keys: []string{"id"}, every: true,
		columns: []string{"started", "state", "expires_at", "due_at", "tick"}}.
		run(ctx, b.tx, b.warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, "reservations", `warehouse, id, job_type, order_id, line_id,
		revision, owner, sku, requested, base_units, started, state, expires_at, due_at, content,
		asked, created_at, tick`, created)
}

func (b *Book) writeHolds(ctx context.Context) error {
	var created [][]any
	var changed []change
	for _, id := range slices.Sorted(maps.Keys(b.reserved)) {
		for _, hold := range b.reserved[id].Holds {
			switch {
			case hold.isNew:
				created = append(created, []any{b.warehouse, id, hold.Row.ID, hold.position,
					hold.Held, hold.Deducted, hold.Released, hold.Open()})
			case hold.dirty:
				changed = append(changed, change{[]any{id, hold.Row.ID}, []any{hold.Held,
					hold.Deducted, hold.Released, hold.Open()}})
			}
		}
	}
	err := mergedUpdate{table: "holds", keys: []string{"reservation_id", "zone_stock_id"},
		columns: []string{"held", "deducted", "released", "open_qty"}}.
		run(ctx, b.tx, b.warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, "holds", `warehouse, reservation_id, zone_stock_id, position,
		held, deducted, released, open_qty`, created)
}

func (b *Book) writeTasks(ctx context.Context, tick int64) error {
	var created [][]any
	var changed []change
	for _, id := range slices.Sorted(maps.Keys(b.tasks)) {
		task := b.tasks[id]
		if !task.dirty {
			continue
		}
		values := []any{task.State, task.BinRow.ID, rowID(task.ZoneRow), task.ToBin, task.Qty,
			task.Done, task.Pinned, task.Froze, task.PickSequence}
		if !task.isNew {
			changed = append(changed, change{[]any{id}, append(values, task.tick+1)})
			continue
		}
		var reservation int64
		if task.Reservation != nil {
			reservation = task.Reservation.ID
		}
		created = append(created, append(append([]any{b.warehouse, id}, values...), tick,
			task.Kind, task.JobType, task.TaskID, reservation, task.createdAt))
	}
	err := mergedUpdate{table: "tasks", keys: []string{"id"}, every: true,
		columns: []string{"state", "bin_stock_id", "zone_stock_id", "to_bin", "qty", "done",
			"pinned", "froze", "pick_sequence", "tick"}}.run(ctx, b.tx, b.warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, "tasks", `warehouse, id, state, bin_stock_id, zone_stock_id,
		to_bin, qty, done, pinned, froze, pick_sequence, tick, kind, job_type, task_id,
		reservation_id, created_at`, created)
}

func rowID(row *StockRow) int64 {
	if row == nil {
		return 0
	}
	return row.ID
}

// writeReturned records what came back, so that no more comes back than left.
func (b *Book) writeReturned(ctx context.Context, tick int64) error {
	for _, departure := range b.departures {
		if !departure.dirty {
			continue
		}
		key := departure.key
		identity := []any{b.warehouse, key.OrderID, key.TaskID, key.LineID, key.JobType,
			key.Revision, key.Action}
		if departure.isNew {
			err := insertRows(ctx, b.tx, "returned", `warehouse, order_id, task_id, line_id,
				job_type, revision, action, restored, tick`,
				[][]any{append(identity, departure.Restored, tick)})
			if err != nil {
				return err
			}
			continue
		}
		_, err := b.tx.Exec(ctx, `UPDATE returned SET restored = ?, tick = tick + 1
			WHERE warehouse = ? AND order_id = ? AND task_id = ? AND line_id = ? AND job_type = ?
			AND revision = ? AND action = ?`, append([]any{departure.Restored}, identity...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) writeCommit(ctx context.Context, tick int64) error {
	if b.flows == 0 {
		return nil
	}
	return insertRows(ctx, b.tx, "commits", "warehouse, id, tick, flows, recorded_at",
		[][]any{{b.warehouse, b.commitID, tick, b.flows, b.View.Now}})
}
