package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"tierstock/model"
)

// Bounds of redoing. A deadlock is gone at the next try and a lock wait takes seconds, so both a
// number and a time are needed; past them the caller is better told to come back later.
const (
	redoMax      = 12
	redoTimeMax  = 15 * time.Second
	redoDelay    = 2 * time.Millisecond
	redoDelayMax = 200 * time.Millisecond
)

// commitTimeout is the deadline of a COMMIT or ROLLBACK: a group of nodes without majority would
// hang for ever.
const commitTimeout = 10 * time.Second

// Tx is one run of a transaction. It must not be used after its function has returned, nor by two
// goroutines at once.
type Tx struct {
	db      *DB
	ctx     context.Context //nolint:containedctx // gorm's sessions need the transaction's
	conn    *sql.Conn
	gate    *gate
	opened  []*sql.Rows
	reads   bool  // a snapshot: what would write is refused
	doomed  error // the first error after which the database may have dropped what was written
	discard bool  // the connection is of no more use
}

// Transact runs fn in a transaction that writes, at READ COMMITTED, or, on SQLite, as the one
// writer. An error or a panic of fn rolls everything back. When the database asks for it (a
// deadlock, a lock wait, a lost connection, a COMMIT whose outcome is unknown), fn is run again
// from the start, with its reads, up to a bound; so fn must do nothing that a redo would do twice,
// and what it writes must carry a key. Past the bound the error is ErrContended or ErrUnknown. fn
// must not start another transaction that writes: on SQLite it would wait for itself.
func (db *DB) Transact(ctx context.Context, fn func(*Tx) error) error {
	begin := db.Dialect().begin()
	return db.redo(ctx, func() error { return db.run(ctx, db.writer, begin, fn) })
}

// Snapshot runs fn in a transaction that only reads, on one consistent snapshot. Its statements may
// take as long as ctx lets them.
func (db *DB) Snapshot(ctx context.Context, fn func(*Tx) error) error {
	begin := db.Dialect().beginSnapshot()
	return db.redo(ctx, func() error {
		return db.run(ctx, db.patient, begin, func(tx *Tx) error {
			tx.reads = true
			return fn(tx)
		})
	})
}

// redo calls attempt until it succeeds, fails for good, or the bounds are reached.
// An error that the context's end caused is the context's own.
func (db *DB) redo(ctx context.Context, attempt func() error) error {
	started := time.Now()
	unknown := false
	for try := 1; ; try++ {
		err := attempt()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return settle(ctx.Err(), unknown || isUnknown(err))
		}
		if fateOf(err) == fateFail && !isUnknown(err) {
			return settle(err, unknown && isRefusedByServer(err))
		}
		unknown = unknown || isUnknown(err)
		if db.options.Redone != nil {
			db.options.Redone(kindOf(err))
		}
		if try == redoMax || time.Since(started) > redoTimeMax {
			if unknown {
				return settle(err, unknown)
			}
			return fmt.Errorf("%w: %w", ErrContended, err)
		}
		pause(ctx, try)
	}
}

// isRefusedByServer says whether an error says nothing about an earlier COMMIT: the server refused
// a statement, other than for a key that is taken, which does tell.
func isRefusedByServer(err error) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && !isDuplicate(err)
}

func isUnknown(err error) bool { return errors.Is(err, ErrUnknown) }

// settle marks an error that leaves open whether an earlier COMMIT landed.
func settle(err error, unknown bool) error {
	if !unknown || isUnknown(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

// pause waits a random time that grows with each try, so that those who collided part.
func pause(ctx context.Context, try int) {
	longest := min(redoDelay<<try, redoDelayMax)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// run is one try, on a connection of its own.
func (db *DB) run(ctx context.Context, pool *sql.DB, begin []string, fn func(*Tx) error) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	tx := &Tx{db: db, ctx: ctx, conn: conn}
	tx.gate = db.gateTo(conn)
	tx.gate.tx = tx
	ended := false
	// Without recover, so that a panic of fn keeps its stack on the way up.
	defer func() {
		if !ended {
			tx.rollback()
		}
		tx.release()
	}()
	for _, statement := range begin {
		if _, err := tx.gate.ExecContext(ctx, statement); err != nil {
			tx.discard = true
			return err
		}
	}
	if err := fn(tx); err != nil {
		return tx.prefer(err)
	}
	// A COMMIT after such an error may say yes and store nothing, even if fn did not mind it.
	if err := errors.Join(tx.doomed, ctx.Err()); err != nil {
		return err
	}
	ended = true
	return tx.commit()
}

// prefer answers an error of fn with the one that decides the transaction's fate, should fn have
// hidden it behind words of its own.
func (tx *Tx) prefer(err error) error {
	if tx.doomed != nil && fateOf(err) == fateFail {
		return tx.doomed
	}
	return err
}

// note keeps what a statement left behind.
func (tx *Tx) note(rows *sql.Rows, err error) {
	if rows != nil {
		tx.opened = append(tx.opened, rows)
	}
	if fate := fateOf(err); fate != fateFail {
		tx.discard = tx.discard || fate != fateRedo
		if tx.doomed == nil {
			tx.doomed = err
		}
	}
}

// commit does not end with the caller's context: cut off half-way, its outcome would be unknown.
func (tx *Tx) commit() error {
	tx.closeRows()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tx.ctx), commitTimeout)
	defer cancel()
	end := tx.gate.begin(ctx, "COMMIT")
	_, err := tx.conn.ExecContext(ctx, "COMMIT")
	end(err)
	if err == nil {
		return nil
	}
	tx.discard = true
	if fateOfCommit(err) == fateUnknown {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return err
}

func (tx *Tx) rollback() {
	tx.closeRows()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tx.ctx), commitTimeout)
	defer cancel()
	if _, err := tx.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		tx.discard = true
	}
}

// closeRows closes what fn left open, say in a panic: the connection could not be used, or even
// given back, before.
func (tx *Tx) closeRows() {
	for _, rows := range tx.opened {
		_ = rows.Close()
	}
	tx.opened = nil
}

// release gives the connection back, or drops it where it may still be in a transaction or leads
// to a node that takes no writes.
func (tx *Tx) release() {
	if tx.discard {
		_ = tx.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = tx.conn.Close()
}

// Exec runs a statement and says how many rows it changed. A taken key is ErrDuplicate.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (affected int64, err error) {
	result, err := tx.gate.ExecContext(ctx, query, args...)
	if isDuplicate(err) {
		return 0, fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query runs a SELECT inside the transaction; the caller closes the rows before the next
// statement.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.gate.QueryContext(ctx, query, args...)
}

// Gorm is gorm inside the transaction.
func (tx *Tx) Gorm() *gorm.DB {
	session := tx.db.orm.Session(&gorm.Session{NewDB: true, Context: tx.ctx})
	session.Statement.ConnPool = tx.gate
	return session
}

// ForUpdate is what makes a SELECT lock its rows, to be put at its end.
func (tx *Tx) ForUpdate() string { return tx.db.Dialect().forUpdate() }

// NewID makes an identifier, as DB.NewID does.
func (tx *Tx) NewID() int64 { return tx.db.NewID() }

// Dialect says which kind of database this is.
func (tx *Tx) Dialect() Dialect { return tx.db.Dialect() }

// Now is the database's clock, in microseconds.
func (tx *Tx) Now(ctx context.Context) (model.Instant, error) {
	var now model.Instant
	_, err := queryRow(ctx, tx, "SELECT "+NowSQL(tx.Dialect()), nil, &now)
	return now, err
}

// queryRow scans the first row, if there is one.
func queryRow(ctx context.Context, q Queryer, query string, args []any, into ...any) (bool, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(into...); err != nil {
		return false, err
	}
	return true, rows.Err()
}
