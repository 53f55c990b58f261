package stocktest

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

// Site is a warehouse of its own for one test, with an engine to work on it. After each call it
// checks that every invariant holds and that a call that failed left no trace.
//
//	zone  priority  bins (pick sequence)
//	FAST  10        F1 (1), F2 (2), F3 (3), tote T1
//	BULK  0         B1 (1), B2 (2), tote T2
//	SHUT  20        S1; not allocatable
//
// Each zone has its staging bin too. The SKUs are TEA in EA, by CASE of 12 and BOX of 6; FLOUR in
// KG, with six decimals, by SACK of 25, THIRD and NINTH; and SALT in EA.
type Site struct {
	Warehouse  string
	DB         *store.DB
	Catalog    *master.Catalog
	Engine     *flow.Engine
	Tier2      *tier2.Service
	Tier3      *tier3.Service
	Allocation *allocation.Service
	// Zones is the zone of each bin, and of each zone itself.
	Zones map[string]string

	t     testing.TB
	calls int
	trace string
}

// The SKU that verbs speak of unless told otherwise, and two others.
const (
	Tea   = "TEA"
	Flour = "FLOUR"
	Salt  = "SALT"
)

// New makes a site on a migrated database, which may have many.
func New(t testing.TB, db *store.DB) *Site {
	t.Helper()
	s := &Site{t: t, DB: db, Catalog: master.New(db), Zones: map[string]string{},
		Warehouse: fmt.Sprintf("W%d", db.NewID())}
	s.start()
	s.Masters(s.Catalog.UpsertWarehouses(t.Context(),
		[]master.WarehouseInput{{Code: s.Warehouse, Timezone: new(noon())}}))
	s.Masters(s.Catalog.UpsertSKUs(t.Context(), []master.SKUInput{
		{Code: Tea, Packs: &[]model.Pack{{Code: "CASE", Size: model.Fraction{Numerator: 12,
			Denominator: 1}}, {Code: "BOX", Size: model.Fraction{Numerator: 6, Denominator: 1}}}},
		{Code: Flour, Unit: new("KG"), Decimals: new(6), Packs: &[]model.Pack{
			{Code: "SACK", Size: model.Fraction{Numerator: 25, Denominator: 1}},
			{Code: "THIRD", Size: model.Fraction{Numerator: 1, Denominator: 3}},
			{Code: "NINTH", Size: model.Fraction{Numerator: 1, Denominator: 9}}}},
		{Code: Salt}}))
	s.build()
	return s
}

// noon is a time zone where it is about noon, so that no day ends while a test runs.
func noon() string { return fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-12) }

// start makes an engine on the site's catalog, for as long as the test runs.
func (s *Site) start() {
	s.t.Helper()
	s.Engine = flow.New(s.DB, s.Catalog, flow.Options{Choose: allocation.Choose})
	s.Tier2, s.Tier3 = tier2.New(s.DB, s.Engine), tier3.New(s.DB, s.Engine)
	s.Allocation = allocation.New(s.DB, s.Engine, nil)
	engine := s.Engine
	s.t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			s.t.Error(err)
		}
	})
}

// Restart goes on with an engine that remembers nothing.
func (s *Site) Restart() {
	s.t.Helper()
	if err := s.Engine.Close(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.Catalog = master.New(s.DB)
	s.start()
}

func (s *Site) build() {
	s.t.Helper()
	s.Masters(s.Catalog.UpsertZones(s.t.Context(), []master.ZoneInput{
		{Warehouse: s.Warehouse, Code: "FAST", Priority: new(int64(10))},
		{Warehouse: s.Warehouse, Code: "BULK"},
		{Warehouse: s.Warehouse, Code: "SHUT", Priority: new(int64(20)), Allocatable: new(false)}}))
	for _, zone := range []string{"FAST", "BULK", "SHUT"} {
		s.Zones[zone], s.Zones[zone+"-STAGING"] = zone, zone
	}
	var bins []master.BinInput
	for _, bin := range []struct {
		zone, code   string
		kind         model.BinKind
		pickSequence int64
	}{{"FAST", "F1", model.StorageBin, 1}, {"FAST", "F2", model.StorageBin, 2},
		{"FAST", "F3", model.StorageBin, 3}, {"BULK", "B1", model.StorageBin, 1},
		{"BULK", "B2", model.StorageBin, 2}, {"SHUT", "S1", model.StorageBin, 1},
		{"FAST", "T1", model.ToteBin, 0}, {"BULK", "T2", model.ToteBin, 0}} {
		bins = append(bins, master.BinInput{Warehouse: s.Warehouse, Zone: bin.zone,
			Code: bin.code, Kind: &bin.kind, PickSequence: &bin.pickSequence})
		s.Zones[bin.code] = bin.zone
	}
	s.Masters(s.Catalog.UpsertBins(s.t.Context(), bins))
}

// Masters takes the answer to an upsert, all of whose lines must have been applied.
func (s *Site) Masters(outcome master.Outcome, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, result := range outcome.Results {
		if result.Code != model.Applied {
			s.t.Fatalf("masters: %+v", result)
		}
	}
	s.trace = s.traces()
}

// Priority changes that of a zone.
func (s *Site) Priority(zone string, priority int64) {
	s.t.Helper()
	s.Masters(s.Catalog.UpsertZones(s.t.Context(), []master.ZoneInput{{Warehouse: s.Warehouse,
		Code: zone, Priority: &priority}}))
}

// Bin makes or changes a bin.
func (s *Site) Bin(zone, code string, kind model.BinKind, pickSequence int64) {
	s.t.Helper()
	s.Masters(s.Catalog.UpsertBins(s.t.Context(), []master.BinInput{{Warehouse: s.Warehouse,
		Zone: zone, Code: code, Kind: &kind, PickSequence: &pickSequence}}))
	s.Zones[code] = zone
}

// Batch makes or changes a batch of TEA.
func (s *Site) Batch(code string, expiresOn model.Date, hold bool) {
	s.t.Helper()
	s.Masters(s.Catalog.UpsertBatches(s.t.Context(), []master.BatchInput{{Warehouse: s.Warehouse,
		SKU: Tea, Batch: code, ExpiresOn: &expiresOn, Hold: &hold}}))
}

// Today is the site's own calendar day, moved by so many days.
func (s *Site) Today(days int) model.Date {
	s.t.Helper()
	view, err := s.Catalog.View(s.t.Context(), s.DB.Reader(), s.Warehouse)
	if err != nil {
		s.t.Fatal(err)
	}
	now, zone := view.Now.Time(), view.Warehouse.Location()
	return model.DateIn(model.InstantOf(now.In(zone).AddDate(0, 0, days)), zone)
}

// Write runs one statement behind the engine's back.
func (s *Site) Write(statement string, args ...any) {
	s.t.Helper()
	err := s.DB.Transact(s.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(s.t.Context(), statement, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.trace = s.traces()
}

// Elapse lets the time of every reservation that still has some be over.
func (s *Site) Elapse() {
	s.t.Helper()
	s.Write("UPDATE reservations SET due_at = 1, expires_at = 1 WHERE warehouse = ? AND due_at > 0",
		s.Warehouse)
}

// Expire sweeps, and says how many reservations it ended.
func (s *Site) Expire() int {
	s.t.Helper()
	written, err := s.Tier2.Expire(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.Verify()
	s.trace = s.traces()
	return written
}

// Qty reads a quantity.
func (s *Site) Qty(text string) model.Quantity {
	s.t.Helper()
	qty, err := model.ParseQuantity(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return qty
}

// QtyOr reads a quantity that may be left out, as "".
func (s *Site) QtyOr(text string) *model.Quantity {
	s.t.Helper()
	if text == "" {
		return nil
	}
	return new(s.Qty(text))
}

// Verb is a stock write of the engine.
type Verb[L any] func(context.Context, flow.Mode, []L) ([]model.Result, error)

// Call makes one call and gives the results in the order of its lines.
func Call[L any](s *Site, verb Verb[L], mode flow.Mode, lines ...L) []model.Result {
	s.t.Helper()
	mode.Actor = "test"
	results, err := verb(s.t.Context(), mode, lines)
	if err != nil {
		s.t.Fatalf("%+v: %v", lines, err)
	}
	if len(results) != len(lines) {
		s.t.Fatalf("%d results for %d lines", len(results), len(lines))
	}
	s.check(mode, results)
	return results
}

// check holds a call to invariant 9, which is about what failed, and to all others.
func (s *Site) check(mode flow.Mode, results []model.Result) {
	s.t.Helper()
	written := slices.ContainsFunc(results, func(result model.Result) bool {
		return result.Code == model.Applied || result.Code == model.Partial
	})
	trace := s.traces()
	if trace == s.trace {
		return
	}
	if !written || mode.DryRun {
		s.t.Errorf("a call that wrote nothing left a trace: %s, before it %s", trace, s.trace)
	}
	s.trace = trace
	s.Verify()
}

// Verify is the oracle: every invariant must hold.
func (s *Site) Verify() {
	s.t.Helper()
	report, err := flow.Verify(s.t.Context(), s.DB,
		flow.VerifyOptions{Warehouses: []string{s.Warehouse}})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, verdict := range report.Invariants {
		for _, breach := range verdict.Listed {
			s.t.Error(breach)
		}
	}
}

// traces sums up all that a call could leave behind.
func (s *Site) traces() string {
	s.t.Helper()
	counted := map[string]string{"zone_flows": "pos", "bin_flows": "pos", "bare_effects": "applied",
		"commits": "flows", "zone_stocks": "on_hand + 3 * reserved + 5 * frozen",
		"bin_stocks": "on_hand + 3 * reserved + 5 * frozen + version", "reservations": "tick",
		"holds": "held + 3 * deducted + 5 * released", "tasks": "qty + 3 * done + 5 * pinned",
		"returned": "restored", "batches": "hold", "bins": "tick + blocked"}
	var parts []string
	var args []any
	for _, table := range slices.Sorted(maps.Keys(counted)) {
		parts = append(parts, "SELECT '"+table+"', COUNT(*), COALESCE(SUM("+counted[table]+
			"), 0) FROM "+table+" WHERE warehouse = ?")
		args = append(args, s.Warehouse)
	}
	var text strings.Builder
	s.read(strings.Join(parts, " UNION ALL "), args, func(rows *sql.Rows) error {
		var table, count, sum string
		err := rows.Scan(&table, &count, &sum)
		text.WriteString(table + " " + count + " " + sum + "; ")
		return err
	})
	return text.String()
}

func (s *Site) read(statement string, args []any, scan func(*sql.Rows) error) {
	s.t.Helper()
	rows, err := s.DB.Reader().Query(s.t.Context(), statement, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
}
