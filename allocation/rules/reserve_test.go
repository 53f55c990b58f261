package rules_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tierstock/allocation"
	"tierstock/allocation/rules"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
)

// lot is what was received into one bin.
type lot struct {
	zone, bin, batch, pack string
	qty                    model.Quantity
}

// row is the tier-2 row of a lot.
func (l lot) row() [3]string { return [3]string{l.zone, l.batch, l.pack} }

// drawn is a demand under a rule, for an owner of its own, so that it is alone with its stock.
type drawn struct {
	owner string
	lots  []lot
	rule  flow.Rule
	line  model.ReserveLine
	// byBin: the choice is among bins and not rows.
	byBin bool
	text  string // the file of rules
}

// The pools of the site's zones, and of each owner's batches; a batch's counts first.
var (
	zonePools  = map[string]string{"FAST": "", "BULK": "P", "COLD": "Q"}
	batchPools = map[string]string{"": "", "L/1": "", "L/2": "P", "OLD": ""}
	packSizes  = map[string]int64{"": 1, "BOX": 6, "CASE": 12}
)

func (l lot) pool() string {
	if pool := batchPools[l.batch]; pool != "" {
		return pool
	}
	return zonePools[l.zone]
}

func (l lot) base() model.Quantity { return l.qty * model.Quantity(packSizes[l.pack]) }

func pick[T any](t *rapid.T, label string, of ...T) T {
	return rapid.SampledFrom(of).Draw(t, label)
}

func draw(t *rapid.T, owner string) (d drawn) {
	d.owner = owner
	bins := map[string]string{"F1": "FAST", "F2": "FAST", "F3": "FAST", "B1": "BULK", "B2": "BULK",
		"C1": "COLD"}
	there := map[lot]bool{}
	for range rapid.IntRange(1, 7).Draw(t, "lots") {
		bin := pick(t, "bin", slices.Sorted(maps.Keys(bins))...)
		l := lot{zone: bins[bin], bin: bin, batch: pick(t, "batch", "", "L/1", "L/2", "OLD"),
			pack: pick(t, "pack", "", "", "", "BOX", "CASE")}
		if !there[l] {
			there[l] = true
			l.qty = model.Whole(rapid.Int64Range(1, 20).Draw(t, "qty"))
			d.lots = append(d.lots, l)
		}
	}
	d.drawRule(t)
	d.line = model.ReserveLine{Key: model.LineKey{JobType: "SO", OrderID: owner, LineID: "1"},
		Item: model.Item{Owner: owner, SKU: stocktest.Tea}, Strategy: "s", AllowPartial: true,
		Qty: model.Whole(rapid.Int64Range(1, 60).Draw(t, "wanted"))}
	return d
}

// drawRule draws a rule and writes the file that says it.
func (d *drawn) drawRule(t *rapid.T) {
	strategy := pick(t, "strategy", allocation.Strategies()...)
	d.byBin = slices.Contains([]string{allocation.Nearest, allocation.FewestBins,
		allocation.EmptyBin}, strategy)
	lines := []string{"name: r", "strategy: " + strategy}
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if d.rule.Pool = pick(t, "pool", "", "", "P", "Q"); d.rule.Pool != "" {
		d.rule.Ordinary = rapid.Bool().Draw(t, "ordinary")
		say("pool: %s", d.rule.Pool)
		say("ordinary: %v", d.rule.Ordinary)
	}
	if d.rule.NotZones = pick(t, "notZones", nil, nil, []string{"FAST"}, []string{"BULK"}); len(
		d.rule.NotZones) > 0 {
		say("notZones: %s", d.rule.NotZones[0])
	}
	switch pick(t, "batches", "", "", "only", "not") {
	case "only":
		d.rule.Batches = []string{"L*"}
		say(`batches: "L*"`)
	case "not":
		d.rule.NotBatches = []string{"L?1"}
		say(`notBatches: "L?1"`)
	}
	amounts := func(key string) map[string]model.Quantity {
		byZone := map[string]model.Quantity{}
		zone := pick(t, key, "", "FAST", "BULK", "COLD")
		if zone != "" && !slices.Contains(d.rule.NotZones, zone) {
			byZone[zone] = model.Whole(rapid.Int64Range(1, 15).Draw(t, key+" of "+zone))
			say("%s: {%s: %s}", key, zone, byZone[zone])
		}
		return byZone
	}
	d.rule.Keep, d.rule.AtLeast = amounts("keep"), amounts("atLeast")
	if weighed := pick(t, "weigh", append(allocation.Weighed(), "", "")...); weighed != "" {
		say("weights: {%s: %v}", weighed, pick(t, "weight", -1.5, 1, 2))
		d.byBin = d.byBin || weighed == "near"
	}
	d.text = "sets:\n  s:\n  - " + strings.Join(lines, "\n    ") + "\n"
}

// allows says whether the rule and the pools let the demand take from a lot.
func (d *drawn) allows(l lot) bool {
	isLot := strings.HasPrefix(l.batch, "L")
	inPool := l.pool() == d.rule.Pool || l.pool() == "" && d.rule.Ordinary
	return inPool && l.batch != "OLD" && !slices.Contains(d.rule.NotZones, l.zone) &&
		(d.rule.Batches == nil || isLot) && (d.rule.NotBatches == nil || l.batch != "L/1")
}

// stays is what must be left in a zone, of what is worth keeping there for this demand or others.
func (d *drawn) stays(zone string) (keep, had model.Quantity) {
	for _, l := range d.lots {
		ours := l.pool() == "" || l.pool() == d.rule.Pool
		if l.zone == zone && l.batch != "OLD" && ours {
			had += l.base()
		}
	}
	return d.rule.Keep[zone], had
}

// candidates are what the demand may take from in its own pack, by zone: rows, or bins.
func (d *drawn) candidates() map[string][]model.Quantity {
	sums := map[any]model.Quantity{}
	zoneOf := map[any]string{}
	for _, l := range d.lots {
		if d.allows(l) && l.pack == "" {
			var key any = l.row()
			if d.byBin {
				key = l.bin + "\x00" + l.batch
			}
			sums[key] += l.qty
			zoneOf[key] = l.zone
		}
	}
	byZone := map[string][]model.Quantity{}
	for key, qty := range sums {
		byZone[zoneOf[key]] = append(byZone[zoneOf[key]], qty)
	}
	return byZone
}

// most is the most that the demand can get, in its own pack. One zone at most gives only so much at
// once: there the best choice of k candidates is that of the k largest.
func (d *drawn) most() model.Quantity {
	free := model.Quantity(0)
	var largest []model.Quantity
	least, spareOfLeast := model.Quantity(0), model.QuantityMax
	for zone, list := range d.candidates() {
		keep, had := d.stays(zone)
		spare := model.QuantityMax
		if keep > 0 {
			spare = max(0, had-keep)
		}
		if d.rule.AtLeast[zone] > 0 {
			largest, least, spareOfLeast = list, d.rule.AtLeast[zone], spare
			continue
		}
		sum := model.Quantity(0)
		for _, qty := range list {
			sum += qty
		}
		free += min(sum, spare)
	}
	slices.SortFunc(largest, func(one, other model.Quantity) int { return int(other - one) })
	best := min(free, d.line.Qty)
	sum := model.Quantity(0)
	for i, qty := range largest {
		lower := least * model.Quantity(i+1)
		if qty < least || lower > min(d.line.Qty, spareOfLeast) {
			break
		}
		sum += qty
		best = max(best, min(d.line.Qty, free+min(sum, spareOfLeast)))
	}
	return best
}

// TestReserveHonoursRules: on a real database, through reserve, nothing is taken that a rule or a
// pool forbids, what must stay stays, nothing gives less than it may, and all that could be had is
// taken. What a plain reserve gets is what zoneStocks and warehouseStocks call promisable.
func TestReserveHonoursRules(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		s := stocktest.New(t, db)
		s.Masters(s.Catalog.UpsertZones(t.Context(), []master.ZoneInput{
			{Warehouse: s.Warehouse, Code: "COLD", Priority: new(int64(5)), Pool: new("Q")},
			{Warehouse: s.Warehouse, Code: "BULK", Pool: new("P")}}))
		s.Bin("COLD", "C1", model.StorageBin, 1)
		cases := 0
		rapid.Check(t, func(r *rapid.T) {
			cases++
			d := draw(r, fmt.Sprint("O", cases))
			receive(r, s, &d)
			checkPromisable(r, s, &d)
			sets, err := rules.Parse([]byte(d.text))
			if err != nil {
				r.Fatalf("%s\n%v", d.text, err)
			}
			d.line.Warehouse = s.Warehouse
			results, err := allocation.New(s.DB, s.Engine, sets).Reserve(t.Context(), flow.Mode{},
				[]model.ReserveLine{d.line})
			if err != nil {
				r.Fatal(err)
			}
			d.check(r, results[0])
		})
		report, err := flow.Verify(t.Context(), db,
			flow.VerifyOptions{Warehouses: []string{s.Warehouse}})
		if err != nil || !report.OK() {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

func receive(t *rapid.T, s *stocktest.Site, d *drawn) {
	var lines []model.ReceiveLine
	expired := map[string]model.Date{"OLD": "2020-01-01", "L/1": "2098-01-01", "L/2": "2099-01-01"}
	for i, l := range d.lots {
		lines = append(lines, model.ReceiveLine{Bin: l.bin, Qty: l.qty, ExpiresOn: expired[l.batch],
			Key: model.LineKey{JobType: "ASN", OrderID: d.owner, LineID: fmt.Sprint(i)},
			At: model.ZoneStockKey{Warehouse: s.Warehouse, Zone: l.zone, Owner: d.owner,
				SKU: stocktest.Tea, Batch: l.batch, Pack: l.pack}})
	}
	results, err := s.Tier2.Receive(t.Context(), flow.Mode{AllOrNothing: true}, lines)
	if err != nil || results[0].Code != model.Applied {
		t.Fatal(results, err)
	}
	outcome, err := s.Catalog.UpsertBatches(t.Context(), []master.BatchInput{{
		Warehouse: s.Warehouse, Owner: d.owner, SKU: stocktest.Tea, Batch: "L/2", Pool: new("P")}})
	if err != nil || outcome.Results[0].Code != model.Applied {
		t.Fatal(outcome, err)
	}
}

// checkPromisable holds what is said to be promisable to what a plain reserve gets.
func checkPromisable(t *rapid.T, s *stocktest.Site, d *drawn) {
	reader := tier2.NewReader(s.DB, s.Catalog)
	filter := master.StockFilter{Owner: &d.owner}
	rows, err := reader.Find(t.Context(), s.Warehouse, filter, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	each, all := model.Quantity(0), model.Quantity(0)
	for _, row := range rows.Rows {
		all += row.Promisable * model.Quantity(packSizes[row.Key.Pack])
		if row.Key.Pack == "" {
			each += row.Promisable
		}
	}
	sums, err := reader.WarehouseStocks(t.Context(), s.Warehouse, filter, model.Item{}, 10)
	if err != nil || len(sums.Rows) != 1 || sums.Rows[0].Promisable.String() != all.String() {
		t.Fatalf("%+v, zoneStocks promise %s, %v", sums, all, err)
	}
	line := d.line
	line.Warehouse, line.Strategy, line.Qty = s.Warehouse, "", model.Whole(1000)
	results, err := s.Allocation.Reserve(t.Context(), flow.Mode{DryRun: true},
		[]model.ReserveLine{line})
	if err != nil || results[0].Applied != each {
		t.Fatalf("a plain reserve gets %s of %s: %v", results[0].Applied, each, err)
	}
}

// check holds an answer to the rule.
func (d *drawn) check(t *rapid.T, result model.Result) {
	taken := map[[3]string]model.Quantity{}
	byZone := map[string]model.Quantity{}
	sum := model.Quantity(0)
	for _, each := range result.Explanation {
		if each.Taken == 0 {
			continue
		}
		base := each.Taken * model.Quantity(packSizes[each.Pack])
		if least := d.rule.AtLeast[each.Zone]; base < least || each.Skipped != "" {
			t.Fatalf("%s\n%+v gives less than %s", d.text, each, least)
		}
		taken[lot{zone: each.Zone, batch: each.Batch, pack: each.Pack}.row()] += each.Taken
		byZone[each.Zone] += base
		sum += base
	}
	for row, qty := range taken {
		could := model.Quantity(0)
		for _, l := range d.lots {
			if l.row() == row && d.allows(l) {
				could += l.qty
			}
		}
		if qty > could {
			t.Fatalf("%s\ntakes %s of %v, and may take %s", d.text, qty, row, could)
		}
	}
	for zone, qty := range byZone {
		if keep, had := d.stays(zone); had-qty < min(keep, had) {
			t.Fatalf("%s\nleaves %s of %s in %s", d.text, had-qty, had, zone)
		}
	}
	fullPacks := strings.Contains(d.text, allocation.FullPacks)
	if sum > d.line.Qty || result.Applied != sum || !fullPacks && sum != d.most() {
		t.Fatalf("%s%+v\ntakes %s of %s, and %s could be had: %s %+v", d.text, d.lots, sum,
			d.line.Qty, d.most(), result.Message, result.Explanation)
	}
}
