package flow

import (
	"context"
	"database/sql"
	"fmt"
)

// checkpoints: invariant 4 where a row begins with a checkpoint: there is such a row. What it says
// is compared with the row, or with its first flow that is not archived, by chains and lastFlows.
func (c *checker) checkpoints(ctx context.Context) error {
	for _, ledger := range ledgers() {
		err := c.each(ctx, `SELECT k.stock_id, k.seq FROM checkpoints AS k LEFT JOIN `+
			ledger.stocks+` AS s ON s.warehouse = k.warehouse AND s.id = k.stock_id
			WHERE k.warehouse = ? AND k.tier = '`+string(ledger.tier)+`' AND s.id IS NULL`,
			func(rows *sql.Rows) error {
				var found finding
				var seq int64
				err := rows.Scan(&found.row.id, &seq)
				found.row.tier = ledger.tier
				found.name = fmt.Sprintf("checkpoint of %s %d at seq %d", ledger.stocks,
					found.row.id, seq)
				c.found(4, kindNoStockRow, found.says("its row", "none"))
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// archivedKeys: invariant 7 for effects that are archived: their keys are all there, since one
// that is gone could have its effect again. The keys of RESERVE are in reservations.
func (c *checker) archivedKeys(ctx context.Context) error {
	state, err := readArchive(ctx, c.tx, c.warehouse, "")
	if err != nil {
		return err
	}
	var keys, reserves int64
	err = c.each(ctx, `SELECT COUNT(*) FROM archived_keys WHERE warehouse = ?`,
		func(rows *sql.Rows) error { return rows.Scan(&keys) })
	if err != nil {
		return err
	}
	err = c.each(ctx, `SELECT COUNT(*)
		FROM reservations AS r LEFT JOIN zone_flows AS f ON f.warehouse = r.warehouse
			AND f.order_id = r.order_id AND f.task_id = '' AND f.line_id = r.line_id
			AND f.job_type = r.job_type AND f.revision = r.revision AND f.action = 'RESERVE'
			AND f.leg = 0
		WHERE r.warehouse = ? AND r.state <> 'CANCELLED' AND f.leg IS NULL AND r.created_at <=
			COALESCE((SELECT a.recorded_at FROM archives AS a WHERE a.warehouse = ?), 0)`,
		func(rows *sql.Rows) error { return rows.Scan(&reserves) })
	if err != nil {
		return err
	}
	if keys != state.keys {
		c.found(7, kindArchivedKeys, finding{name: "archived_keys"}.differs(amountKeys, count(keys),
			count(state.keys), "as many as were archived"))
	}
	if reserves != state.reserves {
		c.found(7, kindArchivedKeys, finding{name: "reservations without a RESERVE flow"}.
			differs(amountKeys, count(reserves), count(state.reserves),
				"as many as were archived"))
	}
	return nil
}

// archivedFeed: invariant 10 where the feed begins: it is how far the archive reaches, which is
// not past its end.
func (c *checker) archivedFeed(ctx context.Context, end int64) (reached int64, err error) {
	reached, err = archivedTo(ctx, c.tx, c.warehouse)
	if err == nil && reached > end {
		c.found(10, kindFeedNumbers, finding{name: "archive"}.says(
			fmt.Sprintf("flows up to the feed's end, %d, or less", end), fmt.Sprint(reached)))
	}
	return reached, err
}

// placeName is who has a number of the feed: a commit, or the archive, which is none.
func placeName(commit int64) string {
	if commit == 0 {
		return "the archive"
	}
	return commitName(commit)
}
