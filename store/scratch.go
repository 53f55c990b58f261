package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// ErrNotEmpty is a database that has tables, where one was wanted that is gone afterwards.
var ErrNotEmpty = errors.New("the database is not empty")

// sqliteFiles are what SQLite keeps a database in.
var sqliteFiles = []string{"", "-wal", "-shm"}

// noSuchThread is the server's error for a connection that has ended by itself.
const noSuchThread = 1094

// Scratch is a database that is there for one use. Drop leaves what was there before: nothing,
// or a database without tables.
type Scratch struct {
	address address
	made    bool
}

// MakeScratch makes the database that a URL names. One that is there must have no tables, else
// the error is ErrNotEmpty and nothing has been changed.
func MakeScratch(ctx context.Context, databaseURL string) (*Scratch, error) {
	address, err := parseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	scratch := &Scratch{address: address}
	if address.dialect == SQLite {
		err = scratch.makeFile(ctx)
	} else {
		err = scratch.makeDatabase(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", address.name, err)
	}
	return scratch, nil
}

// Drop removes what MakeScratch made and whatever has been put there since. All connections to it
// must have been closed; statements that were given up and still run there are killed.
func (s *Scratch) Drop(ctx context.Context) error {
	if s.address.dialect == SQLite {
		return s.dropFile()
	}
	return s.administer(ctx, func(pool *sql.DB) error {
		if err := s.killStatements(ctx, pool); err != nil {
			return err
		}
		if s.made {
			_, err := pool.ExecContext(ctx, "DROP DATABASE IF EXISTS "+s.quoted())
			return err
		}
		return s.dropTables(ctx, pool)
	})
}

func (s *Scratch) makeFile(ctx context.Context) error {
	if err := s.address.findFile(false); err != nil {
		return err
	}
	info, err := os.Stat(s.address.path)
	if s.made = errors.Is(err, os.ErrNotExist); s.made {
		return nil
	}
	if err != nil || info.Size() == 0 {
		return err
	}
	pool, err := sql.Open("sqlite", s.address.dsn(true, true))
	if err != nil {
		return err
	}
	var tables int
	err = pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables)
	if err == nil && tables > 0 {
		err = ErrNotEmpty
	}
	return errors.Join(err, pool.Close())
}

// dropFile leaves an empty file where there was one.
func (s *Scratch) dropFile() error {
	var failures []error
	for _, suffix := range sqliteFiles {
		err := os.Remove(s.address.path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			failures = append(failures, err)
		}
	}
	if !s.made {
		failures = append(failures, os.WriteFile(s.address.path, nil, 0o600))
	}
	return errors.Join(failures...)
}

func (s *Scratch) makeDatabase(ctx context.Context) error {
	return s.administer(ctx, func(pool *sql.DB) error {
		var databases, tables int
		err := pool.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.schemata
			WHERE schema_name = ?`, s.address.mysql.DBName).Scan(&databases)
		if err != nil {
			return err
		}
		if s.made = databases == 0; s.made {
			_, err = pool.ExecContext(ctx, "CREATE DATABASE "+s.quoted()+
				" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
			return err
		}
		err = pool.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.tables
			WHERE table_schema = ?`, s.address.mysql.DBName).Scan(&tables)
		if err == nil && tables > 0 {
			err = ErrNotEmpty
		}
		return err
	})
}

// killStatements ends what still runs in the database. Closing a connection does not: a server
// looks for its client when it has something to say, and until then the tables are locked.
func (s *Scratch) killStatements(ctx context.Context, pool *sql.DB) error {
	rows, err := pool.QueryContext(ctx, `SELECT id FROM information_schema.processlist
		WHERE db = ? AND id <> CONNECTION_ID()`, s.address.mysql.DBName)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var running []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		running = append(running, id)
	}
	for _, id := range running {
		_, err := pool.ExecContext(ctx, "KILL "+id)
		if refused, ok := errors.AsType[*mysql.MySQLError](err); err != nil &&
			(!ok || refused.Number != noSuchThread) {
			return err
		}
	}
	return rows.Err()
}

// dropTables empties a database that somebody else had made.
func (s *Scratch) dropTables(ctx context.Context, pool *sql.DB) error {
	rows, err := pool.QueryContext(ctx, `SELECT table_name, table_type
		FROM information_schema.tables WHERE table_schema = ?`, s.address.mysql.DBName)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var drops []string
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return err
		}
		what := "TABLE"
		if kind == "VIEW" {
			what = "VIEW"
		}
		drops = append(drops, "DROP "+what+" "+s.quoted()+"."+quoted(name))
	}
	for _, statement := range drops {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return rows.Err()
}

// administer works on the server without choosing a database, as there may be none yet.
func (s *Scratch) administer(ctx context.Context, work func(*sql.DB) error) error {
	config := s.address.mysql.Clone()
	config.DBName = ""
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	if err := pool.PingContext(ctx); err != nil {
		return errors.Join(errors.New(oneLine(err)), pool.Close())
	}
	return errors.Join(work(pool), pool.Close())
}

func (s *Scratch) quoted() string { return quoted(s.address.mysql.DBName) }

func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
