package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierstock/sample"
	"tierstock/stocktest"
	"tierstock/store"
)

// The demo is killed ten times: by turns at a random moment since its start, which is mostly while
// it builds the warehouse, and at one since it began to play days, of which it has enough to be in
// the midst of them.
const (
	kills      = 10
	killedDays = "300"
	killAfter  = 500 * time.Millisecond
	playedFor  = 200 * time.Millisecond
)

func build(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "tierstock")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// TestSummary: what a warehouse is asked for, line by line.
func TestSummary(t *testing.T) {
	var out bytes.Buffer
	err := summarise(&session{out: &out}, sample.Outcome{SKUs: 1802, Progress: sample.Progress{
		Days: 1095, Orders: 3322, Lines: 6682, Receipts: 1, Asked: 25397, Held: 25179,
		Short: 97, Work: 36027, Millis: 13_600,
		Surprises: sample.Surprises{ShortPicks: 68, Moved: 67, Damaged: 1, Counts: 69},
		Splits: sample.Splits{PickedOrders: 3301, SplitOrders: 1697, PickedLines: 6646,
			SplitLines: 312},
		Replenished: sample.Replenished{Levels: 226, Runs: 1, Tasks: 26, Moved: 13, Buys: 1}},
		Synced: sample.Synced{Pulled: 3322, Pushed: 23_711, Dead: 2}})
	const want = `warehouse W1 after 1,095 days:
  orders       3,322 orders of 6,682 lines: 25,397 pieces of 1,802 SKUs
  fill rate    99.1 %: 25,179 of 25,397 pieces; 97 lines short
  splits       1,697 of 3,301 orders picked from more than one bin, ` +
		`312 of 6,646 lines from more than one row
  short picks  68, of which 67 re-allocated at once
  exceptions   1 piece damaged; 69 counts of bins for these and the short picks
  inbound      1 receipt
  replenished  1 run over 226 levels: 26 tasks, 13 moved and 13 open; 1 article to buy
  sync         3,322 orders pulled from a simulated WMS, 23,711 movements pushed back; ` +
		`2 dead letters for you in the console
  work         36,027 lines of calls in 13.6 s: 2,649 lines a second
`
	if diff := cmp.Diff(want, out.String()); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if text := replenished(sample.Replenished{}); text != "" {
		t.Error("before the last day nothing was replenished:", text)
	}
	if percent(0, 0) != 100 {
		t.Error("a warehouse that nobody asked anything of has served all")
	}
}

// TestKilledDemo: whatever the moment, the books are whole, and the demo goes on to the end that
// one that was left alone comes to.
func TestKilledDemo(t *testing.T) {
	program := build(t)
	askToStop(t, program)
	left := stocktest.Backends(t)[0].URL(t)
	playToTheEnd(t, program, left)
	want := ends(t, left)
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			wantExit(t, exitDone, "schema version", "migrate", "--db", databaseURL)
			for n := range kills {
				kill(t, program, databaseURL, n%2 == 1)
				out, err := exec.CommandContext(t.Context(), program, "verify", "--db",
					databaseURL).CombinedOutput()
				if err != nil || !bytes.Contains(out, []byte("all 10 invariants hold")) {
					t.Fatalf("%v: %s", err, out)
				}
			}
			out := playToTheEnd(t, program, databaseURL)
			if !strings.Contains(out, "verify: all 10 invariants hold: ") ||
				!strings.Contains(out, " 0 explained by what is under way, 0 to be decided") {
				t.Error(out)
			}
			played := kept(t, databaseURL)
			for _, line := range []string{
				fmt.Sprintf("fill rate    %.1f %%: ", percent(played.Held, played.Asked)),
				fmt.Sprintf("short picks  %d, of which %[1]d re-", played.ShortPicks),
				fmt.Sprintf("splits       %d of %d orders", played.SplitOrders, played.PickedOrders),
			} {
				if !strings.Contains(out, line) || played.ShortPicks == 0 || played.Odd != 0 {
					t.Errorf("%+v: no %q in %s", played, line, out)
				}
			}
			if diff := cmp.Diff(want, ends(t, databaseURL)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func demo(ctx context.Context, program, databaseURL string) *exec.Cmd {
	return exec.CommandContext(ctx, program, "demo", "--db", databaseURL, "--days", killedDays,
		"--listen", "127.0.0.1:0")
}

// kill starts the demo and kills it, with no chance to tidy up.
func kill(t *testing.T, program, databaseURL string, inPlay bool) {
	t.Helper()
	command := demo(t.Context(), program, databaseURL)
	var out locked
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	after := rand.N(killAfter)
	if inPlay {
		after = rand.N(playedFor)
		awaitPlay(&out)
	}
	time.Sleep(after)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if status := command.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
		t.Fatalf("it ended by itself: %v %s", command.ProcessState, &out)
	}
	t.Logf("killed after %v, in play: %v; %d days are kept", after.Round(time.Millisecond), inPlay,
		kept(t, databaseURL).Days)
}

// awaitPlay waits until the first days are told of, within reason.
func awaitPlay(out *locked) {
	for waited := 0; !strings.Contains(out.String(), " days") && waited < 3000; waited++ {
		time.Sleep(10 * time.Millisecond)
	}
}

// askToStop: a demo that is asked to stop in the midst of it ends well, and says how to go on.
func askToStop(t *testing.T, program string) {
	t.Helper()
	command := demo(t.Context(), program, "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	var out locked
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	awaitPlay(&out)
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := command.Wait()
	if err != nil || !strings.Contains(out.String(), "the same command goes on from here") {
		t.Errorf("%v: %s", err, &out)
	}
}

// playToTheEnd runs the demo until it serves, then asks it to stop.
func playToTheEnd(t *testing.T, program, databaseURL string) string {
	t.Helper()
	command := demo(t.Context(), program, databaseURL)
	var log bytes.Buffer
	command.Stderr = &log
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		out.WriteString(lines.Text() + "\n")
		if consoleLine.MatchString(lines.Text()) {
			if err := command.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := command.Wait(); err != nil {
		t.Fatalf("%v: %s%s", err, &out, &log)
	}
	return out.String()
}

// end is what a replay comes to, whatever happened on the way.
type end struct {
	Played       sample.Progress
	OnHand, Held map[string]int64
	Flows        map[string]int64
}

func ends(t *testing.T, databaseURL string) end {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, databaseURL, store.Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found := end{Played: kept(t, databaseURL), OnHand: map[string]int64{},
		Held: map[string]int64{}, Flows: map[string]int64{}}
	found.Played.Millis = 0
	rows, err := db.Reader().Query(ctx, `SELECT sku, zone, SUM(on_hand), SUM(reserved),
		SUM(row_seq) FROM zone_stocks WHERE warehouse = ? GROUP BY sku, zone`, sample.Warehouse)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var sku, zone string
		var onHand, reserved, flows int64
		if err := rows.Scan(&sku, &zone, &onHand, &reserved, &flows); err != nil {
			t.Fatal(err)
		}
		row := sku + " " + zone
		found.OnHand[row], found.Held[row], found.Flows[row] = onHand, reserved, flows
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// kept is how far the demo is by its own mark.
func kept(t *testing.T, databaseURL string) sample.Progress {
	t.Helper()
	db, err := store.Open(t.Context(), databaseURL, store.Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	site := &sample.Site{DB: db}
	progress, err := site.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return progress
}
