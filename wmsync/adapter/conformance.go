package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"tierstock/wmsync"
)

// Fixture is a system to test with, and what can be done on its side. Each test opens a new one.
type Fixture struct {
	// Source and Sink are the two halves of the adapter; one may be nil.
	Source wmsync.Source
	Sink   wmsync.Sink

	// Stream is the one that Change makes items of, and Warehouse whose snapshot of it is taken.
	Stream    wmsync.Stream
	Warehouse string
	// Change makes the n-th change on the far side, from 1 on: one item at the end of Stream, with a
	// key that no other change has, which it gives back.
	Change func(t *testing.T, n int) (key string)
	// KeyOf is the key of a row of a snapshot of Stream. Without it rows are not looked at.
	KeyOf func(row json.RawMessage) string
	// Overlaps says that pages may repeat items of those before, under their ids, as a system does
	// that knows when something changed and not in which order.
	Overlaps bool

	// Movement is the n-th movement, from 1 on, that the far side takes; no two are of one SKU.
	// Rejected is one that it does not take, nor ever will.
	Movement func(n int) wmsync.Movement
	Rejected func(n int) wmsync.Movement
	// Applied is how often the far side has applied the movement of that id.
	Applied func(t *testing.T, id string) int

	// Break has the far side fail from now on. Stall has it not answer any more.
	Break func(t *testing.T)
	Stall func(t *testing.T)
}

// Conformance tests what open opens.
func Conformance(t *testing.T, open func(t *testing.T) Fixture) {
	t.Helper()
	for _, each := range []struct {
		name string
		test func(*testing.T, Fixture)
	}{
		{"PagingGivesEachItemOnce", pagingGivesEachItemOnce},
		{"PageAskedForTwiceIsTheSame", pageAskedForTwiceIsTheSame},
		{"EmptyPageKeepsTheCursor", emptyPageKeepsTheCursor},
		{"SnapshotThenChangesMissesNothing", snapshotThenChangesMissesNothing},
		{"UnknownCursor", unknownCursor},
		{"UnknownStream", unknownStream},
		{"DeliveredTwiceIsDuplicate", deliveredTwiceIsDuplicate},
		{"RejectedIsOneOnly", rejectedIsOneOnly},
		{"ContextEndsCalls", contextEndsCalls},
		{"StalledCallEnds", stalledCallEnds},
		{"ErrorsAreFailures", errorsAreFailures},
	} {
		t.Run(each.name, func(t *testing.T) { each.test(t, open(t)) })
	}
}

// lacks says which part of the fixture a test cannot do without and does not have.
func lacks(t *testing.T, parts map[string]bool) bool {
	t.Helper()
	lacking := false
	for name, there := range parts {
		if !there {
			t.Logf("not tested: the fixture has no %s", name)
			lacking = true
		}
	}
	return lacking
}

func (f Fixture) cannotChange(t *testing.T) bool {
	t.Helper()
	return lacks(t, map[string]bool{"Source": f.Source != nil, "Change": f.Change != nil})
}

func (f Fixture) cannotDeliver(t *testing.T) bool {
	t.Helper()
	return lacks(t, map[string]bool{"Sink": f.Sink != nil, "Movement": f.Movement != nil})
}

// change makes changes from the first to the last and gives their keys.
func (f Fixture) change(t *testing.T, first, last int) (keys []string) {
	t.Helper()
	for n := first; n <= last; n++ {
		keys = append(keys, f.Change(t, n))
	}
	return keys
}

// calls are one of each kind that the adapter has.
func (f Fixture) calls() map[string]func(context.Context) error {
	calls := map[string]func(context.Context) error{}
	if f.Source != nil {
		calls["Changes"] = func(ctx context.Context) error {
			_, err := f.Source.Changes(ctx, f.Stream, "", pageItems)
			return err
		}
		calls["Snapshot"] = func(ctx context.Context) error {
			_, err := f.Source.Snapshot(ctx, f.Stream, f.Warehouse, "")
			return err
		}
	}
	if f.Sink != nil && f.Movement != nil {
		calls["Deliver"] = func(ctx context.Context) error {
			_, err := f.Sink.Deliver(ctx, "conformance", []wmsync.Movement{f.Movement(1)})
			return err
		}
	}
	return calls
}

// failure is the failure that a call has to end with; it says something.
func failure(t *testing.T, what string, err error) *wmsync.Failure {
	t.Helper()
	failed, ok := errors.AsType[*wmsync.Failure](err)
	switch {
	case !ok:
		t.Errorf("%s ends with %v, which is no *wmsync.Failure", what, err)
		return &wmsync.Failure{}
	case failed.Message == "" || failed.RetryAfter < 0:
		t.Errorf("%s ends with a failure that says nothing, or wants the past: %+v", what, failed)
	}
	return failed
}
