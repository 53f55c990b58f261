package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	sqlitePrefix = "sqlite:"
	mysqlPrefix  = "mysql://"
	mysqlPort    = "3306"
)

// Limits of a MySQL session. A lock wait that is longer than a few seconds is a jam, which a redo
// with jitter clears better than patience; no answer within half a minute is no answer.
const (
	dialTimeout     = 5 * time.Second
	ioTimeout       = 30 * time.Second
	lockWaitSeconds = "5"
)

// sqlitePragmas make every SQLite connection wait for the write lock instead of failing, and make
// a commit durable: in WAL, synchronous(NORMAL) could lose the last ones when the power goes.
const sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
	"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-32768)"

// address is a database URL, taken apart. name is fit for messages: it has no password.
type address struct {
	dialect Dialect
	name    string
	path    string
	mysql   *mysql.Config
}

// CheckURL says in one line what is wrong with a database URL, before anything is opened.
func CheckURL(databaseURL string) error {
	_, err := parseURL(databaseURL)
	return err
}

func parseURL(databaseURL string) (address, error) {
	switch {
	case strings.HasPrefix(databaseURL, sqlitePrefix):
		return parseSQLite(strings.TrimPrefix(databaseURL, sqlitePrefix))
	case strings.HasPrefix(databaseURL, mysqlPrefix):
		return parseMySQL(databaseURL)
	}
	return address{}, errors.New(
		"a database URL is sqlite:PATH or mysql://user:password@host:port/database")
}

func parseSQLite(path string) (address, error) {
	if path == "" || strings.Contains(path, ":memory:") || strings.ContainsRune(path, 0) {
		return address{}, errors.New("sqlite: needs the path of a file, as in sqlite:tierstock.db")
	}
	return address{dialect: SQLite, name: sqlitePrefix + path, path: path}, nil
}

// parseMySQL never repeats the URL in its errors, because the password is in it.
func parseMySQL(databaseURL string) (address, error) {
	const shape = "mysql: the URL must be mysql://user:password@host:port/database, "
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		return address{}, errors.New(shape + "with special characters percent-encoded")
	}
	database := strings.TrimPrefix(parsed.Path, "/")
	switch {
	case parsed.User == nil || parsed.User.Username() == "":
		return address{}, errors.New(shape + "and has no user")
	case parsed.Hostname() == "":
		return address{}, errors.New(shape + "and has no host")
	case database == "" || strings.Contains(database, "/"):
		return address{}, errors.New(shape + "and names no database")
	case parsed.RawQuery != "" || parsed.Fragment != "":
		return address{}, errors.New(shape + "without parameters")
	}
	port := parsed.Port()
	if port == "" {
		port = mysqlPort
	}
	config, err := mysqlConfig(parsed.User, net.JoinHostPort(parsed.Hostname(), port), database)
	if err != nil {
		return address{}, fmt.Errorf("mysql: %w", err)
	}
	return address{dialect: MySQL, name: mysqlPrefix + config.Addr + "/" + database,
		mysql: config}, nil
}

// mysqlConfig makes every session alike, whatever the server's defaults are: binary collation for
// literals too, UTC, strict mode (so that nothing is cut or clamped silently), no RETURNING.
// Placeholders are filled in by the driver, which saves a round trip a statement; clientFoundRows
// stays off, so affected rows are those that changed.
func mysqlConfig(user *url.Userinfo, address, database string) (*mysql.Config, error) {
	config := mysql.NewConfig()
	config.User = user.Username()
	config.Passwd, _ = user.Password()
	config.Net, config.Addr, config.DBName = "tcp", address, database
	config.ParseTime, config.Loc = true, time.UTC
	config.InterpolateParams = true
	config.RejectReadOnly = true
	config.Timeout, config.ReadTimeout, config.WriteTimeout = dialTimeout, ioTimeout, ioTimeout
	config.Logger = &mysql.NopLogger{}
	config.Params = map[string]string{
		"time_zone":                "'+00:00'",
		"sql_mode":                 "'TRADITIONAL,ONLY_FULL_GROUP_BY'",
		"innodb_lock_wait_timeout": lockWaitSeconds,
	}
	return config, config.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin"))
}

// dsn is the SQLite driver's name for the file. Only characters that a URI treats specially are
// escaped. Connections that only read cannot write by mistake.
func (a address) dsn(existing, readOnly bool) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(a.path)
	dsn := "file:" + escaped + "?" + sqlitePragmas
	if existing {
		dsn += "&mode=rw"
	}
	if readOnly {
		dsn += "&_pragma=query_only(1)"
	}
	return dsn
}

// findFile says what is missing: of a file that cannot be opened SQLite only says "out of memory".
// One that may be made needs its folder.
func (a address) findFile(existing bool) error {
	if a.dialect != SQLite {
		return nil
	}
	path := a.path
	if !existing {
		path = filepath.Dir(path)
	}
	_, err := os.Stat(path)
	if missing, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", path, missing.Err)
	}
	return err
}

// readCommitted gives sessions of our own the isolation level that the write path is made for.
// It is a statement, because the variable behind it has a different name on each server, and it
// is sent once a connection rather than once a transaction.
type readCommitted struct{ driver.Connector }

// Connect opens a connection and sets its isolation level.
func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	executor, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver cannot execute"), conn.Close())
	}
	const statement = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
	if _, err := executor.ExecContext(ctx, statement, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
