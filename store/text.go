package store

import (
	"context"
	"fmt"
	"strconv"
)

// Text is a statement with its values written into it. Where a statement carries thousands of
// values, placeholders cost more than the rest: each is boxed, converted, checked and written by
// the driver one by one, and SQLite's driver binds them in quadratic time. Values come in only
// through String and Int, which quote.
type Text struct {
	dialect Dialect
	written []byte
}

// Text begins a statement for ExecText.
func (tx *Tx) Text() *Text {
	text, used := tx.db.texts.Get().(*Text)
	if !used {
		text = &Text{dialect: tx.Dialect()}
	}
	text.written = text.written[:0]
	return text
}

// SQL adds words of the statement itself: constants, never what came from outside.
func (t *Text) SQL(words string) *Text {
	t.written = append(t.written, words...)
	return t
}

// Int adds a number.
func (t *Text) Int(number int64) *Text {
	t.written = strconv.AppendInt(t.written, number, 10)
	return t
}

// String adds a quoted text. Sessions of our own keep backslash escapes on (see mysqlConfig), and
// their character set is utf8mb4, in which no byte of a longer character is a quote or backslash.
func (t *Text) String(text string) *Text {
	t.written = append(t.written, '\'')
	for i := range len(text) {
		switch letter := text[i]; {
		case letter == '\'':
			t.written = append(t.written, '\'', '\'')
		case letter == '\\' && t.dialect == MySQL:
			t.written = append(t.written, '\\', '\\')
		case letter == 0 && t.dialect == MySQL:
			t.written = append(t.written, '\\', '0')
		case letter == 0:
			// SQLite's statements end at a NUL.
			t.written = append(t.written, "'||char(0)||'"...)
		default:
			t.written = append(t.written, letter)
		}
	}
	t.written = append(t.written, '\'')
	return t
}

// Dialect is that of the database that will run it.
func (t *Text) Dialect() Dialect { return t.dialect }

// Len is the length so far, in bytes.
func (t *Text) Len() int { return len(t.written) }

// ExecText runs what Text began, which must not be used again: one statement, or several with a
// semicolon between them, which cost one round trip together. It says how many rows the last one
// changed; the first that fails is the last that is run. A taken key is ErrDuplicate. shapes are
// the statements without their values, for the trace.
func (tx *Tx) ExecText(ctx context.Context, text *Text, shapes ...string) (affected int64,
	err error) {
	statements := string(text.written)
	tx.db.texts.Put(text)
	result, err := tx.gate.execText(ctx, statements, shapes)
	if isDuplicate(err) {
		return 0, fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
