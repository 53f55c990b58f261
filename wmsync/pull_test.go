package wmsync_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tierstock/wmsync"
)

func contains(text, word string) bool { return strings.Contains(text, word) }

// What is booked there arrives here, once, however often it is told.
func TestStockIsTakenInOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("10", ""))
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0,
			delta("5", `,"zone":"BULK","batch":"L1","expiresOn":"2030-01-31"`))
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("10", ""))
		b.pull(wmsync.Stock)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0, delta("5", `,"zone":"BULK"`))
		b.far.tell(wmsync.Stock, wmsync.Delta, "d3", 0, delta("-4", ""))
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST-STAGING 6/0/0", "FAST 6/0/0", "BULK-STAGING:L1 5/0/0", "BULK:L1 5/0/0")
	})
}

// A change that finds too little waits for those told after it, and is dead only where they do not
// help.
func TestScarceStockIsDead(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.limit = 1
		b.far.tell(wmsync.Stock, wmsync.Delta, "out", 0, delta("-3", ""))
		b.far.tell(wmsync.Stock, wmsync.Delta, "in", 0, delta("5", ""))
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST 2/0/0")
		b.far.tell(wmsync.Stock, wmsync.Delta, "more", 0, delta("-4", ""))
		b.pull(wmsync.Stock)
		b.Expect("FAST 2/0/0")
		letters := b.dead("INSUFFICIENT qty: only 2 of 4 is free here")
		if letters[0].Item != "more" || letters[0].SKU != "TEA" || !contains(letters[0].Body, `"-4"`) {
			t.Errorf("%+v", letters[0])
		}
		b.far.tell(wmsync.Stock, wmsync.Delta, "late", 0, delta("2", ""))
		b.requeue(letters...)
		b.pull(wmsync.Stock)
		b.dead("INSUFFICIENT") // what was put back goes first
		b.requeue(b.messages(true)...)
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST 0/0/0")
	})
}

// What is wrong with one item does not keep those beside it back, and each says what it is.
func TestPoisonousItems(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		poison := []struct{ id, data, says string }{
			{"warehouse", `{"warehouse":"ELSE","sku":"tea","delta":"1"}`,
				`data.warehouse: "ELSE" is not among`},
			{"number", `{"warehouse":"MAIN","sku":"tea","delta":1.5}`, "write a decimal in a JSON string"},
			{"digits", delta("0.5", ""), "INVALID qty: SKU TEA has 0 fraction digits"},
			{"zero", delta("0", ""), "data.delta: must not be zero"},
			{"missing", `{"warehouse":"MAIN","sku":"tea"}`, "data.delta: is missing"},
			{"sku", `{"warehouse":"MAIN","sku":"NONE","delta":"1"}`,
				"NOT_FOUND at.sku: there is no SKU NONE"},
			{"zone", delta("1", `,"zone":"NOWHERE"`), "NOT_FOUND at.zone: there is no zone NOWHERE"},
			{"pack", delta("1", `,"pack":"CRATE"`), "INVALID at.pack: SKU TEA has no pack CRATE"},
			{"date", delta("1", `,"batch":"L1","expiresOn":"2030-02-30"`), "data.expiresOn"},
			{"data", `null`, "data: is missing"},
		}
		var says []string
		for i, bad := range poison {
			b.far.tell(wmsync.Stock, wmsync.Delta, bad.id, 0, bad.data)
			b.far.tell(wmsync.Stock, wmsync.Delta, fmt.Sprint("good", i), 0, delta("1", ""))
			says = append(says, bad.says)
		}
		b.pull(wmsync.Stock)
		b.Expect("FAST 10/0/0")
		letters := b.messages(true)
		if len(letters) != len(says) {
			t.Fatalf("%d dead letters, not %d", len(letters), len(says))
		}
		for _, letter := range letters {
			for _, bad := range poison {
				if bad.id == letter.Item && !contains(letter.LastError, bad.says) {
					t.Errorf("%s says %q, not %q", bad.id, letter.LastError, bad.says)
				}
			}
		}
	})
}

func TestArticles(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.SKUs, wmsync.Upsert, "s1", 2, `{"code":"MUG","name":"Mug","unit":"EA",
			"decimals":0,
			"packs":[{"code":"SIX","numerator":6,"denominator":1}]}`)
		b.far.tell(wmsync.SKUs, wmsync.Upsert, "s2", 1, `{"code":"MUG","name":"an older name"}`)
		b.far.tell(wmsync.SKUs, wmsync.Upsert, "s3", 1, `{"code":"tea","unit":"KG"}`)
		// An item may name an article that the other stream has not told yet.
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0,
			`{"warehouse":"MAIN","sku":"MUG","delta":"2","pack":"SIX"}`)
		b.pull(wmsync.Stock)
		b.dead("INVALID_STATE unit: the unit of \"TEA\" is \"EA\"")
		b.Expect("FAST/MUG*SIX 2/0/0")
		b.far.tell(wmsync.SKUs, wmsync.Delete, "s4", 3, `{"code":"MUG"}`)
		b.far.feeds[wmsync.SKUs][3].Key = "MUG"
		b.pull(wmsync.SKUs)
		b.Expect("FAST/MUG*SIX 2/0/0")
		view, err := b.Catalog.View(t.Context(), b.DB.Reader(), b.Warehouse)
		if err != nil {
			t.Fatal(err)
		}
		skus, err := b.Catalog.SKUs(t.Context(), skuFilter("MUG"), "", 5)
		if err != nil || view == nil || len(skus.Rows) != 1 || skus.Rows[0].Active ||
			skus.Rows[0].Name != "Mug" {
			t.Errorf("%+v %v", skus.Rows, err)
		}
	})
}

// An order is allocated when it arrives; what changes is released and allocated again, and what
// has left stays left.
func TestOrders(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "20").OK()
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4"), line("2", "3")))
		b.pull(wmsync.Orders)
		b.Expect("FAST 20/7/0")
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o2", 3, order("A1", 3, line("1", "6"), line("2", "3")))
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o3", 2, order("A1", 2, line("1", "1")))
		b.pull(wmsync.Orders)
		b.Expect("FAST 20/9/0")
		b.deduct("A1", "1", 1, "2")
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o4", 4, order("A1", 4, line("1", "5")))
		b.pull(wmsync.Orders)
		b.Expect("FAST 18/3/0") // 5 less the 2 that left; line 2 is gone
		b.far.tell(wmsync.Orders, wmsync.Delete, "o5", 5, `{"orderId":"A1","warehouse":"MAIN"}`)
		b.pull(wmsync.Orders)
		b.Expect("FAST 18/0/0")
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o6", 6, order("A1", 6, line("1", "5"), line("2", "1")))
		b.pull(wmsync.Orders)
		b.Expect("FAST 18/4/0")
		b.dead()
	})
}

// An order whose delete comes first stays away; one with an article that nobody knows is dead until
// somebody makes it.
func TestOrdersThatWait(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "5").OK()
		b.far.tell(wmsync.Orders, wmsync.Delete, "o1", 2, `{"orderId":"A1","warehouse":"MAIN"}`)
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o2", 1, order("A1", 1, line("1", "4")))
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o3", 1, order("A2", 1, line("1", "9"),
			`{"lineId":"2","sku":"MUG","qty":"1"}`))
		b.pull(wmsync.Orders)
		b.Expect("FAST 5/0/0")
		letters := b.dead("NOT_FOUND lines.sku: there is no SKU MUG")
		b.far.tell(wmsync.SKUs, wmsync.Upsert, "s1", 1, `{"code":"MUG"}`)
		b.requeue(letters...)
		b.pull(wmsync.Orders)
		b.Expect("FAST 5/5/0")
		b.dead()
		if again := b.messages(false); len(again) > 0 {
			t.Errorf("still there: %+v", again)
		}
	})
}

// The first stock of an empty warehouse is loaded; that of another is left to reconciliation.
func TestFirstLoad(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{
			`{"warehouse":"MAIN","sku":"tea","onHand":"12"}`,
			`{"warehouse":"MAIN","zone":"BULK","sku":"tea","batch":"L1","onHand":"3"}`,
			`{"warehouse":"MAIN","sku":"SALT","onHand":"0"}`}
		b.far.tell(wmsync.Stock, wmsync.Delta, "before", 0, delta("12", ""))
		b.pull(wmsync.Stock)
		b.Expect("FAST 12/0/0", "BULK:L1 3/0/0")
		if err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, true); err != nil {
			t.Fatal(err)
		}
		b.Expect("FAST 12/0/0", "BULK:L1 3/0/0")
		b.relay()
		if len(b.far.ledger) > 0 {
			t.Errorf("it was told what it told us: %+v", b.far.ledger)
		}
	})
}

// A snapshot that says that there is nothing, at first contact, does not hide what is told.
func TestEmptyFirstSnapshot(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{}
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("5", ""))
		b.pull(wmsync.Stock)
		b.Expect("FAST 5/0/0")
	})
}

// Where a cursor has expired, what lies between it and the snapshot is not known: the books of the
// warehouse are compared at once.
func TestExpiredCursorOfStock(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var compared []string
		b.service = wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
			Allocation: b.Allocation, Reconcile: func(_ context.Context, warehouse string) error {
				compared = append(compared, warehouse)
				return nil
			}}, []wmsync.Remote{{System: b.system(), Source: b.far, Sink: b.far}})
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("5", ""))
		b.pull(wmsync.Stock)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0, delta("2", ""))
		b.far.snapshots[wmsync.Stock] = []string{`{"warehouse":"MAIN","sku":"tea","onHand":"7"}`}
		for range 4 { // it is not believed at once
			b.far.before = append(b.far.before, func() (wmsync.Page, error) {
				return wmsync.Page{}, wmsync.Fail(wmsync.Expired, "410")
			})
		}
		b.pull(wmsync.Stock)
		b.Expect("FAST 5/0/0")
		b.far.tell(wmsync.Stock, wmsync.Delta, "d3", 0, delta("1", ""))
		b.pull(wmsync.Stock)
		b.Expect("FAST 6/0/0")
		if len(compared) != 1 || compared[0] != b.Warehouse {
			t.Errorf("compared %v", compared)
		}
	})
}

// A snapshot finds what is gone, unless too much is.
func TestSnapshotFindsDeletions(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "100").OK()
		for i := range 30 {
			b.far.tell(wmsync.Orders, wmsync.Upsert, fmt.Sprint("o", i), 1, order(fmt.Sprint("A", i), 1,
				line("1", "1")))
			if i > 0 {
				b.far.snapshots[wmsync.Orders] = append(b.far.snapshots[wmsync.Orders],
					order(fmt.Sprint("A", i), 1, line("1", "1")))
			}
		}
		rows := b.far.snapshots[wmsync.Orders]
		delete(b.far.snapshots, wmsync.Orders)
		b.pull(wmsync.Orders)
		b.Expect("FAST 100/30/0")
		b.far.snapshots[wmsync.Orders] = rows[:20]
		err := b.service.Pull(t.Context(), "erp1", wmsync.Orders, true)
		if err == nil || !contains(err.Error(), "lacks 10 of the 30 items") {
			t.Errorf("a snapshot that lacks a third: %v", err)
		}
		b.Expect("FAST 100/30/0")
		b.far.snapshots[wmsync.Orders] = rows
		b.far.before = []func() (wmsync.Page, error){func() (wmsync.Page, error) {
			return wmsync.Page{}, wmsync.Fail(wmsync.Expired, "410")
		}}
		b.pull(wmsync.Orders)
		b.Expect("FAST 100/29/0")
		system := b.system()
		system.Pull.ShrinkMax = 100
		b.service = wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
			Allocation: b.Allocation}, []wmsync.Remote{{System: system, Source: b.far, Sink: b.far}})
		b.far.snapshots[wmsync.Orders] = rows[:2]
		if err := b.service.Pull(t.Context(), "erp1", wmsync.Orders, true); err != nil {
			t.Error(err)
		}
		b.Expect("FAST 100/2/0")
	})
}

// What the system does wrong is an error of the stream, which goes on from where it was.
func TestSystemsThatMisbehave(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("1", ""))
		stuck := func() (wmsync.Page, error) {
			return wmsync.Page{Items: b.far.feeds[wmsync.Stock], Next: "", More: true}, nil
		}
		future := func() (wmsync.Page, error) {
			return wmsync.Page{Items: b.far.feeds[wmsync.Stock], Next: "1",
				AsOf: time.Now().Add(48 * time.Hour)}, nil
		}
		throttled := func() (wmsync.Page, error) {
			return wmsync.Page{}, &wmsync.Failure{Kind: wmsync.Unreachable, Message: "429",
				RetryAfter: time.Hour}
		}
		for _, misdeed := range []struct {
			answers []func() (wmsync.Page, error)
			says    string
		}{
			{[]func() (wmsync.Page, error){stuck, stuck, stuck, stuck}, "the cursor does not move on"},
			{[]func() (wmsync.Page, error){future}, "the system's clock is wrong"},
			{[]func() (wmsync.Page, error){throttled}, "429"},
		} {
			b.far.before = misdeed.answers
			err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, false)
			if err == nil || !contains(err.Error(), misdeed.says) {
				t.Errorf("%v does not say %q", err, misdeed.says)
			}
			b.far.before = nil
		}
		b.Expect("FAST 1/0/0")
		streams, err := b.service.Streams(t.Context(), "erp1", nil)
		if err != nil {
			t.Fatal(err)
		}
		status := streams[1]
		if status.State != wmsync.StreamFailing || status.Failures != 3 || status.LastError != "429" ||
			status.NextRunAt.Time().Before(time.Now().Add(50*time.Minute)) {
			t.Errorf("%+v", status)
		}
		asked := b.far.asked
		if err := b.service.PullDue(t.Context(), "erp1"); err == nil ||
			!contains(err.Error(), "stock: 429") {
			t.Errorf("a stream that fails and is left alone works: %v", err)
		}
		if err := b.service.Wake(t.Context(), "erp1", wmsync.Stock); err != nil {
			t.Fatal(err)
		}
		before := b.far.asked
		b.pullDue()
		if b.far.asked != before+1 || before > asked+3 {
			t.Errorf("asked %d, %d, %d times", asked, before, b.far.asked)
		}
		b.Expect("FAST 1/0/0")
	})
}

// Any number of processes may pull: one does.
func TestPullsMeet(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i := range 300 {
			b.far.tell(wmsync.Stock, wmsync.Delta, fmt.Sprint("d", i), 0, delta("1", ""))
		}
		b.far.limit = 20
		done := make(chan error)
		for range 4 {
			other := b.serviceOf(b.far)
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				done <- other.Pull(ctx, "erp1", wmsync.Stock, false)
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		b.pull(wmsync.Stock)
		b.Expect("FAST 300/0/0")
		b.dead()
	})
}

func (b *bench) pullDue() {
	b.t.Helper()
	if err := b.service.PullDue(b.t.Context(), "erp1"); err != nil {
		b.t.Error(err)
	}
}

// A stream that is woken while it is pulled is due again: what it was woken for may have come after
// the page that was read.
func TestWokenWhilePulled(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		wake := func() {
			if err := b.service.Wake(t.Context(), "erp1", wmsync.Stock); err != nil {
				t.Error(err)
			}
		}
		for _, isWoken := range []bool{true, false} {
			wake()
			b.far.before = []func() (wmsync.Page, error){func() (wmsync.Page, error) {
				if isWoken {
					wake()
				}
				return wmsync.Page{Next: "0"}, nil
			}}
			b.pull(wmsync.Stock)
			streams, err := b.service.Streams(t.Context(), "erp1", nil)
			if err != nil || (streams[1].NextRunAt == 0) != isWoken {
				t.Errorf("woken %t: %+v, %v", isWoken, streams[1], err)
			}
		}
	})
}

// Orders that are done are not missed in a snapshot, however many there are.
func TestSnapshotWithoutWhatIsDone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "30").OK()
		for i := range 32 { // the last two are short
			b.far.tell(wmsync.Orders, wmsync.Upsert, fmt.Sprint("o", i), 1, order(fmt.Sprint("A", i), 1,
				line("1", "1")))
		}
		b.pull(wmsync.Orders)
		for i := range 28 {
			b.deduct(fmt.Sprint("A", i), "1", 0, "1")
		}
		b.Expect("FAST 2/2/0")
		b.far.snapshots[wmsync.Orders] = []string{order("A29", 1, line("1", "1")),
			order("A31", 1, line("1", "1"))}
		b.far.before = []func() (wmsync.Page, error){func() (wmsync.Page, error) {
			return wmsync.Page{}, wmsync.Fail(wmsync.Expired, "410")
		}}
		b.pull(wmsync.Orders)
		b.Expect("FAST 2/1/0") // A28 is gone, and A30's shortage
		b.Receive("F1", "5").OK()
		b.Cover()
		b.Expect("FAST 7/2/0")
		b.dead()
	})
}

// A snapshot of nothing cancels nothing, however little is known.
func TestSnapshotOfNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "5").OK()
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4")))
		b.pull(wmsync.Orders)
		b.far.snapshots[wmsync.Orders] = []string{}
		err := b.service.Pull(t.Context(), "erp1", wmsync.Orders, true)
		if err == nil || !contains(err.Error(), "lacks 1 of the 1 items") {
			t.Error(err)
		}
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o2", 2, order("A1", 2, line("1", "3")))
		b.pull(wmsync.Orders) // the stream goes on from where it was
		b.Expect("FAST 5/3/0")
	})
}
