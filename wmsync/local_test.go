package wmsync_test

import (
	"context"
	"errors"
	"testing"

	"tierstock/store"
	"tierstock/wmsync"
)

// A first stock of nothing is loaded too: what the system has later is left to reconciliation.
func TestFirstLoadOfNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{}
		b.pull(wmsync.Stock)
		b.Receive("F1", "5").OK()
		b.far.snapshots[wmsync.Stock] = []string{`{"warehouse":"MAIN","sku":"tea","onHand":"12"}`}
		if err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, true); err != nil {
			t.Fatal(err)
		}
		b.Expect("FAST 5/0/0")
	})
}

// A local system needs no lease, so that none of a process that was killed is in the way; at one
// stream of it there still is one at a time.
func TestLocal(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, local := range []bool{false, true} {
			far := &slowFarSide{farSide: b.far, asked: make(chan struct{}), answer: make(chan struct{})}
			slow := wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
				Allocation: b.Allocation},
				[]wmsync.Remote{{System: b.system(), Source: far, Local: local}})
			ended := make(chan error, 1)
			go func() { ended <- slow.Pull(t.Context(), "erp1", wmsync.SKUs, false) }()
			<-far.asked
			b.wantPulled(slow, false)
			b.wantPulled(b.service, local)
			b.wantPulled(wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
				Allocation: b.Allocation},
				[]wmsync.Remote{{System: b.system(), Source: b.far, Local: true}}), true)
			close(far.answer)
			// The place that it read has moved on meanwhile, unless there was nothing new.
			if err := <-ended; err != nil && !errors.Is(err, store.ErrLeaseLost) {
				t.Error(err)
			}
		}
	})
}

// wantPulled pulls articles, of which it must be that the system is asked, or not.
func (b *bench) wantPulled(service *wmsync.Service, want bool) {
	b.t.Helper()
	b.far.mu.Lock()
	before := b.far.asked
	b.far.mu.Unlock()
	if err := service.Pull(b.t.Context(), "erp1", wmsync.SKUs, false); err != nil {
		b.t.Error(err)
	}
	b.far.mu.Lock()
	defer b.far.mu.Unlock()
	if is := b.far.asked > before; is != want {
		b.t.Errorf("the system was asked: %v, and not %v", is, want)
	}
}

// slowFarSide says when it is asked for changes, and answers when it may.
type slowFarSide struct {
	*farSide
	asked, answer chan struct{}
}

func (f *slowFarSide) Changes(ctx context.Context, stream wmsync.Stream, since string, limit int) (
	wmsync.Page, error) {
	f.asked <- struct{}{}
	<-f.answer
	return f.farSide.Changes(ctx, stream, since, limit)
}
