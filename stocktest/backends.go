// Package stocktest is the test kit: fresh databases of every kind, and judges of what tests did
// to them. Only tests and cmd use it.
package stocktest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"tierstock/store"
)

// ServerVariable names the MySQL or MariaDB server for tests: the URL, without a database, of a
// user who may make databases. `make test` starts one and sets it.
const ServerVariable = "TIERSTOCK_TEST_MYSQL"

// Backend is a kind of database that the tests run on.
type Backend struct {
	Name store.Dialect
	// URL makes a fresh, empty database, which goes when the test ends.
	URL func(t testing.TB) string
}

// Backends are all of them. None is ever skipped: a test without a server fails.
func Backends(t testing.TB) []Backend {
	t.Helper()
	if os.Getenv(ServerVariable) == "" {
		t.Fatalf("%s is not set: `make test` starts the server that the tests need", ServerVariable)
	}
	return []Backend{{store.SQLite, sqliteURL}, {store.MySQL, mysqlURL}}
}

// Each runs a test on a fresh, migrated database of every kind.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) { test(t, Migrated(t, backend.URL(t))) })
	}
}

// Migrated opens the database and brings its schema up to date. When the test ends, its
// statements are judged (see Statements) and it is closed.
func Migrated(t testing.TB, databaseURL string) *store.DB {
	t.Helper()
	db := Opened(t, databaseURL)
	if _, err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
}

// Opened opens the database as it is. When the test ends, its statements are judged (see
// Statements) and it is closed.
func Opened(t testing.TB, databaseURL string) *store.DB {
	t.Helper()
	var statements Statements
	db, err := store.Open(context.Background(), databaseURL,
		store.Options{Trace: statements.Record})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, complaint := range statements.Complaints() {
			t.Error(complaint)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func sqliteURL(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "stock.db")
}

// mysqlURL makes a database with the collation that the engine is made for; that tables do not
// depend on it is a test of the store.
func mysqlURL(t testing.TB) string {
	t.Helper()
	server, err := url.Parse(os.Getenv(ServerVariable))
	if err != nil {
		t.Fatalf("%s is not a URL", ServerVariable)
	}
	name := "tierstock_" + strings.ToLower(rand.Text())
	administer(t, server, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	t.Cleanup(func() { administer(t, server, "DROP DATABASE "+name) })
	return server.JoinPath(name).String()
}

func administer(t testing.TB, server *url.URL, statement string) {
	t.Helper()
	config := mysql.NewConfig()
	config.User = server.User.Username()
	config.Passwd, _ = server.User.Password()
	config.Net, config.Addr = "tcp", server.Host
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	if _, err := pool.ExecContext(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}
