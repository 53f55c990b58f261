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

// bench writes a ledger by SQL, as the write path would, so that what reads and checks ledgers is
// tested against one that no engine made.
type bench struct {
	t         *testing.T
	db        *store.DB
	warehouse string
	tick      int64
	rows      map[string]*benchRow
	tx        *store.Tx
}

// benchRow is a stock row of either tier; bin is "" in tier 2.
type benchRow struct {
	id, seq                     int64
	zone, bin, sku, batch, pack string
	onHand, reserved, frozen    int64
}

// post is one leg, in whole units.
type post struct {
	row                      *benchRow
	onHand, reserved, frozen int64
}

func newBench(t *testing.T, db *store.DB, warehouse string) *bench {
	b := &bench{t: t, db: db, warehouse: warehouse, rows: map[string]*benchRow{}}
	b.together(b.masters)
	return b
}

func (b *bench) masters() {
	b.t.Helper()
	warehouse := b.warehouse
	b.exec(`INSERT INTO warehouses (code, name, timezone) VALUES (?, ?, 'UTC')`, warehouse, warehouse)
	for _, zone := range []string{"FAST", "BULK"} {
		b.exec(`INSERT INTO zones (warehouse, code, staging_bin) VALUES (?, ?, ?)`, warehouse, zone,
			zone+"-IN")
		for _, bin := range []string{"IN", "01", "02", "TOTE"} {
			b.exec(`INSERT INTO bins (warehouse, code, zone, kind) VALUES (?, ?, ?, 'STORAGE')`,
				warehouse, zone+"-"+bin, zone)
		}
	}
}

func (b *bench) exec(statement string, args ...any) {
	b.t.Helper()
	if affected := b.try(statement, args...); affected == 0 {
		b.t.Fatalf("changed nothing: %s %v", statement, args)
	}
}

func (b *bench) try(statement string, args ...any) (affected int64) {
	b.t.Helper()
	b.together(func() {
		var err error
		if affected, err = b.tx.Exec(context.Background(), statement, args...); err != nil {
			b.t.Fatalf("%v: %s", err, statement)
		}
	})
	return affected
}

// together writes in one transaction, which takes a server less time than many.
func (b *bench) together(write func()) {
	b.t.Helper()
	if b.tx != nil {
		write()
		return
	}
	err := b.db.Transact(context.Background(), func(tx *store.Tx) error {
		b.tx = tx
		write()
		return nil
	})
	b.tx = nil
	if err != nil {
		b.t.Fatal(err)
	}
}

// zone and bin are a tier-2 and a tier-3 row of a SKU, made when first named.
func (b *bench) zone(zone, sku string) *benchRow { return b.row(benchRow{zone: zone, sku: sku}) }

func (b *bench) bin(bin, sku string) *benchRow {
	zone, _, _ := strings.Cut(bin, "-")
	return b.row(benchRow{zone: zone, bin: bin, sku: sku})
}

func (b *bench) row(named benchRow) *benchRow {
	b.t.Helper()
	name := fmt.Sprint(named)
	if row, ok := b.rows[name]; ok {
		return row
	}
	row := &named
	row.id = b.db.NewID()
	b.rows[name] = row
	if row.bin == "" {
		b.exec(`INSERT INTO zone_stocks (warehouse, id, zone, sku, batch, pack)
			VALUES (?, ?, ?, ?, ?, ?)`, b.warehouse, row.id, row.zone, row.sku, row.batch, row.pack)
	} else {
		b.exec(`INSERT INTO bin_stocks (warehouse, id, zone, bin, sku, batch, pack)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, b.warehouse, row.id, row.zone, row.bin, row.sku, row.batch,
			row.pack)
	}
	return row
}

func (r *benchRow) table(of string) string {
	if r.bin == "" {
		return "zone_" + of
	}
	return "bin_" + of
}

const unit = 1_000_000

// effect writes one commit of one effect; its legs are numbered as they come.
func (b *bench) effect(key model.Key, reservation int64, posts ...post) {
	b.t.Helper()
	commit := b.db.NewID()
	b.tick++
	b.together(func() {
		for i, post := range posts {
			b.leg(commit, i, key, reservation, post)
		}
		b.exec(`INSERT INTO commits (warehouse, id, tick, flows, recorded_at)
			VALUES (?, ?, ?, ?, ?)`, b.warehouse, commit, b.tick, len(posts), b.tick*unit)
	})
}

func (b *bench) leg(commit int64, i int, key model.Key, reservation int64, post post) {
	b.t.Helper()
	row := post.row
	row.onHand += post.onHand
	row.reserved += post.reserved
	row.frozen += post.frozen
	row.seq++
	b.exec(`UPDATE `+row.table("stocks")+` SET on_hand = ?, reserved = ?, frozen = ?, row_seq = ?,
		tick = ? WHERE warehouse = ? AND id = ?`, row.onHand*unit, row.reserved*unit,
		row.frozen*unit, row.seq, b.tick, b.warehouse, row.id)
	b.exec(`INSERT INTO `+row.table("flows")+` (warehouse, commit_id, pos, stock_id, row_seq, action,
		job_type, order_id, line_id, task_id, revision, leg, reservation_id, zone, on_hand_delta,
		reserved_delta, frozen_delta, on_hand_after, reserved_after, frozen_after)
		VALUES (`+store.InList(20)+`)`, b.warehouse, commit, i, row.id, row.seq, key.Action,
		key.JobType, key.OrderID, key.LineID, key.TaskID, key.Revision, i, reservation, row.zone,
		post.onHand*unit, post.reserved*unit, post.frozen*unit, row.onHand*unit,
		row.reserved*unit, row.frozen*unit)
}

func (b *bench) line(action model.Action, order string) model.Key {
	return model.LineKey{JobType: "T", OrderID: order, LineID: "1"}.For(b.warehouse, action)
}

func (b *bench) task(action model.Action, task string) model.Key {
	return model.TaskKey{JobType: "T", TaskID: task}.For(b.warehouse, action)
}

// receive puts stock into a bin.
func (b *bench) receive(order, bin, sku string, qty int64) {
	b.t.Helper()
	row := b.bin(bin, sku)
	b.effect(b.line(model.Receive, order), 0, post{row: b.zone(row.zone, sku), onHand: qty},
		post{row: row, onHand: qty})
}

// reserve holds stock of a zone for an order.
func (b *bench) reserve(order, zone, sku string, qty int64) (reservation int64) {
	b.t.Helper()
	reservation = b.db.NewID()
	row := b.zone(zone, sku)
	b.exec(`INSERT INTO reservations (warehouse, id, job_type, order_id, line_id, sku, requested,
		state, asked, created_at) VALUES (?, ?, 'T', ?, '1', ?, ?, 'OPEN', '', 1)`, b.warehouse,
		reservation, order, sku, qty*unit)
	b.exec(`INSERT INTO holds (warehouse, reservation_id, zone_stock_id, position, held, open_qty)
		VALUES (?, ?, ?, 0, ?, ?)`, b.warehouse, reservation, row.id, qty*unit, qty*unit)
	b.effect(b.line(model.Reserve, order), reservation, post{row: row, reserved: qty})
	return reservation
}

// pin ties part of a reservation to a bin.
func (b *bench) pin(reservation int64, task, bin, sku string, qty int64) (id int64) {
	b.t.Helper()
	id = b.db.NewID()
	row := b.bin(bin, sku)
	b.exec(`INSERT INTO tasks (warehouse, id, kind, state, job_type, task_id, reservation_id,
		zone_stock_id, bin_stock_id, qty, pinned, created_at)
		VALUES (?, ?, 'PICK', 'OPEN', 'T', ?, ?, ?, ?, ?, ?, 1)`, b.warehouse, id, task, reservation,
		b.zone(row.zone, sku).id, row.id, qty*unit, qty*unit)
	b.effect(b.task(model.Pin, task), reservation, post{row: row, reserved: qty})
	return id
}

// move carries free stock from bin to bin.
func (b *bench) move(task, from, to, sku string, qty int64) {
	b.t.Helper()
	source, target := b.bin(from, sku), b.bin(to, sku)
	posts := []post{{row: source, onHand: -qty}, {row: target, onHand: qty}}
	if source.zone != target.zone {
		posts = append(posts, post{row: b.zone(source.zone, sku), onHand: -qty},
			post{row: b.zone(target.zone, sku), onHand: qty})
	}
	b.effect(b.task(model.Move, task), 0, posts...)
}

// day is a little of everything.
func (b *bench) day() (reservation, pin int64) {
	b.t.Helper()
	b.together(func() {
		b.receive("ASN1", "FAST-01", "A", 100)
		b.receive("ASN2", "BULK-01", "A", 50)
		b.receive("ASN3", "FAST-02", "B", 30)
		reservation = b.reserve("O1", "FAST", "A", 10)
		pin = b.pin(reservation, "P1", "FAST-01", "A", 4)
		b.move("M1", "BULK-01", "FAST-02", "A", 20)
		b.effect(b.task(model.Freeze, "F1"), 0, post{row: b.bin("FAST-02", "B"), frozen: 5},
			post{row: b.zone("FAST", "B"), frozen: 5})
	})
	return reservation, pin
}

func TestFlowsOfKeysAreInTheOrderOfLegs(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		keys := []model.Key{b.line(model.Receive, "ASN1"), b.task(model.Move, "M1"),
			b.line(model.Receive, "never")}
		found, err := flow.FlowsOfKeys(context.Background(), db.Reader(), db.Dialect(), "W1", keys)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 2 || len(found[keys[0]]) != 2 || len(found[keys[1]]) != 4 {
			t.Fatalf("found %v", found)
		}
		for i, leg := range found[keys[1]] {
			if leg.Leg != i || leg.Seq != 0 || leg.Key != keys[1] || leg.RecordedAt == 0 {
				t.Errorf("leg %d is %+v", i, leg)
			}
		}
		first := found[keys[0]][1]
		if first.Tier != model.BinTier || first.Bin != "FAST-01" || first.SKU != "A" ||
			first.After.OnHand != model.Whole(100) || !strings.HasPrefix(first.ID, "B") {
			t.Errorf("receipt: %+v", first)
		}
	})
}

func TestFlowsByLineAndTaskAreEveryActionOfTheKey(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		id, _ := b.day()
		b.effect(b.line(model.Release, "O1"), id, post{row: b.zone("FAST", "A"), reserved: -1})
		flows, err := flow.FlowsByLine(ctx, db, "W1",
			model.LineKey{JobType: "T", OrderID: "O1", LineID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		var actions []model.Action
		for _, flow := range flows {
			actions = append(actions, flow.Key.Action)
			if flow.Seq == 0 || flow.Reservation != id {
				t.Errorf("%+v", flow)
			}
		}
		if !slices.Equal(actions, []model.Action{model.Reserve, model.Release}) {
			t.Errorf("actions %v", actions)
		}
		flows, err = flow.FlowsByTask(ctx, db, "W1", model.TaskKey{JobType: "T", TaskID: "M1"})
		if err != nil || len(flows) != 4 {
			t.Errorf("%v %v", flows, err)
		}
		flows, err = flow.FlowsByTask(ctx, db, "W1", model.TaskKey{JobType: "t", TaskID: "M1"})
		if err != nil || len(flows) != 0 {
			t.Errorf("another case is another key: %v %v", flows, err)
		}
	})
}
