package master

import (
	"gorm.io/gorm"

	"tierstock/model"
)

// StockFilter narrows a list of stock rows, of either tier; no codes and nil are no filter. A
// pack that is the SKU's own unit is the base pack.
type StockFilter struct {
	Zones, Bins, SKUs  []string
	Owner, Batch, Pack *string
	ExpiresBefore      model.Date
	OnlyAvailable      bool
}

// Narrow puts the conditions on a query of stock rows that are called s there, all but Bins and
// OnlyAvailable, which mean something else in each list.
func (f StockFilter) Narrow(query *gorm.DB) *gorm.DB {
	if len(f.Zones) > 0 {
		query = query.Where("s.zone IN ?", f.Zones)
	}
	if len(f.SKUs) > 0 {
		query = query.Where("s.sku IN ?", f.SKUs)
	}
	if f.Owner != nil {
		query = query.Where("s.owner = ?", *f.Owner)
	}
	if f.Batch != nil {
		query = query.Where("s.batch = ?", *f.Batch)
	}
	if f.Pack != nil {
		query = query.Where(inPack, *f.Pack, *f.Pack)
	}
	if f.ExpiresBefore != "" {
		query = query.Where(expiresBefore, f.ExpiresBefore)
	}
	return query
}

// inPack finds base units by the name of the SKU's unit too. expiresBefore leaves out what never
// expires.
const (
	inPack = `(s.pack = ? OR s.pack = ''
		AND EXISTS (SELECT 1 FROM skus AS u WHERE u.code = s.sku AND u.unit = ?))`
	expiresBefore = `EXISTS (SELECT 1 FROM batches AS x WHERE x.warehouse = s.warehouse
		AND x.sku = s.sku AND x.owner = s.owner AND x.code = s.batch
		AND x.expires_on <> '' AND x.expires_on < ?)`
)
