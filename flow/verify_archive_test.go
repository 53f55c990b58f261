package flow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// archiveDrifts are faults injected into archivedDay's books.
func archiveDrifts() []drift {
	checkpoint := func(change string, row func(b *bench) *benchRow) func(*bench, int64, int64) {
		return func(b *bench, _, _ int64) {
			b.exec(`UPDATE checkpoints SET `+change+` WHERE warehouse = 'W1' AND stock_id = ?`,
				row(b).id)
		}
	}
	goesOn := func(b *bench) *benchRow { return b.bin("FAST-01", "A") }
	rests := func(b *bench) *benchRow { return b.zone("BULK", "C") }
	return []drift{
		{"checkpoint on hand, flows follow", checkpoint("on_hand = on_hand + 1", goesOn),
			[]string{"4 BROKEN_CHAIN"}, "bin FAST-01, SKU A"},
		{"checkpoint reserved, flows follow", checkpoint("reserved = 1", goesOn),
			[]string{"4 BROKEN_CHAIN"}, "bin FAST-01, SKU A"},
		{"checkpoint on hand, no flow follows", checkpoint("on_hand = on_hand + 1", rests),
			[]string{"4 BALANCE"}, "zone BULK, SKU C"},
		{"checkpoint frozen, no flow follows", checkpoint("frozen = 1", rests),
			[]string{"4 BALANCE"}, "zone BULK, SKU C"},
		{"checkpoint number too low, no flow follows", checkpoint("row_seq = 0", rests),
			[]string{"4 MISSING_FLOW"}, "zone BULK, SKU C"},
		{"checkpoint number too low", checkpoint("row_seq = row_seq - 1", goesOn),
			[]string{"4 MISSING_FLOW"}, "bin FAST-01, SKU A"},
		{"checkpoint number too high", checkpoint("row_seq = row_seq + 1", goesOn),
			[]string{"4 EXTRA_FLOW"}, "bin FAST-01, SKU A"},
		{"no checkpoint, flows follow", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM checkpoints WHERE warehouse = 'W1' AND stock_id = ?`, goesOn(b).id)
		}, []string{"4 MISSING_FLOW"}, "bin FAST-01, SKU A"},
		{"no checkpoint, no flow follows", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM checkpoints WHERE warehouse = 'W1' AND stock_id = ?`, rests(b).id)
		}, []string{"4 MISSING_FLOW"}, "zone BULK, SKU C"},
		{"checkpoint of no row", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO checkpoints (warehouse, tier, stock_id, row_seq, on_hand, reserved,
				frozen, seq) VALUES ('W1', 'BIN', 5, 1, 0, 0, 0, 1)`)
		}, []string{"4 NO_STOCK_ROW"}, "checkpoint of bin_stocks 5 at seq 1"},
		{"first flow after the archive gone", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM bin_flows WHERE warehouse = 'W1' AND task_id = 'P1'`)
		}, []string{"4 MISSING_FLOW", "9 COMMIT_FLOWS"}, "bin FAST-01, SKU A"},
		{"archived key has an effect again", func(b *bench, _, _ int64) {
			b.effect(b.line(model.Receive, "ASN1"), 0, post{row: b.bin("FAST-01", "A"), onHand: 1},
				post{row: b.zone("FAST", "A"), onHand: 1})
		}, []string{"7 DOUBLED_KEY"}, "RECEIVE of T order ASN1"},
		{"archived key has an effect again, of a task", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO archived_keys (warehouse, job_type, task_id, action)
				VALUES ('W1', 'T', 'M1', 'MOVE')`)
		}, []string{"7 ARCHIVED_KEYS", "7 DOUBLED_KEY"}, "MOVE of T task M1"},
		{"archived key gone", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM archived_keys WHERE warehouse = 'W1' AND order_id = 'ASN2'`)
		}, []string{"7 ARCHIVED_KEYS"}, "archived_keys"},
		{"archived key and bare", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO bare_effects (warehouse, action, job_type, order_id, line_id,
				recorded_at) VALUES ('W1', 'RECEIVE', 'T', 'ASN1', '1', 1)`)
		}, []string{"7 DOUBLED_KEY"}, "RECEIVE of T order ASN1"},
		{"archived reservation gone", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM reservations WHERE warehouse = 'W1' AND order_id = 'O1'`)
		}, []string{"5 HELD_SUM", "5 ORPHAN_HOLD", "5 ORPHAN_PIN", "5 PINNED_SUM",
			"7 ARCHIVED_KEYS", "9 NO_RESERVATION"}, "reservations without a RESERVE flow"},
		{"reservation without a flow", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO reservations (warehouse, id, job_type, order_id, line_id, state,
				asked, created_at) VALUES ('W1', 9, 'T', 'O7', '1', 'RELEASED', '', ?)`, recentDay)
		}, []string{"9 NO_RESERVE_FLOW"}, "order O7 line 1"},
		{"archive's row gone", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM archives WHERE warehouse = 'W1'`)
		}, []string{"7 ARCHIVED_KEYS", "9 NO_RESERVE_FLOW"}, "archived_keys"},
		{"numbers given twice", func(b *bench, _, _ int64) {
			b.exec(`UPDATE archives SET seq = seq + 1 WHERE warehouse = 'W1'`)
		}, []string{"10 FEED_NUMBERS"}, "commit "},
		{"numbers past the end", func(b *bench, _, _ int64) {
			b.exec(`UPDATE feeds SET last_seq = 6 WHERE warehouse = 'W1'`)
		}, []string{"10 FEED_NUMBERS"}, "archive"},
	}
}

// archivedDay archives the older half of a day, and all flows of SKU C, whose checkpoints are all
// that is left of it.
func (b *bench) archivedDay() {
	b.t.Helper()
	b.receive("ASN0", "BULK-02", "C", 9)
	b.halfOld()
	b.archive("1971-01-01", &stocktest.Shelf{})
}

func TestVerifyNamesEachDriftOfAnArchive(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		for _, drift := range archiveDrifts() {
			t.Run(drift.name, func(t *testing.T) {
				b := newBench(t, db, "W1")
				defer b.wipe()
				b.archivedDay()
				b.wantSound()
				drift.inject(b, 0, 0)
				report := verified(t, db)
				if got := breaches(report); !slices.Equal(got, drift.want) {
					t.Errorf("found %v, want %v", got, drift.want)
				}
				if text := fmt.Sprint(report); !strings.Contains(text, drift.row) {
					t.Errorf("%q is not named in\n%s", drift.row, text)
				}
			})
		}
	})
}

// A difference of a row that begins with a checkpoint is rebuilt as any other.
func TestRebuildARowWithACheckpoint(t *testing.T) {
	faults := map[string]string{
		"balance":    `UPDATE zone_stocks SET on_hand = on_hand + 1 WHERE warehouse = 'W1' AND id = ?`,
		"checkpoint": `UPDATE checkpoints SET reserved = 1 WHERE warehouse = 'W1' AND stock_id = ?`,
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			stocktest.Each(t, func(t *testing.T, db *store.DB) {
				ctx := context.Background()
				s := stocktest.New(t, db)
				b := &bench{t: t, db: db, warehouse: s.Warehouse}
				s.DriftedDay()
				s.Age(30)
				s.Archive(&stocktest.Shelf{})
				if name == "checkpoint" {
					s.Receive("F1", "1").OK()
				}
				b.exec(strings.Replace(fault, "'W1'", "'"+s.Warehouse+"'", 1), b.zoneID())
				reconciler := flow.NewReconciler(db, s.Engine.Repair, nil)
				run, err := reconciler.Reconcile(ctx, flow.ScopeLedger, s.Warehouse, "")
				if err != nil || run.Open != 1 {
					t.Fatalf("%+v, %v", run, err)
				}
				page, err := flow.Differences(ctx, db, s.Warehouse, run.ID, 0, 9)
				if err != nil {
					t.Fatal(err)
				}
				_, err = reconciler.Resolve(ctx, flow.Resolution{ID: page.Rows[0].ID,
					Action: flow.Rebuild, ExpectedDiff: page.Rows[0].Diff, Note: "n", Actor: "a"})
				if err != nil {
					t.Fatal(err)
				}
				b.wantSound()
				s.Age(30)
				s.Archive(&stocktest.Shelf{})
			})
		})
	}
}

// zoneID is the only tier-2 row there is.
func (b *bench) zoneID() (id int64) {
	b.t.Helper()
	rows, err := b.db.Reader().Query(context.Background(),
		`SELECT id FROM zone_stocks WHERE warehouse = ?`, b.warehouse)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			b.t.Fatal(err)
		}
	}
	return id
}
