package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// The kinds of errors that callers tell apart. All others are defects, or a database that is
// broken, and are never tried again.
var (
	// ErrDuplicate is a unique or primary key that is taken. The transaction goes on. It is gorm's
	// own, so that it holds for statements made by gorm and by hand alike.
	ErrDuplicate = gorm.ErrDuplicatedKey
	// ErrContended is a transaction that was redone until its budget was used up. Nothing was
	// written; it may be asked for again later.
	ErrContended = errors.New("the database is too busy")
	// ErrUnknown is a COMMIT without an answer that no redo could settle. Asking again with the
	// same key is safe and tells.
	ErrUnknown = errors.New("the outcome of the commit is unknown")
)

// fate is what is to become of a transaction after an error.
type fate int

const (
	fateFail    fate = iota // give up: a refusal of the caller's, or a defect
	fateRedo                // roll back and run it again
	fateMove                // the same on another connection: this one's node is of no use
	fateUnknown             // lost: at COMMIT it may have landed, before that it is gone
)

// Numbers of server errors: those up to TiDB's clear when the whole transaction is done again, the
// rest need another node first, or leave a COMMIT open.
const (
	mysqlDuplicate        = 1062
	mysqlLockWait         = 1205
	mysqlDeadlock         = 1213
	mariadbChanged        = 1020
	mysqlRollbackOnCommit = 3101
	mysqlErrorOnCommit    = 1180
	tidbWriteConflict     = 9007
	tidbRetryable         = 8002
	tidbCommitRetryable   = 8022
	tidbSchemaChanged     = 8028
	galeraNotReady        = 1047
	mysqlReadOnly         = 1290
	mysqlShutdown         = 1053
	mysqlInterrupted      = 1317
)

// SQLite's result codes; the low byte of an extended code is the primary one.
const (
	sqliteBusy             = 5
	sqliteLocked           = 6
	sqliteInterrupt        = 9
	sqliteUniqueConstraint = 2067
	sqlitePrimaryKey       = 1555
)

// redoError is what Redo returns.
type redoError struct{ cause error }

func (e *redoError) Error() string { return e.cause.Error() }
func (e *redoError) Unwrap() error { return e.cause }

// Redo is returned by the function of a transaction to have it rolled back and run again, within
// the same bounds as when the database asks for it. err says why, should the bounds be reached.
func Redo(err error) error { return &redoError{err} }

// fateOf says what an error, from a statement or from COMMIT, means for the whole transaction.
func fateOf(err error) fate {
	var redo *redoError
	var server *mysql.MySQLError
	var embedded *gosqlite.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fateFail
	case errors.As(err, &redo):
		return fateRedo
	case errors.As(err, &server):
		return fateOfServer(server)
	case errors.As(err, &embedded):
		if code := embedded.Code() & 0xff; code == sqliteBusy || code == sqliteLocked {
			return fateRedo
		}
		return fateFail
	case isLost(err):
		return fateUnknown
	}
	return fateFail
}

func fateOfServer(err *mysql.MySQLError) fate {
	switch err.Number {
	case mysqlDeadlock, mysqlLockWait, mariadbChanged, mysqlRollbackOnCommit, tidbWriteConflict,
		tidbRetryable, tidbCommitRetryable, tidbSchemaChanged:
		return fateRedo
	case galeraNotReady, mysqlReadOnly, mysqlShutdown:
		return fateMove
	case mysqlErrorOnCommit:
		return fateOfCommitError(err.Message)
	}
	return fateFail
}

// fateOfCommitError tells apart what Galera reports under one number.
func fateOfCommitError(message string) fate {
	switch {
	case strings.Contains(message, "149"):
		return fateRedo
	case strings.Contains(message, "Not connected to Primary"):
		return fateMove
	}
	return fateFail
}

// fateOfCommit is fateOf for an error of COMMIT itself, where silence, a shutdown or an
// interruption do not say whether it landed.
func fateOfCommit(err error) fate {
	var server *mysql.MySQLError
	switch {
	case errors.Is(err, context.DeadlineExceeded), isLost(err):
		return fateUnknown
	case errors.As(err, &server) && server.Number == mysqlShutdown:
		return fateUnknown
	case errors.As(err, &server) && server.Number == mysqlInterrupted &&
		!strings.Contains(server.Message, "multi-db"):
		return fateUnknown
	}
	return fateOf(err)
}

// isLost says whether the connection broke, or could not be made.
func isLost(err error) bool {
	var network net.Error
	return errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// orEnded is the error or, where SQLite says in words of its own that the context's end cut a
// statement off, the context's.
func orEnded(ctx context.Context, err error) error {
	var embedded *gosqlite.Error
	if ctx.Err() != nil && errors.As(err, &embedded) && embedded.Code() == sqliteInterrupt {
		return ctx.Err()
	}
	return err
}

// isDuplicate says whether a unique or primary key was hit.
func isDuplicate(err error) bool {
	var server *mysql.MySQLError
	var embedded *gosqlite.Error
	switch {
	case errors.As(err, &server):
		return server.Number == mysqlDuplicate
	case errors.As(err, &embedded):
		return embedded.Code() == sqliteUniqueConstraint || embedded.Code() == sqlitePrimaryKey
	}
	return false
}
