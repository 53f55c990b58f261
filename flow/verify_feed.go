package flow

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tierstock/model"
)

// sameKey joins two tables of effects, f and e, by their key.
const sameKey = `e.warehouse = f.warehouse AND e.order_id = f.order_id AND e.task_id = f.task_id
	AND e.line_id = f.line_id AND e.job_type = f.job_type AND e.revision = f.revision
	AND e.action = f.action`

// doubledKeys: the part of invariant 7 that no unique index guards. Each index keeps a leg once
// in its own table; legs run across both tiers, and each commit's are numbered from 0, so a key
// with two effects has two legs 0, one in each table, or one in a table and a bare effect, or one
// that is archived.
func (c *checker) doubledKeys(ctx context.Context) error {
	if err := c.loadRestated(ctx); err != nil {
		return err
	}
	const columns = `SELECT f.action, f.job_type, f.order_id, f.line_id, f.task_id, f.revision,
		f.commit_id, `
	twins := []struct{ where, statement string }{
		{"both flow tables", columns + `e.commit_id FROM zone_flows AS f
			JOIN bin_flows AS e ON ` + sameKey + ` AND e.leg = 0
			WHERE f.warehouse = ? AND f.leg = 0`},
		{"bare_effects and zone_flows", columns + `0 FROM bare_effects AS e
			JOIN zone_flows AS f ON ` + sameKey + ` AND f.leg = 0 WHERE e.warehouse = ?`},
		{"archived_keys and zone_flows", columns + `0 FROM zone_flows AS f
			CROSS JOIN archived_keys AS e ON ` + sameKey + ` WHERE f.warehouse = ? AND f.leg = 0`},
		{"archived_keys and bin_flows", columns + `0 FROM bin_flows AS f
			CROSS JOIN archived_keys AS e ON ` + sameKey + ` WHERE f.warehouse = ? AND f.leg = 0`},
		{"archived_keys and bare_effects", strings.Replace(columns, "f.commit_id", "0", 1) +
			`0 FROM bare_effects AS f CROSS JOIN archived_keys AS e ON ` + sameKey +
			` WHERE f.warehouse = ?`},
		{"bare_effects and bin_flows", columns + `0 FROM bare_effects AS e
			JOIN bin_flows AS f ON ` + sameKey + ` AND f.leg = 0 WHERE e.warehouse = ?`},
	}
	for _, twin := range twins {
		err := c.each(ctx, twin.statement, func(rows *sql.Rows) error {
			var key model.Key
			var commit, other int64
			err := rows.Scan(&key.Action, &key.JobType, &key.OrderID, &key.LineID, &key.TaskID,
				&key.Revision, &commit, &other)
			if !c.restated[commit] && !c.restated[other] {
				c.found(7, kindDoubledKey, finding{commit: max(commit, other),
					name: keyName(key)}.differs(amountFlows, count(2), count(1),
					fmt.Sprintf("one effect for ever, not in %s (commits %d, %d)", twin.where,
						commit, other)))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tracesOfReservations: invariant 9 between reservations and flows. One that was cancelled before
// it was made is all there is of it. Those from before the archive's end are counted instead.
func (c *checker) tracesOfReservations(ctx context.Context) error {
	err := c.each(ctx, `SELECT r.id, r.job_type, r.order_id, r.line_id, r.revision
		FROM reservations AS r LEFT JOIN zone_flows AS f ON f.warehouse = r.warehouse
			AND f.order_id = r.order_id AND f.task_id = '' AND f.line_id = r.line_id
			AND f.job_type = r.job_type AND f.revision = r.revision AND f.action = 'RESERVE'
			AND f.leg = 0
		WHERE r.warehouse = ? AND r.state <> 'CANCELLED' AND f.leg IS NULL AND r.created_at >
			COALESCE((SELECT a.recorded_at FROM archives AS a WHERE a.warehouse = ?), 0)`,
		func(rows *sql.Rows) error {
			var id int64
			var line model.LineKey
			err := rows.Scan(&id, &line.JobType, &line.OrderID, &line.LineID, &line.Revision)
			c.found(9, kindNoReserve, finding{reservation: id, name: reservationName(line, id)}.
				says("a RESERVE flow of its key", "none"))
			return err
		})
	if err != nil {
		return err
	}
	for _, ledger := range ledgers() {
		err := c.each(ctx, `SELECT f.commit_id, f.pos, f.reservation_id FROM `+ledger.flows+` AS f
			LEFT JOIN reservations AS r ON r.warehouse = f.warehouse AND r.id = f.reservation_id
			WHERE f.warehouse = ? AND f.reservation_id <> 0 AND r.id IS NULL`,
			func(rows *sql.Rows) error {
				var commit, reservation int64
				var pos int
				err := rows.Scan(&commit, &pos, &reservation)
				c.found(9, kindNoOwner, finding{reservation: reservation, commit: commit,
					name: "flow " + FlowID(ledger.tier, commit, pos)}.
					says(fmt.Sprintf("its reservation %d", reservation), "none"))
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// feedNumbers: invariant 10 on the numbers given: no two commits share one, and none lies past the
// feed's end. Commits that no reader has asked for yet have none.
func (c *checker) feedNumbers(ctx context.Context) error {
	if err := c.loadRestated(ctx); err != nil {
		return err
	}
	end, _, err := feedEnd(ctx, c.tx, c.warehouse)
	if err != nil {
		return err
	}
	reached, err := c.archivedFeed(ctx, end)
	if err != nil {
		return err
	}
	var before int64
	return c.each(ctx, `SELECT id, first_seq, flows FROM commits
		WHERE warehouse = ? AND first_seq <> 0 ORDER BY first_seq, flows`,
		func(rows *sql.Rows) error {
			var id, first, flows int64
			err := rows.Scan(&id, &first, &flows)
			last := first + flows - 1
			found := finding{commit: id, name: commitName(id)}
			switch {
			case c.restated[id]:
			case last > end:
				c.found(10, kindFeedNumbers, found.says(fmt.Sprintf("numbers up to the feed's "+
					"end, %d", end), fmt.Sprintf("%d to %d", first, last)))
			case first <= reached && flows > 0 && !c.restated[before]:
				c.found(10, kindFeedNumbers, found.says(fmt.Sprintf("numbers after %d, which %s "+
					"has", reached, placeName(before)), fmt.Sprintf("%d to %d", first, last)))
			}
			if last > reached {
				reached, before = last, id
			}
			return err
		})
}

// feedPlaces: invariant 10 on how far the systems have been told: not past the feed's end, and not
// before where it begins, in files.
func (c *checker) feedPlaces(ctx context.Context) error {
	end, _, err := feedEnd(ctx, c.tx, c.warehouse)
	if err != nil {
		return err
	}
	archived, err := archivedTo(ctx, c.tx, c.warehouse)
	if err != nil {
		return err
	}
	return c.each(ctx, `SELECT system, seq FROM sync_places WHERE warehouse = ?`,
		func(rows *sql.Rows) error {
			var system string
			var seq int64
			err := rows.Scan(&system, &seq)
			if seq > end || seq < archived && seq > 0 {
				c.found(10, kindFeedPlace, finding{name: "system " + system}.says(fmt.Sprintf(
					"told of flows %d to %d", archived, end), fmt.Sprint(seq)))
			}
			return err
		})
}

// feedOrder: invariant 10 on the order of each row's flows, which readers rely on.
func (c *checker) feedOrder(ctx context.Context) error {
	for _, ledger := range ledgers() {
		err := c.each(ctx, `SELECT f.commit_id, f.pos, n.commit_id, n.pos,
				cf.first_seq + f.pos, cn.first_seq + n.pos
			FROM `+ledger.flows+` AS n
			JOIN commits AS cn ON cn.warehouse = n.warehouse AND cn.id = n.commit_id
				AND cn.first_seq <> 0
			JOIN `+ledger.flows+` AS f `+ledger.byRow(c.tx.Dialect())+`
				ON f.warehouse = n.warehouse
				AND f.stock_id = n.stock_id AND f.row_seq = n.row_seq - 1
			JOIN commits AS cf ON cf.warehouse = f.warehouse AND cf.id = f.commit_id
			WHERE n.warehouse = ? AND (cf.first_seq = 0
				OR cf.first_seq + f.pos >= cn.first_seq + n.pos)`,
			func(rows *sql.Rows) error {
				var commit, nextCommit, seq, nextSeq int64
				var pos, nextPos int
				err := rows.Scan(&commit, &pos, &nextCommit, &nextPos, &seq, &nextSeq)
				c.found(10, kindFeedOrder, finding{commit: nextCommit,
					name: "flow " + FlowID(ledger.tier, nextCommit, nextPos)}.
					says("a place after "+FlowID(ledger.tier, commit, pos)+", the flow before it "+
						"of the same row", fmt.Sprintf("%d, after %d", nextSeq, seq)))
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}
