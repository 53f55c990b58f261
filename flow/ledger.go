package flow

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// ledger is one tier of the ledger: its flows, and the rows they changed.
type ledger struct {
	tier          model.Tier
	flows, stocks string
	// bin is how a row names its bin; tier 2 has none.
	bin string
}

// byRow leads to a row's flows. The index is not unique, so that MySQL and MariaDB, with statistics
// that are young, would rather read all flows of the warehouse for each.
func (l ledger) byRow(d store.Dialect) string { return by(d, l.flows+"_row") }

// ledgers are both tiers; every reader of flows goes over both.
func ledgers() []ledger {
	return []ledger{
		{model.ZoneTier, "zone_flows", "zone_stocks", "''"},
		{model.BinTier, "bin_flows", "bin_stocks", "s.bin"},
	}
}

// ledgerOf is one of the two.
func ledgerOf(tier model.Tier) ledger {
	all := ledgers()
	return all[slices.IndexFunc(all, func(l ledger) bool { return l.tier == tier })]
}

// flowPath is the way a statement comes to its flows. CROSS JOIN keeps SQLite, which has no
// statistics here, to the order in which the tables are written.
type flowPath int

const (
	byFlow   flowPath = iota // from an index of the flow table
	byCommit                 // from a range of the feed
	byStock                  // from the stock rows of a SKU or a bin
)

func (l ledger) from(path flowPath) string {
	flow, commit, stock := l.flows+` AS f`, `commits AS c`, l.stocks+` AS s`
	const (
		flowOfCommit = ` ON f.warehouse = c.warehouse AND f.commit_id = c.id`
		flowOfStock  = ` ON f.warehouse = s.warehouse AND f.stock_id = s.id`
		stockOfFlow  = ` ON s.warehouse = f.warehouse AND s.id = f.stock_id`
		commitOfFlow = ` ON c.warehouse = f.warehouse AND c.id = f.commit_id`
		beside       = ` CROSS JOIN `
	)
	switch path {
	case byCommit:
		return commit + beside + flow + flowOfCommit + beside + stock + stockOfFlow +
			` WHERE c.warehouse = ?`
	case byStock:
		return stock + beside + flow + flowOfStock + beside + commit + commitOfFlow +
			` WHERE s.warehouse = ?`
	}
	return flow + beside + commit + commitOfFlow + beside + stock + stockOfFlow +
		` WHERE f.warehouse = ?`
}

// conditions are what a statement asks beyond the warehouse, which is its first argument.
type conditions struct {
	text strings.Builder
	args []any
}

func (c *conditions) and(text string, args ...any) {
	c.text.WriteString(" AND " + text)
	c.args = append(c.args, args...)
}

// read reads the tier's flows that meet the conditions. order is an ORDER BY, and a LIMIT.
func (l ledger) read(ctx context.Context, q store.Queryer, warehouse string, path flowPath,
	asked *conditions, order string) ([]model.Flow, error) {
	statement := `SELECT f.commit_id, f.pos, c.first_seq, f.row_seq, f.action, f.job_type,
		f.order_id, f.line_id, f.task_id, f.revision, f.leg, f.reservation_id, f.zone, ` + l.bin +
		`, s.owner, s.sku, s.batch, s.pack, f.on_hand_delta, f.reserved_delta, f.frozen_delta,
		f.on_hand_after, f.reserved_after, f.frozen_after, f.reason, f.reference, f.note, f.actor,
		f.occurred_at, c.recorded_at FROM ` + l.from(path) + asked.text.String() + order
	var flows []model.Flow
	err := store.EachRow(ctx, q, statement, append([]any{warehouse}, asked.args...),
		func(rows *sql.Rows) error {
			flow, err := l.scan(rows)
			flow.Key.Warehouse = warehouse
			flows = append(flows, flow)
			return err
		})
	return flows, err
}

func (l ledger) scan(rows *sql.Rows) (model.Flow, error) {
	flow := model.Flow{Tier: l.tier}
	var commit, firstSeq int64
	var pos int
	key, delta, after, audit := &flow.Key, &flow.Delta, &flow.After, &flow.Audit
	err := rows.Scan(&commit, &pos, &firstSeq, &flow.RowSeq, &key.Action, &key.JobType,
		&key.OrderID, &key.LineID, &key.TaskID, &key.Revision, &flow.Leg, &flow.Reservation,
		&flow.Zone, &flow.Bin, &flow.Owner, &flow.SKU, &flow.Batch, &flow.Pack, &delta.OnHand,
		&delta.Reserved, &delta.Frozen, &after.OnHand, &after.Reserved, &after.Frozen,
		&audit.Reason, &audit.Reference, &audit.Note, &flow.Actor, &audit.OccurredAt,
		&flow.RecordedAt)
	flow.ID = FlowID(l.tier, commit, pos)
	if firstSeq > 0 {
		flow.Seq = firstSeq + int64(pos)
	}
	return flow, err
}

// FlowsByLine are the flows of every effect, whatever its action, under an order line's key;
// ErrArchivedKey where some of them have been archived.
func FlowsByLine(ctx context.Context, db *store.DB, warehouse string, line model.LineKey) (
	[]model.Flow, error) {
	return flowsOfCaller(ctx, db, warehouse, line.For(warehouse, ""))
}

// FlowsByTask are the flows of every effect, whatever its action, under a task's key;
// ErrArchivedKey where some of them have been archived.
func FlowsByTask(ctx context.Context, db *store.DB, warehouse string, task model.TaskKey) (
	[]model.Flow, error) {
	return flowsOfCaller(ctx, db, warehouse, task.For(warehouse, ""))
}

// flowsOfCaller numbers the feed only where that is needed to answer: a key is looked up often,
// and its flows are seldom new.
func flowsOfCaller(ctx context.Context, db *store.DB, warehouse string, key model.Key) (
	[]model.Flow, error) {
	flows, err := flowsKept(ctx, db, warehouse, key)
	unnumbered := func(flow model.Flow) bool { return flow.Seq == 0 }
	if err != nil || !slices.ContainsFunc(flows, unnumbered) {
		return flows, err
	}
	if _, err := Stamp(ctx, db, warehouse); err != nil {
		return nil, err
	}
	return flowsKept(ctx, db, warehouse, key)
}

// flowsKept are the flows of a key that has none in the archive: a caller who asks whether a call
// has landed must not be told that it never did. The archive is looked up last, as flows may be
// going there.
func flowsKept(ctx context.Context, db *store.DB, warehouse string, key model.Key) (
	[]model.Flow, error) {
	flows, err := flowsOfKey(ctx, db.Reader(), warehouse, key)
	if err != nil {
		return nil, err
	}
	archived, err := isArchivedCaller(ctx, db.Reader(), warehouse, key)
	if err == nil && archived {
		err = ErrArchivedKey
	}
	return flows, err
}

func flowsOfKey(ctx context.Context, q store.Queryer, warehouse string, key model.Key) (
	[]model.Flow, error) {
	var all []model.Flow
	for _, ledger := range ledgers() {
		var asked conditions
		asked.and(`f.order_id = ? AND f.task_id = ? AND f.line_id = ? AND f.job_type = ?
			AND f.revision = ?`, key.OrderID, key.TaskID, key.LineID, key.JobType, key.Revision)
		flows, err := ledger.read(ctx, q, warehouse, byFlow, &asked, "")
		if err != nil {
			return nil, err
		}
		all = append(all, flows...)
	}
	slices.SortFunc(all, bySeq)
	return all, nil
}

// FlowsOfKeys are the flows of each of these effects, in the order of their legs. Many keys are
// asked for at once, so they are written as the database of that dialect finds them by its index.
// A RESERVE has no leg in tier 3.
func FlowsOfKeys(ctx context.Context, q store.Queryer, d store.Dialect, warehouse string,
	keys []model.Key) (map[model.Key][]model.Flow, error) {
	found := map[model.Key][]model.Flow{}
	for _, ledger := range ledgers() {
		legs := slices.DeleteFunc(slices.Clone(keys), func(key model.Key) bool {
			return ledger.tier == model.BinTier && key.Action == model.Reserve
		})
		for _, some := range chunks(legs, chunkKeys) {
			rows := make([][]any, len(some))
			for i, key := range some {
				rows[i] = keyValues(key)
			}
			var wanted where
			var asked conditions
			asked.and(wanted.tuples(d, flowKeyColumns, rows))
			asked.args = wanted.args
			flows, err := ledger.read(ctx, q, warehouse, byFlow, &asked, "")
			if err != nil {
				return nil, err
			}
			for _, flow := range flows {
				found[flow.Key] = append(found[flow.Key], flow)
			}
		}
	}
	for _, flows := range found {
		slices.SortFunc(flows, func(one, other model.Flow) int { return one.Leg - other.Leg })
	}
	return found, nil
}
