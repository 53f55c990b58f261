package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

const threeLines = `line_id,order_id,order_date,product_id,product_name,quantity
1,A,2026-01-01,PEN,Pen,3
2,A,2026-01-01,INK,Ink,200
1,B,2026-01-02,PEN,Pen,4
`

// imported is a database with three order lines imported into W1.
func imported(t *testing.T, databaseURL string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(file, []byte(threeLines), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := tierstock(t, "import", "orders", file, "--warehouse", "W1",
		"--db", databaseURL, "--stock", "150")
	if code != exitDone || !strings.Contains(out, "3 lines of 2 orders for 2 SKUs in 2 waves") ||
		!strings.Contains(out, "2 reserved whole, 1 in part, 0 not at all") {
		t.Fatal(code, out, errOut)
	}
}

// damage breaks the books behind the engine's back.
func damage(t *testing.T, databaseURL, statement string) {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, databaseURL, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

const drift = "UPDATE zone_stocks SET on_hand = on_hand + 1000000 WHERE warehouse = 'W1' " +
	"AND sku = 'PEN'"

func TestVerifyAndReconcile(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			imported(t, databaseURL)
			wantExit(t, exitDone, "verify: all 10 invariants hold: ", "verify", "--db", databaseURL)
			wantExit(t, exitDone, "reconcile W1 RESERVATIONS: ", "reconcile", "--warehouse", "W1",
				"--db", databaseURL)

			damage(t, databaseURL, drift)
			out := wantExit(t, exitFailed, "verify: BROKEN: ", "verify", "--db", databaseURL)
			if !strings.Contains(out, "invariant 2, W1: ") || !strings.Contains(out, "SKU PEN") {
				t.Error(out)
			}
			out = wantExit(t, exitFailed, "reconcile W1 TIERS: ", "reconcile", "--warehouse", "W1",
				"--scope", "TIERS", "--db", databaseURL)
			if !strings.Contains(out, "SKU PEN") {
				t.Error(out)
			}
			checkJSON(t, databaseURL)
		})
	}
}

func wantExit(t *testing.T, want int, text string, args ...string) string {
	t.Helper()
	code, out, errOut := tierstock(t, args...)
	if code != want || !strings.Contains(out+errOut, text) {
		t.Errorf("%v: exit %d, want %d with %q:\n%s%s", args, code, want, text, out, errOut)
	}
	return out
}

func checkJSON(t *testing.T, databaseURL string) {
	t.Helper()
	var report struct {
		OK         bool `json:"ok"`
		Flows      int  `json:"flows"`
		Invariants []struct {
			Breaches int `json:"breaches"`
		} `json:"invariants"`
	}
	out := wantExit(t, exitFailed, "{", "verify", "--json", "--db", databaseURL)
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.OK || report.Flows == 0 ||
		len(report.Invariants) != 10 || report.Invariants[1].Breaches == 0 {
		t.Errorf("%v: %s", err, out)
	}
	var runs struct {
		Runs []struct {
			Scope       string `json:"scope"`
			Open        int    `json:"open"`
			Differences []struct {
				SKU  string `json:"sku"`
				Diff string `json:"diff"`
			} `json:"differences"`
		} `json:"runs"`
	}
	out = wantExit(t, exitFailed, "{", "reconcile", "--warehouse", "W1", "--json",
		"--db", databaseURL)
	if err := json.Unmarshal([]byte(out), &runs); err != nil || len(runs.Runs) != 3 ||
		runs.Runs[1].Scope != "TIERS" || runs.Runs[1].Open == 0 ||
		runs.Runs[1].Differences[0].SKU != "PEN" || runs.Runs[1].Differences[0].Diff == "" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestVerifyThatCannotLook(t *testing.T) {
	missing := "sqlite:" + filepath.Join(t.TempDir(), "missing.db")
	wantExit(t, exitUsage, "cannot open sqlite:", "verify", "--db", missing)
	wantExit(t, exitUsage, "cannot open sqlite:", "reconcile", "--warehouse", "W1", "--db", missing)
	wantExit(t, exitUsage, "cannot open mysql://127.0.0.1:1/x", "verify",
		"--db", "mysql://nobody:secret@127.0.0.1:1/x")

	for _, backend := range stocktest.Backends(t) {
		databaseURL := backend.URL(t)
		stocktest.Opened(t, databaseURL)
		wantExit(t, exitUsage, "the database schema is not current", "verify", "--db", databaseURL)
		for range 2 {
			wantExit(t, exitDone, "schema version 5\n", "migrate", "--db", databaseURL)
		}
		wantExit(t, exitDone, "verify: all 10 invariants hold: 0 flows", "verify", "--db", databaseURL)
		wantExit(t, exitUsage, "there is no warehouse W9", "reconcile", "--warehouse", "W9",
			"--db", databaseURL)
	}
}

// TestImportOfABadFile: a fault anywhere in the file keeps all of it out.
func TestImportOfABadFile(t *testing.T) {
	folder := t.TempDir()
	file, databaseURL := filepath.Join(folder, "bad.csv"), "sqlite:"+filepath.Join(folder, "x.db")
	if err := os.WriteFile(file, []byte(threeLines+"2,B,2026-01-02,PEN,Pen,some\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	wantExit(t, exitUsage, "bad.csv: line 5, column quantity: \"some\" is not a whole number",
		"import", "orders", file, "--warehouse", "W1", "--db", databaseURL)
	if _, err := os.Stat(filepath.Join(folder, "x.db")); !os.IsNotExist(err) {
		t.Error("the database was opened:", err)
	}
}

// TestImportAgainWithOtherStock: what was done stays, and what cannot be done is told.
func TestImportAgainWithOtherStock(t *testing.T) {
	databaseURL := stocktest.Backends(t)[0].URL(t)
	imported(t, databaseURL)
	file := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(file, []byte(threeLines), 0o600); err != nil {
		t.Fatal(err)
	}
	wantExit(t, exitFailed, "2 lines could not be imported", "import", "orders", file,
		"--warehouse", "W1", "--db", databaseURL, "--stock", "7")
	wantExit(t, exitDone, "all 10 invariants hold", "verify", "--db", databaseURL)
}
