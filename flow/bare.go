package flow

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

var bareEffects = newTable("bare_effects", `warehouse action recorded_at`, `job_type order_id
	line_id task_id revision reservation_id applied content reason reference note actor
	occurred_at`)

// errTwin sends a batch back to look its keys up again.
var errTwin = errors.New("a key has got an effect with legs, and one without, at once")

// addBare records the keys of effects without legs. The same call has legs or none, as it finds
// things, and no unique index spans both tables: two processes that use one key at once could
// each write into another table. So an effect that has legs takes the key's place among the bare
// ones for as long as its transaction lasts, and a bare one, once it has that place, looks
// whether legs got there first. Where there is one writer at a time, nobody meets.
func (b *Book) addBare(ctx context.Context) error {
	rows := slices.DeleteFunc(slices.Clone(b.effects), func(effect *Effect) bool {
		return !effect.isBare() && !b.passes(effect)
	})
	return b.inserts.insert(ctx, bareEffects, len(rows), func(i int, row *rowText) {
		rows[i].writeBare(row)
	})
}

// passes says whether an effect with legs takes a place among the bare ones for a while.
func (b *Book) passes(effect *Effect) bool {
	return !effect.isBare() && mayBeBare[effect.Movement.Key.Action] && b.lock != ""
}

// passBare gives those places back, and lets bare effects look.
func (b *Book) passBare(ctx context.Context) error {
	passing := script{tx: b.tx}
	var bare []model.Key
	for _, effect := range b.effects {
		switch key := effect.Movement.Key; {
		case effect.isBare():
			bare = append(bare, key)
		case b.passes(effect):
			passing.forgetBare(key)
		}
	}
	if err := passing.run(ctx); err != nil {
		return err
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
			if err := store.EachRow(ctx, b.q, statement, args, func(*sql.Rows) error {
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

// forgetBare deletes one key by all of its primary key. Of a list of keys MySQL and MariaDB would
// rather look through the whole warehouse, since the table is all but empty, and wait there for
// keys that others have in passing.
func (s *script) forgetBare(key model.Key) {
	s.begin("DELETE FROM bare_effects WHERE warehouse = ").String(key.Warehouse).
		SQL(" AND order_id = ").String(key.OrderID).SQL(" AND task_id = ").String(key.TaskID).
		SQL(" AND line_id = ").String(key.LineID).SQL(" AND job_type = ").String(key.JobType).
		SQL(" AND revision = ").Int(key.Revision).SQL(" AND action = ").String(string(key.Action))
}
