package wmsync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmssim"
	"tierstock/wmsync"
	"tierstock/wmsync/wes"
)

// pair is a warehouse and a simulated WMS that it is synced with over HTTP.
type pair struct {
	*bench
	wms        *wmssim.WMS
	reconciler *flow.Reconciler
}

func eachPair(t *testing.T, test func(t *testing.T, p *pair)) {
	t.Helper()
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		p := &pair{bench: newBench(t, db, newFarSide()), wms: wmssim.New(wmssim.Options{})}
		server := httptest.NewServer(p.wms.Handler())
		t.Cleanup(server.Close)
		system := p.system()
		system.URL, system.SKUs = server.URL, nil
		system.ReconcileAt = 3*time.Hour + 30*time.Minute
		system.Pull.Streams = []wmsync.Stream{wmsync.Stock}
		client := wes.New(system, wes.Options{})
		p.service = wmsync.New(wmsync.Deps{DB: db, Catalog: p.Catalog, Engine: p.Engine,
			Allocation: p.Allocation, LookAgain: 50 * time.Millisecond},
			[]wmsync.Remote{{System: system, Source: client, Sink: client}})
		p.reconciler = flow.NewReconciler(db, p.Engine.Repair, p.service)
		test(t, p)
	})
}

func (p *pair) reconcile() (*flow.Run, []flow.Difference) {
	p.t.Helper()
	run, err := p.reconciler.Reconcile(p.t.Context(), flow.ScopeExternal, p.Warehouse, "")
	if err != nil {
		p.t.Fatal(err)
	}
	page, err := flow.Differences(p.t.Context(), p.DB, p.Warehouse, run.ID, 0, 100)
	if err != nil {
		p.t.Fatal(err)
	}
	return run, page.Rows
}

// counts wants a run to have found that.
func (p *pair) counts(compared, matched, timing, open int64) []flow.Difference {
	p.t.Helper()
	run, differences := p.reconcile()
	if run.State != flow.RunDone || run.Compared != compared || run.Matched != matched ||
		run.Timing != timing || run.Open != open {
		p.t.Errorf("%+v: %+v", run, differences)
	}
	return differences
}

func (p *pair) decide(d flow.Difference, action flow.DifferenceAction, expected string) error {
	p.t.Helper()
	qty, err := model.ParseQuantity(expected)
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = p.reconciler.Resolve(p.t.Context(), flow.Resolution{ID: d.ID, Action: action,
		ExpectedDiff: qty, Note: "looked at", Actor: "ann"})
	return err
}

// book has the system book a change of TEA.
func (p *pair) book(qty string) {
	p.t.Helper()
	if err := p.wms.Book(wmssim.Delta{Spot: wmssim.Spot{Warehouse: "MAIN", SKU: stocktest.Tea},
		Delta: qty}); err != nil {
		p.t.Error(err)
	}
}

func (p *pair) refuses(err error, code model.Code) {
	p.t.Helper()
	if refusal, ok := errors.AsType[*model.Refusal](err); !ok || refusal.Code != code {
		p.t.Errorf("%v is not %s", err, code)
	}
}

// Both sides agree; behind our back they do not; each way of resolving that ends it.
func TestDifferencesAreFoundAndResolved(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		p.Receive("F1", "10").OK()
		p.Receive("B1", "5", func(l *model.ReceiveLine) { l.At.SKU = stocktest.Salt }).OK()
		p.counts(2, 2, 0, 0)

		p.wms.SetBehindTheBack(stocktest.Tea, p.Qty("7"))
		found := p.counts(2, 1, 0, 1)
		if d := found[0]; d.SKU != stocktest.Tea || d.Ours != p.Qty("10") || d.Theirs != p.Qty("7") ||
			d.Diff != p.Qty("3") || d.State != flow.DifferenceOpen || d.SeenRuns != 1 {
			t.Errorf("%+v", d)
		}
		if again := p.counts(2, 1, 0, 1); again[0].SeenRuns != 2 {
			t.Errorf("%+v", again[0])
		}
		found = p.counts(2, 1, 0, 1)
		p.refuses(p.decide(found[0], flow.AcceptTheirs, "2"), model.Stale)
		p.refuses(p.decide(found[0], flow.Rebuild, "3"), model.Invalid)
		if err := p.decide(found[0], flow.AcceptTheirs, "3"); err != nil {
			t.Fatal(err)
		}
		p.Expect("FAST 7/0/0")
		p.counts(2, 2, 0, 0)

		p.wms.SetBehindTheBack(stocktest.Tea, p.Qty("9"))
		found = p.counts(2, 1, 0, 1)
		if err := p.decide(found[0], flow.AcceptOurs, "-2"); err != nil {
			t.Fatal(err)
		}
		p.counts(2, 2, 0, 0)
		if books := p.wms.OnHand(stocktest.Tea); books != p.Qty("7") {
			t.Errorf("their books say %s", books)
		}

		p.wms.SetBehindTheBack(stocktest.Salt, p.Qty("6"))
		found = p.counts(2, 1, 0, 1)
		if err := p.decide(found[0], flow.Recount, "-1"); err != nil {
			t.Fatal(err)
		}
		p.Expect("B1/SALT>COUNT OPEN 0/0")
		found = p.counts(2, 1, 0, 1)
		if err := p.decide(found[0], flow.Ignore, "-1"); err != nil {
			t.Fatal(err)
		}
		if ignored := p.counts(2, 1, 0, 0); ignored[0].State != flow.DifferenceIgnored {
			t.Errorf("%+v", ignored)
		}
		p.refuses(p.decide(found[0], flow.AcceptOurs, "-1"), model.InvalidState)
	})
}

// What the system cannot be told yet explains a difference, and so does what is dead here.
func TestWhatIsUnderWayExplains(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		p.Receive("F1", "10").OK()
		p.counts(1, 1, 0, 0)
		p.wms.SetFaults(wmssim.Faults{RetrySome: 1})
		p.Adjust("F1", "-4").OK()
		if d := p.counts(1, 0, 1, 0)[0]; d.State != flow.DifferenceTiming || d.Diff != 0 ||
			d.Theirs != p.Qty("10") {
			t.Errorf("%+v", d)
		}
		p.wms.SetFaults(wmssim.Faults{})
		p.letTimePass()
		p.counts(1, 1, 0, 0)
		p.book("-8")
		p.counts(1, 0, 1, 0)
		p.dead("INSUFFICIENT")
	})
}

// A system that is down, or whose snapshot cannot be right, fails the run, and is not green.
func TestRunsThatFail(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		p.Receive("F1", "10").OK()
		p.counts(1, 1, 0, 0)
		p.wms.SetFaults(wmssim.Faults{Truncate: 1})
		_, err := p.reconciler.Reconcile(t.Context(), flow.ScopeExternal, p.Warehouse, "")
		if err == nil {
			t.Error("half a document is no snapshot")
		}
		page, err := flow.Runs(t.Context(), p.DB, p.Warehouse, flow.ScopeExternal, 0, 1)
		if err != nil || page.Rows[0].State != flow.RunFailed || page.Rows[0].Error == "" {
			t.Errorf("%+v %v", page.Rows, err)
		}
	})
}

// How the nightly comparison is, and when it comes next, is told as of any stream.
func TestComparisonIsAStream(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		told := func() wmsync.Status {
			t.Helper()
			streams, err := p.service.Streams(t.Context(), "erp1", nil)
			if err != nil {
				t.Fatal(err)
			}
			return streams[len(streams)-1]
		}
		status := told()
		if status.Stream != wmsync.Compared || status.State != wmsync.StreamNew ||
			status.Schedule != "at 03:30" || !status.NextRunAt.Time().After(time.Now()) {
			t.Errorf("%+v", status)
		}
		p.Receive("F1", "10").OK()
		p.counts(1, 1, 0, 0)
		if status = told(); status.State != wmsync.StreamOK || status.LastSuccessAt == 0 {
			t.Errorf("%+v", status)
		}
		p.wms.SetFaults(wmssim.Faults{Truncate: 1})
		_, err := p.reconciler.Reconcile(t.Context(), flow.ScopeExternal, p.Warehouse, "")
		if err == nil {
			t.Error("half a document is no snapshot")
		}
		if status = told(); status.State != wmsync.StreamFailing || status.LastError == "" ||
			status.LastSuccessAt == 0 {
			t.Errorf("%+v", status)
		}
	})
}

// While much is written on both sides, nothing that is under way is taken for a difference: as
// often as books are compared meanwhile, until that much has been written. What it says of a second
// is told, and not judged.
func TestNoFalseAlarm(t *testing.T) {
	const linesMin, runsMin = 1500, 10
	eachPair(t, func(t *testing.T, p *pair) {
		p.Receive("F1", "1000").OK()
		p.counts(1, 1, 0, 0)
		var written atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		var both sync.WaitGroup
		both.Go(func() { p.writeOn(ctx, &written) })
		both.Go(func() {
			for ctx.Err() == nil {
				_ = p.service.RelayAll(ctx, "erp1")
				time.Sleep(20 * time.Millisecond)
			}
		})
		began, runs := time.Now(), 0
		for ; written.Load() < linesMin || runs < runsMin; runs++ {
			run, differences := p.reconcile()
			if open := slices.ContainsFunc(differences, func(d flow.Difference) bool {
				return d.State == flow.DifferenceOpen || d.State == flow.DifferenceCleared
			}); run.Open > 0 || open {
				t.Errorf("%+v: %+v", run, differences)
			}
		}
		stop()
		both.Wait()
		t.Logf("%d lines in %s, beside %d runs", written.Load(), time.Since(began), runs)
		p.counts(1, 1, 0, 0)
		p.Verify()
	})
}

// writeOn adjusts F1 up and down, ten lines a call, and has the system book something now and then.
func (p *pair) writeOn(ctx context.Context, written *atomic.Int64) {
	for i := 0; ctx.Err() == nil; i++ {
		lines := make([]model.AdjustLine, 10)
		for j := range lines {
			lines[j] = model.AdjustLine{Key: model.TaskKey{JobType: "J",
				TaskID: fmt.Sprintf("%d-%d", i, j)}, At: p.InBin("F1"),
				Delta: model.Whole(1 - 2*int64(j%2)), Audit: model.Audit{Reason: "OTHER"}}
		}
		if _, err := p.Tier3.Adjust(p.t.Context(), flow.Mode{}, lines); err != nil {
			p.t.Error(err)
		}
		if written.Add(int64(len(lines))); i%7 == 0 {
			p.book("1")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A movement of the last of its packs, that the system has not taken, is as many base units as the
// pack has, whatever the system calls the article.
func TestPacksThatAreGone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{`{"sku":"tea","onHand":"24"}`,
			`{"sku":"SALT","onHand":"1"}`}
		b.Receive("F1", "1", func(line *model.ReceiveLine) { line.At.SKU = stocktest.Salt }).OK()
		b.Receive("F1", "2", func(line *model.ReceiveLine) { line.At.Pack = "CASE" }).OK()
		b.relay()
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			return wmsync.Receipt{Outcome: wmsync.Retry}
		}
		b.Adjust("F1", "-2", func(line *model.AdjustLine) { line.At.Pack = "CASE" }).OK()
		found, err := b.service.Compare(t.Context(), b.Warehouse)
		if err != nil || found.Matched != 1 || len(found.Differences) != 1 ||
			found.Differences[0].State != flow.DifferenceTiming {
			t.Errorf("%+v %v", found, err)
		}
	})
}

// Books are compared by batch where some row of the system's names one, not where rows say "".
func TestBooksWithoutBatches(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const row = `{"warehouse":"MAIN","zone":"","owner":"","sku":%q,"batch":%q,"pack":"","onHand":%q}`
		b.Receive("F1", "3").OK()
		b.Receive("F1", "2", func(line *model.ReceiveLine) { line.At.Batch = "L1" }).OK()
		b.relay()
		tell := func(rows ...string) (compared, matched int64) {
			b.far.snapshots[wmsync.Stock] = rows
			found, err := b.service.Compare(t.Context(), b.Warehouse)
			if err != nil {
				t.Fatal(err)
			}
			return found.Compared, found.Matched
		}
		if compared, matched := tell(fmt.Sprintf(row, "tea", "", "5")); compared != 1 || matched != 1 {
			t.Errorf("as a whole: %d of %d rows match", matched, compared)
		}
		if compared, matched := tell(fmt.Sprintf(row, "tea", "", "3"),
			fmt.Sprintf(row, "tea", "L1", "2")); compared != 2 || matched != 2 {
			t.Errorf("by batch: %d of %d rows match", matched, compared)
		}
	})
}
