package stocktest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/model"
	"tierstock/store"
)

// conformShortages is what becomes of demand that stock did not serve.
func conformShortages(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"waves, short picks and exceptions record each once", shortOnce},
		{"a reserve by itself records none", shortReserve},
		{"covered by priority, then the oldest first", coverTurns},
		{"a cover in part leaves the rest", coverParts},
		{"what was pinned is pinned", coverPins},
		{"a whole order is covered whole or not at all", coverWhole},
		{"a whole order with a wrong line is not covered", coverWrong},
		{"a released order wants nothing more", coverReleased},
		{"nor the rest of one that was covered", coverReleasedRest},
		{"an order that is asked for again", coverAgain},
		{"an order that is asked for otherwise", coverOtherwise},
		{"the caller finds what was covered", coverReplayed},
		{"cut off before the shortage is settled", coverCut},
		{"cancelled ones are left", coverCancelled},
		{"what cannot be covered stays", coverNothing},
		{"what cannot be covered keeps nothing from others", coverBehind},
	})
}

func shortOnce(s *Site) {
	s.Receive("F1", "5")
	s.Receive("F2", "2")
	s.Wave(s.Order("R1", "7"), s.Order("R2", "2"), whole(s.Order("R3", "1", "1")))
	wave := []string{"R2/1 : OPEN 2/0", "R3/1 : OPEN 1/0", "R3/2 : OPEN 1/0"}
	s.Short(wave...)
	pick := s.Pick("R1", "F1", "2", "", Short).OK().Qty("2", "3")
	s.Short(append(slices.Clone(wave), "R1/1 PICK FLOOR: OPEN 3/0")...)
	line := model.PickLine{Key: pick.Task, Reservation: Line("R1"), From: s.InBin("F1"),
		Qty: s.Qty("2"), Short: true}
	s.wantCodes(Call(s, s.Tier3.Pick, allOrNothing, line), model.Replayed)
	s.Report(model.Damaged, "F2", "").OK().Qty("2", "2")
	both := append(slices.Clone(wave), "R1/1 PICK FLOOR: OPEN 3/0", "R1/1 EXCEPTION FLOOR: OPEN 2/0")
	s.Short(both...)
	s.Wave(s.Order("R2", "2"), whole(s.Order("R3", "1", "1")))
	s.Short(both...)
}

func shortReserve(s *Site) {
	s.Receive("F1", "2")
	s.Reserve("R1", "5", func(l *model.ReserveLine) { l.AllowPartial = true }).Is(model.Partial)
	s.Reserve("R2", "5").Is(model.Insufficient)
	s.Short()
}

func coverTurns(s *Site) {
	s.Hold(s.Order("OLD", "2"))
	s.Hold(urgent(s.Order("HIGH", "2"), 5), urgent(s.Order("LOW", "1"), -5))
	s.Hold(s.Order("NEW", "2"))
	s.Receive("F1", "3")
	s.Cover()
	s.Short("HIGH/1 : COVERED 2/2", "OLD/1 : COVERED 1/1", "OLD/1 RESERVE SO: OPEN 1/0",
		"LOW/1 : OPEN 1/0", "NEW/1 : OPEN 2/0")
	s.Receive("F1", "1") // what is left of the oldest is the oldest still
	s.Cover()
	s.Short("HIGH/1 : COVERED 2/2", "OLD/1 : COVERED 1/1", "OLD/1 RESERVE SO: COVERED 1/1",
		"LOW/1 : OPEN 1/0", "NEW/1 : OPEN 2/0")
	s.Receive("F1", "3")
	s.Cover()
	s.Short("HIGH/1 : COVERED 2/2", "OLD/1 : COVERED 1/1", "OLD/1 RESERVE SO: COVERED 1/1",
		"LOW/1 : COVERED 1/1", "NEW/1 : COVERED 2/2")
	s.Expect("FAST 7/7/0", "NEW OPEN held=2 open=2")
	if looked := s.Cover(); looked != 0 {
		s.t.Errorf("%d shortages were looked at", looked)
	}
}

func coverParts(s *Site) {
	s.Receive("F1", "1")
	s.Hold(s.Order("R1", "9"))
	for _, more := range []string{"2", "3", "4"} {
		s.Receive("F1", more)
		s.Cover()
	}
	s.Short("R1/1 RESERVE SO: COVERED 2/2", "R1/1 SHORTAGE: COVERED 3/3",
		"R1/1 SHORTAGE: COVERED 3/3")
	s.Expect("FAST 10/9/0")
}

func coverPins(s *Site) {
	s.Wave(s.Order("R1", "2"))
	s.Hold(s.Order("R2", "2"))
	s.Receive("F1", "9")
	s.Cover()
	s.Expect("R1 OPEN held=2 open=2 pinned=2", "R2 OPEN held=2 open=2", "F1 9/2/0",
		"F1>R1 OPEN 2/0")
	s.wantActions(Line("R1"), "RESERVE FAST", "PIN F1")
	s.wantActions(Line("R2"), "RESERVE FAST")
}

// ofSalt makes the last line of an order one of another SKU.
func ofSalt(order model.Order) model.Order {
	order.Lines[len(order.Lines)-1].SKU = Salt
	return order
}

func coverWhole(s *Site) {
	s.Hold(whole(ofSalt(s.Order("R1", "2", "2"))), whole(s.Order("R2", "3", "3")))
	open := []string{"R1/1 : OPEN 2/0", "R1/2 : OPEN 2/0", "R2/1 : OPEN 3/0", "R2/2 : OPEN 3/0"}
	s.Receive("F1", "5")
	s.Cover()
	s.Short(open...)
	s.Expect("FAST 5/0/0")
	s.Receive("F1", "2", ofSKU(Salt))
	s.Cover()
	s.Short("R1/1 : COVERED 2/2", "R1/2 : COVERED 2/2", "R2/1 : OPEN 3/0", "R2/2 : OPEN 3/0")
	s.Hold(whole(ofSalt(s.Order("R1", "2", "2")))).Are("REPLAYED: REPLAYED/REPLAYED")
}

func coverWrong(s *Site) {
	order := whole(s.Order("R1", "2", "2"))
	order.Lines[1].SKU = "NONE"
	s.Wave(order)
	s.Short()
	s.Hold(whole(s.Order("R2", "2", "0")))
	s.Short()
	s.Receive("F1", "9")
	if looked := s.Cover(); looked != 0 {
		s.t.Errorf("%d shortages were looked at", looked)
	}
}

func coverReleased(s *Site) {
	s.Receive("F1", "1")
	s.Wave(s.Order("R1", "3"), s.Order("R2", "2"))
	s.Release("R1", "").OK()
	s.Release("R2", "").OK()
	s.Receive("F1", "9")
	s.Cover()
	s.Short("R1/1 RESERVE SO: CANCELLED 2/0", "R2/1 : CANCELLED 2/0")
	s.Expect("FAST 10/0/0")
}

func coverReleasedRest(s *Site) {
	s.Hold(s.Order("R1", "5"))
	s.Receive("F1", "3")
	s.Cover()
	s.Short("R1/1 : COVERED 3/3", "R1/1 RESERVE SO: OPEN 2/0")
	s.Release("R1", "").OK().Qty("3", "0")
	s.Cover()
	s.Short("R1/1 : COVERED 3/3", "R1/1 RESERVE SO: CANCELLED 2/0")
	s.Expect("FAST 3/0/0")
}

func coverAgain(s *Site) {
	s.Wave(s.Order("R1", "2"), s.Order("R2", "5"), whole(s.Order("R3", "1", "1")))
	s.Receive("F1", "4")
	s.Wave(s.Order("R1", "2"), s.Order("R2", "5")).Are("APPLIED: APPLIED", "PARTIAL: PARTIAL")
	s.Short("R1/1 : COVERED 2/2", "R2/1 : COVERED 2/2", "R2/1 RESERVE SO: OPEN 3/0",
		"R3/1 : OPEN 1/0", "R3/2 : OPEN 1/0")
	s.Receive("F1", "9")
	s.Wave(whole(s.Order("R3", "1", "1"))).Are("APPLIED: APPLIED/APPLIED")
	s.Cover()
	s.Short("R1/1 : COVERED 2/2", "R2/1 : COVERED 2/2", "R2/1 RESERVE SO: COVERED 3/3",
		"R3/1 : COVERED 1/1", "R3/2 : COVERED 1/1")
	s.Expect("FAST 13/9/0")
}

// The key of what got nothing is free, for other content too: then that is what is wanted.
func coverOtherwise(s *Site) {
	s.Hold(s.Order("R1", "5"))
	s.Wave(urgent(s.Order("R1", "3"), 4)).Are("INSUFFICIENT: INSUFFICIENT")
	s.Short("R1/1 : OPEN 3/0")
	s.Receive("F1", "9")
	s.Cover()
	s.Short("R1/1 : COVERED 3/3")
	s.Expect("FAST 9/3/0", "R1 OPEN held=3 open=3 pinned=3")
	s.Wave(s.Order("R1", "3")).Are("REPLAYED: REPLAYED")
}

// "One key has one effect": what was covered under the line's own key is found there.
func coverReplayed(s *Site) {
	s.Wave(s.Order("R1", "2"), s.Order("R2", "5"))
	s.Receive("F1", "4")
	s.Cover()
	for range 2 {
		s.Wave(s.Order("R1", "2"), s.Order("R2", "5")).Are("REPLAYED: REPLAYED",
			"REPLAYED: REPLAYED").Line(1, 0).Qty("2", "3")
	}
	s.Short("R1/1 : COVERED 2/2", "R2/1 : COVERED 2/2", "R2/1 RESERVE SO: OPEN 3/0")
	s.Expect("FAST 4/4/0", "F1 4/4/0")
}

// coverCut lets what was covered be forgotten, as if the process had ended between its two
// transactions: that of the stock and that of the shortages.
func coverCut(s *Site) {
	s.Receive("F1", "1")
	s.Wave(s.Order("R1", "4"))
	s.Wave(s.Order("R2", "4"))
	s.Receive("F1", "2")
	s.Cover()
	s.Write(`DELETE FROM shortages WHERE warehouse = ? AND source LIKE 'SHORTAGE%'`, s.Warehouse)
	forget := func(order string, qty model.Quantity) {
		s.Write(`UPDATE shortages SET state = 'OPEN', covered = 0, qty = ? WHERE warehouse = ?
			AND order_id = ? AND state = 'COVERED'`, qty, s.Warehouse, order)
	}
	forget("R1", model.Whole(3))
	s.Short("R1/1 RESERVE SO: OPEN 3/0", "R2/1 : OPEN 4/0")
	s.Receive("F1", "2")
	s.Cover()
	half := []string{"R1/1 RESERVE SO: COVERED 2/2", "R1/1 SHORTAGE: OPEN 1/0",
		"R2/1 : COVERED 2/2", "R2/1 RESERVE SO: OPEN 2/0"}
	s.Short(half...)
	s.Expect("FAST 5/5/0")
	forget("R2", model.Whole(4))
	s.Cover() // nothing is available, and yet it is seen that it was covered
	s.Short(half...)
	s.Expect("FAST 5/5/0", "R2 OPEN held=2 open=2 pinned=2")
	s.Receive("F1", "9")
	s.Cover()
	s.Expect("FAST 14/8/0", "F1 14/8/0")
	// And a wave that was cut off before it closed what had been short.
	s.Wave(s.Order("R3", "99"), s.Order("R4", "1"))
	s.Receive("F1", "1")
	s.Wave(s.Order("R4", "1")).Are("APPLIED: APPLIED")
	forget("R4", model.Whole(1))
	s.Wave(s.Order("R4", "1")).Are("REPLAYED: REPLAYED")
	if list := s.shortages(); !strings.Contains(list, "R4/1 : COVERED 1/1") {
		s.t.Errorf("the shortages are %s", list)
	}
}

func coverCancelled(s *Site) {
	s.Hold(s.Order("R1", "2"), s.Order("R2", "2"))
	page, err := s.Allocation.Shortages(s.t.Context(), s.Warehouse,
		allocation.ShortageFilter{OrderID: "R1"}, 0, pageRows)
	if err != nil || len(page.Rows) != 1 {
		s.t.Fatalf("%d shortages: %v", len(page.Rows), err)
	}
	for _, want := range []int{1, 0} {
		ids := []int64{page.Rows[0].ID, 12345}
		if got, err := s.Allocation.CancelShortages(s.t.Context(), s.Warehouse, ids); err != nil ||
			got != want {
			s.t.Errorf("%d were cancelled, not %d: %v", got, want, err)
		}
	}
	other := New(s.t, s.DB)
	if got, err := other.Allocation.CancelShortages(s.t.Context(), other.Warehouse,
		[]int64{page.Rows[0].ID}); err != nil || got != 0 {
		s.t.Errorf("%d of another warehouse were cancelled: %v", got, err)
	}
	s.Receive("F1", "9")
	s.Cover()
	s.Short("R1/1 : CANCELLED 2/0", "R2/1 : COVERED 2/2")
	s.Wave(s.Order("R1", "2")).Are("APPLIED: APPLIED")
	s.Wave(s.Order("R3", "9"))
	s.Short("R1/1 : CANCELLED 2/0", "R2/1 : COVERED 2/2", "R3/1 RESERVE SO: OPEN 4/0")
}

func coverNothing(s *Site) {
	lot := "L1"
	s.Hold(line(s.Order("R1", "2"), func(l *model.OrderLine) { l.Batch = &lot }),
		line(s.Order("R2", "1"), func(l *model.OrderLine) { l.Pack = "CASE" }),
		line(s.Order("R3", "1"), func(l *model.OrderLine) { l.MinRemainingDays = 9 }))
	s.Receive("F1", "9", dated("L2", s.Today(3)))
	s.Receive("S1", "9")
	s.Cover()
	s.Short("R1/1 : OPEN 2/0", "R2/1 : OPEN 1/0", "R3/1 : OPEN 1/0")
	s.Receive("F1", "2", dated("L1", ""))
	s.Receive("F1", "2", inPack("CASE"))
	s.Cover()
	s.Short("R1/1 : COVERED 2/2", "R2/1 : COVERED 1/1", "R3/1 : OPEN 1/0")
	s.Expect("FAST:L1 2/2/0", "FAST*CASE 2/1/0")
}

// coverBehind has more of what nothing serves, and goes first, than one round looks at.
func coverBehind(s *Site) {
	s.Hold(s.Order("R1", "2"))
	for _, name := range []string{"H1", "H2"} {
		orders := make([]model.Order, 600)
		for i := range orders {
			orders[i] = urgent(ofSalt(s.Order(fmt.Sprint(name, i), "1")), 5)
		}
		s.Hold(orders...)
	}
	s.Receive("B1", "9", ofSKU(Salt), dated("L1", s.Today(-1)))
	s.Receive("F1", "9")
	if looked := s.Cover(); looked != 1201 {
		s.t.Errorf("%d shortages were looked at", looked)
	}
	s.Expect("FAST 9/2/0", "R1 OPEN held=2 open=2")
}
