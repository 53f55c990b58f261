package stocktest

import (
	"fmt"
	"slices"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// conformLists is the contract's "Lists".
func conformLists(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"results come one per line in order", listOrder},
		{"each line sees the effect of those before it", listBalances},
		{"so do lines that share no SKU", listSharedZone},
		{"so do lines about one task", listOneTask},
		{"so do lines about one deduction", listOneDeduction},
		{"PER_LINE: each line stands alone", listPerLine},
		{"ALL_OR_NOTHING: if any fails nothing is written", listAllOrNothing},
		{"ALL_OR_NOTHING: less than asked for is no failure", listPartial},
		{"ALL_OR_NOTHING names one warehouse only", listTwoWarehouses},
		{"two lines with the same key are both INVALID", listTwins},
		{"dryRun answers what would happen", listDryRun},
	})
}

var allOrNothing = flow.Mode{AllOrNothing: true}

// codes are the codes of a call's results.
func codes(results []model.Result) (codes []model.Code) {
	for _, result := range results {
		codes = append(codes, result.Code)
	}
	return codes
}

func (s *Site) wantCodes(results []model.Result, want ...model.Code) {
	s.t.Helper()
	if got := codes(results); !slices.Equal(got, want) {
		s.t.Fatalf("codes %s, not %s: %+v", got, want, results)
	}
}

// reserving is a line for TEA.
func (s *Site) reserving(name, qty string) model.ReserveLine {
	s.t.Helper()
	return model.ReserveLine{Key: Line(name), Warehouse: s.Warehouse, Item: model.Item{SKU: Tea},
		Qty: s.Qty(qty)}
}

func listOrder(s *Site) {
	var lines []model.ReceiveLine
	for i := range 30 {
		at := s.InZone("FAST")
		at.SKU = []string{Tea, Flour, Salt}[i%3]
		lines = append(lines, model.ReceiveLine{Key: s.NextLine(), At: at,
			Qty: model.Whole(int64(i + 1))})
	}
	for i, result := range Call(s, s.Tier2.Receive, flow.Mode{}, lines...) {
		if result.Applied != lines[i].Qty || result.Flows[0].SKU != lines[i].At.SKU {
			s.t.Errorf("line %d has the answer %+v", i, result)
		}
	}
}

// "Lines are decided in the order given, and each sees the effect of those before it: two lines
// of 6 against 10 give APPLIED and INSUFFICIENT".
func listBalances(s *Site) {
	s.Receive("F1", "10")
	results := Call(s, s.Allocation.Reserve, flow.Mode{}, s.reserving("R1", "6"),
		s.reserving("R2", "6"), s.reserving("R3", "4"))
	s.wantCodes(results, model.Applied, model.Insufficient, model.Applied)
	s.Expect("FAST 10/10/0")
	if after := results[0].ZoneStocks[0].Reserved; after != model.Whole(6) {
		s.t.Errorf("the first line's answer shows %s reserved, as the last left it", after)
	}
}

// Blocking one bin takes what tier 2 could spare, so that the next cannot be blocked; what else
// lies in them must not change the order.
func listSharedZone(s *Site) {
	for round := range 5 {
		site := New(s.t, s.DB)
		site.Receive("F1", "5").OK()
		site.Receive("F2", "5").OK()
		site.Reserve("R1", "5").OK()
		bins := []string{"F1", "F2"}
		if round%2 == 1 {
			slices.Reverse(bins)
		}
		var lines []model.BlockLine
		for _, bin := range bins {
			lines = append(lines, model.BlockLine{Key: site.NextTask(),
				Warehouse: site.Warehouse, Bin: bin})
		}
		site.wantCodes(Call(site, site.Tier3.Block, flow.Mode{}, lines...), model.Applied,
			model.InvalidState)
	}
}

func listOneTask(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "9")
	for range 5 {
		task := s.Pin("R1", "F1", "1").TaskID(0)
		var lines []model.UnpinLine
		for range 3 {
			lines = append(lines, model.UnpinLine{Key: s.NextTask(), Warehouse: s.Warehouse,
				Task: task})
		}
		s.wantCodes(Call(s, s.Tier3.Unpin, flow.Mode{}, lines...), model.Applied,
			model.InvalidState, model.InvalidState)
	}
}

func listOneDeduction(s *Site) {
	s.Receive("F1", "9")
	s.Reserve("R1", "9")
	for i := range 5 {
		left := s.Deduct("R1", "1").OK()
		var lines []model.RestoreLine
		for j := range 3 {
			lines = append(lines, model.RestoreLine{Key: Line(fmt.Sprint("BACK", i, j)),
				Warehouse: s.Warehouse, Deduction: &left.Line})
		}
		lines[0].SKU = Tea
		s.wantCodes(Call(s, s.Tier2.Restore, flow.Mode{}, lines...), model.Applied,
			model.InvalidState, model.InvalidState)
	}
}

func listPerLine(s *Site) {
	s.Receive("F1", "10")
	s.wantCodes(Call(s, s.Allocation.Reserve, flow.Mode{}, s.reserving("R1", "11"),
		s.reserving("R2", "0"), s.reserving("R3", "10")),
		model.Insufficient, model.Invalid, model.Applied)
}

// "ALL_OR_NOTHING: every line is judged; if any fails (REPLAYED is no failure), nothing is
// written, failing lines show their own code, replayed ones REPLAYED, the others SKIPPED".
func listAllOrNothing(s *Site) {
	s.Receive("F1", "10")
	s.Reserve("R1", "1")
	before := s.Picture()
	results := Call(s, s.Allocation.Reserve, allOrNothing, s.reserving("R1", "1"),
		s.reserving("R2", "6"), s.reserving("R3", "6"), s.reserving("R4", "0"))
	s.wantCodes(results, model.Replayed, model.Skipped, model.Insufficient, model.Invalid)
	s.Same(before)
	for _, result := range results[1:] {
		if result.Message == "" || len(result.Flows) > 0 || result.Reservation != nil {
			s.t.Errorf("nothing was written, and the answer is %+v", result)
		}
	}
	s.wantCodes(Call(s, s.Allocation.Reserve, allOrNothing, s.reserving("R1", "1"),
		s.reserving("R2", "6"), s.reserving("R3", "3")),
		model.Replayed, model.Applied, model.Applied)
	s.Expect("FAST 10/10/0", "R2 OPEN held=6 open=6", "R3 OPEN held=3 open=3")
}

func listPartial(s *Site) {
	s.Receive("F1", "10")
	some := s.reserving("R2", "8")
	some.AllowPartial = true
	s.wantCodes(Call(s, s.Allocation.Reserve, allOrNothing, s.reserving("R1", "6"), some),
		model.Applied, model.Partial)
	s.Expect("FAST 10/10/0", "R2 OPEN held=4 open=4")
}

func listTwoWarehouses(s *Site) {
	other := New(s.t, s.DB)
	lines := []model.ReceiveLine{{Key: Line("A"), At: s.InZone("FAST"), Qty: model.One},
		{Key: Line("A"), At: other.InZone("FAST"), Qty: model.One}}
	results := Call(s, s.Tier2.Receive, allOrNothing, lines...)
	s.wantCodes(results, model.Invalid, model.Invalid)
	for _, result := range results {
		Answer{Result: result, site: s}.Refused(model.Invalid, "warehouse", "PER_LINE")
	}
	s.wantCodes(Call(s, s.Tier2.Receive, flow.Mode{DryRun: true}, lines...), model.Applied,
		model.Applied)
	s.wantCodes(Call(s, s.Tier2.Receive, flow.Mode{}, lines...), model.Applied, model.Applied)
	s.Expect("FAST 1/0/0")
	other.Expect("FAST 1/0/0")
}

// "Two lines with the same key in one call are both INVALID." In another warehouse, or spelt in
// another case, it is another key.
func listTwins(s *Site) {
	s.Receive("F1", "10")
	for _, mode := range []flow.Mode{allOrNothing, {DryRun: true}, {}} {
		rest := model.Applied
		if mode.AllOrNothing {
			rest = model.Skipped
		}
		results := Call(s, s.Allocation.Reserve, mode, s.reserving("R1", "1"),
			s.reserving("r1", "1"), s.reserving("R1", "2"), s.reserving("R1", "1"))
		s.wantCodes(results, model.Invalid, rest, model.Invalid, model.Invalid)
		Answer{Result: results[0], site: s}.Refused(model.Invalid, "key", "same key")
	}
	s.Expect("r1 OPEN held=1 open=1", "FAST 10/1/0")
	// Even where the key has its effect already: which of the two would be the replay?
	s.Reserve("R2", "1").OK()
	s.wantCodes(Call(s, s.Allocation.Reserve, flow.Mode{}, s.reserving("R2", "1"),
		s.reserving("R2", "1")), model.Invalid, model.Invalid)
}

// "dryRun answers what would happen, keys looked up too, and writes nothing".
func listDryRun(s *Site) {
	s.Receive("F1", "10")
	s.Reserve("R0", "1")
	for _, mode := range []flow.Mode{{AllOrNothing: true}, {}} {
		lines := []model.ReserveLine{s.reserving("R0", "1"), s.reserving("R0x", "6"),
			s.reserving("R1", "6"), s.reserving("R2", "3")}
		dry := mode
		dry.DryRun = true
		told := Call(s, s.Allocation.Reserve, dry, lines...)
		came := Call(s, s.Allocation.Reserve, mode, lines...)
		for i := range told {
			if told[i].Code == model.Replayed && came[i].Code == model.Replayed {
				continue // it shows stocks as of now, which is another now
			}
			if one, other := timeless(told[i]), timeless(came[i]); one != other {
				s.t.Errorf("the dry run said\n%s\nand it became\n%s", one, other)
			}
		}
	}
	s.Expect("FAST 10/10/0")
}
