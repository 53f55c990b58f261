package wmssim_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"tierstock/wmsync"
	"tierstock/wmsync/adapter"
)

// broken is an adapter with one defect.
type broken struct {
	wmsync.Source
	wmsync.Sink

	defect string
	calls  int
}

// defects are what can be wrong with an adapter, and the test that has to find it.
var defects = map[string]string{
	"skips":           "PagingGivesEachItemOnce",
	"repeats":         "PagingGivesEachItemOnce",
	"reverses":        "PagingGivesEachItemOnce",
	"other cursor":    "PageAskedForTwiceIsTheSame",
	"loses cursor":    "EmptyPageKeepsTheCursor",
	"late snapshot":   "SnapshotThenChangesMissesNothing",
	"short snapshot":  "SnapshotThenChangesMissesNothing",
	"starts over":     "UnknownCursor",
	"any stream":      "UnknownStream",
	"new ids":         "DeliveredTwiceIsDuplicate",
	"always applied":  "DeliveredTwiceIsDuplicate",
	"never rejected":  "RejectedIsOneOnly",
	"whole batch":     "RejectedIsOneOnly",
	"ignores context": "ContextEndsCalls",
	"own errors":      "ErrorsAreFailures",
}

func (b *broken) Changes(ctx context.Context, stream wmsync.Stream, since string, limit int) (
	wmsync.Page, error) {
	b.calls++
	switch {
	case b.defect == "starts over" && since == "no such cursor":
		since = ""
	case b.defect == "any stream":
		stream = wmsync.SKUs
	}
	page, err := b.Source.Changes(b.context(ctx), stream, since, limit)
	switch count := len(page.Items); {
	case b.defect == "skips" && count > 1:
		page.Items = page.Items[1:]
	case b.defect == "repeats" && count > 0:
		page.Items = append(page.Items, page.Items[0])
	case b.defect == "reverses":
		slices.Reverse(page.Items)
	case b.defect == "other cursor" && b.calls%2 == 0:
		page.More = !page.More
	case b.defect == "loses cursor" && count == 0:
		page.Next = ""
	}
	return page, b.own(err)
}

func (b *broken) Snapshot(ctx context.Context, stream wmsync.Stream, warehouse, page string) (
	wmsync.Snapshot, error) {
	snapshot, err := b.Source.Snapshot(b.context(ctx), stream, warehouse, page)
	switch b.defect {
	case "late snapshot":
		snapshot.Cursor = ""
	case "short snapshot":
		snapshot.Next, snapshot.RowCount = "", -1
	}
	return snapshot, b.own(err)
}

func (b *broken) Deliver(ctx context.Context, batch string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	b.calls++
	sent := slices.Clone(movements)
	if b.defect == "new ids" {
		for i := range sent {
			sent[i].ID += strings.Repeat("'", b.calls)
		}
	}
	receipts, err := b.Sink.Deliver(b.context(ctx), batch, sent)
	for i := range receipts {
		switch b.defect {
		case "always applied":
			receipts[i].Outcome = wmsync.Applied
		case "never rejected":
			if receipts[i].Outcome == wmsync.Rejected {
				receipts[i].Outcome = wmsync.Retry
			}
		case "whole batch":
			if receipts[len(receipts)/2].Outcome == wmsync.Rejected {
				receipts[i].Outcome = wmsync.Rejected
			}
		}
	}
	return receipts, b.own(err)
}

func (b *broken) context(ctx context.Context) context.Context {
	if b.defect == "ignores context" {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

func (b *broken) own(err error) error {
	if failed, ok := errors.AsType[*wmsync.Failure](err); ok && b.defect == "own errors" {
		return errors.New(failed.Message)
	}
	return err
}

const defectVariable = "CONFORMANCE_DEFECT"

// TestBroken is run by TestConformanceBites, which wants it to fail.
func TestBroken(t *testing.T) {
	defect := os.Getenv(defectVariable)
	if defect == "" {
		t.Log("there is no defect to try")
		return
	}
	adapter.Conformance(t, func(t *testing.T) adapter.Fixture {
		good := fixture(t, wmsync.SKUs, false)
		bad := &broken{Source: good.Source, Sink: good.Sink, defect: defect}
		good.Source, good.Sink = bad, bad
		good.Stall = nil
		return good
	})
}

// TestConformanceBites: each defect is found by the test that is there for it.
func TestConformanceBites(t *testing.T) {
	for defect, finder := range defects {
		command := exec.Command(os.Args[0], "-test.run=^TestBroken$")
		command.Env = append(os.Environ(), defectVariable+"="+defect)
		out, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "--- FAIL: TestBroken/"+finder+" ") {
			t.Errorf("an adapter that %q passes %s: %v\n%s", defect, finder, err, out)
		}
	}
}
