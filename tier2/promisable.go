package tier2

import (
	"context"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Promisable is what a plain reserve could take today of one tier-2 row, in packs of Pack.
type Promisable struct {
	Item        model.Item
	Batch, Pack string
	ExpiresOn   model.Date
	Qty         model.Quantity
}

// promisableRow is such a row as it is read.
type promisableRow struct {
	SKU, Owner, Batch, Pack string
	ExpiresOn               model.Date
	Promisable              model.Quantity
}

const promisableColumns = `s.sku, s.owner, s.batch, s.pack,
	COALESCE(b.expires_on, '') AS expires_on, ` + promisable + ` AS promisable`

// Promisable reads what could be promised today of those SKUs and owners in the view's warehouse,
// in one statement: at most rowsMax rows, those that expire first.
func (r *Reader) Promisable(ctx context.Context, view *master.View, skus, owners []string,
	rowsMax int) ([]Promisable, error) {
	var rows []promisableRow
	err := r.db.Gorm(ctx).Table("zone_stocks AS s").Select(promisableColumns, view.Today()).
		Joins(joinZone).Joins(joinBatch).
		Where("s.warehouse = ? AND s.sku IN ? AND s.owner IN ?", view.Warehouse.Code, skus, owners).
		Where(available+" > 0").Where(promisable+" > 0", view.Today()).
		Order("expires_on = '', expires_on, s.id").Limit(rowsMax).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	read := make([]Promisable, len(rows))
	for i, row := range rows {
		read[i] = Promisable{Item: model.Item{Owner: row.Owner, SKU: row.SKU}, Batch: row.Batch,
			Pack: row.Pack, ExpiresOn: row.ExpiresOn, Qty: row.Promisable}
	}
	return read, nil
}

// linesSince counts reservations that are, or have led to, work. Ids rise with time, so that the
// primary key's end is all that is read of the table; the time itself decides.
const linesSince = `SELECT COUNT(*) FROM (SELECT r.id FROM reservations AS r
	WHERE r.warehouse = ? AND r.id >= ? AND r.created_at >= ?
	AND r.state IN ('OPEN', 'DEDUCTED') LIMIT ?) AS made`

// clockSlackSeconds is how slow a process's clock may be: what it made earlier than that is not
// looked at.
const clockSlackSeconds = 3600

// LinesSince counts the order lines that have been reserved in a warehouse since a moment, and not
// given back since; it counts no further than to most.
func (r *Reader) LinesSince(ctx context.Context, warehouse string, since model.Instant, most int64,
) (lines int64, err error) {
	firstID := store.FirstIDAt(since.Plus(-clockSlackSeconds).Time())
	err = r.db.Gorm(ctx).Raw(linesSince, warehouse, firstID, since, most).Scan(&lines).Error
	return lines, err
}
