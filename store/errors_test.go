package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"tierstock/stocktest"
	"tierstock/store"
)

func server(number uint16, message string) error {
	return fmt.Errorf("writing: %w", &mysql.MySQLError{Number: number, Message: message})
}

// The table of errors, at a statement and at COMMIT.
func TestFates(t *testing.T) {
	timeout := &net.OpError{Op: "read", Err: errors.New("i/o timeout")}
	for _, c := range []struct {
		err            error
		before, commit any
	}{
		{nil, store.FateFail, store.FateFail},
		{errors.New("anything"), store.FateFail, store.FateFail},
		{server(1213, "Deadlock found"), store.FateRedo, store.FateRedo},
		{server(1205, "Lock wait timeout exceeded"), store.FateRedo, store.FateRedo},
		{server(1020, "Record has changed since last read"), store.FateRedo, store.FateRedo},
		{server(3101, "Plugin instructed the server to rollback"), store.FateRedo, store.FateRedo},
		{server(1180, "Got error 149 during COMMIT"), store.FateRedo, store.FateRedo},
		{server(9007, "Write conflict"), store.FateRedo, store.FateRedo},
		{server(8002, "can not retry"), store.FateRedo, store.FateRedo},
		{server(8022, "commit failed"), store.FateRedo, store.FateRedo},
		{server(8028, "schema is changed"), store.FateRedo, store.FateRedo},
		{server(1047, "WSREP has not yet prepared node"), store.FateMove, store.FateMove},
		{server(1180, "Not connected to Primary Component"), store.FateMove, store.FateMove},
		{server(1290, "running with the --read-only option"), store.FateMove, store.FateMove},
		{server(1053, "Server shutdown in progress"), store.FateMove, store.FateUnknown},
		{server(1180, "Got error 28 during COMMIT"), store.FateFail, store.FateFail},
		{server(1317, "Query execution was interrupted"), store.FateFail, store.FateUnknown},
		{server(1317, "multi-db transaction"), store.FateFail, store.FateFail},
		{server(1105, "scatter query refused"), store.FateFail, store.FateFail},
		{server(1235, "not supported yet"), store.FateFail, store.FateFail},
		{server(1062, "Duplicate entry"), store.FateFail, store.FateFail},
		{mysql.ErrInvalidConn, store.FateUnknown, store.FateUnknown},
		{driver.ErrBadConn, store.FateUnknown, store.FateUnknown},
		{io.EOF, store.FateUnknown, store.FateUnknown},
		{timeout, store.FateUnknown, store.FateUnknown},
		{context.Canceled, store.FateFail, store.FateFail},
		{context.DeadlineExceeded, store.FateFail, store.FateUnknown},
		{store.Redo(errors.New("stale look-up")), store.FateRedo, store.FateRedo},
	} {
		if got := store.FateOf(c.err); got != c.before {
			t.Errorf("%v: %v, want %v", c.err, got, c.before)
		}
		if got := store.FateOfCommit(c.err); got != c.commit {
			t.Errorf("%v at COMMIT: %v, want %v", c.err, got, c.commit)
		}
	}
}

// TestEndedContextsAreTold: SQLite has words of its own for a statement that was cut off.
func TestEndedContextsAreTold(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		if db.Dialect() != store.SQLite {
			return // the server's driver says it itself
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		var told error
		_ = db.Transact(ctx, func(tx *store.Tx) error {
			_, told = tx.Exec(ctx, `DELETE FROM marks WHERE warehouse = (WITH RECURSIVE n AS
				(SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
				SELECT 'W' || MAX(i) FROM n)`)
			return told
		})
		if !errors.Is(told, context.Canceled) {
			t.Errorf("%v", told)
		}
	})
}
