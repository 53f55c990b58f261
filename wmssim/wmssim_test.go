package wmssim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"tierstock/model"
	"tierstock/wmssim"
	"tierstock/wmsync"
	"tierstock/wmsync/wes"
)

func spot(sku string) wmssim.Spot { return wmssim.Spot{Warehouse: "MAIN", SKU: sku} }

// pull reads a stream to its end as the engine would: failures are asked again, a cursor that is
// gone begins anew. It gives the items by their ids and the order in which they first came.
func pull(t *testing.T, client *wes.Client, stream wmsync.Stream, limit int) (
	items map[string]wmsync.Change, order []string, failures map[wmsync.FailureKind]int) {
	t.Helper()
	items, failures = map[string]wmsync.Change{}, map[wmsync.FailureKind]int{}
	since := ""
	for range 1000 {
		page, err := client.Changes(t.Context(), stream, since, limit)
		if failed, ok := errors.AsType[*wmsync.Failure](err); ok {
			failures[failed.Kind]++
			if failed.Kind == wmsync.Expired {
				since = ""
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			if _, known := items[item.ID]; !known {
				order = append(order, item.ID)
			}
			items[item.ID] = item
		}
		if since = page.Next; !page.More {
			return items, order, failures
		}
	}
	t.Fatal("the stream does not end")
	return nil, nil, nil
}

// TestStreams: what is told has the documented shape.
func TestStreams(t *testing.T) {
	w, client := start(t, wmssim.Options{})
	w.PutSKU(wmssim.SKU{Code: "S", Name: "Soap", Unit: "EA",
		Packs: []wmssim.Pack{{Code: "CASE", Numerator: 12, Denominator: 1}}})
	w.DeleteSKU("S")
	order := wmssim.Order{OrderID: "O", JobType: "ORDER", Warehouse: "MAIN",
		Lines: []wmssim.OrderLine{{LineID: "1", SKU: "S", Qty: "2"}}}
	if first, second := w.PutOrder(order), w.PutOrder(order); first != 1 || second != 2 {
		t.Error(first, second)
	}
	order.Version = 9
	w.PutOrder(order)
	w.CancelOrder("O")
	w.PutInbound(wmssim.Inbound{ASNID: "A", Warehouse: "MAIN",
		Lines: []wmssim.InboundLine{{LineID: "1", SKU: "S", Qty: "5", ExpiresOn: "2027-01-31"}}})
	w.CancelInbound("A")
	err := w.Book(wmssim.Delta{Spot: spot("S"), Delta: "-1.5", Reason: "DAMAGED"})
	if err != nil {
		t.Error(err)
	}
	if w.Book(wmssim.Delta{Delta: "much"}) == nil || w.SetStock(wmssim.Row{OnHand: "much"}) == nil {
		t.Error("a quantity that is none is booked")
	}
	w.PutRaw(wmsync.Stock, json.RawMessage(`{"id":"bad","op":"guess"}`))
	for stream, want := range map[wmsync.Stream][]string{
		wmsync.SKUs: {`skus-1 upsert S 1 {"code":"S","name":"Soap","unit":"EA","decimals":0,` +
			`"packs":[{"code":"CASE","numerator":12,"denominator":1}]}`,
			`skus-2 delete S 2 {"code":"S"}`},
		wmsync.Orders: {`orders-1 upsert O 1 {"orderId":"O","jobType":"ORDER","warehouse":"MAIN",` +
			`"priority":0,"shipComplete":false,"lines":[{"lineId":"1","sku":"S","qty":"2"}],` +
			`"version":1}`, `orders-2 upsert O 2 {"orderId"`, `orders-3 upsert O 9 {"orderId"`,
			`orders-4 delete O 10 {"orderId":"O","jobType":"ORDER","warehouse":"MAIN"}`},
		wmsync.Inbound: {`inbound-1 upsert A 1 {"asnId":"A","warehouse":"MAIN","lines":[{"lineId":` +
			`"1","sku":"S","qty":"5","expiresOn":"2027-01-31"}]}`,
			`inbound-2 delete A 2 {"asnId":"A"}`},
		wmsync.Stock: {`stock-1 delta S 0 {"warehouse":"MAIN","sku":"S","delta":"-1.5","reason":` +
			`"DAMAGED"}`, `bad   0  `},
	} {
		items, order, _ := pull(t, client, stream, 100)
		for i, id := range order {
			item := items[id]
			got := fmt.Sprintf("%s %s %s %d %s", id, item.Op, item.Key, item.Version, item.Data)
			if len(order) != len(want) || !strings.HasPrefix(got+" ", want[i]) {
				t.Errorf("%s: %s, want %v", stream, got, want)
			}
		}
	}
}

// TestBooks: what changes them, and what is told of that.
func TestBooks(t *testing.T) {
	for _, byZone := range []bool{false, true} {
		w, client := start(t, wmssim.Options{ByZone: byZone, PageItems: 1})
		err := w.SetStock(wmssim.Row{Spot: spot("A"), OnHand: "10"},
			wmssim.Row{Spot: spot("B"), OnHand: "7", ExpiresOn: "2027-01-31"})
		if err != nil {
			t.Fatal(err)
		}
		move := movement("2", "B", "3")
		move.To = &wmsync.Place{Zone: "BULK"}
		in := movement("3", "A", "0.5")
		in.From, in.To = nil, &wmsync.Place{Zone: "PICK"}
		for i, each := range []wmsync.Movement{movement("1", "A", "4"), move, in} {
			receipts, err := client.Deliver(t.Context(), fmt.Sprint(i), []wmsync.Movement{each})
			if err != nil || receipts[0].Outcome != wmsync.Applied {
				t.Error(receipts, err)
			}
		}
		w.SetBehindTheBack("C", model.Whole(2))
		w.SetBehindTheBack("B", model.Whole(6))
		want := map[string]model.Quantity{"A": model.Whole(13) / 2, "B": model.Whole(6),
			"C": model.Whole(2)}
		if got := w.Totals(); !reflect.DeepEqual(got, want) || w.OnHand("A") != want["A"] {
			t.Errorf("by zone %t: %v, want %v", byZone, got, want)
		}
		if items, _, _ := pull(t, client, wmsync.Stock, 9); len(items) != 0 {
			t.Error("what was not booked is told:", items)
		}
		checkSnapshot(t, w, client, byZone)
	}
}

func checkSnapshot(t *testing.T, w *wmssim.WMS, client *wes.Client, byZone bool) {
	t.Helper()
	want := `{"warehouse":"MAIN","sku":"A","onHand":"6.5"} ` +
		`{"warehouse":"MAIN","sku":"B","expiresOn":"2027-01-31","onHand":"6"} ` +
		`{"warehouse":"MAIN","sku":"C","onHand":"2"}`
	if byZone {
		want = `{"warehouse":"MAIN","sku":"A","onHand":"10"} ` +
			`{"warehouse":"MAIN","zone":"PICK","sku":"A","onHand":"-3.5"} ` +
			`{"warehouse":"MAIN","sku":"B","expiresOn":"2027-01-31","onHand":"7"} ` +
			`{"warehouse":"MAIN","zone":"BULK","sku":"B","onHand":"3"} ` +
			`{"warehouse":"MAIN","zone":"PICK","sku":"B","onHand":"-4"} ` +
			`{"warehouse":"MAIN","sku":"C","onHand":"2"}`
	}
	var rows []string
	page := ""
	var count int
	for {
		part, err := client.Snapshot(t.Context(), wmsync.Stock, "MAIN", page)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range part.Rows {
			rows = append(rows, string(row))
		}
		w.SetBehindTheBack("Z", model.One) // while pages are read
		count = part.RowCount
		if page = part.Next; page == "" {
			break
		}
	}
	if got := strings.Join(rows, " "); got != want || count != len(rows) {
		t.Errorf("by zone %t: %d rows\n%s, want\n%s", byZone, count, got, want)
	}
}

// TestLedger: each movement once, in the order they came.
func TestLedger(t *testing.T) {
	w, client := start(t, wmssim.Options{Faults: wmssim.Faults{RejectSKU: []string{"BAD"}}})
	other := movement("1", "A", "2")
	nowhere := movement("6", "A", "1")
	nowhere.Warehouse = "MOON"
	for _, c := range []struct {
		batch []wmsync.Movement
		want  string
	}{
		{[]wmsync.Movement{movement("1", "A", "1"), movement("2", "B", "1")}, "applied, applied"},
		{[]wmsync.Movement{movement("2", "B", "1"), movement("3", "C", "1")}, "duplicate, applied"},
		{[]wmsync.Movement{other, movement("4", "BAD", "1")}, "rejected, rejected"},
		{[]wmsync.Movement{movement("5", "A", "0"), movement("5", "B", "much")}, "rejected, rejected"},
		{[]wmsync.Movement{nowhere, {ID: "7", Qty: "1"}}, "rejected, rejected"},
		{[]wmsync.Movement{movement("8", "A", "1"), movement("9", "A", "1")}, "applied, applied"},
	} {
		receipts, err := client.Deliver(t.Context(), "1", c.batch)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%s, %s", receipts[0].Outcome, receipts[1].Outcome)
		if got != c.want {
			t.Errorf("%+v: %+v, want %s", c.batch, receipts, c.want)
		}
	}
	var got []string
	for _, entry := range w.Ledger() {
		got = append(got, fmt.Sprintf("%s*%d", entry.Movement.ID, entry.Times))
	}
	if want := []string{"1*2", "2*2", "3*1", "8*1", "9*1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if len(w.Rejected()) != 6 || w.OnHand("A") != model.Whole(-3) {
		t.Error(len(w.Rejected()), w.OnHand("A"))
	}
	want := []string{"batch 1 has 8 and 9, both of SKU A"}
	if !slices.Equal(w.Complaints(), want) {
		t.Error(w.Complaints())
	}
}

// TestBadRequests are refused in words.
func TestBadRequests(t *testing.T) {
	w := wmssim.New(wmssim.Options{Token: token})
	for _, c := range []struct {
		verb, path, token, body string
		want                    int
	}{
		{"GET", "/wes/v1/changes?stream=skus&since=", token, "", 200},
		{"GET", "/wes/v1/changes?stream=skus&since=&limit=x", token, "", 400},
		{"GET", "/wes/v1/changes?stream=skus&since=&limit=0", token, "", 400},
		{"GET", "/wes/v1/changes?stream=x", token, "", 400},
		{"GET", "/wes/v1/changes?stream=skus&since=e30", token, "", 410},
		{"GET", "/wes/v1/snapshot?stream=x", token, "", 400},
		{"GET", "/wes/v1/snapshot?stream=stock&warehouse=X", token, "", 400},
		{"GET", "/wes/v1/snapshot?stream=stock&page=x", token, "", 410},
		{"GET", "/wes/v1/snapshot?stream=stock&page=e30", token, "", 410},
		{"GET", "/wes/v1/changes?stream=skus", "", "", 401},
		{"GET", "/wes/v1/changes?stream=skus", "wrong", "", 401},
		{"POST", "/wes/v1/movements", "", "{}", 401},
		{"POST", "/wes/v1/movements", token, "{}", 400},
		{"POST", "/wes/v1/movements", token, "[", 400},
		{"POST", "/wes/v1/movements", token, strings.Repeat(" ", 17<<20), 413},
		{"GET", "/wes/v1/movements", token, "", 405},
		{"GET", "/wes/v1/ledger", "", "", 200},
		{"GET", "/wes/v1/books", "", "", 200},
		{"GET", "/", "", "", 200},
		{"GET", "/else", "", "", 404},
	} {
		request := httptest.NewRequest(c.verb, c.path, strings.NewReader(c.body))
		if c.token != "" {
			request.Header.Set("Authorization", "Bearer "+c.token)
		}
		answer := httptest.NewRecorder()
		w.Handler().ServeHTTP(answer, request)
		if answer.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.verb, c.path, answer.Code, c.want)
		}
	}
}

// TestForPeople: what a browser shows.
func TestForPeople(t *testing.T) {
	w, client := start(t, wmssim.Options{})
	w.PutSKU(wmssim.SKU{Code: "A"})
	if err := w.SetStock(wmssim.Row{Spot: spot("A"), OnHand: "5"}); err != nil {
		t.Error(err)
	}
	batch := []wmsync.Movement{movement("1", "A", "1"), movement("2", "A", "1")}
	if _, err := client.Deliver(t.Context(), "b", batch); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]string{
		"/":              "2 movements applied, 0 of them told again, 0 rejected\ncomplaint: batch b",
		"/wes/v1/ledger": `[{"movement":{"id":"1",`,
		"/wes/v1/books":  `[{"warehouse":"MAIN","sku":"A","onHand":"3"}]`,
	} {
		answer := httptest.NewRecorder()
		w.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: %s", path, answer.Body)
		}
	}
}

// TestConcurrency: many pull, push and change at once; nothing is lost or applied twice.
func TestConcurrency(t *testing.T) {
	w, client := start(t, wmssim.Options{Faults: wmssim.Faults{Fail: 0.2, Doubled: 0.2, Gone: 0.1}})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for n := range 10 {
				w.PutSKU(wmssim.SKU{Code: fmt.Sprintf("K-%d-%d", worker, n)})
				batch := []wmsync.Movement{movement(fmt.Sprint("m-", n), "A", "1")}
				for {
					if _, err := client.Deliver(t.Context(), "b", batch); err == nil {
						break
					}
				}
				_, _ = client.Snapshot(t.Context(), wmsync.SKUs, "", "")
				w.Stock()
			}
		})
	}
	group.Wait()
	if items, _, _ := pull(t, client, wmsync.SKUs, 20); len(items) != 80 {
		t.Error(len(items))
	}
	if len(w.Ledger()) != 10 || w.OnHand("A") != model.Whole(-10) {
		t.Error(len(w.Ledger()), w.OnHand("A"))
	}
}
