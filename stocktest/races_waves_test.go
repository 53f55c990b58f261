package stocktest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tierstock/flow"
	"tierstock/model"
)

// allocating makes a wave's call, and again while some line is BUSY, and gives what each line was
// answered at last. A line that was applied stays so.
func (s *Site) allocating(t *testing.T, wave model.Wave) map[string]model.Result {
	t.Helper()
	answers := map[string]model.Result{}
	for range busyMax {
		orders, err := s.Allocation.Allocate(context.Background(), flow.Mode{Actor: "race"}, wave)
		if err != nil {
			t.Error(err)
			return nil
		}
		busy := false
		for i, order := range orders {
			for l, result := range order.Lines {
				name := wave.Orders[i].OrderID + "/" + wave.Orders[i].Lines[l].LineID
				was, said := answers[name]
				busy = busy || result.Code == model.Busy
				if !said || was.Code == model.Busy {
					answers[name] = result
				}
			}
		}
		if !busy {
			return answers
		}
	}
	t.Errorf("busy for too long")
	return answers
}

// pinnedWhole fails unless all that is open is pinned: no wave's line is half done.
func (s *Site) pinnedWhole(t *testing.T) {
	t.Helper()
	for name, text := range s.Picture() {
		if strings.HasPrefix(text, "OPEN held=") {
			var held, open, pinned string
			if n, _ := fmt.Sscanf(text, "OPEN held=%s open=%s pinned=%s", &held, &open, &pinned); n < 3 ||
				open != pinned {
				t.Errorf("%s is half done: %s", name, text)
			}
		}
	}
}

// Two engines allocate waves over the same scarce stock, some of them the same orders: exactly what
// is there is held, each key once, and whatever is held is pinned.
func TestWavesMeet(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const callers, orders = 8, 6
		const stock = callers * orders // a third of what is wanted
		s := pair[0]
		for bin, qty := range map[string]int{"F1": 7, "F2": 9, "F3": 8, "B1": 11, "B2": 13} {
			s.Receive(bin, fmt.Sprint(qty)).OK()
		}
		var mutex sync.Mutex
		fresh, replayed := map[string]int{}, 0
		together(callers, func(i int) {
			var own, both []model.Order
			for o := range orders {
				own = append(own, s.Order(fmt.Sprint("OWN", i, "-", o), "1", "1"))
				both = append(both, s.Order(fmt.Sprint("BOTH", i/2, "-", o), "1", "1"))
			}
			waves := [][]model.Order{both, own}
			if i%4 > 1 {
				waves = [][]model.Order{own, both}
			}
			for _, wave := range waves {
				answers := pair[i%2].allocating(t, model.Wave{Orders: wave, CreateTasks: true,
					Strategy: []string{"", "NEAREST", "EMPTY_BIN", "FEWEST_BINS"}[i/2%4]})
				mutex.Lock()
				for name, answer := range answers {
					switch answer.Code {
					case model.Applied:
						fresh[name]++
					case model.Replayed:
						replayed++
					case model.Insufficient:
					default:
						t.Errorf("%s is %s: %s", name, answer.Code, answer.Message)
					}
				}
				mutex.Unlock()
			}
		})
		t.Logf("%d lines held, %d replayed", len(fresh), replayed)
		for name, count := range fresh {
			if count != 1 {
				t.Errorf("%s was applied %d times", name, count)
			}
		}
		if len(fresh) != stock {
			t.Errorf("%d of %d pieces were held", len(fresh), stock)
		}
		s.pinnedWhole(t)
	})
}

// Waves of which some ship complete, and a third process that releases orders while they are
// allocated, or before: nothing is oversold and no line or whole order is half done.
func TestWavesAgainstReleases(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const orders = 24
		s := pair[0]
		third := s.another(t, s.DB)
		s.Receive("F1", "20").OK()
		s.Receive("F2", "15").OK()
		s.Receive("B1", "15", func(l *model.ReceiveLine) { l.At.Batch = "L1" }).OK()
		wave := func(from int) (wave model.Wave) {
			wave.CreateTasks = true
			for o := range orders / 2 {
				order := s.Order(fmt.Sprint("R", from+o), "2", "1", "3")
				order.ShipComplete = o%2 == 0
				order.Priority = int64(o % 3)
				wave.Orders = append(wave.Orders, order)
			}
			return wave
		}
		together(9, func(i int) {
			if i < 6 {
				pair[i%2].allocating(t, wave(i%3*orders/4))
				return
			}
			for o := range orders {
				for l := range 3 {
					if (o+l+i)%3 == 0 {
						say(t, third.Tier2.Release, model.ReleaseLine{Warehouse: s.Warehouse,
							Key: model.LineKey{JobType: "SO", OrderID: fmt.Sprint("R", o),
								LineID: fmt.Sprint(l + 1)}})
					}
				}
			}
		})
		s.pinnedWhole(t)
	})
}

// Covers, waves and receipts at once: demand is served once, and what is served in part leaves the
// rest.
func TestCoversMeet(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const orders = 20
		s := pair[0]
		var wave model.Wave
		for o := range orders {
			wave.Orders = append(wave.Orders, urgent(s.Order(fmt.Sprint("R", o), "3"), int64(o%3)))
		}
		wave.CreateTasks = true
		s.allocating(t, wave)
		together(8, func(i int) {
			own := pair[i%2]
			for round := range 4 {
				switch i {
				case 0, 1:
					line := model.ReceiveLine{Key: lineKey("IN", i, round), At: s.InZone("F1"),
						Bin: []string{"F1", "F2"}[i], Qty: model.Whole(5)}
					say(t, own.Tier2.Receive, line)
				case 2, 3:
					own.allocating(t, wave)
				default:
					if _, err := own.Allocation.CoverShortages(context.Background(), s.Warehouse,
						true, "race"); err != nil {
						t.Error(err)
					}
				}
			}
		})
		s.Cover()
		s.Cover()
		s.pinnedWhole(t)
		s.Expect("FAST 40/40/0") // all of it, since 60 were wanted
		open, covered := model.Quantity(0), model.Quantity(0)
		s.trace = s.traces()
		for _, text := range s.Shortages() {
			_, amounts, _ := strings.Cut(text, ": ")
			var state, qty string
			if _, err := fmt.Sscanf(amounts, "%s %s", &state, &qty); err != nil {
				t.Fatal(err)
			}
			qty, _, _ = strings.Cut(qty, "/")
			switch model.ShortageState(state) {
			case model.ShortageOpen:
				open += s.Qty(qty)
			case model.ShortageCovered:
				covered += s.Qty(qty)
			default:
				t.Errorf("%s", text)
			}
		}
		if open != model.Whole(20) || covered != model.Whole(40) {
			t.Errorf("%s are short still and %s were covered: %s", open, covered, s.shortages())
		}
		s.Receive("B1", "30").OK()
		s.Cover()
		s.Expect("FAST 40/40/0", "BULK 30/20/0")
	})
}

// A wave whose COMMITs are cut off, that of the stock and that of its shortages, is done once.
func TestUnknownCommitOfAWave(t *testing.T) {
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			s, direct, cutter := CutOff(t, landed)
			direct.Receive("F1", "5").OK()
			orders := []model.Order{direct.Order("R1", "2", "4"), direct.Order("R2", "3"),
				whole(direct.Order("R3", "1"))}
			wave := model.Wave{Orders: orders, CreateTasks: true}
			cutter.Cuts.Store(2)
			answers := s.allocating(t, wave)
			for line, want := range map[string]model.Code{"R1/1": model.Applied,
				"R1/2": model.Partial, "R2/1": model.Insufficient, "R3/1": model.Insufficient} {
				if answers[line].Code != want {
					t.Errorf("%s is %s: %s", line, answers[line].Code, answers[line].Message)
				}
			}
			if cutter.Cuts.Load() > 0 {
				t.Errorf("%d COMMITs were not cut", cutter.Cuts.Load())
			}
			cutter.Cuts.Store(0)
			direct.trace = direct.traces()
			direct.Wave(orders...).Are("REPLAYED: REPLAYED/REPLAYED", "INSUFFICIENT: INSUFFICIENT",
				"INSUFFICIENT: INSUFFICIENT")
			direct.Expect("FAST 5/5/0", "F1 5/5/0")
			direct.Short("R1/2 RESERVE SO: OPEN 1/0", "R2/1 : OPEN 3/0", "R3/1 : OPEN 1/0")
			direct.Verify()
		})
	}
}
