package flow

import (
	"context"
	"database/sql"
	"errors"

	"tierstock/model"
	"tierstock/store"
)

var bareEffects = newTable("bare_effects", `warehouse action recorded_at`, `job_type order_id
	line_id task_id revision reservation_id applied content reason reference note actor
	occurred_at`)

// errTwin sends a batch back to look its keys up again.
var errTwin = errors.New("a key has got an effect with legs, and one without, at once")

// writeBare records the keys of effects without legs. The same call has legs or none, as it finds
// things, and no unique index spans both tables: two processes that use one key at once could
// each write into another table. So an effect that has legs takes the key's place among the bare
// ones for as long as its transaction lasts, and a bare one, once it has that place, looks
// whether legs got there first. Where there is one writer at a time, nobody meets.
func (b *Book) writeBare(ctx context.Context) error {
	var rows []*Effect
	var passing [][]any
	var bare []model.Key
	for _, effect := range b.effects {
		key := effect.Movement.Key
		switch {
		case effect.isBare():
			rows, bare = append(rows, effect), append(bare, key)
		case mayBeBare[key.Action] && b.lock != "":
			rows, passing = append(rows, effect), append(passing, keyValues(key))
		}
	}
	err := insertRows(ctx, b.tx, bareEffects, len(rows), func(i int, row *rowText) {
		rows[i].writeBare(row)
	})
	if err != nil {
		return err
	}
	for _, some := range chunks(passing, chunkKeys) {
		statement, args := sqlForgetBare(b.dialect, b.warehouse, some)
		if _, err := b.tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	if b.lock == "" {
		return nil
	}
	return b.refuseLegs(ctx, bare)
}

// refuseLegs redoes the batch where one of these keys has legs by now.
func (b *Book) refuseLegs(ctx context.Context, keys []model.Key) error {
	for _, table := range []string{"zone_flows", "bin_flows"} {
		for _, some := range chunks(keys, chunkKeys) {
			statement, args := sqlKnownEffects(b.dialect, table, b.warehouse, some)
			if err := scanRows(ctx, b.q, statement, args, func(*sql.Rows) error {
				return store.Redo(errTwin)
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Effect) writeBare(row *rowText) {
	key, audit := &e.Movement.Key, &e.Movement.Audit
	row.string(e.warehouse).string(string(key.Action)).int(int64(e.View.Now)).
		string(key.JobType).string(key.OrderID).string(key.LineID).string(key.TaskID).
		int(key.Revision).int(e.reservationID()).int(int64(e.Applied)).int(e.content).
		string(string(audit.Reason)).string(audit.Reference).string(audit.Note).
		string(e.Movement.actor).int(int64(audit.OccurredAt))
}

func sqlForgetBare(d store.Dialect, warehouse string, keys [][]any) (string, []any) {
	w := newWhere(warehouse)
	condition := w.tuples(d, keyColumns, keys)
	return `DELETE FROM bare_effects WHERE warehouse = ? AND ` + condition, w.args
}
