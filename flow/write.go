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

// write puts the decided batch into the database: each leg once, and whatever goes with it. The
// stock rows come last, by writeRows.
func (b *Book) write(ctx context.Context) error {
	if len(b.effects) == 0 {
		return nil
	}
	steps := []func(context.Context) error{b.keepPacks, b.writeBins, b.writeBatches,
		b.writeReservations, b.writeHolds, b.writeTasks, b.writeReturned, b.writeClosing,
		b.writeFlows, b.writeBare, b.writeCommit}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// number gives each leg its place in the commit, and so in the feed, and the commit its tick: a
// Lamport clock that keeps close to the database's, later than every earlier commit of a row that
// this one touches, whatever process wrote it. The feed orders commits by it.
func (b *Book) number() {
	for _, effect := range b.effects {
		effect.firstPos = b.flows
		b.flows += len(effect.legs)
	}
	if b.View == nil {
		return
	}
	b.tick = int64(b.View.Now)
	for _, row := range b.rows {
		if row.dirty {
			b.tick = max(b.tick, row.tick+1)
		}
	}
}

// The tables of the write path: the columns without a default, then the others.
var (
	zoneStocks = newTable("zone_stocks", `warehouse id zone sku`, `owner batch pack on_hand
		reserved frozen row_seq received_on tick updated_at`)
	binStocks = newTable("bin_stocks", `warehouse id zone bin sku`, `owner batch pack on_hand
		reserved frozen row_seq version tick updated_at`)
	batches      = newTable("batches", `warehouse sku code`, `owner expires_on hold`)
	reservations = newTable("reservations", `warehouse id job_type order_id line_id state asked
		created_at`, `revision owner sku requested base_units started expires_at due_at content
		tick`)
	holds = newTable("holds", `warehouse reservation_id zone_stock_id position held open_qty`,
		`deducted released`)
	tasks = newTable("tasks", `warehouse id kind state created_at`, `bin_stock_id zone_stock_id
		to_bin qty done pinned froze pick_sequence tick job_type task_id reservation_id`)
	returned = newTable("returned", `warehouse action`, `order_id task_id line_id job_type
		revision restored tick`)
	commits = newTable("commits", `warehouse id tick flows recorded_at`, ``)
)

// writeRows writes each touched stock row once: those that are there by one UPDATE a tier, those
// that are new by one INSERT.
func (b *Book) writeRows(ctx context.Context) error {
	if len(b.effects) == 0 {
		return nil
	}
	rows := b.changedRows()
	for _, tier := range []struct {
		old, made []*StockRow
		into      table
		last      string
	}{{rows.zones, rows.zonesNew, zoneStocks, "received_on"},
		{rows.bins, rows.binsNew, binStocks, "version"}} {
		changes := make([]change, len(tier.old))
		for i, row := range tier.old {
			changes[i] = change{key: [2]int64{row.ID}, values: row.cells(), was: row.stored}
		}
		err := mergedUpdate{table: tier.into.name, keys: []string{"id"}, every: true,
			columns:      []string{"on_hand", "reserved", "frozen", "row_seq", tier.last},
			shared:       []string{"tick", "updated_at"},
			sharedValues: []cell{intCell(b.tick), intCell(b.View.Now)}}.
			run(ctx, b.tx, b.warehouse, changes)
		if err != nil {
			return err
		}
		err = insertRows(ctx, b.tx, tier.into, len(tier.made), func(i int, text *rowText) {
			b.writeNewRow(tier.made[i], text)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) writeNewRow(row *StockRow, text *rowText) {
	text.string(b.warehouse).int(row.ID).string(row.Zone)
	if row.Tier == model.BinTier {
		text.string(row.Bin)
	}
	text.string(row.Item.SKU).string(row.Item.Owner).string(row.Batch).string(row.Pack).
		int(int64(row.OnHand)).int(int64(row.Reserved)).int(int64(row.Frozen)).int(row.rowSeq)
	if row.Tier == model.ZoneTier {
		text.string(string(row.ReceivedOn))
	} else {
		text.int(row.Version)
	}
	text.int(b.tick).int(int64(b.View.Now))
}

// touched are the rows that a batch writes, each list in the order of ids.
type touched struct{ zones, zonesNew, bins, binsNew []*StockRow }

func (b *Book) changedRows() (rows touched) {
	for _, id := range slices.Sorted(maps.Keys(b.rows)) {
		row := b.rows[id]
		list := &rows.zones
		switch {
		case !row.dirty || row.rowSeq == 0:
			continue
		case row.Tier == model.ZoneTier && row.isNew:
			list = &rows.zonesNew
		case row.Tier == model.BinTier && row.isNew:
			list = &rows.binsNew
		case row.Tier == model.BinTier:
			list = &rows.bins
		}
		*list = append(*list, row)
	}
	return rows
}

// cells are the columns of a row that change. The last one is only in its tier: since when goods
// are there, or the count's version.
func (r *StockRow) cells() []cell {
	last := intCell(r.Version)
	if r.Tier == model.ZoneTier {
		last = textCell(r.ReceivedOn)
	}
	return []cell{intCell(r.OnHand), intCell(r.Reserved), intCell(r.Frozen), intCell(r.rowSeq),
		last}
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
	var created []*batchRow
	for _, batch := range b.batches {
		switch {
		case batch.isNew:
			created = append(created, batch)
		case batch.dirty:
			if err := b.dateBatch(ctx, batch); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(created, func(one, other *batchRow) int {
		return cmp.Or(compareItems(one.Item, other.Item), cmp.Compare(one.Code, other.Code))
	})
	return insertRows(ctx, b.tx, batches, len(created), func(i int, row *rowText) {
		batch := created[i]
		row.string(b.warehouse).string(batch.Item.SKU).string(batch.Code).
			string(batch.Item.Owner).string(string(batch.ExpiresOn)).flag(batch.Hold)
	})
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

func (b *Book) writeReservations(ctx context.Context) error {
	var created []*Reservation
	var changed []change
	for _, id := range slices.Sorted(maps.Keys(b.reserved)) {
		r := b.reserved[id]
		switch {
		case r.isNew:
			created = append(created, r)
		case r.dirty:
			changed = append(changed, change{key: [2]int64{r.ID}, values: r.cells(),
				was: r.stored})
		}
	}
	err := mergedUpdate{table: "reservations", keys: []string{"id"}, every: true,
		columns:  []string{"started", "state", "expires_at", "due_at"},
		counters: []string{"tick"}}.
		run(ctx, b.tx, b.warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, reservations, len(created), func(i int, row *rowText) {
		r := created[i]
		row.string(b.warehouse).int(r.ID).string(r.Key.JobType).string(r.Key.OrderID).
			string(r.Key.LineID).string(string(r.State)).string(r.asked).int(int64(r.createdAt)).
			int(r.Key.Revision).string(r.Item.Owner).string(r.Item.SKU).int(int64(r.Requested)).
			flag(r.BaseUnits).flag(r.Started).int(int64(r.ExpiresAt)).int(int64(r.dueAt)).
			int(r.content).int(b.tick)
	})
}

// writeHolds writes all holds of a reservation of which one changed: its key selects them all.
func (b *Book) writeHolds(ctx context.Context) error {
	var created []*Hold
	var changed []change
	for _, id := range slices.Sorted(maps.Keys(b.reserved)) {
		var stored []change
		changes := false
		for _, hold := range b.reserved[id].Holds {
			if hold.isNew {
				created = append(created, hold)
				continue
			}
			changes = changes || hold.dirty
			stored = append(stored, change{key: [2]int64{id, hold.Row.ID}, values: hold.cells(),
				was: hold.stored})
		}
		if changes {
			changed = append(changed, stored...)
		}
	}
	slices.SortFunc(changed, func(one, other change) int {
		return slices.Compare(one.key[:], other.key[:])
	})
	err := mergedUpdate{table: "holds", keys: []string{"reservation_id", "zone_stock_id"},
		columns: []string{"held", "deducted", "released", "open_qty"}}.
		run(ctx, b.tx, b.warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, holds, len(created), func(i int, row *rowText) {
		hold := created[i]
		row.string(b.warehouse).int(hold.reservation.ID).int(hold.Row.ID).
			int(int64(hold.position)).int(int64(hold.Held)).int(int64(hold.Open())).
			int(int64(hold.Deducted)).int(int64(hold.Released))
	})
}

func (b *Book) writeTasks(ctx context.Context) error {
	var created []*Task
	var changed []change
	for _, id := range slices.Sorted(maps.Keys(b.tasks)) {
		task := b.tasks[id]
		switch {
		case task.dirty && task.isNew:
			created = append(created, task)
		case task.dirty:
			changed = append(changed, change{key: [2]int64{id}, values: []cell{
				textCell(task.State), intCell(task.BinRow.ID), intCell(rowID(task.ZoneRow)),
				textCell(task.ToBin), intCell(task.Qty), intCell(task.Done), intCell(task.Pinned),
				intCell(task.Froze), intCell(task.PickSequence)}})
		}
	}
	err := mergedUpdate{table: "tasks", keys: []string{"id"}, every: true,
		columns: []string{"state", "bin_stock_id", "zone_stock_id", "to_bin", "qty", "done",
			"pinned", "froze", "pick_sequence"}, counters: []string{"tick"}}.run(ctx, b.tx, b.warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, b.tx, tasks, len(created), func(i int, row *rowText) {
		b.writeNewTask(created[i], row)
	})
}

func (b *Book) writeNewTask(task *Task, row *rowText) {
	var reservation int64
	if task.Reservation != nil {
		reservation = task.Reservation.ID
	}
	row.string(b.warehouse).int(task.ID).string(string(task.Kind)).string(string(task.State)).
		int(int64(task.createdAt)).int(task.BinRow.ID).int(rowID(task.ZoneRow)).
		string(task.ToBin).int(int64(task.Qty)).int(int64(task.Done)).int(int64(task.Pinned)).
		int(int64(task.Froze)).int(task.PickSequence).int(b.tick).string(task.JobType).
		string(task.TaskID).int(reservation)
}

// cells are the columns of a reservation that change.
func (r *Reservation) cells() []cell {
	return []cell{flagCell(r.Started), textCell(r.State), intCell(r.ExpiresAt), intCell(r.dueAt)}
}

// cells are the columns of a hold that change.
func (h *Hold) cells() []cell {
	return []cell{intCell(h.Held), intCell(h.Deducted), intCell(h.Released), intCell(h.Open())}
}

func rowID(row *StockRow) int64 {
	if row == nil {
		return 0
	}
	return row.ID
}

// writeReturned records what came back, so that no more comes back than left.
func (b *Book) writeReturned(ctx context.Context) error {
	var created []*Departure
	for _, departure := range b.departures {
		switch {
		case departure.dirty && departure.isNew:
			created = append(created, departure)
		case departure.dirty:
			key := departure.key
			_, err := b.tx.Exec(ctx, `UPDATE returned SET restored = ?, tick = tick + 1
				WHERE warehouse = ? AND order_id = ? AND task_id = ? AND line_id = ?
				AND job_type = ? AND revision = ? AND action = ?`,
				append([]any{departure.Restored, b.warehouse}, keyValues(key)...)...)
			if err != nil {
				return err
			}
		}
	}
	return insertRows(ctx, b.tx, returned, len(created), func(i int, row *rowText) {
		key := created[i].key
		row.string(b.warehouse).string(string(key.Action)).string(key.OrderID).
			string(key.TaskID).string(key.LineID).string(key.JobType).int(key.Revision).
			int(int64(created[i].Restored)).int(b.tick)
	})
}

func (b *Book) writeCommit(ctx context.Context) error {
	if b.flows == 0 {
		return nil
	}
	return insertRows(ctx, b.tx, commits, 1, func(_ int, row *rowText) {
		row.string(b.warehouse).int(b.commitID).int(b.tick).int(int64(b.flows)).
			int(int64(b.View.Now))
	})
}
