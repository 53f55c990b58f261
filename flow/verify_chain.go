package flow

import (
	"context"
	"database/sql"
	"fmt"

	"tierstock/model"
)

// chains: invariant 4 between one flow and the next of its row. A row's checkpoint stands for its
// archived flows. A REPAIR restates its row, so what lies before a row's last one is history that
// has been settled.
func (c *checker) chains(ctx context.Context) error {
	for _, ledger := range ledgers() {
		onHand, reserved, frozen := before("on_hand"), before("reserved"), before("frozen")
		statement := `SELECT ` + ledger.nameColumns() + `, f.stock_id, f.commit_id, f.pos,
				f.row_seq, COALESCE(s.row_seq, 0), COALESCE(p.row_seq, 0), COALESCE(k.row_seq, 0),
				f.on_hand_after, f.reserved_after, f.frozen_after, ` + onHand +
			` + f.on_hand_delta, ` + reserved + ` + f.reserved_delta, ` + frozen +
			` + f.frozen_delta
			FROM ` + ledger.flows + ` AS f
			LEFT JOIN ` + ledger.flows + ` AS p ` + ledger.byRow(c.tx.Dialect()) + `
				ON p.warehouse = f.warehouse
				AND p.stock_id = f.stock_id AND p.row_seq = f.row_seq - 1
			LEFT JOIN ` + ledger.stocks + ` AS s ON s.warehouse = f.warehouse AND s.id = f.stock_id
			` + ledger.checkpoint("f.warehouse", "f.stock_id") + `
			LEFT JOIN (SELECT stock_id, MAX(row_seq) AS row_seq FROM ` + ledger.flows + `
				WHERE warehouse = ? AND action = 'REPAIR' GROUP BY stock_id) AS r
				ON r.stock_id = f.stock_id
			WHERE f.warehouse = ? AND (s.id IS NULL OR f.row_seq > s.row_seq
				OR (f.row_seq > COALESCE(r.row_seq, 0)
					AND (f.row_seq <= COALESCE(k.row_seq, 0)
					OR (f.stock_id, f.row_seq) IN (SELECT stock_id, row_seq FROM ` +
			ledger.flows + ` WHERE warehouse = ? GROUP BY stock_id, row_seq HAVING COUNT(*) > 1)
					OR (p.row_seq IS NULL AND f.row_seq <> COALESCE(k.row_seq, 0) + 1)
					OR f.on_hand_after <> ` + onHand + ` + f.on_hand_delta
					OR f.reserved_after <> ` + reserved + ` + f.reserved_delta
					OR f.frozen_after <> ` + frozen + ` + f.frozen_delta)))`
		err := c.each(ctx, statement, func(rows *sql.Rows) error {
			return c.brokenLink(rows, ledger)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// before is an amount before flow f: what its predecessor p left or, of the first flow that is
// not archived, the checkpoint k.
func before(amount string) string {
	return `COALESCE(p.` + amount + `_after, CASE WHEN k.row_seq = f.row_seq - 1 THEN k.` + amount +
		` END, 0)`
}

// checkpoint joins the checkpoint k of a row of this tier.
func (l ledger) checkpoint(warehouse, stockID string) string {
	return `LEFT JOIN checkpoints AS k ON k.warehouse = ` + warehouse + ` AND k.tier = '` +
		string(l.tier) + `' AND k.stock_id = ` + stockID
}

func (c *checker) brokenLink(rows *sql.Rows, ledger ledger) error {
	var stockID, commit, rowSeq, lastSeq, before, archived int64
	var pos int
	var after, adds model.Amounts
	row, err := scanName(rows, ledger.tier, append(append([]any{&stockID, &commit, &pos, &rowSeq,
		&lastSeq, &before, &archived}, scanned(&after)...), scanned(&adds)...)...)
	if err != nil {
		return err
	}
	id := FlowID(ledger.tier, commit, pos)
	link := finding{row: row}
	switch {
	case row.id == 0:
		link.row.id = stockID
		link.name = "flow " + id
		c.found(4, kindNoStockRow, link.says(fmt.Sprintf("a row %s %d", ledger.stocks, stockID),
			"none"))
	case rowSeq > lastSeq:
		c.found(4, kindExtraFlow, link.differs(amountRowSeq, count(rowSeq), count(lastSeq),
			"the last that the row knows, as the highest (flow "+id+")"))
	case rowSeq <= archived:
		c.found(4, kindExtraFlow, link.differs(amountRowSeq, count(rowSeq), count(archived+1),
			"the first after the row's checkpoint, as the lowest (flow "+id+")"))
	case before == 0 && rowSeq != archived+1:
		c.found(4, kindMissingFlow, link.differs(amountRowSeq, count(rowSeq), count(rowSeq-1),
			"the flow before "+id))
	default:
		broken := false
		for _, amount := range amountsOf(after, adds) {
			if amount.ours != amount.theirs {
				broken = true
				c.found(4, kindBrokenChain, link.differs(amount.name, amount.ours.Decimal(),
					amount.theirs.Decimal(), "what was there and the change of flow "+id))
			}
		}
		if !broken {
			c.found(4, kindExtraFlow, link.differs(amountRowSeq, count(rowSeq), count(rowSeq+1),
				"the next number, for two flows have the same (flow "+id+")"))
		}
	}
	return nil
}

// lastFlows: invariant 4 between a row and its last flow, or the checkpoint that stands for it. A
// row is made by its first flow, so one without any is a breach too.
func (c *checker) lastFlows(ctx context.Context) error {
	for _, ledger := range ledgers() {
		err := c.each(ctx, `SELECT `+ledger.nameColumns()+`, s.row_seq,
				COALESCE(f.row_seq, k.row_seq, 0), s.on_hand, s.reserved, s.frozen,
				COALESCE(f.on_hand_after, k.on_hand, 0),
				COALESCE(f.reserved_after, k.reserved, 0), COALESCE(f.frozen_after, k.frozen, 0)
			FROM `+ledger.stocks+` AS s LEFT JOIN `+ledger.flows+` AS f
				`+ledger.byRow(c.tx.Dialect())+`
				ON f.warehouse = s.warehouse AND f.stock_id = s.id AND f.row_seq = s.row_seq
			`+ledger.checkpoint("s.warehouse", "s.id")+` AND k.row_seq = s.row_seq
			WHERE s.warehouse = ? AND (COALESCE(f.row_seq, k.row_seq) IS NULL
				OR COALESCE(f.on_hand_after, k.on_hand) <> s.on_hand
				OR COALESCE(f.reserved_after, k.reserved) <> s.reserved
				OR COALESCE(f.frozen_after, k.frozen) <> s.frozen)`,
			func(rows *sql.Rows) error {
				var rowSeq, lastSeq int64
				var is, after model.Amounts
				row, err := scanName(rows, ledger.tier, append(append([]any{&rowSeq, &lastSeq},
					scanned(&is)...), scanned(&after)...)...)
				if err == nil {
					c.wrongBalance(finding{row: row}, rowSeq, lastSeq, is, after)
				}
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) wrongBalance(row finding, rowSeq, lastSeq int64, is, after model.Amounts) {
	switch {
	case rowSeq == 0:
		c.found(4, kindMissingFlow, row.differs(amountRowSeq, count(0), count(1),
			"the flow that made the row"))
	case lastSeq == 0:
		c.found(4, kindMissingFlow, row.differs(amountRowSeq, count(rowSeq-1), count(rowSeq),
			"the row's last flow"))
	default:
		for _, amount := range amountsOf(is, after) {
			if amount.ours != amount.theirs {
				c.found(4, kindBalance, row.differs(amount.name, amount.ours.Decimal(),
					amount.theirs.Decimal(), fmt.Sprintf("as after its flow %d", lastSeq)))
			}
		}
	}
}
