package wmsync_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmsync"
)

// farSide is a system that answers from memory: streams of items by position, and a sink that keeps
// what it is handed.
type farSide struct {
	mu        sync.Mutex
	feeds     map[wmsync.Stream][]wmsync.Change
	snapshots map[wmsync.Stream][]string
	// before answers in place of a page, once for each entry.
	before []func() (wmsync.Page, error)
	asked  int
	limit  int

	ledger []wmsync.Movement
	// judge says what becomes of a movement, nil applies it.
	judge func(wmsync.Movement) wmsync.Receipt
	down  *wmsync.Failure
	calls [][]wmsync.Movement
}

func newFarSide() *farSide {
	return &farSide{feeds: map[wmsync.Stream][]wmsync.Change{},
		snapshots: map[wmsync.Stream][]string{}, limit: 1000}
}

// tell adds an item to a stream.
func (f *farSide) tell(stream wmsync.Stream, op wmsync.Op, id string, version int64, data string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.feeds[stream] = append(f.feeds[stream], wmsync.Change{ID: id, Op: op, Key: "",
		Version: version, Data: json.RawMessage(data),
		Raw: json.RawMessage(fmt.Sprintf(`{"id":%q,"op":%q,"version":%d,"data":%s}`, id, op, version,
			data))})
}

func (f *farSide) Changes(_ context.Context, stream wmsync.Stream, since string, limit int) (
	wmsync.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if len(f.before) > 0 {
		answer := f.before[0]
		f.before = f.before[1:]
		return answer()
	}
	from, _ := strconv.Atoi(since)
	feed := f.feeds[stream]
	to := min(len(feed), from+min(limit, f.limit))
	return wmsync.Page{Items: slices.Clone(feed[from:to]), Next: strconv.Itoa(to),
		More: to < len(feed), AsOf: time.Now()}, nil
}

func (f *farSide) Snapshot(_ context.Context, stream wmsync.Stream, _, _ string) (
	wmsync.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, has := f.snapshots[stream]
	if !has {
		return wmsync.Snapshot{}, wmsync.Fail(wmsync.Unsupported, "no snapshots here")
	}
	snapshot := wmsync.Snapshot{AsOf: time.Now(), Cursor: strconv.Itoa(len(f.feeds[stream])),
		RowCount: len(rows)}
	for _, row := range rows {
		snapshot.Rows = append(snapshot.Rows, json.RawMessage(row))
	}
	return snapshot, nil
}

func (f *farSide) Deliver(_ context.Context, _ string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, slices.Clone(movements))
	if f.down != nil {
		return nil, f.down
	}
	var receipts []wmsync.Receipt
	for _, movement := range movements {
		receipt := wmsync.Receipt{Outcome: wmsync.Applied}
		if f.judge != nil {
			receipt = f.judge(movement)
		}
		if receipt.Outcome == wmsync.Applied {
			known := slices.ContainsFunc(f.ledger, func(m wmsync.Movement) bool {
				return m.ID == movement.ID
			})
			if known {
				receipt.Outcome = wmsync.Duplicate
			} else {
				f.ledger = append(f.ledger, movement)
			}
		}
		receipts = append(receipts, receipt)
	}
	return receipts, nil
}

// bench is a warehouse and the system that it is synced with.
type bench struct {
	*stocktest.Site
	t       *testing.T
	far     *farSide
	service *wmsync.Service
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		test(t, newBench(t, db, newFarSide()))
	})
}

func newBench(t *testing.T, db *store.DB, far *farSide) *bench {
	t.Helper()
	b := &bench{Site: stocktest.New(t, db), t: t, far: far}
	b.service = b.serviceOf(far)
	return b
}

// system maps MAIN to the site's warehouse and puts what has no zone into FAST.
func (b *bench) system() wmsync.System {
	return wmsync.System{Name: "erp1", Kind: wmsync.KindWES, DefaultZone: "FAST",
		Warehouses: map[string]string{"MAIN": b.Warehouse}, Push: true,
		SKUs:        map[string]string{"tea": stocktest.Tea},
		ReconcileAt: -1,
		Pull:        wmsync.Pulling{Streams: wmsync.Streams, Every: 10 * time.Second}}
}

func (b *bench) serviceOf(far *farSide) *wmsync.Service {
	return wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
		Allocation: b.Allocation}, []wmsync.Remote{{System: b.system(), Source: far, Sink: far}})
}

// pull pulls a stream, which must work.
func (b *bench) pull(stream wmsync.Stream) {
	b.t.Helper()
	if err := b.service.Pull(b.t.Context(), "erp1", stream, false); err != nil {
		b.t.Fatalf("pull %s: %v", stream, err)
	}
	b.Verify()
}

func (b *bench) relay() {
	b.t.Helper()
	if err := b.service.Relay(b.t.Context(), "erp1", b.Warehouse); err != nil {
		b.t.Fatal(err)
	}
}

// messages are those that did not go through, dead or all.
func (b *bench) messages(dead bool) []wmsync.Message {
	b.t.Helper()
	page, err := b.service.Messages(b.t.Context(), wmsync.MessageFilter{Dead: &dead}, 0, 200)
	if err != nil {
		b.t.Fatal(err)
	}
	return page.Rows
}

// dead wants the dead letters to say these, in this order.
func (b *bench) dead(words ...string) []wmsync.Message {
	b.t.Helper()
	letters := b.messages(true)
	if len(letters) != len(words) {
		b.t.Fatalf("%d dead letters, not %d: %+v", len(letters), len(words), letters)
	}
	for i, word := range words {
		if !contains(letters[i].LastError, word) {
			b.t.Errorf("dead letter %d says %q, not %q", i, letters[i].LastError, word)
		}
	}
	return letters
}

func (b *bench) requeue(letters ...wmsync.Message) {
	b.t.Helper()
	var ids []int64
	for _, letter := range letters {
		ids = append(ids, letter.ID)
	}
	if count, err := b.service.Requeue(b.t.Context(), ids, nil); err != nil || count != len(ids) {
		b.t.Fatalf("%d of %d were put back: %v", count, len(ids), err)
	}
}

// delta is a booked change of TEA without batch.
func delta(qty string, more string) string {
	return fmt.Sprintf(`{"warehouse":"MAIN","sku":"tea","delta":%q%s}`, qty, more)
}

func order(id string, version int, lines ...string) string {
	text := "["
	for i, line := range lines {
		if i > 0 {
			text += ","
		}
		text += line
	}
	return fmt.Sprintf(`{"orderId":%q,"warehouse":"MAIN","version":%d,"lines":%s]}`, id, version, text)
}

func line(id, qty string) string {
	return fmt.Sprintf(`{"lineId":%q,"sku":"tea","qty":%q}`, id, qty)
}
