package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tierstock/stocktest"
	"tierstock/store"
)

// eachEmpty runs a test on an empty database of every kind.
func eachEmpty(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			test(t, stocktest.Opened(t, backend.URL(t)))
		})
	}
}

func execute(t *testing.T, db *store.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		err := db.Transact(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func migrate(t *testing.T, db *store.DB) int64 {
	t.Helper()
	version, err := db.Migrate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	return version
}

func TestMigrate(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db *store.DB) {
		if err := db.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchema) {
			t.Errorf("an empty database: %v", err)
		}
		first := migrate(t, db)
		if first < 1 || migrate(t, db) != first {
			t.Errorf("version %d, then another", first)
		}
	})
}

func TestMigrateTogether(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for range 4 {
			other := again(t, db)
			wg.Go(func() {
				if _, err := other.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		applied := query[int](t, db.Reader(),
			"SELECT COUNT(*) FROM goose_db_version WHERE version_id = 1")
		if applied != 1 {
			t.Errorf("the first step ran %d times", applied)
		}
	})
}

// A process killed inside a step leaves some of its tables, and no version: MySQL's DDL does not
// roll back. Killed a little earlier, it leaves goose's table without its first row.
func TestMigrateAfterACrash(t *testing.T) {
	half := []string{
		"DELETE FROM goose_db_version WHERE version_id >= 1", "DROP VIEW holds_view", "DROP TABLE tasks",
		"DROP TABLE differences", "DROP TABLE marks", "DROP VIEW reservations_view",
	}
	early := []string{"DELETE FROM goose_db_version WHERE version_id >= 0"}
	second := []string{"DELETE FROM goose_db_version WHERE version_id >= 2",
		"DROP TABLE archived_keys"}
	for name, crash := range map[string][]string{"half": half, "early": early, "second": second} {
		t.Run(name, func(t *testing.T) {
			stocktest.Each(t, func(t *testing.T, db *store.DB) {
				execute(t, db, crash...)
				if err := db.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchema) {
					t.Errorf("half a schema: %v", err)
				}
				migrate(t, db)
				setUp(t, db, "a")
			})
		})
	}
}

func TestMigrateRefusesANewerSchema(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		execute(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
		if _, err := db.Migrate(t.Context()); !errors.Is(err, store.ErrSchema) {
			t.Error(err)
		}
		if err := db.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchema) {
			t.Error(err)
		}
	})
}

func TestMigrateWaitsForAnother(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		execute(t, db, "DELETE FROM goose_db_version WHERE version_id >= 1")
		_, held, err := db.TryLease(t.Context(), store.MigrationLease, "other", time.Hour)
		if err != nil || !held {
			t.Fatal(held, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := db.Migrate(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while another migrates: %v", err)
		}
		if err := db.Release(t.Context(), store.MigrationLease, "other"); err != nil {
			t.Fatal(err)
		}
		migrate(t, db)
	})
}

// A database made by others is often latin1; the tables bring their own.
func TestMigrateALatin1Database(t *testing.T) {
	db := stocktest.Opened(t, stocktest.Backends(t)[1].URL(t))
	execute(t, db, "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci")
	migrate(t, db)
	folding := query[int](t, db.Reader(), `SELECT COUNT(*) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND collation_name <> 'utf8mb4_bin'`)
	if folding != 0 {
		t.Errorf("%d columns do not compare exactly", folding)
	}
}
