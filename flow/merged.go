package flow

import (
	"context"
	"fmt"
	"strings"

	"tierstock/store"
)

// change is a row's new values for one merged UPDATE: its key, then its columns.
type change struct{ key, values []any }

// mergedUpdate describes an UPDATE that writes many rows at once, each column by a CASE over the
// row's key. shared columns get one value for all rows.
type mergedUpdate struct {
	table        string
	keys         []string
	columns      []string
	shared       []string
	sharedValues []any
	// every: each row must be found, since we hold its lock.
	every bool
}

// run writes the changes in chunks.
func (u mergedUpdate) run(ctx context.Context, tx *store.Tx, warehouse string,
	changes []change) error {
	for _, some := range chunks(changes, chunkRows(tx.Dialect())) {
		statement, args := u.sql(tx.Dialect(), warehouse, some)
		affected, err := tx.Exec(ctx, statement, args...)
		if err != nil {
			return err
		}
		if u.every && affected != int64(len(some)) {
			return fmt.Errorf("%s: %d of %d locked rows were updated", u.table, affected, len(some))
		}
	}
	return nil
}

func (u mergedUpdate) sql(d store.Dialect, warehouse string, changes []change) (string, []any) {
	var text strings.Builder
	var args []any
	match := strings.Join(u.keys, " = ? AND ") + " = ?"
	text.WriteString("UPDATE " + u.table + " SET ")
	for i, column := range u.columns {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(column + " = CASE")
		for _, change := range changes {
			text.WriteString(" WHEN " + match + " THEN ?")
			args = append(append(args, change.key...), change.values[i])
		}
		text.WriteString(" ELSE " + column + " END")
	}
	for _, column := range u.shared {
		text.WriteString(", " + column + " = ?")
	}
	args = append(append(args, u.sharedValues...), warehouse)
	keys := make([][]any, len(changes))
	for i, change := range changes {
		keys[i] = change.key
	}
	wanted := where{args: args}
	condition := wanted.tuples(d, strings.Join(u.keys, ", "), keys)
	text.WriteString(" WHERE warehouse = ? AND " + condition)
	return text.String(), wanted.args
}

// insertRows writes many rows by few statements. The warehouse is each row's first column.
func insertRows(ctx context.Context, tx *store.Tx, table, columns string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	row := "(" + store.InList(len(rows[0])) + ")"
	for _, some := range chunks(rows, chunkValues(tx.Dialect())/len(rows[0])) {
		var args []any
		for _, values := range some {
			args = append(args, values...)
		}
		statement := "INSERT INTO " + table + " (" + columns + ") VALUES " +
			repeat(row, ",", len(some))
		if _, err := tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}
