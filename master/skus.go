package master

import (
	"cmp"
	"context"
	"database/sql"
	"math/bits"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// SKUInput makes or changes a SKU. A field that is nil keeps its value; a new SKU is named after
// its code, counted in EA without decimals, without packs, and active. Packs, where given, are
// all the packs that the SKU then has.
type SKUInput struct {
	Code       string
	Name, Unit *string
	Decimals   *int
	Packs      *[]model.Pack
	Active     *bool
}

// UpsertSKUs makes or changes SKUs, which all warehouses share.
func (c *Catalog) UpsertSKUs(ctx context.Context, lines []SKUInput) (Outcome, error) {
	return upsert(ctx, c.db, skuKind(), lines)
}

// UpsertSKUsIn is UpsertSKUs inside a transaction, for lines no two of which are of one SKU.
func UpsertSKUsIn(ctx context.Context, tx *store.Tx, lines []SKUInput) (Outcome, error) {
	return skuKind().applyAndTouch(ctx, tx, "", lines)
}

func skuKind() kind[SKUInput] {
	return kind[SKUInput]{
		identity: func(line SKUInput) identity { return identity{code: line.Code} },
		field:    "code",
		open:     openSKUs,
	}
}

// LockSKUs reads SKUs as they are now, and keeps them so until the transaction ends.
func LockSKUs(ctx context.Context, tx *store.Tx, codes []string) ([]model.SKU, error) {
	return skusNamed(ctx, tx, codes, tx.ForUpdate())
}

// packOf names a pack of a SKU.
type packOf struct{ sku, pack string }

// skuWork is the SKUs that the lines name, locked, and those of their packs that stock is in.
type skuWork struct {
	tx    *store.Tx
	known map[string]model.SKU
	inUse map[packOf]string
}

func openSKUs(ctx context.Context, tx *store.Tx, _ string, lines []SKUInput,
) (applier[SKUInput], error) {
	codes := codesOf(lines, func(line SKUInput) string { return line.Code })
	rows, err := skusNamed(ctx, tx, codes, tx.ForUpdate())
	if err != nil {
		return nil, err
	}
	work := skuWork{tx, make(map[string]model.SKU, len(rows)), map[packOf]string{}}
	for _, row := range rows {
		work.known[row.Code] = row
	}
	if losers := work.losers(lines); len(losers) > 0 {
		err = work.findPacksInUse(ctx, losers)
	}
	return work.apply, err
}

// losers are the SKUs of which a line changes a pack, or takes one away.
func (w skuWork) losers(lines []SKUInput) []string {
	var losers []string
	for _, line := range lines {
		was, exists := w.known[line.Code]
		if exists && len(lostPacks(was, line.over(was, exists))) > 0 {
			losers = append(losers, line.Code)
		}
	}
	return losers
}

// lostPacks are the packs that are gone, or of another size. 24/2 is the same size as 12/1.
func lostPacks(was, becomes model.SKU) []string {
	var lost []string
	for _, pack := range was.Packs {
		size, ok := becomes.Size(pack.Code)
		if !ok || !sameSize(size, pack.Size) {
			lost = append(lost, pack.Code)
		}
	}
	return lost
}

// sameSize compares fractions without dividing, by products of 128 bits.
func sameSize(a, b model.Fraction) bool {
	high, low := bits.Mul64(uint64(a.Numerator), uint64(b.Denominator))
	otherHigh, otherLow := bits.Mul64(uint64(b.Numerator), uint64(a.Denominator))
	return high == otherHigh && low == otherLow
}

// findPacksInUse looks for stock in packs of those SKUs, warehouse by warehouse, since each
// statement about stock names its warehouse.
func (w skuWork) findPacksInUse(ctx context.Context, skus []string) error {
	warehouses, err := collect(ctx, w.tx, scanCode, selectCodes)
	if err != nil {
		return err
	}
	for _, warehouse := range warehouses {
		list, args := in(skus, warehouse)
		packs, err := collect(ctx, w.tx, scanPackOf, selectPacksInUse+list, args...)
		if err != nil {
			return err
		}
		for _, pack := range packs {
			w.inUse[pack] = warehouse
		}
	}
	return nil
}

func scanPackOf(rows *sql.Rows) (p packOf, err error) {
	err = rows.Scan(&p.sku, &p.pack)
	return p, err
}

func (w skuWork) apply(ctx context.Context, line SKUInput) (change, error) {
	was, exists := w.known[line.Code]
	becomes := line.over(was, exists)
	if err := checkSKU(becomes); err != nil {
		return unchanged, err
	}
	if exists {
		if err := w.checkChange(was, becomes); err != nil {
			return unchanged, err
		}
	}
	change := changeOf(exists, sameSKU(was, becomes))
	if change == unchanged {
		return unchanged, nil
	}
	return change, w.save(ctx, becomes, change, slices.Equal(was.Packs, becomes.Packs))
}

// over puts the line over the SKU. Packs are kept sorted, as they are read.
func (line SKUInput) over(was model.SKU, exists bool) model.SKU {
	if !exists {
		was = model.SKU{Code: line.Code, Name: line.Code, Unit: "EA", Active: true}
	}
	set(&was.Name, line.Name)
	set(&was.Unit, line.Unit)
	set(&was.Decimals, line.Decimals)
	set(&was.Active, line.Active)
	if line.Packs != nil {
		was.Packs = slices.SortedFunc(slices.Values(*line.Packs), func(a, b model.Pack) int {
			return cmp.Compare(a.Code, b.Code)
		})
	}
	return was
}

func sameSKU(a, b model.SKU) bool {
	return a.Name == b.Name && a.Unit == b.Unit && a.Decimals == b.Decimals &&
		a.Active == b.Active && slices.Equal(a.Packs, b.Packs)
}

// checkSKU judges a SKU by itself.
func checkSKU(sku model.SKU) error {
	if sku.Decimals < 0 || sku.Decimals > model.QuantityScale {
		return refuse(model.Invalid, "decimals", "%d is not from 0 to %d", sku.Decimals,
			model.QuantityScale)
	}
	for i, pack := range sku.Packs {
		switch {
		case pack.Code == sku.Unit:
			return refuse(model.Invalid, "packs", "%q is the SKU's own unit", pack.Code)
		case pack.Size.Numerator < 1 || pack.Size.Denominator < 1:
			return refuse(model.Invalid, "packs", "pack %q: numerator and denominator must be "+
				"at least 1", pack.Code)
		case i > 0 && sku.Packs[i-1].Code == pack.Code:
			return refuse(model.Invalid, "packs", "pack %q is there twice", pack.Code)
		}
	}
	return nil
}

// checkChange judges a SKU by what it was: stock that is counted so must keep its worth.
func (w skuWork) checkChange(was, becomes model.SKU) error {
	if becomes.Unit != was.Unit {
		return refuse(model.InvalidState, "unit", "the unit of %q is %q and stays so", was.Code,
			was.Unit)
	}
	if becomes.Decimals < was.Decimals {
		return refuse(model.InvalidState, "decimals", "%q has %d decimals, which may not fall",
			was.Code, was.Decimals)
	}
	for _, pack := range lostPacks(was, becomes) {
		if warehouse, used := w.inUse[packOf{was.Code, pack}]; used {
			return refuse(model.InvalidState, "packs", "pack %q of %q is in use in warehouse %q",
				pack, was.Code, warehouse)
		}
	}
	return nil
}

func (w skuWork) save(ctx context.Context, sku model.SKU, change change, samePacks bool) error {
	statement := updateSKU
	if change == created {
		statement = insertSKU
	}
	_, err := w.tx.Exec(ctx, statement, sku.Name, sku.Unit, sku.Decimals, sku.Active, sku.Code)
	if err != nil || samePacks {
		return err
	}
	if _, err := w.tx.Exec(ctx, deletePacks, sku.Code); err != nil {
		return err
	}
	for _, pack := range sku.Packs {
		_, err := w.tx.Exec(ctx, insertPack, sku.Code, pack.Code, pack.Size.Numerator,
			pack.Size.Denominator)
		if err != nil {
			return err
		}
	}
	return nil
}
