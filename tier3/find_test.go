package tier3_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier3"
)

const (
	insertZoneRow = `INSERT INTO zone_stocks (warehouse, id, zone, owner, sku, batch, pack)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	insertBinRow = `INSERT INTO bin_stocks (warehouse, id, zone, bin, owner, sku, batch, pack,
		on_hand, reserved, frozen, version, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 4, 5)`
)

// writeRows runs statements for rows that reading tests start from.
func writeRows(t *testing.T, db *store.DB, query string, rows ...[]any) {
	t.Helper()
	ctx := context.Background()
	err := db.Transact(ctx, func(tx *store.Tx) error {
		for _, row := range rows {
			if _, err := tx.Exec(ctx, query, row...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// binned has bin rows in two zones of W1, and one with the same id in W2.
func binned(t *testing.T, db *store.DB) *tier3.Reader {
	t.Helper()
	writeRows(t, db, `INSERT INTO skus (code, unit) VALUES (?, ?)`, []any{"TEA", "EA"},
		[]any{"OIL", "L"})
	writeRows(t, db, `INSERT INTO batches (warehouse, sku, code, expires_on) VALUES (?, ?, ?, ?)`,
		[]any{"W1", "TEA", "L1", "2027-01-31"}, []any{"W2", "TEA", "", "2027-01-31"})
	writeRows(t, db, insertZoneRow,
		[]any{"W1", 11, "A", "", "TEA", "", ""}, []any{"W1", 12, "A", "", "TEA", "L1", "CASE"},
		[]any{"W1", 13, "B", "ACME", "OIL", "", ""}, []any{"W1", 14, "B", "", "OIL", "", ""},
		[]any{"W2", 11, "A", "", "TEA", "", ""})
	writeRows(t, db, insertBinRow,
		[]any{"W1", 1, "A", "A1", "", "TEA", "", "", 0, 0, 0},
		[]any{"W1", 2, "A", "A2", "", "TEA", "", "", 5, 2, 3},
		[]any{"W1", 3, "A", "A3", "", "TEA", "", "", 5, 0, 0},
		[]any{"W1", 4, "A", "A1", "", "TEA", "L1", "CASE", 5, 1, 1},
		[]any{"W1", 5, "B", "B1", "ACME", "OIL", "", "", 5, 0, 0},
		[]any{"W2", 2, "A", "A2", "", "TEA", "", "", 7, 0, 0})
	return tier3.NewReader(db)
}

func ids(stocks []model.BinStock) string {
	var ids []string
	for _, stock := range stocks {
		ids = append(ids, fmt.Sprint(stock.ID))
	}
	return strings.Join(ids, " ")
}

func TestFind(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := binned(t, db)
		for want, filter := range map[string]master.StockFilter{
			"1 2 3 4 5": {},
			"5":         {Zones: []string{"B"}},
			"1 4 5":     {Bins: []string{"A1", "B1"}},
			"1 2 3 4":   {SKUs: []string{"TEA", "X"}},
			" 5":        {Owner: new("ACME")},
			"4":         {Batch: new("L1")},
			"1 2 3 5":   {Pack: new("")},
			"1 2 3":     {Pack: new("EA")},
			" 4":        {ExpiresBefore: "2027-02-01"},
			"":          {ExpiresBefore: "2027-01-31"},
			"3 4 5":     {OnlyAvailable: true},
			"3 4":       {OnlyAvailable: true, SKUs: []string{"TEA"}, Owner: new("")},
		} {
			page, err := reader.Find(context.Background(), "W1", filter, 0, 5)
			if got := ids(page.Rows); err != nil || page.More || got != strings.TrimSpace(want) {
				t.Errorf("%+v: %v, got %q, want %q", filter, err, got, want)
			}
		}
		page, err := reader.Find(context.Background(), "W1", master.StockFilter{}, 2, 2)
		if err != nil || !page.More || ids(page.Rows) != "3 4" {
			t.Error(err, page)
		}
		want := model.BinStock{ID: 4, Zone: "A", Version: 4, UpdatedAt: 5,
			Key: model.BinStockKey{Warehouse: "W1", Bin: "A1", SKU: "TEA", Batch: "L1",
				Pack: "CASE"},
			Amounts: model.Amounts{OnHand: 5, Reserved: 1, Frozen: 1}}
		if page.Rows[1] != want {
			t.Errorf("got %+v, want %+v", page.Rows[1], want)
		}
	})
}

func TestFindForIsOneStatement(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			ctx := context.Background()
			url := backend.URL(t)
			binned(t, stocktest.Migrated(t, url))
			statements := 0
			db, err := store.Open(ctx, url, store.Options{Trace: func(string) { statements++ }})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			statements = 0
			found, err := tier3.NewReader(db).FindFor(ctx, "W1", []int64{11, 12, 14, 99}, 2)
			if err != nil || statements != 1 || len(found) != 2 {
				t.Fatal(err, statements, found)
			}
			if got := ids(found[11]) + ", " + ids(found[12]); got != "2 3, 4" {
				t.Errorf("got %s", got)
			}
			all, err := tier3.NewReader(db).FindFor(ctx, "W1", []int64{11}, 200)
			if err != nil || ids(all[11]) != "2 3 1" {
				t.Error(err, ids(all[11]))
			}
		})
	}
}
