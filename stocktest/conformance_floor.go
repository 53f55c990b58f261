package stocktest

import (
	"testing"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// conformFloor is the rest of the contract's "Holds and pins": moves, short picks, exceptions,
// blocked bins, and what comes back.
func conformFloor(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"a move takes free stock, what is pinned or frozen stays", moveFree},
		{"across zones only what tier 2 has available goes", moveAcross},
		{"withReservation takes its pin first, then free stock", moveWith},
		{"withReservation across zones", moveWithAcross},
		{"frozen stock stays frozen", moveFrozen},
		{"short: the rest moves to stock outside that bin", shortMoves},
		{"short: what finds none counts as released", shortShortage},
		{"short: others' pins and promises stay", shortOthers},
		{"short without a pin", shortUnpinned},
		{"short with nothing left to come", shortOfNothing},
		{"short honours what the reservation asked for", shortAsked},
		{"short into a tote", shortToTote},
		{"a count closes the COUNT task and unfreezes first", countCloses},
		{"exceptions freeze what is in doubt", exceptionFreezes},
		{"exceptions pin elsewhere, the named one first", exceptionNamed},
		{"exceptions pin elsewhere, then the newest first", exceptionNewest},
		{"OVERAGE and OTHER freeze nothing", exceptionOverage},
		{"BIN_BLOCKED acts on its row", exceptionBlocked},
		{"a blocked bin lets nothing in", blockedLetsNothingIn},
		{"in a blocked bin what is added is frozen", blockedAdds},
		{"unblock unfreezes nothing", unblockKeepsFrozen},
		{"restore gives back to the bins the goods left", restoreBins},
		{"or to the staging bin of the zone they left", restoreStaging},
		{"restore re-opens no hold", restoreNoHold},
	})
}

// "A move takes free stock; what is pinned or frozen stays." Within a zone tier 2 does not change,
// so what is only promised may be moved.
func moveFree(s *Site) {
	s.Receive("F1", "10")
	s.Reserve("R1", "8").OK()
	s.Pin("R1", "F1", "3").OK()
	s.Freeze("F1", "2").OK()
	s.Move("F1", "F2", "6").Refused(model.Insufficient, "qty", "5", "R1/1 holds 3", "2 frozen")
	s.Move("F1", "F2", "5").OK().Legs("F1 -5/0/0", "F2 5/0/0")
	s.Expect("F1 5/3/2", "F2 5/0/0", "FAST 10/8/2")
}

func moveAcross(s *Site) {
	s.Receive("F1", "10")
	s.Reserve("R1", "8").OK()
	s.Move("F1", "B1", "3").Refused(model.Insufficient, "qty", "2", "FAST", "R1/1 holds 8")
	s.Move("F1", "B1", "2").OK().Legs("F1 -2/0/0", "B1 2/0/0", "FAST -2/0/0", "BULK 2/0/0")
}

// "withReservation takes that reservation's pin there first (its task follows), then free stock
// under its hold".
func moveWith(s *Site) {
	s.Receive("F1", "10")
	s.Reserve("R1", "6").OK()
	s.Reserve("R2", "2").OK()
	s.Pin("R1", "F1", "3").OK()
	s.Pin("R2", "F1", "1").OK()
	s.Move("F1", "F2", "2", With("R1")).OK().Legs("F1 -2/-2/0", "F2 2/2/0")
	s.Expect("F1>R1 OPEN 1/0", "F2>R1 OPEN 2/0")
	s.Move("F1", "F3", "4", With("R1")).OK().Legs("F1 -4/-1/0", "F3 4/1/0")
	s.Expect("F3>R1 OPEN 1/0", "F2>R1 OPEN 2/0", "R1 OPEN held=6 open=6 pinned=3", "F1 4/1/0")
	s.Move("F1", "F3", "4", With("R1")).Refused(model.InvalidState, "qty", "3")
	s.Move("F1", "F3", "3", With("R1")).OK().Legs("F1 -3/0/0", "F3 3/0/0")
	s.Adjust("F2", "-1").Refused(model.Insufficient, "delta", "R1/1 holds 2")
}

func moveWithAcross(s *Site) {
	s.Receive("F1", "10")
	s.Receive("B2", "1")
	s.Reserve("R1", "6").OK()
	s.Reserve("R2", "4").OK()
	s.Pin("R1", "F1", "3").OK()
	s.Pin("R2", "F1", "4").OK()
	s.Move("F1", "B1", "7", With("R1")).Refused(model.InvalidState, "qty", "6")
	s.Move("F1", "B1", "5", With("R1")).OK().Legs("F1 -5/-3/0", "B1 5/3/0", "FAST -5/-5/0",
		"BULK 5/5/0")
	s.Expect("B1>R1 OPEN 3/0", "R1 OPEN held=6 open=6 pinned=3", "FAST 5/5/0", "BULK 6/5/0")
	s.Pick("R1", "B1", "5", "").OK()
	s.Deduct("R1", "").OK().Legs("FAST -1/-1/0", "F1 -1/0/0")
	s.Expect("R1 DEDUCTED held=6 deducted=6", "B1>R1 DONE 3/3", "FAST 4/4/0", "BULK 1/0/0")
}

// "frozen moves frozen stock, which stays frozen".
func moveFrozen(s *Site) {
	frozen := func(l *model.MoveLine) { l.Frozen = true }
	s.Receive("F1", "5")
	s.Freeze("F1", "3").OK()
	s.Move("F1", "F2", "1", frozen).OK().Legs("F1 -1/0/-1", "F2 1/0/1")
	s.Move("F1", "B1", "2", frozen).OK().Legs("F1 -2/0/-2", "B1 2/0/2", "FAST -2/0/-2",
		"BULK 2/0/2")
	s.Expect("F1 2/0/0", "FAST 3/0/1", "BULK 2/0/2")
	s.Receive("F3", "1")
	s.Block("F3").OK()
	s.Move("F3", "B1", "1", frozen).OK()
	s.Expect("F3 0/0/0", "BULK 3/0/3")
}

// "First the rest of what was to come from there lets go; then what is left in that bin, less
// others' pins and no more than tier 2 has available, is frozen, and an exception and a COUNT task
// are recorded; then the rest's hold and pin move to stock outside that bin, in the same answer".
func shortMoves(s *Site) {
	s.Receive("F1", "6")
	s.Receive("F2", "6")
	s.Receive("B1", "6")
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "F1", "").OK()
	short := s.Pick("R1", "F1", "2", "", Short).OK().Qty("2", "0").
		Legs("F1 -2/-6/4", "F2 0/4/0", "FAST -2/-2/4")
	s.Expect("F1 4/0/4", "F2 6/4/0", "FAST 10/4/4", "R1 OPEN held=6 open=4 pinned=4 deducted=2",
		"F1>R1 SHORT 6/2", "F2>R1 OPEN 4/0", "F1>COUNT OPEN 4/0")
	if kinds := len(short.Tasks); kinds != 3 {
		s.t.Errorf("the answer shows %d tasks, not the short, the count and the new one: %+v",
			kinds, short.Tasks)
	}
	if replay := s.Pick("R1", "F1", "2", "", Short, func(l *model.PickLine) {
		l.Key = short.Task
	}); replay.Code != model.Replayed || replay.Applied != short.Applied {
		s.t.Errorf("its replay is %+v", replay.Result)
	}
}

// "What finds none counts as released and is the shortage".
func shortShortage(s *Site) {
	s.Receive("F1", "6")
	s.Receive("B1", "1")
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "", "").OK()
	first := s.Pick("R1", "F1", "2", "", Short).OK().Qty("2", "3").
		Legs("F1 -2/-6/4", "B1 0/1/0", "FAST -2/-6/4", "BULK 0/1/0")
	s.Expect("R1 OPEN held=6 open=1 pinned=1 deducted=2 released=3", "F1>COUNT OPEN 4/0")
	s.Pick("R1", "F1", "2", "", Short, func(l *model.PickLine) { l.Key = first.Task }).
		Is(model.Replayed).Qty("2", "3")
	s.Pick("R1", "B1", "1", "").OK()
	s.Expect("R1 DEDUCTED held=6 deducted=3 released=3")
	s.Receive("F2", "2")
	s.Reserve("R2", "2").OK()
	s.Pin("R2", "F2", "").OK()
	s.Pick("R2", "F2", "1", "", Short).OK().Qty("1", "1")
	s.Expect("R2 RELEASED held=2 deducted=1 released=1")
}

func shortOthers(s *Site) {
	s.Receive("F1", "9")
	s.Receive("F2", "2")
	s.Reserve("R1", "4").OK()
	s.Reserve("R2", "3").OK()
	s.Reserve("R3", "3").OK()
	s.Pin("R1", "F1", "4").OK()
	s.Pin("R2", "F1", "3").OK()
	// 1 of 4 is found. 3 are pinned for R2, so 5 could be frozen, but R3 leaves tier 2 only 4.
	s.Pick("R1", "F1", "1", "", Short).OK().Qty("1", "3").
		Legs("F1 -1/-4/4", "FAST -1/-4/4")
	s.Expect("F1 8/3/4", "FAST 10/6/4", "F1>R2 OPEN 3/0", "R3 OPEN held=3 open=3")
	s.Pin("R3", "", "").OK().Legs("F1 0/1/0", "F2 0/2/0")
}

func shortUnpinned(s *Site) {
	s.Receive("F1", "6")
	s.Receive("B1", "6")
	s.Reserve("R1", "5").OK()
	s.Pick("R1", "F1", "2", "", Short).OK().Qty("2", "0").
		Legs("F1 -2/0/4", "FAST -2/-5/4", "BULK 0/3/0")
	s.Expect("R1 OPEN held=5 open=3 deducted=2", "F1>COUNT OPEN 4/0")
}

func shortOfNothing(s *Site) {
	s.Receive("F1", "6")
	s.Reserve("R1", "4").OK()
	s.Pin("R1", "", "").OK()
	s.Pick("R1", "F1", "4", "", Short).OK().Qty("4", "0").Legs("F1 -4/-4/2", "FAST -4/-4/2")
	s.Expect("R1 DEDUCTED held=4 deducted=4", "F1>R1 DONE 4/4", "F1>COUNT OPEN 2/0")
	// A bin that is empty now is counted all the same.
	s.Receive("F2", "4")
	s.Reserve("R2", "4").OK()
	s.Pick("R2", "F2", "4", "", Short).OK().Legs("F2 -4/0/0", "FAST -4/-4/0")
	s.Expect("F2>COUNT OPEN 0/0", "R2 DEDUCTED held=4 deducted=4")
}

func shortAsked(s *Site) {
	s.Receive("F1", "4", dated("L1", ""))
	s.Receive("F2", "4", dated("L2", ""))
	s.Receive("F3", "2", dated("L1", ""))
	s.Receive("B1", "4", dated("L1", ""))
	s.Reserve("R1", "4", func(l *model.ReserveLine) {
		l.Batch, l.Zones = new("L1"), []string{"FAST"}
	}).OK()
	s.Pin("R1", "F1", "").OK()
	from := func(l *model.PickLine) { l.From.Batch, l.Short = "L1", true }
	s.Pick("R1", "F1", "1", "", from).OK().Qty("1", "1").
		Legs("F1:L1 -1/-4/3", "F3:L1 0/2/0", "FAST:L1 -1/-2/3")
	s.Expect("R1 OPEN held=4 open=2 pinned=2 deducted=1 released=1")
}

func shortToTote(s *Site) {
	s.Receive("F1", "4")
	s.Receive("F2", "4")
	s.Reserve("R1", "4").OK()
	s.Pin("R1", "F1", "").OK()
	s.Pick("R1", "F1", "1", "T2", Short).OK().Qty("1", "0").
		Legs("F1 -1/-4/3", "T2 1/1/0", "F2 0/3/0", "FAST -1/-1/3", "BULK 1/1/0")
	s.Expect("R1 OPEN held=4 open=4 pinned=4", "F1>R1 SHORT 4/1", "F2>R1 OPEN 3/0", "T2 1/1/0")
}

// "A count of a row with an open COUNT task closes it, and first unfreezes, in the same effect,
// what that task's short or exception froze." What was frozen otherwise stays so.
func countCloses(s *Site) {
	s.Receive("F1", "9")
	s.Freeze("F1", "2").OK()
	s.Reserve("R1", "4").OK()
	s.Pin("R1", "", "").OK()
	s.Pick("R1", "F1", "1", "", Short).OK()
	s.Report(model.Overage, "F1", "").OK()
	s.Expect("F1 8/0/8", "F1>COUNT OPEN 6/0, OPEN 0/0")
	s.Count("F1", "1").Refused(model.InvalidState, "counted", "2")
	s.Count("F1", "3").OK().Qty("3", "0").Legs("F1 -5/0/-6", "FAST -5/0/-6")
	s.Expect("F1 3/0/2", "F1>COUNT DONE 6/6, DONE 0/0")
	s.Count("F1", "4").OK().Legs("F1 1/0/0", "FAST 1/0/0")
	s.Report(model.Damaged, "F1", "1").OK()
	s.Count("F1", "4").OK().Legs("F1 0/0/-1", "FAST 0/0/-1")
}

// "Every kind but OVERAGE and OTHER freezes qty (left out: all) of the row as short does." "Every
// kind but OTHER records a COUNT task".
func exceptionFreezes(s *Site) {
	for _, kind := range []model.ExceptionKind{model.ShortPick, model.BinEmpty, model.Damaged,
		model.WrongSKU, model.WrongBatch, model.BinBlocked} {
		on := New(s.t, s.DB)
		on.Receive("F1", "9").OK()
		on.Reserve("R1", "4").OK()
		on.Report(kind, "F1", "2").OK().Qty("2", "0").Legs("F1 0/0/2", "FAST 0/0/2")
		on.Expect("F1 9/0/2", "F1>COUNT OPEN 2/0", "R1 OPEN held=4 open=4")
		// All of it, and no more than tier 2 has available: R1 still has its 4.
		on.Report(kind, "F1", "").OK().Qty("3", "0").Legs("F1 0/0/3", "FAST 0/0/3")
		on.Expect("F1 9/0/5", "FAST 9/4/5", "F1>COUNT OPEN 2/0, OPEN 3/0")
		on.Count("F1", "9").OK()
		on.Expect("F1 9/0/0")
	}
}

// "Pins there are pinned elsewhere, the named reservation's first".
func exceptionNamed(s *Site) {
	s.Receive("F1", "6")
	s.Receive("F2", "3")
	for _, name := range []string{"R1", "R2", "R3"} {
		s.Reserve(name, "2").OK()
		s.Pin(name, "F1", "2").OK()
	}
	s.Report(model.Damaged, "F1", "1", func(l *model.ExceptionLine) {
		l.Reservation = new(Line("R2"))
	}).OK().Qty("1", "0").Legs("F1 0/-1/1", "F2 0/1/0", "FAST 0/0/1")
	s.Expect("F1>R1 OPEN 2/0", "F1>R2 OPEN 1/0", "F2>R2 OPEN 1/0", "F1>R3 OPEN 2/0")
}

// "Then the newest first." What finds none is released, as with short.
func exceptionNewest(s *Site) {
	s.Receive("F1", "6")
	s.Receive("B1", "3")
	for _, name := range []string{"R1", "R2", "R3"} {
		s.Reserve(name, "2").OK()
		s.Pin(name, "F1", "2").OK()
	}
	s.Report(model.Damaged, "F1", "3").OK().Qty("3", "0").
		Legs("F1 0/-3/3", "B1 0/3/0", "FAST 0/-3/3", "BULK 0/3/0")
	s.Expect("F1>R1 OPEN 2/0", "F1>R2 OPEN 1/0", "B1>R2 OPEN 1/0", "F1>R3 CANCELLED 2/0",
		"B1>R3 OPEN 2/0")
	s.Report(model.BinEmpty, "F1", "").OK().Qty("3", "3")
	s.Expect("R1 RELEASED held=2 released=2", "R2 OPEN held=2 open=1 pinned=1 released=1",
		"F1 6/0/6", "F1>R1 CANCELLED 2/0")
}

func exceptionOverage(s *Site) {
	s.Receive("F1", "6")
	s.Report(model.Overage, "F1", "").OK().Legs("F1 0/0/0", "FAST 0/0/0")
	s.Expect("F1 6/0/0", "F1>COUNT OPEN 0/0")
	other := s.Report(model.OtherException, "F2", "").OK().Legs()
	s.Expect("F1 6/0/0", "F1>COUNT OPEN 0/0", "F2>COUNT ")
	if len(other.Tasks) > 0 {
		s.t.Errorf("OTHER makes the tasks %+v", other.Tasks)
	}
}

// "BIN_BLOCKED acts on its row; blocking the bin follows as a call of its own".
func exceptionBlocked(s *Site) {
	s.Receive("F1", "6")
	s.Receive("F1", "2", dated("L1", ""))
	s.Receive("F2", "6")
	s.Reserve("R1", "4", noBatch).OK()
	s.Pin("R1", "F1", "").OK()
	s.Block("F1").Refused(model.InvalidState, "bin", "4", "R1/1 holds 4", "BIN_BLOCKED")
	s.Report(model.BinBlocked, "F1", "").OK().Qty("6", "0")
	s.Expect("F1 6/0/6", "F1:L1 2/0/0", "F2>R1 OPEN 4/0", "F2 6/4/0")
	s.Receive("F1", "1").OK()
	s.Block("F1").OK().Qty("3", "0")
	s.Expect("F1 7/0/7", "F1:L1 2/0/2")
}

func blockedLetsNothingIn(s *Site) {
	s.Receive("F2", "6")
	s.Reserve("R1", "2").OK()
	s.Block("F1").OK().Legs()
	s.Receive("F1", "1").Refused(model.InvalidState, "bin", "blocked")
	s.Move("F2", "F1", "1").Refused(model.InvalidState, "toBin", "blocked")
	s.Pick("R1", "F2", "1", "F1").Refused(model.InvalidState, "toBin", "blocked")
	s.Unblock("F1").OK().Legs()
	s.Move("F2", "F1", "1").OK()
}

// "In a blocked bin unfreeze is INVALID_STATE, and what a count or an adjustment adds is frozen".
func blockedAdds(s *Site) {
	s.Receive("F1", "6")
	s.Block("F1").OK().Qty("6", "0")
	s.Adjust("F1", "1").OK().Legs("F1 1/0/1", "FAST 1/0/1")
	s.Count("F1", "9").OK().Legs("F1 2/0/2", "FAST 2/0/2")
	s.Count("F1", "2", func(l *model.CountLine) { l.At.Batch = "L1" }).OK().
		Legs("F1:L1 2/0/2", "FAST:L1 2/0/2")
	s.Unfreeze("F1", "1").Refused(model.InvalidState, "at.bin", "blocked")
	s.Adjust("F1", "-1").Refused(model.Insufficient, "delta", "9 frozen")
	s.Adjust("F1", "-1", func(l *model.AdjustLine) { l.Frozen = true }).OK().
		Legs("F1 -1/0/-1", "FAST -1/0/-1")
	s.Report(model.Damaged, "F1", "").OK().Qty("0", "0")
	s.Count("F1", "8").OK().Legs("F1 0/0/0", "FAST 0/0/0")
	s.Expect("F1 8/0/8", "F1>COUNT DONE 0/0")
}

// "unblock opens the bin and unfreezes nothing: that takes someone who looked".
func unblockKeepsFrozen(s *Site) {
	s.Receive("F1", "6")
	s.Block("F1").OK()
	s.Unblock("F1").OK().Legs("F1 0/0/0", "FAST 0/0/0")
	s.Expect("F1 6/0/6")
	s.Reserve("R1", "1").Refused(model.Insufficient, "qty", "FROZEN")
	s.Unfreeze("F1", "6").OK()
	s.Reserve("R1", "6").OK()
}

// "restore gives free stock back to the bins it left".
func restoreBins(s *Site) {
	s.Receive("F1", "2")
	s.Receive("F2", "2")
	s.Reserve("R1", "4").OK()
	left := s.Deduct("R1", "").OK()
	s.Move("F1", "F2", "1").Refused(model.Insufficient, "qty", "0")
	s.Restore(left, "").OK().Legs("FAST 4/0/0", "F1 2/0/0", "F2 2/0/0")
	s.Reserve("R2", "4").OK()
	pick := s.Pick("R2", "F2", "2", "").OK()
	s.Restore(pick, "1").OK().Legs("FAST 1/0/0", "F2 1/0/0")
	s.Restore(pick, "").OK().Qty("1", "0")
	s.Restore(pick, "").Refused(model.InvalidState, "qty", "0")
}

// "Or, where such a bin is now blocked, gone to another zone or a tote, to the staging bin of the
// zone it left".
func restoreStaging(s *Site) {
	for _, bin := range []string{"F1", "F2", "F3", "T1", "FAST"} {
		s.Receive(bin, "1").OK()
	}
	s.Reserve("R1", "5").OK()
	left := s.Deduct("R1", "").OK()
	s.Block("F1").OK()
	s.Masters(s.Catalog.UpsertBins(s.t.Context(), []master.BinInput{{Warehouse: s.Warehouse,
		Zone: "BULK", Code: "F2"}}))
	s.Restore(left, "").OK().Legs("FAST 5/0/0", "FAST-STAGING 4/0/0", "F3 1/0/0")
	s.Expect("F1 0/0/0", "F2 0/0/0", "T1 0/0/0", "FAST-STAGING 4/0/0", "FAST 5/0/0")
}

func restoreNoHold(s *Site) {
	s.Receive("F1", "4")
	s.Reserve("R1", "4").OK()
	left := s.Deduct("R1", "3").OK()
	s.Restore(left, "").OK()
	s.Expect("R1 OPEN held=4 open=1 deducted=3", "FAST 4/1/0")
	s.Deduct("R1", "2").Refused(model.InvalidState, "qty", "1")
}
