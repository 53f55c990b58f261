package rules_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/allocation/rules"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
)

// ruledSite is a site whose rules are those of a file.
type ruledSite struct {
	*stocktest.Site
	t    *testing.T
	path string
	file *rules.File
}

func newSite(t *testing.T, db *store.DB, text string) *ruledSite {
	t.Helper()
	s := &ruledSite{Site: stocktest.New(t, db), t: t,
		path: filepath.Join(t.TempDir(), "rules.yaml")}
	s.write(text)
	file, err := rules.Open(s.path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	file.Close() // it is looked at when a test says so
	s.file = file
	s.rule()
	return s
}

func (s *ruledSite) rule() { s.Allocation = allocation.New(s.DB, s.Engine, s.file) }

func (s *ruledSite) write(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// change replaces the rules that are in force.
func (s *ruledSite) change(text string) {
	s.t.Helper()
	s.write(text)
	s.file.Look()
	s.file.Look()
	if refused := s.file.Status().Refused; refused != nil {
		s.t.Fatal(refused)
	}
}

func (s *ruledSite) pools(zone, batch string) {
	s.t.Helper()
	if zone != "" {
		s.Masters(s.Catalog.UpsertZones(s.t.Context(), []master.ZoneInput{{Warehouse: s.Warehouse,
			Code: zone, Pool: new("FAIR")}}))
	}
	if batch != "" {
		s.Masters(s.Catalog.UpsertBatches(s.t.Context(), []master.BatchInput{{
			Warehouse: s.Warehouse, SKU: stocktest.Tea, Batch: batch, Pool: new("FAIR")}}))
	}
}

func by(set string) func(*model.ReserveLine) {
	return func(line *model.ReserveLine) { line.Strategy = set }
}

func partly(line *model.ReserveLine) { line.AllowPartial = true }

func ofBatch(batch string) func(*model.ReceiveLine) {
	return func(line *model.ReceiveLine) { line.At.Batch = batch }
}

// promisable is what zoneStocks and warehouseStocks say, which must agree.
func (s *ruledSite) promisable() string {
	s.t.Helper()
	reader := tier2.NewReader(s.DB, s.Catalog)
	rows, err := reader.Find(s.t.Context(), s.Warehouse, master.StockFilter{}, 0, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	sum := model.Quantity(0)
	for _, row := range rows.Rows {
		sum += row.Promisable
	}
	sums, err := reader.WarehouseStocks(s.t.Context(), s.Warehouse, master.StockFilter{},
		model.Item{}, 100)
	if err != nil || len(sums.Rows) != 1 {
		s.t.Fatal(sums, err)
	}
	if tier1 := sums.Rows[0].Promisable.String(); tier1 != sum.String() {
		s.t.Errorf("zoneStocks promise %s, warehouseStocks %s", sum, tier1)
	}
	return sum.String()
}

// TestPooledStockIsForItsActivity: plain demands are never promised it, whatever they name; the
// activity's own get it first, and ordinary stock only where the rule says so.
func TestPooledStockIsForItsActivity(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, `
sets:
  fair:
    - {name: guest, when: priority > 0, pool: FAIR, ordinary: true}
    - {name: staff, pool: FAIR}
  plain:
    - {name: all, strategy: FIFO}
`)
		s.Receive("B1", "3")
		s.Receive("F1", "4", ofBatch("LOT-7"))
		s.Receive("F1", "5")
		s.pools("BULK", "LOT-7")
		if got := s.promisable(); got != "5" {
			t.Error("promisable is", got)
		}
		for i, named := range []string{"", "FEFO", "plain", "NEAREST", "FULL_PACKS"} {
			order := "R" + string(rune('A'+i))
			s.Reserve(order, "9", by(named)).Refused(model.Insufficient, "qty", "5", "OTHER_POOL")
			s.Reserve(order, "9", by(named), partly).Is(model.Partial).Qty("5", "4")
			s.Release(order, "").OK()
		}
		s.Reserve("PLAIN", "1", func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }).
			Refused(model.Insufficient, "qty")
		s.Reserve("STAFF", "9", by("fair"), partly).Is(model.Partial).Qty("7", "2")
		s.Release("STAFF", "").OK()
		guest := s.Reserve("GUEST", "8", by("fair"), func(l *model.ReserveLine) { l.Priority = 1 }).
			OK().Legs("FAST:LOT-7 0/4/0", "BULK 0/3/0", "FAST 0/1/0")
		if guest.DecidedBy != "fair/guest: FEFO" {
			t.Error("decided by", guest.DecidedBy)
		}
		if got := s.promisable(); got != "4" {
			t.Error("promisable is", got)
		}
	})
}

// TestTheRuleStaysWithTheReservation: after a short pick the rest is found by the rule of the first
// choice, though the file says otherwise by now and the engine has been started anew.
func TestTheRuleStaysWithTheReservation(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, "sets: {s: [{name: fast, zones: FAST, keep: {FAST: 2}}]}")
		s.Receive("B1", "9")
		s.Receive("F1", "6")
		s.Receive("F2", "6")
		s.Reserve("R1", "6", by("s")).OK().Legs("FAST 0/6/0")
		s.Pin("R1", "F1", "").OK()
		s.change("sets: {s: [{name: bulk, zones: BULK}]}")
		s.Restart()
		s.rule()
		// 4 are lost, FAST has 6 left to promise, and must keep 2.
		s.Pick("R1", "F1", "2", "", stocktest.Short).OK().Qty("2", "0").
			Legs("F1 -2/-6/4", "F2 0/4/0", "FAST -2/-2/4")
		s.Pick("R1", "F2", "1", "", stocktest.Short).OK().Qty("1", "3")
		s.Reserve("R2", "6", by("s")).OK().Legs("BULK 0/6/0")
	})
}

// TestRuleSetsAreNamedLikeStrategies: what is no set is refused, and so is a demand that no rule is
// for, or whose condition fails; a strategy is never looked up in the file.
func TestRuleSetsAreNamedLikeStrategies(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, `
default: usual
sets:
  usual: [{name: all, notZones: FAST}]
  strict:
    - {name: b2b, when: jobType == "B2B"}
    - {name: odd, when: priority % minRemainingDays == 1}
`)
		s.Receive("F1", "5")
		s.Receive("B1", "5")
		s.Reserve("R1", "1").OK().Legs("BULK 0/1/0")
		s.Reserve("R2", "1", by("FEFO")).OK().Legs("FAST 0/1/0")
		s.Reserve("R3", "1", by("other")).Refused(model.Invalid, "strategy",
			"no strategy or rule set other")
		s.Reserve("R4", "1", by("strict")).Refused(model.Invalid, "strategy", "set strict",
			"rule odd", "the condition failed", "divide by zero")
		s.Reserve("R5", "1", by("strict"), func(l *model.ReserveLine) { l.MinRemainingDays = 2 }).
			Refused(model.Invalid, "strategy", "set strict has no rule for this demand", "sku TEA",
				"jobType SO", "qty 1", "minRemainingDays 2")
		wave := model.Wave{Strategy: "strict", Orders: []model.Order{{OrderID: "O", JobType: "B2B",
			Warehouse: s.Warehouse, Lines: []model.OrderLine{{LineID: "1", SKU: stocktest.Tea,
				Qty: model.One}}}}}
		answers, err := s.Allocation.Allocate(t.Context(), flow.Mode{}, wave)
		if err != nil || answers[0].Code != model.Applied ||
			!strings.HasPrefix(answers[0].Lines[0].DecidedBy, "strict/b2b") {
			t.Error(answers, err)
		}
	})
}

// TestBatchPatterns: * goes over slashes too, and "" is no batch.
func TestBatchPatterns(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, `
sets:
  lots: [{name: lots, batches: "LOT*", notBatches: "LOT/9[12]"}]
  none: [{name: none, batches: ""}]
`)
		for _, batch := range []string{"LOT/1", "LOT-1", "LOT/91", "OTHER", ""} {
			s.Receive("F1", "1", ofBatch(batch))
		}
		s.Reserve("R1", "5", by("lots"), partly).Is(model.Partial).
			Legs("FAST:LOT/1 0/1/0", "FAST:LOT-1 0/1/0")
		s.Reserve("R2", "5", by("none"), partly).Is(model.Partial).Legs("FAST 0/1/0")
	})
}

// TestKeepLooksAtTheWholeZone: other packs and batches stay there too; what is expired or kept for
// an activity is nothing that stays.
func TestKeepLooksAtTheWholeZone(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, "sets: {s: [{name: counter, keep: {FAST: 12}}]}")
		inBoxes := func(batch string) func(*model.ReceiveLine) {
			return func(line *model.ReceiveLine) { line.At.Pack, line.At.Batch = "BOX", batch }
		}
		s.Receive("F1", "15")
		s.Receive("F1", "1", inBoxes("LOT-7"))
		s.Receive("F1", "1", inBoxes("OLD"), func(l *model.ReceiveLine) { l.ExpiresOn = "2020-01-01" })
		s.pools("", "LOT-7")
		s.Reserve("R1", "15", by("s"), partly).Is(model.Partial).Qty("3", "12")
		s.Receive("F1", "1", inBoxes(""))
		s.Receive("F2", "2", ofBatch("LOT-1"))
		s.Reserve("R2", "15", by("s"), partly, func(l *model.ReserveLine) { l.Batch = new("") }).
			Is(model.Partial).Qty("8", "7")
	})
}

// TestAtLeastOnTheFloor: of 30, with 10 on the shelf and pallets that give no less than 24.
func TestAtLeastOnTheFloor(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, "sets: {s: [{name: web, atLeast: {BULK: 24}}]}")
		s.Receive("F1", "10")
		s.Receive("B1", "48")
		s.Reserve("R1", "30", by("s")).OK().Legs("FAST 0/6/0", "BULK 0/24/0")
		s.Reserve("R2", "20", by("s")).Refused(model.Insufficient, "qty", "4 may be taken", "TOO_FEW")
		s.Reserve("R3", "24", by("s"), func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }).OK()
	})
}

// TestShortagesAreCoveredByTheirRule: what a wave lacks is covered when stock comes, if its rule
// said so, and from where that rule lets it, whatever the file says by then.
func TestShortagesAreCoveredByTheirRule(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, `
sets:
  s:
    - {name: patient, when: priority > 0, notZones: FAST, coverShortages: true}
    - {name: now}
`)
		wave := model.Wave{Strategy: "s"}
		for _, order := range []string{"PATIENT", "NOW"} {
			wave.Orders = append(wave.Orders, model.Order{OrderID: order, JobType: "SO",
				Warehouse: s.Warehouse, Priority: int64(len(order) - len("NOW")),
				Lines: []model.OrderLine{{LineID: "1", SKU: stocktest.Tea, Qty: model.Whole(3)}}})
		}
		if _, err := s.Allocation.Allocate(t.Context(), flow.Mode{}, wave); err != nil {
			t.Fatal(err)
		}
		s.change("sets: {s: [{name: fast, zones: FAST}]}")
		cover := func(want string) {
			t.Helper()
			if _, err := s.Allocation.CoverShortages(t.Context(), s.Warehouse, false, "t"); err != nil {
				t.Fatal(err)
			}
			open, err := s.Allocation.Shortages(t.Context(), s.Warehouse, allocation.ShortageFilter{
				States: []model.ShortageState{model.ShortageOpen}}, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			var orders []string
			for _, each := range open.Rows {
				orders = append(orders, each.Line.OrderID)
			}
			slices.Sort(orders)
			if got := strings.Join(orders, " "); got != want {
				t.Errorf("open are the shortages of %q, want %q", got, want)
			}
		}
		s.Receive("F1", "9")
		cover("NOW PATIENT")
		s.Receive("B1", "9")
		cover("NOW")
		s.Expect("BULK 9/3/0", "FAST 9/0/0", "PATIENT OPEN held=3 open=3")
	})
}

// TestRemainingLife: the rule asks for as much life as it says, the line for more where it does.
func TestRemainingLife(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSite(t, db, "sets: {s: [{name: fresh, minRemainingDays: 10}]}")
		for batch, days := range map[string]int{"L09": 9, "L10": 10, "L20": 20} {
			s.Receive("F1", "1", ofBatch(batch), func(l *model.ReceiveLine) {
				l.ExpiresOn = s.Today(days)
			})
		}
		s.Reserve("R1", "3", by("s"), partly).Is(model.Partial).
			Legs("FAST:L10 0/1/0", "FAST:L20 0/1/0")
		s.Release("R1", "").OK()
		s.Reserve("R2", "3", by("s"), partly, func(l *model.ReserveLine) { l.MinRemainingDays = 11 }).
			Is(model.Partial).Legs("FAST:L20 0/1/0")
	})
}
