package flow_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tierstock/flow"
	"tierstock/stocktest"
	"tierstock/store"
)

// writes runs statements in a transaction of their own.
func writes(t testing.TB, db *store.DB, run func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	err := db.Transact(t.Context(), func(tx *store.Tx) error { return run(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever a text is made of, it is stored as it is and never read as part of the statement. An
// empty one is left out where none of the rows has another, and is stored all the same.
func TestTextsAreQuoted(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		for site, texts := range map[string][]string{
			"ALL": {"", "'", "''", `\`, `\'`, `'; DROP TABLE marks; --`, "a\x00b", "\n\r\x1a", "%_",
				"“quotes”", "日本'語", "🐘\\🐘", `"`, "--", "/*", "?", "NULL"},
			"NONE": {"", ""},
		} {
			writes(t, db, func(ctx context.Context, tx *store.Tx) error {
				return flow.InsertMarks(ctx, tx, site, texts)
			})
			for i, text := range texts {
				var got string
				err := db.Gorm(t.Context()).Table("marks").Select("value").
					Where("warehouse = ? AND name = ?", site, fmt.Sprint(i)).Row().Scan(&got)
				if err != nil || got != text {
					t.Errorf("%q became %q: %v", text, got, err)
				}
			}
		}
	})
}

// Whatever rows a merged UPDATE names, each gets its own values and no other row any.
func TestMergedUpdateWritesEachRow(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		site := 0
		rapid.Check(t, func(rt *rapid.T) {
			site++
			warehouse := fmt.Sprint("W", site)
			stored, touched := drawHolds(rt)
			keys := slices.SortedFunc(maps.Keys(stored), func(one, other [2]int64) int {
				return slices.Compare(one[:], other[:])
			})
			want := maps.Clone(stored)
			changed := slices.DeleteFunc(slices.Clone(keys), func(key [2]int64) bool {
				return !touched[key[0]]
			})
			for _, key := range changed {
				want[key] = rapid.Int64Range(0, 5).Draw(rt, "becomes")
			}
			writes(t, db, func(ctx context.Context, tx *store.Tx) error {
				if err := flow.InsertHolds(ctx, tx, warehouse, keys, stored); err != nil {
					return err
				}
				return flow.ChangeHolds(ctx, tx, warehouse, changed, stored, want)
			})
			if got := holdsOf(t, db, warehouse); !maps.Equal(got, want) {
				rt.Fatalf("%v, not %v", got, want)
			}
		})
	})
}

// drawHolds draws holds by reservation and row, and which reservations are touched.
func drawHolds(t *rapid.T) (stored map[[2]int64]int64, touched map[int64]bool) {
	stored, touched = map[[2]int64]int64{}, map[int64]bool{}
	for range rapid.IntRange(1, 40).Draw(t, "rows") {
		reservation := rapid.Int64Range(1, 12).Draw(t, "reservation")
		row := rapid.Int64Range(1, 4).Draw(t, "row")
		stored[[2]int64{reservation, row}] = rapid.Int64Range(0, 3).Draw(t, "held")
		touched[reservation] = rapid.Bool().Draw(t, "touched")
	}
	return stored, touched
}

func holdsOf(t *testing.T, db *store.DB, warehouse string) map[[2]int64]int64 {
	t.Helper()
	var rows []struct{ ReservationID, ZoneStockID, OpenQty int64 }
	err := db.Gorm(t.Context()).Table("holds").Where("warehouse = ?", warehouse).Find(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	held := map[[2]int64]int64{}
	for _, row := range rows {
		held[[2]int64{row.ReservationID, row.ZoneStockID}] = row.OpenQty
	}
	return held
}

// What is written by several statements never parts the rows of one first key.
func TestMergedUpdateKeepsFirstKeysTogether(t *testing.T) {
	keys := make([]int64, flow.RowsMax+10)
	for i := range keys {
		keys[i] = int64(i / 7)
	}
	count := flow.FirstOf(keys)
	if count < flow.RowsMax || count == len(keys) || keys[count-1] == keys[count] {
		t.Errorf("the first statement has %d rows", count)
	}
}
