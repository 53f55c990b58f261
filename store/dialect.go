package store

import "strings"

// Dialect says which kind of database is behind a DB, for the few statements that differ.
type Dialect string

// The two dialects. MySQL is also MariaDB and what speaks their protocol.
const (
	SQLite Dialect = "sqlite"
	MySQL  Dialect = "mysql"
)

// NowSQL is an expression that gives the database's time in microseconds since 1970, to embed in
// a SELECT. The database's clock is the only one that several processes share. SQLite's own clock
// has milliseconds; rounding undoes what the float lost.
func NowSQL(d Dialect) string {
	if d == SQLite {
		return "CAST(ROUND(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000"
	}
	return "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)"
}

// InList is n placeholders, "?,?,?", for an IN list or a row of values.
func InList(n int) string {
	if n < 1 {
		return ""
	}
	return strings.Repeat("?,", n-1) + "?"
}

// forUpdate is what makes a SELECT lock its rows. SQLite's transactions hold the one write lock
// from their first statement on, and it has no such clause.
func (d Dialect) forUpdate() string {
	if d == SQLite {
		return ""
	}
	return " FOR UPDATE"
}

// begin are the statements that start a transaction that writes. MySQL's writing connections are
// always in one, since they never commit by themselves (see openWriter): that spares a round trip.
func (d Dialect) begin() []string {
	if d == SQLite {
		return []string{"BEGIN IMMEDIATE"}
	}
	return nil
}

// beginSnapshot are the statements that start a reading transaction on one consistent snapshot.
// SQLite takes its snapshot at the first read.
func (d Dialect) beginSnapshot() []string {
	if d == SQLite {
		return []string{"BEGIN DEFERRED"}
	}
	return []string{
		"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
	}
}
