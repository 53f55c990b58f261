package wmsync_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierstock/master"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmsync"
)

// Ids that a database would take for one another, or that are too long for it, are all different.
func TestOddIDs(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		long := strings.Repeat("é", 150)
		ids := []string{"d1", "d1 ", "d1  ", " d1", "D1", "d1\x00", "", long, long + "x", "d1\t"}
		for range 2 {
			for _, id := range ids {
				b.far.tell(wmsync.Stock, wmsync.Delta, id, 0, delta("1", ""))
			}
		}
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect(fmt.Sprintf("FAST %d/0/0", len(ids)))
	})
}

// Dead letters that are too large for one statement, or for a row, keep nobody from what follows.
func TestHugeItems(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i := range 20 {
			b.far.tell(wmsync.Stock, wmsync.Delta, fmt.Sprint("huge", i), 0,
				delta("1", `,"zone":"NOWHERE","note":"`+strings.Repeat("x", 1<<20)+`"`))
		}
		b.far.tell(wmsync.Stock, wmsync.Delta, "hugest", 0,
			delta("1", `,"zone":"NOWHERE","note":"`+strings.Repeat("x", 20<<20)+`"`))
		b.far.tell(wmsync.Stock, wmsync.Delta, "good", 0, delta("1", ""))
		b.pull(wmsync.Stock)
		b.Expect("FAST 1/0/0")
		if letters := b.messages(true); len(letters) != 21 {
			t.Errorf("%d letters", len(letters))
		}
	})
}

// A row of the first load that could not be booked can be put back.
func TestRowOfAFirstLoadThatIsPutBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{`{"sku":"tea","onHand":"12"}`,
			`{"zone":"NEW","sku":"tea","onHand":"3"}`}
		b.pull(wmsync.Stock)
		letters := b.dead("there is no zone NEW")
		b.Masters(b.Catalog.UpsertZones(t.Context(), []master.ZoneInput{{Warehouse: b.Warehouse,
			Code: "NEW"}}))
		b.requeue(letters...)
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST 12/0/0", "NEW 3/0/0")
	})
}

// A letter is put back as what it was, however its key is written.
func TestKeyOfALetter(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "9").OK()
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order(`A<1> "x"`, 1, line("1", "4")))
		b.pull(wmsync.Orders)
		b.Expect("FAST 9/4/0")
		b.far.mu.Lock()
		b.far.feeds[wmsync.Orders] = append(b.far.feeds[wmsync.Orders], wmsync.Change{ID: "o2",
			Op: wmsync.Delete, Key: `A<1> "x"`, Version: 2, Data: json.RawMessage(`{"warehouse":"ELSE"}`),
			Raw: json.RawMessage(`{"id":"o2","op":"delete","key":"A\u003c1\u003e \"x\"","version":2,` +
				`"data":{"warehouse":"ELSE"}}`)})
		b.far.mu.Unlock()
		b.pull(wmsync.Orders)
		letters := b.dead(`"ELSE" is not among`)
		b.Write(`UPDATE sync_messages SET body = REPLACE(body, 'ELSE', 'MAIN') WHERE warehouse = ''`)
		b.requeue(letters...)
		b.pull(wmsync.Orders)
		b.dead()
		b.Expect("FAST 9/0/0")
	})
}

// newPair makes a system of two warehouses: MAIN, and EAST, which is another site's.
func newPair(t *testing.T, b *bench) (east *stocktest.Site) {
	t.Helper()
	east = stocktest.New(t, b.DB)
	system := b.system()
	system.Warehouses = map[string]string{"MAIN": b.Warehouse, "EAST": east.Warehouse}
	b.service = wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
		Allocation: b.Allocation}, []wmsync.Remote{{System: system, Source: b.far, Sink: b.far}})
	b.Receive("F1", "20").OK()
	east.Receive("F1", "20").OK()
	return east
}

func inEast(order string) string { return strings.Replace(order, "MAIN", "EAST", 1) }

// An order that goes to another warehouse is released in the one that it leaves, in whatever order
// that is told.
func TestOrdersThatMove(t *testing.T) {
	told := map[string]struct {
		op      wmsync.Op
		version int64
		data    string
	}{
		"main1": {wmsync.Upsert, 1, order("A1", 1, line("1", "4"))},
		"east2": {wmsync.Upsert, 2, inEast(order("A1", 2, line("1", "5")))},
		"main3": {wmsync.Upsert, 3, order("A1", 3, line("1", "6"))},
		"gone4": {wmsync.Delete, 4, `{"orderId":"A1"}`},
	}
	for _, way := range []struct {
		pulls      string
		main, east int
	}{
		{"main1|east2", 0, 5}, {"main1,east2", 0, 5}, {"east2|main1", 0, 5}, {"east2,main1", 0, 5},
		{"main1|east2|main3", 6, 0}, {"main1,east2,main3", 6, 0}, {"main3,east2,main1", 6, 0},
		{"east2,gone4", 0, 0}, {"gone4,east2", 0, 0}, {"east2|gone4", 0, 0}, {"gone4|east2", 0, 0},
		{"main1|east2|gone4", 0, 0}, {"main1,east2|gone4|main3", 0, 0},
		{"main1|east2,main1|east2", 0, 5},
	} {
		t.Run(way.pulls, func(t *testing.T) {
			each(t, func(t *testing.T, b *bench) {
				east := newPair(t, b)
				for pull := range strings.SplitSeq(way.pulls, "|") {
					for id := range strings.SplitSeq(pull, ",") {
						b.far.tell(wmsync.Orders, told[id].op, id, told[id].version, told[id].data)
					}
					b.pull(wmsync.Orders)
				}
				b.dead()
				b.Expect(fmt.Sprintf("FAST 20/%d/0", way.main))
				east.Expect(fmt.Sprintf("FAST 20/%d/0", way.east))
			})
		})
	}
}

// Two systems of one warehouse may have orders of one number, but not of one job type too.
func TestOrdersOfTwoSystems(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "20").OK()
		other, otherFar := b.system(), newFarSide()
		other.Name = "erp2"
		b.service = wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
			Allocation: b.Allocation}, []wmsync.Remote{{System: b.system(), Source: b.far},
			{System: other, Source: otherFar}})
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4")))
		b.pull(wmsync.Orders)
		otherFar.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4")))
		otherFar.tell(wmsync.Orders, wmsync.Upsert, "o2", 2, order("A1", 2, line("1", "1")))
		otherFar.tell(wmsync.Orders, wmsync.Upsert, "o3", 1, strings.Replace(
			order("A2", 1, line("1", "2")), "{", `{"jobType":"SHOP",`, 1))
		if err := b.service.Pull(t.Context(), "erp2", wmsync.Orders, false); err != nil {
			t.Fatal(err)
		}
		b.dead("order A1 is system erp1's")
		b.Expect("FAST 20/6/0")
	})
}

// A page of large orders is not one transaction.
func TestLargeOrders(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "9000").OK()
		for i := range 6 {
			var lines []string
			for n := range 400 {
				lines = append(lines, line(fmt.Sprint(n), "1"))
			}
			b.far.tell(wmsync.Orders, wmsync.Upsert, fmt.Sprint("o", i), 1, order(fmt.Sprint("A", i), 1,
				slices.Clip(lines)...))
		}
		b.pull(wmsync.Orders)
		b.dead()
		b.Expect("FAST 9000/2400/0")
		commits := 0
		err := store.EachRow(t.Context(), b.DB.Reader(), `SELECT COUNT(*) FROM commits
			WHERE warehouse = ?`, []any{b.Warehouse}, func(rows *sql.Rows) error {
			return rows.Scan(&commits)
		})
		if err != nil || commits != 1+3 {
			t.Errorf("%d commits: %v", commits, err)
		}
	})
}

// Codes that are none, which a letter could not be looked for by, stop no stream.
func TestCodesThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		long := strings.Repeat("x", 65)
		for stream, data := range map[wmsync.Stream]string{
			wmsync.Stock: `{"warehouse":"MAIN","owner":"` + long + `","sku":"` + long + `","delta":"1"}`,
			wmsync.Orders: `{"orderId":"` + long + `","warehouse":"MAIN","owner":"` + long +
				`","lines":[{"lineId":"1","sku":"` + long + `","qty":"1"}]}`,
			wmsync.Inbound: `{"asnId":"N1","warehouse":"MAIN","lines":[{"lineId":"1","sku":"` + long +
				`","qty":"1"}]}`,
			wmsync.SKUs: `{"code":"` + long + `"}`,
		} {
			op := wmsync.Upsert
			if stream == wmsync.Stock {
				op = wmsync.Delta
			}
			b.far.tell(stream, op, "bad", 1, data)
			b.pull(stream)
		}
		b.dead("more than 64 characters", "more than 64 characters", "more than 64 characters",
			"more than 64 characters")
	})
}

// A delete is of an article here, whoever made it, and of what its data names before its key.
func TestDeletes(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "9").OK()
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4")))
		b.pull(wmsync.Orders)
		b.Expect("FAST 9/4/0")
		b.far.tell(wmsync.Orders, wmsync.Delete, "o2", 2, `{"orderId":"A1","warehouse":"MAIN"}`)
		b.far.feeds[wmsync.Orders][1].Key = "order A1"
		b.pull(wmsync.Orders)
		b.Expect("FAST 9/0/0")
		for _, code := range []string{"tea", "NONE"} { // one that was made here, and one that is nowhere
			b.far.tell(wmsync.SKUs, wmsync.Delete, "s"+code, 0, fmt.Sprintf(`{"code":%q}`, code))
		}
		b.far.feeds[wmsync.SKUs][0].Key = "article tea"
		b.pull(wmsync.SKUs)
		b.dead()
		filter := master.SKUFilter{Codes: []string{stocktest.Tea, "NONE"}}
		found, err := b.Catalog.SKUs(t.Context(), filter, "", 5)
		if err != nil || len(found.Rows) != 1 || found.Rows[0].Active {
			t.Errorf("%+v %v", found.Rows, err)
		}
	})
}
