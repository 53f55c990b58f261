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

// What stays of archived flows.
var (
	archivedKeys = newTable("archived_keys",
		`warehouse order_id task_id line_id job_type revision action`, ``)
	checkpoints = newTable("checkpoints",
		`warehouse stock_id tier row_seq on_hand reserved frozen seq`, `received_on`)
)

// move stores a batch, then takes it out of the tables in one transaction. Should it end between
// the two, the flows are in a file and still here, and the next run stores them again.
func (a *archiver) move(ctx context.Context, batch archiveBatch) error {
	if err := a.Keep(ctx, batch.flows); err != nil {
		return err
	}
	id := a.db.NewID()
	var after archiveState
	err := a.db.Transact(ctx, func(tx *store.Tx) error {
		landed, err := a.fence(ctx, tx, id)
		if err != nil || landed {
			return err
		}
		after = a.state
		after.batch = id
		return a.take(ctx, tx, batch, &after)
	})
	if err == nil {
		a.state = after
	}
	return err
}

// fence lets only one archiver go on: whoever finds another batch than its own last one gives up.
// landed means that an earlier COMMIT of this very batch did.
func (a *archiver) fence(ctx context.Context, tx *store.Tx, id int64) (landed bool, err error) {
	now, err := readArchive(ctx, tx, a.Warehouse, tx.ForUpdate())
	if err == nil && now.batch != id && now.batch != a.state.batch {
		err = store.ErrLeaseLost
	}
	return now.batch == id, err
}

// take writes what must stay of a batch, and deletes the rest.
func (a *archiver) take(ctx context.Context, tx *store.Tx, batch archiveBatch,
	after *archiveState) error {
	steps := []func(context.Context, *store.Tx, archiveBatch, *archiveState) error{
		a.keepKeys, a.closeNotices, a.keepRows, a.deleteCommits, a.deleteBare, a.writeState,
	}
	for _, step := range steps {
		if err := step(ctx, tx, batch, after); err != nil {
			return err
		}
	}
	return nil
}

// keepKeys keeps the key of each effect, once, in the order of the index. A key that is there
// already had a second effect put in by hand, which somebody has accepted.
func (a *archiver) keepKeys(ctx context.Context, tx *store.Tx, batch archiveBatch,
	after *archiveState) error {
	keys := map[model.Key]bool{}
	for _, flow := range batch.flows {
		keys[flow.Key] = true
	}
	var wanted [][]any
	for key := range keys {
		if key.Action == model.Reserve {
			after.reserves++
			delete(keys, key)
			continue
		}
		wanted = append(wanted, keyValues(key))
	}
	err := archivedAmong(ctx, tx, tx.Dialect(), a.Warehouse, wanted, func(key model.Key) {
		delete(keys, key)
	})
	if err != nil {
		return err
	}
	after.keys += int64(len(keys))
	sorted := slices.SortedFunc(maps.Keys(keys), compareKeys)
	return insertRows(ctx, tx, archivedKeys, len(sorted), func(i int, row *rowText) {
		key := &sorted[i]
		row.string(a.Warehouse).string(key.OrderID).string(key.TaskID).string(key.LineID).
			string(key.JobType).int(key.Revision).string(string(key.Action))
	})
}

// closeNotices: a line of a notice of which a receipt goes to files has come, as far as it will.
func (a *archiver) closeNotices(ctx context.Context, tx *store.Tx, batch archiveBatch,
	_ *archiveState) error {
	closed := map[model.Key]bool{}
	for _, flow := range batch.flows {
		key := flow.Key
		key.Revision = 0
		if key.Action != model.Receive || key.JobType != noticeJob || closed[key] {
			continue
		}
		closed[key] = true
		_, err := tx.Exec(ctx, `UPDATE expected_goods SET closed = 1 WHERE warehouse = ?
			AND asn_id = ? AND line_id = ?`, a.Warehouse, key.OrderID, key.LineID)
		if err != nil {
			return err
		}
	}
	return nil
}

// noticeJob is the job type of receipts of goods that were announced.
const noticeJob = "ASN"

func compareKeys(one, other model.Key) int {
	return cmp.Or(cmp.Compare(one.OrderID, other.OrderID), cmp.Compare(one.TaskID, other.TaskID),
		cmp.Compare(one.LineID, other.LineID), cmp.Compare(one.JobType, other.JobType),
		cmp.Compare(one.Revision, other.Revision), cmp.Compare(one.Action, other.Action))
}

// keepRows leaves a checkpoint of each row as the last of these flows left it. Flows come in the
// order of the feed, and so those of a row in theirs.
func (a *archiver) keepRows(ctx context.Context, tx *store.Tx, batch archiveBatch,
	_ *archiveState) error {
	last := map[int64]*ArchivedFlow{}
	for i := range batch.flows {
		if flow := &batch.flows[i]; flow.Tier != "" {
			last[flow.StockID] = flow
		}
	}
	ids := slices.Sorted(maps.Keys(last))
	known, err := a.knownCheckpoints(ctx, tx, ids)
	if err != nil {
		return err
	}
	var changed []change
	var created []*ArchivedFlow
	for _, id := range ids {
		flow := last[id]
		if !known[id] {
			created = append(created, flow)
			continue
		}
		changed = append(changed, change{key: [2]int64{id}, values: []cell{intCell(flow.RowSeq),
			intCell(flow.After.OnHand), intCell(flow.After.Reserved), intCell(flow.After.Frozen),
			textCell(flow.ReceivedOn), intCell(flow.Seq)}})
	}
	err = mergedUpdate{table: "checkpoints", keys: []string{"stock_id"}, every: true,
		columns: []string{"row_seq", "on_hand", "reserved", "frozen", "received_on", "seq"}}.
		run(ctx, tx, a.Warehouse, changed)
	if err != nil {
		return err
	}
	return insertRows(ctx, tx, checkpoints, len(created), func(i int, row *rowText) {
		flow := created[i]
		row.string(a.Warehouse).int(flow.StockID).string(string(flow.Tier)).int(flow.RowSeq).
			int(int64(flow.After.OnHand)).int(int64(flow.After.Reserved)).
			int(int64(flow.After.Frozen)).int(flow.Seq).string(string(flow.ReceivedOn))
	})
}

// knownCheckpoints tells which of the rows have one. Only the archiver that holds the fence's row
// writes them.
func (a *archiver) knownCheckpoints(ctx context.Context, tx *store.Tx, ids []int64) (
	map[int64]bool, error) {
	known := map[int64]bool{}
	for _, some := range chunks(ids, chunkKeys) {
		condition, args := newWhere(a.Warehouse).in("stock_id", some)
		err := store.EachRow(ctx, tx, `SELECT stock_id FROM checkpoints `+by(tx.Dialect(), "PRIMARY")+
			condition, args, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			known[id] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// deleteCommits deletes what was stored, and no flow more: one that was put in meanwhile, by
// hand, would be lost.
func (a *archiver) deleteCommits(ctx context.Context, tx *store.Tx, batch archiveBatch,
	after *archiveState) error {
	tables := map[string]int64{"commits": int64(len(batch.commits))}
	for _, ledger := range ledgers() {
		tables[ledger.flows] = batch.legs[ledger.tier]
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		column := "commit_id"
		if table == "commits" {
			column = "id"
		}
		var deleted int64
		for _, ids := range chunks(batch.commitIDs(), chunkKeys) {
			statement, args := sqlDeleteOf(tx.Dialect(), table, column, a.Warehouse, ids)
			affected, err := tx.Exec(ctx, statement, args...)
			if err != nil {
				return err
			}
			deleted += affected
		}
		if deleted != tables[table] {
			return fmt.Errorf("%s: %d of %d rows are there to be archived; somebody has changed them",
				table, deleted, tables[table])
		}
	}
	for _, commit := range batch.commits {
		after.seq = max(after.seq, commit.lastSeq())
		after.recordedAt = max(after.recordedAt, commit.recordedAt)
	}
	return nil
}

func sqlDeleteOf(d store.Dialect, table, column, warehouse string, ids []int64) (string, []any) {
	condition, args := newWhere(warehouse).in(column, ids)
	return deleteBy(d, table) + condition, args
}

// deleteBare deletes the effects without flows whose keys are kept now.
func (a *archiver) deleteBare(ctx context.Context, tx *store.Tx, batch archiveBatch,
	_ *archiveState) error {
	if len(batch.commits) > 0 {
		return nil
	}
	keys := make([][]any, len(batch.flows))
	for i, flow := range batch.flows {
		keys[i] = keyValues(flow.Key)
	}
	var deleted int64
	for _, some := range chunks(keys, chunkKeys) {
		wanted := newWhere(a.Warehouse)
		statement := deleteBy(tx.Dialect(), "bare_effects") + `WHERE warehouse = ? AND ` +
			wanted.tuples(tx.Dialect(), keyColumns, some)
		affected, err := tx.Exec(ctx, statement, wanted.args...)
		if err != nil {
			return err
		}
		deleted += affected
	}
	if deleted != int64(len(keys)) {
		return fmt.Errorf("bare_effects: %d of %d rows are there to be archived; somebody has "+
			"changed them", deleted, len(keys))
	}
	return nil
}

func (a *archiver) writeState(ctx context.Context, tx *store.Tx, _ archiveBatch,
	after *archiveState) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	affected, err := tx.Exec(ctx, `UPDATE archives SET batch_id = ?, seq = ?, key_count = ?,
		reserve_count = ?, recorded_at = ?, updated_at = ? WHERE warehouse = ?`, after.batch,
		after.seq, after.keys, after.reserves, after.recordedAt, now, a.Warehouse)
	if err == nil && affected != 1 {
		err = store.ErrLeaseLost
	}
	return err
}
