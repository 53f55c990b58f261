package main

import (
	"bufio"
	"bytes"
	"context"
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
			if !strings.Contains(out, "verify: all 10 invariants hold: ") {
				t.Error(out)
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
