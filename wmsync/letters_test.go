package wmsync_test

import (
	"encoding/json"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/wmsync"
)

// An adapter reads items from records of its system's, which are kept beside what they mean: what
// is dead is applied when it is put back, and explains until then why the books differ.
func TestLettersOfRecords(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.feeds[wmsync.Stock] = []wmsync.Change{{ID: "stock.move,7", Op: wmsync.Delta, Key: "tea",
			OccurredAt: time.Now(), Data: json.RawMessage(delta("-4", "")),
			Raw: json.RawMessage(`{"id":7,"state":"done"}`)}}
		b.pull(wmsync.Stock)
		letters := b.dead("INSUFFICIENT")
		if !contains(letters[0].Body, `"raw":{"id":7,"state":"done"}`) {
			t.Error(letters[0].Body)
		}
		b.Receive("F1", "10").OK()
		b.far.snapshots[wmsync.Stock] = []string{`{"warehouse":"MAIN","sku":"tea","onHand":"6"}`}
		b.explained()
		b.requeue(letters...)
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect("FAST 6/0/0")
	})
}

// What an adapter could not read stays as it is, whoever puts it back.
func TestFaultsStay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.feeds[wmsync.Orders] = []wmsync.Change{{ID: "1", Op: wmsync.Upsert, Key: "SO-1",
			Raw: json.RawMessage(`{"id":1}`), Fault: "its product has no code"}}
		b.pull(wmsync.Orders)
		b.requeue(b.dead("its product has no code")...)
		b.pull(wmsync.Orders)
		b.dead("its product has no code")
	})
}

// explained wants a comparison to find one difference, which is one of TIMING.
func (b *bench) explained() {
	b.t.Helper()
	found, err := b.service.Compare(b.t.Context(), b.Warehouse)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, difference := range found.Differences {
		if difference.State != flow.DifferenceTiming || difference.Diff != model.Quantity(0) {
			b.t.Errorf("%+v", difference)
		}
	}
	if len(found.Differences) != 1 {
		b.t.Errorf("%+v", found)
	}
}
