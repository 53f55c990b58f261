package stocktest

import (
	"testing"

	"tierstock/model"
	"tierstock/store"
)

// conformKeys is the contract's "Keys", beyond what conformVerbs shows for each verb.
func conformKeys(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"keys are compared exactly", keysExact},
		{"one key for each action", keysByAction},
		{"the key is looked up before guards and stock", keysBeforeStock},
		{"a replay shows stocks and reservation as of now", keysReplayNow},
		{"a partial answer is replayed as it was", keysPartial},
		{"failures do not use the key up", keysAfterFailure},
		{"repeated partial releases have keys of their own", keysOfParts},
		{"a higher revision asks again", keysRevision},
		{"a release that comes before its reserve", keysEarlyRelease},
		{"under whichever key it came", keysEarlyReleaseOther},
		{"with qty it is NOT_FOUND", keysEarlyReleaseQty},
	})
}

// "Keys are compared exactly: case, accents and separators all count".
func keysExact(s *Site) {
	keys := []model.LineKey{{JobType: "A", OrderID: "B", LineID: "C"},
		{JobType: "a", OrderID: "B", LineID: "C"}, {JobType: "A", OrderID: "b", LineID: "C"},
		{JobType: "A", OrderID: "B", LineID: "c"}, {JobType: "A", OrderID: "B", LineID: "Ç"},
		{JobType: "A", OrderID: "B-", LineID: "C"}, {JobType: "A", OrderID: "B", LineID: "-C"},
		{JobType: "AB", OrderID: "B", LineID: "C"}, {JobType: "A", OrderID: "BB", LineID: "C"},
		{JobType: "A", OrderID: "B", LineID: "BC"}, {JobType: "B", OrderID: "A", LineID: "C"},
		{JobType: "A", OrderID: "B", LineID: "C", Revision: 1},
		{JobType: "A", OrderID: "B", LineID: "C", Revision: 1 << 62}}
	s.Receive("F1", "1", func(l *model.ReceiveLine) { l.Key = keys[0] }).OK()
	for _, key := range keys[1:] {
		s.Receive("F1", "1", func(l *model.ReceiveLine) { l.Key = key }).OK()
		s.Reserve("", "1", func(l *model.ReserveLine) { l.Key = key }).OK()
	}
	s.Expect("F1 13/0/0", "FAST 13/12/0")
	// Row identities too: batches that differ in case alone are two rows.
	for _, batch := range []string{"l1", "L1", "Ł1"} {
		s.Receive("F2", "1", func(l *model.ReceiveLine) { l.At.Batch = batch }).OK()
	}
	s.Expect("F2:l1 1/0/0", "F2:L1 1/0/0", "F2:Ł1 1/0/0")
}

func keysByAction(s *Site) {
	key := Line("R1")
	s.Receive("F1", "10", func(l *model.ReceiveLine) { l.Key = key }).OK()
	s.Reserve("R1", "5").OK()
	s.Deduct("R1", "2", func(l *model.DeductLine) { l.Key, l.Reservation = key, nil }).OK()
	s.Restore(Answer{Line: key}, "1", func(l *model.RestoreLine) { l.Key = key }).OK()
	s.Release("R1", "", func(l *model.ReleaseLine) { l.Key, l.Reservation = key, nil }).OK().
		Qty("3", "0")
	s.Expect("FAST 9/0/0", "R1 RELEASED held=5 deducted=2 released=3")
}

// "The key is looked up before guards and stock".
func keysBeforeStock(s *Site) {
	s.Receive("F1", "5")
	again := func(l *model.MoveLine) { l.Key = taskK() }
	s.Reserve("R1", "5").OK()
	s.Deduct("R1", "").OK()
	s.Reserve("R1", "5").Is(model.Replayed)
	s.Receive("F1", "3")
	s.Move("F1", "F2", "3", again).OK()
	s.Block("F2").OK()
	s.Move("F1", "F2", "3", again).Is(model.Replayed)
	s.Move("F1", "F2", "2", again).Refused(model.KeyConflict, "key", "content")
	s.Move("NONE", "F2", "3", again).Refused(model.KeyConflict, "key")
}

func keysReplayNow(s *Site) {
	first := s.Receive("F1", "5").OK()
	s.Receive("F1", "3")
	again := s.Receive("F1", "5", func(l *model.ReceiveLine) { l.Key = first.Line })
	again.Is(model.Replayed).Qty("5", "0")
	if now := again.BinStocks[0].OnHand; now != model.Whole(8) {
		s.t.Errorf("the replay shows %s on hand, not the 8 of now", now)
	}
	if then := again.Flows[0].After.OnHand; then != model.Whole(5) {
		s.t.Errorf("the replay's flow ends at %s, not at the 5 of then", then)
	}
	s.Reserve("R1", "6").OK()
	s.Deduct("R1", "6").OK()
	replay := s.Reserve("R1", "6").Is(model.Replayed).Qty("6", "0")
	if state := replay.Reservation.State; state != model.ReservationDeducted {
		s.t.Errorf("the replay shows the reservation %s, not DEDUCTED", state)
	}
}

func keysPartial(s *Site) {
	some := func(l *model.ReserveLine) { l.AllowPartial = true }
	s.Receive("F1", "4")
	s.Reserve("R1", "6", some).Is(model.Partial).Qty("4", "2")
	s.Receive("F1", "9")
	s.Reserve("R1", "6", some).Is(model.Replayed).Qty("4", "2")
	s.Reserve("R2", "6", some).OK().Qty("6", "0")
	s.Reserve("R3", "6", some).Is(model.Partial).Qty("3", "3")
	s.Reserve("R4", "6", some).Refused(model.Insufficient, "qty", "0")
}

// "Failures write nothing, so they do not use the key up".
func keysAfterFailure(s *Site) {
	s.Reserve("R1", "5").Refused(model.Insufficient, "qty")
	s.Receive("F1", "5")
	s.Reserve("R1", "4").OK()
	s.wantCodes(Call(s, s.Allocation.Reserve, allOrNothing, s.reserving("R2", "1"),
		s.reserving("R3", "9")), model.Skipped, model.Insufficient)
	s.Reserve("R2", "1").OK()
}

// "Repeated partial releases or deducts of a line use a key of their own (or a higher revision)
// and name the reservation".
func keysOfParts(s *Site) {
	s.Receive("F1", "10")
	s.Reserve("R1", "10")
	for revision := range int64(3) {
		s.Release("R1", "1", func(l *model.ReleaseLine) {
			l.Key = Line("R1")
			l.Key.Revision = revision
		}).OK()
		s.Deduct("R1", "2", func(l *model.DeductLine) {
			l.Key = Line("R1")
			l.Key.Revision = revision
		}).OK()
	}
	s.Expect("R1 OPEN held=10 open=1 deducted=6 released=3", "FAST 4/1/0")
}

// "revision is raised when the same line is legitimately asked for again".
func keysRevision(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "5").OK()
	s.Release("R1", "").OK()
	s.Reserve("R1", "5").Is(model.Replayed)
	s.Expect("R1 RELEASED held=5 released=5")
	s.Reserve("R1", "5", func(l *model.ReserveLine) { l.Key.Revision = 1 }).OK()
	s.Expect("R1#1 OPEN held=5 open=5", "FAST 5/5/0")
}

// "A release without qty that comes before its reserve is remembered ...: APPLIED with quantity
// 0, and the reserve that comes late is CANCELLED".
func keysEarlyRelease(s *Site) {
	s.Receive("F1", "5")
	own := func(l *model.ReleaseLine) { l.Reservation = nil; l.Key = Line("R1") }
	early := s.Release("R1", "", own).OK().Qty("0", "0").Legs()
	if early.Reservation == nil || early.Reservation.State != model.ReservationCancelled {
		s.t.Errorf("it shows the reservation %+v", early.Reservation)
	}
	s.Reserve("R1", "5").Refused(model.Cancelled, "key", "release", "revision")
	s.Reserve("R1", "4").Refused(model.Cancelled, "key")
	s.Release("R1", "", own).Is(model.Replayed)
	s.Release("R1", "").OK().Qty("0", "0")
	s.Release("R1", "1").Refused(model.InvalidState, "reservation", "CANCELLED")
	s.Deduct("R1", "").Refused(model.InvalidState, "reservation", "CANCELLED")
	s.Reserve("R1", "5", func(l *model.ReserveLine) { l.Key.Revision = 1 }).OK()
	s.Expect("R1 CANCELLED", "FAST 5/5/0")
}

func keysEarlyReleaseOther(s *Site) {
	s.Receive("F1", "5")
	s.Release("R1", "").OK().Qty("0", "0")
	s.Reserve("R1", "5").Refused(model.Cancelled, "key")
	s.Expect("R1 CANCELLED", "FAST 5/0/0")
	// One that was only tried, or undone with its call, is not remembered.
	line := model.ReleaseLine{Key: Line("R2"), Warehouse: s.Warehouse}
	failing := model.ReleaseLine{Key: Line("R3"), Warehouse: s.Warehouse, Qty: new(model.One)}
	s.wantCodes(Call(s, s.Tier2.Release, allOrNothing, line, failing), model.Skipped,
		model.NotFound)
	s.Reserve("R2", "5").OK()
}

func keysEarlyReleaseQty(s *Site) {
	s.Receive("F1", "5")
	s.Release("R1", "5").Refused(model.NotFound, "reservation", "R1")
	s.Reserve("R1", "5").OK()
}
