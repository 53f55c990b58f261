package tier2

import (
	"context"
	"database/sql"
	"math/big"

	"github.com/shopspring/decimal"

	"tierstock/model"
	"tierstock/store"
)

// asnJob is the job type of receipts of goods that were announced: their order is the notice's id.
const asnJob = "ASN"

// announced is a line of a notice, what it expects and what has come of it, in millionths of base
// units.
type announced struct{ expected, received *big.Rat }

// sqlAnnounced reads, of each line of a notice that is not closed, what is expected, and each
// receipt of it.
const sqlAnnounced = `SELECT e.asn_id, e.line_id, e.sku, e.owner, e.qty,
		COALESCE(p.numerator, 1), COALESCE(p.denominator, 1), COALESCE(f.on_hand_delta, 0),
		COALESCE(q.numerator, 1), COALESCE(q.denominator, 1)
	FROM expected_goods AS e
	LEFT JOIN sku_packs AS p ON p.sku = e.sku AND p.code = e.pack
	LEFT JOIN zone_flows AS f ON f.warehouse = e.warehouse AND f.order_id = e.asn_id
		AND f.task_id = '' AND f.line_id = e.line_id AND f.job_type = ? AND f.action = ?
	LEFT JOIN zone_stocks AS s ON s.warehouse = f.warehouse AND s.id = f.stock_id
	LEFT JOIN sku_packs AS q ON q.sku = s.sku AND q.code = s.pack
	WHERE e.warehouse = ? AND e.closed = 0 AND e.sku IN (`

// Incoming is what has been announced of articles and has not been received, by SKU and owner, in
// base units, rounded down to six digits. What came beyond what was announced is no less than that.
func Incoming(ctx context.Context, q store.Queryer, warehouse string, skus []string) (
	map[model.Item]decimal.Decimal, error) {
	incoming := map[model.Item]decimal.Decimal{}
	if len(skus) == 0 {
		return incoming, nil
	}
	args := []any{asnJob, model.Receive, warehouse}
	for _, sku := range skus {
		args = append(args, sku)
	}
	type place struct{ asn, line string }
	lines, items := map[place]*announced{}, map[place]model.Item{}
	err := store.EachRow(ctx, q, sqlAnnounced+store.InList(len(skus))+`)`, args,
		func(rows *sql.Rows) error {
			var at place
			var item model.Item
			var qty, size, part, came, cameSize, camePart int64
			err := rows.Scan(&at.asn, &at.line, &item.SKU, &item.Owner, &qty, &size, &part, &came,
				&cameSize, &camePart)
			if err != nil {
				return err
			}
			line := lines[at]
			if line == nil {
				line = &announced{new(big.Rat).Mul(big.NewRat(qty, 1), big.NewRat(size, part)),
					new(big.Rat)}
				lines[at], items[at] = line, item
			}
			line.received.Add(line.received, new(big.Rat).Mul(big.NewRat(came, 1),
				big.NewRat(cameSize, camePart)))
			return nil
		})
	sums := map[model.Item]*big.Rat{}
	for at, line := range lines {
		if rest := new(big.Rat).Sub(line.expected, line.received); rest.Sign() > 0 {
			if sums[items[at]] == nil {
				sums[items[at]] = new(big.Rat)
			}
			sums[items[at]].Add(sums[items[at]], rest)
		}
	}
	for item, sum := range sums {
		incoming[item] = roundedDown(sum)
	}
	return incoming, err
}

// Incoming is Incoming as of now.
func (r *Reader) Incoming(ctx context.Context, warehouse string, skus []string) (
	map[model.Item]decimal.Decimal, error) {
	return Incoming(ctx, r.db.Reader(), warehouse, skus)
}
