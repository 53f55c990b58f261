package master

import (
	"context"
	"slices"
	"unicode/utf8"

	"gorm.io/gorm"

	"tierstock/model"
)

// SKUFilter narrows a list of SKUs to some codes, to those that begin with Prefix, or to both.
// No codes, and "", are no filter.
type SKUFilter struct {
	Codes  []string
	Prefix string
}

// Warehouses are all warehouses, by code.
func (c *Catalog) Warehouses(ctx context.Context) ([]model.Warehouse, error) {
	var warehouses []model.Warehouse
	err := c.db.Gorm(ctx).Table("warehouses").Select(warehouseColumns).Order("code").
		Scan(&warehouses).Error
	return warehouses, err
}

// Zones are the zones of a warehouse whose code comes after that, by code.
func (c *Catalog) Zones(ctx context.Context, warehouse, after string, first int,
) (Page[model.Zone], error) {
	var zones []model.Zone
	err := c.db.Gorm(ctx).Table("zones").Select(zoneColumns).
		Where("warehouse = ? AND code > ?", warehouse, after).
		Order("code").Limit(first + 1).Scan(&zones).Error
	return PageOf(zones, first), err
}

// Bins are the bins of a warehouse, or of one zone of it, whose code comes after that, by code.
func (c *Catalog) Bins(ctx context.Context, warehouse, zone, after string, first int,
) (Page[model.Bin], error) {
	query := c.db.Gorm(ctx).Table("bins").Select(binColumns).
		Where("warehouse = ? AND code > ?", warehouse, after)
	if zone != "" {
		query = query.Where("zone = ?", zone)
	}
	var bins []model.Bin
	err := query.Order("code").Limit(first + 1).Scan(&bins).Error
	return PageOf(bins, first), err
}

// SKUs are the SKUs whose code comes after that, by code, with their packs sorted by code.
func (c *Catalog) SKUs(ctx context.Context, filter SKUFilter, after string, first int,
) (Page[model.SKU], error) {
	skus := c.db.Gorm(ctx).Table("skus").Where("code > ?", after)
	if len(filter.Codes) > 0 {
		skus = skus.Where("code IN ?", filter.Codes)
	}
	if filter.Prefix != "" {
		skus = startsWith(skus, filter.Prefix)
	}
	skus = skus.Order("code").Limit(first + 1)
	rows, err := c.db.Gorm(ctx).Table("(?) AS s", skus).Select(skuColumns).
		Joins(joinPacks).Order(orderSKUs).Rows()
	lines, err := scanAll(rows, err, scanSKU)
	return PageOf(foldPacks(lines), first), err
}

// startsWith compares a range of codes: LIKE would fold case on SQLite, and give % and _ a
// meaning. Both engines order codes as their code points.
func startsWith(query *gorm.DB, prefix string) *gorm.DB {
	query = query.Where("code >= ?", prefix)
	if end := endOf(prefix); end != "" {
		query = query.Where("code < ?", end)
	}
	return query
}

// endOf is the least text after all that begin with the prefix: its last character that has a
// next one is raised. "" is none.
func endOf(prefix string) string {
	runes := []rune(prefix)
	for last, char := range slices.Backward(runes) {
		next := char + 1
		if !utf8.ValidRune(next) {
			next = surrogatesEnd
		}
		if char < utf8.MaxRune {
			return string(append(runes[:last], next))
		}
	}
	return ""
}

// surrogatesEnd is the first code point after those that no text has.
const surrogatesEnd = 0xE000
