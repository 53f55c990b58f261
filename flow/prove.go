package flow

import (
	"context"
	"database/sql"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// prove makes what was foreseen true, or sends the batch back: the batch before has landed as
// foreseen, and what this one was decided from is locked now, and still the same.
func (b *Book) prove(ctx context.Context, before *flight) error {
	if before != nil {
		select {
		case <-before.done:
		case <-before.lost.Done():
			return store.Redo(errUnforeseen)
		case <-time.After(landingWaitMax):
			return store.Redo(errUnforeseen)
		}
		if !before.asForeseen {
			return store.Redo(errUnforeseen)
		}
	}
	proof := newBook(b.engine, b.tx, b.warehouse, b.commitID)
	err := inOrder(ctx,
		func(ctx context.Context) error { return proof.lockReservations(ctx, b.foreseen) },
		func(ctx context.Context) error { return proof.lockBins(ctx, b.foreseen) },
		b.proveZoneRows,
		func(ctx context.Context) error { return proof.lockBinRows(ctx, b.foreseen) },
		b.proveMasters)
	if err == nil && !b.agreesWith(proof) {
		err = store.Redo(errUnforeseen)
	}
	return err
}

// proveZoneRows locks the items' tier-2 rows. That none has come is told by their number.
func (b *Book) proveZoneRows(ctx context.Context) error {
	known := 0
	for _, row := range b.rows {
		if row.Tier == model.ZoneTier && !row.isNew {
			known++
		}
	}
	for _, items := range chunks(sortedItems(b.foreseen.items), chunkKeys) {
		statement, args := sqlProveZoneRows(b.dialect, b.lock, b.warehouse, items)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var id, rowSeq int64
			err := rows.Scan(&id, &rowSeq)
			if row := b.rows[id]; err == nil && (row == nil || row.stored.rowSeq != rowSeq) {
				err = store.Redo(errUnforeseen)
			}
			known--
			return err
		})
		if err != nil {
			return err
		}
	}
	if known != 0 {
		return store.Redo(errUnforeseen)
	}
	return nil
}

// proveMasters looks again whether a bin that is entered has been closed meanwhile.
func (b *Book) proveMasters(ctx context.Context) error {
	if len(b.foreseen.enters) == 0 {
		return nil
	}
	fresh, err := b.engine.catalog.View(ctx, b.q, b.warehouse)
	if err == nil && (fresh == nil || b.View == nil || !b.View.SameAs(fresh)) {
		err = store.Redo(errUnforeseen)
	}
	return err
}

// agreesWith says whether the locked reservations, tasks and tier-3 rows are those that were read.
// A row at zero that no movement named is not read again, and is not written either.
func (b *Book) agreesWith(proof *Book) bool {
	known := 0
	for id, r := range b.reserved {
		if r.isNew {
			continue
		}
		if locked := proof.reserved[id]; locked == nil || locked.version != r.version {
			return false
		}
		known++
	}
	if known != len(proof.reserved) {
		return false
	}
	for id, locked := range proof.tasks {
		if task := b.tasks[id]; task == nil || task.version != locked.version {
			return false
		}
	}
	for id, locked := range proof.rows {
		if row := b.rows[id]; row == nil || row.stored.rowSeq != locked.rowSeq {
			return false
		}
	}
	for id, row := range b.rows {
		if row.Tier == model.BinTier && !row.isNew && proof.rows[id] == nil && row.dirty {
			return false
		}
	}
	return true
}
