package master_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// sizes are packs by code, each a numerator and a denominator.
type sizes = map[string][2]int64

func packs(sizes sizes) *[]model.Pack {
	packs := []model.Pack{}
	for code, size := range sizes {
		packs = append(packs, model.Pack{Code: code,
			Size: model.Fraction{Numerator: size[0], Denominator: size[1]}})
	}
	return &packs
}

func TestUpsertSKUs(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := master.New(db)
		expect(t, "+2 ~0 =0 2:INVALID decimals 3:INVALID decimals 4:INVALID packs "+
			"5:INVALID packs 6:INVALID packs 7:INVALID packs 8:INVALID packs")(
			catalog.UpsertSKUs(ctx, []master.SKUInput{
				{Code: "TEA"},
				{Code: "OIL", Name: new("Oil"), Unit: new("L"), Decimals: new(6),
					Active: new(false), Packs: packs(sizes{"DRUM": {200, 1}, "CUP": {1, 4}})},
				{Code: "X1", Decimals: new(7)},
				{Code: "X2", Decimals: new(-1)},
				{Code: "X3", Packs: packs(sizes{"EA": {1, 1}})},
				{Code: "X4", Unit: new("KG"), Packs: packs(sizes{"KG": {1, 1}})},
				{Code: "X5", Packs: packs(sizes{"CASE": {0, 1}})},
				{Code: "X6", Packs: packs(sizes{"CASE": {12, 0}})},
				{Code: "X7", Packs: &[]model.Pack{{Code: "CASE", Size: model.Each},
					{Code: "BOX", Size: model.Each}, {Code: "CASE", Size: model.Each}}},
			}))
		page, err := catalog.SKUs(ctx, master.SKUFilter{}, "", 9)
		want := []model.SKU{
			{Code: "OIL", Name: "Oil", Unit: "L", Decimals: 6, Packs: []model.Pack{
				{Code: "CUP", Size: model.Fraction{Numerator: 1, Denominator: 4}},
				{Code: "DRUM", Size: model.Fraction{Numerator: 200, Denominator: 1}}}},
			{Code: "TEA", Name: "TEA", Unit: "EA", Active: true},
		}
		if diff := cmp.Diff(want, page.Rows); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestASKUKeepsWhatStockIsCountedIn(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		upsert := func(want string, line master.SKUInput) {
			t.Helper()
			line.Code = "TEA"
			expect(t, want)(catalog.UpsertSKUs(ctx, []master.SKUInput{line}))
		}
		upsert("+1 ~0 =0", master.SKUInput{Decimals: new(2),
			Packs: packs(sizes{"CASE": {12, 1}, "BOX": {6, 1}})})
		exec(t, db, insertZoneStock, "W1", 1, "A", "TEA", "CASE", 0)
		exec(t, db, insertZoneStock, "W1", 2, "A", "TEA", "", 5)

		upsert("+0 ~0 =0 0:INVALID_STATE unit", master.SKUInput{Unit: new("KG")})
		upsert("+0 ~0 =0 0:INVALID_STATE decimals", master.SKUInput{Decimals: new(1)})
		upsert("+0 ~0 =0 0:INVALID_STATE packs", master.SKUInput{Packs: packs(nil)})
		upsert("+0 ~0 =0 0:INVALID_STATE packs",
			master.SKUInput{Packs: packs(sizes{"CASE": {10, 1}})})
		upsert("+0 ~0 =0 0:INVALID packs", master.SKUInput{Packs: packs(sizes{"CASE": {12, 0}})})
		upsert("+0 ~0 =1", master.SKUInput{Decimals: new(2), Unit: new("EA")})
		upsert("+0 ~1 =0", master.SKUInput{Decimals: new(3)})
		upsert("+0 ~1 =0", master.SKUInput{Packs: packs(sizes{"CASE": {24, 2}, "BOX": {8, 1}})})
		upsert("+0 ~1 =0", master.SKUInput{Packs: packs(sizes{"CASE": {12, 1}, "PALLET": {480, 1}})})
		upsert("+0 ~0 =1", master.SKUInput{Packs: packs(sizes{"PALLET": {480, 1}, "CASE": {12, 1}})})

		page, err := catalog.SKUs(ctx, master.SKUFilter{}, "", 9)
		want := []model.SKU{{Code: "TEA", Name: "TEA", Unit: "EA", Decimals: 3, Active: true,
			Packs: []model.Pack{
				{Code: "CASE", Size: model.Fraction{Numerator: 12, Denominator: 1}},
				{Code: "PALLET", Size: model.Fraction{Numerator: 480, Denominator: 1}}}}}
		if diff := cmp.Diff(want, page.Rows); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}
