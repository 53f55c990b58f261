package wmsync_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tierstock/master"
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
