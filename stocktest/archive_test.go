package stocktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// What has left in archived history comes back as a new receipt, and not by its key.
func TestRestoreOfAnArchivedDeparture(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		s := New(t, db)
		s.Receive("F1", "10").OK()
		s.Reserve("R1", "6").OK()
		deducted := s.Deduct("R1", "2").OK()
		picked := s.Pick("R1", "F1", "1", "").OK()
		s.Age(30)
		kept := s.Deduct("R1", "1").OK()
		s.Archive(&Shelf{})
		s.Restore(deducted, "").Refused(model.TooOld, "deduction", "archived history", "receive")
		s.Restore(picked, "1").Refused(model.TooOld, "pick", "archived history")
		s.Restore(kept, "").OK()
		s.Restore(Answer{Line: Line("NEVER")}, "").Refused(model.NotFound, "deduction")
		s.Expect("F1 7/0/0", "R1 OPEN held=6 open=2 deducted=4")
	})
}

// A reservation whose RESERVE is archived is worked off as any other.
func TestReservationsOutliveTheirFlows(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		s := New(t, db)
		s.Receive("F1", "4").OK()
		s.Receive("B1", "6").OK()
		some := func(l *model.ReserveLine) { l.AllowPartial = true }
		s.Reserve("R1", "12", some).Is(model.Partial).Qty("10", "2")
		s.Pin("R1", "F1", "3").OK()
		s.Move("F1", "B2", "2", With("R1")).OK()
		s.Age(30)
		shelf := &Shelf{}
		s.Archive(shelf)
		again := s.Reserve("R1", "12", some).Is(model.Replayed).Qty("10", "2")
		if len(again.Flows) != 0 || again.Reservation.Open != model.Whole(10) {
			t.Errorf("%+v", again.Result)
		}
		s.Reserve("R1", "11", some).Refused(model.KeyConflict, "key")
		s.Deduct("R1", "7").OK()
		s.Age(30)
		s.Release("R1", "").OK().Qty("3", "0")
		s.Archive(shelf)
		s.Reserve("R1", "12", some).Is(model.Replayed).Qty("10", "2")
		if len(shelf.Once()) != len(shelf.Flows) {
			t.Error("some flow has been archived twice")
		}
	})
}

// Archivers of another process work while callers write and repeat old calls: each old key has
// its effect once, whichever side of the archive it is on, and the feed goes on without a gap.
func TestArchiveWhileWriting(t *testing.T) {
	const orders, callers = 60, 6
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			s := New(t, Migrated(t, databaseURL))
			s.Receive("F1", "1000").OK()
			for i := range orders {
				takeOne(t, s, fmt.Sprint("OLD", i))
				s.Receive("F2", "1", keyed(fmt.Sprint("OLD", i))).OK()
			}
			s.Age(30)
			Announce(t, s.DB, s.Warehouse)
			var wg sync.WaitGroup
			var ended atomic.Bool
			shelves := [2]Shelf{}
			for i := range shelves {
				db := Migrated(t, databaseURL)
				wg.Go(func() { archiveOften(t, s, db, &shelves[i], &ended) })
			}
			together(callers, func(caller int) {
				for i := range orders {
					takeOne(t, s, fmt.Sprintf("NEW%d-%d", caller, i))
					takeAgain(t, s, fmt.Sprint("OLD", i))
				}
			})
			ended.Store(true)
			wg.Wait()
			left := orders + callers*orders
			s.Expect(fmt.Sprintf("F1 %d/0/0", 1000-left), fmt.Sprintf("F2 %d/0/0", orders))
			s.Verify()
			shelf := Shelf{Flows: slices.Concat(shelves[0].Flows, shelves[1].Flows)}
			feedIsWhole(t, s, shelf.Once(), 2+3*left+2*orders)
		})
	}
}

func deductOf(s *Site, name string) model.DeductLine {
	return model.DeductLine{Key: Line(name), Warehouse: s.Warehouse}
}

// takeOne reserves a piece and lets it leave.
func takeOne(t *testing.T, s *Site, name string) {
	t.Helper()
	if got := say(t, s.Allocation.Reserve, s.reserveLine(name, "1")); got.Code != model.Applied {
		t.Errorf("reserve %s: %s %s", name, got.Code, got.Message)
	}
	if got := say(t, s.Tier2.Deduct, deductOf(s, name)); got.Code != model.Applied {
		t.Errorf("deduct %s: %s %s", name, got.Code, got.Message)
	}
}

// keyed is an edit that gives a receipt the key of that name.
func keyed(name string) func(*model.ReceiveLine) {
	return func(line *model.ReceiveLine) { line.Key = Line(name) }
}

// takeAgain asks the same again, which nothing comes of.
func takeAgain(t *testing.T, s *Site, name string) {
	t.Helper()
	got := say(t, s.Allocation.Reserve, s.reserveLine(name, "1"))
	if got.Code != model.Replayed || got.Applied != model.One {
		t.Errorf("reserve %s again: %s %s %s", name, got.Code, got.Applied, got.Message)
	}
	receipt := model.ReceiveLine{Key: Line(name), At: s.InZone("F2"), Bin: "F2", Qty: model.One}
	for _, got := range []model.Result{say(t, s.Tier2.Deduct, deductOf(s, name)),
		say(t, s.Tier2.Receive, receipt)} {
		if got.Code != model.Replayed && got.Code != model.TooOld {
			t.Errorf("%s again: %s %s", name, got.Code, got.Message)
		}
	}
}

// archiveOften archives until the callers have ended, and once more.
func archiveOften(t *testing.T, s *Site, db *store.DB, shelf *Shelf, ended *atomic.Bool) {
	t.Helper()
	for last := false; !last; {
		last = ended.Load()
		_, err := s.archive(db, shelf.Keep)
		if refusal, ok := errors.AsType[*model.Refusal](err); err != nil &&
			(!ok || refusal.Code != model.Busy) {
			t.Error(err)
			return
		}
	}
}

// feedIsWhole: what was archived and what is still there are the feed, each flow once.
func feedIsWhole(t *testing.T, s *Site, archived []flow.ArchivedFlow, want int) {
	t.Helper()
	var feed []model.Flow
	for _, each := range archived {
		if each.Tier != "" {
			feed = append(feed, each.Flow)
		}
	}
	for after := flow.FromBeginning; ; {
		page, err := flow.Flows(context.Background(), s.DB, s.Warehouse, flow.FlowFilter{}, after,
			100)
		if err != nil {
			t.Fatal(err)
		}
		feed = append(feed, page.Rows...)
		if !page.More {
			break
		}
		after = page.Rows[len(page.Rows)-1].Seq
	}
	slices.SortFunc(feed, func(one, other model.Flow) int { return int(one.Seq - other.Seq) })
	for i, each := range feed {
		if each.Seq != int64(i+1) {
			t.Fatalf("flow %d of the feed has number %d", i+1, each.Seq)
		}
	}
	if len(feed) != want {
		t.Errorf("%d flows in all, not %d", len(feed), want)
	}
}

// A COMMIT of an archiver without an answer is settled by the number of its batch.
func TestUnknownCommitOfAnArchive(t *testing.T) {
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			behind, direct, cutter := CutOff(t, landed)
			direct.Receive("F1", "10").OK()
			direct.Reserve("R1", "3").OK()
			direct.Age(30)
			Announce(t, direct.DB, direct.Warehouse)
			shelf := &Shelf{}
			done, err := direct.archive(behind.DB,
				func(ctx context.Context, flows []flow.ArchivedFlow) error {
					cutter.Cuts.Store(1)
					return shelf.Keep(ctx, flows)
				})
			if err != nil || done.Flows != 3 || done.Remaining != 0 || cutter.Cuts.Load() > 0 {
				t.Errorf("%+v, %v, %d cuts left", done, err, cutter.Cuts.Load())
			}
			direct.Verify()
			feedIsWhole(t, direct, shelf.Flows, 3)
		})
	}
}

// Whenever the archiver of another process moves a key while a batch is at it, the key is found on
// one side or the other. SQLite's one writer lets nobody in between.
func TestArchiveBetweenLookUps(t *testing.T) {
	for _, moment := range []struct {
		at         string
		looksFirst bool
		want       model.Code
	}{
		{"FROM warehouses AS w", false, model.TooOld},   // before the flow is written
		{"INSERT INTO zone_flows", false, model.TooOld}, // just before
		{"FROM zone_flows FORCE", false, model.TooOld},  // when it is known that there is one
		{"FROM zone_flows FORCE", true, model.TooOld},   // before the flows are looked at
		{"FROM warehouses AS w", true, model.Replayed},  // when they have been
	} {
		t.Run(fmt.Sprint(moment.at, moment.looksFirst), func(t *testing.T) {
			databaseURL := Backends(t)[1].URL(t)
			direct := New(t, Migrated(t, databaseURL))
			direct.Receive("F1", "6", keyed("OLD")).OK()
			Announce(t, direct.DB, direct.Warehouse)
			var moved, armed atomic.Bool
			db, err := store.Open(t.Context(), databaseURL, store.Options{Trace: func(sql string) {
				if strings.Contains(sql, moment.at) && armed.CompareAndSwap(true, false) {
					direct.Archive(&Shelf{})
					moved.Store(true)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			s := direct.another(t, db)
			again := model.ReceiveLine{Key: Line("OLD"), Bin: "F1", At: s.InZone("F1"),
				Qty: model.Whole(6)}
			if moment.looksFirst {
				say(t, s.Tier2.Receive, again) // a replay lets it expect more
			}
			direct.Age(30)
			armed.Store(true)
			got := say(t, s.Tier2.Receive, again)
			if got.Code != moment.want || !moved.Load() {
				t.Errorf("%s %s, not %s; archived: %t", got.Code, got.Message, moment.want,
					moved.Load())
			}
			direct.Expect("F1 6/0/0")
			direct.Verify()
		})
	}
}

// calm makes calls with fresh keys until the engine expects no replays any more, and looks keys up
// only when it meets one.
func calm(t *testing.T, s *Site) {
	t.Helper()
	const batches = 64
	for i := range batches {
		line := model.ReceiveLine{Key: Line(fmt.Sprint("CALM", s.DB.NewID(), "-", i)), Bin: "B1",
			At: s.InZone("B1"), Qty: model.One}
		if got := say(t, s.Tier2.Receive, line); got.Code != model.Applied {
			t.Errorf("%s %s", got.Code, got.Message)
		}
	}
}

// The key is looked up before guards and stock, in the archive too: what is refused today was done
// then.
func TestArchivedKeysComeBeforeStock(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		s := New(t, db)
		s.Receive("F1", "5").OK()
		moved := s.Move("F1", "F2", "5").OK()
		again := func(line *model.MoveLine) { line.Key = moved.Task }
		s.Age(30)
		s.Archive(&Shelf{})
		calm(t, s)
		s.trace = s.traces()
		s.Move("F1", "F2", "5", again).Refused(model.TooOld, "key", "archived history")
		s.Move("NOWHERE", "F2", "9", again).Refused(model.TooOld, "key", "archived history")
		calm(t, s)
		s.trace = s.traces()
		s.Move("F2", "F1", "5", again).Refused(model.TooOld, "key", "archived history")
		calm(t, s)
		s.trace = s.traces()
		s.wantCodes(Call(s, s.Tier3.Move, allOrNothing, model.MoveLine{Key: moved.Task,
			From: s.InBin("F1"), ToBin: "F2", Qty: model.One}, model.MoveLine{Key: s.NextTask(),
			From: s.InBin("F2"), ToBin: "F1", Qty: model.One}), model.TooOld, model.Skipped)
		s.Expect("F1 0/0/0", "F2 5/0/0")
	})
}

// Keys are looked up in the archive by one statement a batch, and by none while there is no
// archive.
func TestLookUpsInTheArchive(t *testing.T) {
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			var asked atomic.Int64
			databaseURL := backend.URL(t)
			db, err := store.Open(t.Context(), databaseURL, store.Options{Trace: func(sql string) {
				if strings.Contains(sql, "archived_keys") {
					asked.Add(1)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			first := New(t, Migrated(t, databaseURL))
			s := first.another(t, db)
			round := 0
			calls := func() int64 {
				asked.Store(0)
				round++
				together(5, func(i int) {
					line := model.ReceiveLine{Key: Line(fmt.Sprint("IN", round, "-", i)),
						At: s.InZone("F1"), Bin: "F1",
						Qty: model.One}
					if got := say(t, s.Tier2.Receive, line); got.Code != model.Applied {
						t.Errorf("%s %s", got.Code, got.Message)
					}
				})
				return asked.Load()
			}
			calm(t, s)
			if count := calls(); count != 0 {
				t.Errorf("%d look-ups without an archive", count)
			}
			first.Age(30)
			first.Archive(&Shelf{})
			if count := calls(); count < 1 || count > 5 {
				t.Errorf("%d look-ups for 5 receipts", count)
			}
		})
	}
}
