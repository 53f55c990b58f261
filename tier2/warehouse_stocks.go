package tier2

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	"tierstock/master"
	"tierstock/model"
)

// WarehouseStock is tier 1: tier 2 summed over a warehouse, in base units, rounded down to six
// digits. Its amounts are decimals because a sum of full rows has more digits than a row.
type WarehouseStock struct {
	Warehouse                            string
	Item                                 model.Item
	OnHand, Reserved, Frozen, Promisable decimal.Decimal
}

// Available is what may still be taken.
func (s WarehouseStock) Available() decimal.Decimal {
	return s.OnHand.Sub(s.Reserved).Sub(s.Frozen)
}

const (
	joinPack = `LEFT JOIN sku_packs AS p ON p.sku = s.sku AND p.code = s.pack`
	// joinItem leaves the rows of the SKUs and owners on the page, which are called k.
	joinItem  = `JOIN (?) AS k ON k.sku = s.sku AND k.owner = s.owner`
	rowsToSum = `s.sku, s.owner, s.on_hand, s.reserved, s.frozen, ` + promisable + ` AS promisable,
		COALESCE(p.numerator, 1) AS numerator, COALESCE(p.denominator, 1) AS denominator`
	sumsGrouped = `s.sku, s.owner, s.numerator, s.denominator`
	// Sums are read in two parts, whole units and the rest: as one number, ten full rows pass
	// what SQLite can sum.
	sumInParts = `, CAST(SUM((s.%[1]s - s.%[1]s %% 1000000) / 1000000) AS SIGNED) AS %[1]s_units,
		CAST(SUM(s.%[1]s %% 1000000) AS SIGNED) AS %[1]s_rest`
)

// sumRow is what there is of one SKU and owner in packs of one size.
type sumRow struct {
	SKU, Owner                      string
	Numerator, Denominator          int64
	OnHandUnits, OnHandRest         int64
	ReservedUnits, ReservedRest     int64
	FrozenUnits, FrozenRest         int64
	PromisableUnits, PromisableRest int64
}

// WarehouseStocks sums a warehouse by SKU and owner, those that come after that, in this order.
// The filter chooses the tier-2 rows that are summed; OnlyAvailable leaves out sums of which
// nothing is available. The sums are one statement, and so of one moment. Items that are only
// announced are among them, with nothing on hand.
func (r *Reader) WarehouseStocks(ctx context.Context, warehouse string, filter master.StockFilter,
	after model.Item, first int) (master.Page[WarehouseStock], error) {
	view, err := r.catalog.View(ctx, r.db.Reader(), warehouse)
	if view == nil || err != nil {
		return master.Page[WarehouseStock]{}, err
	}
	rows := func() *gorm.DB {
		return narrow(r.db.Gorm(ctx).Table("zone_stocks AS s"), warehouse, filter)
	}
	items := rows().Select("s.sku, s.owner").
		Where("s.sku >= ? AND (s.sku > ? OR s.owner > ?)", after.SKU, after.SKU, after.Owner).
		Group("s.sku, s.owner").Order("s.sku, s.owner").Limit(first + 1)
	if filter.OnlyAvailable {
		items = items.Having("MAX" + available + " > 0")
	}
	summed := rows().Select(rowsToSum, view.Today()).
		Joins(joinItem, items).Joins(joinZone).Joins(joinBatch).Joins(joinPack)
	var sums []sumRow
	err = r.db.Gorm(ctx).Table("(?) AS s", summed).Select(sumColumns()).
		Group(sumsGrouped).Order("s.sku, s.owner").Scan(&sums).Error
	if err != nil {
		return master.Page[WarehouseStock]{}, err
	}
	stocks := inBaseUnits(warehouse, sums)
	coming, err := r.announced(ctx, warehouse, filter, after, first+1)
	for _, item := range coming {
		stocks = append(stocks, WarehouseStock{Warehouse: warehouse, Item: item})
	}
	slices.SortStableFunc(stocks, func(one, other WarehouseStock) int {
		return cmp.Or(cmp.Compare(one.Item.SKU, other.Item.SKU),
			cmp.Compare(one.Item.Owner, other.Item.Owner))
	})
	stocks = slices.CompactFunc(stocks, func(one, other WarehouseStock) bool {
		return one.Item == other.Item // of two the first has the sums
	})
	return master.PageOf(stocks[:min(len(stocks), first+1)], first), err
}

// announced are the items of notices that come after that, in the order of WarehouseStocks. A
// filter that goes by bins, by what batches there are or by what is available leaves none.
func (r *Reader) announced(ctx context.Context, warehouse string, filter master.StockFilter,
	after model.Item, first int) (items []model.Item, err error) {
	if len(filter.Bins) > 0 || filter.ExpiresBefore != "" || filter.OnlyAvailable {
		return nil, nil
	}
	err = filter.Narrow(r.db.Gorm(ctx).Table("expected_goods AS s")).Select("s.owner, s.sku").
		Where("s.warehouse = ? AND s.closed = 0", warehouse).
		Where("s.sku >= ? AND (s.sku > ? OR s.owner > ?)", after.SKU, after.SKU, after.Owner).
		Group("s.sku, s.owner").Order("s.sku, s.owner").Limit(first).Scan(&items).Error
	return items, err
}

func sumColumns() string {
	columns := []string{sumsGrouped}
	for _, amount := range []string{"on_hand", "reserved", "frozen", "promisable"} {
		columns = append(columns, fmt.Sprintf(sumInParts, amount))
	}
	return strings.Join(columns, "")
}

// inBaseUnits adds up the packs of each SKU and owner, exactly, and rounds the sums.
func inBaseUnits(warehouse string, rows []sumRow) []WarehouseStock {
	var stocks []WarehouseStock
	for start := 0; start < len(rows); {
		var onHand, reserved, frozen, promisable big.Rat
		item := model.Item{Owner: rows[start].Owner, SKU: rows[start].SKU}
		for ; start < len(rows) && rows[start].SKU == item.SKU &&
			rows[start].Owner == item.Owner; start++ {
			row := rows[start]
			size := big.NewRat(row.Numerator, row.Denominator)
			addPacks(&onHand, size, row.OnHandUnits, row.OnHandRest)
			addPacks(&reserved, size, row.ReservedUnits, row.ReservedRest)
			addPacks(&frozen, size, row.FrozenUnits, row.FrozenRest)
			addPacks(&promisable, size, row.PromisableUnits, row.PromisableRest)
		}
		stocks = append(stocks, WarehouseStock{warehouse, item, roundedDown(&onHand),
			roundedDown(&reserved), roundedDown(&frozen), roundedDown(&promisable)})
	}
	return stocks
}

// addPacks adds units and millionths of packs of that size, in millionths of base units.
func addPacks(sum, size *big.Rat, units, rest int64) {
	packs := new(big.Int).Mul(big.NewInt(units), big.NewInt(int64(model.One)))
	packs.Add(packs, big.NewInt(rest))
	sum.Add(sum, new(big.Rat).Mul(new(big.Rat).SetInt(packs), size))
}

func roundedDown(millionths *big.Rat) decimal.Decimal {
	whole := new(big.Int).Quo(millionths.Num(), millionths.Denom())
	return decimal.NewFromBigInt(whole, -model.QuantityScale)
}
