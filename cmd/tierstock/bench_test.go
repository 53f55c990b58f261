package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tierstock/bench"
	"tierstock/stocktest"
	"tierstock/store"
)

// TestBench runs the program as a shell would, with processes of its own.
func TestBench(t *testing.T) {
	program := build(t)
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t) + "_not_there"
			file := filepath.Join(t.TempDir(), "report.json")
			out, err := exec.CommandContext(t.Context(), program, "bench", "--db", databaseURL,
				"--workload", "hot1,writers", "--contenders", "naive,merged", "--callers", "4",
				"--rounds", "1", "--seconds", "0.1", "--rows", "10", "--json", file).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, want := range []string{"measuring: 5 of 5 turns", "WORKLOAD", "writers-4",
				"collapse", "not measured"} {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not said: %s", want, out)
				}
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var report bench.Report
			if err := json.Unmarshal(text, &report); err != nil || len(report.Cells) != 5 ||
				report.Cells[0].Oracle != "ok" || report.Server.Database == "" {
				t.Errorf("%v: %s", err, text)
			}
			wantNoDatabase(t, databaseURL)
		})
	}
}

func wantNoDatabase(t *testing.T, databaseURL string) {
	t.Helper()
	db, err := store.Open(t.Context(), databaseURL, store.Options{Existing: true})
	if err == nil {
		t.Errorf("%s was left behind", databaseURL)
		_ = db.Close()
	}
}

// TestBenchRefuses: a database that somebody uses is left alone.
func TestBenchRefuses(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		databaseURL := backend.URL(t)
		imported(t, databaseURL)
		code, out, errOut := tierstock(t, "bench", "--db", databaseURL)
		if code != exitUsage || out != "" || strings.Count(errOut, "\n") != 1 ||
			!strings.Contains(errOut, "--db: ") || !strings.Contains(errOut, "is not empty") {
			t.Errorf("exit %d: %s%s", code, out, errOut)
		}
		wantExit(t, exitDone, "all 10 invariants hold", "verify", "--db", databaseURL)
	}
}

// TestBenchInterrupted: Ctrl-C, and what a service manager sends, leave nothing behind.
func TestBenchInterrupted(t *testing.T) {
	program := build(t)
	for _, backend := range stocktest.Backends(t) {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(string(backend.Name)+" "+signal.String(), func(t *testing.T) {
				databaseURL := backend.URL(t) + "_not_there"
				command := exec.CommandContext(t.Context(), program, "bench", "--db", databaseURL,
					"--workload", "hot1,writers", "--seconds", "0.3", "--rows", "10")
				var out locked
				command.Stdout, command.Stderr = &out, &out
				if err := command.Start(); err != nil {
					t.Fatal(err)
				}
				for waited := 0; !strings.Contains(out.String(), " turns") && waited < 3000; waited++ {
					time.Sleep(10 * time.Millisecond)
				}
				if err := command.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				_ = command.Wait()
				if code := command.ProcessState.ExitCode(); code != exitFailed ||
					!strings.Contains(out.String(), "tierstock: interrupted; nothing was left behind\n") {
					t.Errorf("exit %d: %s", code, &out)
				}
				wantNoDatabase(t, databaseURL)
			})
		}
	}
}
