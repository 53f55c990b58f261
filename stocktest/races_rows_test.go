package stocktest

import (
	"context"
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Lists that move goods in opposite directions lock the same rows from both ends. All must be
// answered, none by an error.
func TestOppositeMoves(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		skus := []string{Tea, Flour, Salt}
		for _, bin := range []string{"F1", "B1"} {
			for _, sku := range skus {
				pair[0].Receive(bin, "50", ofSKU(sku)).OK()
			}
		}
		var got tally
		together(60, func(i int) {
			s, ends := pair[i%2], []string{"F1", "B1"}
			lines := make([]model.MoveLine, len(skus))
			for j := range skus {
				// Every other list names the rows in reverse.
				at := j
				if i/2%2 == 1 {
					at = len(skus) - 1 - j
				}
				lines[j] = model.MoveLine{Key: taskKey("M", i, j), Qty: model.Whole(1),
					From: s.InBin(ends[i%2]), ToBin: ends[1-i%2]}
				lines[j].From.SKU = skus[at]
			}
			results, err := s.Tier3.Move(context.Background(), flow.Mode{AllOrNothing: true}, lines)
			if err != nil {
				t.Error(err)
			}
			for _, result := range results {
				got.add(result)
			}
		})
		if got.codes[model.Applied]+got.codes[model.Busy] != 180 {
			t.Errorf("codes %v", got.codes)
		}
		t.Log(got.codes)
	})
}

func taskKey(name string, numbers ...int) model.TaskKey {
	return model.TaskKey{JobType: "FLOOR", TaskID: name + fmt.Sprint(numbers)}
}

func lineKey(name string, numbers ...int) model.LineKey {
	return model.LineKey{JobType: "SO", OrderID: name, LineID: fmt.Sprint(numbers)}
}

// Whatever comes into a bin while it is blocked is refused, or it is frozen with the rest.
func TestBlockAgainstArrival(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const rounds = 12
		pair[0].Receive("B1", "1000").OK()
		blocked := 0
		for round := range rounds {
			bin := fmt.Sprint("NEW", round)
			pair[0].Bin("FAST", bin, model.StorageBin, 9)
			var block model.Result
			var got tally
			together(8, func(i int) {
				s := pair[i%2]
				at := s.InBin(bin)
				switch i {
				case 0, 1, 2:
					got.add(say(t, s.Tier2.Receive, model.ReceiveLine{Key: lineKey("IN", round, i),
						At: at.InZone("FAST"), Bin: bin, Qty: model.Whole(1)}))
				case 3, 4:
					got.add(say(t, s.Tier3.Move, model.MoveLine{Key: taskKey("MOVE", round, i),
						From: s.InBin("B1"), ToBin: bin, Qty: model.Whole(1)}))
				case 5:
					got.add(say(t, s.Tier3.Adjust, model.AdjustLine{Key: taskKey("MORE", round),
						At: at, Delta: model.Whole(1)}))
				case 6:
					say(t, s.Tier3.Unfreeze, model.FreezeLine{Key: taskKey("THAW", round), At: at,
						Qty: model.Whole(1)})
				case 7:
					block = say(t, s.Tier3.Block, model.BlockLine{Key: taskKey("BLOCK", round),
						Warehouse: s.Warehouse, Bin: bin})
				}
			})
			if block.Code == model.Applied {
				blocked++
			}
			if got.codes[model.Applied]+got.codes[model.InvalidState] != 6 {
				t.Errorf("codes %v", got.codes)
			}
			in := got.codes[model.Applied]
			if row := pair[0].Picture()[bin]; in > 0 && row != fmt.Sprintf("%d/0/%d", in, in) {
				t.Errorf("bin %s has %s, %d came in", bin, row, in)
			}
		}
		if blocked != rounds {
			t.Errorf("%d of %d bins were blocked", blocked, rounds)
		}
	})
}

// First receipts of one row, from wherever, end as one row.
func TestFirstReceiptsMeet(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		for round := range 8 {
			batch := fmt.Sprint("LOT", round)
			var got tally
			together(16, func(i int) {
				s := pair[i%2]
				line := model.ReceiveLine{Key: lineKey("IN", round, i), At: s.InZone("F1"), Bin: "F1",
					Qty: model.Whole(1), ExpiresOn: "2031-01-01"}
				line.At.Batch = batch
				if i%4 > 1 {
					line.Bin = "" // lies in the staging bin, over which the tier-2 row is the same
				}
				got.add(say(t, s.Tier2.Receive, line))
			})
			got.is(t, map[model.Code]int{model.Applied: 16})
			pair[0].Expect("FAST:"+batch+" 16/0/0", "F1:"+batch+" 8/0/0",
				"FAST-STAGING:"+batch+" 8/0/0")
		}
	})
}

// A bin goes to another zone, or goods come into it: the one that comes second is refused.
func TestBinMovesAgainstReceipt(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		moved := 0
		for round := range 16 {
			bin := fmt.Sprint("NEW", round)
			pair[0].Bin("FAST", bin, model.StorageBin, 9)
			if round%2 == 1 { // with a row at zero, that must follow
				pair[0].Count(bin, "0").OK()
			}
			var receipt model.Result
			var move master.Result
			together(2, func(i int) {
				s := pair[(i+round)%2]
				if i == 0 {
					receipt = say(t, s.Tier2.Receive, model.ReceiveLine{Key: lineKey("IN", round),
						At: s.InZone("FAST"), Bin: bin, Qty: model.Whole(1)})
					return
				}
				outcome, err := s.Catalog.UpsertBins(context.Background(), []master.BinInput{{
					Warehouse: s.Warehouse, Zone: "BULK", Code: bin}})
				if err != nil {
					t.Error(err)
					return
				}
				move = outcome.Results[0]
			})
			switch {
			case move.Code == model.Applied && receipt.Code == model.Invalid:
				moved++
			case move.Code != model.InvalidState || receipt.Code != model.Applied:
				t.Errorf("the receipt is %s, the move %s", receipt.Code, move.Code)
			}
		}
		t.Logf("the move came first %d times", moved)
	})
}

// The first date given to a batch stays; whoever gives another is refused.
func TestFirstDateStays(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		for round := range 10 {
			lot := fmt.Sprint("LOT", round)
			pair[0].Batch(lot, "", false)
			dates := []model.Date{"2031-01-01", "2032-02-02"}
			var got tally
			together(2, func(i int) {
				line := model.ReceiveLine{Key: lineKey("IN", round, i), Qty: model.Whole(1),
					At: pair[i].InZone([]string{"F1", "B1"}[i]), ExpiresOn: dates[i]}
				line.At.Batch = lot
				got.add(say(t, pair[i].Tier2.Receive, line))
			})
			got.is(t, map[model.Code]int{model.Applied: 1, model.Invalid: 1})
		}
	})
}

// A pack goes from its article, or goods come in it: the one that comes second is refused.
func TestPackGoesAgainstReceipt(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		gone := 0
		for round := range 16 {
			sku := fmt.Sprint("PACKED", round)
			packs := []model.Pack{{Code: "BOX", Size: model.Fraction{Numerator: 6, Denominator: 1}}}
			pair[0].Masters(pair[0].Catalog.UpsertSKUs(t.Context(),
				[]master.SKUInput{{Code: sku, Packs: &packs}}))
			var receipt model.Result
			var removal master.Result
			together(2, func(i int) {
				s := pair[(i+round)%2]
				if i == 0 {
					line := model.ReceiveLine{Key: lineKey("IN", round), At: s.InZone("F1"),
						Qty: model.Whole(1)}
					line.At.SKU, line.At.Pack = sku, "BOX"
					receipt = say(t, s.Tier2.Receive, line)
					return
				}
				outcome, err := s.Catalog.UpsertSKUs(context.Background(),
					[]master.SKUInput{{Code: sku, Packs: &[]model.Pack{}}})
				if err != nil {
					t.Error(err)
					return
				}
				removal = outcome.Results[0]
			})
			switch {
			case removal.Code == model.Applied && receipt.Code == model.Invalid:
				gone++
			case removal.Code != model.InvalidState || receipt.Code != model.Applied:
				t.Errorf("the receipt is %s, the removal %s", receipt.Code, removal.Code)
			}
		}
		t.Logf("the removal came first %d times", gone)
	})
}

// Restores of one departure never bring back more than left.
func TestRestoresMeet(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		pair[0].Receive("F1", "10").OK()
		pair[0].Reserve("R", "10").OK()
		left := pair[0].Deduct("R", "10").OK()
		var got tally
		together(30, func(i int) {
			s := pair[i%2]
			got.add(say(t, s.Tier2.Restore, model.RestoreLine{Key: lineKey("BACK", i),
				Warehouse: s.Warehouse, Deduction: &left.Line, Qty: new(model.Whole(1))}))
		})
		got.is(t, map[model.Code]int{model.Applied: 10, model.InvalidState: 20})
		pair[0].Expect("F1 10/0/0", "FAST 10/0/0")
	})
}

// Lines of one call are decided in the order given, whatever they name.
func TestLinesKeepTheirOrder(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		s := pair[0]
		s.Receive("F1", "400").OK()
		s.Reserve("R", "400").OK()
		left := s.Deduct("R", "400").OK()
		for round := range 12 {
			lines := make([]model.RestoreLine, 6)
			for i := range lines {
				lines[i] = model.RestoreLine{Key: lineKey(fmt.Sprint("BACK", i), round), Qty: new(
					model.Whole(5)), Warehouse: s.Warehouse, Deduction: &left.Line}
			}
			results, err := s.Tier2.Restore(t.Context(), flow.Mode{}, lines)
			if err != nil {
				t.Fatal(err)
			}
			var seen model.Quantity
			for i, result := range results {
				after := result.Flows[0].After.OnHand
				if result.Code != model.Applied || after < seen {
					t.Errorf("round %d: line %d was decided before the one above it", round, i)
				}
				seen = after
			}
		}
	})
}
