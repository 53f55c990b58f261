package stocktest

import (
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// conformEdges is where several sentences of the contract meet.
func conformEdges(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"unpin acts on open pick tasks only", unpinStates},
		{"unpin keeps the hold", unpinKeepsHold},
		{"picked goods that are damaged", pickedDamaged},
		{"picked goods that are gone", pickedShort},
		{"short with full packs takes other packs", shortFullPacks},
		{"short with full packs replaces whole packs only", shortWholePacks},
		{"full packs of thirds in several bins", pinThirds},
		{"restore with full packs is in base units", restoreFullPacks},
		{"a quantity of 0 is not one that was left out", zeroIsNotNone},
		{"two engines on one warehouse", twoEngines},
		{"250 lines in one call", manyLines},
		{"ALL_OR_NOTHING over several SKUs", severalSKUs},
		{"at most 50 rows are explained", explainsFifty},
		{"a bin of each kind may be left empty and filled again", cells},
	})
}

func unpinStates(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "5").OK()
	done := s.Pin("R1", "F1", "1").OK()
	s.Pick("R1", "F1", "1", "", func(l *model.PickLine) { l.Key = done.Task }).OK()
	s.Unpin(done).Refused(model.InvalidState, "task", "DONE")
	cancelled := s.Pin("R1", "F1", "1").OK()
	s.Unpin(cancelled).OK().Qty("1", "0")
	s.Unpin(cancelled).Refused(model.InvalidState, "task", "CANCELLED")
	short := s.Pin("R1", "F1", "2").OK()
	s.Pick("R1", "F1", "1", "", Short).OK()
	s.Unpin(short).Refused(model.InvalidState, "task", "SHORT")
	s.Unpin(s.Report(model.Overage, "F1", "").OK()).Refused(model.InvalidState, "task", "COUNT")
}

// "Cancel a task (its id); the reservation keeps its hold".
func unpinKeepsHold(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "4").OK()
	pinned := s.Pin("R1", "", "").OK()
	s.Pick("R1", "F1", "1", "").OK()
	s.Unpin(pinned).OK().Qty("3", "0").Legs("F1 0/-3/0")
	s.Expect("R1 OPEN held=4 open=3 deducted=1", "F1 4/0/0", "FAST 4/3/0",
		"F1>R1 CANCELLED 4/1")
	s.Pin("R1", "", "").OK().Qty("3", "0")
}

// An exception on a tote makes other stock the reservation's, to be picked.
func pickedDamaged(s *Site) {
	picked(s)
	s.Receive("B1", "9")
	s.Report(model.Damaged, "T1", "3").OK().Qty("3", "0").
		Legs("T1 0/-3/3", "F1 0/2/0", "B1 0/1/0", "FAST 0/-1/3", "BULK 0/1/0")
	s.Expect("R1 OPEN held=6 open=6 pinned=4", "T1 4/1/3", "F1>R1 OPEN 2/0", "B1>R1 OPEN 1/0",
		"T1>COUNT OPEN 3/0")
}

// What was to come from a tote are the goods picked into it.
func pickedShort(s *Site) {
	picked(s)
	s.Receive("B1", "9")
	s.Pick("R1", "T1", "1", "", Short).OK().Qty("1", "0").
		Legs("T1 -1/-4/3", "F1 0/2/0", "B1 0/1/0", "FAST -1/-2/3", "BULK 0/1/0")
	s.Expect("R1 OPEN held=6 open=5 pinned=3 deducted=1", "T1 3/0/3", "F1>R1 OPEN 2/0",
		"T1>COUNT OPEN 3/0")
	s.Count("T1", "0").OK()
	s.Expect("T1 0/0/0")
}

func shortFullPacks(s *Site) {
	s.Receive("F1", "2", inPack("CASE"))
	s.Receive("F2", "3", inPack("BOX"))
	s.Receive("B1", "9")
	s.Reserve("R1", "24", fullPacks).OK()
	s.Pin("R1", "F1", "").OK().Qty("24", "0")
	s.Pick("R1", "F1", "1", "", Short, func(l *model.PickLine) { l.From.Pack = "CASE" }).OK().
		Qty("1", "0").Legs("F1*CASE -1/-2/1", "F2*BOX 0/2/0", "FAST*CASE -1/-2/1",
		"FAST*BOX 0/2/0")
	s.Expect("R1 OPEN held=24 open=12 pinned=2 deducted=12")
	s.Deduct("R1", "").OK().Qty("12", "0")
	s.Expect("R1 DEDUCTED held=24 deducted=24")
}

func shortWholePacks(s *Site) {
	s.Receive("F1", "3", inPack("CASE"))
	s.Receive("F2", "20")
	s.Reserve("R1", "36", fullPacks).OK()
	s.Pin("R1", "F1", "").OK()
	// 2 cases are missing, and 20 pieces stand for one of them.
	s.Pick("R1", "F1", "1", "", Short, func(l *model.PickLine) { l.From.Pack = "CASE" }).OK().
		Qty("1", "1").Legs("F1*CASE -1/-3/2", "F2 0/12/0", "FAST*CASE -1/-3/2", "FAST 0/12/0")
	s.Expect("R1 OPEN held=36 open=12 pinned=12 deducted=12 released=12")
}

func pinThirds(s *Site) {
	flour := func(l *model.ReserveLine) { l.Item.SKU, l.Strategy = Flour, "FULL_PACKS" }
	thirds := func(l *model.ReceiveLine) { l.At.SKU, l.At.Pack = Flour, "THIRD" }
	for _, bin := range []string{"F1", "F2", "F3"} {
		s.Receive(bin, "2", thirds).OK()
	}
	s.Reserve("R1", "2", flour).OK().Legs("FAST/FLOUR*THIRD 0/6/0")
	s.Pin("R1", "", "").OK().Qty("2", "0")
	s.Deduct("R1", "1").OK().Legs("FAST/FLOUR*THIRD -3/-3/0", "F1/FLOUR*THIRD -2/-2/0",
		"F2/FLOUR*THIRD -1/-1/0")
	s.Deduct("R1", "").OK()
	s.Expect("R1 DEDUCTED held=2 deducted=2", "FAST/FLOUR*THIRD 0/0/0")
}

func restoreFullPacks(s *Site) {
	s.Receive("F1", "2", inPack("CASE"))
	s.Receive("F1", "5")
	s.Reserve("R1", "29", fullPacks).OK()
	left := s.Deduct("R1", "").OK().Qty("29", "0")
	s.Restore(left, "5").Refused(model.Invalid, "qty", "CASE")
	s.Restore(left, "12").OK().Qty("12", "0").Legs("FAST*CASE 1/0/0", "F1*CASE 1/0/0")
	s.Restore(left, "14").OK().Legs("FAST*CASE 1/0/0", "FAST 2/0/0", "F1*CASE 1/0/0", "F1 2/0/0")
	s.Restore(left, "4").Refused(model.InvalidState, "qty", "3")
	s.Restore(left, "").OK().Qty("3", "0")
	s.Expect("F1*CASE 2/0/0", "F1 5/0/0")
}

func zeroIsNotNone(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "5").OK()
	all := s.Release("R1", "").OK()
	s.Release("R1", "", func(l *model.ReleaseLine) { l.Key = all.Line }).Is(model.Replayed)
	s.Release("R1", "0", func(l *model.ReleaseLine) { l.Key = all.Line }).
		Refused(model.KeyConflict, "key")
}

// What one process changes the other sees, masters too.
func twoEngines(s *Site) {
	other := *s
	other.Catalog = master.New(s.DB)
	other.start()
	s.Receive("F1", "5").OK()
	other.trace = other.traces()
	other.NextLine()
	other.Receive("F2", "5").OK()
	s.trace = s.traces()
	s.Block("F3").OK()
	other.trace = other.traces()
	other.Receive("F3", "1").Refused(model.InvalidState, "bin", "F3")
	other.Reserve("R1", "8").OK()
	s.trace = s.traces()
	s.Reserve("R2", "3").Refused(model.Insufficient, "qty", "2", "R1/1 holds 8")
	s.Masters(s.Catalog.UpsertZones(s.t.Context(), []master.ZoneInput{{Warehouse: s.Warehouse,
		Code: "FAST", Allocatable: new(false)}}))
	other.Reserve("R2", "2").Refused(model.Insufficient, "qty", "NOT_ALLOCATABLE")
	s.Deduct("R1", "").OK()
	s.Expect("FAST 2/0/0", "R1 DEDUCTED held=8 deducted=8")
}

func manyLines(s *Site) {
	const lines = flow.LinesMax
	var receive []model.ReceiveLine
	var reserve []model.ReserveLine
	var deduct []model.DeductLine
	for i := range lines {
		at := s.InZone("F1")
		at.Batch = fmt.Sprintf("L%03d", i)
		receive = append(receive, model.ReceiveLine{Key: s.NextLine(), At: at, Bin: "F1",
			Qty: model.Whole(2)})
		line := s.reserving(fmt.Sprint("R", i), "1")
		line.Batch = &at.Batch
		reserve = append(reserve, line)
		deduct = append(deduct, model.DeductLine{Key: line.Key, Warehouse: s.Warehouse})
	}
	allApplied := func(results []model.Result) {
		s.t.Helper()
		for i, result := range results {
			if result.Code != model.Applied {
				s.t.Fatalf("line %d: %+v", i, result)
			}
		}
	}
	allApplied(Call(s, s.Tier2.Receive, allOrNothing, receive...))
	allApplied(Call(s, s.Allocation.Reserve, allOrNothing, reserve...))
	allApplied(Call(s, s.Tier2.Deduct, flow.Mode{}, deduct...))
	for _, result := range Call(s, s.Tier2.Deduct, allOrNothing, deduct...) {
		if result.Code != model.Replayed || result.Applied != model.One {
			s.t.Fatalf("%+v", result)
		}
	}
	s.Expect("F1:L000 1/0/0", "F1:L249 1/0/0", "R249 DEDUCTED held=1 deducted=1")
}

func severalSKUs(s *Site) {
	var lines []model.ReceiveLine
	for _, sku := range []string{Salt, Tea, Flour} {
		at := s.InZone("F1")
		at.SKU = sku
		lines = append(lines, model.ReceiveLine{Key: s.NextLine(), At: at, Qty: model.Whole(2)})
	}
	lines[1].At.Pack = "KEG"
	s.wantCodes(Call(s, s.Tier2.Receive, allOrNothing, lines...), model.Skipped, model.Invalid,
		model.Skipped)
	lines[1].At.Pack = ""
	s.wantCodes(Call(s, s.Tier2.Receive, allOrNothing, lines...), model.Applied, model.Applied,
		model.Applied)
	s.Expect("FAST 2/0/0", "FAST/SALT 2/0/0", "FAST/FLOUR 2/0/0")
}

func explainsFifty(s *Site) {
	var lines []model.ReceiveLine
	for i := range model.CandidatesMax + 5 {
		at := s.InZone("F1")
		at.Batch = fmt.Sprint("L", i)
		lines = append(lines, model.ReceiveLine{Key: s.NextLine(), At: at, Qty: model.One})
	}
	Call(s, s.Tier2.Receive, flow.Mode{}, lines...)
	reserved := s.Reserve("R1", "52").OK().Qty("52", "0")
	if explained := len(reserved.Explanation); explained != model.CandidatesMax {
		s.t.Errorf("%d rows are explained", explained)
	}
}

// "Totes and tote cells are bins".
func cells(s *Site) {
	s.Masters(s.Catalog.UpsertBins(s.t.Context(), []master.BinInput{{Warehouse: s.Warehouse,
		Zone: "FAST", Code: "T1-A", Kind: new(model.ToteCell), Parent: new("T1")}}))
	s.Zones["T1-A"] = "FAST"
	s.Receive("F1", "5")
	s.Reserve("R1", "2").OK()
	s.Pick("R1", "F1", "2", "T1-A").OK().Legs("F1 -2/0/0", "T1-A 2/2/0")
	left := s.Deduct("R1", "").OK().Legs("FAST -2/-2/0", "T1-A -2/-2/0")
	s.Restore(left, "").OK().Legs("FAST 2/0/0", "FAST-STAGING 2/0/0")
	s.Receive("T1-A", "1").OK()
	s.Expect("T1-A 1/0/0", "FAST 6/0/0")
}
