package stocktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// stall takes the site's tier-2 rows (on SQLite the database) from another process, so that the
// engine's batches wait, and gives them back when the function it returns is called.
func stall(t *testing.T, other *Site) (resume func()) {
	t.Helper()
	var ended sync.WaitGroup
	taken, given := make(chan struct{}), make(chan struct{})
	ended.Go(func() {
		err := other.DB.Transact(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Exec(context.Background(),
				"UPDATE zone_stocks SET tick = tick WHERE warehouse = ?", other.Warehouse)
			close(taken)
			<-given
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-taken
	resume = sync.OnceFunc(func() {
		close(given)
		ended.Wait()
	})
	t.Cleanup(resume)
	return resume
}

// A caller whose time ends gets its context's error, and the work goes on: the same key tells.
func TestContextEndsBeforeTheAnswer(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		s := pair[0]
		s.Receive("F1", "10").OK()
		resume := stall(t, pair[1])
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		line := s.reserveLine("R", "4")
		_, err := s.Allocation.Reserve(ctx, flow.Mode{}, []model.ReserveLine{line})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
		resume()
		if got := say(t, s.Allocation.Reserve, line); got.Code != model.Replayed {
			t.Errorf("asked again, it is %s", got.Code)
		}
		s.Expect("FAST 10/4/0")
	})
}

// More than a lane may hold back is BUSY, and takes nothing.
func TestFullQueueIsBusy(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const lines = 17500
		s := pair[0]
		s.Receive("F1", "2000").OK()
		resume := stall(t, pair[1])
		var got tally
		var calls sync.WaitGroup
		calls.Go(func() {
			asked := make([]model.ReserveLine, lines)
			for i := range asked {
				asked[i] = s.reserveLine(fmt.Sprint("R", i), "0")
			}
			results, err := s.Allocation.Reserve(context.Background(), flow.Mode{}, asked)
			if err != nil {
				t.Error(err)
			}
			for _, result := range results {
				got.add(result)
			}
		})
		late := s.untilBusy(t)
		resume()
		calls.Wait()
		if got.codes[model.Busy] == 0 || got.codes[model.Busy]+got.codes[model.Invalid] != lines {
			t.Errorf("codes %v", got.codes)
		}
		if got := say(t, s.Allocation.Reserve, late); got.Code != model.Applied {
			t.Errorf("later it is %s", got.Code)
		}
	})
}

// untilBusy asks with new keys, without waiting for answers, until all of a call are refused as
// BUSY. Batches that are on their way have left room in the queue. The last line is a sound one.
func (s *Site) untilBusy(t *testing.T) model.ReserveLine {
	t.Helper()
	for i := range 1000 {
		lines := make([]model.ReserveLine, 100)
		for j := range lines {
			lines[j] = s.reserveLine(fmt.Sprintf("LATE%d-%d", i, j), "0")
		}
		late := &lines[len(lines)-1]
		late.Qty = model.One
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		results, err := s.Allocation.Reserve(ctx, flow.Mode{}, lines)
		cancel()
		if err == nil && results[0].Code == model.Busy {
			return *late
		}
	}
	t.Fatal("the queue never fills")
	return model.ReserveLine{}
}

// Closing finishes what was accepted and takes no more.
func TestCloseDrains(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		s := pair[0]
		s.Receive("F1", "300").OK()
		resume := stall(t, pair[1])
		for i := range 100 {
			line := s.reserveLine(fmt.Sprint("R", i), "2")
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_, err := s.Allocation.Reserve(ctx, flow.Mode{}, []model.ReserveLine{line})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error is %v", err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := s.Engine.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closing with work at hand: %v", err)
		}
		results, err := s.Allocation.Reserve(t.Context(), flow.Mode{},
			[]model.ReserveLine{s.reserveLine("LATE", "1")})
		if err != nil || results[0].Code != model.Busy {
			t.Errorf("after closing: %+v %v", results, err)
		}
		resume()
		if err := s.Engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		s.Expect("FAST 300/200/0")
	})
}

// broken is a movement that breaks where it is decided, or earlier.
func broken(s *Site, key string, how func(string)) *flow.Movement {
	return &flow.Movement{Key: Line(key).For(s.Warehouse, model.Reserve),
		Needs: flow.Needs{Items: []model.Item{{SKU: Tea}}},
		Content: func(*flow.Content, *master.View) {
			how("content")
		},
		Decide: func(effect *flow.Effect) error {
			row := effect.ZoneRow(s.InZone("FAST"))
			effect.Post(row, flow.Reserved(model.One))
			how("decide")
			return errors.New("a defect")
		}}
}

// A member of a batch that panics, or fails without a refusal, fails alone.
func TestBrokenMemberFailsAlone(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		s := pair[0]
		s.Receive("F1", "100").OK()
		ways := map[string]func(string){"defect": func(string) {},
			"panic in Decide": func(where string) {
				if where == "decide" {
					panic(where)
				}
			},
			"panic in Content": func(where string) { panic(where) }}
		for name, how := range ways {
			t.Run(name, func(t *testing.T) {
				resume := stall(t, pair[1])
				var got tally
				var calls sync.WaitGroup
				calls.Go(func() {
					_, err := s.Engine.Submit(context.Background(), flow.Mode{},
						[]*flow.Movement{broken(s, name, how)})
					if err == nil || !strings.Contains(err.Error(), "defect") &&
						!strings.Contains(err.Error(), "panic") {
						t.Errorf("the error is %v", err)
					}
				})
				for i := range 10 {
					calls.Go(func() {
						got.add(say(t, s.Allocation.Reserve, s.reserveLine(fmt.Sprint(name, i), "1")))
					})
				}
				time.Sleep(100 * time.Millisecond) // so that they make one batch
				resume()
				calls.Wait()
				got.is(t, map[model.Code]int{model.Applied: 10})
				_, err := s.Engine.Submit(t.Context(), flow.Mode{DryRun: true},
					[]*flow.Movement{broken(s, name, how)})
				if err == nil {
					t.Error("a dry run did not tell")
				}
			})
		}
		s.Expect("FAST 100/30/0")
	})
}
