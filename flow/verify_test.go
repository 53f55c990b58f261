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

func verified(t *testing.T, db *store.DB) flow.Report {
	t.Helper()
	report, err := flow.Verify(context.Background(), db, flow.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// breaches are the distinct invariant numbers and kinds of a report, as "5 ORPHAN_HOLD".
func breaches(report flow.Report) []string {
	var kinds []string
	for _, verdict := range report.Invariants {
		for _, breach := range verdict.Listed {
			kinds = append(kinds, fmt.Sprint(verdict.Number, " ", breach.Kind))
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// drift is a fault injected into the books of bench.day, and what must be found because of it.
type drift struct {
	name   string
	inject func(b *bench, reservation, pin int64)
	want   []string
	// row is a part of how a breach names what is broken.
	row string
}

// force changes rows past the CHECKs that guard them.
func (b *bench) force(statement string, args ...any) {
	b.t.Helper()
	ctx := context.Background()
	before, after := "PRAGMA ignore_check_constraints = ON", "PRAGMA ignore_check_constraints = OFF"
	if b.db.Dialect() == store.MySQL {
		before, after = "SET check_constraint_checks = 0", "SET check_constraint_checks = 1"
	}
	err := b.db.Transact(ctx, func(tx *store.Tx) error {
		for _, step := range []string{before, statement, after} {
			var with []any
			if step == statement {
				with = args
			}
			if _, err := tx.Exec(ctx, step, with...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func drifts() []drift {
	return []drift{
		{"negative", func(b *bench, _, _ int64) {
			b.force(`UPDATE bin_stocks SET on_hand = -1 WHERE warehouse = 'W1' AND id = ?`,
				b.bin("BULK-01", "A").id)
		}, []string{"1 UNSOUND_AMOUNTS", "2 TIER_SUM", "4 BALANCE"}, "bin BULK-01, SKU A"},
		{"tier-2 on hand", func(b *bench, _, _ int64) {
			b.exec(`UPDATE zone_stocks SET on_hand = on_hand + 1 WHERE warehouse = 'W1' AND id = ?`,
				b.zone("FAST", "A").id)
		}, []string{"2 TIER_SUM", "4 BALANCE"}, "zone FAST, SKU A"},
		{"tier-3 on hand", func(b *bench, _, _ int64) {
			b.exec(`UPDATE bin_stocks SET on_hand = on_hand - 1 WHERE warehouse = 'W1' AND id = ?`,
				b.bin("FAST-01", "A").id)
		}, []string{"2 TIER_SUM", "4 BALANCE"}, "bin FAST-01, SKU A"},
		{"tier-2 reserved", func(b *bench, _, _ int64) {
			b.exec(`UPDATE zone_stocks SET reserved = 2000000 WHERE warehouse = 'W1' AND id = ?`,
				b.zone("FAST", "A").id)
		}, []string{"3 TIER_SUM", "4 BALANCE", "5 HELD_SUM"}, "zone FAST, SKU A"},
		{"tier-3 reserved", func(b *bench, _, _ int64) {
			b.exec(`UPDATE bin_stocks SET reserved = 0 WHERE warehouse = 'W1' AND id = ?`,
				b.bin("FAST-01", "A").id)
		}, []string{"4 BALANCE", "5 PINNED_SUM"}, "bin FAST-01, SKU A"},
		{"tier-2 frozen", func(b *bench, _, _ int64) {
			b.exec(`UPDATE zone_stocks SET frozen = 0 WHERE warehouse = 'W1' AND id = ?`,
				b.zone("FAST", "B").id)
		}, []string{"3 TIER_SUM", "4 BALANCE"}, "zone FAST, SKU B"},
		{"tier-3 frozen", func(b *bench, _, _ int64) {
			b.exec(`UPDATE bin_stocks SET frozen = 0 WHERE warehouse = 'W1' AND id = ?`,
				b.bin("FAST-02", "B").id)
		}, []string{"3 TIER_SUM", "4 BALANCE"}, "bin FAST-02, SKU B"},
		{"missing flow", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM zone_flows WHERE warehouse = 'W1' AND order_id = 'O1'`)
		}, []string{"4 MISSING_FLOW", "9 COMMIT_FLOWS", "9 NO_RESERVE_FLOW"}, "zone FAST, SKU A"},
		{"missing last flow", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM bin_flows WHERE warehouse = 'W1' AND task_id = 'P1'`)
		}, []string{"4 MISSING_FLOW", "9 COMMIT_FLOWS"}, "bin FAST-01, SKU A"},
		{"changed flow", func(b *bench, _, _ int64) {
			b.exec(`UPDATE bin_flows SET on_hand_delta = 1 WHERE warehouse = 'W1' AND task_id = 'M1'
				AND leg = 1`)
		}, []string{"4 BROKEN_CHAIN", "8 QUANTITY_NOT_KEPT"}, "bin FAST-02, SKU A"},
		{"doubled flow", func(b *bench, _, _ int64) {
			b.exec(doubleFlow("bin_flows", "row_seq + 1") + ` AND task_id = 'P1'`)
		}, []string{"4 EXTRA_FLOW", "9 COMMIT_FLOWS"}, "bin FAST-01, SKU A"},
		{"two flows of one number", func(b *bench, _, _ int64) {
			b.exec(doubleFlow("bin_flows", "row_seq") + ` AND task_id = 'P1'`)
		}, []string{"4 EXTRA_FLOW", "9 COMMIT_FLOWS"}, "two flows have the same"},
		{"doubled effect", func(b *bench, _, _ int64) {
			b.effect(b.line(model.Receive, "ASN1"), 0,
				post{row: b.bin("FAST-01", "A")})
		}, []string{"7 DOUBLED_KEY"}, "RECEIVE of T order ASN1"},
		{"key used twice, once bare", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO bare_effects (warehouse, action, job_type, task_id, recorded_at)
				VALUES ('W1', 'MOVE', 'T', 'M1', 1)`)
		}, []string{"7 DOUBLED_KEY"}, "MOVE of T task M1"},
		{"orphan hold", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO holds (warehouse, reservation_id, zone_stock_id, position, held,
				open_qty) VALUES ('W1', 77, ?, 0, 3000000, 3000000)`, b.zone("BULK", "A").id)
		}, []string{"5 ORPHAN_HOLD"}, "hold of reservation 77 on zone BULK, SKU A"},
		{"hold of an ended reservation", func(b *bench, reservation, _ int64) {
			b.exec(`UPDATE reservations SET state = 'RELEASED' WHERE warehouse = 'W1' AND id = ?`,
				reservation)
		}, []string{"5 HELD_SUM", "5 ORPHAN_HOLD", "5 ORPHAN_PIN", "5 PINNED_SUM"}, "hold of"},
		{"orphan pin", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO tasks (warehouse, id, kind, state, task_id, reservation_id,
				zone_stock_id, bin_stock_id, pinned, created_at)
				VALUES ('W1', 5, 'PICK', 'OPEN', 'P9', 78, ?, ?, 1000000, 1)`,
				b.zone("BULK", "A").id, b.bin("BULK-01", "A").id)
		}, []string{"5 ORPHAN_PIN"}, `"P9" (tasks 5) for reservation 78 in bin BULK-01, SKU A`},
		{"pin in another zone", func(b *bench, _, pin int64) {
			b.exec(`UPDATE tasks SET bin_stock_id = ? WHERE warehouse = 'W1' AND id = ?`,
				b.bin("BULK-01", "A").id, pin)
		}, []string{"5 ORPHAN_PIN", "5 PINNED_SUM"}, "bin BULK-01, SKU A"},
		{"pinned more than held", func(b *bench, reservation, _ int64) {
			b.pin(reservation, "P2", "FAST-02", "A", 7)
		}, []string{"3 PINS_OVER_HOLD", "3 TIER_SUM"}, "zone FAST, SKU A"},
		{"held more than requested", func(b *bench, reservation, _ int64) {
			b.exec(`UPDATE reservations SET requested = 9000000 WHERE warehouse = 'W1' AND id = ?`,
				reservation)
		}, []string{"6 HELD_OVER_REQUESTED"}, "order O1 line 1"},
		{"held is not its parts", func(b *bench, reservation, _ int64) {
			b.force(`UPDATE holds SET deducted = 1 WHERE warehouse = 'W1' AND reservation_id = ?`,
				reservation)
		}, []string{"6 HELD_AMOUNTS"}, "hold of reservation"},
		{"row without a flow", func(b *bench, _, _ int64) { b.bin("FAST-TOTE", "A") },
			[]string{"4 MISSING_FLOW"}, "bin FAST-TOTE, SKU A"},
		{"flow without a row", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM bin_stocks WHERE warehouse = 'W1' AND id = ?`,
				b.bin("BULK-01", "A").id)
		}, []string{"2 TIER_SUM", "4 NO_STOCK_ROW", "8 QUANTITY_NOT_KEPT"}, "flow B"},
		{"no tier-2 row", func(b *bench, _, _ int64) {
			b.exec(`UPDATE zone_stocks SET batch = 'X' WHERE warehouse = 'W1' AND id = ?`,
				b.zone("BULK", "A").id)
		}, []string{"2 NO_ZONE_ROW", "2 TIER_SUM", "8 QUANTITY_NOT_KEPT"},
			"zone BULK, SKU A (zone_stocks 0)"},
		{"bin in another zone", func(b *bench, _, _ int64) {
			b.exec(`UPDATE bins SET zone = 'FAST' WHERE warehouse = 'W1' AND code = 'BULK-01'`)
		}, []string{"2 BIN_IN_ANOTHER_ZONE"}, "bin BULK-01, SKU A"},
		{"blocked bin", func(b *bench, _, _ int64) {
			b.exec(`UPDATE bins SET blocked = 1 WHERE warehouse = 'W1' AND code = 'FAST-02'`)
		}, []string{"1 FREE_IN_BLOCKED_BIN"}, "bin FAST-02, SKU B"},
		{"flow without a commit", func(b *bench, _, _ int64) {
			b.exec(`DELETE FROM commits WHERE warehouse = 'W1' AND tick = 1`)
		}, []string{"9 NO_COMMIT"}, "commit "},
		{"reservation without a flow", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO reservations (warehouse, id, job_type, order_id, line_id, state,
				asked, created_at) VALUES ('W1', 9, 'T', 'O7', '1', 'RELEASED', '', 1)`)
		}, []string{"9 NO_RESERVE_FLOW"}, "order O7 line 1"},
		{"flow of no reservation", func(b *bench, reservation, _ int64) {
			b.exec(`DELETE FROM reservations WHERE warehouse = 'W1' AND id = ?`, reservation)
		}, []string{"5 HELD_SUM", "5 ORPHAN_HOLD", "5 ORPHAN_PIN", "5 PINNED_SUM", "9 NO_RESERVATION"},
			"flow Z"},
		{"numbers given twice", func(b *bench, _, _ int64) {
			b.exec(`UPDATE commits SET first_seq = first_seq - 1 WHERE warehouse = 'W1' AND tick = 3`)
		}, []string{"10 FEED_NUMBERS"}, "commit "},
		{"numbers past the end", func(b *bench, _, _ int64) {
			b.exec(`UPDATE feeds SET last_seq = 12 WHERE warehouse = 'W1'`)
		}, []string{"10 FEED_NUMBERS"}, "commit "},
		{"a system was told what has not happened", func(b *bench, _, _ int64) {
			b.exec(`INSERT INTO sync_places (warehouse, system, seq) VALUES ('W1', 'erp1', 1000)`)
		}, []string{"10 FEED_PLACE"}, "system erp1"},
		{"numbers out of order", func(b *bench, _, _ int64) {
			b.exec(`UPDATE commits SET first_seq = CASE tick WHEN 1 THEN 7 WHEN 4 THEN 1 WHEN 2 THEN 2
				WHEN 3 THEN 4 END WHERE warehouse = 'W1' AND tick <= 4`)
			b.exec(`UPDATE commits SET first_seq = 0 WHERE warehouse = 'W1' AND tick = 2`)
		}, []string{"10 FEED_NUMBERS", "10 FEED_ORDER"}, "flow Z"},
	}
}

// doubleFlow copies flows as the next of their row.
func doubleFlow(table, rowSeq string) string {
	return `INSERT INTO ` + table + ` (warehouse, commit_id, pos, stock_id, row_seq, action,
		job_type, order_id, line_id, task_id, revision, leg, reservation_id, zone, on_hand_delta,
		reserved_delta, frozen_delta, on_hand_after, reserved_after, frozen_after)
		SELECT warehouse, commit_id, pos + 1, stock_id, ` + rowSeq + `, action, job_type, order_id,
			line_id, task_id, revision, leg + 1, reservation_id, zone, on_hand_delta, reserved_delta,
			frozen_delta, on_hand_after, reserved_after, frozen_after
		FROM ` + table + ` WHERE warehouse = 'W1'`
}

func TestVerifyIsGreenOnSoundBooks(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		if report := verified(t, db); !report.OK() || report.Warehouses != 0 {
			t.Errorf("nothing there: %+v", report)
		}
		newBench(t, db, "W1").day()
		newBench(t, db, "W2").day()
		for range 2 { // before the feed is numbered, and after
			report := verified(t, db)
			if !report.OK() || report.Warehouses != 2 || report.Flows != 28 ||
				report.StockRows != 14 || report.CheckedAt == 0 || len(report.Invariants) != 10 {
				t.Errorf("%+v", report)
			}
			readFeed(t, db, flow.FlowFilter{}, 0, 1)
		}
	})
}

func TestVerifyNamesEachDrift(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		for i, drift := range drifts() {
			t.Run(drift.name, func(t *testing.T) {
				b := newBench(t, db, "W1")
				defer b.wipe()
				reservation, pin := b.day()
				readFeed(t, db, flow.FlowFilter{}, 0, 1)
				drift.inject(b, reservation, pin)
				report := verified(t, db)
				if got := breaches(report); !slices.Equal(got, drift.want) {
					t.Errorf("drift %d: found %v, want %v", i, got, drift.want)
				}
				var listed []string
				for _, verdict := range report.Invariants {
					for _, breach := range verdict.Listed {
						listed = append(listed, breach.String())
					}
				}
				if text := strings.Join(listed, "\n"); !strings.Contains(text, drift.row) ||
					!strings.Contains(text, "W1") {
					t.Errorf("%q is not named in\n%s", drift.row, text)
				}
			})
		}
	})
}

// wipe empties the warehouse for the next drift: a fresh database for each takes too long.
func (b *bench) wipe() {
	for _, table := range []string{"zones", "bins", "zone_stocks", "bin_stocks", "commits", "feeds",
		"sync_places",
		"zone_flows", "bin_flows", "bare_effects", "reservations", "holds", "tasks", "marks",
		"reconciliation_runs", "differences", "archives", "checkpoints", "archived_keys"} {
		b.try(`DELETE FROM `+table+` WHERE warehouse = ?`, b.warehouse)
	}
	b.exec(`DELETE FROM warehouses WHERE code = ?`, b.warehouse)
}

func TestVerifyAddsUpPacks(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.exec(`INSERT INTO sku_packs (sku, code, numerator, denominator) VALUES ('A', 'CASE', 12, 1)`)
		b.receive("ASN1", "FAST-01", "A", 100)
		repack := func(task string, pieces, cases int64) {
			b.effect(b.task(model.Repack, task), 0,
				post{row: b.bin("FAST-01", "A"), onHand: -pieces},
				post{row: b.row(benchRow{zone: "FAST", bin: "FAST-01", sku: "A", pack: "CASE"}),
					onHand: cases},
				post{row: b.zone("FAST", "A"), onHand: -pieces},
				post{row: b.row(benchRow{zone: "FAST", sku: "A", pack: "CASE"}), onHand: cases})
		}
		repack("R1", 24, 2)
		id := b.reserve("O1", "FAST", "A", 20)
		b.exec(`UPDATE reservations SET base_units = 1 WHERE warehouse = 'W1'`)
		b.exec(`INSERT INTO holds (warehouse, reservation_id, zone_stock_id, position, held,
			released, open_qty) VALUES ('W1', ?, ?, 1, 1000000, 1000000, 0)`, id,
			b.row(benchRow{zone: "FAST", sku: "A", pack: "CASE"}).id)
		if got := breaches(verified(t, db)); !slices.Equal(got, []string{"6 HELD_OVER_REQUESTED"}) {
			t.Errorf("20 pieces and a case of 12 for 20 requested: %v", got)
		}
		b.exec(`UPDATE reservations SET requested = 32000000 WHERE warehouse = 'W1'`)
		if report := verified(t, db); !report.OK() {
			t.Errorf("32 requested: %v", breaches(report))
		}
		repack("R2", 12, 2)
		if got := breaches(verified(t, db)); !slices.Equal(got, []string{"8 QUANTITY_NOT_KEPT"}) {
			t.Errorf("12 pieces into two cases of 12: %v", got)
		}
	})
}

// Ten full rows are more than an int64 of millionths can say.
func TestVerifyAddsUpFullRows(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		for i := range 12 {
			bin := fmt.Sprintf("FAST-F%d", i)
			b.exec(`INSERT INTO bins (warehouse, code, zone, kind) VALUES ('W1', ?, 'FAST', 'PICK')`,
				bin)
			row := b.bin(bin, "A")
			b.effect(b.task(model.Adjust, fmt.Sprint(i)), 0, post{row: row, onHand: 999_999_999_999})
		}
		report := verified(t, db)
		if got := breaches(report); !slices.Equal(got, []string{"2 NO_ZONE_ROW"}) {
			t.Fatalf("%v", got)
		}
		if breach := report.Invariants[1].Listed[0]; !strings.Contains(breach.Expected,
			"11999999999988") {
			t.Errorf("%v", breach)
		}
	})
}

func TestVerifyListsABoundedNumber(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.bulk(300)
		b.exec(`UPDATE zone_stocks SET row_seq = 300 WHERE warehouse = 'W1'`)
		b.exec(`UPDATE zone_flows SET reserved_delta = 1 WHERE warehouse = 'W1'`)
		verdict := verified(t, db).Invariants[3]
		if verdict.Breaches != 300 || len(verdict.Listed) != 50 {
			t.Errorf("%d breaches, %d listed", verdict.Breaches, len(verdict.Listed))
		}
	})
}
