package store

import (
	"errors"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/go-sql-driver/mysql"
)

// RedoKinds are why transactions are run again: two met in the same rows, one waited too long for
// another, a row had changed, the connection or the server was lost, a COMMIT had no answer, SQLite
// had another writer, or whoever ran it asked for it.
var RedoKinds = []string{"deadlock", "lock_wait", "changed", "connection", "unknown", "busy",
	"asked"}

// kindOf is why an error makes a transaction run again, one of RedoKinds.
func kindOf(err error) string {
	var server *mysql.MySQLError
	var file *gosqlite.Error
	switch {
	case isUnknown(err):
		return "unknown"
	case errors.As(err, &server):
		switch server.Number {
		case mysqlDeadlock:
			return "deadlock"
		case mysqlLockWait:
			return "lock_wait"
		case mariadbChanged, tidbWriteConflict, mysqlRollbackOnCommit, mysqlErrorOnCommit:
			return "changed"
		case galeraNotReady, mysqlReadOnly, mysqlShutdown, mysqlInterrupted:
			return "connection"
		}
		return "changed"
	case errors.As(err, &file):
		return "busy"
	case fateOf(err) == fateMove || fateOf(err) == fateUnknown:
		return "connection"
	}
	return "asked"
}
