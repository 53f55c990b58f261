package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tierstock/store"
)

// textBytesMax bounds one statement: servers take at least 1 MB, and MariaDB 16 MB, unless told
// otherwise.
const textBytesMax = 512 << 10

// table is where rows are inserted. The first required columns are always written; the others have
// a default (” or 0) in the schema, and are written where any row has something else to say. Most
// columns mostly have not, and reading them costs the server more than storing them.
type table struct {
	name     string
	columns  []string
	required int
}

// newTable names a table's columns: those without a default, then the others.
func newTable(name, required, defaulted string) table {
	first := strings.Fields(required)
	return table{name: name, columns: append(first, strings.Fields(defaulted)...),
		required: len(first)}
}

// rowText writes one row's values, in the order of the table's columns.
type rowText struct {
	text *store.Text
	// said are the columns that have something to say; probing finds them, before any is written.
	said    []bool
	probing bool
	column  int
}

func (r *rowText) string(value string) *rowText {
	if r.take(value == "") {
		r.text.String(value)
	}
	return r
}

func (r *rowText) int(value int64) *rowText {
	if r.take(value == 0) {
		r.text.Int(value)
	}
	return r
}

func (r *rowText) flag(value bool) *rowText {
	if value {
		return r.int(1)
	}
	return r.int(0)
}

// take says whether the next column's value is to be written now.
func (r *rowText) take(isDefault bool) bool {
	column := r.column
	r.column++
	if r.probing {
		r.said[column] = r.said[column] || !isDefault
		return false
	}
	if r.said[column] && column > 0 {
		r.text.SQL(",")
	}
	return r.said[column]
}

// insertRows writes many rows at once; see script.insert.
func insertRows(ctx context.Context, tx *store.Tx, into table, count int,
	write func(i int, row *rowText)) error {
	inserts := script{tx: tx}
	if err := inserts.insert(ctx, into, count, write); err != nil {
		return err
	}
	return inserts.run(ctx)
}

// script collects INSERTs that cost one round trip together.
type script struct {
	tx     *store.Tx
	text   *store.Text
	shapes []string
}

// begin adds the beginning of a statement.
func (s *script) begin(words string) *store.Text {
	if s.text == nil {
		s.text = s.tx.Text()
	} else {
		s.text.SQL(";\n")
	}
	s.shapes = append(s.shapes, words+"...")
	return s.text.SQL(words)
}

// run sends what is collected.
func (s *script) run(ctx context.Context) error {
	if s.text == nil {
		return nil
	}
	text, shapes := s.text, s.shapes
	s.text, s.shapes = nil, nil
	_, err := s.tx.ExecText(ctx, text, shapes...)
	return err
}

// insert adds rows of a table. write gives the values of a row, and is called twice for each. The
// warehouse is each row's first column.
func (s *script) insert(ctx context.Context, into table, count int,
	write func(i int, row *rowText)) error {
	if count == 0 {
		return nil
	}
	row := rowText{said: make([]bool, len(into.columns)), probing: true}
	for i := range row.said {
		row.said[i] = i < into.required
	}
	for i := range count {
		row.column = 0
		write(i, &row)
	}
	row.probing = false
	begin := "INSERT INTO " + into.name + " (" + strings.Join(into.said(row.said), ", ") +
		") VALUES "
	for i := 0; i < count; {
		row.text = s.begin(begin)
		for first := i; i < count && row.text.Len() < textBytesMax; i++ {
			if i > first {
				row.text.SQL(",")
			}
			row.text.SQL("(")
			row.column = 0
			write(i, &row)
			row.text.SQL(")")
		}
		if s.text.Len() >= textBytesMax {
			if err := s.run(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t table) said(said []bool) (names []string) {
	for i, name := range t.columns {
		if said[i] {
			names = append(names, name)
		}
	}
	return names
}

// cell is a value of a row to be updated.
type cell struct {
	text   string
	number int64
	isText bool
}

func textCell[T ~string](value T) cell { return cell{text: string(value), isText: true} }

func intCell[T ~int | ~int64](value T) cell { return cell{number: int64(value)} }

func flagCell(value bool) cell {
	if value {
		return cell{number: 1}
	}
	return cell{}
}

func (c cell) write(text *store.Text) {
	if c.isText {
		text.String(c.text)
	} else {
		text.Int(c.number)
	}
}

// change is what becomes of a row: its key, its columns' new values and, where they are known,
// the stored ones.
type change struct {
	key         [2]int64
	values, was []cell
}

// mergedUpdate describes an UPDATE that writes many rows at once. It names all rows of its WHERE:
// a column's new value is found by halving over their keys, so that a statement of a thousand
// rows costs ten comparisons a row and not five hundred.
type mergedUpdate struct {
	table   string
	columns []string
	// keys is one column, or two of which the first alone selects the rows.
	keys []string
	// shared columns get one value for all rows.
	shared       []string
	sharedValues []cell
	// counters go up by one in each row, so that a write always changes it.
	counters []string
	// every: each row must be found and changed, since we hold its lock.
	every bool
}

// rowsMax bounds the rows of one merged UPDATE, so that its text stays a few hundred KB.
const rowsMax = 1024

// run writes the changes, which must be in the order of their keys.
func (u mergedUpdate) run(ctx context.Context, tx *store.Tx, warehouse string,
	changes []change) error {
	for len(changes) > 0 {
		some := firstOf(changes)
		changes = changes[len(some):]
		if !u.saysAnything(some) {
			continue
		}
		text, shape := u.write(tx.Text(), warehouse, some)
		affected, err := tx.ExecText(ctx, text, shape)
		if err != nil {
			return err
		}
		if u.every && affected != int64(len(some)) {
			return fmt.Errorf("%s: %d of %d locked rows were updated", u.table, affected, len(some))
		}
	}
	return nil
}

// saysAnything: of what was changed and changed back nothing is left to write.
func (u mergedUpdate) saysAnything(changes []change) bool {
	for i := range u.columns {
		if changesColumn(changes, i) {
			return true
		}
	}
	return len(u.shared)+len(u.counters) > 0
}

// firstOf is what one statement writes: whatever has the same first key stays together.
func firstOf(changes []change) []change {
	count := min(len(changes), rowsMax)
	for count < len(changes) && changes[count].key[0] == changes[count-1].key[0] {
		count++
	}
	return changes[:count]
}

func (u mergedUpdate) write(text *store.Text, warehouse string, changes []change) (
	_ *store.Text, shape string) {
	var names []string
	set := func(column string) *store.Text {
		if len(names) > 0 {
			text.SQL(", ")
		}
		names = append(names, column)
		return text.SQL(column + " = ")
	}
	text.SQL("UPDATE " + u.table + " " + by(text.Dialect(), "PRIMARY") + "SET ")
	for i, column := range u.columns {
		if changesColumn(changes, i) {
			u.halve(set(column), changes, i)
		}
	}
	for i, column := range u.shared {
		u.sharedValues[i].write(set(column))
	}
	for _, column := range u.counters {
		set(column).SQL(column + " + 1")
	}
	text.SQL(" WHERE warehouse = ").String(warehouse).SQL(" AND " + u.keys[0] + " IN (")
	for i, change := range changes {
		if i > 0 {
			text.SQL(",")
		}
		text.Int(change.key[0])
	}
	return text.SQL(")"), "UPDATE " + u.table + " SET " + strings.Join(names, " = ..., ") +
		" = ... WHERE warehouse = ? AND " + u.keys[0] + " IN (...)"
}

// changesColumn says whether any row gets another value in that column than it has.
func changesColumn(changes []change, i int) bool {
	return slices.ContainsFunc(changes, func(c change) bool {
		return c.was == nil || c.was[i] != c.values[i]
	})
}

// halve writes an expression that gives each of the rows its value of a column: one value where
// all have the same, else one for the lower half of the keys and one for the upper.
func (u mergedUpdate) halve(text *store.Text, changes []change, column int) {
	first := changes[0].values[column]
	if !slices.ContainsFunc(changes, func(c change) bool { return c.values[column] != first }) {
		first.write(text)
		return
	}
	middle := len(changes) / 2
	pivot, before := changes[middle].key, changes[middle-1].key
	text.SQL("CASE WHEN ")
	if pivot[0] != before[0] {
		text.SQL(u.keys[0] + " < ").Int(pivot[0])
	} else {
		text.SQL(u.keys[0] + " < ").Int(pivot[0]).SQL(" OR " + u.keys[0] + " = ").Int(pivot[0]).
			SQL(" AND " + u.keys[1] + " < ").Int(pivot[1])
	}
	text.SQL(" THEN ")
	u.halve(text, changes[:middle], column)
	text.SQL(" ELSE ")
	u.halve(text, changes[middle:], column)
	text.SQL(" END")
}
