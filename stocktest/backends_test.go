package stocktest_test

import (
	"context"
	"strings"
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

func TestEachGivesAFreshMigratedDatabase(t *testing.T) {
	for range 2 {
		stocktest.Each(t, func(t *testing.T, db *store.DB) {
			err := db.Transact(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Exec(context.Background(),
					"INSERT INTO marks (warehouse, name) VALUES ('W1', 'first')")
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckStatement(t *testing.T) {
	good := []string{
		"SELECT code FROM warehouses",
		"SELECT `id` FROM `zone_stocks` WHERE `zone_stocks`.`warehouse` = ? AND id = ? FOR UPDATE",
		"SELECT z.id FROM holds AS h JOIN zone_stocks AS z ON z.warehouse = h.warehouse " +
			"AND z.id = h.zone_stock_id WHERE h.warehouse = ?",
		"SELECT id FROM tasks WHERE (warehouse, task_id, job_type) IN ((?,?,?),(?,?,?))",
		"INSERT INTO marks (warehouse, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = ?",
		"INSERT INTO marks (name, warehouse) VALUES (?, ?) ON CONFLICT (warehouse, name) " +
			"DO UPDATE SET value = excluded.value",
		"UPDATE bins SET tick = tick + 1 WHERE warehouse = ? AND code IN (?,?)",
		"WITH wanted (id) AS (SELECT 1) SELECT b.id FROM wanted JOIN bin_stocks AS b " +
			"ON b.warehouse = ? AND b.id = wanted.id",
		"SELECT value FROM json_each(?)",
		"SELECT epoch FROM leases WHERE name = 'warehouse'",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
	}
	bad := []string{
		"SELECT id FROM zone_stocks WHERE id = ?",
		"SELECT warehouse FROM zone_stocks WHERE id = ?",
		"SELECT id FROM zone_stocks WHERE note = 'warehouse = 1'",
		"SELECT z.id FROM holds AS h JOIN zone_stocks AS z ON z.id = h.zone_stock_id " +
			"WHERE h.warehouse = ?",
		"INSERT INTO marks (name) VALUES (?)",
		"INSERT INTO marks (warehouse, name) SELECT warehouse, code FROM bins",
		"UPDATE bins SET tick = tick + 1 WHERE code = ?",
		"DELETE FROM marks",
		"INSERT IGNORE INTO marks (warehouse, name) VALUES (?, ?)",
		"SELECT id FROM tasks WHERE warehouse = ? FOR UPDATE SKIP LOCKED",
	}
	for _, sql := range good {
		if err := stocktest.CheckStatement(sql); err != nil {
			t.Errorf("%v: %s", err, sql)
		}
	}
	for _, sql := range bad {
		if stocktest.CheckStatement(sql) == nil {
			t.Errorf("no complaint about: %s", sql)
		}
	}
}

func TestStatementsComplain(t *testing.T) {
	var statements stocktest.Statements
	statements.Record("SELECT code FROM bins WHERE warehouse = ?")
	statements.Record("SELECT code FROM bins")
	statements.Record("SELECT code FROM bins")
	complaints := statements.Complaints()
	if len(complaints) != 1 || !strings.HasSuffix(complaints[0], ": SELECT code FROM bins") {
		t.Error(complaints)
	}
}
