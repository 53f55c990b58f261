package wes

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"tierstock/wmsync"
)

// TestItems: what an item may be written like, and what is a fault of it alone.
func TestItems(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	data := json.RawMessage(`{"a":1}`)
	long := strings.Repeat("x", idBytesMax+1)
	for _, c := range []struct {
		raw   string
		want  wmsync.Change // of which Raw is raw
		fault string
	}{
		{`{"id":"1","op":"upsert","key":"K","version":7,"occurredAt":"2026-01-31T12:00:00Z",
			"data":{"a":1},"more":true}`, wmsync.Change{ID: "1", Op: wmsync.Upsert, Key: "K", Version: 7,
			OccurredAt: at, Data: data}, ""},
		{`{"id":12345678901234567890,"op":"delta","key":4.5,"version":"7","data":{"a":1}}`,
			wmsync.Change{ID: "12345678901234567890", Op: wmsync.Delta, Key: "4.5", Version: 7,
				Data: data}, ""},
		{`{"id":"1","op":"delete","key":null,"version":null,"occurredAt":null,"data":null}`,
			wmsync.Change{ID: "1", Op: wmsync.Delete}, ""},
		{`{"id":"1","op":"delete","occurredAt":"2026-01-31T13:00:00.0+01:00"}`,
			wmsync.Change{ID: "1", Op: wmsync.Delete, OccurredAt: at}, ""},
		{`{"id":"` + long + `","op":"delete"}`,
			wmsync.Change{ID: hashOf([]byte(long)), Op: wmsync.Delete}, ""},
		{`{"id":"` + long[1:] + `","op":"delete"}`,
			wmsync.Change{ID: long[1:], Op: wmsync.Delete}, ""},

		{`{"id":"1","op":"merge","data":{}}`, wmsync.Change{ID: "1"}, `op is "merge", and not`},
		{`{"id":"1","data":{}}`, wmsync.Change{ID: "1"}, "op is missing"},
		{`{"id":"1","op":3,"data":{}}`, wmsync.Change{ID: "1"}, "op is 3, and not"},
		{`{"id":"1","op":"upsert","version":1.5,"data":{}}`, wmsync.Change{ID: "1"},
			`version is "1.5", and not a whole number`},
		{`{"id":"1","op":"upsert","version":"v1","data":{}}`, wmsync.Change{ID: "1"}, "version is"},
		{`{"id":"1","op":"upsert","version":-1,"data":{}}`, wmsync.Change{ID: "1"}, "version is"},
		{`{"id":"1","op":"upsert","version":"+1","data":{}}`, wmsync.Change{ID: "1"}, "version is"},
		{`{"id":"1","op":"upsert","version":[],"data":{}}`, wmsync.Change{ID: "1"}, "version is"},
		{`{"id":"1","op":"upsert","version":9223372036854775808,"data":{}}`, wmsync.Change{ID: "1"},
			"version is"},
		{`{"id":"1","op":"upsert","key":{},"data":{}}`, wmsync.Change{ID: "1"}, "key is neither"},
		{`{"id":"1","op":"delete","occurredAt":"31.1.2026"}`, wmsync.Change{ID: "1"},
			"occurredAt is"},
		{`{"id":"1","op":"delete","occurredAt":17}`, wmsync.Change{ID: "1"}, "occurredAt is 17"},
		{`{"id":"1","op":"upsert"}`, wmsync.Change{ID: "1"}, "data is missing"},
		{`{"id":"1","op":"upsert","data":[1]}`, wmsync.Change{ID: "1"}, "data is not an object"},
		{"{\"id\":\"1\",\"op\":\"upsert\",\"data\":{\"sku\":\"\xff\"}}", wmsync.Change{ID: "1"},
			"the item is not valid UTF-8"},
		{`{"op":"delete"}`, wmsync.Change{}, "id is missing"},
		{`{"id":"","op":"delete"}`, wmsync.Change{}, "id is missing"},
		{`{"id":true,"op":"delete"}`, wmsync.Change{}, "id is neither a string nor a number"},
		{`"text"`, wmsync.Change{}, "the item is not an object"},
		{`null`, wmsync.Change{}, "the item is not an object"},
		{`7`, wmsync.Change{}, "the item is not an object"},
	} {
		page, err := readPage([]byte(`{"items":[` + c.raw + `,{"id":"2","op":"delete"}],"next":"n"}`))
		if err != nil || len(page.Items) != 2 || page.Items[1].ID != "2" ||
			page.Items[1].Fault != "" {
			t.Errorf("%s fails its page: %v, %+v", c.raw, err, page)
			continue
		}
		got := page.Items[0]
		if c.want.ID == "" {
			c.want.ID = "raw-" + hashOf([]byte(c.raw))
		}
		switch {
		case c.fault != "":
			raw := strings.ToValidUTF8(c.raw, "\ufffd")
			if got.ID != c.want.ID || !strings.Contains(got.Fault, c.fault) || string(got.Raw) != raw {
				t.Errorf("%s is %+v, want fault %q and id %s", c.raw, got, c.fault, c.want.ID)
			}
		default:
			c.want.Raw = json.RawMessage(c.raw)
			got.OccurredAt = got.OccurredAt.UTC()
			if c.want.OccurredAt.IsZero() {
				got.OccurredAt = time.Time{}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s is\n%+v, want\n%+v", c.raw, got, c.want)
			}
		}
	}
}

func TestLargeItem(t *testing.T) {
	large := `{"id":"1","op":"upsert","data":{"a":"` + strings.Repeat("é", itemBytesMax/2) + `"}}`
	page, err := readPage([]byte(`{"items":[` + large + `]}`))
	if err != nil || page.Items[0].ID != "1" || len(page.Items[0].Raw) > 2*excerptBytesMax ||
		!json.Valid(page.Items[0].Raw) || page.Items[0].Fault != "the item has more than 1024 KiB" {
		t.Error(err, len(page.Items[0].Raw), page.Items[0].Fault)
	}
}

// TestPages: what a page and a snapshot may be written like, and what is none.
func TestPages(t *testing.T) {
	many := strings.Repeat("1,", itemsMax) + "1"
	for _, c := range []struct{ body, want string }{
		{`{"items":[],"next":"n","hasMore":true,"asOf":"2026-01-31T12:00:00Z"}`,
			"0 next=n more=true 2026-01-31 12:00:00 +0000 UTC"},
		{` {"items":null,"next":12,"hasMore":false} `, "0 next=12 more=false none"},
		{"\ufeff" + `{"items":[],"next":null,"hasMore":null,"asOf":null}`, "0 next= more=false none"},
		{`{"items":[{},{}]}`, "2 next= more=false none"},
		{`{}`, "the answer has no items"},
		{`{"items":{}}`, "items is not a list"},
		{`{"items":[` + many + `]}`, "the answer has 10001 items, more than 10000"},
		{`{"items":[],"next":{}}`, "next is neither a string nor a number"},
		{`{"items":[],"next":false}`, "next is neither a string nor a number"},
		{`{"items":[],"next":"` + strings.Repeat("n", cursorBytesMax+1) + `"}`,
			"next has more than 4096 bytes"},
		{`{"items":[],"hasMore":"yes"}`, "hasMore is a string, which it must not be"},
		{`{"items":[],"asOf":"today"}`, `asOf is "today", and not a time`},
		{`[]`, "the answer is a array, which it must not be"},
		{``, "the answer is empty"},
		{`<!DOCTYPE html><p>Sign in`, "the answer is a page for people"},
		{`{"items":[{"id":"1"`, "the answer is cut off"},
		{`{"items":[]}{`, "the answer goes on after its end"},
		{`{"items":[]} ok`, "the answer goes on after its end"},
		{`Sorry`, "the answer is not JSON"},
	} {
		page, err := readPage([]byte(c.body))
		asOf := "none"
		if !page.AsOf.IsZero() {
			asOf = page.AsOf.String()
		}
		got := fmt.Sprintf("%d next=%s more=%t %s", len(page.Items), page.Next, page.More, asOf)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%.80s: %s, want %s", c.body, got, c.want)
		}
	}
}

func TestSnapshots(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`{"asOf":"2026-01-31T12:00:00Z","cursor":"c","rows":[{},[1]],"nextPage":"p","rowCount":9}`,
			`2026 c [{} [1]] p 9`},
		{`{"cursor":7,"rows":null,"nextPage":2,"rowCount":"3"}`, `1 7 [] 2 3`},
		{`{"rows":[]}`, `1  []  -1`},
		{`{"rows":[],"cursor":null,"nextPage":null,"rowCount":null,"asOf":""}`, `1  []  -1`},
		{`{"rows":[],"rowCount":-1}`, "rowCount is"},
		{`{"rows":[],"rowCount":"many"}`, "rowCount is"},
		{`{"rows":[],"cursor":[]}`, "cursor is neither"},
		{`{"rows":[],"nextPage":true}`, "nextPage is neither"},
		{`{"rows":[],"asOf":1}`, "asOf is 1, and not"},
		{`{"rows":7}`, "rows is not a list"},
		{`{}`, "the answer has no rows"},
		{`<html>`, "the answer is a page for people"},
		{`{"rows":[`, "the answer is cut off"},
		{`{"rows":[]}x`, "the answer goes on after its end"},
	} {
		s, err := readSnapshot([]byte(c.body))
		got := fmt.Sprintf("%d %s %s %s %d", s.AsOf.Year(), s.Cursor, s.Rows, s.Next, s.RowCount)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != c.want || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.body, got, c.want)
		}
	}
}

// TestLargeSnapshot: how a snapshot is cut into pages is the system's business.
func TestLargeSnapshot(t *testing.T) {
	rows := strings.Repeat(`{},`, 5*itemsMax) + `{}`
	snapshot, err := readSnapshot([]byte(`{"rows":[` + rows + `],"rowCount":50001}`))
	if err != nil || len(snapshot.Rows) != snapshot.RowCount {
		t.Errorf("%d rows, %v", len(snapshot.Rows), err)
	}
}

// TestReceipts: the shapes that answers to movements come in.
func TestReceipts(t *testing.T) {
	movements := []wmsync.Movement{{ID: "a"}, {ID: "b"}}
	unmentioned := "retry(the answer does not mention it)"
	unsaid := "retry(the answer does not say what became of it)"
	for _, c := range []struct{ body, want string }{
		{`{"results":[{"id":"a","status":"applied"},{"id":"b","status":"rejected","error":"no bin"}]}`,
			"applied(), rejected(no bin)"},
		{`{"results":[{"id":"b","status":"retry","retryAfter":7},{"id":"a","status":"duplicate"}]}`,
			"duplicate(), retry()7s"},
		{`[{"id":"a","result":"applied"},{"id":"b","outcome":"RETRY ","message":"busy","retryAfter":
			"1.5"}]`, "applied(), retry(busy)1.5s"},
		{`{"items":[{"status":"applied"},{"status":"rejected","reason":"why"}]}`,
			"applied(), rejected(why)"},
		{`{"movements":["applied","duplicate"]}`, "applied(), duplicate()"},
		{`{"batchId":"1","receipts":[{"id":"b","state":"applied"},{"id":"a","state":"duplicate"}]}`,
			"duplicate(), applied()"},
		{`{"taken":["applied","applied"],"refused":[]}`,
			"!the answer does not say what became of the movements"},
		{`["applied","ok"]`, `applied(), retry(the answer is "ok", and not applied, duplicate, ` +
			`rejected or retry)`},
		{`{"a":"applied","b":"rejected"}`, "applied(), rejected()"},
		{`{"a":{"status":"rejected","error":{"code":7}}}`, `rejected({"code":7}), ` + unmentioned},
		{`{"results":{"b":"applied"}}`, unmentioned + ", applied()"},
		{`{"results":[{"id":"c","status":"applied"},{"id":"b","status":"applied"}]}`,
			unmentioned + ", applied()"},
		{`{"results":[{"id":"c","status":"applied"},{"status":"applied"}]}`,
			unmentioned + ", applied()"},
		{`["applied"]`, unmentioned + ", " + unmentioned},
		{`["applied","applied","applied"]`, unmentioned + ", " + unmentioned},
		{`[]`, unmentioned + ", " + unmentioned},
		{`[null,{"id":"b"}]`, unsaid + ", " + unsaid},
		{`[{"id":"a","status":"applied"},{"id":"a","status":"applied"}]`,
			"applied(), " + unmentioned},
		{`[{"id":"a","status":"applied"},{"id":"a","status":"rejected"}]`,
			"retry(the answer has it twice, as applied and as rejected), " + unmentioned},
		{`[{"id":"a","status":7,"error":"x"},{"id":"b","status":"retry","retryAfter":1e9}]`,
			`retry(the answer is 7, and not applied, duplicate, rejected or retry: x), retry()24h0m0s`},
		{`[{"id":"a","status":"retry","retryAfter":"soon"},{"id":"b","status":"retry",
			"retryAfter":-3}]`, "retry(), retry()"},

		{`{}`, "!the answer does not say what became of the movements"},
		{`{"ok":true}`, "!the answer does not say what became of the movements"},
		{`7`, "!the answer is neither a list nor an object"},
		{`null`, "!the answer is neither a list nor an object"},
		{``, "!the answer is empty"},
		{`<html>`, "!the answer is a page for people, HTML or XML, and not JSON"},
		{`{"results":[`, "!the answer is cut off"},
		{`[]]`, "!the answer goes on after its end"},
	} {
		receipts, err := readReceipts([]byte(c.body), movements)
		var words []string
		for _, r := range receipts {
			word := fmt.Sprintf("%s(%s)", r.Outcome, r.Message)
			if r.RetryAfter != 0 {
				word += r.RetryAfter.String()
			}
			words = append(words, word)
		}
		got := strings.Join(words, ", ")
		if err != nil {
			got = "!" + err.Error()
		}
		if got != c.want {
			t.Errorf("%s\n%s, want\n%s", c.body, got, c.want)
		}
	}
}

// FuzzPage: whatever is sent, readers do not panic, items have an id and either an op or a fault,
// raw items stay JSON, and there is a receipt for each movement.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{`{"items":[{"id":1,"op":"delta","data":{}},7],"next":3}`,
		`{"rows":[1],"cursor":"c","rowCount":"1"}`, `{"results":[{"id":"a","status":"applied"}]}`,
		` ["applied",null]`, `{"a":{}}`, `<`, "\ufeff{}", "{\"items\":[{\"id\":\"\xff\"}]}"} {
		f.Add([]byte(seed))
	}
	movements := []wmsync.Movement{{ID: "a"}, {ID: "b"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := readPage(body)
		for _, item := range page.Items {
			if item.ID == "" || len(item.ID) > idBytesMax || item.Fault == "" && item.Op == "" ||
				!json.Valid(item.Raw) || err != nil {
				t.Errorf("%q: %+v, %v", body, item, err)
			}
		}
		if _, err := readSnapshot(body); err != nil && err.Error() == "" {
			t.Error("a failure without words")
		}
		receipts, err := readReceipts(body, movements)
		if err == nil && len(receipts) != len(movements) {
			t.Errorf("%q: %+v", body, receipts)
		}
		for _, receipt := range receipts {
			if receipt.Outcome == "" || receipt.RetryAfter < 0 {
				t.Errorf("%q: %+v", body, receipt)
			}
		}
	})
}
