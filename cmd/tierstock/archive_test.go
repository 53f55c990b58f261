package main

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/stocktest"
)

// age makes W1's history a year older.
func age(t *testing.T, databaseURL string) {
	t.Helper()
	const year = "31536000000000"
	damage(t, databaseURL, "UPDATE commits SET recorded_at = recorded_at - "+year+
		" WHERE warehouse = 'W1'")
	damage(t, databaseURL, "UPDATE reservations SET created_at = created_at - "+year+
		" WHERE warehouse = 'W1'")
}

func TestArchive(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL, folder := backend.URL(t), t.TempDir()
			imported(t, databaseURL)
			archive := func(want int, text, before string) string {
				t.Helper()
				return wantExit(t, want, text, "archive", "--before", before, "--to", folder,
					"--db", databaseURL)
			}
			archive(exitUsage, "--before: 2999-01-01 is too late for warehouse W1: ", "2999-01-01")
			damage(t, databaseURL, "INSERT INTO archives (warehouse, batch_id) VALUES ('W1', 1)")
			archive(exitDone, "archive W1: 0 flows in 0 commits and 0 effects without flows from "+
				"before 2020-01-01, no file was needed; 10 flows remain", "2020-01-01")
			if lines := archivedLines(t, folder); len(lines) != 0 {
				t.Errorf("archived: %v", lines)
			}
			age(t, databaseURL)
			out := archive(exitDone, "archive W1: 10 flows in ", "2026-01-31")
			if !strings.Contains(out, "in flows-W1-") || !strings.Contains(out, "; 0 flows remain") {
				t.Error(out)
			}
			lines := archivedLines(t, folder)
			if len(lines) != 10 || lines[0]["seq"] != "1" || lines[9]["seq"] != "10" ||
				lines[0]["delta"].(map[string]any)["onHand"] != "150" {
				t.Errorf("%d lines: %v", len(lines), lines)
			}
			archive(exitDone, "archive W1: 0 flows", "2026-01-31")
			wantExit(t, exitDone, "all 10 invariants hold: 0 flows and ", "verify", "--db", databaseURL)
			damage(t, databaseURL, drift)
			archive(exitFailed, "warehouse W1 has 2 breaches", "2026-01-31")
		})
	}
}

// archivedLines are the lines of every file in the folder.
func archivedLines(t *testing.T, folder string) (lines []map[string]any) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		for decoder := json.NewDecoder(reader); decoder.More(); {
			var line map[string]any
			if err := decoder.Decode(&line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line)
		}
		_ = file.Close()
	}
	return lines
}
