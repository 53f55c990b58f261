package wmsync_test

import (
	"testing"

	"tierstock/wmsync"
)

// A change that finds too little is tried again when the stream comes to its end, also where the run
// that met it did not.
func TestScarceStockOfARunThatWasCutOff(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "out", 0, delta("-3", ""))
		b.far.tell(wmsync.Stock, wmsync.Delta, "in", 0, delta("5", ""))
		b.far.limit = 1
		b.far.before = []func() (wmsync.Page, error){
			func() (wmsync.Page, error) {
				return wmsync.Page{Items: b.far.feeds[wmsync.Stock][:1], Next: "1", More: true}, nil
			},
			func() (wmsync.Page, error) {
				return wmsync.Page{}, wmsync.Fail(wmsync.Unreachable, "503")
			},
		}
		if err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, false); err == nil {
			t.Error("a page that could not be had is no error")
		}
		b.dead("INSUFFICIENT")
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST 2/0/0")
	})
}

// What names an article waits while another process pulls articles, and is not dead for that.
func TestArticlesThatAnotherProcessPulls(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		slow, asked, goOn := newFarSide(), make(chan bool), make(chan bool)
		slow.tell(wmsync.SKUs, wmsync.Upsert, "s1", 1, `{"code":"MUG"}`)
		slow.before = []func() (wmsync.Page, error){func() (wmsync.Page, error) {
			asked <- true
			<-goOn
			return wmsync.Page{More: true, Next: "0"}, nil
		}}
		pulled := make(chan error)
		go func() { pulled <- b.serviceOf(slow).Pull(t.Context(), "erp1", wmsync.SKUs, false) }()
		<-asked
		b.far.tell(wmsync.SKUs, wmsync.Upsert, "s1", 1, `{"code":"MUG"}`)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, `{"warehouse":"MAIN","sku":"MUG","delta":"2"}`)
		err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, false)
		if err == nil || !contains(err.Error(), "article MUG is not known, and another process") {
			t.Error(err)
		}
		close(goOn)
		if err := <-pulled; err != nil {
			t.Error(err)
		}
		b.dead()
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST/MUG 2/0/0")
	})
}

// A cursor of stock is not given up on the first word that it is gone: what was booked since would
// be lost.
func TestStockCursorThatIsSaidToBeGone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("5", ""))
		b.pull(wmsync.Stock)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0, delta("2", ""))
		b.far.snapshots[wmsync.Stock] = []string{`{"warehouse":"MAIN","sku":"tea","onHand":"7"}`}
		gone := func() (wmsync.Page, error) { return wmsync.Page{}, wmsync.Fail(wmsync.Expired, "410") }
		b.far.before = []func() (wmsync.Page, error){gone, gone, gone}
		b.pull(wmsync.Stock)
		b.Expect("FAST 7/0/0")
		b.far.tell(wmsync.Stock, wmsync.Delta, "d3", 0, delta("1", ""))
		b.far.before = []func() (wmsync.Page, error){gone, gone, gone, gone}
		b.pull(wmsync.Stock)
		b.Expect("FAST 7/0/0") // it is for the comparison of books to find
	})
}
