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
