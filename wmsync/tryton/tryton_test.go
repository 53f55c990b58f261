package tryton_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"tierstock/model"
	"tierstock/wmsync"
	"tierstock/wmsync/tryton"
	"tierstock/wmsync/tryton/trytontest"
)

// floor is a Tryton with a warehouse of the test's own, and the client that syncs with it.
type floor struct {
	*trytontest.ERP

	t      *testing.T
	client *tryton.Client
	code   string
}

// unique begins the codes of a test, so that tests share a server.
func unique(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%d", time.Now().UnixNano()%1e12)
}

func newFloor(t *testing.T) *floor {
	t.Helper()
	erp := trytontest.Open(t)
	code := "W" + unique(t)
	erp.Warehouse(code)
	system := erp.System(map[string]string{code: "OURS"})
	return &floor{erp, t, tryton.New(system, tryton.Options{}), code}
}

func (f *floor) context() context.Context {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	f.t.Cleanup(cancel)
	return ctx
}

// product makes one with a code of the test's own.
func (f *floor) product(unit string) string {
	f.t.Helper()
	code := "P" + unique(f.t)
	f.Product(code, unit)
	return code
}

// snapshot reads all pages.
func (f *floor) snapshot(stream wmsync.Stream, warehouse string) (rows []string, cursor string) {
	f.t.Helper()
	for page := ""; ; {
		got, err := f.client.Snapshot(f.context(), stream, warehouse, page)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, row := range got.Rows {
			rows = append(rows, string(row))
		}
		if age := time.Since(got.AsOf); age > time.Minute || age < -time.Minute {
			f.t.Errorf("as of %s", got.AsOf)
		}
		if page = got.Next; page == "" {
			return rows, got.Cursor
		}
	}
}

// changes reads all pages, of limit items each.
func (f *floor) changes(stream wmsync.Stream, since string, limit int) ([]wmsync.Change, string) {
	f.t.Helper()
	var items []wmsync.Change
	for {
		page, err := f.client.Changes(f.context(), stream, since, limit)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(page.Items) > limit {
			f.t.Errorf("%d items of at most %d", len(page.Items), limit)
		}
		items = append(items, page.Items...)
		if page.More && page.Next == since {
			f.t.Fatal("the cursor does not advance")
		}
		if since = page.Next; !page.More {
			return items, since
		}
	}
}

func (f *floor) deliver(movements ...wmsync.Movement) []wmsync.Outcome {
	f.t.Helper()
	receipts, err := f.client.Deliver(f.context(), "batch", movements)
	if err != nil {
		f.t.Fatal(err)
	}
	var outcomes []wmsync.Outcome
	for _, receipt := range receipts {
		if receipt.Message != "" {
			f.t.Log(receipt.Outcome, receipt.Message)
		}
		outcomes = append(outcomes, receipt.Outcome)
	}
	return outcomes
}

func (f *floor) expectOutcomes(got []wmsync.Outcome, want ...wmsync.Outcome) {
	f.t.Helper()
	if !slices.Equal(got, want) {
		f.t.Errorf("outcomes %v, want %v", got, want)
	}
}

func (f *floor) expectOnHand(code, lot, want string) {
	f.t.Helper()
	if got := f.OnHand(f.code, code, lot).String(); got != want {
		f.t.Errorf("%s has %s of lot %q, want %s", code, got, lot, want)
	}
}

// movement is one of a SKU; from and to are bins, "" for none.
func (f *floor) movement(kind, from, to, sku, batch, qty string) wmsync.Movement {
	place := func(bin string) *wmsync.Place {
		if bin == "" {
			return nil
		}
		return &wmsync.Place{Zone: "Z1", Bin: bin}
	}
	return wmsync.Movement{ID: "RECEIVE/" + unique(f.t) + "/" + sku, Type: kind, Warehouse: f.code,
		From: place(from), To: place(to), SKU: sku, Batch: batch, Qty: qty}
}

func decode[T any](t *testing.T, text json.RawMessage) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %s", err, text)
	}
	return value
}

func TestStockIsPulledOnce(t *testing.T) {
	f := newFloor(t)
	kilos, pieces := f.product("kg"), f.product("u")
	opening := f.Receive(f.code, kilos, "L1", "10.3")
	f.Receive(f.code, kilos, "L2", "0.7")
	f.Ship(f.code, kilos, "L1", "0.1")
	f.Receive(f.code, pieces, "", "7")
	open := f.Draft(f.code, pieces, "", "5")

	rows, cursor := f.snapshot(wmsync.Stock, f.code)
	slices.Sort(rows)
	row := `{"warehouse":%q,"zone":"","owner":"","sku":%q,"batch":%q,"pack":"","expiresOn":"",` +
		`"onHand":%q}`
	want := []string{fmt.Sprintf(row, f.code, kilos, "L1", "10.2"),
		fmt.Sprintf(row, f.code, kilos, "L2", "0.7"), fmt.Sprintf(row, f.code, pieces, "", "7")}
	slices.Sort(want)
	if !slices.Equal(rows, want) {
		t.Errorf("rows\n%q, want\n%q", rows, want)
	}

	items, cursor := f.changes(wmsync.Stock, cursor, 500)
	if len(items) != 0 {
		t.Errorf("the snapshot's moves come again: %+v", items)
	}
	f.Reprice(opening) // writes an old move again
	shipped := f.Ship(f.code, pieces, "", "2")
	f.Do(open)
	for _, limit := range []int{2, 500} {
		items, after := f.changes(wmsync.Stock, cursor, limit)
		f.expectDeltas(items, fmt.Sprintf("stock.move,%d -2", shipped),
			fmt.Sprintf("stock.move,%d 5", open))
		again, last := f.changes(wmsync.Stock, after, limit)
		if len(again) != 0 || last != after {
			t.Errorf("%d items come again; the cursor is the same: %t", len(again), last == after)
		}
	}
}

func (f *floor) expectDeltas(items []wmsync.Change, want ...string) {
	f.t.Helper()
	var got []string
	for _, item := range items {
		data := decode[struct{ Warehouse, Delta, Reason string }](f.t, item.Data)
		got = append(got, item.ID+" "+data.Delta)
		if item.Op != wmsync.Delta || item.Fault != "" || data.Reason == "" {
			f.t.Errorf("%+v", item)
		}
	}
	if !slices.Equal(got, want) {
		f.t.Errorf("deltas %q, want %q", got, want)
	}
}

// interrupter does something before the request of a number goes out.
type interrupter struct {
	requests, before int
	then             func()
}

func (i *interrupter) RoundTrip(request *http.Request) (*http.Response, error) {
	if i.requests++; i.requests == i.before {
		i.then()
	}
	return http.DefaultTransport.RoundTrip(request)
}

// TestStockIsPulledWhileItMoves moves stock before each request that a snapshot makes in turn. The
// rows and the changes after them always come to what there is.
func TestStockIsPulledWhileItMoves(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	f.Receive(f.code, sku, "", "1000")
	system := f.System(map[string]string{f.code: "OURS"})
	asked, counted, changed := 0, 0, 0
	for before := 1; before <= asked || before == 1; before++ {
		open := f.Draft(f.code, sku, "", "1")
		wire := &interrupter{before: before, then: func() {
			f.Do(open)
			f.Ship(f.code, sku, "", "3")
		}}
		f.client = tryton.New(system, tryton.Options{Transport: wire})
		rows, cursor := f.snapshot(wmsync.Stock, f.code)
		asked = wire.requests
		onHand := decode[struct{ OnHand string }](t, json.RawMessage(rows[0])).OnHand
		sum := quantity(t, onHand)
		items, _ := f.changes(wmsync.Stock, cursor, 500)
		for _, item := range items {
			sum += quantity(t, decode[struct{ Delta string }](t, item.Data).Delta)
		}
		if want := f.OnHand(f.code, sku, ""); len(rows) != 1 || sum != want {
			t.Errorf("before request %d: %q and %d changes come to %s, want %s", before, rows,
				len(items), sum, want)
		}
		counted, changed = counted+2-len(items), changed+len(items)
	}
	if asked < 8 || counted == 0 || changed == 0 {
		t.Errorf("%d requests, %d moves in the rows and %d after them", asked, counted, changed)
	}
}

func quantity(t *testing.T, text string) model.Quantity {
	t.Helper()
	qty, err := model.ParseQuantity(text)
	if err != nil {
		t.Fatal(err)
	}
	return qty
}

func TestStockIsPulledFromTheBeginning(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	var want model.Quantity
	for i := range 12 {
		f.Receive(f.code, sku, "", fmt.Sprint(i+1))
		want += model.Whole(int64(i + 1))
	}
	items, _ := f.changes(wmsync.Stock, "", 4)
	var sum model.Quantity
	for _, item := range items {
		sum += quantity(t, decode[struct{ Delta string }](t, item.Data).Delta)
	}
	if sum != want || len(items) != 12 {
		t.Errorf("%d items of %s, want 12 of %s", len(items), sum, want)
	}
}

func TestStockBetweenWarehouses(t *testing.T) {
	f := newFloor(t)
	other := "X" + unique(t)
	f.Warehouse(other)
	f.client = tryton.New(f.System(map[string]string{f.code: "A", other: "B"}), tryton.Options{})
	sku := f.product("u")
	f.Receive(f.code, sku, "", "9")
	_, cursor := f.snapshot(wmsync.Stock, "")
	id := f.Transfer(f.code, other, sku, "", "4")
	items, _ := f.changes(wmsync.Stock, cursor, 500)
	f.expectDeltas(items, fmt.Sprintf("stock.move,%d,out -4", id), fmt.Sprintf("stock.move,%d 4", id))
	rows, _ := f.snapshot(wmsync.Stock, "")
	if len(rows) != 2 {
		t.Errorf("rows of both warehouses: %q", rows)
	}
}

func TestSKUs(t *testing.T) {
	f := newFloor(t)
	code := f.product("kg")
	rows, cursor := f.snapshot(wmsync.SKUs, "")
	want := fmt.Sprintf(`{"code":%q,"name":"Product %[1]s","unit":"kg","decimals":2,"packs":[]}`,
		code)
	if !slices.Contains(rows, want) {
		t.Errorf("rows %q lack %s", rows, want)
	}
	_, cursor = f.changes(wmsync.SKUs, cursor, 500) // what is as new as the snapshot comes again
	items, cursor := f.changes(wmsync.SKUs, cursor, 500)
	if len(items) != 0 {
		t.Errorf("%d items come again", len(items))
	}
	f.Rename(code, "Apples")
	items, cursor = f.changes(wmsync.SKUs, cursor, 500)
	if len(items) != 1 || items[0].Op != wmsync.Upsert || items[0].Key != code ||
		decode[struct{ Name string }](t, items[0].Data).Name != "Apples" {
		t.Fatalf("renamed: %+v", items)
	}
	version := items[0].Version
	f.Retire(code)
	items, _ = f.changes(wmsync.SKUs, cursor, 500)
	if len(items) != 1 || items[0].Op != wmsync.Delete || items[0].Key != code ||
		items[0].Version <= version {
		t.Errorf("retired: %+v", items)
	}
}

func TestOrdersAndInbound(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	_, orders := f.snapshot(wmsync.Orders, "")
	_, inbound := f.snapshot(wmsync.Inbound, "")
	id, number := f.Order(f.code, sku, "4")
	items, orders := f.changes(wmsync.Orders, orders, 500)
	if len(items) != 1 || items[0].Op != wmsync.Upsert || items[0].Key != number {
		t.Fatalf("order: %+v", items)
	}
	order := decode[struct {
		OrderID, Warehouse string
		Lines              []struct{ LineID, SKU, Qty string }
		Version            int64
	}](t, items[0].Data)
	if order.OrderID != number || order.Warehouse != f.code || len(order.Lines) != 1 ||
		order.Lines[0].SKU != sku || order.Lines[0].Qty != "4" || order.Version == 0 {
		t.Errorf("order %+v", order)
	}
	rows, _ := f.snapshot(wmsync.Orders, f.code)
	if len(rows) != 1 || rows[0] != string(items[0].Data) {
		t.Errorf("rows %q", rows)
	}
	f.CancelOrder(id)
	if items, _ = f.changes(wmsync.Orders, orders, 500); len(items) != 1 ||
		items[0].Op != wmsync.Delete || items[0].Key != number {
		t.Errorf("cancelled: %+v", items)
	}

	id, number = f.Expect(f.code, sku, "6")
	items, inbound = f.changes(wmsync.Inbound, inbound, 500)
	if len(items) != 1 || items[0].Op != wmsync.Upsert || items[0].Key != number {
		t.Fatalf("expected: %+v", items)
	}
	f.Arrive(id)
	items, _ = f.changes(wmsync.Inbound, inbound, 500)
	if len(items) != 1 || items[0].Op != wmsync.Delete {
		t.Errorf("arrived: %+v", items)
	}
}
