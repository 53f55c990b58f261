package sample_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/replenish"
	"tierstock/sample"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
	"tierstock/wmsync"
)

func siteOn(t *testing.T, db *store.DB) *sample.Site {
	t.Helper()
	catalog := master.New(db)
	engine := flow.New(db, catalog, flow.Options{Choose: allocation.Choose})
	t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	wms, allocating := sample.NewWMS(), allocation.New(db, engine, nil)
	return &sample.Site{DB: db, Catalog: catalog, Tier2: tier2.New(db, engine),
		Tier3: tier3.New(db, engine), Allocation: allocating, Replenish: replenish.New(db, catalog),
		WMS: wms, Sync: wmsync.New(wmsync.Deps{DB: db, Catalog: catalog, Engine: engine,
			Allocation: allocating, LookAgain: time.Millisecond}, []wmsync.Remote{wms.Remote()})}
}

func wantWhole(t *testing.T, db *store.DB) {
	t.Helper()
	report, err := flow.Verify(context.Background(), db, flow.VerifyOptions{})
	if err != nil || !report.OK() {
		t.Fatalf("%v\n%+v", err, report)
	}
}

// books are the stock, the reservations, the work and the number of flows of a warehouse, in
// words: all that must be the same however often a replay was interrupted.
func books(t *testing.T, db *store.DB, warehouse string) []string {
	t.Helper()
	var lines []string
	for _, statement := range []string{
		`SELECT 'zone', zone, sku, batch, pack, on_hand, reserved, frozen, row_seq
			FROM zone_stocks WHERE warehouse = ?`,
		`SELECT 'bin', bin, sku, batch, pack, on_hand, reserved, frozen, version
			FROM bin_stocks WHERE warehouse = ?`,
		`SELECT 'reservation', r.order_id, r.line_id, r.state, r.requested, h.held, h.deducted,
			h.released, h.position FROM reservations AS r JOIN holds AS h
			ON h.warehouse = r.warehouse AND h.reservation_id = r.id WHERE r.warehouse = ?`,
		`SELECT 'task', t.kind, t.state, COALESCE(r.order_id, ''), COALESCE(r.line_id, ''),
			s.bin, t.to_bin, t.qty, t.done FROM tasks AS t
			JOIN bin_stocks AS s ON s.warehouse = t.warehouse AND s.id = t.bin_stock_id
			LEFT JOIN reservations AS r ON r.warehouse = t.warehouse
				AND r.id = t.reservation_id WHERE t.warehouse = ?`,
		`SELECT 'shortage', order_id, line_id, sku, qty, covered, state, priority, pin
			FROM shortages WHERE warehouse = ?`,
		`SELECT 'level', sku, zone, bin, min_qty, max_qty, pack, strategy, sources
			FROM stock_levels WHERE warehouse = ?`,
		`SELECT 'suggestion', g.line, g.kind, g.reason, g.sku, g.batch, g.pack, g.qty, g.bin,
			g.to_bin, g.present, g.wanted, g.task_id, COALESCE(t.state, ''), COALESCE(t.done, 0)
			FROM replenishment_suggestions AS g LEFT JOIN tasks AS t
			ON t.warehouse = g.warehouse AND t.id = g.task WHERE g.warehouse = ?`,
		`SELECT 'demand', sku, day, qty FROM daily_demand WHERE warehouse = ?`,
		`SELECT 'flows', COUNT(*), SUM(row_seq), '', '', '', '', '', ''
			FROM bin_flows WHERE warehouse = ?`,
	} {
		lines = append(lines, read(t, db, statement, warehouse)...)
	}
	slices.Sort(lines)
	return lines
}

func read(t *testing.T, db *store.DB, statement string, args ...any) (lines []string) {
	t.Helper()
	rows, err := db.Reader().Query(context.Background(), statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(values))
		for i, value := range values {
			words[i] = value.String
		}
		lines = append(lines, strings.Join(words, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestPlay plays on SQLite and left alone. Its end is what the plan expects, and what each database
// comes to when the replay is interrupted again and again.
func TestPlay(t *testing.T) {
	left := stocktest.Migrated(t, stocktest.Backends(t)[0].URL(t))
	told := 0
	site := siteOn(t, left)
	replay := sample.Replay{Tell: func(done, total int) {
		if done < told || total != sample.SomeDays {
			t.Errorf("told %d of %d after %d", done, total, told)
		}
		told = done
	}}
	outcome, err := sample.PlaySome(t.Context(), t, site, replay)
	if err != nil || told != sample.SomeDays {
		t.Fatal(err, told)
	}
	wantWhole(t, left)
	if outcome.Days != sample.SomeDays || outcome.Lines != sample.SomeLines || outcome.Odd != 0 ||
		outcome.Held != sample.Expected(t) || outcome.Receipts == 0 {
		t.Errorf("%d pieces expected, got %+v", sample.Expected(t), outcome)
	}
	again, err := sample.PlaySome(t.Context(), t, site, replay)
	if err != nil || again.Progress != outcome.Progress {
		t.Errorf("%v: playing what is played gave %+v", err, again.Progress)
	}
	wantAgreed(t, site)
	wantPlanned(t, outcome)
	wantReplenished(t, site, outcome)
	wantWaves(t, left)
	wantNothingInDoubt(t, left)
	want := books(t, left, sample.Warehouse)
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		progress := playInterrupted(t, db)
		progress.Millis = outcome.Millis
		if diff := cmp.Diff(outcome.Progress, progress); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, books(t, db, sample.Warehouse)); diff != "" {
			t.Error(diff)
		}
	})
}

// wantPlanned: what was not as the book said is what the plan has, and nobody got less for it.
func wantPlanned(t *testing.T, outcome sample.Outcome) {
	t.Helper()
	want := sample.ExpectedSurprises(t)
	if want.ShortPicks == 0 || want.Damaged == 0 {
		t.Fatal("the plan has no surprises")
	}
	if diff := cmp.Diff(want, outcome.Surprises); diff != "" {
		t.Error(diff)
	}
	splits := outcome.Splits
	if splits.PickedLines == 0 || splits.SplitLines < want.ShortPicks ||
		splits.SplitLines > splits.PickedLines || splits.SplitOrders == 0 ||
		splits.SplitOrders > splits.PickedOrders || splits.PickedOrders > splits.PickedLines {
		t.Errorf("%+v", splits)
	}
}

// wantReplenished: cases and pieces are brought to where goods are picked, a part of the tasks by
// the sample, each under its key; and nobody who plays again, or the night, makes another run.
func wantReplenished(t *testing.T, site *sample.Site, outcome sample.Outcome) {
	t.Helper()
	done := outcome.Replenished
	if done.Runs != 1 || done.Moved == 0 || done.Moved != (done.Tasks+1)/2 || done.Levels == 0 {
		t.Errorf("%+v", done)
	}
	run := read(t, site.DB, `SELECT business_date, number, with_tasks, moves, buys
		FROM replenishment_runs WHERE warehouse = ?`, sample.Warehouse)
	today := model.Date(strings.Fields(run[0])[0])
	if want := fmt.Sprintf("%s 0 1 %d %d", today, done.Tasks, done.Buys); len(run) != 1 ||
		run[0] != want {
		t.Error(run, "and not", want)
	}
	if err := site.Replenish.Nightly(t.Context(), sample.Warehouse, today); err != nil {
		t.Error(err)
	}
	for statement, want := range map[string]string{
		`SELECT COUNT(*) FROM replenishment_runs WHERE warehouse = ?`: "1",
		`SELECT COUNT(*) FROM tasks WHERE warehouse = ? AND kind = 'REPLENISH'
			AND state = 'OPEN' AND done = 0`: fmt.Sprint(done.Tasks - done.Moved),
		`SELECT COUNT(DISTINCT task_id) FROM bin_flows WHERE warehouse = ?
			AND job_type = 'REPLENISH' AND action = 'MOVE'`: fmt.Sprint(done.Moved),
		`SELECT COUNT(*) > 0 FROM replenishment_suggestions WHERE warehouse = ?
			AND kind = 'MOVE' AND pack = 'CASE' AND qty % 1000000 = 0`: "1",
		`SELECT COUNT(*) > 0 FROM replenishment_suggestions WHERE warehouse = ?
			AND kind = 'MOVE' AND pack = ''`: "1",
	} {
		if got := read(t, site.DB, statement, sample.Warehouse); got[0] != want {
			t.Error(got, "and not", want, "of", statement)
		}
	}
}

// wantWaves: every line was pinned under its own key, which only a wave does, and every line that
// is not whole has its shortage, which only a wave leaves.
func wantWaves(t *testing.T, db *store.DB) {
	t.Helper()
	for what, statement := range map[string]string{
		"pinned outside a wave": `SELECT task_id FROM bin_flows
			WHERE warehouse = ? AND action = 'PIN' AND line_id = ''`,
		"picked and not pinned by a wave": `SELECT r.order_id, r.line_id FROM reservations AS r
			WHERE r.warehouse = ? AND r.state <> 'OPEN' AND NOT EXISTS (SELECT 1 FROM bin_flows AS f
				WHERE f.warehouse = r.warehouse AND f.action = 'PIN' AND f.job_type = r.job_type
				AND f.order_id = r.order_id AND f.line_id = r.line_id)`,
		"not whole and without a shortage": `SELECT r.order_id, r.line_id FROM reservations AS r
			WHERE r.warehouse = ? AND r.requested > (SELECT SUM(h.held) FROM holds AS h
				WHERE h.warehouse = r.warehouse AND h.reservation_id = r.id) AND NOT EXISTS (
				SELECT 1 FROM shortages AS s WHERE s.warehouse = r.warehouse
				AND s.order_id = r.order_id AND s.line_id = r.line_id)`,
	} {
		if lines := read(t, db, statement, sample.Warehouse); len(lines) > 0 {
			t.Error(what, lines)
		}
	}
}

// wantNothingInDoubt: what came short is counted, nothing is frozen any more, and the floor has
// today's work.
func wantNothingInDoubt(t *testing.T, db *store.DB) {
	t.Helper()
	kinds := read(t, db, `SELECT kind, state, COUNT(*) > 0 FROM tasks
		WHERE warehouse = ? AND kind <> 'PICKED' GROUP BY kind, state ORDER BY kind, state`,
		sample.Warehouse)
	if diff := cmp.Diff([]string{"COUNT DONE 1", "PICK DONE 1", "PICK OPEN 1", "PICK SHORT 1",
		"REPLENISH DONE 1", "REPLENISH OPEN 1"}, kinds); diff != "" {
		t.Error(diff)
	}
	frozen := read(t, db, `SELECT bin, sku, frozen FROM bin_stocks
		WHERE warehouse = ? AND frozen > 0`, sample.Warehouse)
	if len(frozen) > 0 {
		t.Error("frozen:", frozen)
	}
}

// interruptions of a replay at any moment, which is mostly while the warehouse is built; then come
// those on days with surprises, which take about as long.
const (
	interruptions = 2
	buildTakes    = 60 * time.Millisecond
	dayTakes      = 12 * time.Millisecond
)

// playInterrupted goes on with the same WMS, or with one that has forgotten all, by turns.
func playInterrupted(t *testing.T, db *store.DB) sample.Progress {
	t.Helper()
	site := siteOn(t, db)
	surprising := sample.SurpriseDays(t)
	if len(surprising) < 3 {
		t.Fatal("days with surprises:", surprising)
	}
	for n := range interruptions + len(surprising) {
		if n%2 == 1 {
			site = siteOn(t, db)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var stop *time.Timer
		if n < interruptions {
			stop = time.AfterFunc(rand.N(buildTakes), cancel)
		}
		_, err := sample.PlaySome(ctx, t, site, sample.Replay{Tell: func(done, _ int) {
			if stop == nil && done >= surprising[max(n-interruptions, 0)] {
				stop = time.AfterFunc(rand.N(dayTakes), cancel)
			}
		}})
		stopped := ctx.Err() != nil
		cancel()
		if stop != nil {
			stop.Stop()
		}
		// SQLite may say in words of its own that a read was interrupted.
		if err == nil || !stopped {
			t.Fatalf("interruption %d: %v", n, err)
		}
	}
	wantWhole(t, db)
	// Then on the last day, once for each place where replenishment may have stopped: before its
	// run, after it, and in the midst of its moves.
	for _, moved := range []int{-1, 0, 1, 3} {
		site = siteOn(t, db)
		if err := sample.PlayPartly(t.Context(), t, site, moved); err != nil {
			t.Fatal(err)
		}
	}
	wantWhole(t, db)
	outcome, err := sample.PlaySome(t.Context(), t, site, sample.Replay{})
	if err != nil {
		t.Fatal(err)
	}
	wantWhole(t, db)
	wantAgreed(t, site)
	site = siteOn(t, db)
	if _, err := sample.PlaySome(t.Context(), t, site, sample.Replay{}); err != nil {
		t.Fatal(err)
	}
	wantAgreed(t, site)
	return outcome.Progress
}

func TestPlayLeavesOthersAlone(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		site := siteOn(t, db)
		_, err := site.Catalog.UpsertWarehouses(ctx,
			[]master.WarehouseInput{{Code: sample.Warehouse}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = site.Play(ctx, sample.Replay{Days: 1})
		if err == nil || !strings.Contains(err.Error(), "that the sample did not make") {
			t.Error(err)
		}
		if skus := read(t, db, `SELECT COUNT(*) FROM skus`); fmt.Sprint(skus) != "[0]" {
			t.Error(skus, "SKUs were made")
		}
	})
}
