package flow

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"tierstock/model"
	"tierstock/store"
)

// mayBeBare are the actions whose effects may touch no stock row.
var mayBeBare = map[model.Action]bool{model.Release: true, model.Extend: true, model.Block: true,
	model.Unblock: true, model.Exception: true}

// replayWatch says whether keys had better be looked up before a batch is decided. Fresh keys
// need not be: their unique index tells, and the batch is redone. But a caller that lost one
// answer has often lost others, and a replay among a thousand lines redoes them all.
type replayWatch struct{ batches atomic.Int64 }

// replayBatches is how many batches after a replay look first; about a second's work.
const replayBatches = 64

func (w *replayWatch) expect() { w.batches.Store(replayBatches) }

func (w *replayWatch) expected() bool { return w.batches.Load() > 0 }

// saw notes a batch that looked first.
func (w *replayWatch) saw(replays bool) {
	if replays {
		w.expect()
	} else if w.expected() {
		w.batches.Add(-1)
	}
}

// toLookUp are the movements whose keys must be looked up before they are decided: all, where
// replays are expected; else those that may leave no row with a unique key behind.
func (b *Book) toLookUp(movements []*Movement) (some []*Movement) {
	if b.looksFirst {
		return movements
	}
	for _, movement := range movements {
		if mayBeBare[movement.Key.Action] {
			some = append(some, movement)
		}
	}
	return some
}

// lookUpKeys finds which keys already have their effect. The unique indexes still guard the
// write: a key that another process uses meanwhile is found when the batch is redone.
func (b *Book) lookUpKeys(ctx context.Context, movements []*Movement) error {
	wanted := map[string][]model.Key{}
	for _, movement := range movements {
		key := movement.Key
		switch {
		case key.Action == model.Reserve:
			wanted["reservations"] = append(wanted["reservations"], key)
			continue
		case key.Tier() == model.BinTier:
			wanted["bin_flows"] = append(wanted["bin_flows"], key)
		default:
			wanted["zone_flows"] = append(wanted["zone_flows"], key)
		}
		if mayBeBare[key.Action] {
			wanted["bare_effects"] = append(wanted["bare_effects"], key)
		}
	}
	if err := b.knownReservations(ctx, wanted["reservations"]); err != nil {
		return err
	}
	for _, table := range []string{"zone_flows", "bin_flows", "bare_effects"} {
		if err := b.knownEffects(ctx, table, wanted[table]); err != nil {
			return err
		}
	}
	if len(movements) > 0 {
		b.engine.replays.saw(len(b.known) > 0)
	}
	return nil
}

// lookAgain makes sure that no refused line has had its effect in the meantime: looked up before
// the locks, its key may have been used by the very transaction that we waited for, and what it
// took is missing now. Then the batch is decided anew, and the line is a replay.
func (b *Book) lookAgain(ctx context.Context, groups []*group) error {
	var refused []*Movement
	for g, outcomes := range b.outcomes {
		for i, outcome := range outcomes {
			movement := groups[g].movements[i]
			if _, known := b.known[movement.Key]; outcome.err != nil && movement.preset == nil &&
				!known {
				refused = append(refused, movement)
			}
		}
	}
	known := len(b.known)
	if err := b.lookUpKeys(ctx, refused); err != nil {
		return err
	}
	if err := b.redoArchived(ctx, refused); err != nil {
		return err
	}
	if len(b.known) > known {
		return store.Redo(errors.New("a key has got its effect meanwhile"))
	}
	return nil
}

func (b *Book) knownReservations(ctx context.Context, keys []model.Key) error {
	for _, some := range chunks(keys, chunkKeys) {
		statement, args := sqlKnownReservations(b.dialect, b.warehouse, some)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var record known
			var line model.LineKey
			var state model.ReservationState
			var sku string
			err := rows.Scan(&record.reservation, &line.JobType, &line.OrderID, &line.LineID,
				&line.Revision, &record.content, &state, &sku)
			record.cancelled = state == model.ReservationCancelled
			b.known[line.For(b.warehouse, model.Reserve)] = record
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) knownEffects(ctx context.Context, table string, keys []model.Key) error {
	for _, some := range chunks(keys, chunkKeys) {
		statement, args := sqlKnownEffects(b.dialect, table, b.warehouse, some)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			key := model.Key{Warehouse: b.warehouse}
			var record known
			err := rows.Scan(&key.Action, &key.JobType, &key.OrderID, &key.LineID, &key.TaskID,
				&key.Revision, &record.content, &record.applied, &record.reservation,
				&record.writtenBy, &record.shortage)
			b.known[key] = record
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
