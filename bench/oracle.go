package bench

import (
	"context"
	"database/sql"
	"fmt"

	"tierstock/flow"
	"tierstock/store"
)

// oracleOK is what the oracle says when there is nothing to say.
const oracleOK = "ok"

// verifyFlowsMax is up to how many flows of the engine's the whole of flow.Verify looks at too: it
// takes a second for about a hundred thousand.
const verifyFlowsMax = 50_000

// The oracle's questions. The sums are of one warehouse, and of small amounts. Flows are read in
// the order in which they lie: one row after the other by an index takes minutes where there are
// millions.
const (
	selectSums = `SELECT z.id, z.on_hand, z.reserved, z.frozen, z.row_seq,
		COALESCE(f.flows, 0), COALESCE(f.last_seq, 0), COALESCE(f.on_hand, 0),
		COALESCE(f.reserved, 0), COALESCE(h.held, 0)
		FROM zone_stocks z
		LEFT JOIN (SELECT stock_id, COUNT(*) AS flows, MAX(row_seq) AS last_seq,
			SUM(on_hand_delta) AS on_hand, SUM(reserved_delta) AS reserved
			FROM zone_flows %s WHERE warehouse = ? GROUP BY stock_id) f ON f.stock_id = z.id
		LEFT JOIN (SELECT zone_stock_id, SUM(open_qty) AS held
			FROM holds WHERE warehouse = ? GROUP BY zone_stock_id) h ON h.zone_stock_id = z.id
		WHERE z.warehouse = ? ORDER BY z.id`
	countFlows   = `SELECT COUNT(*) FROM zone_flows WHERE warehouse = ?`
	countEffects = `SELECT COUNT(*) FROM (SELECT DISTINCT order_id, task_id, line_id, job_type,
		revision, action FROM zone_flows WHERE warehouse = ? AND job_type = ?) AS effects`
	countDoubled = `SELECT COUNT(*) FROM (SELECT 1 AS twice FROM zone_flows WHERE warehouse = ?
		GROUP BY order_id, task_id, line_id, job_type, revision, action, leg
		HAVING COUNT(*) > 1) AS doubled`
)

// judge says "ok", or what was oversold, doubled or lost in a warehouse in which so many lines
// were answered as applied. engine: the whole ledger is the engine's, so its own check applies.
func judge(ctx context.Context, db *store.DB, s *site, engine bool) (verdict string, err error) {
	var flows int64
	err = db.Snapshot(ctx, func(tx *store.Tx) error {
		if verdict, err = judgeRows(ctx, tx, s.warehouse); err != nil || verdict != oracleOK {
			return err
		}
		verdict, flows, err = judgeKeys(ctx, tx, s)
		return err
	})
	if err != nil || verdict != oracleOK || !engine || flows > verifyFlowsMax {
		return verdict, err
	}
	report, err := flow.Verify(ctx, db, flow.VerifyOptions{Warehouses: []string{s.warehouse}})
	if err == nil && !report.OK() {
		verdict = "verify: " + firstBreach(report)
	}
	return verdict, err
}

func firstBreach(report flow.Report) string {
	for _, invariant := range report.Invariants {
		for _, breach := range invariant.Listed {
			return breach.String()
		}
	}
	return ""
}

// sums are a stock row, and what flows and holds say that it should be.
type sums struct {
	id, onHand, reserved, frozen, rowSeq            int64
	flows, lastSeq, flowOnHand, flowReserved, holds int64
}

func judgeRows(ctx context.Context, tx *store.Tx, warehouse string) (string, error) {
	verdict, asTheyLie := oracleOK, ""
	if tx.Dialect() == store.MySQL {
		asTheyLie = "FORCE INDEX (PRIMARY)"
	}
	statement := fmt.Sprintf(selectSums, asTheyLie)
	err := store.EachRow(ctx, tx, statement, []any{warehouse, warehouse, warehouse},
		func(rows *sql.Rows) error {
			var s sums
			err := rows.Scan(&s.id, &s.onHand, &s.reserved, &s.frozen, &s.rowSeq, &s.flows,
				&s.lastSeq, &s.flowOnHand, &s.flowReserved, &s.holds)
			if found := s.fault(); found != "" && verdict == oracleOK {
				verdict = found
			}
			return err
		})
	return verdict, err
}

func (s sums) fault() string {
	switch {
	case s.holds > s.onHand-s.frozen:
		return fmt.Sprintf("oversold: row %d has %d and promised %d", s.id, s.onHand-s.frozen, s.holds)
	case s.onHand < 0 || s.reserved < 0 || s.reserved+s.frozen > s.onHand:
		return fmt.Sprintf("oversold: row %d has %d, of which %d are reserved", s.id, s.onHand,
			s.reserved)
	case s.reserved != s.flowReserved || s.onHand != s.flowOnHand:
		return fmt.Sprintf("lost: row %d has %d/%d, its flows say %d/%d", s.id, s.onHand, s.reserved,
			s.flowOnHand, s.flowReserved)
	case s.reserved != s.holds:
		return fmt.Sprintf("lost: row %d has %d reserved, its holds %d", s.id, s.reserved, s.holds)
	case s.flows != s.lastSeq || s.rowSeq != s.lastSeq:
		return fmt.Sprintf("lost: row %d is at %d, its flows at %d, and they are %d", s.id, s.rowSeq,
			s.lastSeq, s.flows)
	}
	return ""
}

func judgeKeys(ctx context.Context, tx *store.Tx, s *site) (string, int64, error) {
	var flows, effects, doubled int64
	for _, count := range []struct {
		statement string
		into      *int64
		args      []any
	}{
		{countFlows, &flows, []any{s.warehouse}},
		{countEffects, &effects, []any{s.warehouse, jobType}},
		{countDoubled, &doubled, []any{s.warehouse}},
	} {
		err := store.EachRow(ctx, tx, count.statement, count.args, func(rows *sql.Rows) error {
			return rows.Scan(count.into)
		})
		if err != nil {
			return "", 0, err
		}
	}
	applied := s.applied.Load()
	switch {
	case doubled > 0:
		return fmt.Sprintf("doubled: %d keys have two effects", doubled), flows, nil
	case effects < applied:
		return fmt.Sprintf("lost: %d of %d lines that were applied", applied-effects, applied), flows,
			nil
	case effects > applied:
		return fmt.Sprintf("doubled: %d effects for %d lines that were applied", effects, applied),
			flows, nil
	}
	return oracleOK, flows, nil
}
