package stocktest

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// eachPair runs a race on a site that two engines work on, each with a database handle of its own,
// as two processes do. Afterwards every invariant must hold.
func eachPair(t *testing.T, race func(t *testing.T, pair [2]*Site)) {
	t.Helper()
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			url := backend.URL(t)
			one := New(t, Migrated(t, url))
			pair := [2]*Site{one, one.another(t, Migrated(t, url))}
			race(t, pair)
			one.Verify()
		})
	}
}

// together lets all callers go at the same moment, and waits for them.
func together(callers int, call func(i int)) {
	var gate, done sync.WaitGroup
	gate.Add(1)
	for i := range callers {
		done.Go(func() {
			gate.Wait()
			call(i)
		})
	}
	gate.Done()
	done.Wait()
}

// busyMax is how often a line is asked again. It is BUSY only where two engines meet for long.
const busyMax = 20

// say makes a call of one line, and again with the same key while it is BUSY.
func say[L any](t *testing.T, verb Verb[L], line L) model.Result {
	t.Helper()
	for range busyMax {
		results, err := verb(context.Background(), flow.Mode{Actor: "race"}, []L{line})
		if err != nil || len(results) != 1 {
			t.Errorf("%+v: %d results: %v", line, len(results), err)
			return model.Result{}
		}
		if results[0].Code != model.Busy {
			return results[0]
		}
	}
	t.Errorf("%+v: busy for too long", line)
	return model.Result{}
}

// tally counts codes from many goroutines.
type tally struct {
	mutex sync.Mutex
	codes map[model.Code]int
}

func (c *tally) add(result model.Result) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.codes == nil {
		c.codes = map[model.Code]int{}
	}
	c.codes[result.Code]++
}

func (c *tally) is(t *testing.T, want map[model.Code]int) {
	t.Helper()
	if !maps.Equal(c.codes, want) {
		t.Errorf("codes %v, not %v", c.codes, want)
	}
}

func (s *Site) reserveLine(order, qty string) model.ReserveLine {
	return model.ReserveLine{Key: Line(order), Warehouse: s.Warehouse, Item: model.Item{SKU: Tea},
		Qty: s.Qty(qty)}
}

// Callers of 1 on M pieces give exactly M APPLIED, wherever the pieces lie.
func TestExactlyWhatIsThere(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		pair[0].Receive("F1", "35").OK()
		pair[0].Receive("F2", "25", func(line *model.ReceiveLine) { line.At.Batch = "L1" }).OK()
		pair[0].Receive("B1", "40").OK()
		var got tally
		together(200, func(i int) {
			s := pair[i%2]
			got.add(say(t, s.Allocation.Reserve, s.reserveLine(fmt.Sprint("R", i), "1")))
		})
		got.is(t, map[model.Code]int{model.Applied: 100, model.Insufficient: 100})
		pair[0].Expect("FAST 35/35/0", "FAST:L1 25/25/0", "BULK 40/40/0")
	})
}

// contended are calls that take or bring all there is, so that a second effect of one key could
// not hide. Each is said under one key, with the quantity given.
func contended() map[string]func(t *testing.T, s *Site, qty string) model.Result {
	row := func(s *Site) model.BinStockKey { return s.InBin("F1") }
	key := model.TaskKey{JobType: "FLOOR", TaskID: "RACE"}
	return map[string]func(t *testing.T, s *Site, qty string) model.Result{
		"reserve": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Allocation.Reserve, s.reserveLine("RACE", qty))
		},
		"receive": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier2.Receive, model.ReceiveLine{Key: Line("RACE"), Qty: s.Qty(qty),
				At: s.InZone("F1"), Bin: "F1"})
		},
		"deduct": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier2.Deduct, model.DeductLine{Key: Line("RACE"), Qty: s.QtyOr(qty),
				Warehouse: s.Warehouse, Reservation: new(Line("HELD"))})
		},
		"release": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier2.Release, model.ReleaseLine{Key: Line("RACE"), Qty: s.QtyOr(qty),
				Warehouse: s.Warehouse, Reservation: new(Line("HELD"))})
		},
		"pin": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier3.Pin, model.PinLine{Key: key, Qty: s.QtyOr(qty),
				Warehouse: s.Warehouse, Reservation: Line("HELD")})
		},
		"pick": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier3.Pick, model.PickLine{Key: key, Qty: s.Qty(qty), From: row(s),
				Reservation: Line("HELD"), ToBin: "T1"})
		},
		"move": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier3.Move, model.MoveLine{Key: key, From: row(s), ToBin: "B1",
				Qty: s.Qty(qty)})
		},
		"adjust": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier3.Adjust, model.AdjustLine{Key: key, At: row(s), Delta: -s.Qty(qty)})
		},
		"freeze": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier3.Freeze, model.FreezeLine{Key: key, At: row(s), Qty: s.Qty(qty)})
		},
		"count": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier3.Count, model.CountLine{Key: key, At: row(s),
				Counted: s.Qty("30") - s.Qty(qty), ExpectedVersion: 2})
		},
		"extend": func(t *testing.T, s *Site, qty string) model.Result {
			return say(t, s.Tier2.Extend, model.ExtendLine{Key: Line("RACE"), Warehouse: s.Warehouse,
				Reservation: Line("HELD"), TTLSeconds: 3600 + int64(s.Qty(qty)/model.One)})
		},
	}
}

// One key has one effect, whoever asks and how often.
func TestOneKeyOneEffect(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		for name, call := range contended() {
			t.Run(name, func(t *testing.T) {
				on := pair
				on[0] = New(t, pair[0].DB)
				on[1] = on[0].another(t, pair[1].DB)
				on[0].Receive("F1", "10").OK()
				on[0].Reserve("HELD", "10").OK()
				on[0].Receive("F1", "10").OK()
				var got tally
				together(50, func(i int) { got.add(call(t, on[i%2], "10")) })
				got.is(t, map[model.Code]int{model.Applied: 1, model.Replayed: 49})
				got = tally{}
				together(20, func(i int) { got.add(call(t, on[i%2], "9")) })
				got.is(t, map[model.Code]int{model.KeyConflict: 20})
				on[0].Verify()
			})
		}
	})
}

// Two contents race for one key: one of them has it, the other is told so.
func TestTwoContentsOneKey(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		pair[0].Receive("F1", "10").OK()
		for round := range 10 {
			var got [2]tally
			together(20, func(i int) {
				s := pair[i/2%2]
				got[i%2].add(say(t, s.Allocation.Reserve,
					s.reserveLine(fmt.Sprint("R", round), fmt.Sprint(1+i%2))))
			})
			winner, loser := &got[0], &got[1]
			if loser.codes[model.Applied] > 0 {
				winner, loser = loser, winner
			}
			winner.is(t, map[model.Code]int{model.Applied: 1, model.Replayed: 9})
			loser.is(t, map[model.Code]int{model.KeyConflict: 10})
			pair[0].Release(fmt.Sprint("R", round), "").OK()
		}
	})
}

// Expire, release and deduct racing for what is open end with exactly one of them.
func TestOneEndOfAReservation(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const orders = 24
		pair[0].Receive("F1", fmt.Sprint(5*orders)).OK()
		for i := range orders {
			pair[0].Reserve(fmt.Sprint("R", i), "5", ttl(60)).OK()
		}
		var released, deducted [orders]model.Result
		// Its time ends while the callers are under way.
		pair[0].Write(`UPDATE reservations SET due_at = `+store.NowSQL(pair[0].DB.Dialect())+
			` + 30000 WHERE warehouse = ?`, pair[0].Warehouse)
		together(3*orders, func(i int) {
			s, order := pair[i%2], i/3
			time.Sleep(time.Duration(order) * 3 * time.Millisecond)
			switch i % 3 {
			case 0:
				released[order] = say(t, s.Tier2.Release, model.ReleaseLine{
					Key: Line(fmt.Sprint("R", order)), Warehouse: s.Warehouse})
			case 1:
				deducted[order] = say(t, s.Tier2.Deduct, model.DeductLine{
					Key: Line(fmt.Sprint("R", order)), Warehouse: s.Warehouse})
			case 2:
				if _, err := s.Tier2.Expire(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
		pair[0].Elapse()
		pair[0].Expire()
		picture, left := pair[0].Picture(), orders
		ends := map[string]int{}
		for order := range orders {
			name := fmt.Sprint("R", order)
			want := "EXPIRED held=5 released=5"
			if released[order].Applied > 0 {
				want = "RELEASED held=5 released=5"
			}
			if deducted[order].Code == model.Applied {
				want = "DEDUCTED held=5 deducted=5"
				left--
			}
			if picture[name] != want || released[order].Applied > 0 && deducted[order].Applied > 0 {
				t.Errorf("%s is %q, not %q: %+v %+v", name, picture[name], want, released[order],
					deducted[order])
			}
			ends[want]++
		}
		t.Log(ends)
		pair[0].Expect(fmt.Sprintf("FAST %d/0/0", 5*left), fmt.Sprintf("F1 %d/0/0", 5*left))
	})
}
