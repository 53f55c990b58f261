package wmsync_test

import (
	"fmt"
	"strings"
	"testing"

	"tierstock/wmsync"
)

// Ids that a database would take for one another, or that are too long for it, are all different.
func TestOddIDs(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		long := strings.Repeat("é", 150)
		ids := []string{"d1", "d1 ", "d1  ", " d1", "D1", "d1\x00", "", long, long + "x", "d1\t"}
		for range 2 {
			for _, id := range ids {
				b.far.tell(wmsync.Stock, wmsync.Delta, id, 0, delta("1", ""))
			}
		}
		b.pull(wmsync.Stock)
		b.dead()
		b.Expect(fmt.Sprintf("FAST %d/0/0", len(ids)))
	})
}

// Dead letters that are too large for one statement, or for a row, keep nobody from what follows.
func TestHugeItems(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i := range 20 {
			b.far.tell(wmsync.Stock, wmsync.Delta, fmt.Sprint("huge", i), 0,
				delta("1", `,"zone":"NOWHERE","note":"`+strings.Repeat("x", 1<<20)+`"`))
		}
		b.far.tell(wmsync.Stock, wmsync.Delta, "hugest", 0,
			delta("1", `,"zone":"NOWHERE","note":"`+strings.Repeat("x", 20<<20)+`"`))
		b.far.tell(wmsync.Stock, wmsync.Delta, "good", 0, delta("1", ""))
		b.pull(wmsync.Stock)
		b.Expect("FAST 1/0/0")
		if letters := b.messages(true); len(letters) != 21 {
			t.Errorf("%d letters", len(letters))
		}
	})
}
