package master_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

func bin(zone, code string) master.BinInput {
	return master.BinInput{Warehouse: "W1", Zone: zone, Code: code}
}

func binOf(kind model.BinKind, zone, code string) master.BinInput {
	line := bin(zone, code)
	line.Kind = &kind
	return line
}

func cellOf(parent, zone, code string) master.BinInput {
	line := binOf(model.ToteCell, zone, code)
	line.Parent = &parent
	return line
}

func TestUpsertBins(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		picked := binOf(model.PickBin, "A", "2")
		picked.PickSequence = new(int64(20))
		withParent := bin("A", "3")
		withParent.Parent = new("T1")
		elsewhere := bin("A", "1")
		elsewhere.Warehouse = "W9"
		expect(t, "+5 ~0 =0 2:INVALID parent 3:NOT_FOUND zone 4:INVALID kind 5:NOT_FOUND warehouse "+
			"8:INVALID parent 9:NOT_FOUND parent 10:INVALID parent 11:INVALID parent "+
			"12:INVALID code 13:INVALID code 14:NOT_FOUND parent")(
			catalog.UpsertBins(ctx, []master.BinInput{
				bin("A", "1"), picked, withParent, bin("X", "4"),
				binOf(model.StagingBin, "A", "5"), elsewhere,
				binOf(model.ToteBin, "A", "T1"), cellOf("T1", "A", "T1/1"),
				binOf(model.ToteCell, "A", "T1/2"), cellOf("T9", "A", "T1/3"),
				cellOf("1", "A", "T1/4"), cellOf("T1", "B", "T1/5"),
				bin("A", "6"), bin("B", "6"), cellOf("T1/6", "A", "T1/6"),
				binOf(model.ToteBin, "B", "T2"),
			}))
		page, err := catalog.Bins(ctx, "W1", "A", "", 9)
		want := []model.Bin{
			{Warehouse: "W1", Zone: "A", Code: "1", Kind: model.StorageBin},
			{Warehouse: "W1", Zone: "A", Code: "2", Kind: model.PickBin, PickSequence: 20},
			{Warehouse: "W1", Zone: "A", Code: "A-STAGING", Kind: model.StagingBin},
			{Warehouse: "W1", Zone: "A", Code: "T1", Kind: model.ToteBin},
			{Warehouse: "W1", Zone: "A", Code: "T1/1", Kind: model.ToteCell, Parent: "T1"},
		}
		if diff := cmp.Diff(want, page.Rows); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestATotesCellsStayWithIt(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		upsert := func(want string, lines ...master.BinInput) {
			t.Helper()
			expect(t, want)(catalog.UpsertBins(ctx, lines))
		}
		upsert("+4 ~0 =0", binOf(model.ToteBin, "A", "T1"), cellOf("T1", "A", "C1"),
			binOf(model.ToteBin, "A", "T2"), binOf(model.ToteBin, "B", "T3"))
		upsert("+0 ~0 =0 0:INVALID_STATE zone", bin("B", "T1"))
		upsert("+0 ~0 =0 0:INVALID_STATE kind", binOf(model.StorageBin, "A", "T1"))
		upsert("+0 ~0 =0 0:INVALID parent", bin("B", "C1"))
		upsert("+0 ~0 =0 0:INVALID parent", cellOf("T1", "A", "T1"))
		upsert("+0 ~1 =1", bin("A", "C1"), bin("B", "T2"))
		upsert("+0 ~1 =0", cellOf("T3", "B", "C1"))
		upsert("+0 ~1 =0", bin("B", "T1"))
		upsert("+0 ~1 =0", binOf(model.PickBin, "B", "C1"))
		upsert("+0 ~1 =0", binOf(model.StorageBin, "B", "T3"))
		page, err := catalog.Bins(ctx, "W1", "B", "B-STAGING", 9)
		want := []model.Bin{
			{Warehouse: "W1", Zone: "B", Code: "C1", Kind: model.PickBin},
			{Warehouse: "W1", Zone: "B", Code: "T1", Kind: model.ToteBin},
			{Warehouse: "W1", Zone: "B", Code: "T2", Kind: model.ToteBin},
			{Warehouse: "W1", Zone: "B", Code: "T3", Kind: model.StorageBin},
		}
		if diff := cmp.Diff(want, page.Rows); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestAStagingBinStaysWhatItIs(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		upsert := func(want string, line master.BinInput) {
			t.Helper()
			expect(t, want)(catalog.UpsertBins(ctx, []master.BinInput{line}))
		}
		withParent := bin("A", "A-STAGING")
		withParent.Parent = new("T1")
		sequenced := binOf(model.StagingBin, "A", "A-STAGING")
		sequenced.PickSequence = new(int64(9))
		upsert("+0 ~0 =0 0:INVALID_STATE zone", bin("B", "A-STAGING"))
		upsert("+0 ~0 =0 0:INVALID_STATE kind", binOf(model.PickBin, "A", "A-STAGING"))
		upsert("+0 ~0 =0 0:INVALID_STATE parent", withParent)
		upsert("+0 ~1 =0", sequenced)
		upsert("+0 ~0 =1", sequenced)
		upsert("+1 ~0 =0", bin("A", "1"))
		upsert("+0 ~0 =0 0:INVALID kind", binOf(model.StagingBin, "A", "1"))
	})
}

func TestABinWithStockStaysInItsZone(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		expect(t, "+2 ~0 =0")(catalog.UpsertBins(ctx,
			[]master.BinInput{bin("A", "1"), bin("A", "2")}))
		exec(t, db, insertBinStock, "W1", 1, "A", "1", "TEA", 0)
		exec(t, db, insertBinStock, "W1", 2, "A", "2", "OIL", 0)
		exec(t, db, insertBinStock, "W1", 3, "A", "2", "TEA", 5)
		expect(t, "+0 ~1 =0 1:INVALID_STATE zone")(catalog.UpsertBins(ctx,
			[]master.BinInput{bin("B", "1"), bin("B", "2")}))
		var rows []struct {
			ID   int64
			Zone string
			Tick int64
		}
		err := db.Gorm(ctx).Table("bin_stocks AS s").Select("s.id, s.zone, b.tick").
			Joins("JOIN bins AS b ON b.warehouse = s.warehouse AND b.code = s.bin").
			Where("s.warehouse = ?", "W1").Order("s.id").Scan(&rows).Error
		if got := fmt.Sprint(rows); err != nil || got != "[{1 B 1} {2 A 0} {3 A 0}]" {
			t.Error(err, got)
		}
	})
}
