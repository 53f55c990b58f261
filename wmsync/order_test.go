package wmsync_test

import (
	"fmt"
	"strconv"
	"strings"
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

// What has no version is newer than what was told before it, and a delete may be of the version
// that it deletes, within a page as well as between two.
func TestVersionsThatAreLeftOut(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "50").OK()
		for _, way := range []struct {
			name, told string
			reserved   int
		}{
			{"A", "4@1 gone@0", 0}, {"B", "4@2 7@0", 7}, {"C", "4@5 7@0 9@3", 7},
			{"D", "4@2 gone@2", 0}, {"E", "gone@2 4@2", 0}, {"F", "4@2 7@2", 4}, {"G", "4@0 7@0", 7},
			{"H", "4@2 gone@1", 4}, {"I", "gone@0 4@1", 4},
		} {
			for _, inOnePage := range []bool{true, false} {
				id := fmt.Sprint(way.name, inOnePage)
				for i, word := range strings.Fields(way.told) {
					what, at, _ := strings.Cut(word, "@")
					version, err := strconv.Atoi(at)
					if err != nil {
						t.Fatal(err)
					}
					op, data := wmsync.Upsert, order(id, 0, line("1", what))
					if what == "gone" {
						op, data = wmsync.Delete, fmt.Sprintf(`{"orderId":%q,"warehouse":"MAIN"}`, id)
					}
					b.far.tell(wmsync.Orders, op, fmt.Sprint(id, i), int64(version), data)
					if !inOnePage {
						b.pull(wmsync.Orders)
					}
				}
				b.pull(wmsync.Orders)
				b.dead()
				if got := b.reserved(); got != way.reserved {
					t.Errorf("%s, in one page %t: %d are reserved, not %d", way.told, inOnePage, got,
						way.reserved)
				}
				b.far.tell(wmsync.Orders, wmsync.Delete, id+"end", 0, fmt.Sprintf(`{"orderId":%q}`, id))
				b.pull(wmsync.Orders)
			}
		}
	})
}

// reserved is how many pieces are reserved in FAST.
func (b *bench) reserved() (count int) {
	b.t.Helper()
	if _, err := fmt.Sscanf(b.Picture()["FAST"], "50/%d/", &count); err != nil {
		b.t.Fatal(err)
	}
	return count
}
