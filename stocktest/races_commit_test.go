package stocktest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// A COMMIT without an answer is settled by the key: whether it had landed or not, the effect is
// there once, and the caller is told that it was done now.
func TestUnknownCommit(t *testing.T) {
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			s, direct, cutter := CutOff(t, landed)
			direct.Receive("F1", "100").OK()
			direct.Reserve("HELD", "5").OK()
			direct.Receive("F1", "9", ofSKU(Salt)).OK()
			partly := s.reserveLine("PARTLY", "10")
			partly.Item.SKU, partly.AllowPartial = Salt, true
			calls := []func() model.Result{
				func() model.Result { return say(t, s.Allocation.Reserve, s.reserveLine("R", "10")) },
				func() model.Result { return say(t, s.Allocation.Reserve, partly) },
				func() model.Result {
					return say(t, s.Tier2.Receive, model.ReceiveLine{Key: Line("IN"), Bin: "F2",
						At: s.InZone("F2"), Qty: model.Whole(7)})
				},
				func() model.Result {
					return say(t, s.Tier3.Move, model.MoveLine{Key: taskKey("MOVE"), ToBin: "F3",
						From: s.InBin("F1"), Qty: model.Whole(20)})
				},
				// Touches no stock row, so that its key is kept apart.
				func() model.Result {
					return say(t, s.Tier2.Extend, model.ExtendLine{Key: Line("LONGER"),
						Warehouse: s.Warehouse, Reservation: Line("HELD"), TTLSeconds: 60})
				},
			}
			for i, call := range calls {
				cutter.Cuts.Store(1)
				want := model.Applied
				if i == 1 {
					want = model.Partial
				}
				if got := call(); got.Code != want {
					t.Errorf("call %d is %s: %s", i, got.Code, got.Message)
				}
				if cutter.Cuts.Load() > 0 {
					t.Errorf("call %d was not cut", i)
				}
				cutter.Cuts.Store(0)
				if got := call(); got.Code != model.Replayed {
					t.Errorf("call %d asked again is %s", i, got.Code)
				}
			}
			direct.Expect("FAST 107/15/0", "F1 80/0/0", "F2 7/0/0", "F3 20/0/0")
			direct.Verify()
		})
	}
}

// A whole batch whose COMMIT is cut off is settled line by line.
func TestUnknownCommitOfABatch(t *testing.T) {
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			s, direct, cutter := CutOff(t, landed)
			direct.Receive("F1", "15").OK()
			resume := stall(t, direct)
			var got tally
			var calls sync.WaitGroup
			for i := range 20 {
				calls.Go(func() {
					got.add(say(t, s.Allocation.Reserve, s.reserveLine(fmt.Sprint("R", i), "1")))
				})
			}
			time.Sleep(100 * time.Millisecond) // so that they make one batch, or two
			resume()
			cutter.Cuts.Store(2)
			calls.Wait()
			got.is(t, map[model.Code]int{model.Applied: 15, model.Insufficient: 5})
			direct.Expect("FAST 15/15/0")
			direct.Verify()
		})
	}
}

// Where no COMMIT is ever answered, nobody knows: that is an error, and never BUSY, which would
// say that nothing was done. Asking again with the same key tells.
func TestCommitThatStaysUnknown(t *testing.T) {
	s, direct, cutter := CutOff(t, false)
	direct.Receive("F1", "10").OK()
	cutter.Cuts.Store(1000)
	line := s.reserveLine("R", "4")
	results, err := s.Allocation.Reserve(context.Background(), flow.Mode{}, []model.ReserveLine{line})
	if !errors.Is(err, store.ErrUnknown) {
		t.Errorf("the error is %v, the answer %v", err, results)
	}
	cutter.Cuts.Store(0)
	if got := say(t, s.Allocation.Reserve, line); got.Code != model.Applied {
		t.Errorf("asked again, it is %s", got.Code)
	}
	direct.Expect("FAST 10/4/0")
	direct.Verify()
}
