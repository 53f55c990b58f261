package stocktest

import (
	"fmt"
	"testing"

	"tierstock/model"
	"tierstock/store"
)

// An engine remembers the rows that it decided about last, and decides ahead from them. Whatever
// another process has done to them meanwhile counts all the same, and at once.
func TestAheadSeesWhatOthersDid(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		mine, theirs := pair[0], pair[1]
		mine.Receive("F1", "10").OK()
		takes := func(order, qty string, code model.Code, batch string) {
			t.Helper()
			got := say(t, mine.Allocation.Reserve, mine.reserveLine(order, qty))
			if got.Code != code {
				t.Fatalf("%s is %s: %s", order, got.Code, got.Message)
			}
			if code == model.Applied && got.Reservation.Holds[0].Batch != batch {
				t.Errorf("%s holds %+v, not of batch %q", order, got.Reservation.Holds, batch)
			}
		}
		arrives := func(order, qty, batch string, expiresOn model.Date) {
			t.Helper()
			got := say(t, theirs.Tier2.Receive, model.ReceiveLine{Key: Line(order), Bin: "F1",
				At: model.ZoneStockKey{Warehouse: theirs.Warehouse, Zone: "FAST", SKU: Tea,
					Batch: batch}, Qty: theirs.Qty(qty), ExpiresOn: expiresOn})
			if got.Code != model.Applied {
				t.Fatalf("%s is %s: %s", order, got.Code, got.Message)
			}
		}
		takes("R1", "1", model.Applied, "")
		arrives("A1", "3", "L1", mine.Today(5))
		takes("R2", "2", model.Applied, "L1") // a row that was not there
		if got := say(t, theirs.Allocation.Reserve, theirs.reserveLine("R3", "10")); got.Code !=
			model.Applied {
			t.Fatalf("theirs is %s", got.Code)
		}
		takes("R4", "1", model.Insufficient, "") // and a row that is taken
		arrives("A2", "5", "", "")
		takes("R5", "5", model.Applied, "")
		redone := mine.Engine.Stats().Redone
		if isAhead := mine.DB.Dialect() != store.SQLite; isAhead != (redone > 0) {
			t.Errorf("%d batches were decided anew", redone)
		}
	})
}

// What one batch leaves is what the next one, decided while the first is on its way, begins with:
// in both tiers, for every verb that is decided ahead.
func TestAheadGoesOnFromTheBatchBefore(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		const orders = 300
		s := New(t, db)
		s.Receive("F1", "150").OK()
		s.Receive("F2", "100").OK()
		s.Receive("B1", "50").OK()
		var reserved, deducted, picked tally
		together(orders, func(i int) {
			order := fmt.Sprint("R", i)
			got := say(t, s.Allocation.Reserve, s.reserveLine(order, "1"))
			reserved.add(got)
			if got.Code != model.Applied {
				return
			}
			if i%2 == 0 {
				deducted.add(say(t, s.Tier2.Deduct, model.DeductLine{Key: Line(order),
					Warehouse: s.Warehouse}))
				return
			}
			bin := map[string]string{"FAST": "F1", "BULK": "B1"}[got.Reservation.Holds[0].Zone]
			picked.add(say(t, s.Tier3.Pick, model.PickLine{Key: model.TaskKey{JobType: "FLOOR",
				TaskID: order}, Reservation: Line(order), Qty: model.One,
				From: model.BinStockKey{Warehouse: s.Warehouse, Bin: bin, SKU: Tea}}))
		})
		reserved.is(t, map[model.Code]int{model.Applied: orders})
		deducted.is(t, map[model.Code]int{model.Applied: orders / 2})
		if picked.codes[model.Applied] == 0 ||
			picked.codes[model.Applied]+picked.codes[model.Insufficient] != orders/2 {
			t.Errorf("picks are %v", picked.codes)
		}
		// Where nobody else is at work, what is foreseen comes true; a slow machine may be late.
		if stats := s.Engine.Stats(); stats.Redone*10 > stats.Commits {
			t.Errorf("%d of %d batches were decided anew", stats.Redone, stats.Commits)
		}
		s.Verify()
	})
}
