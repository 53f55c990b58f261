package wmsync_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmssim"
	"tierstock/wmsync"
	"tierstock/wmsync/wes"
)

// callLines is how many lines one call of ours has.
const callLines = 250

// pushes is a warehouse whose movements go over HTTP to a simulated WMS.
type pushes struct {
	*stocktest.Site
	wms     *wmssim.WMS
	service *wmsync.Service
	skus    []string
	made    int
}

// newPushes makes as many SKUs. timeout is that of the client.
func newPushes(t testing.TB, db *store.DB, options wmssim.Options, skus int,
	timeout time.Duration) *pushes {
	t.Helper()
	p := &pushes{Site: stocktest.New(t, db), wms: wmssim.New(options)}
	inputs := make([]master.SKUInput, skus)
	for i := range inputs {
		p.skus = append(p.skus, fmt.Sprintf("P-%04d", i))
		inputs[i].Code = p.skus[i]
	}
	for some := range slices.Chunk(inputs, callLines) {
		p.Masters(p.Catalog.UpsertSKUs(t.Context(), some))
	}
	server := httptest.NewServer(p.wms.Handler())
	t.Cleanup(server.Close)
	system := wmsync.System{Name: "erp1", Kind: wmsync.KindWES, URL: server.URL, Push: true,
		Warehouses: map[string]string{"MAIN": p.Warehouse}, Token: options.Token}
	client := wes.New(system, wes.Options{Timeout: timeout})
	p.service = wmsync.New(wmsync.Deps{DB: db, Catalog: p.Catalog, Engine: p.Engine,
		Allocation: p.Allocation, Log: slog.New(slog.DiscardHandler)},
		[]wmsync.Remote{{System: system, Source: client, Sink: client}})
	return p
}

// receive receives one piece at a time, of one SKU after the other.
func (p *pushes) receive(t testing.TB, count int) {
	t.Helper()
	for count > 0 {
		lines := make([]model.ReceiveLine, min(count, callLines))
		for i := range lines {
			p.made++
			lines[i] = model.ReceiveLine{Key: stocktest.Line(fmt.Sprint("PUSH-", p.made)),
				At: model.ZoneStockKey{Warehouse: p.Warehouse, Zone: "FAST",
					SKU: p.skus[p.made%len(p.skus)]}, Bin: "F1", Qty: model.Whole(1)}
		}
		results, err := p.Tier2.Receive(context.Background(), flow.Mode{}, lines)
		if err != nil || results[0].Code != model.Applied {
			t.Fatalf("%+v, %v", results, err)
		}
		count -= len(lines)
	}
}

func (p *pushes) relay(t testing.TB) {
	t.Helper()
	if err := p.service.Relay(t.Context(), "erp1", p.Warehouse); err != nil {
		t.Fatal(err)
	}
}

// letTimePass brings the next try of every message, and of the system, to now. That a message is
// tried nine times at most is the subject of another test.
func (p *pushes) letTimePass() {
	p.Write(`UPDATE sync_messages SET next_at = 0, attempts = 1 WHERE warehouse = ?
		AND state = ?`, p.Warehouse, wmsync.Waiting)
	p.Write(`UPDATE sync_places SET retry_at = 0 WHERE warehouse = ?`, p.Warehouse)
}

// Ten thousand movements to a system that fails a third of the time, answers late or half, and at
// times takes what it is handed and never says so: it has each once, and those of an article in the
// order in which they happened.
func TestPushStorm(t *testing.T) {
	const count = 10_000
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPushes(t, db, wmssim.Options{Seed: 7, Faults: wmssim.Faults{Fail: 0.2, Throttle: 0.05,
			Truncate: 0.03, HTML: 0.02, Redirect: 0.01, RetrySome: 0.02, TimeoutButApply: 0.03,
			Late: 0.2, LateBy: 5 * time.Millisecond}}, 500, 500*time.Millisecond)
		rounds := 0
		for left := count; len(p.wms.Ledger()) < count; rounds++ {
			if part := min(left, 1000); part > 0 { // the system is told while there is more to tell
				p.receive(t, part)
				left -= part
			}
			p.relay(t)
			p.letTimePass()
			if rounds == 5000 {
				t.Fatalf("only %d are there", len(p.wms.Ledger()))
			}
		}
		p.wms.SetFaults(wmssim.Faults{})
		p.letTimePass()
		p.relay(t)
		p.judge(t, count)
		t.Logf("%d rounds", rounds)
	})
}

// judge wants the ledger to hold so many movements, each once and in order per SKU.
func (p *pushes) judge(t *testing.T, count int) {
	t.Helper()
	seen, last, again := map[string]bool{}, map[string]int64{}, 0
	for _, entry := range p.wms.Ledger() {
		movement := entry.Movement
		if seen[movement.ID] || movement.Seq <= last[movement.SKU] {
			t.Errorf("%s at %d after %d", movement.ID, movement.Seq, last[movement.SKU])
		}
		seen[movement.ID], last[movement.SKU] = true, movement.Seq
		again += entry.Times - 1
	}
	if len(seen) != count || again == 0 {
		t.Errorf("%d of %d are there, %d were told again", len(seen), count, again)
	}
	for _, sku := range p.skus {
		if has := p.wms.OnHand(sku); has != model.Whole(int64(count/len(p.skus))) {
			t.Errorf("it has %s of %s", has, sku)
		}
	}
	if complaints := p.wms.Complaints(); len(complaints) > 0 {
		t.Error(complaints)
	}
	if rejected := p.wms.Rejected(); len(rejected) > 0 {
		t.Errorf("%d were rejected: %+v", len(rejected), rejected[0])
	}
	page, err := p.service.Messages(t.Context(), wmsync.MessageFilter{}, 0, 5)
	if err != nil || len(page.Rows) > 0 {
		t.Errorf("still there: %+v %v", page.Rows, err)
	}
	p.Verify()
}

// BenchmarkRelay tells a simulated WMS of ten thousand movements over HTTP: of a thousand SKUs, and
// of a single one, of which one message is under way at a time.
func BenchmarkRelay(b *testing.B) {
	const count = 10_000
	for _, backend := range stocktest.Backends(b) {
		for name, skus := range map[string]int{"1000skus": 1000, "1sku": 1} {
			b.Run(string(backend.Name)+"/"+name, func(b *testing.B) {
				told := time.Duration(0)
				for b.Loop() {
					b.StopTimer()
					p := newPushes(b, stocktest.Migrated(b, backend.URL(b)), wmssim.Options{}, skus,
						time.Minute)
					p.receive(b, count)
					b.StartTimer()
					began := time.Now()
					p.relay(b)
					told += time.Since(began)
					if has := len(p.wms.Ledger()); has != count {
						b.Fatalf("%d of %d were told", has, count)
					}
				}
				b.ReportMetric(float64(b.N*count)/told.Seconds(), "messages/s")
			})
		}
	}
}
