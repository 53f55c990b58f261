package flow

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// archiveBatch is what one transaction moves: whole commits with their flows, or effects without.
type archiveBatch struct {
	commits []archiveCommit
	flows   []ArchivedFlow
	// legs is how many of the flows are in each table.
	legs map[model.Tier]int64
}

type archiveCommit struct {
	id, tick, flows, firstSeq int64
	recordedAt                model.Instant
}

// lastSeq is the last number of the commit's flows.
func (c archiveCommit) lastSeq() int64 { return c.firstSeq + c.flows - 1 }

// readCommits reads the next commits of the feed that are old enough, with their flows. They are
// numbered, so they have committed and never change: no lock is needed.
func (a *archiver) readCommits(ctx context.Context, limit int64) (archiveBatch, error) {
	batch := archiveBatch{legs: map[model.Tier]int64{}}
	var flows int64
	full := false
	err := store.EachRow(ctx, a.db.Reader(), `SELECT id, tick, flows, first_seq, recorded_at
		FROM commits
		WHERE warehouse = ? AND first_seq > ? ORDER BY first_seq LIMIT ?`,
		[]any{a.Warehouse, a.state.seq, archiveFlowsMax}, func(rows *sql.Rows) error {
			var commit archiveCommit
			err := rows.Scan(&commit.id, &commit.tick, &commit.flows, &commit.firstSeq,
				&commit.recordedAt)
			full = full || commit.recordedAt >= a.until || commit.lastSeq() > limit ||
				flows > 0 && flows+commit.flows > archiveFlowsMax
			if err == nil && !full {
				batch.commits = append(batch.commits, commit)
				flows += commit.flows
			}
			return err
		})
	if err != nil {
		return batch, err
	}
	for _, ledger := range ledgers() {
		if err := a.readFlows(ctx, ledger, &batch); err != nil {
			return batch, err
		}
	}
	slices.SortFunc(batch.flows, func(one, other ArchivedFlow) int {
		return bySeq(one.Flow, other.Flow)
	})
	return batch, nil
}

func (b archiveBatch) commitIDs() []int64 {
	ids := make([]int64, len(b.commits))
	for i, commit := range b.commits {
		ids[i] = commit.id
	}
	return ids
}

func (a *archiver) readFlows(ctx context.Context, ledger ledger, batch *archiveBatch) error {
	byID := map[int64]archiveCommit{}
	for _, commit := range batch.commits {
		byID[commit.id] = commit
	}
	for _, ids := range chunks(batch.commitIDs(), chunkKeys) {
		statement, args := sqlArchivable(a.db.Dialect(), ledger, a.Warehouse, ids)
		err := store.EachRow(ctx, a.db.Reader(), statement, args, func(rows *sql.Rows) error {
			flow, err := ledger.scanArchived(rows)
			commit := byID[flow.Commit]
			flow.Key.Warehouse, flow.Tick = a.Warehouse, commit.tick
			flow.RecordedAt, flow.Seq = commit.recordedAt, commit.firstSeq+int64(flow.Pos)
			batch.flows = append(batch.flows, flow)
			batch.legs[ledger.tier]++
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sqlArchivable selects all that the tables say about the flows of these commits.
func sqlArchivable(d store.Dialect, ledger ledger, warehouse string, commits []int64) (
	string, []any) {
	args := []any{warehouse}
	for _, id := range commits {
		args = append(args, id)
	}
	return `SELECT f.commit_id, f.pos, f.stock_id, f.row_seq, f.action, f.job_type, f.order_id,
		f.line_id, f.task_id, f.revision, f.leg, f.reservation_id, f.zone,
		COALESCE(` + ledger.bin + `, ''), COALESCE(s.owner, ''), COALESCE(s.sku, ''),
		COALESCE(s.batch, ''), COALESCE(s.pack, ''), f.on_hand_delta, f.reserved_delta,
		f.frozen_delta, f.on_hand_after, f.reserved_after, f.frozen_after, f.received_on,
		f.applied, f.shortage, f.content, f.reason, f.reference, f.note, f.actor, f.occurred_at
		FROM ` + ledger.flows + ` AS f ` + by(d, "PRIMARY") + `LEFT JOIN ` + ledger.stocks + ` AS s
			ON s.warehouse = f.warehouse AND s.id = f.stock_id
		WHERE f.warehouse = ? AND f.commit_id IN (` + store.InList(len(commits)) + `)`, args
}

func (l ledger) scanArchived(rows *sql.Rows) (ArchivedFlow, error) {
	flow := ArchivedFlow{Flow: model.Flow{Tier: l.tier}}
	key, delta, after, audit := &flow.Key, &flow.Delta, &flow.After, &flow.Audit
	err := rows.Scan(&flow.Commit, &flow.Pos, &flow.StockID, &flow.RowSeq, &key.Action,
		&key.JobType, &key.OrderID, &key.LineID, &key.TaskID, &key.Revision, &flow.Leg,
		&flow.Reservation, &flow.Zone, &flow.Bin, &flow.Owner, &flow.SKU, &flow.Batch, &flow.Pack,
		&delta.OnHand, &delta.Reserved, &delta.Frozen, &after.OnHand, &after.Reserved,
		&after.Frozen, &flow.ReceivedOn, &flow.Applied, &flow.Shortage, &flow.Content,
		&audit.Reason, &audit.Reference, &audit.Note, &flow.Actor, &audit.OccurredAt)
	flow.ID = FlowID(l.tier, flow.Commit, flow.Pos)
	return flow, err
}

// readBare reads some effects without flows that are old enough.
func (a *archiver) readBare(ctx context.Context) (batch archiveBatch, err error) {
	err = store.EachRow(ctx, a.db.Reader(), `SELECT warehouse, action, job_type, order_id,
			line_id, task_id, revision, reservation_id, applied, content, reason, reference, note,
			actor, occurred_at, recorded_at FROM bare_effects
		WHERE warehouse = ? AND recorded_at < ? LIMIT ?`,
		[]any{a.Warehouse, a.until, archiveFlowsMax}, func(rows *sql.Rows) error {
			var flow ArchivedFlow
			key, audit := &flow.Key, &flow.Audit
			err := rows.Scan(&key.Warehouse, &key.Action, &key.JobType, &key.OrderID, &key.LineID,
				&key.TaskID, &key.Revision, &flow.Reservation, &flow.Applied, &flow.Content,
				&audit.Reason, &audit.Reference, &audit.Note, &flow.Actor, &audit.OccurredAt,
				&flow.RecordedAt)
			flow.ID = bareID(*key)
			batch.flows = append(batch.flows, flow)
			return err
		})
	return batch, err
}

// bareID names an effect that has nothing but its key.
func bareID(key model.Key) string {
	var content Content
	content.Text('w', key.Warehouse).Text('a', string(key.Action)).Text('j', key.JobType).
		Text('o', key.OrderID).Text('l', key.LineID).Text('t', key.TaskID).
		Number('v', key.Revision)
	sum := sha256.Sum256(content.encoded)
	return "E" + hex.EncodeToString(sum[:12])
}
