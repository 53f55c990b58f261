package flow

import (
	"context"
	"strconv"

	"tierstock/store"
)

// RowsMax is how many rows one merged UPDATE writes.
const RowsMax = rowsMax

var marksTable = newTable("marks", "warehouse name", "value")

// InsertMarks writes a mark for each text, named by its place.
func InsertMarks(ctx context.Context, tx *store.Tx, warehouse string, texts []string) error {
	return insertRows(ctx, tx, marksTable, len(texts), func(i int, row *rowText) {
		row.string(warehouse).string(strconv.Itoa(i)).string(texts[i])
	})
}

// InsertHolds writes a hold for each key of reservation and stock row.
func InsertHolds(ctx context.Context, tx *store.Tx, warehouse string, keys [][2]int64,
	held map[[2]int64]int64) error {
	return insertRows(ctx, tx, holds, len(keys), func(i int, row *rowText) {
		qty := held[keys[i]]
		row.string(warehouse).int(keys[i][0]).int(keys[i][1]).int(int64(i)).int(qty).int(qty).
			int(0).int(0)
	})
}

// ChangeHolds writes what they become by one merged UPDATE.
func ChangeHolds(ctx context.Context, tx *store.Tx, warehouse string, keys [][2]int64,
	was, becomes map[[2]int64]int64) error {
	changes := make([]change, len(keys))
	for i, key := range keys {
		before, after := intCell(was[key]), intCell(becomes[key])
		changes[i] = change{key: key, values: []cell{after, after}, was: []cell{before, before}}
	}
	return mergedUpdate{table: "holds", keys: []string{"reservation_id", "zone_stock_id"},
		columns: []string{"held", "open_qty"}}.run(ctx, tx, warehouse, changes)
}

// FirstOf says how many rows with these first keys one merged UPDATE writes.
func FirstOf(firstKeys []int64) int {
	changes := make([]change, len(firstKeys))
	for i, key := range firstKeys {
		changes[i].key = [2]int64{key, int64(i)}
	}
	return len(firstOf(changes))
}
