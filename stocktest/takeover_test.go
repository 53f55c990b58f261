package stocktest_test

import (
	"fmt"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// lineOf is the line of an order, by its name.
func lineOf(order string) model.LineKey {
	return model.LineKey{JobType: "SALE", OrderID: order, LineID: "1"}
}

func reserveOf(s *stocktest.Site, order string, pieces, priority int64) model.ReserveLine {
	return model.ReserveLine{Key: lineOf(order), Warehouse: s.Warehouse,
		Item: model.Item{SKU: stocktest.Tea}, Qty: model.Whole(pieces), Priority: priority}
}

func receiveTea(s *stocktest.Site, name, bin string, pieces int64) {
	stocktest.Call(s, s.Tier2.Receive, flow.Mode{}, model.ReceiveLine{
		Key: model.LineKey{JobType: "ASN", OrderID: name, LineID: "1"}, Bin: bin,
		At: model.ZoneStockKey{Warehouse: s.Warehouse, Zone: s.Zones[bin],
			SKU: stocktest.Tea}, Qty: model.Whole(pieces)})
}

func takeOver(s *stocktest.Site, from string, pieces int64, to model.ReserveLine) model.Result {
	return stocktest.Call(s, s.Allocation.TakeOver, flow.Mode{}, allocation.TakeOver{
		Key:  model.LineKey{JobType: "TAKE_OVER", OrderID: to.Key.OrderID, LineID: "1"},
		From: lineOf(from), Qty: model.Whole(pieces), To: to})[0]
}

// holders are who holds tea in a zone, one word each.
func holders(t *testing.T, s *stocktest.Site, row allocation.Row) string {
	t.Helper()
	row.Warehouse, row.Item.SKU = s.Warehouse, stocktest.Tea
	list, err := s.Allocation.Holders(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	words := make([]string, len(list))
	for i, holder := range list {
		words[i] = fmt.Sprintf("%s:%s/%s@%d", holder.Line.OrderID, holder.Reserved, holder.Pinned,
			holder.Priority)
	}
	return strings.Join(words, " ")
}

func TestTakeOver(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := stocktest.New(t, db)
		receiveTea(s, "A1", "F1", 10)
		stocktest.Call(s, s.Allocation.Reserve, flow.Mode{}, reserveOf(s, "LOW", 7, 1),
			reserveOf(s, "OLD", 1, 3), reserveOf(s, "NEW", 1, 3))
		stocktest.Call(s, s.Tier3.Pin, flow.Mode{}, model.PinLine{Warehouse: s.Warehouse,
			Key: model.TaskKey{JobType: "PICK", TaskID: "P1"}, Reservation: lineOf("LOW"),
			Qty: new(model.Whole(5))})
		want := "OLD:1/0@3 NEW:1/0@3 LOW:7/5@1"
		if got := holders(t, s, allocation.Row{Zone: "FAST"}); got != want {
			t.Errorf("%s hold the zone, want %s", got, want)
		}
		if got := holders(t, s, allocation.Row{Bin: "F1"}); got != "LOW:5/5@1" {
			t.Errorf("%s hold the bin", got)
		}
		for _, refused := range []struct {
			from   string
			pieces int64
			to     model.ReserveLine
			want   string
		}{
			{"OLD", 1, reserveOf(s, "HIGH", 2, 3), "INVALID_STATE from: its priority is 3"},
			{"NONE", 1, reserveOf(s, "HIGH", 2, 9), "NOT_FOUND from"},
			{"LOW", 8, reserveOf(s, "HIGH", 2, 9), "INVALID_STATE qty: it holds 7"},
			{"LOW", 1, reserveOf(s, "HIGH", 3, 9), "INSUFFICIENT qty: 2 may be taken, 3"},
			{"LOW", 0, reserveOf(s, "HIGH", 3, 9), "INVALID qty"},
			{"LOW", 1, reserveOf(s, "NEW", 1, 9), "INVALID_STATE to: it is reserved already"},
			{"LOW", 1, reserveOf(s, "LOW", 7, 9), "INVALID_STATE to: it is reserved already"},
		} {
			result := takeOver(s, refused.from, refused.pieces, refused.to)
			got := (&model.Refusal{Code: result.Code, Field: result.Field,
				Message: result.Message}).Error()
			if !strings.HasPrefix(got, refused.want) {
				t.Errorf("got %q, want %q", got, refused.want)
			}
		}
		result := takeOver(s, "LOW", 4, reserveOf(s, "HIGH", 5, 9))
		if result.Code != model.Applied || result.Applied != model.Whole(5) ||
			len(result.Flows) < 2 || result.Flows[0].Key.Action != model.Release {
			t.Errorf("%+v", result)
		}
		if again := takeOver(s, "LOW", 4, reserveOf(s, "HIGH", 5, 9)); again.Code != model.Replayed {
			t.Errorf("again: %+v", again)
		}
		want = "HIGH:5/0@9 OLD:1/0@3 NEW:1/0@3 LOW:3/3@1"
		if got := holders(t, s, allocation.Row{Zone: "FAST"}); got != want {
			t.Errorf("%s hold the zone, want %s", got, want)
		}
		short, err := s.Allocation.Shortages(t.Context(), s.Warehouse,
			allocation.ShortageFilter{OrderID: "LOW"}, 0, 10)
		if err != nil || len(short.Rows) != 1 || short.Rows[0].Qty != model.Whole(4) {
			t.Errorf("%v: LOW lacks %+v", err, short.Rows)
		}
	})
}

// TestTakeOverOfTwoWarehouses: no transaction spans two, so all or nothing is of one.
func TestTakeOverOfTwoWarehouses(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s, elsewhere := stocktest.New(t, db), stocktest.New(t, db)
		for _, site := range []*stocktest.Site{s, elsewhere} {
			receiveTea(site, "A1", "F1", 5)
			stocktest.Call(site, site.Allocation.Reserve, flow.Mode{}, reserveOf(site, "LOW", 5, 1))
		}
		lines := make([]allocation.TakeOver, 2)
		for i, site := range []*stocktest.Site{s, elsewhere} {
			lines[i] = allocation.TakeOver{Key: model.LineKey{JobType: "TAKE_OVER", OrderID: "HIGH",
				LineID: "1"}, From: lineOf("LOW"), Qty: model.Whole(2),
				To: reserveOf(site, "HIGH", 2, 9)}
		}
		results, err := s.Allocation.TakeOver(t.Context(), flow.Mode{AllOrNothing: true}, lines)
		if err != nil || results[0].Code != model.Invalid || results[1].Code != model.Invalid {
			t.Errorf("%v %+v", err, results)
		}
		results, err = s.Allocation.TakeOver(t.Context(), flow.Mode{}, lines)
		if err != nil || results[0].Code != model.Applied || results[1].Code != model.Applied {
			t.Errorf("line by line: %v %+v", err, results)
		}
		for _, site := range []*stocktest.Site{s, elsewhere} {
			if got := holders(t, site, allocation.Row{Zone: "FAST"}); got != "HIGH:2/0@9 LOW:3/0@1" {
				t.Errorf("%s hold the zone", got)
			}
		}
	})
}

// TestTakeOverLeavesPickedGoods: what is in a tote for an order stays its own.
func TestTakeOverLeavesPickedGoods(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := stocktest.New(t, db)
		receiveTea(s, "A1", "F1", 3)
		stocktest.Call(s, s.Allocation.Reserve, flow.Mode{}, reserveOf(s, "LOW", 3, 0))
		stocktest.Call(s, s.Tier3.Pick, flow.Mode{}, model.PickLine{
			Key: model.TaskKey{JobType: "PICK", TaskID: "P1"}, Reservation: lineOf("LOW"),
			From: model.BinStockKey{Warehouse: s.Warehouse, Bin: "F1", SKU: stocktest.Tea},
			Qty:  model.Whole(2), ToBin: "T1"})
		result := takeOver(s, "LOW", 2, reserveOf(s, "HIGH", 2, 1))
		if result.Code != model.InvalidState || result.Field != "qty" {
			t.Errorf("%+v", result)
		}
		if result := takeOver(s, "LOW", 1, reserveOf(s, "HIGH", 1, 1)); result.Code != model.Applied {
			t.Errorf("%+v", result)
		}
	})
}
