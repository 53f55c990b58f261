package stocktest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tierstock/model"
)

// anything calls verbs at random on a few rows, under keys that meet. Each call must be answered;
// whether it may be applied is for others to say.
type anything struct {
	*Site
	t      *testing.T
	random *rand.Rand
	got    *tally
	tasks  chan string
}

// Many callers on two engines do anything at once. No call fails but by a code, and afterwards
// every invariant holds.
func TestAnythingAtOnce(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		const callers, calls = 12, 100
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		for _, bin := range []string{"F1", "F2", "B1"} {
			pair[0].Receive(bin, "200").OK()
		}
		var got tally
		tasks := make(chan string, callers*calls)
		together(callers, func(i int) {
			a := anything{Site: pair[i%2], t: t, got: &got, tasks: tasks,
				random: rand.New(rand.NewPCG(seed, uint64(i)))}
			for range calls {
				a.act()
			}
		})
		t.Log(got.codes)
		if got.codes[model.Applied] < callers*calls/6 {
			t.Errorf("too little came of it: %v", got.codes)
		}
	})
}

func (a anything) below(n int) int { return a.random.IntN(n) }

func (a anything) bin() string { return []string{"F1", "F2", "F3", "B1", "T1"}[a.below(5)] }

func (a anything) qty() model.Quantity { return model.Whole(int64(1 + a.below(4))) }

func (a anything) row() model.BinStockKey { return a.InBin(a.bin()) }

// order is one of few, so that callers meet in it.
func (a anything) order() model.LineKey { return Line(fmt.Sprint("R", a.below(60))) }

func (a anything) key() model.TaskKey { return taskKey("RANDOM", a.below(900)) }

func (a anything) line() model.LineKey { return lineKey("RANDOM", a.below(900)) }

// act makes one call, of each verb about as often.
func (a anything) act() {
	verbs := []func(){a.stockVerb, a.lineVerb, a.lineVerb, a.workVerb, a.workVerb, a.doubt}
	verbs[a.below(len(verbs))]()
}

func (a anything) stockVerb() {
	switch a.below(5) {
	case 0:
		bin := a.bin()
		a.got.add(say(a.t, a.Tier2.Receive, model.ReceiveLine{Key: a.line(), At: a.InZone(bin),
			Bin: bin, Qty: a.qty()}))
	case 1:
		a.got.add(say(a.t, a.Tier3.Adjust, model.AdjustLine{Key: a.key(), At: a.row(),
			Delta: a.qty() - model.Whole(2)}))
	case 2:
		a.got.add(say(a.t, a.Tier3.Freeze, model.FreezeLine{Key: a.key(), At: a.row(), Qty: a.qty()}))
	case 3:
		a.got.add(say(a.t, a.Tier3.Unfreeze, model.FreezeLine{Key: a.key(), At: a.row(),
			Qty: a.qty()}))
	case 4:
		a.got.add(say(a.t, a.Tier3.Count, model.CountLine{Key: a.key(), At: a.row(),
			Counted: 4 * a.qty(), ExpectedVersion: int64(a.below(20))}))
	}
}

func (a anything) lineVerb() {
	order := a.order()
	switch a.below(6) {
	case 0, 1:
		line := a.reserveLine(order.OrderID, "3")
		line.AllowPartial = a.below(2) == 0
		if a.below(3) == 0 {
			line.TTLSeconds = new(int64(1))
		}
		a.got.add(say(a.t, a.Allocation.Reserve, line))
	case 2:
		a.got.add(say(a.t, a.Tier2.Release, model.ReleaseLine{Key: a.line(), Reservation: &order,
			Warehouse: a.Warehouse}))
	case 3:
		a.got.add(say(a.t, a.Tier2.Deduct, model.DeductLine{Key: a.line(), Reservation: &order,
			Warehouse: a.Warehouse, Qty: new(a.qty())}))
	case 4:
		deduction := a.line()
		a.got.add(say(a.t, a.Tier2.Restore, model.RestoreLine{Key: a.line(), Warehouse: a.Warehouse,
			Deduction: &deduction}))
	case 5:
		if _, err := a.Tier2.Expire(context.Background()); err != nil {
			a.t.Error(err)
		}
	}
}

func (a anything) workVerb() {
	order := a.order()
	switch a.below(5) {
	case 0, 1:
		pinned := say(a.t, a.Tier3.Pin, model.PinLine{Key: a.key(), Warehouse: a.Warehouse,
			Reservation: order})
		a.got.add(pinned)
		for _, task := range pinned.Tasks {
			a.tasks <- fmt.Sprint(task.ID)
		}
	case 2:
		line := model.PickLine{Key: a.key(), Reservation: order, From: a.row(), Qty: a.qty(),
			Short: a.below(4) == 0}
		if a.below(2) == 0 {
			line.ToBin = "T1"
		}
		a.got.add(say(a.t, a.Tier3.Pick, line))
	case 3:
		line := model.MoveLine{Key: a.key(), From: a.row(), ToBin: a.bin(), Qty: a.qty()}
		switch a.below(3) {
		case 0:
			line.WithReservation = &order
		case 1:
			line.Frozen = true
		}
		a.got.add(say(a.t, a.Tier3.Move, line))
	case 4:
		select {
		case task := <-a.tasks:
			a.got.add(say(a.t, a.Tier3.Unpin, model.UnpinLine{Key: a.key(), Warehouse: a.Warehouse,
				Task: task}))
		default:
		}
	}
}

func (a anything) doubt() {
	switch a.below(4) {
	case 0, 1:
		line := model.ExceptionLine{Key: a.key(), At: a.row(), Kind: model.Damaged}
		if a.below(2) == 0 {
			line.Qty = new(a.qty())
		}
		a.got.add(say(a.t, a.Tier3.Report, line))
	case 2:
		a.got.add(say(a.t, a.Tier3.Block, model.BlockLine{Key: a.key(), Warehouse: a.Warehouse,
			Bin: a.bin()}))
	case 3:
		a.got.add(say(a.t, a.Tier3.Unblock, model.BlockLine{Key: a.key(), Warehouse: a.Warehouse,
			Bin: a.bin()}))
	}
}
