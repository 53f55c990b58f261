package tier2_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
)

const (
	insertZoneRow = `INSERT INTO zone_stocks (warehouse, id, zone, owner, sku, batch, pack,
		on_hand, reserved, frozen) VALUES ('W1', ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertBinRow = `INSERT INTO bin_stocks (warehouse, id, zone, bin, sku, on_hand)
		VALUES ('W1', ?, ?, ?, ?, ?)`
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

// readable is a warehouse W1 to read from, and its reader: zones PICK, and QA, which may not be
// promised; TEA in cases of 12 and ninths; batches of it that are over, last today, are on hold.
func readable(t *testing.T, db *store.DB) *tier2.Reader {
	t.Helper()
	ctx := context.Background()
	catalog := master.New(db)
	done := func(_ master.Outcome, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	done(catalog.UpsertWarehouses(ctx, []master.WarehouseInput{{Code: "W1"}, {Code: "W2"}}))
	done(catalog.UpsertZones(ctx, []master.ZoneInput{{Warehouse: "W1", Code: "PICK"},
		{Warehouse: "W1", Code: "QA", Allocatable: new(false)}}))
	done(catalog.UpsertSKUs(ctx, []master.SKUInput{{Code: "OIL", Unit: new("L")},
		{Code: "TEA", Packs: &[]model.Pack{
			{Code: "CASE", Size: model.Fraction{Numerator: 12, Denominator: 1}},
			{Code: "NINTH", Size: model.Fraction{Numerator: 1, Denominator: 9}}}}}))
	view, err := catalog.View(ctx, db.Reader(), "W1")
	if err != nil {
		t.Fatal(err)
	}
	batch := func(code string, expires model.Date, hold bool) master.BatchInput {
		return master.BatchInput{Warehouse: "W1", SKU: "TEA", Batch: code, ExpiresOn: &expires,
			Hold: &hold}
	}
	done(catalog.UpsertBatches(ctx, []master.BatchInput{batch("OVER", "2020-01-31", false),
		batch("TODAY", view.Today(), false), batch("HELD", "2999-12-31", true),
		batch("NEVER", "", false)}))
	return tier2.NewReader(db, catalog)
}

func listed(t *testing.T) func(master.Page[model.ZoneStock], error) string {
	return func(page master.Page[model.ZoneStock], err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, stock := range page.Rows {
			ids = append(ids, fmt.Sprint(stock.ID))
		}
		if page.More {
			ids = append(ids, "...")
		}
		return strings.Join(ids, " ")
	}
}

func TestFindPromisesWhatAPlainReserveCouldTake(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := readable(t, db)
		writeRows(t, db, insertZoneRow,
			[]any{1, "PICK", "", "TEA", "", "", 10 * model.One, 3 * model.One, 2 * model.One},
			[]any{2, "QA", "", "TEA", "", "", 10 * model.One, 0, 0},
			[]any{3, "PICK", "", "TEA", "OVER", "", 10 * model.One, 0, 0},
			[]any{4, "PICK", "", "TEA", "TODAY", "CASE", 10 * model.One, 0, model.One},
			[]any{5, "PICK", "", "TEA", "HELD", "", 10 * model.One, 0, 0},
			[]any{6, "PICK", "ACME", "TEA", "OVER", "", 10 * model.One, 0, 0})
		page, err := reader.Find(context.Background(), "W1", master.StockFilter{}, 0, 9)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, stock := range page.Rows {
			got = append(got, fmt.Sprintf("%d %s of %s, %v", stock.ID, stock.Promisable,
				stock.Available(), stock.OnHold))
		}
		want := []string{"1 5 of 5, false", "2 0 of 10, false", "3 0 of 10, false",
			"4 9 of 9, false", "5 0 of 10, true", "6 10 of 10, false"}
		if strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		last := page.Rows[4]
		if last.ExpiresOn != "2999-12-31" || last.Key != (model.ZoneStockKey{Warehouse: "W1",
			Zone: "PICK", SKU: "TEA", Batch: "HELD"}) {
			t.Errorf("%+v", last)
		}
	})
}

func TestFindFilters(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := readable(t, db)
		writeRows(t, db, insertZoneRow,
			[]any{1, "PICK", "", "TEA", "", "", 5, 0, 0},
			[]any{2, "QA", "", "TEA", "OVER", "CASE", 5, 5, 0},
			[]any{3, "PICK", "ACME", "OIL", "", "", 5, 2, 3},
			[]any{4, "PICK", "", "OIL", "", "", 5, 0, 0},
			[]any{5, "PICK", "", "TEA", "NEVER", "", 0, 0, 0})
		writeRows(t, db, insertBinRow,
			[]any{1, "PICK", "P1", "TEA", 5}, []any{2, "PICK", "P1", "OIL", 0},
			[]any{3, "PICK", "P2", "OIL", 5})
		cases := map[string]master.StockFilter{
			"1 2 3 4 5": {},
			"1 3 4 5":   {Zones: []string{"PICK", "X"}},
			"1":         {Bins: []string{"P1"}},
			"1 4":       {Bins: []string{"P1", "P2"}},
			"3 4":       {SKUs: []string{"OIL"}},
			"3":         {Owner: new("ACME")},
			"1 2 4 5":   {Owner: new("")},
			"2":         {ExpiresBefore: "2020-02-01"},
			"1 3 4":     {Batch: new("")},
			"1 5":       {Pack: new("EA")},
			"1 3 4 5 ":  {Pack: new("")},
			"":          {ExpiresBefore: "2020-01-31"},
			"1 4 ":      {OnlyAvailable: true},
			"2 ":        {Pack: new("CASE"), Batch: new("OVER")},
		}
		for want, filter := range cases {
			got := listed(t)(reader.Find(context.Background(), "W1", filter, 0, 9))
			if got != strings.TrimSpace(want) {
				t.Errorf("%+v: got %q, want %q", filter, got, want)
			}
		}
	})
}

func TestFindPages(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		reader := readable(t, db)
		for id := range 5 {
			writeRows(t, db, insertZoneRow,
				[]any{id + 1, "PICK", "", fmt.Sprint("S", 9-id), "", "", 5, 0, 0})
		}
		list := func(warehouse string, after int64, first int) string {
			return listed(t)(reader.Find(ctx, warehouse, master.StockFilter{}, after, first))
		}
		for _, test := range []struct{ got, want string }{
			{list("W1", 0, 2), "1 2 ..."}, {list("W1", 2, 2), "3 4 ..."}, {list("W1", 4, 2), "5"},
			{list("W1", 5, 2), ""}, {list("W2", 0, 2), ""}, {list("W9", 0, 2), ""},
		} {
			if test.got != test.want {
				t.Errorf("got %q, want %q", test.got, test.want)
			}
		}
	})
}
