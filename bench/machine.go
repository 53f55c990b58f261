package bench

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tierstock/flow"
	"tierstock/store"
)

// usage is what has been used and done up to a moment.
type usage struct {
	cpuSeconds float64
	stats      flow.Stats
}

func (u usage) minus(before usage) usage {
	return usage{u.cpuSeconds - before.cpuSeconds, flow.Stats{
		Commits:   u.stats.Commits - before.stats.Commits,
		Lines:     u.stats.Lines - before.stats.Lines,
		StockRows: u.stats.StockRows - before.stats.StockRows,
		Redone:    u.stats.Redone - before.stats.Redone,
	}}
}

func (u usage) plus(more usage) usage {
	return usage{u.cpuSeconds + more.cpuSeconds, flow.Stats{
		Commits:   u.stats.Commits + more.stats.Commits,
		Lines:     u.stats.Lines + more.stats.Lines,
		StockRows: u.stats.StockRows + more.stats.StockRows,
		Redone:    u.stats.Redone + more.stats.Redone,
	}}
}

// meter reads what has been used so far.
type meter func() usage

// clockTicks is the kernel's unit in /proc/PID/stat, the same on every Linux since 2.6.
const clockTicks = 100

// meterOf counts this process and servers by their process ids.
func meterOf(servers []int, stats func() flow.Stats) meter {
	return func() usage {
		used := usage{cpuSeconds: ownSeconds()}
		for _, server := range servers {
			used.cpuSeconds += secondsOf(server)
		}
		if stats != nil {
			used.stats = stats()
		}
		return used
	}
}

func ownSeconds() float64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / float64(time.Second)
}

// secondsOf is 0 where /proc does not say.
func secondsOf(process int) float64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/stat")
	if err != nil {
		return 0
	}
	// The name in brackets may hold anything; user and system time are 12 and 13 fields later.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / clockTicks
}

// bytesMax is the largest resident set that this process has had.
func bytesMax() int64 {
	for line := range strings.Lines(readText("/proc/self/status")) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10
		}
	}
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return used.Maxrss << 10
}

func readText(path string) string {
	text, _ := os.ReadFile(path) //nolint:gosec // paths of the kernel and of the server
	return string(text)
}

func processor() string {
	for line := range strings.Lines(readText("/proc/cpuinfo")) {
		if name, value, found := strings.Cut(line, ":"); found &&
			strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// describe says where the figures come from.
func (b *bench) describe(ctx context.Context) (Server, error) {
	server := Server{Settings: map[string]string{}, CPU: processor(), Cores: runtime.GOMAXPROCS(0),
		Go: runtime.Version(), Commit: b.options.Commit, Date: time.Now().UTC().Format(time.RFC3339),
		Seed: b.options.Seed, Rounds: b.options.Rounds, Seconds: b.options.Seconds}
	if b.redis != nil {
		server.Redis = "Redis " + b.redis.version
	}
	var err error
	if b.db.Dialect() == store.SQLite {
		server.Database, err = askText(ctx, b.db, "SELECT sqlite_version()")
		server.Database = "SQLite " + server.Database
	} else {
		server.Database, err = askText(ctx, b.db, "SELECT VERSION()")
		server.Database = productOf(server.Database)
	}
	if err != nil {
		return server, err
	}
	for name, question := range settingsOf(b.db.Dialect()) {
		// A server that does not know a setting does not have it.
		if value, err := askText(ctx, b.db, question); err == nil {
			server.Settings[name] = value
		}
	}
	return server, nil
}

func productOf(version string) string {
	number, _, _ := strings.Cut(version, "-")
	if strings.Contains(version, "MariaDB") {
		return "MariaDB " + number
	}
	return "MySQL " + number
}

// settingsOf are questions after what decides about the cost of a commit.
func settingsOf(dialect store.Dialect) map[string]string {
	questions := map[string]string{}
	if dialect == store.SQLite {
		for _, name := range []string{"synchronous", "journal_mode", "cache_size"} {
			questions[name] = "PRAGMA " + name
		}
		return questions
	}
	for _, name := range []string{"innodb_flush_log_at_trx_commit", "sync_binlog", "log_bin",
		"innodb_buffer_pool_size", "innodb_log_file_size", "innodb_redo_log_capacity",
		"innodb_doublewrite", "innodb_flush_method", "max_connections"} {
		questions[name] = "SELECT @@" + name
	}
	return questions
}

func askText(ctx context.Context, db *store.DB, question string) (text string, err error) {
	err = store.EachRow(ctx, db.Reader(), question, nil, func(rows *sql.Rows) error {
		return rows.Scan(&text)
	})
	return text, err
}

// serverProcess is the database server's process, where it is on this machine.
func serverProcess(ctx context.Context, db *store.DB) []int {
	if db.Dialect() == store.SQLite {
		return nil
	}
	host, err := os.Hostname()
	theirs, askErr := askText(ctx, db, "SELECT @@hostname")
	if err != nil || askErr != nil || theirs != host {
		return nil
	}
	file, err := askText(ctx, db, "SELECT @@pid_file")
	if err != nil {
		return nil
	}
	process, err := strconv.Atoi(strings.TrimSpace(readText(file)))
	if err != nil {
		return nil
	}
	return []int{process}
}
