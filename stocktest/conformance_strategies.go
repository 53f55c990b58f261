package stocktest

import (
	"testing"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// conformStrategies is about strategies that look at bins, and about pins chosen by them.
func conformStrategies(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"NEAREST goes by pick sequence", strategyNearest},
		{"FEWEST_BINS", strategyFewest},
		{"EMPTY_BIN: smallest rest first", strategyEmpty},
		{"EMPTY_BIN where the row has promised some", strategyEmptyHeld},
		{"a pin is chosen by the reservation's strategy", strategyPins},
		{"stock elsewhere is chosen by it too", strategyElsewhere},
		{"FULL_PACKS in a wave", strategyFullPacks},
		{"FULL_PACKS leaves nothing that other packs could serve", strategyMakesUp},
		{"the explanation names bins", strategyExplains},
		{"pinned, frozen and blocked stock is not taken", strategyMayNot},
	})
}

// By is an edit that reserves by a strategy.
func By(strategy string) func(*model.ReserveLine) {
	return func(line *model.ReserveLine) { line.Strategy = strategy }
}

// waveBy allocates one order by a strategy.
func (s *Site) waveBy(strategy, name string, qty ...string) WaveAnswer {
	s.t.Helper()
	return s.Allocate(model.Wave{Orders: []model.Order{s.Order(name, qty...)}, Strategy: strategy,
		CreateTasks: true})
}

func strategyNearest(s *Site) {
	s.Receive("FAST", "2")
	s.Receive("T1", "2")
	s.Receive("F3", "2", dated("SOON", "2031-01-01"))
	s.Receive("F1", "2")
	s.Receive("B1", "2", dated("LATE", "2032-01-01"))
	s.Receive("B2", "2", dated("LATE", ""))
	s.waveBy("NEAREST", "R1", "3").Are("APPLIED: APPLIED").Picks(0, "B1:LATE 2", "F1 1")
	s.waveBy("NEAREST", "R2", "2").Picks(0, "F1 1", "B2:LATE 1")
	s.waveBy("NEAREST", "R3", "6").Picks(0, "FAST-STAGING 2", "T1 1", "B2:LATE 1", "F3:SOON 2")
	s.waveBy("NEAREST", "R4", "2").Are("PARTIAL: PARTIAL").Picks(0, "T1 1")
	s.Release("R1", "").OK()
	s.Reserve("R5", "3", By("NEAREST")).OK().Legs("BULK:LATE 0/2/0", "FAST 0/1/0")
}

func strategyFewest(s *Site) {
	s.Receive("F1", "3")
	s.Receive("F2", "5")
	s.Receive("F3", "4")
	s.Receive("B1", "6", dated("L1", "2031-01-01"))
	s.waveBy("FEWEST_BINS", "R1", "3").Picks(0, "B1:L1 3")
	s.Release("R1", "").OK()
	s.waveBy("FEWEST_BINS", "R2", "7").Picks(0, "B1:L1 6", "F1 1")
	s.Release("R2", "").OK()
	s.waveBy("FEWEST_BINS", "R3", "15").Picks(0, "B1:L1 6", "F2 5", "F3 4")
	s.Release("R3", "").OK()
	// Of FAST 9 of 12 are promised: its bins give 3 together, and no more of them are of use.
	s.Reserve("HOLD", "9", func(l *model.ReserveLine) { l.Zones = []string{"FAST"} }).OK()
	s.waveBy("FEWEST_BINS", "R4", "9").Are("APPLIED: APPLIED").Picks(0, "B1:L1 6", "F1 3")
}

func strategyEmpty(s *Site) {
	s.Receive("F1", "5")
	s.Receive("F2", "2")
	s.Receive("B1", "3", dated("L1", ""))
	s.waveBy("EMPTY_BIN", "R1", "4").Picks(0, "B1:L1 2", "F2 2")
	s.waveBy("EMPTY_BIN", "R2", "2").Picks(0, "B1:L1 1", "F1 1")
}

func strategyEmptyHeld(s *Site) {
	s.Receive("F1", "9")
	s.Receive("F2", "6")
	s.Reserve("HOLD", "12").OK()
	s.waveBy("EMPTY_BIN", "R1", "3").Picks(0, "F2 3")
	s.Release("HOLD", "").OK()
	s.waveBy("EMPTY_BIN", "R2", "2").Picks(0, "F2 2")
}

func strategyPins(s *Site) {
	s.Receive("F1", "9")
	s.Receive("F2", "2")
	s.Receive("F3", "4")
	s.Reserve("R1", "5", By("EMPTY_BIN")).OK()
	s.Pin("R1", "", "3").OK().Legs("F2 0/2/0", "F3 0/1/0")
	s.Pin("R1", "", "").OK().Legs("F3 0/2/0")
	s.Reserve("R2", "3", By("FEWEST_BINS")).OK()
	s.Pin("R2", "", "").OK().Legs("F1 0/3/0")
	s.Reserve("R3", "2").OK()
	s.waveBy("EMPTY_BIN", "R3", "2").Are("APPLIED: APPLIED").Picks(0, "F1 2")
	s.Reserve("R4", "2", By("EMPTY_BIN")).OK()
	s.Wave(s.Order("R4", "2")).Are("APPLIED: APPLIED").Picks(0, "F1 1", "F3 1")
}

func strategyElsewhere(s *Site) {
	s.Receive("F1", "4")
	s.Receive("F2", "9")
	s.Receive("F3", "2")
	s.waveBy("EMPTY_BIN", "R1", "2").Picks(0, "F3 2")
	s.Pick("R1", "F3", "1", "", Short).OK().Qty("1", "0")
	s.Expect("F3>R1 SHORT 2/1", "F1>R1 OPEN 1/0", "F1 4/1/0",
		"R1 OPEN held=2 open=1 pinned=1 deducted=1")
	s.waveBy("NEAREST", "R2", "3").Picks(0, "F1 3")
	s.Report(model.Damaged, "F1", "").OK()
	s.Expect("F2 9/4/0", "F1 4/0/4", "R2 OPEN held=3 open=3 pinned=3")
	s.Short()
}

// "With FULL_PACKS and no pack asked for, qty is in base units and legs are in packs".
func strategyFullPacks(s *Site) {
	s.Receive("F1", "20")
	s.Receive("F2", "1", inPack("CASE"))
	s.Receive("B1", "5", inPack("CASE"))
	s.waveBy("FULL_PACKS", "R1", "25").Are("APPLIED: APPLIED").
		Picks(0, "B1*CASE 1", "F1 1", "F2*CASE 1").Line(0, 0).Qty("25", "0").
		Legs("FAST*CASE 0/1/0", "BULK*CASE 0/1/0", "FAST 0/1/0", "F2*CASE 0/1/0",
			"B1*CASE 0/1/0", "F1 0/1/0")
	s.waveBy("FULL_PACKS", "R1", "25").Are("REPLAYED: REPLAYED").Line(0, 0).Qty("25", "0")
	s.waveBy("FULL_PACKS", "R2", "80").Are("PARTIAL: PARTIAL").Line(0, 0).Qty("67", "13")
	s.Short("R2/1 RESERVE SO: OPEN 13/0")
	s.Receive("F2", "1", inPack("CASE"))
	s.Cover()
	s.Short("R2/1 RESERVE SO: COVERED 12/12", "R2/1 SHORTAGE: OPEN 1/0")
	s.Expect("F2*CASE 2/2/0", "FAST*CASE 2/2/0")
	packed := line(s.Order("R3", "1"), func(l *model.OrderLine) { l.Pack = "CASE" })
	s.Release("R1", "").OK()
	s.Allocate(model.Wave{Orders: []model.Order{packed}, Strategy: "FULL_PACKS",
		CreateTasks: true}).Are("APPLIED: APPLIED").Picks(0, "F2*CASE 1")
}

func strategyMakesUp(s *Site) {
	pack := func(code string, of int64) model.Pack {
		return model.Pack{Code: code, Size: model.Fraction{Numerator: of, Denominator: 1}}
	}
	packs := []model.Pack{pack("SIX", 6), pack("FOUR", 4)}
	s.Masters(s.Catalog.UpsertSKUs(s.t.Context(),
		[]master.SKUInput{{Code: "MIXED", Packs: &packs}}))
	mixed := func(pack string) func(*model.ReceiveLine) {
		return func(l *model.ReceiveLine) { l.At.SKU, l.At.Pack = "MIXED", pack }
	}
	s.Receive("F1", "3", mixed("SIX"))
	s.Receive("F2", "3", mixed("FOUR"))
	s.Reserve("R1", "8", By("FULL_PACKS"), func(l *model.ReserveLine) { l.Item.SKU = "MIXED" }).
		OK().Legs("FAST/MIXED*FOUR 0/2/0")
	s.Release("R1", "").OK()
	order := line(s.Order("R2", "16"), func(l *model.OrderLine) { l.SKU = "MIXED" })
	s.Allocate(model.Wave{Orders: []model.Order{whole(order)}, Strategy: "FULL_PACKS",
		CreateTasks: true}).Are("APPLIED: APPLIED").Picks(0, "F1/MIXED*SIX 2", "F2/MIXED*FOUR 1")
}

func strategyExplains(s *Site) {
	s.Receive("F1", "2")
	s.Receive("F2", "5")
	s.Receive("F3", "1", dated("OLD", s.Today(-1)))
	for _, bins := range []map[string]string{{"F1": "2", "F2": "1", "": "0"}} {
		for _, looked := range s.waveBy("NEAREST", "R1", "3").Orders[0].Lines[0].Explanation {
			if looked.Taken != s.Qty(bins[looked.Bin]) || looked.Zone != "FAST" ||
				(looked.Bin == "") != (looked.Skipped == "EXPIRED") {
				s.t.Errorf("it explains %+v", looked)
			}
		}
	}
}

func strategyMayNot(s *Site) {
	for _, bin := range []string{"F1", "F2", "F3"} {
		s.Receive(bin, "4")
	}
	s.Reserve("HOLD", "3").OK()
	s.Pin("HOLD", "F1", "3").OK()
	s.Freeze("F2", "3").OK()
	s.Block("F3").OK()
	for _, strategy := range []string{"NEAREST", "FEWEST_BINS", "EMPTY_BIN", "FULL_PACKS"} {
		s.waveBy(strategy, strategy, "9").Are("PARTIAL: PARTIAL").Picks(0, "F1 1", "F2 1")
		s.Release(strategy, "").OK()
	}
}
