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

// sums are tier-1 rows in a line each: on hand, reserved, frozen, available, promisable.
func sums(t *testing.T) func(master.Page[tier2.WarehouseStock], error) string {
	return func(page master.Page[tier2.WarehouseStock], err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, s := range page.Rows {
			lines = append(lines, fmt.Sprintf("%s/%s %s-%s-%s=%s (%s)", s.Item.SKU, s.Item.Owner,
				s.OnHand, s.Reserved, s.Frozen, s.Available(), s.Promisable))
		}
		if page.More {
			lines = append(lines, "...")
		}
		return strings.Join(lines, "; ")
	}
}

func TestWarehouseStocksAreInBaseUnits(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := readable(t, db)
		writeRows(t, db, insertZoneRow,
			[]any{1, "PICK", "", "TEA", "", "", 7 * model.One, model.One, 0},
			[]any{2, "QA", "", "TEA", "", "CASE", 2 * model.One, 0, model.One},
			[]any{3, "PICK", "", "TEA", "OVER", "CASE", 1 * model.One, 0, 0},
			// Nine ninths are one piece, though none of them is a decimal.
			[]any{4, "PICK", "ACME", "TEA", "", "NINTH", 5 * model.One, 0, 0},
			[]any{5, "QA", "ACME", "TEA", "", "NINTH", 4 * model.One, 2 * model.One, 0},
			[]any{6, "PICK", "", "OIL", "", "", 0, 0, 0})
		get := func(filter master.StockFilter, after model.Item, first int) string {
			return sums(t)(reader.WarehouseStocks(context.Background(), "W1", filter, after, first))
		}
		const oil, tea = "OIL/ 0-0-0=0 (0)", "TEA/ 43-1-12=30 (6)"
		const acme = "TEA/ACME 1-0.222222-0=0.777778 (0.555555)"
		for _, test := range []struct{ got, want string }{
			{get(master.StockFilter{}, model.Item{}, 9), oil + "; " + tea + "; " + acme},
			{get(master.StockFilter{}, model.Item{}, 2), oil + "; " + tea + "; ..."},
			{get(master.StockFilter{}, model.Item{SKU: "OIL"}, 2), tea + "; " + acme},
			{get(master.StockFilter{}, model.Item{SKU: "TEA"}, 2), acme},
			{get(master.StockFilter{}, model.Item{SKU: "TEA", Owner: "ACME"}, 2), ""},
			{get(master.StockFilter{OnlyAvailable: true}, model.Item{}, 1), tea + "; ..."},
			{get(master.StockFilter{Zones: []string{"QA"}, Owner: new("")}, model.Item{}, 9),
				"TEA/ 24-0-12=12 (0)"},
			{get(master.StockFilter{Batch: new("OVER")}, model.Item{}, 9), "TEA/ 12-0-0=12 (0)"},
		} {
			if test.got != test.want {
				t.Errorf("got  %s\nwant %s", test.got, test.want)
			}
		}
	})
}

func TestFullRowsCanBeSummed(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := readable(t, db)
		for row := range 20 {
			writeRows(t, db, insertZoneRow, []any{row + 1, "PICK", "", "TEA", fmt.Sprint("B", row),
				"CASE", model.QuantityMax, model.QuantityMax, 0})
		}
		got := sums(t)(reader.WarehouseStocks(context.Background(), "W1", master.StockFilter{},
			model.Item{}, 9))
		want := "TEA/ 239999999999999.99976-239999999999999.99976-0=0 (0)"
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
