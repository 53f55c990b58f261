package store_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/stocktest"
	"tierstock/store"
)

var update = flag.Bool("update", false, "write the golden schema files anew")

// schema.sqlite.sql and schema.mysql.sql are what people read; this holds them to what a freshly
// migrated database says of itself. `go test ./store -run Schema -update` writes them anew.
func TestSchemaFiles(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		describe := describeMySQL
		if db.Dialect() == store.SQLite {
			describe = describeSQLite
		}
		got := "-- The schema after all migrations, as the database reports it. Made by\n" +
			"-- go test ./store -run Schema -update\n\n" + describe(t, db, tableComments(t, db))
		file := fmt.Sprintf("schema.%s.sql", db.Dialect())
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s is not what the migrations make (-file +database):\n%s", file, diff)
		}
	})
}

// Habits of the schema that let it be sharded by warehouse and keep identifiers exact.
func TestSchemaHabits(t *testing.T) {
	db := stocktest.Migrated(t, stocktest.Backends(t)[1].URL(t))
	shared := []string{"goose_db_version", "leases", "sku_packs", "skus", "sync_streams",
		"warehouses"}
	for _, row := range table(t, db, `SELECT table_name, index_name, GROUP_CONCAT(column_name
		ORDER BY seq_in_index) FROM information_schema.statistics WHERE table_schema = DATABASE()
		GROUP BY table_name, index_name ORDER BY 1, 2`) {
		first, _, _ := strings.Cut(row[2], ",")
		if first != "warehouse" && !slices.Contains(shared, row[0]) {
			t.Errorf("key %s of %s begins with %s, not with the warehouse", row[1], row[0], first)
		}
	}
	for _, row := range table(t, db, `SELECT c.table_name, c.column_name, c.is_nullable,
		COALESCE(c.collation_name, 'utf8mb4_bin') FROM information_schema.columns AS c
		JOIN information_schema.tables AS t ON t.table_schema = c.table_schema
		AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		WHERE c.table_schema = DATABASE() AND c.table_name <> 'goose_db_version'`) {
		if row[2] != "NO" || row[3] != "utf8mb4_bin" {
			t.Errorf("%s.%s: nullable %s, collation %s", row[0], row[1], row[2], row[3])
		}
	}
	if rows := table(t, db, `SELECT table_name FROM information_schema.referential_constraints
		WHERE constraint_schema = DATABASE()`); len(rows) > 0 {
		t.Errorf("foreign keys: %v", rows)
	}
}

// table reads all rows as text.
func table(t *testing.T, db *store.DB, sql string, args ...any) [][]string {
	t.Helper()
	rows, err := db.Reader().Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		row, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// tableComments are the lines above each CREATE TABLE of the migrations.
func tableComments(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("migrations", string(db.Dialect()), "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	above := regexp.MustCompile(`((?:-- [^+\n][^\n]*\n)+)CREATE TABLE IF NOT EXISTS (\w+)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range above.FindAllStringSubmatch(string(text), -1) {
			comments[match[2]] = match[1]
		}
	}
	return comments
}

func describeSQLite(t *testing.T, db *store.DB, comments map[string]string) string {
	t.Helper()
	var text strings.Builder
	for _, row := range table(t, db, `SELECT type, name, sql FROM sqlite_master
		WHERE sql IS NOT NULL AND tbl_name NOT IN ('goose_db_version', 'sqlite_sequence')
		ORDER BY type = 'view', tbl_name, type DESC, name`) {
		if row[0] != "index" && text.Len() > 0 {
			text.WriteString("\n")
		}
		text.WriteString(comments[row[1]] + row[2] + ";\n")
	}
	return text.String()
}

func describeMySQL(t *testing.T, db *store.DB, comments map[string]string) string {
	t.Helper()
	var parts []string
	for _, row := range table(t, db, `SELECT table_name, engine, table_collation
		FROM information_schema.tables WHERE table_schema = DATABASE()
		AND table_type = 'BASE TABLE' AND table_name <> 'goose_db_version' ORDER BY table_name`) {
		lines := slices.Concat(columnsOf(t, db, row[0]), keysOf(t, db, row[0]), checksOf(t, db, row[0]))
		parts = append(parts, fmt.Sprintf("%sCREATE TABLE %s (\n    %s\n) ENGINE=%s COLLATE %s;\n",
			comments[row[0]], row[0], strings.Join(lines, ",\n    "), row[1], row[2]))
	}
	for _, row := range table(t, db, `SELECT table_name, view_definition, DATABASE()
		FROM information_schema.views WHERE table_schema = DATABASE() ORDER BY table_name`) {
		body := strings.NewReplacer("`"+row[2]+"`.", "", "`", "").Replace(row[1])
		body = strings.NewReplacer(",", ",\n    ", " from ", "\nFROM ",
			"select ", "SELECT ").Replace(body)
		body = strings.ReplaceAll(body, "decimal(24,\n    6)", "decimal(24,6)")
		parts = append(parts, fmt.Sprintf("CREATE VIEW %s AS\n%s;\n", row[0], body))
	}
	return strings.Join(parts, "\n")
}

func columnsOf(t *testing.T, db *store.DB, name string) []string {
	t.Helper()
	width := regexp.MustCompile(`int\(\d+\)`)
	var lines []string
	for _, row := range table(t, db, `SELECT column_name, column_type, is_nullable,
		COALESCE(CONCAT(' DEFAULT ', column_default), '') FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`, name) {
		null := map[string]string{"NO": " NOT NULL", "YES": " NULL"}[row[2]]
		lines = append(lines, row[0]+" "+width.ReplaceAllString(row[1], "int")+null+row[3])
	}
	return lines
}

func keysOf(t *testing.T, db *store.DB, name string) []string {
	t.Helper()
	var lines []string
	for _, row := range table(t, db, `SELECT index_name, MIN(non_unique), GROUP_CONCAT(column_name
		ORDER BY seq_in_index SEPARATOR ', ') FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND table_name = ? GROUP BY index_name
		ORDER BY index_name <> 'PRIMARY', MIN(non_unique), index_name`, name) {
		kind := map[string]string{"0": "UNIQUE KEY " + row[0], "1": "KEY " + row[0]}[row[1]]
		if row[0] == "PRIMARY" {
			kind = "PRIMARY KEY"
		}
		lines = append(lines, kind+" ("+row[2]+")")
	}
	return lines
}

func checksOf(t *testing.T, db *store.DB, name string) []string {
	t.Helper()
	var lines []string
	for _, row := range table(t, db, `SELECT constraint_name, check_clause
		FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()
		AND table_name = ? ORDER BY constraint_name`, name) {
		lines = append(lines, fmt.Sprintf("CONSTRAINT %s CHECK (%s)", row[0],
			strings.ReplaceAll(row[1], "`", "")))
	}
	return lines
}

// The views show what the integers mean, to the last digit and with the sign.
func TestViewsShowDecimals(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for row, millionths := range []int64{0, 1, 1_500_000, 999_999_999_999_999_999} {
			err := db.Transact(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO zone_stocks (warehouse, id, zone, sku, on_hand)
					VALUES ('W1', ?, 'A', ?, ?)`, row, fmt.Sprint(row), millionths)
				if err != nil {
					return err
				}
				_, err = tx.Exec(ctx, `INSERT INTO zone_flows (warehouse, commit_id, pos, stock_id,
					row_seq, action, leg, zone, on_hand_delta, reserved_delta, frozen_delta,
					on_hand_after, reserved_after, frozen_after)
					VALUES ('W1', ?, 1, ?, 1, 'ADJUST', ?, 'A', ?, 0, 0, 0, 0, 0)`,
					row, row, row, -millionths)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for view, want := range map[string][]string{
			"SELECT on_hand FROM zone_stocks_view WHERE warehouse = 'W1' ORDER BY id": {
				"0.000000", "0.000001", "1.500000", "999999999999.999999"},
			"SELECT on_hand_delta FROM zone_flows_view WHERE warehouse = 'W1' ORDER BY commit_id": {
				"0.000000", "-0.000001", "-1.500000", "-999999999999.999999"},
		} {
			var got []string
			for _, row := range table(t, db, view) {
				got = append(got, row[0])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v", view, got)
			}
		}
	})
}
