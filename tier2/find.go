package tier2

import (
	"context"

	"gorm.io/gorm"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Reader reads tier 2, and tier 1 out of it, for people. It is no part of the write path.
type Reader struct {
	db      *store.DB
	catalog *master.Catalog
}

// NewReader makes a reader.
func NewReader(db *store.DB, catalog *master.Catalog) *Reader {
	return &Reader{db: db, catalog: catalog}
}

// What every list of tier-2 rows joins and says. A zone is there for every row, a batch only
// where there is one. Today, by the warehouse's calendar, is the argument of promisable.
const (
	joinZone  = `JOIN zones AS z ON z.warehouse = s.warehouse AND z.code = s.zone`
	joinBatch = `LEFT JOIN batches AS b ON b.warehouse = s.warehouse AND b.sku = s.sku
		AND b.owner = s.owner AND b.code = s.batch`
	available  = `(s.on_hand - s.reserved - s.frozen)`
	promisable = `CASE WHEN z.allocatable = 1 AND z.pool = '' AND COALESCE(b.pool, '') = ''
		AND COALESCE(b.hold, 0) = 0
		AND (COALESCE(b.expires_on, '') = '' OR b.expires_on >= ?)
		THEN ` + available + ` ELSE 0 END`
	inBins = `EXISTS (SELECT 1 FROM bin_stocks AS t WHERE t.warehouse = s.warehouse
		AND t.sku = s.sku AND t.owner = s.owner AND t.batch = s.batch AND t.pack = s.pack
		AND t.zone = s.zone AND t.bin IN ? AND t.on_hand > 0)`
	zoneStockColumns = `s.id, s.zone, s.owner, s.sku, s.batch, s.pack, s.on_hand, s.reserved,
		s.frozen, s.received_on, s.updated_at, COALESCE(b.expires_on, '') AS expires_on,
		COALESCE(b.hold, 0) AS on_hold, ` + promisable + ` AS promisable`
)

// zoneStockRow is a row of the list as it is read.
type zoneStockRow struct {
	ID                            int64
	Zone, Owner, SKU, Batch, Pack string
	OnHand, Reserved, Frozen      model.Quantity
	Promisable                    model.Quantity
	ReceivedOn, ExpiresOn         model.Date
	OnHold                        bool
	UpdatedAt                     model.Instant
}

// Find lists the tier-2 rows of a warehouse whose id comes after that, by id. With filter.Bins
// they are those that have stock in one of these bins. A warehouse that does not exist has none.
func (r *Reader) Find(ctx context.Context, warehouse string, filter master.StockFilter,
	after int64, first int) (master.Page[model.ZoneStock], error) {
	view, err := r.catalog.View(ctx, r.db.Reader(), warehouse)
	if view == nil || err != nil {
		return master.Page[model.ZoneStock]{}, err
	}
	query := narrow(r.db.Gorm(ctx).Table("zone_stocks AS s"), warehouse, filter).
		Select(zoneStockColumns, view.Today()).Joins(joinZone).Joins(joinBatch).
		Where("s.id > ?", after)
	if filter.OnlyAvailable {
		query = query.Where(available + " > 0")
	}
	var rows []zoneStockRow
	if err := query.Order("s.id").Limit(first + 1).Scan(&rows).Error; err != nil {
		return master.Page[model.ZoneStock]{}, err
	}
	stocks := make([]model.ZoneStock, len(rows))
	for i, row := range rows {
		stocks[i] = row.stock(warehouse)
	}
	return master.PageOf(stocks, first), nil
}

// narrow is the rows of a warehouse that a filter leaves, whatever is available of them.
func narrow(query *gorm.DB, warehouse string, filter master.StockFilter) *gorm.DB {
	query = filter.Narrow(query.Where("s.warehouse = ?", warehouse))
	if len(filter.Bins) > 0 {
		query = query.Where(inBins, filter.Bins)
	}
	return query
}

func (row zoneStockRow) stock(warehouse string) model.ZoneStock {
	return model.ZoneStock{
		ID: row.ID,
		Key: model.ZoneStockKey{Warehouse: warehouse, Zone: row.Zone, Owner: row.Owner,
			SKU: row.SKU, Batch: row.Batch, Pack: row.Pack},
		Amounts:    model.Amounts{OnHand: row.OnHand, Reserved: row.Reserved, Frozen: row.Frozen},
		Promisable: row.Promisable,
		ExpiresOn:  row.ExpiresOn,
		ReceivedOn: row.ReceivedOn,
		OnHold:     row.OnHold,
		UpdatedAt:  row.UpdatedAt,
	}
}
