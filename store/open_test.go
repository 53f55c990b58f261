package store_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

// again opens the same database once more, as a second process would.
func again(t *testing.T, db *store.DB) *store.DB {
	t.Helper()
	name := db.Name()
	if db.Dialect() == store.MySQL {
		server, err := url.Parse(os.Getenv(stocktest.ServerVariable))
		if err != nil {
			t.Fatal(err)
		}
		name = strings.Replace(name, "mysql://", "mysql://"+server.User.String()+"@", 1)
	}
	return stocktest.Opened(t, name)
}

func query[T any](t *testing.T, q store.Queryer, sql string, args ...any) T {
	t.Helper()
	rows, err := q.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer func() { _ = rows.Close() }()
	var value T
	if !rows.Next() {
		t.Fatalf("%s: no row: %v", sql, rows.Err())
	}
	if err := rows.Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func TestCheckURL(t *testing.T) {
	for _, good := range []string{
		"sqlite:tierstock.db", "sqlite:/var/lib/stock 1.db", "mysql://root@localhost/stock",
		"mysql://me:p%40ss@10.0.0.1:3307/stock", "mysql://me:pw@[::1]:3307/stock",
	} {
		if err := store.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "tierstock.db", "sqlite:", "sqlite::memory:", "postgres://a@b/c", "mysql:stock",
		"mysql://host:3306/stock", "mysql://me:secret@/stock", "mysql://me:secret@host:3306",
		"mysql://me:secret@host:3306/", "mysql://me:secret@host:3306/a/b",
		"mysql://me:secret@host:port/stock", "mysql://me:sec%ret@host:3306/stock",
		"mysql://me:secret@host:3306/stock?tls=true",
	} {
		err := store.CheckURL(bad)
		if err == nil {
			t.Errorf("%q is taken for a database URL", bad)
			continue
		}
		if text := err.Error(); strings.Contains(text, "sec") || strings.Contains(text, "\n") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestOpenSaysWhyInOneLine(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing", "stock.db")
	text := filepath.Join(t.TempDir(), "text.db")
	content := strings.Repeat("this is no database\n", 100)
	if err := os.WriteFile(text, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"sqlite:" + missing: "cannot open sqlite:" + missing + ": " + filepath.Dir(missing) +
			": no such file or directory",
		"sqlite:" + text: "not a database",
		"mysql://me:topsecret@127.0.0.1:1/stock": "cannot open mysql://127.0.0.1:1/stock: " +
			"dial tcp 127.0.0.1:1: connect: connection refused",
	} {
		_, err := store.Open(context.Background(), address, store.Options{})
		if err == nil {
			t.Errorf("%s opened", address)
			continue
		}
		if text := err.Error(); !strings.Contains(text, want) || strings.Contains(text, "\n") ||
			strings.Contains(text, "topsecret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestOpenExisting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stock.db")
	options := store.Options{Existing: true}
	_, err := store.Open(context.Background(), "sqlite:"+path, options)
	if err == nil || !strings.Contains(err.Error(), path+": no such file or directory") {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file was made: %v", err)
	}
}

func TestSQLitePathsWithSpecialCharacters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a?b#c%20d &e.db")
	stocktest.Migrated(t, "sqlite:"+path)
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestSessions(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		settings := map[string]string{
			"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "2", "PRAGMA busy_timeout": "5000",
		}
		if db.Dialect() == store.MySQL {
			settings = map[string]string{
				"SELECT @@tx_isolation":             "READ-COMMITTED",
				"SELECT @@time_zone":                "+00:00",
				"SELECT @@collation_connection":     "utf8mb4_bin",
				"SELECT @@innodb_lock_wait_timeout": "5",
				"SELECT @@sql_mode LIKE '%STRICT_TRANS_TABLES%' AND @@sql_mode LIKE '%FULL_GROUP%'": "1",
			}
		}
		for sql, want := range settings {
			if got := query[string](t, db.Reader(), sql); got != want {
				t.Errorf("reader: %s is %s, want %s", sql, got, want)
			}
			err := db.Transact(context.Background(), func(tx *store.Tx) error {
				if got := query[string](t, tx, sql); got != want {
					t.Errorf("transaction: %s is %s, want %s", sql, got, want)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSQLiteReaderCannotWrite(t *testing.T) {
	db := stocktest.Migrated(t, stocktest.Backends(t)[0].URL(t))
	err := db.Gorm(context.Background()).
		Exec("INSERT INTO marks (warehouse, name) VALUES ('W1', 'a')").Error
	if err == nil {
		t.Error("a plain read wrote")
	}
}

func TestClock(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		before := time.Now().Add(-2 * time.Millisecond)
		err := db.Transact(context.Background(), func(tx *store.Tx) error {
			now, err := tx.Now(context.Background())
			if now.Time().Before(before) || now.Time().After(time.Now().Add(2*time.Millisecond)) {
				t.Errorf("the database says %v, this process %v", now.Time(), time.Now())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestInList(t *testing.T) {
	if got := fmt.Sprint(store.InList(0), store.InList(1), store.InList(3)); got != "??,?,?" {
		t.Error(got)
	}
}
