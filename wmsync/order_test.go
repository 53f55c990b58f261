package wmsync_test

import (
	"testing"

	"tierstock/model"
	"tierstock/wmsync"
)

// An order that changes after all of a line has left, or part of it was picked, asks for the rest.
func TestOrdersThatHaveLeft(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "20").OK()
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "4"), line("2", "3")))
		b.pull(wmsync.Orders)
		b.deduct("A1", "1", 0, "4")
		b.pick("A1", "2", 0, "2")
		b.Expect("FAST 16/3/0")
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o2", 2, order("A1", 2, line("1", "6"), line("2", "5")))
		b.pull(wmsync.Orders)
		b.dead()
		b.Expect("FAST 16/7/0") // of line 1 the 2 that have not left, all of line 2
		b.far.tell(wmsync.Orders, wmsync.Delete, "o3", 3, `{"orderId":"A1","warehouse":"MAIN"}`)
		b.pull(wmsync.Orders)
		b.dead()
		b.Expect("FAST 16/0/0")
	})
}

// What an earlier version lacked is not covered any more.
func TestOrdersThatWereShort(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "2").OK()
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o1", 1, order("A1", 1, line("1", "10"), line("2", "3")))
		b.pull(wmsync.Orders)
		b.far.tell(wmsync.Orders, wmsync.Upsert, "o2", 2, order("A1", 2, line("1", "5")))
		b.pull(wmsync.Orders)
		b.dead()
		b.Receive("F1", "20").OK()
		b.Cover()
		b.Expect("FAST 22/5/0")
		b.far.tell(wmsync.Orders, wmsync.Delete, "o3", 3, `{"orderId":"A1","warehouse":"MAIN"}`)
		b.pull(wmsync.Orders)
		b.Cover()
		b.dead()
		b.Expect("FAST 22/0/0")
	})
}

// pick takes part of an order's line out of its bin, into a tote.
func (b *bench) pick(orderID, lineID string, revision int64, qty string) {
	b.t.Helper()
	b.Pick("PICK", "F1", qty, "T1", func(line *model.PickLine) {
		line.Reservation = model.LineKey{JobType: "ORDER", OrderID: orderID, LineID: lineID,
			Revision: revision}
	}).OK()
}
