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

// add puts into the database what the decided batch makes: each leg once, and whatever is new
// with it. It locks nothing that is there already.
func (b *Book) add(ctx context.Context) error {
	if len(b.effects) == 0 {
		return nil
	}
	b.inserts = script{tx: b.tx}
	return inOrder(ctx, b.addFlows, b.addBare, b.addReservations, b.addHolds, b.addTasks,
		b.addShortages, b.addReturned, b.addCommit, b.inserts.run)
}

// change writes what the batch leaves of what was there, each row once, and new stock rows. All
// of it is locked by now.
func (b *Book) change(ctx context.Context) error {
	if len(b.effects) == 0 {
		return nil
	}
	return inOrder(ctx, b.keepPacks, b.writeBins, b.writeBatches, b.changeReservations,
		b.changeHolds, b.changeTasks, b.changeReturned, b.writeClosing, b.passBare, b.writeRows)
}

func inOrder(ctx context.Context, steps ...func(context.Context) error) error {
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

// The tables that stock stands in: the columns without a default, then the others.
var (
	zoneStocks = newTable("zone_stocks", `warehouse id zone sku`, `owner batch pack on_hand
		reserved frozen row_seq received_on tick updated_at`)
	binStocks = newTable("bin_stocks", `warehouse id zone bin sku`, `owner batch pack on_hand
		reserved frozen row_seq version tick updated_at`)
	batches = newTable("batches", `warehouse sku code`, `owner expires_on hold`)
)

// writeRows writes each touched stock row once: those that are there by one UPDATE a tier, those
// that are new by one INSERT.
func (b *Book) writeRows(ctx context.Context) error {
	rows := b.changedRows()
	for _, tier := range []struct {
		old, made []*StockRow
		into      table
		last      string
	}{{rows.zones, rows.zonesNew, zoneStocks, "received_on"},
		{rows.bins, rows.binsNew, binStocks, "version"}} {
		changes := make([]change, len(tier.old))
		for i, row := range tier.old {
			changes[i] = change{key: [2]int64{row.ID}, values: row.state().cells(row.Tier),
				was: row.stored.cells(row.Tier)}
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
func (s rowState) cells(tier model.Tier) []cell {
	last := intCell(s.version)
	if tier == model.ZoneTier {
		last = textCell(s.receivedOn)
	}
	return []cell{intCell(s.OnHand), intCell(s.Reserved), intCell(s.Frozen), intCell(s.rowSeq),
		last}
}

func (b *Book) writeBins(ctx context.Context) error {
	for _, bins := range chunks(b.enteredBins, chunkKeys) {
		statement, args := sqlTouchBins(b.dialect, b.warehouse, bins)
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
