package wmsync_test

import (
	"testing"
	"time"

	"tierstock/wmsync"
)

// A change that finds too little is tried again when the stream comes to its end, also where the
// run that met it did not.
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

// A first load that is cut off goes on with what a later snapshot says.
func TestFirstLoadThatIsCutOff(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{
			`{"warehouse":"MAIN","sku":"tea","onHand":"12"}`,
			`{"warehouse":"MAIN","zone":"BULK","sku":"tea","batch":"L1","onHand":"3"}`,
			`{"warehouse":"MAIN","sku":"FLOUR","onHand":"8"}`,
			`{"warehouse":"MAIN","sku":"SALT","onHand":"6"}`}
		b.pull(wmsync.Stock)
		for _, salt := range []string{"4", "9"} {
			b.cutOff(false)
			b.far.snapshots[wmsync.Stock] = []string{
				`{"warehouse":"MAIN","sku":"tea","onHand":"15"}`,
				`{"warehouse":"MAIN","zone":"BULK","sku":"FLOUR","onHand":"2"}`,
				`{"warehouse":"MAIN","sku":"FLOUR","onHand":"8"}`,
				`{"warehouse":"MAIN","sku":"SALT","onHand":"` + salt + `"}`}
			b.pull(wmsync.Stock)
			b.dead()
			b.Expect("FAST 15/0/0", "BULK:L1 0/0/0", "BULK/FLOUR 2/0/0", "FAST/FLOUR 8/0/0",
				"FAST/SALT "+salt+"/0/0")
		}
	})
}

// A process that dies when all is loaded, and before it has said so, does not have it loaded again.
func TestFirstLoadThatNobodyEnded(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.snapshots[wmsync.Stock] = []string{`{"warehouse":"MAIN","sku":"tea","onHand":"12"}`}
		b.pull(wmsync.Stock)
		b.cutOff(true)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("5", `,"zone":"BULK"`))
		b.pull(wmsync.Stock)
		b.far.snapshots[wmsync.Stock] = append(b.far.snapshots[wmsync.Stock],
			`{"warehouse":"MAIN","zone":"BULK","sku":"tea","onHand":"5"}`)
		if err := b.service.Pull(t.Context(), "erp1", wmsync.Stock, true); err != nil {
			t.Fatal(err)
		}
		b.Expect("FAST 12/0/0", "BULK 5/0/0")
		b.dead()
	})
}

// cutOff makes it look as if the process had died during the first load of stock: with the last of
// its commits done, or not.
func (b *bench) cutOff(committed bool) {
	b.t.Helper()
	b.Write(`UPDATE marks SET value = 'LOADING' WHERE warehouse = ? AND name = 'sync.load.erp1'`,
		b.Warehouse)
	if !committed {
		b.Write(`UPDATE sync_streams SET loaded = 0, place = '', last_success_at = 0, due_at = ?
			WHERE system = 'erp1' AND stream = ?`, time.Now().UnixMicro(), wmsync.Stock)
	}
}
