package tier3

import (
	"context"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Reader reads tier 3 for people. It is no part of the write path.
type Reader struct{ db *store.DB }

// NewReader makes a reader.
func NewReader(db *store.DB) *Reader { return &Reader{db: db} }

const (
	binStockColumns = `s.id, s.zone, s.bin, s.owner, s.sku, s.batch, s.pack, s.on_hand,
		s.reserved, s.frozen, s.version, s.updated_at`
	available = `(s.on_hand - s.reserved - s.frozen)`
	// joinBelow finds the bin rows below tier-2 rows, which are called z.
	joinBelow = `JOIN bin_stocks AS s ON s.warehouse = z.warehouse AND s.sku = z.sku
		AND s.owner = z.owner AND s.zone = z.zone AND s.batch = z.batch AND s.pack = z.pack`
	// place numbers the bin rows of each tier-2 row, empty ones last.
	place = `ROW_NUMBER() OVER (PARTITION BY z.id
		ORDER BY CASE WHEN s.on_hand > 0 THEN 0 ELSE 1 END, s.id) AS place`
)

// binStockRow is a row of the list as it is read.
type binStockRow struct {
	ID                                 int64
	ZoneStockID                        int64
	Zone, Bin, Owner, SKU, Batch, Pack string
	OnHand, Reserved, Frozen           model.Quantity
	Version                            int64
	UpdatedAt                          model.Instant
}

// Find lists the bin rows of a warehouse whose id comes after that, by id.
func (r *Reader) Find(ctx context.Context, warehouse string, filter master.StockFilter,
	after int64, first int) (master.Page[model.BinStock], error) {
	query := r.db.Gorm(ctx).Table("bin_stocks AS s").Select(binStockColumns).
		Where("s.warehouse = ? AND s.id > ?", warehouse, after)
	query = filter.Narrow(query)
	if len(filter.Bins) > 0 {
		query = query.Where("s.bin IN ?", filter.Bins)
	}
	if filter.OnlyAvailable {
		query = query.Where(available + " > 0")
	}
	var rows []binStockRow
	if err := query.Order("s.id").Limit(first + 1).Scan(&rows).Error; err != nil {
		return master.Page[model.BinStock]{}, err
	}
	stocks := make([]model.BinStock, len(rows))
	for i, row := range rows {
		stocks[i] = row.stock(warehouse)
	}
	return master.PageOf(stocks, first), nil
}

// FindFor reads the bins of all those tier-2 rows of a warehouse in one statement: of each the
// first so many, those with stock before those without. The result is by the tier-2 row's id.
func (r *Reader) FindFor(ctx context.Context, warehouse string, zoneStocks []int64, first int,
) (map[int64][]model.BinStock, error) {
	if len(zoneStocks) == 0 {
		return nil, nil
	}
	placed := r.db.Gorm(ctx).Table("zone_stocks AS z").
		Select("z.id AS zone_stock_id, "+binStockColumns+", "+place).Joins(joinBelow).
		Where("z.warehouse = ? AND z.id IN ?", warehouse, zoneStocks)
	var rows []binStockRow
	err := r.db.Gorm(ctx).Table("(?) AS placed", placed).Where("place <= ?", first).
		Order("zone_stock_id, place").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	stocks := map[int64][]model.BinStock{}
	for _, row := range rows {
		stocks[row.ZoneStockID] = append(stocks[row.ZoneStockID], row.stock(warehouse))
	}
	return stocks, nil
}

func (row binStockRow) stock(warehouse string) model.BinStock {
	return model.BinStock{
		ID: row.ID,
		Key: model.BinStockKey{Warehouse: warehouse, Bin: row.Bin, Owner: row.Owner,
			SKU: row.SKU, Batch: row.Batch, Pack: row.Pack},
		Zone:      row.Zone,
		Amounts:   model.Amounts{OnHand: row.OnHand, Reserved: row.Reserved, Frozen: row.Frozen},
		Version:   row.Version,
		UpdatedAt: row.UpdatedAt,
	}
}
