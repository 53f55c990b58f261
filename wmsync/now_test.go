package wmsync_test

import (
	"context"
	"testing"
	"time"

	"tierstock/wmsync"
)

// Who asks for a sync while a pull goes on gets what that one has not read, too.
func TestNowWaitsForItsTurn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("1", ""))
		b.pull(wmsync.Stock)
		read, goOn, done := make(chan bool), make(chan bool), make(chan error, 2)
		b.far.before = []func() (wmsync.Page, error){func() (wmsync.Page, error) {
			return wmsync.Page{Next: "1"}, nil
		}}
		slow := &pausedFarSide{b.far, read, goOn}
		service := wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
			Allocation: b.Allocation}, []wmsync.Remote{{System: b.system(), Source: slow}})
		go func() { done <- service.Pull(t.Context(), "erp1", wmsync.Stock, false) }()
		<-read
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0, delta("2", ""))
		go func() {
			done <- b.service.Now(t.Context(), "erp1", []wmsync.Stream{wmsync.Stock}, false)
		}()
		select {
		case err := <-done:
			t.Errorf("it did not wait: %v", err)
			done <- nil
		case <-time.After(200 * time.Millisecond):
		}
		goOn <- true
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		b.Expect("FAST 3/0/0")
	})
}

// pausedFarSide has read a page, and does not answer before it may go on.
type pausedFarSide struct {
	*farSide

	read, goOn chan bool
}

func (f *pausedFarSide) Changes(ctx context.Context, stream wmsync.Stream, since string,
	limit int) (wmsync.Page, error) {
	page, err := f.farSide.Changes(ctx, stream, since, limit)
	f.read <- true
	<-f.goOn
	return page, err
}
