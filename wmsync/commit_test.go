package wmsync_test

import (
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/wmsync"
)

// A COMMIT without an answer leaves nobody in doubt: whether it had landed or not, each item is
// applied once and each movement is told once, and nothing is dead.
func TestUnknownCommit(t *testing.T) {
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			behind, direct, cutter := stocktest.CutOff(t, landed)
			far := newFarSide()
			b := &bench{Site: direct, t: t, far: far}
			b.service = (&bench{Site: behind, t: t, far: far}).serviceOf(far)
			cut := func() {
				if cutter.Cuts.Load() > 0 {
					t.Error("a COMMIT was not cut")
				}
				cutter.Cuts.Store(1)
			}
			// Of a page, which comes right after it has been read.
			far.before = append(far.before, func() (wmsync.Page, error) {
				cut()
				return wmsync.Page{Items: far.feeds[wmsync.Stock], Next: "3", More: true}, nil
			})
			for _, id := range []string{"d1", "d2"} {
				far.tell(wmsync.Stock, wmsync.Delta, id, 0, delta("10", ""))
			}
			far.tell(wmsync.Stock, wmsync.Delta, "d3", 0, delta("-50", ""))
			b.pull(wmsync.Stock)
			b.dead("only 20 of 50 is free")
			b.requeue(b.messages(true)...)
			far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4")))
			far.before = append(far.before, func() (wmsync.Page, error) {
				cut()
				return wmsync.Page{Items: far.feeds[wmsync.Orders], Next: "1"}, nil
			})
			b.pull(wmsync.Orders)
			b.Expect("FAST 20/4/0")
			// Of a round of the relay, which comes right after the last call.
			direct.Receive("F1", "5").OK()
			direct.Receive("F1", "6").OK()
			far.judge = func(movement wmsync.Movement) wmsync.Receipt {
				if movement.Qty == "6" {
					cut()
				}
				return wmsync.Receipt{Outcome: wmsync.Applied}
			}
			b.relay()
			b.wantTold("5 6")
			b.relay()
			if calls := len(far.calls); calls != 2 {
				t.Errorf("%d calls", calls)
			}
			b.Verify()
		})
	}
}

// Whoever has lost a stream to another process writes nothing any more.
func TestLeaseThatIsLost(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("1", ""))
		b.far.before = append(b.far.before, func() (wmsync.Page, error) {
			// It was away for long: another has taken over and read to the end.
			b.Write(`UPDATE leases SET expires_at = 0 WHERE name LIKE 'sync.pull.%'`)
			other := newFarSide()
			other.feeds = b.far.feeds
			if err := b.serviceOf(other).Pull(t.Context(), "erp1", wmsync.Stock, false); err != nil {
				t.Error(err)
			}
			return wmsync.Page{Items: b.far.feeds[wmsync.Stock], Next: "0", More: true}, nil
		})
		if err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, false); err == nil ||
			!contains(err.Error(), "another process has taken the work over") {
			t.Error(err)
		}
		b.Expect("FAST 1/0/0")
		streams, err := b.service.Streams(t.Context(), "erp1", nil)
		if err != nil || streams[1].Cursor != "1" {
			t.Errorf("%+v %v", streams, err)
		}
		b.pull(wmsync.Stock)
		b.Expect("FAST 1/0/0")
	})
}

// Relay and pulls of one system work side by side on a database that has one writer.
func TestRelayBesidePulls(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.limit = 7
		done := make(chan error, 2)
		for i := range 300 {
			b.far.tell(wmsync.Stock, wmsync.Delta, fmt.Sprint("d", i), 0, delta("1", `,"zone":"BULK"`))
		}
		go func() { done <- b.service.Pull(t.Context(), "erp1", wmsync.Stock, false) }()
		go func() {
			for range 20 {
				if err := b.service.Relay(t.Context(), "erp1", b.Warehouse); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		for i := range 30 {
			_, err := b.Tier2.Receive(t.Context(), flow.Mode{}, []model.ReceiveLine{{
				Key: stocktest.Line(fmt.Sprint("R", i)), At: b.InZone("F1"), Bin: "F1", Qty: model.Whole(1)}})
			if err != nil {
				t.Error(err)
			}
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		b.relay()
		b.dead()
		b.Expect("FAST 30/0/0", "BULK 300/0/0")
		if len(b.far.ledger) != 30 {
			t.Errorf("told %d", len(b.far.ledger))
		}
	})
}
