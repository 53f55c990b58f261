package sample_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/model"
	"tierstock/sample"
	"tierstock/stocktest"
	"tierstock/store"
)

func ordersOf(t *testing.T, rows ...string) []sample.OrderLine {
	t.Helper()
	lines, err := sample.ReadOrders(strings.NewReader(
		"order_id,line_id,order_date,product_id,product_name,quantity\n" + strings.Join(rows, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func nobody(int, int) {}

func TestImport(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		site := siteOn(t, db)
		lines := ordersOf(t,
			"B,1,2026-01-02,PEN,Pen,4", // the second day, though it comes first
			"A,1,2026-01-01,PEN,Pen,3", "A,2,2026-01-01,INK,,9", "A,3,2026-01-01,INK,,9")
		done, err := site.Import(ctx, lines, "W7", model.Whole(10), nobody)
		done.Took = 0
		want := sample.Imported{Orders: 2, Lines: 4, SKUs: 2, Waves: 2, Whole: 3, Part: 1}
		if diff := cmp.Diff(want, done); err != nil || diff != "" {
			t.Error(err, diff)
		}
		wantWhole(t, db)
		stocks := read(t, db, `SELECT sku, on_hand / 1000000, reserved / 1000000
			FROM zone_stocks WHERE warehouse = 'W7' ORDER BY sku`)
		pins := read(t, db, `SELECT r.order_id, r.line_id, t.pinned FROM tasks AS t
			JOIN reservations AS r ON r.warehouse = t.warehouse AND r.id = t.reservation_id
			WHERE t.warehouse = 'W7' AND t.kind = 'PICK' AND t.state = 'OPEN'
			ORDER BY r.order_id, r.line_id`)
		short := read(t, db, `SELECT order_id, line_id, qty FROM shortages WHERE warehouse = 'W7'`)
		if len(stocks) != 2 || len(pins) != 4 || pins[2] != "A 3 1000000" ||
			fmt.Sprint(short) != "[A 3 8000000]" ||
			!strings.HasPrefix(stocks[0], "INK 10") || !strings.HasPrefix(stocks[1], "PEN 10") {
			t.Error(stocks, pins, short)
		}

		before := books(t, db, "W7")
		done, err = site.Import(ctx, lines, "W7", model.Whole(10), nobody)
		if err != nil || done.Again != 4 || done.Wrong != 0 {
			t.Errorf("%v, again: %+v", err, done)
		}
		if diff := cmp.Diff(before, books(t, db, "W7")); diff != "" {
			t.Error(diff)
		}
	})
}

// TestImportTakesOrdersInTurn: a day of more orders than a wave may have gives what there is to the
// orders that come first.
func TestImportTakesOrdersInTurn(t *testing.T) {
	db := stocktest.Migrated(t, stocktest.Backends(t)[0].URL(t))
	var rows []string
	for n := range 1100 {
		rows = append(rows, fmt.Sprintf("O%04d,1,2026-01-01,S%d,,1", n, n%3))
	}
	done, err := siteOn(t, db).Import(context.Background(), ordersOf(t, rows...), "W1",
		model.Whole(350), nobody)
	if err != nil || done.Whole != 1050 || done.None != 50 || done.Wrong != 0 || done.Waves != 2 {
		t.Errorf("%v, %+v", err, done)
	}
	held := read(t, db, `SELECT MAX(order_id) FROM reservations WHERE warehouse = 'W1'`)
	if held[0] != "O1049" {
		t.Error("the last order that got something is", held)
	}
}

func TestImportTellsWhatIsWrong(t *testing.T) {
	db := stocktest.Migrated(t, stocktest.Backends(t)[0].URL(t))
	ctx := context.Background()
	site := siteOn(t, db)
	_, err := site.Import(ctx, ordersOf(t, "A,1,2026-01-01,PEN,Pen,4"), "W1", model.Whole(10), nobody)
	if err != nil {
		t.Fatal(err)
	}
	done, err := site.Import(ctx, ordersOf(t, "A,1,2026-01-01,PEN,Pen,5"), "W1", model.Whole(20),
		nobody)
	if err != nil || done.Wrong != 2 || len(done.Notes) != 2 ||
		!strings.Contains(done.Notes[0], "SKU PEN: KEY_CONFLICT") ||
		!strings.Contains(done.Notes[1], "order A line 1: KEY_CONFLICT") {
		t.Errorf("%v, %+v", err, done)
	}
	done, err = site.Import(ctx, ordersOf(t, "C,1,2026-01-01,CAP,,5"), "W1", 0, nobody)
	if err != nil || done.None != 1 || done.Wrong != 0 {
		t.Errorf("%v, without stock: %+v", err, done)
	}
	wantWhole(t, db)
}
