package stocktest

import (
	"fmt"
	"strconv"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// conformWaves is the contract's "Waves". Every call of it is made dry first; see Site.Allocate.
func conformWaves(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"a line is reserved and pinned", waveLine},
		{"without tasks it is reserved only", waveHolds},
		{"orders are served by priority, then in the order given", wavePriority},
		{"a short line takes what there is", wavePartial},
		{"one short line does not lose the others", waveOthers},
		{"shipComplete takes all or nothing", waveWhole},
		{"what a whole order could not take is left to the next", waveWholeLeaves},
		{"an order's code", waveCodes},
		{"an order's code with what was held before", waveCodesBefore},
		{"a whole order of which some is held", waveWholeBefore},
		{"where the PIN is missing it pins what is not pinned", wavePinsRest},
		{"where all is pinned the key is kept", wavePinsNothing},
		{"against a reservation of other terms", waveTerms},
		{"it compares what stock is asked for", waveContent},
		{"strategy, priority and createTasks are no content", waveNoContent},
		{"a reserve after a wave", waveThenReserve},
		{"the same SKU on two lines", waveSameSKU},
		{"two lines with the same key", waveTwins},
		{"the same line in two warehouses", waveTwoSites},
		{"a release that comes before", waveReleased},
		{"pinning ends the time to live", waveTTL},
		{"a reservation that has ended", waveEnded},
		{"tasks are to be picked, in order", waveTasks},
		{"a task is picked by its id", wavePick},
		{"a replay shows the tasks", waveReplay},
		{"several warehouses", waveSites},
		{"what is unknown is NOT_FOUND", waveUnknown},
		{"what is wrong is INVALID", waveInvalid},
		{"what may not be taken", waveMayNot},
		{"on the expiry day, by the warehouse's own date", waveExpiryDay},
	})
}

// "A wave line is two effects under its own LineKey: RESERVE, and with createTasks PIN".
func waveLine(s *Site) {
	s.Receive("F1", "4")
	s.Receive("F2", "4")
	answer := s.Wave(s.Order("R1", "6")).Are("APPLIED: APPLIED").Picks(0, "F1 4", "F2 2")
	answer.Line(0, 0).Qty("6", "0")
	s.Expect("FAST 8/6/0", "F1 4/4/0", "F2 4/2/0", "R1 OPEN held=6 open=6 pinned=6",
		"F1>R1 OPEN 4/0", "F2>R1 OPEN 2/0")
	s.wantActions(Line("R1"), "RESERVE FAST", "PIN F1", "PIN F2")
	result := answer.Orders[0].Lines[0]
	if len(result.Flows) != 3 || len(result.ZoneStocks) != 1 || len(result.BinStocks) != 2 ||
		result.Reservation == nil || result.Reservation.Holds[0].Pinned != model.Whole(6) ||
		len(result.Explanation) != 1 || len(result.Tasks) != 2 {
		s.t.Errorf("the answer is %+v", result)
	}
	s.Wave(s.Order("R1", "6")).Are("REPLAYED: REPLAYED").Line(0, 0).Qty("6", "0")
}

// wantActions says which flows a line's key must have: the action and where.
func (s *Site) wantActions(line model.LineKey, want ...string) {
	s.t.Helper()
	flows, err := flow.FlowsByLine(s.t.Context(), s.DB, s.Warehouse, line)
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, flow := range flows {
		place := flow.Bin
		if flow.Tier == model.ZoneTier {
			place = flow.Zone
		}
		got = append(got, fmt.Sprint(flow.Key.Action, " ", place))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("the flows are %q, not %q", got, want)
	}
}

func waveHolds(s *Site) {
	s.Receive("F1", "4")
	s.Hold(s.Order("R1", "3")).Are("APPLIED: APPLIED").Picks(0).Line(0, 0).Qty("3", "0").
		Legs("FAST 0/3/0")
	s.Expect("FAST 4/3/0", "F1 4/0/0", "R1 OPEN held=3 open=3")
	s.wantActions(Line("R1"), "RESERVE FAST")
	s.Hold(s.Order("R1", "3")).Are("REPLAYED: REPLAYED")
	s.Wave(s.Order("R1", "3")).Are("APPLIED: APPLIED").Picks(0, "F1 3").Line(0, 0).Qty("3", "0")
	s.wantActions(Line("R1"), "RESERVE FAST", "PIN F1")
	s.Hold(s.Order("R1", "3")).Are("REPLAYED: REPLAYED")
	s.Wave(s.Order("R1", "3")).Are("REPLAYED: REPLAYED").Picks(0, "F1 3")
}

// "Orders are served by priority, then in the order given." The answers come in the order given.
func wavePriority(s *Site) {
	s.Receive("F1", "10")
	s.Wave(s.Order("LOW", "4"), s.Order("ONE", "3"), urgent(s.Order("HIGH", "4"), 9),
		urgent(s.Order("MIDDLE", "2"), 2), urgent(s.Order("BELOW", "1"), -1), s.Order("TWO", "1")).
		Are("APPLIED: APPLIED", "INSUFFICIENT: INSUFFICIENT", "APPLIED: APPLIED",
			"APPLIED: APPLIED", "INSUFFICIENT: INSUFFICIENT", "INSUFFICIENT: INSUFFICIENT")
}

// "A short line takes what there is (PARTIAL, or INSUFFICIENT with nothing) and the rest becomes a
// shortage".
func wavePartial(s *Site) {
	s.Receive("F1", "5")
	answer := s.Wave(s.Order("R1", "8"), s.Order("R2", "1")).
		Are("PARTIAL: PARTIAL", "INSUFFICIENT: INSUFFICIENT").Picks(0, "F1 5").Picks(1)
	answer.Line(0, 0).Qty("5", "3")
	answer.Line(1, 0).Refused(model.Insufficient, "qty", "0 may be taken", "SO R1/1 holds 5")
	s.Expect("FAST 5/5/0", "F1 5/5/0", "R1 OPEN held=5 open=5 pinned=5")
	s.Short("R1/1 RESERVE SO: OPEN 3/0", "R2/1 : OPEN 1/0")
	s.Wave(s.Order("R1", "8"), s.Order("R2", "1")).
		Are("REPLAYED: REPLAYED", "INSUFFICIENT: INSUFFICIENT").Line(0, 0).Qty("5", "3")
	s.Short("R1/1 RESERVE SO: OPEN 3/0", "R2/1 : OPEN 1/0")
}

func waveOthers(s *Site) {
	s.Receive("F1", "5")
	s.Wave(s.Order("R1", "1", "1", "9", "1", "1")).
		Are("PARTIAL: APPLIED/APPLIED/PARTIAL/INSUFFICIENT/INSUFFICIENT")
	s.Wave(s.Order("R2", "1", "1")).Are("INSUFFICIENT: INSUFFICIENT/INSUFFICIENT")
}

// "With shipComplete an order takes all or nothing".
func waveWhole(s *Site) {
	s.Receive("F1", "5")
	before := s.Picture()
	answer := s.Wave(whole(s.Order("R1", "2", "4", "1"))).
		Are("INSUFFICIENT: SKIPPED/INSUFFICIENT/SKIPPED").Picks(0)
	answer.Line(0, 1).Refused(model.Insufficient, "qty", "3 may be taken")
	answer.Line(0, 0).Qty("0", "0").Legs()
	s.Same(before)
	s.wantActions(Line("R1"))
	s.Short("R1/1 : OPEN 2/0", "R1/2 : OPEN 4/0", "R1/3 : OPEN 1/0")
	s.Hold(whole(s.Order("R2", "6"))).Are("INSUFFICIENT: INSUFFICIENT").Line(0, 0).Qty("0", "0")
	s.Hold(s.Order("R3", "6")).Are("PARTIAL: PARTIAL")
	s.Release("R3", "").OK()
	s.Wave(whole(s.Order("R1", "2", "2", "1"))).Are("APPLIED: APPLIED/APPLIED/APPLIED")
	s.Expect("FAST 5/5/0", "F1 5/5/0")
	s.Wave(whole(s.Order("R1", "2", "2", "1"))).Are("REPLAYED: REPLAYED/REPLAYED/REPLAYED")
}

func waveWholeLeaves(s *Site) {
	s.Receive("F1", "5")
	s.Wave(urgent(whole(s.Order("R1", "4", "4")), 5), s.Order("R2", "3"),
		whole(s.Order("R3", "2"))).Are("INSUFFICIENT: SKIPPED/INSUFFICIENT", "APPLIED: APPLIED",
		"APPLIED: APPLIED")
	s.Expect("FAST 5/5/0")
}

// "An order's code is REPLAYED when every line is, APPLIED when every line is APPLIED or REPLAYED,
// INSUFFICIENT when nothing is held for it, now or from before, else PARTIAL".
func waveCodes(s *Site) {
	s.Receive("F1", "9")
	s.Wave(s.Order("R1", "1")).Are("APPLIED: APPLIED")
	s.Wave(s.Order("R1", "1", "1")).Are("APPLIED: REPLAYED/APPLIED")
	s.Wave(s.Order("R1", "1", "1")).Are("REPLAYED: REPLAYED/REPLAYED")
	s.Wave(s.Order("R1", "1", "2", "1")).Are("PARTIAL: REPLAYED/KEY_CONFLICT/APPLIED")
	s.Wave(s.Order("R2", "0", "1")).Are("PARTIAL: INVALID/APPLIED")
	s.Wave(s.Order("R3", "0", "99")).Are("PARTIAL: INVALID/PARTIAL")
	s.Wave(s.Order("R4", "0", "1")).Are("INSUFFICIENT: INVALID/INSUFFICIENT")
	s.Wave(s.Order("R5", "0")).Are("INSUFFICIENT: INVALID")
}

func waveCodesBefore(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "2").OK()
	s.Wave(s.Order("R1", "2", "9")).Are("PARTIAL: APPLIED/PARTIAL")
	s.Wave(s.Order("R1", "2", "9", "1")).Are("PARTIAL: REPLAYED/REPLAYED/INSUFFICIENT")
	s.Hold(s.Order("R1", "2", "9")).Are("REPLAYED: REPLAYED/REPLAYED")
}

// A whole order's line that is held from before stays held, and is not pinned without the others.
func waveWholeBefore(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "2").OK()
	before := s.Picture()
	answer := s.Wave(whole(s.Order("R1", "2", "4"))).Are("PARTIAL: SKIPPED/INSUFFICIENT")
	if r := answer.Orders[0].Lines[0].Reservation; r == nil || r.Open != model.Whole(2) {
		s.t.Errorf("what is held from before is %+v", r)
	}
	s.Same(before)
	s.Hold(whole(s.Order("R1", "2", "4"))).Are("PARTIAL: REPLAYED/INSUFFICIENT")
	s.Same(before)
	s.Wave(whole(s.Order("R1", "2", "3"))).Are("APPLIED: APPLIED/APPLIED").Picks(0, "F1 2", "F1 3")
	s.Wave(whole(s.Order("R1", "2", "3", "1"))).Are("PARTIAL: REPLAYED/REPLAYED/INSUFFICIENT")
}

// "Tasks made by allocate and pin have kind PICK and, from allocate, jobType PICK and a taskId of
// their own, unique in the warehouse." Picks come out in pick-sequence order.
func waveTasks(s *Site) {
	s.Priority("BULK", 10)
	s.Receive("F3", "2")
	s.Receive("B2", "2", dated("L1", "2031-01-01"))
	s.Receive("F1", "2")
	s.Receive("B1", "2", dated("L1", ""))
	answer := s.Wave(s.Order("R1", "7", "1"), s.Order("R2", "1")).
		Picks(0, "B1:L1 2", "F1 2", "B2:L1 2", "F3 1", "F3 1")
	seen := map[string]bool{}
	sequence := int64(0)
	for _, task := range answer.Orders[0].Lines[0].Tasks {
		if task.PickSequence < sequence {
			s.t.Errorf("the line's tasks are not in pick-sequence order: %+v", task)
		}
		sequence = task.PickSequence
	}
	for _, task := range answer.Orders[0].Tasks {
		if task.Kind != model.TaskPick || task.Key.JobType != "PICK" || task.State != model.TaskOpen ||
			task.Key.TaskID == "" || seen[task.Key.TaskID] || task.OrderID != "R1" ||
			task.Done != 0 || task.LineID != "1" && task.LineID != "2" {
			s.t.Errorf("the task is %+v", task)
		}
		seen[task.Key.TaskID] = true
	}
}

func wavePick(s *Site) {
	s.Receive("F1", "9")
	task := s.Wave(s.Order("R1", "5")).Orders[0].Tasks[0]
	for revision, qty := range []string{"2", "3"} {
		key := task.Key
		key.Revision = int64(revision)
		s.Pick("R1", "F1", qty, "", func(l *model.PickLine) { l.Key = key }).OK()
	}
	s.Expect("F1>R1 DONE 5/5", "F1 4/0/0", "R1 DEDUCTED held=5 deducted=5")
	flows, err := flow.FlowsByTask(s.t.Context(), s.DB, s.Warehouse, task.Key)
	if err != nil || len(flows) != 2 {
		s.t.Errorf("%d flows by the task's key: %v", len(flows), err)
	}
}

func waveSites(s *Site) {
	east, west := New(s.t, s.DB), New(s.t, s.DB)
	s.Receive("F1", "5")
	east.Receive("F1", "2")
	s.Wave(s.Order("R1", "3"), east.Order("R2", "3"), west.Order("R3", "3"), s.Order("R4", "3"),
		urgent(east.Order("R5", "1"), 1)).Are("APPLIED: APPLIED", "PARTIAL: PARTIAL",
		"INSUFFICIENT: INSUFFICIENT", "PARTIAL: PARTIAL", "APPLIED: APPLIED")
	east.Expect("FAST 2/2/0", "F1 2/2/0", "R2 OPEN held=1 open=1 pinned=1")
	s.Short("R4/1 RESERVE SO: OPEN 1/0")
	west.Short("R3/1 : OPEN 3/0")
	none := s.Order("R6", "1")
	none.Warehouse = "NONE"
	s.Wave(none, s.Order("R7", "1")).Are("INSUFFICIENT: NOT_FOUND", "INSUFFICIENT: INSUFFICIENT").
		Line(0, 0).Refused(model.NotFound, "warehouse", "NONE")
}

func waveUnknown(s *Site) {
	s.Receive("F1", "5")
	unknown := s.Order("R1", "1", "1")
	unknown.Lines[0].SKU = "NONE"
	for _, wave := range []func(...model.Order) WaveAnswer{s.Wave, s.Hold} {
		wave(whole(unknown)).Are("INSUFFICIENT: NOT_FOUND/SKIPPED")
	}
	s.Wave(unknown).Are("PARTIAL: NOT_FOUND/APPLIED").Line(0, 0).Refused(model.NotFound, "sku",
		"NONE")
	other := s.Order("R2", "1")
	other.Owner = "NOBODY"
	s.Hold(other).Are("INSUFFICIENT: INSUFFICIENT")
	s.Short("R2/1 : OPEN 1/0")
}

func waveInvalid(s *Site) {
	s.Receive("F1", "5")
	order := s.Order("R1", "0", "-1", "0.5", "0.000001", "1", "1", "1")
	order.Lines[4].Pack = "NONE"
	order.Lines[5].MinRemainingDays = -1
	for _, wave := range []func(...model.Order) WaveAnswer{s.Hold, s.Wave} {
		before := s.Picture()
		answer := wave(whole(order)).
			Are("INSUFFICIENT: INVALID/INVALID/INVALID/INVALID/INVALID/INVALID/SKIPPED")
		for i, field := range []string{"qty", "qty", "qty", "qty", "pack", "minRemainingDays"} {
			answer.Line(0, i).Refused(model.Invalid, field)
		}
		s.Same(before)
	}
	for _, strategy := range []string{"NONE", "fefo", "FEFO "} {
		answer := s.Allocate(model.Wave{Orders: []model.Order{s.Order("R2", "1"),
			whole(s.Order("R3", "1", "1"))}, Strategy: strategy, CreateTasks: true}).
			Are("INSUFFICIENT: INVALID", "INSUFFICIENT: INVALID/INVALID")
		answer.Line(0, 0).Refused(model.Invalid, "strategy", strategy)
	}
	s.Short()
	fine := line(s.Order("R4", "0.000001"), func(l *model.OrderLine) { l.SKU = Flour })
	s.Wave(fine).Are("INSUFFICIENT: INSUFFICIENT")
	receiveFlour("1")(s)
	s.Wave(fine).Are("APPLIED: APPLIED")
	s.Wave(line(s.Order("R5", "999999999999.999999"), func(l *model.OrderLine) { l.SKU = Flour })).
		Are("PARTIAL: PARTIAL").Line(0, 0).Qty("0.999999", "999999999999")
}

func waveMayNot(s *Site) {
	s.Receive("F1", "5", dated("OLD", s.Today(-1)))
	s.Receive("F1", "5", dated("HELD", ""))
	s.Batch("HELD", "", true)
	s.Receive("F2", "5")
	s.Freeze("F2", "5").OK()
	s.Receive("F3", "5", dated("L1", s.Today(5)))
	s.Receive("B1", "5")
	s.Block("B1").OK()
	s.Receive("S1", "5")
	s.Receive("B2", "5", func(l *model.ReceiveLine) { l.At.Owner = "OWN" })
	for i, strategy := range []string{"", "FEFO", "FIFO", "LIFO", "NEAREST", "FEWEST_BINS",
		"EMPTY_BIN"} {
		s.Allocate(model.Wave{Orders: []model.Order{s.Order(fmt.Sprint("R", i), "99")},
			Strategy: strategy, CreateTasks: true}).Are("PARTIAL: PARTIAL").Picks(0, "F3:L1 5")
		s.Release(fmt.Sprint("R", i), "").OK()
	}
	short := line(s.Order("S", "1"), func(l *model.OrderLine) { l.MinRemainingDays = 6 })
	s.Wave(short).Are("INSUFFICIENT: INSUFFICIENT").Line(0, 0).Refused(model.Insufficient, "qty",
		"EXPIRED", "ON_HOLD", "FROZEN", "SHORT_LIFE", "NOT_ALLOCATABLE")
	own := s.Order("OWNED", "6")
	own.Owner = "OWN"
	s.Wave(own).Are("PARTIAL: PARTIAL").Picks(0, "B2@OWN 5")
}

// A batch may be taken on its expiry day, by the warehouse's own date, whatever the strategy.
func waveExpiryDay(s *Site) {
	west, east := New(s.t, s.DB), New(s.t, s.DB)
	west.zoned("Etc/GMT+12")
	east.zoned("Pacific/Kiritimati")
	for i, strategy := range []string{"FEFO", "FIFO", "LIFO", "NEAREST", "FEWEST_BINS", "EMPTY_BIN",
		"FULL_PACKS"} {
		batch := "L" + strconv.Itoa(i)
		for _, site := range []*Site{west, east} {
			site.Receive("F1", "1", dated(batch, west.Today(0)))
		}
		s.Allocate(model.Wave{Orders: []model.Order{west.Order(batch, "1"), east.Order(batch, "1")},
			Strategy: strategy, CreateTasks: true}).
			Are("APPLIED: APPLIED", "INSUFFICIENT: INSUFFICIENT")
	}
}
