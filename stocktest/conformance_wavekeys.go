package stocktest

import (
	"fmt"

	"tierstock/model"
)

// This file is about what a wave finds under its keys.

// "Where the PIN is missing it pins what is not pinned and the line is APPLIED; where both are
// there it is REPLAYED".
func wavePinsRest(s *Site) {
	s.Receive("F1", "3")
	s.Receive("F2", "9")
	s.Reserve("R1", "8").OK()
	s.Pin("R1", "F2", "2").OK()
	answer := s.Wave(s.Order("R1", "8")).Are("APPLIED: APPLIED").Picks(0, "F1 3", "F2 3")
	answer.Line(0, 0).Qty("6", "0").Legs("F1 0/3/0", "F2 0/3/0")
	s.Expect("R1 OPEN held=8 open=8 pinned=8", "F1 3/3/0", "F2 9/5/0",
		"F2>R1 OPEN 2/0, OPEN 3/0")
	s.Wave(s.Order("R1", "8")).Are("REPLAYED: REPLAYED").Line(0, 0).Qty("8", "0")
	s.Unpin(answer.Line(0, 0)).OK()
	s.Wave(s.Order("R1", "8")).Are("REPLAYED: REPLAYED")
	s.Expect("R1 OPEN held=8 open=8 pinned=5")
}

func wavePinsNothing(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "3").OK()
	s.Pin("R1", "", "").OK()
	s.Wave(s.Order("R1", "3")).Are("APPLIED: APPLIED").Line(0, 0).Qty("0", "0").Legs("F1 0/0/0")
	s.wantActions(Line("R1"), "RESERVE FAST", "PIN F1")
	s.Wave(s.Order("R1", "3")).Are("REPLAYED: REPLAYED")
	s.Reserve("R2", "3").OK()
	s.Pick("R2", "F1", "3", "T1").OK()
	s.Wave(s.Order("R2", "3")).Are("APPLIED: APPLIED").Picks(0)
	s.Wave(s.Order("R2", "3")).Are("REPLAYED: REPLAYED")
	s.Reserve("R3", "3").OK()
	s.Pick("R3", "F1", "2", "").OK()
	s.Wave(s.Order("R3", "3")).Are("APPLIED: APPLIED").Picks(0, "F1 1")
}

// "Against an existing reservation it compares sku, qty, owner, batch, pack and minRemainingDays
// only".
func waveTerms(s *Site) {
	s.Receive("F1", "50")
	for i, edit := range []func(*model.ReserveLine){
		func(l *model.ReserveLine) { l.Zones = []string{"FAST", "BULK"} },
		func(l *model.ReserveLine) { l.AllowPartial = true },
		func(l *model.ReserveLine) { l.TTLSeconds = new(int64(900)) },
		func(l *model.ReserveLine) { l.Strategy = "LIFO" },
		func(l *model.ReserveLine) { l.Strategy = "NEAREST" },
		func(l *model.ReserveLine) { l.Strategy = "FULL_PACKS" },
		func(l *model.ReserveLine) { l.Pack = "EA" },
		func(l *model.ReserveLine) { l.Audit = model.Audit{Note: "by hand"} },
	} {
		name := fmt.Sprint("R", i)
		s.Reserve(name, "3", edit).OK()
		s.Hold(s.Order(name, "3")).Are("REPLAYED: REPLAYED")
		s.Wave(s.Order(name, "3")).Are("APPLIED: APPLIED").Picks(0, "F1 3")
		s.Wave(s.Order(name, "3")).Are("REPLAYED: REPLAYED")
		s.Hold(s.Order(name, "4")).Are("INSUFFICIENT: KEY_CONFLICT")
	}
	s.Reserve("R", "40", func(l *model.ReserveLine) { l.AllowPartial = true }).Is(model.Partial)
	s.Wave(s.Order("R", "40")).Are("APPLIED: APPLIED").Line(0, 0).Qty("26", "0")
	s.Wave(s.Order("R", "40")).Are("REPLAYED: REPLAYED").Line(0, 0).Qty("26", "14")
	s.Short()
}

func waveContent(s *Site) {
	lot := "L1"
	s.Receive("F1", "9", dated("L1", s.Today(30)))
	s.Receive("F1", "9")
	edits := map[string]func(*model.OrderLine){
		"sku":   func(l *model.OrderLine) { l.SKU = Salt },
		"qty":   func(l *model.OrderLine) { l.Qty = model.Whole(3) },
		"batch": func(l *model.OrderLine) { l.Batch = &lot },
		"none":  func(l *model.OrderLine) { l.Batch = new("") },
		"pack":  func(l *model.OrderLine) { l.Pack = "BOX" },
		"life":  func(l *model.OrderLine) { l.MinRemainingDays = 7 },
	}
	s.Wave(s.Order("R1", "2")).Are("APPLIED: APPLIED")
	s.Reserve("R2", "2").OK()
	for name, edit := range edits {
		for _, order := range []string{"R1", "R2"} {
			for _, wave := range []func(...model.Order) WaveAnswer{s.Wave, s.Hold} {
				wave(line(s.Order(order, "2"), edit)).Are("INSUFFICIENT: KEY_CONFLICT").Line(0, 0).
					Refused(model.KeyConflict, "key")
				if s.t.Failed() {
					s.t.Fatalf("another %s", name)
				}
			}
		}
	}
	other := s.Order("R1", "2")
	other.Owner = "OWN"
	s.Hold(other).Are("INSUFFICIENT: KEY_CONFLICT")
	own := line(s.Order("R3", "1"), func(l *model.OrderLine) { l.Pack, l.Batch = "EA", new("L1") })
	s.Wave(own).Are("APPLIED: APPLIED")
	s.Wave(line(own, func(l *model.OrderLine) { l.Pack = "" })).Are("REPLAYED: REPLAYED")
	s.Wave(line(s.Order("R1", "2"), func(l *model.OrderLine) { l.Revision = 1 })).
		Are("APPLIED: APPLIED")
	s.Short()
}

func waveNoContent(s *Site) {
	s.Receive("F1", "9")
	s.Allocate(model.Wave{Orders: []model.Order{s.Order("R1", "2")}, Strategy: "LIFO"}).
		Are("APPLIED: APPLIED")
	again := urgent(s.Order("R1", "2"), 7)
	again.Audit.Note = "again"
	for _, strategy := range []string{"", "FEFO", "LIFO", "FULL_PACKS", "NEAREST"} {
		s.Allocate(model.Wave{Orders: []model.Order{again}, Strategy: strategy}).
			Are("REPLAYED: REPLAYED")
	}
	s.Allocate(model.Wave{Orders: []model.Order{whole(again)}, Strategy: "EMPTY_BIN",
		CreateTasks: true}).Are("APPLIED: APPLIED")
	s.Wave(again).Are("REPLAYED: REPLAYED")
}

func waveThenReserve(s *Site) {
	s.Receive("F1", "9")
	s.Wave(s.Order("R1", "2"), s.Order("R2", "20")).Are("APPLIED: APPLIED", "PARTIAL: PARTIAL")
	s.Reserve("R1", "2").Is(model.Replayed)
	s.Reserve("R1", "3").Is(model.KeyConflict)
}

func waveSameSKU(s *Site) {
	s.Receive("F1", "5")
	s.Receive("F2", "5")
	s.Wave(s.Order("R1", "4", "4", "4")).Are("PARTIAL: APPLIED/APPLIED/PARTIAL").
		Picks(0, "F1 4", "F1 1", "F2 3", "F2 2")
	s.Expect("F1 5/5/0", "F2 5/5/0", "FAST 10/10/0")
}

// "Two lines with the same key in one call are both INVALID".
func waveTwins(s *Site) {
	s.Receive("F1", "9")
	twins := s.Order("R1", "1", "2", "3")
	twins.Lines[2].LineID = "1"
	answer := s.Wave(twins).Are("PARTIAL: INVALID/APPLIED/INVALID")
	answer.Line(0, 0).Refused(model.Invalid, "key")
	s.Hold(s.Order("R2", "1"), s.Order("R2", "1")).
		Are("INSUFFICIENT: INVALID", "INSUFFICIENT: INVALID")
	s.Wave(s.Order("R3", "1", "1"), whole(s.Order("R3", "1", "1"))).
		Are("INSUFFICIENT: INVALID/INVALID", "INSUFFICIENT: INVALID/INVALID")
	s.Hold(whole(twins)).Are("PARTIAL: INVALID/REPLAYED/INVALID")
	revised := line(s.Order("R4", "1"), func(l *model.OrderLine) { l.Revision = 1 })
	s.Wave(s.Order("R4", "1"), revised).Are("APPLIED: APPLIED", "APPLIED: APPLIED")
	s.Short()
}

func waveTwoSites(s *Site) {
	other := New(s.t, s.DB)
	s.Receive("F1", "1")
	other.Receive("F1", "1")
	s.Wave(s.Order("R1", "1"), other.Order("R1", "1")).Are("APPLIED: APPLIED", "APPLIED: APPLIED")
	s.Expect("FAST 1/1/0")
	other.Expect("FAST 1/1/0")
}

// "A release without qty that comes before its reserve is remembered, under whichever key it came:
// APPLIED with quantity 0, and the reserve that comes late is CANCELLED".
func waveReleased(s *Site) {
	s.Receive("F1", "9")
	s.Release("R1", "").OK().Qty("0", "0")
	before := s.Picture()
	s.Wave(s.Order("R1", "2")).Are("INSUFFICIENT: CANCELLED")
	s.Hold(s.Order("R1", "2")).Are("INSUFFICIENT: CANCELLED")
	s.Same(before)
	s.Wave(whole(s.Order("R1", "2", "2"))).Are("INSUFFICIENT: CANCELLED/SKIPPED")
	s.Wave(s.Order("R1", "2", "2")).Are("PARTIAL: CANCELLED/APPLIED")
	s.Short()
}

// "Pinning or picking ends the time to live for good".
func waveTTL(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "2", ttl(900)).OK()
	s.Hold(s.Order("R1", "2")).Are("REPLAYED: REPLAYED")
	if r := s.Extend("R1", 1000).OK().Reservation; r.ExpiresAt == 0 {
		s.t.Error("holding alone ended the time to live")
	}
	if r := s.Wave(s.Order("R1", "2")).Orders[0].Lines[0].Reservation; r.ExpiresAt != 0 {
		s.t.Errorf("it is pinned, and expires at %d", r.ExpiresAt)
	}
	s.Extend("R1", 1000).Is(model.InvalidState)
	s.Elapse()
	s.Expire()
	s.Expect("R1 OPEN held=2 open=2 pinned=2")
	s.Reserve("R2", "2", ttl(900)).OK()
	s.Elapse()
	s.Wave(s.Order("R2", "2")).Are("INSUFFICIENT: INVALID_STATE").Line(0, 0).
		Refused(model.InvalidState, "lineId", "EXPIRED")
}

func waveEnded(s *Site) {
	s.Receive("F1", "9")
	s.Hold(s.Order("R1", "2"), s.Order("R2", "2")).Are("APPLIED: APPLIED", "APPLIED: APPLIED")
	s.Release("R1", "").OK()
	s.Deduct("R2", "").OK()
	s.Wave(s.Order("R1", "2"), s.Order("R2", "2")).
		Are("INSUFFICIENT: INVALID_STATE", "INSUFFICIENT: INVALID_STATE").Line(0, 0).
		Refused(model.InvalidState, "lineId", "RELEASED")
	s.Hold(s.Order("R1", "2"), s.Order("R2", "2")).Are("REPLAYED: REPLAYED", "REPLAYED: REPLAYED")
	s.Wave(s.Order("R3", "2")).Are("APPLIED: APPLIED")
	s.Release("R3", "").OK()
	s.Wave(s.Order("R3", "2")).Are("REPLAYED: REPLAYED").Line(0, 0).Qty("2", "0")
	s.Expect("FAST 7/0/0", "F1 7/0/0")
	s.Short()
}

// "For a REPLAYED line flows and qtyApplied are the first answer's".
func waveReplay(s *Site) {
	s.Receive("F1", "3")
	s.Receive("F2", "9")
	first := s.Wave(s.Order("R1", "5", "1"))
	again := s.Wave(s.Order("R1", "5", "1")).Are("REPLAYED: REPLAYED/REPLAYED").
		Picks(0, "F1 3", "F2 2", "F2 1")
	for i, line := range first.Orders[0].Lines {
		replay := again.Orders[0].Lines[i]
		if len(replay.Flows) != len(line.Flows) || replay.Applied != line.Applied {
			s.t.Fatalf("the replay of line %d shows %+v, not %+v", i, replay, line)
		}
		for f := range line.Flows {
			if replay.Flows[f].ID != line.Flows[f].ID {
				s.t.Errorf("flow %d of line %d is %s, not %s", f, i, replay.Flows[f].ID,
					line.Flows[f].ID)
			}
		}
	}
}
