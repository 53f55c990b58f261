package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/glebarez/sqlite" // also registers the driver "sqlite"
	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Pool sizes. SQLite has one writer, so a second writing connection would only wait for the
// first; reads go on beside it. A MySQL server's default is 151 connections for everybody.
const (
	sqliteReadersMax = 8
	mysqlConnsMax    = 32
	connIdleMax      = 5 * time.Minute
	connLifeMax      = 30 * time.Minute
)

// Options of a database.
type Options struct {
	// Trace is told every statement before it is sent, by gorm or by hand, without its values.
	// It is called from many goroutines.
	Trace func(sql string)
	// Span, where set, is told of each statement when it is sent, as Trace is, with what it is done
	// for; what it gives back is called with the outcome. COMMIT is a statement too.
	Span func(ctx context.Context, shapes ...string) func(error)
	// Redone is told each time a transaction is run again, and why: see RedoKinds.
	Redone func(kind string)
	// Existing refuses to create a SQLite file that is not there.
	Existing bool
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	address address
	options Options
	writer  *sql.DB
	reader  *sql.DB
	// patient reads what may take long, such as the sums over a whole ledger: see Snapshot.
	patient *sql.DB
	orm     *gorm.DB
	ids     *idSource
	// texts keeps the Texts that have been run, for their buffers of some hundred KB.
	texts sync.Pool
}

// Open opens "sqlite:PATH" or "mysql://user:password@host:port/database" and asks it for a sign of
// life. Its errors are one line without the password. The schema is not touched: see Migrate.
func Open(ctx context.Context, databaseURL string, options Options) (*DB, error) {
	address, err := parseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	db := &DB{address: address, options: options, ids: newIDSource(time.Now, randomNode())}
	if err := db.connect(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("cannot open %s: %s", address.name, oneLine(err))
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context) error {
	err := db.address.findFile(db.options.Existing)
	if err != nil {
		return err
	}
	if db.writer, err = db.openWriter(); err != nil {
		return err
	}
	if db.reader, err = db.openReader(); err != nil {
		return err
	}
	if db.patient, err = db.openPatient(); err != nil {
		return err
	}
	// The writer comes first: it makes the file and puts it into WAL mode.
	if err := db.ping(ctx, db.writer); err != nil {
		return err
	}
	if err := db.ping(ctx, db.reader); err != nil {
		return err
	}
	db.orm, err = db.openGorm()
	return err
}

// ping makes a first connection. Two processes that put a new SQLite file into WAL mode at once
// may find it busy in spite of the busy time-out; a server that does not answer is not asked again.
func (db *DB) ping(ctx context.Context, pool *sql.DB) error {
	if db.Dialect() == MySQL {
		return pool.PingContext(ctx)
	}
	return db.redo(ctx, func() error { return pool.PingContext(ctx) })
}

// openWriter opens a pool of writing connections; on SQLite it is one.
func (db *DB) openWriter() (*sql.DB, error) {
	if db.Dialect() == MySQL {
		config := db.address.mysql.Clone()
		config.Params["autocommit"] = "0"
		config.MultiStatements = true // see Tx.ExecText
		return openMySQL(config)
	}
	pool, err := sql.Open(sqlite.DriverName, db.address.dsn(db.options.Existing, false))
	if err == nil {
		pool.SetMaxOpenConns(1)
	}
	return pool, err
}

// openReader opens the pool for reads outside transactions that write.
func (db *DB) openReader() (*sql.DB, error) {
	if db.Dialect() == MySQL {
		return openMySQL(db.address.mysql)
	}
	pool, err := sql.Open(sqlite.DriverName, db.address.dsn(true, true))
	if err == nil {
		pool.SetMaxOpenConns(sqliteReadersMax)
		pool.SetMaxIdleConns(sqliteReadersMax)
	}
	return pool, err
}

// openPatient opens the pool for snapshots. A statement in one may be silent for minutes, so it has
// no time-out but its context's; that the server is gone is found by the network's keep-alive.
func (db *DB) openPatient() (*sql.DB, error) {
	if db.Dialect() == SQLite {
		return db.reader, nil
	}
	patient := db.address.mysql.Clone()
	patient.ReadTimeout = 0
	return openMySQL(patient)
}

func openMySQL(config *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(readCommitted{connector})
	pool.SetMaxOpenConns(mysqlConnsMax)
	pool.SetMaxIdleConns(mysqlConnsMax)
	pool.SetConnMaxIdleTime(connIdleMax)
	pool.SetConnMaxLifetime(connLifeMax)
	return pool, nil
}

// openGorm puts gorm over the reading pool; transactions lend it their own connection. gorm opens
// no transactions of its own, logs nothing, and asks for no RETURNING, which MySQL does not have.
func (db *DB) openGorm() (*gorm.DB, error) {
	pool := db.gateTo(db.reader)
	dialector := gorm.Dialector(&sqlite.Dialector{Conn: pool})
	if db.Dialect() == MySQL {
		dialector = gormmysql.New(gormmysql.Config{Conn: pool, DisableWithReturning: true})
	}
	return gorm.Open(dialector, &gorm.Config{
		Logger:                   logger.Discard,
		SkipDefaultTransaction:   true,
		DisableNestedTransaction: true,
		DisableAutomaticPing:     true,
		TranslateError:           true,
	})
}

// Dialect says which kind of database this is.
func (db *DB) Dialect() Dialect { return db.address.dialect }

// Name is the database's address without user and password, for messages.
func (db *DB) Name() string { return db.address.name }

// Gorm reads outside a transaction. On SQLite it cannot write.
func (db *DB) Gorm(ctx context.Context) *gorm.DB { return db.orm.WithContext(ctx) }

// Reader reads outside a transaction. On SQLite it cannot write.
func (db *DB) Reader() Queryer { return db.gateTo(db.reader) }

// Pools are the pools of connections by what they are for.
func (db *DB) Pools() map[string]*sql.DB {
	pools := map[string]*sql.DB{"writer": db.writer, "reader": db.reader}
	if db.patient != db.reader {
		pools["patient"] = db.patient
	}
	return pools
}

// Close closes all connections.
func (db *DB) Close() error {
	pools := []*sql.DB{db.reader, db.writer}
	if db.patient != db.reader {
		pools = append(pools, db.patient)
	}
	var failures []error
	for _, pool := range pools {
		if pool != nil {
			failures = append(failures, pool.Close())
		}
	}
	return errors.Join(failures...)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
