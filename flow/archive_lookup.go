package flow

import (
	"context"
	"database/sql"
	"errors"

	"tierstock/model"
	"tierstock/store"
)

// What readers of the ledger are told instead of a list that silently begins too late.
var (
	// ErrArchivedPlace is a place in the feed before those flows that are still here.
	ErrArchivedPlace = errors.New("the flows after this place have been archived: read them from " +
		"the archive's files, and go on from their last seq")
	// ErrArchivedKey is a key with an effect whose flows are not here any more.
	ErrArchivedKey = errors.New("this key belongs to archived history: it had its effect, whose " +
		"flows are in the archive's files")
)

func refuseArchived(field, advice string) error {
	return Refuse(model.TooOld, field,
		"this key belongs to archived history, where it had its effect; "+advice)
}

// Where a batch meets an archiver of another process, which moves keys from the flows to the
// archive, it must look in that order too: a key that it does not find among the flows, and then
// not in the archive, is in neither. The view of the masters says whether there is an archive at
// all; while there is none, nothing is asked.
//
// A key that is in neither place cannot get into the archive before the batch is written: archived
// effects are older than archiveAgeMin, and a batch younger than batchTimeMax. And an archive is
// announced for announceTime before anything is in it, so that a view that does not know of it is
// out of use by then.

// lookUpArchived finds which of the keys that were looked up among the flows had their effect long
// ago, and whether what departed under others did.
func (b *Book) lookUpArchived(ctx context.Context, movements []*Movement,
	departed map[model.Key]bool) error {
	if b.View == nil || !b.View.Archived {
		return nil
	}
	var unknown [][]any
	for _, movement := range b.toLookUp(movements) {
		unknown = b.appendUnknown(unknown, movement.Key)
	}
	for key := range departed {
		if b.departures[key] == nil {
			unknown = b.appendUnknown(unknown, key)
		}
	}
	return archivedAmong(ctx, b.q, b.dialect, b.warehouse, unknown, func(key model.Key) {
		b.known[key] = known{archived: true}
	})
}

// appendUnknown appends a key that may be in the archive: a RESERVE's is its reservation's, and
// those stay.
func (b *Book) appendUnknown(keys [][]any, key model.Key) [][]any {
	if _, found := b.known[key]; found || key.Action == model.Reserve {
		return keys
	}
	return append(keys, keyValues(key))
}

// errArchivedMeanwhile sends a batch back to look its keys up before it decides.
var errArchivedMeanwhile = errors.New("a key belongs to archived history")

// refuseArchivedEffects sends a batch back that gives an archived key another effect. Its flows
// must be written: that none of them was there is what their unique index has just said.
func (b *Book) refuseArchivedEffects(ctx context.Context) error {
	movements := make([]*Movement, len(b.effects))
	for i, effect := range b.effects {
		movements[i] = effect.Movement
	}
	return b.redoArchived(ctx, movements)
}

// redoArchived sends a batch back where one of these movements' keys is archived. They have been
// looked up among the flows after the batch was decided. Keys that were looked up before it was
// have been looked up in the archive as well.
func (b *Book) redoArchived(ctx context.Context, movements []*Movement) error {
	if b.View == nil || !b.View.Archived || b.looksFirst {
		return nil
	}
	var keys [][]any
	for _, movement := range movements {
		if action := movement.Key.Action; action != model.Reserve && !mayBeBare[action] {
			keys = append(keys, keyValues(movement.Key))
		}
	}
	found := false
	err := archivedAmong(ctx, b.q, b.dialect, b.warehouse, keys, func(model.Key) { found = true })
	if err == nil && found {
		b.engine.replays.expect()
		err = store.Redo(errArchivedMeanwhile)
	}
	return err
}

// Archived says whether the effect under that key has been archived. The movement must need what
// departed under it.
func (b *Book) Archived(key model.Key) bool { return b.known[key].archived }

// archivedAmong tells which of these keys' effects are archived.
func archivedAmong(ctx context.Context, q store.Queryer, d store.Dialect, warehouse string,
	keys [][]any, found func(model.Key)) error {
	for _, some := range chunks(keys, chunkKeys) {
		statement, args := sqlArchivedKeys(d, warehouse, some)
		err := store.EachRow(ctx, q, statement, args, func(rows *sql.Rows) error {
			key := model.Key{Warehouse: warehouse}
			err := rows.Scan(&key.OrderID, &key.TaskID, &key.LineID, &key.JobType, &key.Revision,
				&key.Action)
			found(key)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sqlArchivedKeys: a key that is found never has an effect again.
func sqlArchivedKeys(d store.Dialect, warehouse string, keys [][]any) (string, []any) {
	w := newWhere(warehouse)
	condition := w.tuples(d, keyColumns, keys)
	return `SELECT ` + keyColumns + ` FROM archived_keys ` + by(d, "PRIMARY") +
		`WHERE warehouse = ? AND ` + condition, w.args
}

// isArchivedCaller says whether any effect under this key, whatever its action, is archived. What
// RESERVE did is told by its reservation.
func isArchivedCaller(ctx context.Context, q store.Queryer, warehouse string, key model.Key) (
	archived bool, err error) {
	err = store.EachRow(ctx, q, `SELECT 1 FROM archived_keys WHERE warehouse = ? AND order_id = ?
		AND task_id = ? AND line_id = ? AND job_type = ? AND revision = ? LIMIT 1`,
		[]any{warehouse, key.OrderID, key.TaskID, key.LineID, key.JobType, key.Revision},
		func(*sql.Rows) error { archived = true; return nil })
	return archived, err
}

// archivedTo is the last number in the feed whose flow is archived, 0 for none.
func archivedTo(ctx context.Context, q store.Queryer, warehouse string) (seq int64, err error) {
	err = store.EachRow(ctx, q, `SELECT seq FROM archives WHERE warehouse = ?`, []any{warehouse},
		func(rows *sql.Rows) error { return rows.Scan(&seq) })
	return seq, err
}
