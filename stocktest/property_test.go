package stocktest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

// TestEngineDoesAsTheModel drives the engine and the model with the same random calls. After each
// one the answers must agree, all that is stored must be what the model says, and every invariant
// must hold. See propertyTime and the flag -rapid.checks for a longer run.
func TestEngineDoesAsTheModel(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		rig := newRig(t, db)
		rapid.Check(t, func(t *rapid.T) {
			if rig.isDone() {
				return
			}
			w := rig.world(t)
			defer w.leave(t)
			t.Repeat(map[string]func(*rapid.T){"": w.check, "step": w.step})
			w.verify(t)
		})
		t.Logf("%d runs", rig.worlds)
	})
}

// rig is the engine under test; each run of the property has warehouses of its own on it.
type rig struct {
	db         *store.DB
	catalog    *master.Catalog
	engine     *flow.Engine
	tier2      *tier2.Service
	tier3      *tier3.Service
	allocation *allocation.Service
	worlds     int
	until      time.Time
	failed     bool
}

// propertyTime bounds the property test on each database, unless the variable says how long
// ("10m"). The engine is slow under the race detector, and slowest on SQLite, which is Go too.
const (
	propertyTime         = 20 * time.Second
	propertyTimeVariable = "TIERSTOCK_TEST_PROPERTY_TIME"
)

// isDone says whether the time is over. Once a run has failed it never is, since rapid runs that
// one again to shrink it.
func (r *rig) isDone() bool {
	return !r.failed && time.Now().After(r.until)
}

func newRig(t *testing.T, db *store.DB) *rig {
	catalog := master.New(db)
	engine := flow.New(db, catalog, flow.Options{Choose: allocation.Choose})
	t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	lasts := propertyTime
	if text := os.Getenv(propertyTimeVariable); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", propertyTimeVariable, err)
		}
	}
	r := &rig{until: time.Now().Add(lasts), db: db, catalog: catalog, engine: engine,
		tier2: tier2.New(db, engine),
		tier3: tier3.New(db, engine), allocation: allocation.New(db, engine, nil)}
	var lines []master.SKUInput
	for _, sku := range articles() {
		lines = append(lines, master.SKUInput{Code: sku.Code, Unit: &sku.Unit,
			Decimals: &sku.Decimals, Packs: &sku.Packs})
	}
	applied(t, "SKUs")(catalog.UpsertSKUs(t.Context(), lines))
	return r
}

// articles are the SKUs of every world: one plain, one in packs, one whose packs are fractions
// that no decimal can say.
func articles() []model.SKU {
	pack := func(code string, numerator, denominator int64) model.Pack {
		return model.Pack{Code: code, Size: model.Fraction{Numerator: numerator,
			Denominator: denominator}}
	}
	return []model.SKU{
		{Code: "PLAIN", Unit: "EA"},
		{Code: "CASED", Unit: "EA", Packs: []model.Pack{pack("CASE", 12, 1), pack("HALF", 1, 2)}},
		{Code: "CUT", Unit: "KG", Decimals: 3,
			Packs: []model.Pack{pack("NINTH", 1, 9), pack("SACK", 25, 1)}},
	}
}

// fataler is what both kinds of tests can do.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// applied takes the answer to an upsert that must succeed.
func applied(t fataler, what string) func(master.Outcome, error) {
	return func(outcome master.Outcome, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, result := range outcome.Results {
			if result.Code != model.Applied {
				t.Fatalf("%s: %+v", what, result)
			}
		}
	}
}

// world is two fresh warehouses, in the database and in the model.
type world struct {
	*rig
	model      *Model
	warehouses []string
	// timezone is one where it is about noon, so that the day does not end during a run.
	timezone string
	today    model.Date
	checks   int
	// said are the lines that were applied, by verb, to be said again.
	said map[reflect.Type][]any
	// waves are some of those that were allocated, to be asked for again.
	waves []model.Wave
}

func (r *rig) world(t *rapid.T) *world {
	now := time.Now().UTC()
	ahead := 12 - now.Hour()
	zone := time.FixedZone("", ahead*3600)
	r.worlds++
	name := fmt.Sprintf("W%d", r.worlds)
	w := &world{rig: r, warehouses: []string{name + "A", name + "B"}, said: map[reflect.Type][]any{},
		timezone: fmt.Sprintf("Etc/GMT%+d", -ahead), today: model.DateIn(model.InstantOf(now), zone)}
	w.model = NewModel(w.today)
	for _, sku := range articles() {
		w.model.AddSKU(sku)
	}
	for _, warehouse := range w.warehouses {
		w.build(t, warehouse)
	}
	w.open(t)
	return w
}

// open receives what the first warehouse begins with, so that short runs get somewhere.
func (w *world) open(t *rapid.T) {
	var lines []model.ReceiveLine
	for _, row := range []struct {
		zone, bin, sku, batch, pack string
		qty                         int64
	}{
		{"STORE", "S1", "PLAIN", "", "", 12}, {"STORE", "S2", "PLAIN", "", "", 5},
		{"STORE", "S2", "PLAIN", "L3", "", 7}, {"BULK", "B1", "PLAIN", "", "", 30},
		{"STORE", "S1", "CASED", "", "CASE", 3}, {"STORE", "S3", "CASED", "", "", 9},
		{"BULK", "B1", "CASED", "L3", "HALF", 15}, {"STORE", "S1", "CUT", "", "NINTH", 20},
		{"STORE", "S3", "CUT", "", "", 8},
	} {
		lines = append(lines, model.ReceiveLine{Qty: model.Whole(row.qty), Bin: row.bin,
			Key: model.LineKey{JobType: "OPEN", OrderID: "O", LineID: strconv.Itoa(len(lines))},
			At: model.ZoneStockKey{Warehouse: w.warehouses[0], Zone: row.zone, SKU: row.sku,
				Batch: row.batch, Pack: row.pack}})
	}
	sayBoth(w, t, w.tier2.Receive, w.model.Receive, lines)
}

// build makes a warehouse: STORE with three bins and a tote, BULK, which goes after it, and DOCK,
// which nothing is promised from. Of the second only STORE matters.
func (w *world) build(t *rapid.T, warehouse string) {
	ctx := context.Background()
	w.model.AddWarehouse(warehouse)
	applied(t, "warehouse")(w.catalog.UpsertWarehouses(ctx,
		[]master.WarehouseInput{{Code: warehouse, Timezone: &w.timezone}}))
	zones := []model.Zone{{Code: "STORE", Allocatable: true, Priority: 5},
		{Code: "BULK", Allocatable: true}, {Code: "DOCK"}}
	var zoneLines []master.ZoneInput
	for _, zone := range zones {
		zone.Warehouse, zone.StagingBin = warehouse, zone.Code+"-STAGING"
		w.model.AddZone(zone)
		zoneLines = append(zoneLines, master.ZoneInput{Warehouse: warehouse, Code: zone.Code,
			Allocatable: &zone.Allocatable, Priority: &zone.Priority})
	}
	applied(t, "zones")(w.catalog.UpsertZones(ctx, zoneLines))
	bins := []model.Bin{{Zone: "STORE", Code: "S1", Kind: model.StorageBin, PickSequence: 20},
		{Zone: "STORE", Code: "S2", Kind: model.PickBin, PickSequence: 10},
		{Zone: "STORE", Code: "S3", Kind: model.StorageBin, PickSequence: 20},
		{Zone: "STORE", Code: "TOTE", Kind: model.ToteBin},
		{Zone: "BULK", Code: "B1", Kind: model.StorageBin, PickSequence: 5},
		{Zone: "DOCK", Code: "D1", Kind: model.StorageBin, PickSequence: 1}}
	var binLines []master.BinInput
	for _, bin := range bins {
		bin.Warehouse = warehouse
		w.model.AddBin(bin)
		binLines = append(binLines, master.BinInput{Warehouse: warehouse, Zone: bin.Zone,
			Code: bin.Code, Kind: &bin.Kind, PickSequence: &bin.PickSequence})
	}
	applied(t, "bins")(w.catalog.UpsertBins(ctx, binLines))
}

// leave makes the world's warehouses unknown, so that later sweeps do not look into them.
func (w *world) leave(t *rapid.T) {
	w.failed = w.failed || t.Failed()
	w.write(t, `DELETE FROM warehouses WHERE code IN (?, ?)`, w.warehouses[0], w.warehouses[1])
}

func (w *world) write(t *rapid.T, statement string, args ...any) {
	err := w.db.Transact(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(context.Background(), statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// check compares what is stored with the model, and now and then verifies every invariant.
func (w *world) check(t *rapid.T) {
	for _, warehouse := range w.warehouses {
		stored, err := Stored(context.Background(), w.db, warehouse)
		if err != nil {
			t.Fatal(err)
		}
		w.model.NameTasks(warehouse, stored)
		for _, difference := range stored.Differ(w.model.State(warehouse)) {
			t.Errorf("%s", difference)
		}
	}
	if w.checks++; w.checks%checksPerVerify == 0 {
		w.verify(t)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// checksPerVerify: Verify takes longer than all the rest, and what it finds does not go away.
const checksPerVerify = 8

func (w *world) verify(t *rapid.T) {
	report, err := flow.Verify(context.Background(), w.db,
		flow.VerifyOptions{Warehouses: w.warehouses})
	if err != nil {
		t.Fatal(err)
	}
	for _, verdict := range report.Invariants {
		for _, breach := range verdict.Listed {
			t.Errorf("%s", breach)
		}
	}
}

// footprint counts what a call could leave behind that the model does not have.
func (w *world) footprint(t *rapid.T) (counts string) {
	var parts []string
	var args []any
	for _, table := range []string{"zone_flows", "bin_flows", "bare_effects", "commits"} {
		parts = append(parts, "SELECT COUNT(*) FROM "+table+" WHERE warehouse IN (?, ?)")
		args = append(args, w.warehouses[0], w.warehouses[1])
	}
	err := readAll(context.Background(), w.db, strings.Join(parts, " UNION ALL "),
		func(rows *sql.Rows) error {
			var count string
			err := rows.Scan(&count)
			counts += count + " "
			return err
		}, args...)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// sayBoth makes one call of a verb on both sides and compares the answers.
func sayBoth[L any](w *world, t *rapid.T, verb Verb[L], asks func(L) Ask,
	lines []L) []model.Result {
	mode := flow.Mode{Actor: "test", AllOrNothing: chance(t, 40, "allOrNothing")}
	var said []Ask
	for _, line := range lines {
		said = append(said, asks(line))
	}
	t.Logf("%+v %s", mode, describe(lines))
	var rehearsed []model.Result
	if chance(t, 20, "dryRun") {
		mode.DryRun = true
		rehearsed = submitTo(w, t, verb, mode, said, lines)
		mode.DryRun = false
	}
	results := submitTo(w, t, verb, mode, said, lines)
	if foreseen, came := outcomes(rehearsed), outcomes(results); rehearsed != nil &&
		!slices.Equal(foreseen, came) {
		t.Fatalf("the dry run said %q, the real one %q", foreseen, came)
	}
	return results
}

func submitTo[L any](w *world, t *rapid.T, verb Verb[L], mode flow.Mode, asks []Ask,
	lines []L) []model.Result {
	before := w.footprint(t)
	wanted := w.model.Call(mode.AllOrNothing, mode.DryRun, asks)
	results, err := verb(context.Background(), mode, lines)
	if err != nil || len(results) != len(lines) {
		t.Fatalf("%d results: %v", len(results), err)
	}
	written := false
	for i, result := range results {
		verdict := wanted[i]
		written = written || result.Code == model.Applied || result.Code == model.Partial
		if !slices.Contains(verdict.Codes, result.Code) || result.Applied != verdict.Applied ||
			result.Shortage != verdict.Shortage {
			t.Fatalf("line %d: %s %s short %s (%s: %s), the model says %v %s short %s", i,
				result.Code, result.Applied, result.Shortage, result.Field, result.Message,
				verdict.Codes, verdict.Applied, verdict.Shortage)
		}
	}
	if after := w.footprint(t); (mode.DryRun || !written) && before != after {
		t.Fatalf("a call that wrote nothing left a trace: %s, before it %s", after, before)
	}
	return results
}

// outcomes are what a dry run must foresee: all but ids, the time, and whom a refusal names.
func outcomes(results []model.Result) (texts []string) {
	for _, result := range results {
		text := fmt.Sprintf("%s %s applied %s short %s", result.Code, result.Field, result.Applied,
			result.Shortage)
		for _, flow := range result.Flows {
			text += fmt.Sprintf("; %s %s %s/%s/%s/%s/%s #%d %+v -> %+v", flow.Key.Action, flow.Zone,
				flow.Bin, flow.Owner, flow.SKU, flow.Batch, flow.Pack, flow.RowSeq, flow.Delta,
				flow.After)
		}
		for _, task := range result.Tasks {
			text += fmt.Sprintf("; %s %s %s %s of %s", task.Kind, task.State, task.Bin, task.Done,
				task.Qty)
		}
		texts = append(texts, text)
	}
	return texts
}
