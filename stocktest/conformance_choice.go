package stocktest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// conformChoice is the contract's "Choosing stock".
func conformChoice(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"by expiresOn, none last", chooseExpiry},
		{"then zone priority", choosePriority},
		{"then receivedOn", chooseReceived},
		{"then id", chooseID},
		{"a demand may need several batches", chooseSeveral},
		{"rows in allocatable zones only", chooseAllocatable},
		{"not of batches that have expired", chooseExpired},
		{"on its expiry day, by the warehouse's own date", chooseExpiryDay},
		{"not of batches on hold", chooseHold},
		{"with enough remaining days", chooseRemaining},
		{"of the owner asked for", chooseOwner},
		{"in the pack asked for", choosePack},
		{"zones and batch narrow the choice", chooseNarrow},
		{"a move carries receivedOn", receivedMoves},
		{"receivedOn starts anew in an empty row", receivedResets},
		{"FIFO and LIFO go by receivedOn", chooseFIFO},
		{"FULL_PACKS: whole packs first, then the smallest", chooseFullPacks},
		{"callers of 1 on M pieces give exactly M APPLIED", chooseRace},
		{"the explanation has one entry for each row", chooseExplains},
	})
}

func on(date model.Date) func(*model.ReceiveLine) {
	return func(line *model.ReceiveLine) { line.ReceivedOn = date }
}

func chooseExpiry(s *Site) {
	s.Receive("F1", "1")
	s.Receive("F1", "1", dated("NONE", ""))
	s.Receive("B1", "1", dated("LATE", "2031-01-02"))
	s.Receive("B1", "1", dated("SOON", "2031-01-01"))
	for _, row := range []string{"BULK:SOON", "BULK:LATE", "FAST", "FAST:NONE"} {
		s.Reserve("R-"+row, "1").OK().Legs(row + " 0/1/0")
	}
}

func choosePriority(s *Site) {
	s.Receive("B1", "1", dated("L1", "2031-01-01"), on("2020-01-01"))
	s.Receive("F1", "1", dated("L1", "2031-01-01"), on("2020-01-02"))
	s.Reserve("R1", "1").OK().Legs("FAST:L1 0/1/0")
	s.Priority("BULK", 11)
	s.Receive("F1", "1", dated("L1", ""))
	s.Reserve("R2", "1").OK().Legs("BULK:L1 0/1/0")
}

func chooseReceived(s *Site) {
	s.Priority("BULK", 10)
	s.Receive("F1", "1", on("2020-01-03"))
	s.Receive("B1", "1", on("2020-01-02"))
	s.Receive("F1", "1", dated("L1", ""), on("2020-01-01"))
	for _, row := range []string{"FAST:L1", "BULK", "FAST"} {
		s.Reserve("R-"+row, "1").OK().Legs(row + " 0/1/0")
	}
	s.Release("R-FAST", "")
	s.Release("R-BULK", "")
	s.Receive("F1", "1", on("2020-01-01")) // the earliest since the row was last empty
	s.Reserve("R1", "1").OK().Legs("FAST 0/1/0")
}

func chooseID(s *Site) {
	s.Priority("BULK", 10)
	s.Receive("B1", "1", dated("L2", ""))
	s.Receive("F1", "1")
	s.Receive("F1", "1", dated("L1", ""))
	for _, row := range []string{"BULK:L2", "FAST", "FAST:L1"} {
		s.Reserve("R-"+row, "1").OK().Legs(row + " 0/1/0")
	}
}

func chooseSeveral(s *Site) {
	s.Receive("F1", "2", dated("L3", "2031-01-03"))
	s.Receive("F1", "2", dated("L1", "2031-01-01"))
	s.Receive("B1", "2", dated("L2", "2031-01-02"))
	s.Reserve("R1", "5").OK().Legs("FAST:L1 0/2/0", "BULK:L2 0/2/0", "FAST:L3 0/1/0")
	s.Deduct("R1", "").OK()
	s.Expect("FAST:L1 0/0/0", "BULK:L2 0/0/0", "FAST:L3 1/0/0", "R1 DEDUCTED held=5 deducted=5")
}

func chooseAllocatable(s *Site) {
	s.Receive("S1", "5")
	s.Receive("B1", "1")
	s.Reserve("R1", "1").OK().Legs("BULK 0/1/0")
	s.Reserve("R2", "1").Refused(model.Insufficient, "qty", "0", "NOT_ALLOCATABLE")
	s.Reserve("R3", "1", func(l *model.ReserveLine) { l.Zones = []string{"SHUT"} }).
		Is(model.Insufficient)
	s.Move("S1", "F1", "2").OK()
	s.Reserve("R2", "2").OK()
}

func chooseExpired(s *Site) {
	s.Receive("F1", "5", dated("OLD", s.Today(-1)))
	s.Reserve("R1", "1").Refused(model.Insufficient, "qty", "0", "EXPIRED")
	s.Batch("OLD", s.Today(1), false)
	s.Reserve("R1", "1").OK()
}

// "A batch may still be taken on its expiry day, by the warehouse's own date." Between Kiritimati
// and the far side of the date line lies a day at any moment.
func chooseExpiryDay(s *Site) {
	s.Receive("F1", "5", dated("L1", s.Today(0)))
	s.Reserve("R1", "1").OK()
	west := New(s.t, s.DB)
	west.zoned("Etc/GMT+12")
	today := west.Today(0)
	west.Receive("F1", "5", dated("L1", today)).OK()
	west.Reserve("R1", "1").OK()
	east := New(s.t, s.DB)
	east.zoned("Pacific/Kiritimati")
	east.Receive("F1", "5", dated("L1", today)).OK()
	east.Reserve("R1", "1").Refused(model.Insufficient, "qty", "EXPIRED")
	if received := east.Receive("F2", "1").OK().ZoneStocks[0].ReceivedOn; received <= today {
		s.t.Errorf("received on %s, and the day before it is %s", received, today)
	}
}

func (s *Site) zoned(timezone string) {
	s.t.Helper()
	s.Masters(s.Catalog.UpsertWarehouses(s.t.Context(),
		[]master.WarehouseInput{{Code: s.Warehouse, Timezone: &timezone}}))
}

func chooseHold(s *Site) {
	s.Receive("F1", "5", dated("L1", "2031-01-01"))
	s.Reserve("R0", "1").OK()
	s.Batch("L1", "2031-01-01", true)
	s.Reserve("R1", "1").Refused(model.Insufficient, "qty", "ON_HOLD")
	s.Deduct("R0", "").OK() // what was promised before stays so
	s.Batch("L1", "2031-01-01", false)
	s.Reserve("R1", "1").OK()
}

// "And with enough remaining days (a batch without a date has enough)".
func chooseRemaining(s *Site) {
	days := func(days int) func(*model.ReserveLine) {
		return func(l *model.ReserveLine) { l.MinRemainingDays = days }
	}
	s.Receive("F1", "9", dated("L1", s.Today(10)))
	s.Reserve("R1", "1", days(10)).OK()
	s.Reserve("R2", "1", days(11)).Refused(model.Insufficient, "qty", "SHORT_LIFE")
	s.Receive("F1", "1", dated("L2", ""))
	s.Receive("B1", "1")
	s.Reserve("R2", "2", days(10_000)).OK().Legs("FAST:L2 0/1/0", "BULK 0/1/0")
}

func chooseOwner(s *Site) {
	own := func(l *model.ReserveLine) { l.Item.Owner = "OWN" }
	s.Receive("F1", "1")
	s.Receive("F1", "1", func(l *model.ReceiveLine) { l.At.Owner = "OWN" })
	s.Reserve("R1", "1", own).OK().Legs("FAST@OWN 0/1/0")
	s.Reserve("R2", "1", own).Is(model.Insufficient)
	s.Deduct("R1", "").OK().Legs("FAST@OWN -1/-1/0", "F1@OWN -1/0/0")
	s.Expect("F1 1/0/0")
}

// "No pack, or the SKU's own unit, is the base pack, one value".
func choosePack(s *Site) {
	s.Receive("F1", "1", inPack("CASE"))
	s.Receive("F1", "12", inPack("EA"))
	s.Receive("F1", "12")
	s.Expect("F1 24/0/0", "F1*CASE 1/0/0")
	ask := func(pack string) func(*model.ReserveLine) {
		return func(l *model.ReserveLine) { l.Pack = pack }
	}
	s.Reserve("R1", "1", ask("CASE")).OK().Legs("FAST*CASE 0/1/0")
	s.Reserve("R2", "13", ask("EA")).OK().Legs("FAST 0/13/0")
	s.Reserve("R3", "11").OK().Legs("FAST 0/11/0")
	s.Reserve("R4", "1").Refused(model.Insufficient, "qty", "0")
}

func chooseNarrow(s *Site) {
	s.Receive("F1", "2")
	s.Receive("F1", "2", dated("L1", ""))
	s.Receive("B1", "2", dated("L1", "2031-01-01"))
	s.Reserve("R1", "1", noBatch).OK().Legs("FAST 0/1/0")
	s.Reserve("R2", "2", noBatch).Is(model.Insufficient)
	s.Reserve("R3", "3", func(l *model.ReserveLine) { l.Batch = new("L1") }).OK().
		Legs("FAST:L1 0/2/0", "BULK:L1 0/1/0")
	s.Reserve("R4", "1", func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }).OK().
		Legs("BULK:L1 0/1/0")
	s.Reserve("R5", "2", func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }).
		Is(model.Insufficient)
}

// "receivedOn is the earliest since the row was last empty; a move carries it".
func receivedMoves(s *Site) {
	s.Receive("F1", "5", on("2020-01-05"))
	s.Receive("F1", "5", on("2020-01-03"))
	s.Receive("F1", "5", on("2020-01-04"))
	s.wantReceived("FAST", "2020-01-03")
	s.Receive("B1", "1", on("2021-01-01"))
	s.Move("F1", "B1", "1").OK()
	s.wantReceived("BULK", "2020-01-03")
	s.Reserve("R1", "2").OK()
	s.Move("F1", "S1", "2", With("R1")).OK()
	s.wantReceived("SHUT", "2020-01-03")
	s.Repack("F1", "", "BOX", "6").OK()
	if at := s.received("FAST*BOX"); at != "2020-01-03" {
		s.t.Errorf("repacked goods were received on %s", at)
	}
	left := s.Deduct("R1", "").OK()
	s.wantReceived("SHUT", "")
	s.Restore(left, "").OK()
	s.wantReceived("SHUT", "2020-01-03")
}

func (s *Site) wantReceived(row string, want model.Date) {
	s.t.Helper()
	if at := s.received(row); at != want {
		s.t.Errorf("%s was received on %q, not on %q", row, at, want)
	}
}

func (s *Site) received(row string) model.Date {
	s.t.Helper()
	for _, stock := range s.zoneStocks(s.t.Context()) {
		key := stock.Key
		if label(key.Zone, key.Owner, key.SKU, key.Batch, key.Pack) == row {
			return stock.ReceivedOn
		}
	}
	s.t.Fatalf("no row %s", row)
	return ""
}

func receivedResets(s *Site) {
	s.Receive("F1", "5", on("2020-01-01"))
	s.Adjust("F1", "-5").OK()
	s.wantReceived("FAST", "")
	s.Receive("F1", "1", on("2022-01-01"))
	s.wantReceived("FAST", "2022-01-01")
	s.Adjust("F1", "1").OK()
	s.wantReceived("FAST", "2022-01-01")
	s.Count("F1", "0").OK()
	s.Count("F1", "3").OK()
	s.wantReceived("FAST", s.Today(0))
	// Emptied and filled within one call, each line sees the effect of those before it.
	lines := []model.AdjustLine{{Key: s.NextTask(), At: s.InBin("F1"), Delta: s.Qty("-3")},
		{Key: s.NextTask(), At: s.InBin("F1"), Delta: s.Qty("3")}}
	s.Receive("F1", "1", on("2020-01-01"))
	s.Adjust("F1", "-1").OK()
	s.wantCodes(Call(s, s.Tier3.Adjust, allOrNothing, lines...), model.Applied, model.Applied)
	s.wantReceived("FAST", s.Today(0))
}

func chooseFIFO(s *Site) {
	s.Receive("B1", "1", dated("L1", "2031-01-01"), on("2020-01-03"))
	s.Receive("B1", "1", dated("L2", "2031-01-03"), on("2020-01-01"))
	s.Receive("F1", "1", dated("L3", "2031-01-02"), on("2020-01-02"))
	ask := func(strategy string) func(*model.ReserveLine) {
		return func(l *model.ReserveLine) { l.Strategy = strategy }
	}
	s.Reserve("R1", "3", ask("FIFO")).OK().Legs("BULK:L2 0/1/0", "FAST:L3 0/1/0", "BULK:L1 0/1/0")
	s.Release("R1", "")
	s.Reserve("R2", "3", ask("LIFO")).OK().Legs("BULK:L1 0/1/0", "FAST:L3 0/1/0", "BULK:L2 0/1/0")
	s.Release("R2", "")
	s.Reserve("R3", "3", ask("FEFO")).OK().Legs("BULK:L1 0/1/0", "FAST:L3 0/1/0", "BULK:L2 0/1/0")
}

func chooseFullPacks(s *Site) {
	s.Receive("F1", "9")
	s.Receive("F1", "2", inPack("BOX"))
	s.Receive("B1", "2", inPack("CASE"))
	s.Reserve("R1", "5", fullPacks).OK().Legs("FAST 0/5/0")
	s.Reserve("R1", "5", fullPacks, func(l *model.ReserveLine) { l.Pack = "EA" }).
		Is(model.Replayed)
	s.Reserve("R2", "20", fullPacks).OK().Legs("BULK*CASE 0/1/0", "FAST*BOX 0/1/0", "FAST 0/2/0")
	s.Reserve("R3", "21", fullPacks).Refused(model.Insufficient, "qty", "20")
	s.Reserve("R4", "1", fullPacks, func(l *model.ReserveLine) { l.Pack = "CASE" }).OK().
		Qty("1", "0").Legs("BULK*CASE 0/1/0")
}

// "The choice is made from locked balances, so N callers of 1 on M pieces give exactly M APPLIED".
func chooseRace(s *Site) {
	const callers, pieces = 24, 7
	s.Receive("F1", "4")
	s.Receive("B1", "3")
	var applied, short atomic.Int64
	var group sync.WaitGroup
	for i := range callers {
		line := s.reserving(fmt.Sprint("R", i), "1")
		group.Go(func() {
			results, err := s.Allocation.Reserve(s.t.Context(), flow.Mode{},
				[]model.ReserveLine{line})
			switch {
			case err != nil:
				s.t.Error(err)
			case results[0].Code == model.Applied:
				applied.Add(1)
			case results[0].Code == model.Insufficient:
				short.Add(1)
			}
		})
	}
	group.Wait()
	if applied.Load() != pieces || short.Load() != callers-pieces {
		s.t.Errorf("%d applied and %d short, of %d pieces", applied.Load(), short.Load(), pieces)
	}
	s.Verify()
	s.Expect("FAST 4/4/0", "BULK 3/3/0")
}

// "One entry for each row looked at, at most 50, empty on a replay. taken is 0 where skipped says
// why".
func chooseExplains(s *Site) {
	s.Receive("F1", "2", dated("L1", "2031-01-01"))
	s.Receive("F1", "2", dated("L2", "2031-01-02"))
	s.Receive("F1", "2", dated("OLD", "2020-01-01"))
	s.Receive("S1", "2")
	s.Receive("B1", "2")
	want := func(answer Answer, want map[string]string) {
		s.t.Helper()
		for i, each := range answer.Explanation {
			name := label(each.Zone, "", Tea, each.Batch, each.Pack)
			got := fmt.Sprint(each.Taken, " of ", each.Available, " ", each.Skipped)
			if got != want[name] || each.Rank != i+1 {
				s.t.Errorf("%s is %q, rank %d, not %q", name, got, each.Rank, want[name])
			}
		}
		if len(answer.Explanation) != len(want) {
			s.t.Errorf("%d rows are explained, not %d", len(answer.Explanation), len(want))
		}
	}
	want(s.Reserve("R1", "3").OK(), map[string]string{"FAST:L1": "2 of 2 ", "FAST:L2": "1 of 2 ",
		"BULK": "0 of 2 NOT_NEEDED", "FAST:OLD": "0 of 2 EXPIRED", "SHUT": "0 of 2 NOT_ALLOCATABLE"})
	want(s.Reserve("R1", "3").Is(model.Replayed), nil)
	want(s.Reserve("R2", "4").Is(model.Insufficient), map[string]string{"FAST:L1": "0 of 0 HELD",
		"FAST:L2": "0 of 1 NOT_ENOUGH", "BULK": "0 of 2 NOT_ENOUGH", "FAST:OLD": "0 of 2 EXPIRED",
		"SHUT": "0 of 2 NOT_ALLOCATABLE"})
}
