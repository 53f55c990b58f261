package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"tierstock/stocktest"
	"tierstock/store"
)

// workerVariable makes the test program a worker of Writers.
const workerVariable = "TIERSTOCK_TEST_BENCH_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) == "" {
		os.Exit(m.Run())
	}
	if err := Work(context.Background(), os.Stdin, os.Stdout); err != nil {
		panic(err)
	}
}

// tiny are options of a run that takes no time and still does everything once.
func tiny(t *testing.T, databaseURL string) Options {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(workerVariable, "1")
	return Options{DatabaseURL: databaseURL, Callers: []int{8}, Rounds: 2, Seconds: 0.05,
		Seed: SeedDefault, Rows: 20, GrowthFlows: 1000, Worker: []string{program}, growthFirst: 1000}
}

// notThere is the URL of a database that does not exist.
func notThere(t *testing.T, backend stocktest.Backend) string {
	t.Helper()
	return backend.URL(t) + "_not_there"
}

// startServer starts a private Redis, gone when the test ends.
func startServer(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is missing: `make test` installs what the tests need")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	_, port, _ := net.SplitHostPort(address)
	server := exec.CommandContext(t.Context(), program, "--port", port, "--bind", "127.0.0.1",
		"--dir", t.TempDir(), "--save", "900 1")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	client := redis.NewClient(&redis.Options{Addr: address})
	t.Cleanup(func() { _ = client.Close() })
	for range 100 {
		if client.Ping(t.Context()).Err() == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return address
}

// TestRun does everything there is on every database, and finds every oracle content.
func TestRun(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			address := startServer(t)
			options := tiny(t, notThere(t, backend))
			options.RedisURL = "redis://" + address
			turns, total := 0, 0
			options.Tell = func(done, of int) { turns, total = done, of }
			report, err := Run(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			if turns == 0 || turns != total {
				t.Errorf("%d of %d turns were told", turns, total)
			}
			checkCells(t, report)
			checkServer(t, backend, report.Server)
			checkGone(t, options.DatabaseURL)
			checkRedis(t, address)
		})
	}
}

func checkCells(t *testing.T, report Report) {
	t.Helper()
	seen := map[string]bool{}
	for _, cell := range report.Cells {
		seen[cell.Workload+" "+cell.Contender] = true
		overload := strings.HasPrefix(cell.Workload, Overload)
		// How fast it recovers is no matter of fifty milliseconds on a machine under tests.
		slow := overload && (strings.HasPrefix(cell.Oracle, "p99 is") ||
			strings.HasPrefix(cell.Oracle, "it did not recover"))
		if cell.Oracle != oracleOK && !slow {
			t.Errorf("%s, %s: %s", cell.Workload, cell.Contender, cell.Oracle)
		}
		if cell.LinesPerCall == 0 || cell.LowestPerSec > cell.LinesPerSecond ||
			cell.LinesPerSecond > cell.HighestPerSec {
			t.Errorf("%+v", cell)
		}
	}
	for _, want := range []string{"hot1 redis-durable", "hot1 limit", "hot1-half split",
		"uniform10k queue", "zipf optimistic", "mixed naive", "tiers naive", "replay-none merged",
		"wave line-by-line", "writers-4 merged", "growth merged", "api " + OverHTTP,
		"overload-50 merged"} {
		if !seen[want] {
			t.Errorf("there is no cell of %s", want)
		}
	}
	if len(report.Goals) != 13 {
		t.Errorf("%d goals", len(report.Goals))
	}
}

func checkServer(t *testing.T, backend stocktest.Backend, server Server) {
	t.Helper()
	setting := "innodb_flush_log_at_trx_commit"
	if backend.Name == store.SQLite {
		setting = "synchronous"
	}
	if !strings.Contains(server.Database, " ") || server.Settings[setting] == "" ||
		!strings.HasPrefix(server.Redis, "Redis ") || server.EngineBytesMax == 0 {
		t.Errorf("%+v", server)
	}
}

// checkGone: what did not exist before does not exist now.
func checkGone(t *testing.T, databaseURL string) {
	t.Helper()
	db, err := store.Open(t.Context(), databaseURL, store.Options{Existing: true})
	if err == nil {
		t.Errorf("%s was left behind", db.Name())
		_ = db.Close()
	}
}

// checkRedis: no key is left, and the settings are what they were.
func checkRedis(t *testing.T, address string) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: address})
	defer func() { _ = client.Close() }()
	keys, err := client.DBSize(t.Context()).Result()
	if err != nil || keys != 0 {
		t.Errorf("%d keys are left in Redis, %v", keys, err)
	}
	for name, want := range map[string]string{"appendonly": "no", "appendfsync": "everysec",
		"save": "900 1"} {
		if found := client.ConfigGet(t.Context(), name).Val()[name]; found != want {
			t.Errorf("%s is %q now", name, found)
		}
	}
}

// TestRefusesWhatIsNotEmpty: a database with tables is left alone; one without is left empty.
func TestRefusesWhatIsNotEmpty(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			used := backend.URL(t)
			db := stocktest.Migrated(t, used)
			if _, err := Run(t.Context(), tiny(t, used)); !errors.Is(err, store.ErrNotEmpty) {
				t.Error(err)
			}
			if err := db.CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
			empty := backend.URL(t)
			if path, isFile := strings.CutPrefix(empty, "sqlite:"); isFile {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			options := tiny(t, empty)
			options.Workloads, options.Contenders = []string{Hot1}, []string{Merged}
			for range 2 { // the second time it is as empty as before
				if _, err := Run(t.Context(), options); err != nil {
					t.Error(err)
				}
			}
			if db, err := store.Open(t.Context(), empty, store.Options{Existing: true}); err != nil {
				t.Error("the database is gone:", err)
			} else if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestInterrupted: a run that is cut off in its first turns leaves nothing behind.
func TestInterrupted(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			address := startServer(t)
			options := tiny(t, notThere(t, backend))
			options.RedisURL = "redis://" + address
			options.Workloads = []string{Hot1, Writers}
			options.Seconds = 0.2
			ctx, cancel := context.WithCancel(t.Context())
			options.Tell = func(done, _ int) {
				if done == 8 { // Redis is in its turn
					time.AfterFunc(10*time.Millisecond, cancel)
				}
			}
			if _, err := Run(ctx, options); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			checkGone(t, options.DatabaseURL)
			checkRedis(t, address)
		})
	}
}

// broken is the textbook mistake: it reads, decides, and writes in different transactions.
func (c classic) broken(ctx context.Context, line line, row int64) (answers, error) {
	seen, err := c.read(ctx, c.db.Reader(), row, "")
	if err != nil || seen.Available() < line.qty() {
		return answers{refused: 1}, err
	}
	leg := seen.after(c.leg(line, row))
	leg.rowSeq = strconv.FormatInt(1+rand.Int64N(1<<60), 10)
	return c.settle(ctx, line, c.db.Transact(ctx, func(tx *store.Tx) error {
		if err := c.insert(ctx, tx, leg); err != nil {
			return err
		}
		if err := c.insertKnown(ctx, tx, leg); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE zone_stocks SET reserved = ?, tick = tick + 1
			WHERE warehouse = ? AND id = ?`, seen.Reserved+line.qty(), c.warehouse, row)
		return err
	}))
}

// TestOracleBites: the oracle has been seen to say no.
func TestOracleBites(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			options := tiny(t, notThere(t, backend))
			options.Workloads, options.Contenders = []string{Hot1Half}, []string{Naive}
			options.Seconds, options.Callers = 0.4, []int{32}
			options.extra = map[string]contender{"broken": startClassic(func(c classic) step {
				return c.onRow(c.broken)
			})}
			report, err := Run(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range report.Cells {
				bitten := strings.HasPrefix(cell.Oracle, "oversold: ")
				if bitten != (cell.Contender == "broken") {
					t.Errorf("%s: %s", cell.Contender, cell.Oracle)
				}
			}
		})
	}
}

// damages break a warehouse behind the contender's back, and what the oracle must say of each.
var damages = []struct{ statement, verdict string }{
	{"DELETE FROM zone_flows WHERE warehouse = 'W001' AND action = 'RESERVE'", "lost: "},
	{"DELETE FROM holds WHERE warehouse = 'W001'", "lost: "},
	{"UPDATE zone_stocks SET reserved = reserved - 1 WHERE warehouse = 'W001'", "lost: "},
	{"UPDATE zone_stocks SET row_seq = row_seq + 1 WHERE warehouse = 'W001'", "lost: "},
	{"UPDATE zone_flows SET order_id = 'X' WHERE warehouse = 'W001' AND row_seq = 2", ""},
	{"UPDATE holds SET held = 100000000000000, open_qty = 100000000000000 WHERE warehouse = 'W001'",
		"oversold: "},
}

// TestOracleFinds breaks the books in each way once.
func TestOracleFinds(t *testing.T) {
	for _, damage := range damages {
		stocktest.Each(t, func(t *testing.T, db *store.DB) {
			b := &bench{db: db, options: Options{Rows: 1}, meter: meterOf(nil, nil)}
			engine := newEngine(db)
			if err := makeSKUs(t.Context(), engine.catalog, 1); err != nil {
				t.Fatal(err)
			}
			site, err := b.newSite(t.Context(), Hot1, sitePlan{rows: 1, pieces: ample})
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				got, err := site.reserve(engine, 1)(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				site.applied.Add(got.applied)
			}
			if verdict, err := judge(t.Context(), db, site, true); err != nil || verdict != oracleOK {
				t.Fatal(verdict, err)
			}
			// One acknowledgement too many is a line that was lost, one too few is one doubled.
			for _, wrong := range []struct {
				by   int64
				want string
			}{{1, "lost: 1 of 4"}, {-2, "doubled: 3 effects for 2"}, {1, oracleOK}} {
				site.applied.Add(wrong.by)
				verdict, err := judge(t.Context(), db, site, true)
				if err != nil || !strings.HasPrefix(verdict, wrong.want) {
					t.Errorf("%+v: %s %v", wrong, verdict, err)
				}
			}
			err = db.Transact(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), damage.statement)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			verdict, err := judge(t.Context(), db, site, true)
			if err != nil || !strings.HasPrefix(verdict, damage.verdict) || verdict == oracleOK {
				t.Errorf("%s: %s %v", damage.statement, verdict, err)
			}
			if err := engine.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{}, ""},
		{Options{Rounds: -1}, "--rounds: -1 is not"},
		{Options{Seconds: -1}, "--seconds: -1 is not"},
		{Options{GrowthFlows: 5 - GrowthDefault}, "--growth: 5 is not"},
		{Options{Rows: -RowsDefault}, "--rows: 0 is not"},
		{Options{Workloads: []string{"hot2"}}, "--workload: \"hot2\" is not one of hot1, "},
		{Options{Contenders: []string{"fast"}}, "--contenders: \"fast\" is not one of naive, "},
		{Options{Contenders: []string{Redis}}, "--contenders: redis needs --redis"},
		{Options{RedisURL: "http://secret"}, "--redis: a Redis URL is redis://"},
		{Options{Callers: []int{0}}, "--callers: 0 is not"},
	} {
		// What is given is put on top of the usual.
		c.options.Rows += RowsDefault
		c.options.GrowthFlows += GrowthDefault
		if c.options.Rounds == 0 {
			c.options.Rounds = RoundsDefault
		}
		if c.options.Seconds == 0 {
			c.options.Seconds = SecondsDefault
		}
		err := c.options.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.options, err)
		}
	}
	all := Options{Rounds: 1, Seconds: 1, GrowthFlows: GrowthDefault, Rows: 1}
	if err := all.Check(); err != nil || slices.Contains(all.Contenders, Redis) ||
		!slices.Contains(all.Contenders, Merged) {
		t.Error("without a server Redis takes no part:", all.Contenders)
	}
}

// TestWorkerRefuses: a worker says what is wrong rather than ending without a word.
func TestWorkerRefuses(t *testing.T) {
	var out strings.Builder
	order := `{"databaseUrl": "sqlite:` + filepath.Join(t.TempDir(), "missing.db") + "\"}\n"
	err := Work(t.Context(), strings.NewReader(order), &out)
	if err != nil || !strings.Contains(out.String(), "no such file") {
		t.Error(err, out.String())
	}
}
