package store_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

// TestScratch: what was there before is there afterwards, and nothing else.
func TestScratch(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		for _, there := range []bool{false, true} {
			url := backend.URL(t)
			if !there {
				url += "_new"
			} else if path, isFile := strings.CutPrefix(url, "sqlite:"); isFile {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			scratch, err := store.MakeScratch(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(t.Context(), url, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := store.MakeScratch(t.Context(), url); !errors.Is(err, store.ErrNotEmpty) {
				t.Error("a database with tables was taken:", err)
			}
			if err := errors.Join(db.Close(), scratch.Drop(t.Context())); err != nil {
				t.Error(err)
			}
			db, err = store.Open(t.Context(), url, store.Options{Existing: true})
			if (err == nil) != there {
				t.Errorf("%s: there before: %v, now: %v", backend.Name, there, err)
			}
			if err != nil {
				continue
			}
			if again, err := store.MakeScratch(t.Context(), url); err != nil || again == nil {
				t.Error("it is not empty:", err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestScratchOfNothing(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:/nowhere/x.db":                     "/nowhere: no such file",
		"mysql://nobody:secret@127.0.0.1:1/x":      "connection refused",
		"mysql://nobody:secret@127.0.0.1:1/x?y=no": "without parameters",
	} {
		_, err := store.MakeScratch(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestScratchWithALongStatement: who was interrupted leaves statements behind that hold the tables.
func TestScratchWithALongStatement(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		if backend.Name != store.MySQL {
			continue // its statements run inside this process
		}
		url := backend.URL(t)
		scratch, err := store.MakeScratch(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err = db.Snapshot(ctx, func(tx *store.Tx) error {
			var count int64
			return tx.Gorm().Raw(`SELECT SUM(SLEEP(100)) FROM goose_db_version`).Scan(&count).Error
		})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error("it ended by itself:", err)
		}
		started := time.Now()
		if err := errors.Join(db.Close(), scratch.Drop(t.Context())); err != nil {
			t.Error(err)
		}
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("%s: Drop waited %v", backend.Name, took)
		}
	}
}
