package cdc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
)

const (
	// stuckMax is how long events may take to come to where the server was. Longer, and they are
	// thought not to come any more: the follower begins again.
	stuckMax = 30 * time.Second
	// allRows is a limit that no result has.
	allRows = -1
	// table is what is listened to.
	table = "zone_stocks"
)

// Binlog keeps a cache by listening to a MariaDB server as its replicas do. The server logs rows
// (--log-bin --binlog-format=ROW, and binlog_row_image FULL, which is the default).
type Binlog struct {
	// Address is the server's. Its user may SELECT from the database and is a REPLICATION SLAVE.
	Address mysql.ConnParams
	// ServerID is another than that of the server and of its replicas.
	ServerID  uint32
	Warehouse string
	// Every is how often the server is asked how far it is.
	Every time.Duration
	Cache *Cache
	// Failed is told what went wrong; the follower goes on by itself, from a new snapshot.
	Failed func(error)
}

// Run follows until the context ends.
func (b *Binlog) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := b.session(ctx); err != nil && ctx.Err() == nil {
			b.Failed(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(b.Every):
		}
	}
}

// session follows on two connections, one for questions and one that only listens, until something
// is wrong with either.
func (b *Binlog) session(ctx context.Context) error {
	asking, err := mysql.Connect(ctx, &b.Address)
	if err != nil {
		return err
	}
	defer asking.Close()
	listening, err := mysql.Connect(ctx, &b.Address)
	if err != nil {
		return err
	}
	defer listening.Close()
	// Neither connection knows of contexts: closing them is what ends a read.
	defer context.AfterFunc(ctx, func() { asking.Close(); listening.Close() })()
	if !asking.IsMariaDB() {
		return errors.New("this example knows how MariaDB numbers transactions, not how MySQL does")
	}
	columns, err := b.columns(asking)
	if err != nil {
		return err
	}
	from, err := b.snapshot(asking)
	if err != nil {
		return err
	}
	if err := b.listen(listening, from); err != nil {
		return err
	}
	reached := &reached{cache: b.Cache, position: from}
	failed := make(chan error, 1)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer listening.Close()
	reading.Go(func() {
		failed <- (&events{Binlog: b, columns: columns, reached: reached}).read(listening)
	})
	return b.ask(ctx, asking, reached, failed)
}

// columns are the names of the table's columns, in their order.
func (b *Binlog) columns(conn *mysql.Conn) ([]string, error) {
	result, err := conn.ExecuteFetch(`SELECT column_name FROM information_schema.columns
		WHERE table_schema = `+quoted(b.Address.DbName)+` AND table_name = '`+table+`'
		ORDER BY ordinal_position`, allRows, false)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, row := range result.Rows {
		names = append(names, row[0].ToString())
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no table %s in %s", table, b.Address.DbName)
	}
	return names, nil
}

// snapshot reads the rows, and the place in the log that is theirs: a transaction is in the log
// before others see it, so where the log was when the rows were read would leave some out.
func (b *Binlog) snapshot(conn *mysql.Conn) (from mysql.Position, err error) {
	for _, statement := range []string{"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"} {
		if _, err := conn.ExecuteFetch(statement, 0, false); err != nil {
			return from, err
		}
	}
	place, err := one(conn, `SELECT BINLOG_GTID_POS(
		(SELECT variable_value FROM information_schema.session_status
			WHERE variable_name = 'binlog_snapshot_file'),
		(SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.session_status
			WHERE variable_name = 'binlog_snapshot_position'))`)
	if err != nil {
		return from, err
	}
	if from, err = mysql.ParsePosition("MariaDB", place); err != nil {
		return from, fmt.Errorf("the server has no binary log to listen to: %w", err)
	}
	result, err := conn.ExecuteFetch(`SELECT `+strings.Join(wanted(), ", ")+` FROM `+table+
		` WHERE warehouse = `+quoted(b.Warehouse), allRows, false)
	if err != nil {
		return from, err
	}
	rows := make(map[Key]row, len(result.Rows))
	for _, values := range result.Rows {
		read, err := changeOf(values)
		if err != nil {
			return from, err
		}
		rows[read.key] = read.row
	}
	b.Cache.replace(rows)
	_, err = conn.ExecuteFetch("COMMIT", 0, false)
	return from, err
}

// listen asks for the events after a place. What is set before says that we know of checksums.
func (b *Binlog) listen(conn *mysql.Conn, from mysql.Position) error {
	if _, err := conn.ExecuteFetch("SET @master_binlog_checksum = @@global.binlog_checksum", 0,
		false); err != nil {
		return err
	}
	return conn.SendBinlogDumpCommand(b.ServerID, from)
}

// ask asks again and again how far the log is, and leaves it to the reader of the events to note
// when it is as far. A write is in the log before it is answered, so the cache is then complete as
// of when the question was asked.
func (b *Binlog) ask(ctx context.Context, conn *mysql.Conn, reached *reached,
	failed <-chan error) error {
	ticker := time.NewTicker(b.Every)
	defer ticker.Stop()
	for {
		begun := b.Cache.now()
		if waited := reached.waiting(begun); waited > stuckMax {
			return fmt.Errorf("the events have been behind for %v", waited)
		} else if waited == 0 {
			end, err := conn.MasterPosition()
			if err != nil {
				return err
			}
			reached.aim(end, begun)
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-ticker.C:
		}
	}
}

// reached is how far the events have been applied, and how far they are to be for the cache to be
// complete as of a moment.
type reached struct {
	cache *Cache

	mu       sync.Mutex
	position mysql.Position
	goal     mysql.Position
	at       time.Time // zero where there is no goal
}

// waiting is how long ago the goal was set, 0 for none.
func (r *reached) waiting(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.IsZero() {
		return 0
	}
	return max(now.Sub(r.at), 1)
}

func (r *reached) aim(goal mysql.Position, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.goal, r.at = goal, at
	r.look()
}

// pass notes that a transaction has been applied.
func (r *reached) pass(transaction mysql.GTID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.position = mysql.AppendGTID(r.position, transaction)
	r.look()
}

func (r *reached) look() {
	if !r.at.IsZero() && r.position.AtLeast(r.goal) {
		r.cache.complete(r.at)
		r.at = time.Time{}
	}
}

func one(conn *mysql.Conn, query string) (string, error) {
	result, err := conn.ExecuteFetch(query, 1, false)
	if err != nil {
		return "", err
	}
	return result.Rows[0][0].ToString(), nil
}

func quoted(text string) string {
	var sql strings.Builder
	sqltypes.NewVarChar(text).EncodeSQL(&sql)
	return sql.String()
}
