package store

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
)

// Queryer reads: a transaction, or the database outside one.
type Queryer interface {
	// Query runs a SELECT; the caller closes the rows.
	Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
}

// errReads is a write where only reads may be. The server would refuse it too, but with an error
// that the driver takes for a broken connection.
var errReads = errors.New("a snapshot only reads")

// gate is the one way to a connection or pool, for gorm and for statements by hand. It tells the
// trace every statement, and a transaction what became of it.
type gate struct {
	pool  gorm.ConnPool
	trace func(sql string)
	span  func(ctx context.Context, shapes ...string) func(error)
	tx    *Tx // nil outside a transaction
}

func (db *DB) gateTo(pool gorm.ConnPool) *gate {
	return &gate{pool: pool, trace: db.options.Trace, span: db.options.Span}
}

// begin tells the span of a statement, and gives what ends it.
func (g *gate) begin(ctx context.Context, shapes ...string) func(error) {
	if g.span == nil {
		return nothing
	}
	return g.span(ctx, shapes...)
}

func nothing(error) {}

// Query is QueryContext under the name that the rooms use.
func (g *gate) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return g.QueryContext(ctx, query, args...)
}

// ExecContext is gorm's and ours.
func (g *gate) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return g.exec(ctx, query, []string{query}, args...)
}

// execText runs statements that have their values in their text; the trace is told their shapes.
func (g *gate) execText(ctx context.Context, text string, shapes []string) (sql.Result, error) {
	return g.exec(ctx, text, shapes)
}

func (g *gate) exec(ctx context.Context, text string, shapes []string, args ...any) (
	sql.Result, error) {
	if g.tx != nil && g.tx.reads {
		return nil, errReads
	}
	for _, shape := range shapes {
		g.tell(shape)
	}
	end := g.begin(ctx, shapes...)
	result, err := g.pool.ExecContext(ctx, text, args...)
	err = orEnded(ctx, err)
	end(err)
	g.note(nil, err)
	return result, err
}

// QueryContext is gorm's and ours.
func (g *gate) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	g.tell(query)
	end := g.begin(ctx, query)
	rows, err := g.pool.QueryContext(ctx, query, args...)
	err = orEnded(ctx, err)
	end(err)
	g.note(rows, err)
	return rows, err
}

// QueryRowContext is gorm's.
func (g *gate) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	g.tell(query)
	end := g.begin(ctx, query)
	row := g.pool.QueryRowContext(ctx, query, args...)
	end(row.Err())
	g.note(nil, row.Err())
	return row
}

// PrepareContext is gorm's; nothing here prepares.
func (g *gate) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	g.tell(query)
	return g.pool.PrepareContext(ctx, query)
}

func (g *gate) tell(query string) {
	if g.trace != nil {
		g.trace(query)
	}
}

func (g *gate) note(rows *sql.Rows, err error) {
	if g.tx != nil {
		g.tx.note(rows, err)
	}
}

// EachRow runs a SELECT and gives its rows to scan, one after the other; the first error ends it.
func EachRow(ctx context.Context, q Queryer, statement string, args []any,
	scan func(*sql.Rows) error) error {
	rows, err := q.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return orEnded(ctx, rows.Err())
}
