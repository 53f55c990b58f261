package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrationFiles embed.FS

// The lease of the process that migrates is short, so that the next one does not wait long for one
// that was killed; it is prolonged while the work goes on.
const (
	migrationLease     = "migrations"
	migrationLeaseTime = 10 * time.Second
	migrationPoll      = 100 * time.Millisecond
	migrationWaitMax   = 5 * time.Minute
)

// nodeLease counts the processes that opened the database: each take-over is a number for one.
const nodeLease = "id-node"

// ErrSchema is a schema that is not the one this program was made for.
var ErrSchema = errors.New("the database schema is not current")

// Migrate brings the schema up to date and gives its version. Several processes may call it at
// once: one does the work, the others wait for it. Each step may be run again after a crash.
func (db *DB) Migrate(ctx context.Context) (version int64, err error) {
	have, want, err := db.versions(ctx)
	if err == nil && have > want {
		err = fmt.Errorf("%w: it has version %d, from a newer program; this one knows %d",
			ErrSchema, have, want)
	}
	if err == nil && have < want {
		err = db.migrate(ctx)
	}
	if err == nil {
		err = db.claimNode(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("migrating %s: %w", db.Name(), err)
	}
	return want, nil
}

// CheckSchema is nil when the schema is current, else ErrSchema, or why it could not look.
func (db *DB) CheckSchema(ctx context.Context) error {
	have, want, err := db.versions(ctx)
	if err == nil && have != want {
		err = fmt.Errorf("%w: it has version %d, this program wants %d", ErrSchema, have, want)
	}
	return err
}

// versions are the schema's version, 0 for an empty database, and the one this program wants.
func (db *DB) versions(ctx context.Context) (have, want int64, err error) {
	if want, err = db.newestVersion(); err != nil {
		return 0, 0, err
	}
	find := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if db.Dialect() == MySQL {
		find = "SELECT COUNT(*) FROM information_schema.tables " +
			"WHERE table_schema = DATABASE() AND table_name = 'goose_db_version'"
	}
	var tables int
	if _, err = queryRow(ctx, db.Reader(), find, nil, &tables); err != nil || tables == 0 {
		return 0, want, err
	}
	_, err = queryRow(ctx, db.Reader(),
		"SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version", nil, &have)
	return have, want, err
}

func (db *DB) newestVersion() (int64, error) {
	files, err := fs.ReadDir(migrationFiles, db.migrationFolder())
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(files[len(files)-1].Name())
}

func (db *DB) migrationFolder() string { return path.Join("migrations", string(db.Dialect())) }

// migrate works on a pool of its own: on SQLite the lease needs the writing connection meanwhile,
// and a server may take longer over a step than a session of ours would wait.
func (db *DB) migrate(ctx context.Context) error {
	pool, err := db.openMigrationPool()
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	if err := db.prepare(ctx, pool); err != nil {
		return err
	}
	owner := rand.Text()
	epoch, err := db.awaitLease(ctx, migrationLease, owner)
	if err != nil {
		return err
	}
	lease := lease{migrationLease, owner, epoch, migrationLeaseTime}
	return db.whileHeld(ctx, lease, func(ctx context.Context) error { return db.apply(ctx, pool) })
}

func (db *DB) openMigrationPool() (*sql.DB, error) {
	if db.Dialect() == SQLite {
		return db.openWriter()
	}
	return db.openPatient()
}

// prepare makes the two tables that must be there before the first step: the leases, as the first
// migration says it, and goose's own, which goose makes in two steps that a crash may part.
func (db *DB) prepare(ctx context.Context, pool *sql.DB) error {
	files, err := migrationFiles.ReadFile(path.Join(db.migrationFolder(), "00001_ledger.sql"))
	if err != nil {
		return err
	}
	_, leases, _ := strings.Cut(string(files), "CREATE TABLE IF NOT EXISTS leases ")
	leases, _, _ = strings.Cut(leases, ";")
	for _, statement := range []string{
		"CREATE TABLE IF NOT EXISTS leases " + leases,
		db.Dialect().versionTable(),
	} {
		if err := db.redo(ctx, func() error {
			_, err := pool.ExecContext(ctx, statement)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// versionTable is what goose would make, repeatable and with a character set of its own.
func (d Dialect) versionTable() string {
	if d == SQLite {
		return `CREATE TABLE IF NOT EXISTS goose_db_version (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL,
    is_applied INTEGER NOT NULL,
    tstamp TIMESTAMP DEFAULT (datetime('now'))
)`
	}
	return `CREATE TABLE IF NOT EXISTS goose_db_version (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    version_id BIGINT NOT NULL,
    is_applied BOOLEAN NOT NULL,
    tstamp DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`
}

// awaitLease waits for the process that migrates now, within reason.
func (db *DB) awaitLease(ctx context.Context, name, owner string) (epoch int64, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, migrationWaitMax,
		errors.New("another process has been migrating for too long"))
	defer cancel()
	for {
		epoch, held, err := db.TryLease(ctx, name, owner, migrationLeaseTime)
		if held {
			return epoch, nil
		}
		if err != nil && ctx.Err() == nil {
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(migrationPoll):
		}
	}
}

// apply runs the steps that are missing; the holder of the lease calls it.
func (db *DB) apply(ctx context.Context, pool *sql.DB) error {
	if err := zeroVersion(ctx, pool); err != nil {
		return err
	}
	folder, err := fs.Sub(migrationFiles, db.migrationFolder())
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if db.Dialect() == MySQL {
		dialect = goose.DialectMySQL
	}
	provider, err := goose.NewProvider(dialect, pool, folder,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// zeroVersion writes the row without which goose refuses its own table.
func zeroVersion(ctx context.Context, pool *sql.DB) error {
	var rows int
	err := pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM goose_db_version").Scan(&rows)
	if err == nil && rows == 0 {
		_, err = pool.ExecContext(ctx,
			"INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)")
	}
	return err
}

// claimNode gives this process a number of its own for its identifiers. The lease ends before it
// begins, so that each process takes it over and raises its epoch.
func (db *DB) claimNode(ctx context.Context) error {
	epoch, _, err := db.TryLease(ctx, nodeLease, rand.Text(), -time.Hour)
	if err == nil {
		db.ids.setNode(epoch)
	}
	return err
}
