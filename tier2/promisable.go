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

// Promisable reads what could be promised today of those SKUs and owners in the view's warehouse, in
// one statement: at most rowsMax rows, those that expire first.
func (r *Reader) Promisable(ctx context.Context, view *master.View, skus, owners []string,
	rowsMax int) ([]Promisable, error) {
	var rows []promisableRow
	err := r.db.Gorm(ctx).Table("zone_stocks AS s").Select(promisableColumns, view.Today()).
		Joins(joinZone).Joins(joinBatch).
		Where("s.warehouse = ? AND s.sku IN ? AND s.owner IN ?", view.Warehouse.Code, skus, owners).
		Where(available + " > 0").Where(promisable+" > 0", view.Today()).
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

// linesOn counts reservations that are, or have led to, work. Ids rise with time, so that the
// primary key's end is all that is read of the table; the time itself decides.
const linesOn = `SELECT COUNT(*) AS lines FROM (SELECT r.id FROM reservations AS r
	WHERE r.warehouse = ? AND r.id >= ? AND r.created_at >= ?
	AND r.state IN ('OPEN', 'DEDUCTED') LIMIT ?) AS counted`

// clockSlackSeconds is how wrong a process's clock may be: reservations whose ids are older than that before
// the day began are not counted.
const clockSlackSeconds = 3600

// LinesToday counts the order lines that have been reserved in the view's warehouse since its own
// day began, and that were not given back since; it counts no further than to most.
func (r *Reader) LinesToday(ctx context.Context, view *master.View, most int64) (int64, error) {
	begins := view.Today().Begins(view.Warehouse.Location())
	var lines int64
	err := r.db.Gorm(ctx).Raw(linesOn, view.Warehouse.Code,
		store.FirstIDAt(begins.Plus(-clockSlackSeconds).Time()), begins, most).Scan(&lines).Error
	return lines, err
}
