package stocktest

import (
	"testing"

	"tierstock/model"
	"tierstock/store"
)

// conformHolds is the contract's "Holds and pins", up to the moves; conformance_floor.go has the
// rest. The comment on a scenario is the sentence that it tells.
func conformHolds(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"a pin ties part of a hold", pinTies},
		{"a pin has a task or marks picked goods", pinMarks},
		{"tasks of one pin share its key", pinTasks},
		{"the unpinned part first, last taken first", giveBackUnpinned},
		{"then task pins in reverse pick sequence", giveBackPins},
		{"picked goods last", giveBackPicked},
		{"closing the remainder gives back the same way", giveBackRemainder},
		{"full packs: quantities are base units, holds show packs", fullPacksUnits},
		{"a release or deduct that would split a pack is INVALID", fullPacksSplit},
		{"partial restores go back in the order they left", restoreOrder},
		{"a pick takes its own pin first, then free stock", pickOwnPinFirst},
		{"its other pins shrink to what stays open", pickShrinksPins},
		{"what is pinned for others is INSUFFICIENT", pickOthers},
		{"a pick without toBin counts as deducted", pickDeducts},
		{"a pick advances the task of its key first", pickOfTask},
		{"a second partial pick raises the revision", pickRevision},
		{"picked goods are deducted", pickedDeducted},
		{"picked goods released stay there, free", pickedReleased},
		{"picked goods are picked on", pickedPicked},
		{"picked goods move with their reservation", pickedMoved},
		{"a deduct takes picked goods, pins, then free bins", deductOrder},
		{"a deduct takes storage before staging and totes", deductKinds},
		{"never another reservation's pins", deductNotOthers},
	})
}

func pinTies(s *Site) {
	s.Receive("F1", "4")
	s.Receive("B1", "4")
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "", "5").OK().Qty("5", "0").Legs("F1 0/4/0", "B1 0/1/0")
	s.Expect("FAST 4/4/0", "BULK 4/2/0", "R1 OPEN held=6 open=6 pinned=5", "F1>R1 OPEN 4/0",
		"B1>R1 OPEN 1/0")
	s.Pin("R1", "", "").OK().Qty("1", "0").Legs("B1 0/1/0")
	s.Expect("R1 OPEN held=6 open=6 pinned=6", "B1>R1 OPEN 1/0, OPEN 1/0")
}

func pinMarks(s *Site) {
	s.Receive("F1", "4")
	s.Reserve("R1", "3").OK()
	pinned := s.Pin("R1", "", "").OK()
	if task := pinned.Tasks[0]; task.Kind != model.TaskPick || task.State != model.TaskOpen ||
		task.OrderID != "R1" || task.LineID != "1" || task.PickSequence != 1 {
		s.t.Errorf("the task is %+v", task)
	}
	s.Pick("R1", "F1", "2", "T1").OK().Legs("F1 -2/-2/0", "T1 2/2/0")
	s.Expect("R1 OPEN held=3 open=3 pinned=3", "F1>R1 OPEN 3/2", "T1 2/2/0", "FAST 4/3/0")
	if tasks := s.tasks(s.t.Context()); len(tasks) != 1 || tasks[0].ToBin != "T1" {
		s.t.Errorf("the tasks are %+v", tasks)
	}
}

// "The tasks of one pin share its key's taskId; a part that moves gets a task of its own".
func pinTasks(s *Site) {
	s.Receive("F1", "2")
	s.Receive("F2", "2")
	s.Reserve("R1", "4").OK()
	key := s.Pin("R1", "", "").OK().Task
	part := s.Move("F1", "F3", "1", With("R1")).OK()
	s.Move("F2", "F3", "2", With("R1")).OK()
	own := map[string]string{}
	for _, task := range s.tasks(s.t.Context()) {
		own[task.Bin+" "+task.Qty.String()] = task.Key.TaskID
		if task.Kind != model.TaskPick {
			s.t.Errorf("the task %+v is no PICK", task)
		}
	}
	if own["F1 1"] != key.TaskID || own["F3 2"] != key.TaskID {
		s.t.Errorf("the tasks of %s are %v", key.TaskID, own)
	}
	if id := own["F3 1"]; id == "" || id == key.TaskID || len(part.Tasks) != 2 {
		s.t.Errorf("the part that moved has the task %q; the answer shows %+v", id, part.Tasks)
	}
}

// "Whatever gives a hold back takes its unpinned part first, last taken first".
func giveBackUnpinned(s *Site) {
	s.Receive("F1", "4")
	s.Receive("B1", "4")
	s.Reserve("R1", "7").OK()
	s.Pin("R1", "B1", "1").OK()
	s.Release("R1", "1").OK().Legs("BULK 0/-1/0")
	s.Release("R1", "3").OK().Legs("BULK 0/-1/0", "FAST 0/-2/0")
	s.Expect("R1 OPEN held=7 open=3 pinned=1 released=4", "B1>R1 OPEN 1/0", "FAST 4/2/0",
		"BULK 4/1/0")
	s.Release("R1", "").OK().Legs("FAST 0/-2/0", "BULK 0/-1/0", "B1 0/-1/0")
	s.Expect("R1 RELEASED held=7 released=7", "B1>R1 CANCELLED 1/0")
}

// "Then task pins in reverse pick sequence." "A task left with nothing is CANCELLED".
func giveBackPins(s *Site) {
	for _, bin := range []string{"F2", "F3", "F1"} {
		s.Receive(bin, "2")
	}
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "F2", "2").OK()
	s.Pin("R1", "F1", "2").OK()
	s.Pin("R1", "F3", "2").OK()
	s.Release("R1", "3").OK().Legs("FAST 0/-3/0", "F3 0/-2/0", "F2 0/-1/0")
	s.Expect("F3>R1 CANCELLED 2/0", "F2>R1 OPEN 1/0", "F1>R1 OPEN 2/0",
		"R1 OPEN held=6 open=3 pinned=3 released=3")
}

// "Picked goods last".
func giveBackPicked(s *Site) {
	s.Receive("F1", "2")
	s.Receive("F2", "2")
	s.Reserve("R1", "4").OK()
	s.Pin("R1", "", "").OK()
	s.Pick("R1", "F1", "2", "T1").OK()
	s.Release("R1", "1").OK().Legs("FAST 0/-1/0", "F2 0/-1/0")
	s.Release("R1", "2").OK().Legs("FAST 0/-2/0", "F2 0/-1/0", "T1 0/-1/0")
	s.Expect("F1>R1 DONE 2/2", "F2>R1 CANCELLED 1/0", "T1 2/1/0",
		"R1 OPEN held=4 open=1 pinned=1 released=3")
}

// "closeRemainder releases the rest." "state says what ended the last of it".
func giveBackRemainder(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "F1", "4").OK()
	s.Deduct("R1", "3", func(l *model.DeductLine) { l.CloseRemainder = true }).OK().
		Qty("3", "0").Legs("FAST -3/-6/0", "F1 -3/-4/0")
	s.Expect("R1 RELEASED held=6 deducted=3 released=3", "F1>R1 CANCELLED 1/0")
	s.Reserve("R2", "2").OK()
	s.Deduct("R2", "", func(l *model.DeductLine) { l.CloseRemainder = true }).OK()
	s.Expect("R2 DEDUCTED held=2 deducted=2", "FAST 4/0/0")
}

func fullPacks(line *model.ReserveLine) { line.Strategy = "FULL_PACKS" }

func inPack(pack string) func(*model.ReceiveLine) {
	return func(line *model.ReceiveLine) { line.At.Pack = pack }
}

// "With FULL_PACKS, requested, held, open and later quantities are base units, and holds show
// packs".
func fullPacksUnits(s *Site) {
	s.Receive("F1", "2", inPack("CASE"))
	s.Receive("F1", "9")
	made := s.Reserve("R1", "29", fullPacks).OK().Qty("29", "0").
		Legs("FAST*CASE 0/2/0", "FAST 0/5/0")
	if holds := made.Reservation.Holds; len(holds) != 2 || holds[0].Reserved != model.Whole(2) ||
		holds[0].Pack != "CASE" {
		s.t.Errorf("the holds are %+v", holds)
	}
	s.Pin("R1", "", "12").OK().Qty("12", "0").Legs("F1*CASE 0/1/0")
	s.Expect("R1 OPEN held=29 open=29 pinned=1")
	s.Release("R1", "3").OK().Qty("3", "0").Legs("FAST 0/-3/0")
	s.Deduct("R1", "12").OK().Qty("12", "0").Legs("FAST*CASE -1/-1/0", "F1*CASE -1/-1/0")
	s.Release("R1", "14").OK().Qty("14", "0").Legs("FAST 0/-2/0", "FAST*CASE 0/-1/0")
	s.Expect("R1 RELEASED held=29 deducted=12 released=17", "FAST*CASE 1/0/0", "FAST 9/0/0")
	s.Reserve("R1", "29", fullPacks).Is(model.Replayed).Qty("29", "0")
}

// "A release or deduct that would split a pack is INVALID".
func fullPacksSplit(s *Site) {
	s.Receive("F1", "2", inPack("CASE"))
	s.Receive("F1", "9")
	s.Reserve("R1", "27", fullPacks).OK()
	s.Release("R1", "4").Refused(model.Invalid, "qty", "CASE")
	s.Deduct("R1", "7").Refused(model.Invalid, "qty", "CASE")
	s.Deduct("R1", "24").OK().Legs("FAST*CASE -2/-2/0", "F1*CASE -2/0/0")
	s.Release("R1", "2").OK().Legs("FAST 0/-2/0")
	s.Expect("R1 OPEN held=27 open=1 deducted=24 released=2")
}

// "Partial restores go back in the order they left".
func restoreOrder(s *Site) {
	s.Receive("F1", "2")
	s.Receive("F2", "2")
	s.Receive("B1", "4")
	s.Reserve("R1", "7").OK()
	s.Pin("R1", "F2", "2").OK()
	left := s.Deduct("R1", "").OK().Legs("FAST -4/-4/0", "BULK -3/-3/0", "F2 -2/-2/0", "F1 -2/0/0",
		"B1 -3/0/0")
	s.Restore(left, "1").OK().Legs("FAST 1/0/0", "F2 1/0/0")
	s.Restore(left, "2").OK().Legs("FAST 2/0/0", "F2 1/0/0", "F1 1/0/0")
	s.Restore(left, "").OK().Qty("4", "0").Legs("FAST 1/0/0", "BULK 3/0/0", "F1 1/0/0",
		"B1 3/0/0")
	s.Restore(left, "").Refused(model.InvalidState, "qty", "0")
	s.Expect("R1 DEDUCTED held=7 deducted=7", "FAST 4/0/0", "BULK 4/0/0")
}

// "A pick takes from a row the reservation holds, else INVALID_STATE: its own pin there first,
// then free stock of that bin".
func pickOwnPinFirst(s *Site) {
	s.Receive("F1", "6")
	s.Reserve("R1", "5").OK()
	s.Reserve("R2", "1").OK()
	s.Pin("R1", "F1", "2").OK()
	s.Pick("R1", "F1", "1", "").OK().Legs("F1 -1/-1/0", "FAST -1/-1/0")
	s.Pick("R1", "F1", "2", "").OK().Legs("F1 -2/-1/0", "FAST -2/-2/0")
	s.Expect("F1>R1 DONE 2/2", "R1 OPEN held=5 open=2 deducted=3", "F1 3/0/0")
	s.Pick("R3", "F1", "1", "").Refused(model.NotFound, "reservation")
	s.Receive("B1", "9")
	s.Reserve("R3", "1", func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }).OK()
	s.Pick("R3", "F1", "1", "").Refused(model.InvalidState, "from")
}

func pickShrinksPins(s *Site) {
	s.Receive("F1", "5")
	s.Receive("F2", "2")
	s.Receive("F3", "2")
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "F1", "1").OK()
	s.Pin("R1", "F3", "2").OK()
	s.Pin("R1", "F2", "2").OK()
	s.Pick("R1", "F1", "2", "").OK().Legs("F1 -2/-1/0", "FAST -2/-2/0")
	s.Pick("R1", "F1", "1", "").OK().Legs("F1 -1/0/0", "F3 0/-1/0", "FAST -1/-1/0")
	s.Expect("F3>R1 OPEN 1/0", "F2>R1 OPEN 2/0", "R1 OPEN held=6 open=3 pinned=3 deducted=3")
	s.Pick("R1", "F1", "2", "T2").OK()
	s.Expect("F3>R1 CANCELLED 1/0", "F2>R1 OPEN 1/0",
		"R1 OPEN held=6 open=3 pinned=3 deducted=3", "T2 2/2/0")
}

// "What is pinned for others is INSUFFICIENT and names them".
func pickOthers(s *Site) {
	s.Receive("F1", "4")
	s.Receive("F2", "4")
	s.Reserve("R1", "4").OK()
	s.Reserve("R2", "4").OK()
	s.Pin("R2", "F1", "3").OK()
	s.Pick("R1", "F1", "2", "").Refused(model.Insufficient, "qty", "1", "R2/1 holds 3")
	s.Pick("R1", "F1", "1", "").OK()
	s.Freeze("F1", "1").Refused(model.Insufficient, "qty", "R2/1 holds 3")
}

func pickDeducts(s *Site) {
	s.Receive("F1", "4")
	s.Reserve("R1", "4").OK()
	s.Pick("R1", "F1", "3", "").OK().Legs("F1 -3/0/0", "FAST -3/-3/0")
	s.Expect("R1 OPEN held=4 open=1 deducted=3")
	s.Pick("R1", "F1", "1", "").OK()
	s.Expect("R1 DEDUCTED held=4 deducted=4", "F1 0/0/0", "FAST 0/0/0")
	s.Pick("R1", "F1", "1", "").Refused(model.InvalidState, "reservation", "DEDUCTED")
}

func pickOfTask(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "6").OK()
	s.Pin("R1", "F1", "2").OK()
	second := s.Pin("R1", "F1", "2").OK().Task
	s.Pick("R1", "F1", "1", "", func(l *model.PickLine) { l.Key = second }).OK()
	s.Expect("F1>R1 OPEN 2/0, OPEN 2/1")
	s.Pick("R1", "F1", "2", "", func(l *model.PickLine) {
		l.Key = second
		l.Key.Revision = 1
	}).OK()
	s.Expect("F1>R1 OPEN 2/1, DONE 2/2")
}

// "A second partial pick of a task raises the key's revision".
func pickRevision(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "6").OK()
	task := s.Pin("R1", "F1", "").OK().Task
	for revision := range int64(3) {
		again := func(l *model.PickLine) {
			l.Key = task
			l.Key.Revision = revision
		}
		s.Pick("R1", "F1", "2", "T1", again).OK()
		s.Pick("R1", "F1", "2", "T1", again).Is(model.Replayed)
	}
	s.Expect("F1>R1 DONE 6/6", "T1 6/6/0", "R1 OPEN held=6 open=6 pinned=6")
}

// picked is 4 of R1 in the tote T1, of 6 it holds, and 4 in F1.
func picked(s *Site) {
	s.t.Helper()
	s.Receive("F1", "8").OK()
	s.Reserve("R1", "6").OK()
	s.Pick("R1", "F1", "4", "T1").OK()
	s.Expect("F1 4/0/0", "T1 4/4/0", "FAST 8/6/0", "R1 OPEN held=6 open=6 pinned=4")
}

// "Picked goods leave their bin only by deduct, release, pick or move of their own reservation;
// released, they stay there, free".
func pickedDeducted(s *Site) {
	picked(s)
	s.Deduct("R1", "3").OK().Legs("FAST -3/-3/0", "T1 -3/-3/0")
	s.Deduct("R1", "2").OK().Legs("FAST -2/-2/0", "T1 -1/-1/0", "F1 -1/0/0")
	s.Expect("T1 0/0/0", "F1 3/0/0", "R1 OPEN held=6 open=1 deducted=5")
}

func pickedReleased(s *Site) {
	picked(s)
	s.Release("R1", "").OK()
	s.Expect("T1 4/0/0", "FAST 8/0/0", "R1 RELEASED held=6 released=6")
	s.Move("T1", "F1", "4").OK()
}

func pickedPicked(s *Site) {
	picked(s)
	s.Receive("F2", "8")
	s.Reserve("R2", "8")
	s.Pick("R2", "T1", "1", "").Refused(model.Insufficient, "qty", "R1/1 holds 4")
	s.Pick("R1", "T1", "3", "T2").OK().Legs("T1 -3/-3/0", "T2 3/3/0", "FAST -3/-3/0",
		"BULK 3/3/0")
	s.Expect("R1 OPEN held=6 open=6 pinned=4", "BULK 3/3/0")
	s.Pick("R1", "T2", "3", "").OK()
	s.Pick("R1", "T1", "1", "").OK()
	s.Expect("R1 OPEN held=6 open=2 deducted=4", "T1 0/0/0", "T2 0/0/0")
}

func pickedMoved(s *Site) {
	picked(s)
	s.Move("T1", "F2", "1").Refused(model.Insufficient, "qty", "R1/1 holds 4")
	s.Move("T1", "F2", "2", With("R1")).OK().Legs("T1 -2/-2/0", "F2 2/2/0")
	s.Move("T1", "B1", "2", With("R1")).OK().Legs("T1 -2/-2/0", "B1 2/2/0", "FAST -2/-2/0",
		"BULK 2/2/0")
	s.Freeze("F2", "1").Refused(model.Insufficient, "qty", "R1/1 holds 2")
	s.Deduct("R1", "4").OK()
	s.Expect("F2 0/0/0", "B1 0/0/0", "F1 4/0/0", "R1 OPEN held=6 open=2 deducted=4")
}

// "A deduct takes the reservation's picked goods first, then its pins by pick sequence (their
// tasks shrink), then free bins by (pick sequence, code), storage before staging and totes".
func deductOrder(s *Site) {
	s.Bin("FAST", "F0", model.StorageBin, 3)
	for _, bin := range []string{"F3", "F2", "F1", "F0"} {
		s.Receive(bin, "4")
	}
	s.Reserve("R1", "13").OK()
	s.Pin("R1", "F3", "2").OK()
	s.Pin("R1", "F2", "3").OK()
	s.Pick("R1", "F1", "2", "T1").OK()
	s.Deduct("R1", "1").OK().Legs("FAST -1/-1/0", "T1 -1/-1/0")
	s.Deduct("R1", "3").OK().Legs("FAST -3/-3/0", "T1 -1/-1/0", "F2 -2/-2/0")
	s.Expect("F2>R1 OPEN 1/0", "F3>R1 OPEN 2/0")
	s.Deduct("R1", "6").OK().Legs("FAST -6/-6/0", "F2 -2/-1/0", "F3 -2/-2/0", "F1 -2/0/0")
	s.Expect("F2>R1 CANCELLED 1/0", "F3>R1 CANCELLED 2/0")
	s.Deduct("R1", "3").OK().Legs("FAST -3/-3/0", "F0 -3/0/0")
}

func deductKinds(s *Site) {
	s.Bin("FAST", "FP", model.PickBin, 9)
	s.Bin("FAST", "FT", model.ToteBin, 0)
	for _, bin := range []string{"FT", "FAST", "FP", "F2"} {
		s.Receive(bin, "1")
	}
	s.Reserve("R1", "4").OK()
	for _, bin := range []string{"F2", "FP", "FAST-STAGING", "FT"} {
		s.Deduct("R1", "1").OK().Legs("FAST -1/-1/0", bin+" -1/0/0")
	}
}

// "Never another reservation's pins".
func deductNotOthers(s *Site) {
	s.Receive("F1", "3")
	s.Receive("F2", "3")
	s.Reserve("R1", "3").OK()
	s.Reserve("R2", "3").OK()
	s.Pin("R2", "F1", "2").OK()
	s.Deduct("R1", "").OK().Legs("FAST -3/-3/0", "F1 -1/0/0", "F2 -2/0/0")
	s.Expect("F1 2/2/0", "F2 1/0/0", "F1>R2 OPEN 2/0")
	s.Deduct("R2", "").OK()
}
