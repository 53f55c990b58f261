package tryton_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"tierstock/wmsync"
	"tierstock/wmsync/tryton"
)

func TestDelivered(t *testing.T) {
	f := newFloor(t)
	sku := f.product("kg")
	_, cursor := f.snapshot(wmsync.Stock, f.code)
	receipt := f.movement("RECEIVE", "", "B1", sku, "L1", "10.3")
	pick := f.movement("PICK", "B1", "", sku, "L1", "0.7")
	counted := f.movement("COUNT", "", "B1", sku, "L1", "0.15")
	all := []wmsync.Movement{receipt, pick, counted}
	for _, m := range all {
		f.expectOutcomes(f.deliver(m), wmsync.Applied)
	}
	f.expectOnHand(sku, "L1", "9.75")
	f.expectOnHand(sku, "", "9.75")
	f.expectOutcomes(f.deliver(all...), wmsync.Duplicate, wmsync.Duplicate, wmsync.Duplicate)
	f.expectOnHand(sku, "L1", "9.75")
	if items, _ := f.changes(wmsync.Stock, cursor, 500); len(items) != 0 {
		t.Errorf("our own movements come back: %+v", items)
	}
	rows, _ := f.snapshot(wmsync.Stock, f.code)
	if len(rows) != 1 ||
		decode[struct{ OnHand string }](t, json.RawMessage(rows[0])).OnHand != "9.75" {
		t.Errorf("rows %q", rows)
	}
}

func TestDeliveredHalfWay(t *testing.T) {
	f := newFloor(t)
	for _, state := range []string{"draft", "waiting", "assigned", "done"} {
		sku := f.product("u")
		f.Receive(f.code, sku, "", "5")
		m := f.movement("PICK", "B1", "", sku, "", "2")
		f.Internal("tierstock:"+m.ID, f.code, sku, "", "2", state)
		want := wmsync.Applied
		if state == "done" {
			want = wmsync.Duplicate
		}
		f.expectOutcomes(f.deliver(m), want)
		f.expectOutcomes(f.deliver(m), wmsync.Duplicate)
		f.expectOnHand(sku, "", "3")
	}
}

func TestCopiesOfShipments(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	f.Receive(f.code, sku, "", "9")
	_, cursor := f.snapshot(wmsync.Stock, f.code)
	m := f.movement("PICK", "B1", "", sku, "", "2")
	f.expectOutcomes(f.deliver(m), wmsync.Applied)
	// Somebody copies it there, reference and all: that is a move of theirs.
	f.Internal("tierstock:"+m.ID, f.code, sku, "", "3", "done")
	items, _ := f.changes(wmsync.Stock, cursor, 500)
	if len(items) != 1 || decode[struct{ Delta string }](t, items[0].Data).Delta != "-3" {
		t.Errorf("items %+v", items)
	}
}

func TestNotDelivered(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	f.Receive(f.code, sku, "L1", "2")
	f.Receive(f.code, sku, "L2", "5")
	short := f.movement("PICK", "B1", "", sku, "L1", "9")
	lot := f.movement("PICK", "B1", "", sku, "L1", "3")
	fraction := f.movement("PICK", "B1", "", sku, "L1", "0.5")
	unknown := f.movement("PICK", "B1", "", "nothing"+sku, "", "1")
	elsewhere := f.movement("PICK", "B1", "", sku, "", "1")
	elsewhere.Warehouse = "nowhere"
	within := f.movement("MOVE", "B1", "B2", sku, "", "1")
	pack := f.movement("PICK", "B1", "", sku, "", "1")
	pack.Pack = "pallet"
	f.expectOutcomes(f.deliver(short, lot, fraction, unknown, elsewhere, within, pack), wmsync.Retry,
		wmsync.Retry, wmsync.Rejected, wmsync.Rejected, wmsync.Rejected, wmsync.Applied, wmsync.Rejected)
	f.expectOnHand(sku, "L1", "2")
	f.expectOnHand(sku, "L2", "5")
	// Once there is enough, the same movement goes through.
	f.Receive(f.code, sku, "L1", "1")
	f.expectOutcomes(f.deliver(lot), wmsync.Applied)
	f.Receive(f.code, sku, "L1", "9")
	f.expectOutcomes(f.deliver(short), wmsync.Applied)
	f.expectOnHand(sku, "L1", "0")
	f.expectOnHand(sku, "", "5")
}

func TestDeliveredBetweenBins(t *testing.T) {
	f := newFloor(t)
	f.Bin(f.code, "B1")
	f.Bin(f.code, "B2")
	sku := f.product("u")
	f.expectOutcomes(f.deliver(f.movement("RECEIVE", "", "B1", sku, "", "5")), wmsync.Applied)
	m := f.movement("MOVE", "B1", "B2", sku, "", "3")
	f.expectOutcomes(f.deliver(m), wmsync.Applied)
	f.expectOutcomes(f.deliver(m), wmsync.Duplicate)
	f.expectOutcomes(f.deliver(f.movement("PICK", "B1", "", sku, "", "3")), wmsync.Retry)
	f.expectOutcomes(f.deliver(f.movement("PICK", "B2", "", sku, "", "3")), wmsync.Applied)
	f.expectOnHand(sku, "", "2")
}

func TestLost(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	f.Receive(f.code, sku, "L1", "5")
	_, cursor := f.snapshot(wmsync.Stock, f.code)
	f.Lose(f.code, sku, "L1", "2")
	f.expectOnHand(sku, "L1", "3")
	if items, _ := f.changes(wmsync.Stock, cursor, 500); len(items) != 0 {
		t.Errorf("a stream tells of it: %+v", items)
	}
}

// loser loses the answer to the request of a number: the server has done what it was asked.
type loser struct{ requests, loses int }

var errLost = errors.New("the answer is lost")

func (l *loser) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if l.requests++; l.requests == l.loses && err == nil {
		return nil, errors.Join(errLost, response.Body.Close())
	}
	return response, err
}

// TestDeliveredOnceWhateverIsLost loses the answer to each request of a delivery in turn, and
// delivers again: all goods have left exactly once.
func TestDeliveredOnceWhateverIsLost(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	f.Receive(f.code, sku, "L1", "100")
	system := f.System(map[string]string{f.code: "OURS"})
	left, lost := quantity(t, "100"), 0
	for loses := 1; ; loses++ {
		wire := &loser{loses: loses}
		client := tryton.New(system, tryton.Options{Transport: wire})
		m := f.movement("PICK", "B1", "", sku, "L1", "2")
		_, err := client.Deliver(f.context(), "1", []wmsync.Movement{m})
		if err == nil && wire.requests < loses {
			break
		}
		if failure, ok := errors.AsType[*wmsync.Failure](err); !ok ||
			failure.Kind != wmsync.Unreachable {
			t.Errorf("lost the answer %d: %v", loses, err)
		}
		lost++
		receipts, err := client.Deliver(f.context(), "2", []wmsync.Movement{m})
		if err != nil || receipts[0].Outcome != wmsync.Applied &&
			receipts[0].Outcome != wmsync.Duplicate {
			t.Errorf("after the answer %d was lost: %+v, %v", loses, receipts, err)
		}
		left -= quantity(t, "2")
		f.expectOnHand(sku, "L1", left.String())
	}
	if lost < 8 {
		t.Errorf("%d answers were lost", lost)
	}
}
