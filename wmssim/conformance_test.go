package wmssim_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"tierstock/wmssim"
	"tierstock/wmsync"
	"tierstock/wmsync/adapter"
	"tierstock/wmsync/wes"
)

const token = "a token"

// start serves a system and gives a client of it.
func start(t *testing.T, options wmssim.Options) (*wmssim.WMS, *wes.Client) {
	t.Helper()
	options.Token = token
	w := wmssim.New(options)
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	return w, wes.New(wmsync.System{URL: server.URL, Token: token}, wes.Options{})
}

func movement(id, sku, qty string) wmsync.Movement {
	return wmsync.Movement{ID: id, Type: "DEDUCT", Warehouse: "MAIN", SKU: sku, Qty: qty,
		From: &wmsync.Place{Zone: "PICK", Bin: "P-1"}}
}

func keyOf(row json.RawMessage) string {
	var names struct {
		Code    string `json:"code"`
		OrderID string `json:"orderId"`
		ASNID   string `json:"asnId"`
		SKU     string `json:"sku"`
	}
	_ = json.Unmarshal(row, &names)
	return names.Code + names.OrderID + names.ASNID + names.SKU
}

// changeOf makes changes of a stream.
func changeOf(w *wmssim.WMS, stream wmsync.Stream) func(*testing.T, int) string {
	return func(t *testing.T, n int) string {
		t.Helper()
		key := fmt.Sprint("K-", n)
		switch stream {
		case wmsync.SKUs:
			w.PutSKU(wmssim.SKU{Code: key})
		case wmsync.Orders:
			w.PutOrder(wmssim.Order{OrderID: key, Warehouse: "MAIN"})
		case wmsync.Inbound:
			w.PutInbound(wmssim.Inbound{ASNID: key, Warehouse: "MAIN"})
		case wmsync.Stock:
			at := wmssim.Spot{Warehouse: "MAIN", SKU: key}
			if err := w.Book(wmssim.Delta{Spot: at, Delta: "1"}); err != nil {
				t.Error(err)
			}
		}
		return key
	}
}

// TestConformance: the client of the protocol and a system that serves it, for each stream. The
// system repeats nothing, or everything now and then; it is on a port, or in this process.
func TestConformance(t *testing.T) {
	for _, stream := range wmsync.Streams {
		for _, is := range [][2]bool{{false, false}, {true, false}, {false, true}} {
			t.Run(fmt.Sprint(stream, " overlaps=", is[0], " inside=", is[1]), func(t *testing.T) {
				adapter.Conformance(t, func(t *testing.T) adapter.Fixture {
					return fixture(t, stream, is[0], is[1])
				})
			})
		}
	}
}

func fixture(t *testing.T, stream wmsync.Stream, overlaps, inside bool) adapter.Fixture {
	faults := wmssim.Faults{RejectSKU: []string{"BAD"}}
	if overlaps {
		faults.Doubled = 1
	}
	w, client := start(t, wmssim.Options{PageItems: 3, Faults: faults})
	if inside {
		client = wes.New(wmsync.System{URL: "http://wms.invalid", Token: token},
			wes.Options{Transport: w.Transport()})
	}
	return adapter.Fixture{Source: client, Sink: client, Stream: stream, Warehouse: "MAIN",
		Change: changeOf(w, stream), KeyOf: keyOf, Overlaps: overlaps,
		Movement: func(n int) wmsync.Movement {
			return movement(fmt.Sprint("m-", n), fmt.Sprint("S-", n), "1")
		},
		Rejected: func(n int) wmsync.Movement { return movement(fmt.Sprint("b-", n), "BAD", "1") },
		Applied: func(_ *testing.T, id string) (count int) {
			for _, entry := range w.Ledger() {
				if entry.Movement.ID == id {
					count++
				}
			}
			return count
		},
		Break: func(*testing.T) { w.SetFaults(wmssim.Faults{Fail: 1}) },
		Stall: func(*testing.T) { w.SetFaults(wmssim.Faults{Late: 1, LateBy: time.Minute}) },
	}
}
