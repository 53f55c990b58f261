package flow

import (
	"context"
	"database/sql"
	"fmt"

	"tierstock/model"
)

// chains: invariant 4 between one flow and the next of its row. A REPAIR restates its row, so what
// lies before a row's last one is history that has been settled.
func (c *checker) chains(ctx context.Context) error {
	for _, ledger := range ledgers() {
		statement := `SELECT ` + ledger.nameColumns() + `, f.stock_id, f.commit_id, f.pos,
				f.row_seq, COALESCE(s.row_seq, 0), COALESCE(p.row_seq, 0), f.on_hand_after,
				f.reserved_after, f.frozen_after, COALESCE(p.on_hand_after, 0) + f.on_hand_delta,
				COALESCE(p.reserved_after, 0) + f.reserved_delta,
				COALESCE(p.frozen_after, 0) + f.frozen_delta
			FROM ` + ledger.flows + ` AS f
			LEFT JOIN ` + ledger.flows + ` AS p ON p.warehouse = f.warehouse
				AND p.stock_id = f.stock_id AND p.row_seq = f.row_seq - 1
			LEFT JOIN ` + ledger.stocks + ` AS s ON s.warehouse = f.warehouse AND s.id = f.stock_id
			LEFT JOIN (SELECT stock_id, MAX(row_seq) AS row_seq FROM ` + ledger.flows + `
				WHERE warehouse = ? AND action = 'REPAIR' GROUP BY stock_id) AS r
				ON r.stock_id = f.stock_id
			WHERE f.warehouse = ? AND (s.id IS NULL OR f.row_seq > s.row_seq
				OR (f.row_seq > COALESCE(r.row_seq, 0)
					AND ((p.row_seq IS NULL AND f.row_seq <> 1)
					OR f.on_hand_after <> COALESCE(p.on_hand_after, 0) + f.on_hand_delta
					OR f.reserved_after <> COALESCE(p.reserved_after, 0) + f.reserved_delta
					OR f.frozen_after <> COALESCE(p.frozen_after, 0) + f.frozen_delta)))`
		err := c.each(ctx, statement, func(rows *sql.Rows) error {
			return c.brokenLink(rows, ledger)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) brokenLink(rows *sql.Rows, ledger ledger) error {
	var stockID, commit, rowSeq, lastSeq, before int64
	var pos int
	var after, adds model.Amounts
	row, err := scanName(rows, ledger.tier, append(append([]any{&stockID, &commit, &pos, &rowSeq,
		&lastSeq, &before}, scanned(&after)...), scanned(&adds)...)...)
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
	case before == 0 && rowSeq != 1:
		c.found(4, kindMissingFlow, link.differs(amountRowSeq, count(rowSeq), count(rowSeq-1),
			"the flow before "+id))
	default:
		for _, amount := range amountsOf(after, adds) {
			if amount.ours != amount.theirs {
				c.found(4, kindBrokenChain, link.differs(amount.name, amount.ours.Decimal(),
					amount.theirs.Decimal(), "what was there and the change of flow "+id))
			}
		}
	}
	return nil
}

// lastFlows: invariant 4 between a row and its last flow. A row is made by its first flow, so one
// without any is a breach too.
func (c *checker) lastFlows(ctx context.Context) error {
	for _, ledger := range ledgers() {
		err := c.each(ctx, `SELECT `+ledger.nameColumns()+`, s.row_seq, COALESCE(f.row_seq, 0),
				s.on_hand, s.reserved, s.frozen, COALESCE(f.on_hand_after, 0),
				COALESCE(f.reserved_after, 0), COALESCE(f.frozen_after, 0)
			FROM `+ledger.stocks+` AS s LEFT JOIN `+ledger.flows+` AS f
				ON f.warehouse = s.warehouse AND f.stock_id = s.id AND f.row_seq = s.row_seq
			WHERE s.warehouse = ? AND (f.row_seq IS NULL OR f.on_hand_after <> s.on_hand
				OR f.reserved_after <> s.reserved OR f.frozen_after <> s.frozen)`,
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
