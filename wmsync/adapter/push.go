package adapter

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tierstock/wmsync"
)

// How long a stalled call is given by its context, and how long it may take to notice.
const (
	patience  = 200 * time.Millisecond
	noticeMax = 5 * time.Second
)

// deliver hands movements over and gives what became of each.
func (f Fixture) deliver(t *testing.T, batch string, movements ...wmsync.Movement) (
	outcomes []wmsync.Outcome, receipts []wmsync.Receipt) {
	t.Helper()
	receipts, err := f.Sink.Deliver(t.Context(), batch, movements)
	if err != nil || len(receipts) != len(movements) {
		t.Fatalf("%d movements get %+v, %v", len(movements), receipts, err)
	}
	for _, receipt := range receipts {
		outcomes = append(outcomes, receipt.Outcome)
	}
	return outcomes, receipts
}

func (f Fixture) wantApplied(t *testing.T, want int, movements ...wmsync.Movement) {
	t.Helper()
	if lacks(t, map[string]bool{"Applied": f.Applied != nil}) {
		return
	}
	for _, movement := range movements {
		if got := f.Applied(t, movement.ID); got != want {
			t.Errorf("movement %s is applied %d times, want %d", movement.ID, got, want)
		}
	}
}

func deliveredTwiceIsDuplicate(t *testing.T, f Fixture) {
	if f.cannotDeliver(t) {
		return
	}
	first, second, third := f.Movement(1), f.Movement(2), f.Movement(3)
	want := []wmsync.Outcome{wmsync.Applied, wmsync.Applied}
	if got, _ := f.deliver(t, "1", first, second); !slices.Equal(got, want) {
		t.Errorf("new movements are %v, want %v", got, want)
	}
	f.wantApplied(t, 1, first, second)
	want = []wmsync.Outcome{wmsync.Duplicate, wmsync.Applied, wmsync.Duplicate}
	if got, _ := f.deliver(t, "2", second, third, first); !slices.Equal(got, want) {
		t.Errorf("movements of which the second is new are %v, want %v", got, want)
	}
	f.wantApplied(t, 1, first, second, third)
}

func rejectedIsOneOnly(t *testing.T, f Fixture) {
	if f.cannotDeliver(t) || lacks(t, map[string]bool{"Rejected": f.Rejected != nil}) {
		return
	}
	good, bad, other := f.Movement(1), f.Rejected(1), f.Movement(2)
	want := []wmsync.Outcome{wmsync.Applied, wmsync.Rejected, wmsync.Applied}
	got, receipts := f.deliver(t, "1", good, bad, other)
	if !slices.Equal(got, want) || receipts[1].Message == "" {
		t.Errorf("movements of which the second cannot be are %+v", receipts)
	}
	f.wantApplied(t, 1, good, other)
	f.wantApplied(t, 0, bad)
}

func contextEndsCalls(t *testing.T, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range f.calls() {
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after its context has ended: %v", name, err)
		}
	}
}

func stalledCallEnds(t *testing.T, f Fixture) {
	if lacks(t, map[string]bool{"Stall": f.Stall != nil}) {
		return
	}
	f.Stall(t)
	for name, call := range f.calls() {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		began := time.Now()
		err := call(ctx)
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > noticeMax {
			t.Errorf("%s that gets no answer ends after %s with %v", name, took, err)
		}
		cancel()
	}
}

func errorsAreFailures(t *testing.T, f Fixture) {
	if lacks(t, map[string]bool{"Break": f.Break != nil}) {
		return
	}
	f.Break(t)
	for name, call := range f.calls() {
		if failed := failure(t, name, call(t.Context())); failed.Kind != wmsync.Unreachable {
			t.Errorf("%s of a system that fails is %s, want %s", name, failed.Kind,
				wmsync.Unreachable)
		}
	}
}
