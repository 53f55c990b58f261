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

// lookUpArchived finds which keys had their effect long ago. It comes after the keys were looked
// up among the flows: an archiver that moved a key before that look-up has made it known here, and
// one that moves it later left it to be found there. And it comes after the view was read, which
// tells whether there is an archive at all: while there is none, nothing is asked.
//
// A key that is in neither place now cannot get into the archive before this batch is written,
// since archived effects are older than archiveAgeMin and a batch younger than batchTimeMax.
func (b *Book) lookUpArchived(ctx context.Context, movements []*Movement, n *needed) error {
	if b.View == nil || !b.View.Archived {
		return nil
	}
	var unknown [][]any
	ask := func(key model.Key) {
		// A RESERVE's key is its reservation's, and those stay.
		if _, found := b.known[key]; !found && key.Action != model.Reserve {
			unknown = append(unknown, keyValues(key))
		}
	}
	for _, movement := range movements {
		ask(movement.Key)
	}
	for key := range n.departed {
		if b.departures[key] == nil {
			ask(key)
		}
	}
	return archivedAmong(ctx, b.q, b.dialect, b.warehouse, unknown, func(key model.Key) {
		b.known[key] = known{archived: true}
	})
}

// Archived says whether the effect under that key has been archived. The movement must need what
// departed under it.
func (b *Book) Archived(key model.Key) bool { return b.known[key].archived }

// archivedAmong tells which of these keys' effects are archived.
func archivedAmong(ctx context.Context, q store.Queryer, d store.Dialect, warehouse string,
	keys [][]any, found func(model.Key)) error {
	for _, some := range chunks(keys, chunkKeys) {
		statement, args := sqlArchivedKeys(d, warehouse, some)
		err := scanRows(ctx, q, statement, args, func(rows *sql.Rows) error {
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
	err = scanRows(ctx, q, `SELECT 1 FROM archived_keys WHERE warehouse = ? AND order_id = ?
		AND task_id = ? AND line_id = ? AND job_type = ? AND revision = ? LIMIT 1`,
		[]any{warehouse, key.OrderID, key.TaskID, key.LineID, key.JobType, key.Revision},
		func(*sql.Rows) error { archived = true; return nil })
	return archived, err
}

// archivedTo is the last number in the feed whose flow is archived, 0 for none.
func archivedTo(ctx context.Context, q store.Queryer, warehouse string) (seq int64, err error) {
	err = scanRows(ctx, q, `SELECT seq FROM archives WHERE warehouse = ?`, []any{warehouse},
		func(rows *sql.Rows) error { return rows.Scan(&seq) })
	return seq, err
}
