package stocktest

import (
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// conformTime is the contract's "Reservations" and "Counting".
func conformTime(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"the time to live is counted by the database's clock", ttlClock},
		{"past its time every verb sees it EXPIRED", ttlOver},
		{"a sweep writes it, and frees its stock", ttlSweep},
		{"extending counts from now", ttlExtend},
		{"pinning ends the time to live for good", ttlPinned},
		{"picking ends the time to live for good", ttlPicked},
		{"a release of what has ended is APPLIED with 0", releaseEnded},
		{"state says what ended the last of it", stateSays},
		{"a count is accepted while the version is the one handed out", countVersion},
		{"the version rises with every flow that changes on_hand, and only then", versionRises},
		{"a count of a row that is not there", countNew},
		{"counting what the book says is APPLIED", countSame},
		{"a count goes on beside holds and pins", countBeside},
	})
}

// "Past expiresAt, by the database's clock".
func ttlClock(s *Site) {
	s.Receive("F1", "5")
	made := s.Reserve("R1", "2", ttl(1)).OK().Reservation
	if made.ExpiresAt != made.CreatedAt.Plus(1) {
		s.t.Errorf("made at %s for a second, it expires at %s", made.CreatedAt.Time(),
			made.ExpiresAt.Time())
	}
	if s.Reserve("R2", "2").OK().Reservation.ExpiresAt != 0 {
		s.t.Error("without ttlSeconds it never expires")
	}
	time.Sleep(1100 * time.Millisecond)
	s.Expect("R1 EXPIRED held=2 open=2", "R2 OPEN held=2 open=2")
	s.Deduct("R1", "1").Refused(model.InvalidState, "reservation", "EXPIRED")
	if s.Expire(); s.Picture()["R1"] != "EXPIRED held=2 released=2" {
		s.t.Error(s.Picture())
	}
}

func ttlOver(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "5", ttl(60)).OK()
	s.Elapse()
	before := s.Picture()
	s.Deduct("R1", "").Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Release("R1", "1").Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Extend("R1", 60).Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Pin("R1", "", "").Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Pick("R1", "F1", "1", "").Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Move("F1", "F2", "1", With("R1")).Refused(model.InvalidState, "withReservation", "EXPIRED")
	s.Report(model.Damaged, "F1", "1", func(l *model.ExceptionLine) {
		l.Reservation = new(Line("R1"))
	}).Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Release("R1", "").OK().Qty("0", "0").Legs()
	s.Same(before)
	again := s.Reserve("R1", "5", ttl(60)).Is(model.Replayed)
	if state := again.Reservation.State; state != model.ReservationExpired {
		s.t.Errorf("the replay shows it %s", state)
	}
}

// "Stock of a reservation that is past its time is free to others once the EXPIRE is written".
func ttlSweep(s *Site) {
	s.Receive("F1", "5")
	s.Receive("B1", "1")
	s.Reserve("R1", "6", ttl(60)).OK()
	s.Reserve("R2", "1", ttl(60)).Is(model.Insufficient)
	s.Elapse()
	s.Reserve("R2", "1").Refused(model.Insufficient, "qty", "0", "R1/1 holds 5")
	if swept := s.Expire(); swept == 0 {
		s.t.Error("the sweep ended nothing")
	}
	s.Expect("R1 EXPIRED held=6 released=6", "FAST 5/0/0", "BULK 1/0/0")
	s.wantExpireInTier2("R1")
	if swept := s.Expire(); swept != 0 {
		s.t.Errorf("a second sweep ended %d reservations", swept)
	}
	s.Reserve("R2", "6").OK()
	s.Deduct("R1", "1").Refused(model.InvalidState, "reservation", "EXPIRED")
	s.Reserve("R1", "6", ttl(60)).Is(model.Replayed)
}

// wantExpireInTier2: EXPIRE writes "tier 2 alone".
func (s *Site) wantExpireInTier2(name string) {
	s.t.Helper()
	flows, err := flow.FlowsByLine(s.t.Context(), s.DB, s.Warehouse, Line(name))
	if err != nil {
		s.t.Fatal(err)
	}
	expired := 0
	for _, leg := range flows {
		if leg.Key.Action == model.Expire {
			expired++
		}
		if leg.Tier != model.ZoneTier {
			s.t.Errorf("a flow in tier 3: %+v", leg)
		}
	}
	if expired != 2 {
		s.t.Errorf("%d flows of EXPIRE, not one for each row held", expired)
	}
}

// "A new time to live, counted from now".
func ttlExtend(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "2", ttl(5)).OK()
	s.Reserve("R2", "2").OK()
	s.Write("UPDATE reservations SET created_at = created_at - 1000000000 WHERE warehouse = ?",
		s.Warehouse)
	for _, name := range []string{"R1", "R2"} {
		extended := s.Extend(name, 100).OK().Legs().Reservation
		after := extended.ExpiresAt.Time().Sub(extended.CreatedAt.Time())
		if after < 1100*time.Second || after > 1200*time.Second {
			s.t.Errorf("%s expires %s after it was made, not 100s after now", name, after)
		}
	}
	s.Elapse()
	s.Expect("R1 EXPIRED held=2 open=2", "R2 EXPIRED held=2 open=2")
}

// "Pinning or picking ends the time to live for good (expiresAt is gone; unpinning does not bring
// it back, extending is then INVALID_STATE): floor work has begun".
func ttlPinned(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "2", ttl(60)).OK()
	pinned := s.Pin("R1", "", "1").OK()
	s.wantEndless(pinned)
	s.Extend("R1", 60).Refused(model.InvalidState, "reservation", "floor work")
	s.wantEndless(s.Unpin(pinned).OK())
	s.Expect("R1 OPEN held=2 open=2", "F1>R1 CANCELLED 1/0")
	s.Extend("R1", 60).Refused(model.InvalidState, "reservation", "floor work")
	s.Elapse()
	s.Expect("R1 OPEN held=2 open=2")
}

func (s *Site) wantEndless(answer Answer) {
	s.t.Helper()
	if r := answer.Reservation; r == nil || r.ExpiresAt != 0 {
		s.t.Errorf("the reservation is %+v", r)
	}
}

func ttlPicked(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "2", ttl(60)).OK()
	s.Reserve("R2", "2", ttl(60)).OK()
	s.wantEndless(s.Pick("R1", "F1", "1", "").OK())
	s.wantEndless(s.Pick("R2", "F1", "1", "T1").OK())
	s.Extend("R1", 60).Refused(model.InvalidState, "reservation", "floor work")
	s.Elapse()
	s.Expect("R1 OPEN held=2 open=1 deducted=1", "R2 OPEN held=2 open=2 pinned=1")
}

// "A release without qty of one that has ended is APPLIED with 0, so that a cancel may always be
// repeated".
func releaseEnded(s *Site) {
	s.Receive("F1", "9")
	for _, name := range []string{"R1", "R2", "R3"} {
		s.Reserve(name, "2").OK()
	}
	s.Release("R1", "").OK().Qty("2", "0")
	s.Deduct("R2", "").OK()
	s.Pick("R3", "F1", "2", "").OK()
	for _, name := range []string{"R1", "R2", "R3"} {
		ended := s.Release(name, "").OK().Qty("0", "0").Legs()
		s.Release(name, "", func(l *model.ReleaseLine) { l.Key = ended.Line }).Is(model.Replayed)
		s.Release(name, "").OK().Qty("0", "0").Legs()
		s.Release(name, "2").Is(model.InvalidState)
		s.Deduct(name, "").Is(model.InvalidState)
	}
	s.Expect("R1 RELEASED held=2 released=2", "R2 DEDUCTED held=2 deducted=2", "FAST 5/0/0")
}

func stateSays(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "3").OK()
	s.Release("R1", "1").OK()
	s.Deduct("R1", "2").OK()
	s.Reserve("R2", "3").OK()
	s.Deduct("R2", "2").OK()
	s.Release("R2", "1").OK()
	s.Reserve("R3", "3", ttl(60)).OK()
	s.Deduct("R3", "1").OK()
	s.Elapse()
	s.Expire()
	s.Expect("R1 DEDUCTED held=3 deducted=2 released=1", "R2 RELEASED held=3 deducted=2 released=1",
		"R3 EXPIRED held=3 deducted=1 released=2")
}

// "A count is accepted while work goes on as long as the row's version is the one handed out;
// else STALE".
func countVersion(s *Site) {
	s.Receive("F1", "5")
	handed := s.Version(s.InBin("F1"))
	at := func(l *model.CountLine) { l.ExpectedVersion = handed }
	s.Reserve("R1", "2").OK()
	pinned := s.Pin("R1", "F1", "1").OK()
	s.Freeze("F1", "1").OK()
	s.Unfreeze("F1", "1").OK()
	s.Unpin(pinned).OK()
	s.Count("F1", "4", at).OK()
	s.Count("F1", "4", at).Refused(model.Stale, "expectedVersion", "2")
	handed = s.Version(s.InBin("F1"))
	s.Move("F1", "F2", "1").OK()
	s.Move("F2", "F1", "1").OK()
	s.Count("F1", "4", at).Refused(model.Stale, "expectedVersion", "4")
}

func versionRises(s *Site) {
	want := func(bin string, version int64) {
		s.t.Helper()
		if got := s.Version(s.InBin(bin)); got != version {
			s.t.Errorf("the version of %s is %d, not %d", bin, got, version)
		}
	}
	s.Receive("F1", "9")
	want("F1", 1)
	s.Reserve("R1", "5").OK()
	s.Pin("R1", "F1", "").OK()
	s.Freeze("F1", "1").OK()
	s.Count("F1", "9").OK() // zero deltas
	want("F1", 1)
	s.Pick("R1", "F1", "1", "T1").OK()
	want("F1", 2)
	want("T1", 1)
	s.Deduct("R1", "2").OK()
	want("F1", 3)
	want("T1", 2)
	s.Release("R1", "").OK()
	s.Block("F1").OK()
	s.Unblock("F1").OK()
	want("F1", 3)
	s.Move("F1", "F2", "1", func(l *model.MoveLine) { l.Frozen = true }).OK()
	want("F1", 4)
	want("F2", 1)
	s.Adjust("F2", "2").OK()
	want("F2", 2)
	s.Count("F2", "9").OK()
	want("F2", 3)
	s.Repack("F2", "", "BOX", "6").OK()
	want("F2", 4)
}

// "\"0\" for a row that is not there".
func countNew(s *Site) {
	s.Count("F1", "0").OK().Legs("F1 0/0/0", "FAST 0/0/0")
	s.Count("F1", "5").OK().Legs("F1 5/0/0", "FAST 5/0/0")
	s.Count("F2", "5", func(l *model.CountLine) { l.At.Batch = "L9" }).OK().
		Legs("F2:L9 5/0/0", "FAST:L9 5/0/0")
	s.Receive("F2", "1", dated("L9", "2031-01-01")).OK()
}

func countSame(s *Site) {
	s.Receive("F1", "5")
	same := s.Count("F1", "5").OK().Qty("5", "0").Legs("F1 0/0/0", "FAST 0/0/0")
	if flow := same.Flows[0]; flow.RowSeq != 2 || flow.After.OnHand != model.Whole(5) {
		s.t.Errorf("the flow is %+v", flow)
	}
}

// "Below what is reserved or frozen, at either tier, it is INVALID_STATE and names the holders".
func countBeside(s *Site) {
	s.Receive("F1", "5")
	s.Receive("F2", "5")
	s.Reserve("R1", "7").OK()
	s.Pin("R1", "F1", "3").OK()
	s.Freeze("F1", "1").OK()
	s.Count("F1", "3").Refused(model.InvalidState, "counted", "3", "1", "R1/1 holds 3")
	s.Count("F2", "2").Refused(model.InvalidState, "counted", "2", "R1/1 holds 7")
	s.Count("F1", "4").OK()
	s.Count("F2", "4").OK()
	s.Expect("FAST 8/7/1", "F1 4/3/1", "F2 4/0/0")
}
