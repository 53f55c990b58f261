package tier2_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
)

const (
	insertReservation = `INSERT INTO reservations (warehouse, id, job_type, order_id, line_id, sku,
		requested, base_units, state, expires_at, due_at, asked, created_at)
		VALUES ('W1', ?, 'SALE', ?, ?, ?, ?, ?, ?, ?, ?, '', 7)`
	insertHold = `INSERT INTO holds (warehouse, reservation_id, zone_stock_id, position, held,
		deducted, released, open_qty) VALUES ('W1', ?, ?, ?, ?, ?, ?, ?)`
	insertPin = `INSERT INTO tasks (warehouse, id, kind, state, reservation_id, zone_stock_id,
		qty, pinned, created_at) VALUES ('W1', ?, ?, 'OPEN', ?, ?, ?, ?, 7)`
)

// reserved is the readable warehouse with reservations: 1 open, 2 past its time, 3 deducted,
// 4 of another order, in base units, open with its time running.
func reserved(t *testing.T, db *store.DB) *tier2.Reader {
	t.Helper()
	reader := readable(t, db)
	past := model.InstantOf(time.Now().Add(-time.Hour))
	later := model.InstantOf(time.Now().Add(time.Hour))
	one := model.One
	writeRows(t, db, insertZoneRow,
		[]any{1, "PICK", "", "TEA", "TODAY", "", 9 * one, 6 * one, 0},
		[]any{2, "QA", "", "TEA", "", "CASE", 9 * one, 2 * one, 0},
		[]any{3, "PICK", "", "TEA", "", "", 9 * one, 5 * one, 0})
	writeRows(t, db, insertReservation,
		[]any{1, "O1", "1", "TEA", 8 * one, false, "OPEN", 0, 0},
		[]any{2, "O1", "2", "TEA", 2 * one, false, "OPEN", past, past},
		[]any{3, "O2", "1", "OIL", 2 * one, false, "DEDUCTED", 0, 0},
		[]any{4, "O3", "1", "TEA", 29 * one, true, "OPEN", later, later})
	writeRows(t, db, insertHold,
		[]any{1, 3, 0, 2 * one, 0, one, one},
		[]any{1, 1, 1, 6 * one, 2 * one, 0, 4 * one},
		[]any{2, 1, 0, 2 * one, 0, 0, 2 * one},
		[]any{4, 2, 0, 2 * one, one, 0, one},
		[]any{4, 3, 1, 5 * one, 0, 0, 5 * one})
	writeRows(t, db, insertPin,
		[]any{1, "PICK", 1, 1, 2 * one, 2 * one}, []any{2, "PICKED", 1, 1, one, one},
		[]any{3, "PICK", 2, 1, one, one})
	return reader
}

func TestAReservationShowsItsHolds(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := reserved(t, db)
		got, err := reader.ReservationsByID(context.Background(), "W1", []int64{4, 1, 99})
		if err != nil || len(got) != 2 {
			t.Fatal(got, err)
		}
		one := model.One
		want := model.Reservation{ID: 1, Warehouse: "W1",
			Key:  model.LineKey{JobType: "SALE", OrderID: "O1", LineID: "1"},
			Item: model.Item{SKU: "TEA"}, Requested: 8 * one, Held: 8 * one, Open: 5 * one,
			Deducted: 2 * one, Released: one, State: model.ReservationOpen, CreatedAt: 7,
			Holds: []model.Hold{
				{Zone: "PICK", Reserved: one, Released: one},
				{Zone: "PICK", Batch: "TODAY", Reserved: 4 * one, Pinned: 3 * one,
					Deducted: 2 * one},
			}}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Error(diff)
		}
		inCases := got[1]
		if inCases.Held != 29*one || inCases.Open != 17*one || inCases.Deducted != 12*one ||
			inCases.Holds[0].Pack != "CASE" || inCases.Holds[0].Reserved != one {
			t.Errorf("%+v", inCases)
		}
	})
}

func TestReservationsFilterAndPage(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		reader := reserved(t, db)
		list := func(filter tier2.ReservationFilter, after int64, first int) string {
			page, err := reader.Reservations(context.Background(), "W1", filter, after, first)
			if err != nil {
				t.Fatal(err)
			}
			var rows []string
			for _, r := range page.Rows {
				rows = append(rows, fmt.Sprint(r.ID, " ", r.State))
			}
			if page.More {
				rows = append(rows, "...")
			}
			return strings.Join(rows, " ")
		}
		type filter = tier2.ReservationFilter
		states := func(states ...model.ReservationState) filter { return filter{States: states} }
		for _, test := range []struct{ got, want string }{
			{list(filter{}, 0, 9), "1 OPEN 2 EXPIRED 3 DEDUCTED 4 OPEN"},
			{list(filter{}, 1, 2), "2 EXPIRED 3 DEDUCTED ..."},
			{list(filter{}, 4, 2), ""},
			{list(filter{OrderID: "O1"}, 0, 9), "1 OPEN 2 EXPIRED"},
			{list(filter{SKU: "OIL"}, 0, 9), "3 DEDUCTED"},
			{list(filter{Zone: "QA"}, 0, 9), "4 OPEN"},
			{list(filter{Zone: "PICK"}, 0, 9), "1 OPEN 2 EXPIRED 4 OPEN"},
			{list(states(model.ReservationOpen), 0, 9), "1 OPEN 4 OPEN"},
			{list(states(model.ReservationExpired), 0, 9), "2 EXPIRED"},
			{list(states(model.ReservationExpired, model.ReservationDeducted), 0, 1),
				"2 EXPIRED ..."},
			{list(filter{OrderID: "O1", States: []model.ReservationState{model.ReservationOpen}},
				0, 9), "1 OPEN"},
		} {
			if test.got != test.want {
				t.Errorf("got %q, want %q", test.got, test.want)
			}
		}
		none, err := reader.ReservationsByID(context.Background(), "W9", []int64{1})
		if len(none) != 0 || err != nil {
			t.Error(none, err)
		}
	})
}

// A list costs the same few statements however long it is.
func TestListsAreAFewStatements(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			ctx := context.Background()
			url := backend.URL(t)
			reserved(t, stocktest.Migrated(t, url))
			statements := 0
			db, err := store.Open(ctx, url, store.Options{Trace: func(string) { statements++ }})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			reader := tier2.NewReader(db, master.New(db))
			costs := func(statementsMax int, list func() error) {
				t.Helper()
				statements = 0
				if err := list(); err != nil || statements > statementsMax {
					t.Errorf("%v, %d statements, at most %d", err, statements, statementsMax)
				}
			}
			warm := func() error {
				_, err := reader.Reservations(ctx, "W1", tier2.ReservationFilter{}, 0, 200)
				return err
			}
			costs(9, warm)
			costs(6, warm) // begin (two on a server), view, reservations, holds, commit
			costs(2, func() error {
				_, err := reader.Find(ctx, "W1", master.StockFilter{}, 0, 200)
				return err
			})
			costs(3, func() error { // the view, the sums, and what is only announced
				_, err := reader.WarehouseStocks(ctx, "W1", master.StockFilter{}, model.Item{}, 200)
				return err
			})
		})
	}
}
