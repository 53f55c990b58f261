package wmssim_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"tierstock/model"
	"tierstock/wmssim"
	"tierstock/wmsync"
	"tierstock/wmsync/wes"
)

// TestFaultsOfReads: however it misbehaves, who asks again until the end has everything; and the
// fault is seen.
func TestFaultsOfReads(t *testing.T) {
	for _, c := range []struct {
		fault string
		kind  wmsync.FailureKind // "" for one that is no failure
	}{
		{"late=0.5", ""}, {"doubled=0.7", ""}, {"outOfOrder=0.7", ""}, {"gone=0.1", wmsync.Expired},
		{"throttle=0.5", wmsync.Unreachable}, {"fail=0.5", wmsync.Unreachable},
		{"truncate=0.5", wmsync.Malformed}, {"html=0.5", wmsync.Malformed},
		{"redirect=0.5", wmsync.Malformed}, {"stuckCursor=1", ""}, {"emptyPages=1", ""},
	} {
		faults, err := wmssim.ParseFaults([]string{c.fault})
		if err != nil {
			t.Fatal(err)
		}
		faults.LateBy = time.Millisecond
		var orders [2][]string
		for run := range orders {
			w, client := start(t, wmssim.Options{Faults: faults, Seed: 5})
			for n := range 30 {
				w.PutSKU(wmssim.SKU{Code: fmt.Sprint("K-", n)})
			}
			items, order, failures := pull(t, client, wmsync.SKUs, 4)
			if len(items) != 30 || (c.kind != "") != (failures[c.kind] > 0) ||
				slices.IsSorted(order) && c.fault == "outOfOrder=0.7" {
				t.Errorf("%s: %d items, failures %v", c.fault, len(items), failures)
			}
			orders[run] = order
		}
		if !slices.Equal(orders[0], orders[1]) {
			t.Errorf("%s does not repeat", c.fault)
		}
	}
}

// TestShapesOfFaults: those that are no failures change pages as they say.
func TestShapesOfFaults(t *testing.T) {
	w, client := start(t, wmssim.Options{})
	for n := range 9 {
		w.PutSKU(wmssim.SKU{Code: fmt.Sprint("K-", n)})
	}
	ask := func(since string) wmsync.Page {
		page, err := client.Changes(t.Context(), wmsync.SKUs, since, 4)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	since := ask("").Next
	w.SetFaults(wmssim.Faults{StuckCursor: 1})
	for range 3 {
		if page := ask(since); page.Next != since || !page.More || len(page.Items) != 4 {
			t.Errorf("not stuck: %+v", page)
		}
	}
	if page := ask(since); page.Next == since {
		t.Error("stuck for ever")
	}
	w.SetFaults(wmssim.Faults{EmptyPages: 1})
	at := since
	for range 3 {
		page := ask(at)
		if len(page.Items) > 0 || !page.More || page.Next == at {
			t.Errorf("not empty: %+v", page)
		}
		at = page.Next
	}
	if page := ask(at); len(page.Items) != 4 {
		t.Errorf("empty for ever: %+v", page)
	}
	w.SetFaults(wmssim.Faults{Doubled: 1})
	if page := ask(since); len(page.Items) != 6 || page.Items[0].Key != "K-3" {
		t.Errorf("not doubled: %+v", page)
	}
	w.SetFaults(wmssim.Faults{Throttle: 1})
	_, err := client.Changes(t.Context(), wmsync.SKUs, "", 1)
	if failed, ok := errors.AsType[*wmsync.Failure](err); !ok || failed.RetryAfter != time.Second {
		t.Error(err)
	}
	w.SetFaults(wmssim.Faults{})
	w.ExpireCursors()
	_, err = client.Changes(t.Context(), wmsync.SKUs, since, 1)
	if failed, ok := errors.AsType[*wmsync.Failure](err); !ok || failed.Kind != wmsync.Expired {
		t.Error(err)
	}
}

// TestFaultsOfPosts: a movement is applied once, whether its answer comes or not.
func TestFaultsOfPosts(t *testing.T) {
	batch := []wmsync.Movement{movement("1", "A", "1"), movement("2", "B", "1")}
	for _, c := range []struct {
		faults  wmssim.Faults
		kind    wmsync.FailureKind // "" for none
		applied int
	}{
		{wmssim.Faults{TimeoutButApply: 1}, wmsync.Unreachable, 2},
		{wmssim.Faults{Truncate: 1}, wmsync.Malformed, 2},
		{wmssim.Faults{Fail: 1}, wmsync.Unreachable, 0},
		{wmssim.Faults{HTML: 1}, wmsync.Malformed, 0},
		{wmssim.Faults{RetrySome: 1}, "", 0},
	} {
		w := wmssim.New(wmssim.Options{Faults: c.faults})
		server := httptest.NewServer(w.Handler())
		client := wes.New(wmsync.System{URL: server.URL},
			wes.Options{Timeout: 300 * time.Millisecond})
		receipts, err := client.Deliver(t.Context(), "1", batch)
		failed, _ := errors.AsType[*wmsync.Failure](err)
		switch {
		case c.kind == "" && (err != nil || receipts[0].Outcome != wmsync.Retry ||
			receipts[0].RetryAfter != time.Second):
			t.Errorf("%+v: %+v, %v", c.faults, receipts, err)
		case c.kind != "" && (failed == nil || failed.Kind != c.kind):
			t.Errorf("%+v: %v, want %s", c.faults, err, c.kind)
		}
		if got := len(w.Ledger()); got != c.applied {
			t.Errorf("%+v: %d applied, want %d", c.faults, got, c.applied)
		}
		w.SetFaults(wmssim.Faults{})
		if _, err := client.Deliver(t.Context(), "2", batch); err != nil {
			t.Error(err)
		}
		if w.OnHand("A") != -model.One || w.OnHand("B") != -model.One || len(w.Ledger()) != 2 {
			t.Errorf("%+v: books %v", c.faults, w.Totals())
		}
		server.Close()
	}
}

func TestParseFaults(t *testing.T) {
	faults, err := wmssim.ParseFaults([]string{"late=0.1", "fail=1", "rejectSKU=A", "rejectSKU=B"})
	want := wmssim.Faults{Late: 0.1, Fail: 1, RejectSKU: []string{"A", "B"}}
	if err != nil || !reflect.DeepEqual(faults, want) {
		t.Errorf("%+v, %v", faults, err)
	}
	for _, bad := range []string{"lat=1", "late", "late=", "late=2", "late=-0.1", "late=NaN", ""} {
		if _, err := wmssim.ParseFaults([]string{bad}); err == nil {
			t.Errorf("%q is a fault", bad)
		}
	}
}
