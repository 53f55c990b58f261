package replenish

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/forecast"
	"tierstock/model"
)

// lying is a stock of a picture in short: so much in a bin, which is named after its zone and a
// number, as in "RACK.1".
type lying struct {
	bin, zone       string
	batch, pack     string
	onHand          int64
	reserved, tied  int64 // of the tier-2 row, and of the bin
	expiresOn       model.Date
	hold            bool
	pool            string
	kind            model.BinKind
	frozen, blocked bool
}

var packSizes = map[string]model.Fraction{"": model.Each, "CASE": {Numerator: 12, Denominator: 1}}

// pictureOf draws a picture of zones PICK (priority 10), RACK and FAR (not allocatable).
func pictureOf(targets []target, lie ...lying) *picture {
	p := &picture{item: model.Item{SKU: "TEA"}, today: "2026-06-15", targets: targets,
		coming: map[string]model.Quantity{}, zones: map[string]model.Zone{
			"PICK": {Code: "PICK", Allocatable: true, Priority: 10, StagingBin: "PICK-STAGING"},
			"RACK": {Code: "RACK", Allocatable: true, StagingBin: "RACK-STAGING"},
			"FAR":  {Code: "FAR", StagingBin: "FAR-STAGING"},
			"PROMO": {Code: "PROMO", Allocatable: true, StagingBin: "PROMO-STAGING",
				Pool: "PROMO"}}}
	rows := map[rowKey]*flow.StockRow{}
	for i, l := range lie {
		key := rowKey{zone: l.zone, batch: l.batch, pack: l.pack}
		if rows[key] == nil {
			rows[key] = &flow.StockRow{ID: int64(len(rows) + 1), Zone: l.zone, Batch: l.batch,
				Pack: l.pack}
		}
		row := rows[key]
		bin := &flow.StockRow{ID: int64(100 + i), Zone: l.zone, Bin: l.bin, Batch: l.batch,
			Pack: l.pack, Amounts: model.Amounts{OnHand: model.Whole(l.onHand),
				Reserved: model.Whole(l.tied)}}
		if l.frozen {
			bin.Frozen = bin.OnHand
		}
		row.OnHand += bin.OnHand
		row.Frozen += bin.Frozen
		row.Reserved += model.Whole(l.reserved)
		p.stocks = append(p.stocks, &stock{row: row, bin: bin, size: packSizes[l.pack],
			place: model.Bin{Code: l.bin, Kind: l.kind, PickSequence: int64(i), Blocked: l.blocked},
			batch: model.Batch{ExpiresOn: l.expiresOn, Hold: l.hold, Pool: l.pool}})
	}
	return p
}

func level(zone, bin string, least, most int64, edits ...func(*target)) target {
	t := target{isLevel: true, Level: Level{Zone: zone, Bin: bin, Min: model.Whole(least),
		Max: model.Whole(most)}}
	for _, edit := range edits {
		edit(&t)
	}
	return t
}

func inCases(t *target)  { t.Pack, t.packSize = "CASE", packSizes["CASE"] }
func fromRack(t *target) { t.Sources = []string{"RACK"} }
func fromFar(t *target)  { t.Sources = []string{"FAR"} }

// told are suggestions in short.
func told(suggestions []Suggestion) (lines []string) {
	for _, s := range suggestions {
		if s.Kind == KindBuy {
			lines = append(lines, fmt.Sprintf("BUY %s %s, %s of %s", s.Reason, s.Qty, s.Present,
				s.Wanted))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s%s %s->%s", s.Reason, s.Qty, s.Pack, s.Bin, s.ToBin))
	}
	return lines
}

func TestPlan(t *testing.T) {
	expected := func(cover, reorder int64) func(*picture) {
		return func(p *picture) {
			p.expected = &Expected{Forecast: forecast.Forecast{}, Cover: model.Whole(cover),
				ReorderPoint: model.Whole(reorder)}
		}
	}
	short := func(qty int64) func(*picture) {
		return func(p *picture) { p.short = model.Whole(qty) }
	}
	pick := func(onHand, reserved, tied int64) lying {
		return lying{zone: "PICK", bin: "P1", onHand: onHand, reserved: reserved, tied: tied,
			kind: model.PickBin}
	}
	rack := func(onHand int64) lying { return lying{zone: "RACK", bin: "R1", onHand: onHand} }
	cases := []struct {
		name   string
		target target
		edit   func(*picture)
		lie    []lying
		want   []string
	}{
		{"enough is there", level("PICK", "P1", 5, 20), nil, []lying{pick(5, 0, 0), rack(50)}, nil},
		{"below the minimum it is filled up", level("PICK", "P1", 5, 20), nil,
			[]lying{pick(4, 0, 0), rack(50)}, []string{"LEVEL 16 R1->P1"}},
		{"as far as there is any", level("PICK", "P1", 5, 20), nil,
			[]lying{pick(4, 0, 0), rack(3)}, []string{"LEVEL 3 R1->P1"}},
		{"what is tied is gone", level("PICK", "P1", 5, 20), nil,
			[]lying{pick(10, 8, 8), rack(50)}, []string{"RESERVED 18 R1->P1"}},
		{"what is promised and not tied is needed", level("PICK", "P1", 2, 20), nil,
			[]lying{pick(4, 9, 0), {zone: "PICK", bin: "P2", onHand: 5}, rack(50)},
			[]string{"RESERVED 20 R1->P1"}},
		{"unless another bin has it", level("PICK", "P1", 2, 20), nil,
			[]lying{pick(4, 5, 0), {zone: "PICK", bin: "P2", onHand: 5}, rack(50)}, nil},
		{"a shortage is needed", level("PICK", "P1", 2, 20), short(9),
			[]lying{pick(4, 0, 0), rack(50)}, []string{"RESERVED 16 R1->P1"}},
		{"what is expected is needed", level("PICK", "P1", 2, 20), expected(6, 0),
			[]lying{pick(4, 0, 0), rack(50)}, []string{"FORECAST 16 R1->P1"}},
		{"never above the maximum", level("PICK", "P1", 2, 5), expected(60, 0),
			[]lying{pick(4, 0, 0), rack(50)}, []string{"FORECAST 1 R1->P1"}},
		{"what is coming counts", level("PICK", "P1", 5, 20),
			func(p *picture) { p.coming["P1"] = model.Whole(2) }, []lying{pick(4, 0, 0), rack(50)},
			nil},
		{"a zone is filled where the item lies", level("PICK", "", 5, 20), nil,
			[]lying{pick(4, 0, 0), rack(50)}, []string{"LEVEL 16 R1->P1"}},
		{"or at its staging bin", level("PICK", "", 5, 20), nil, []lying{rack(50)},
			[]string{"LEVEL 20 R1->PICK-STAGING"}},
		{"a zone that is shut may give", level("PICK", "P1", 5, 20, fromFar), nil,
			[]lying{rack(50), {zone: "FAR", bin: "X1", onHand: 8}}, []string{"LEVEL 8 X1->P1"}},
		{"FEFO chooses", level("PICK", "P1", 5, 20), nil, []lying{
			{zone: "RACK", bin: "R1", batch: "NEW", onHand: 50, expiresOn: "2027-01-01"},
			{zone: "RACK", bin: "R2", batch: "OLD", onHand: 15, expiresOn: "2026-07-01"}},
			[]string{"LEVEL 15 R2->P1", "LEVEL 5 R1->P1"}},
		{"another strategy does as it is named", level("PICK", "P1", 5, 20,
			func(t *target) { t.Strategy = allocation.EmptyBin }), nil, []lying{
			{zone: "RACK", bin: "R1", onHand: 50}, {zone: "RACK", bin: "R2", onHand: 3}},
			[]string{"LEVEL 3 R2->P1", "LEVEL 17 R1->P1"}},
		{"nothing too old, held, frozen, blocked or on its way", level("PICK", "P1", 5, 20), nil,
			[]lying{{zone: "RACK", bin: "R1", batch: "A", onHand: 9, expiresOn: "2026-06-14"},
				{zone: "RACK", bin: "R2", batch: "B", onHand: 9, hold: true},
				{zone: "RACK", bin: "R3", batch: "C", onHand: 9, frozen: true},
				{zone: "RACK", bin: "R4", batch: "D", onHand: 9, blocked: true},
				{zone: "RACK", bin: "R5", batch: "E", onHand: 9, kind: model.ToteBin},
				{zone: "RACK", bin: "R6", batch: "F", onHand: 2, expiresOn: "2026-06-15"}},
			[]string{"LEVEL 2 R6->P1"}},
		{"whole cases", level("PICK", "P1", 5, 40, inCases), nil,
			[]lying{pick(4, 0, 0), {zone: "RACK", bin: "R1", pack: "CASE", onHand: 2}, rack(50)},
			[]string{"LEVEL 2CASE R1->P1", "LEVEL 12 R1->P1"}},
		{"not a case that does not fit", level("PICK", "P1", 5, 12, inCases), nil,
			[]lying{pick(4, 0, 0), {zone: "RACK", bin: "R1", pack: "CASE", onHand: 2}}, nil},
		{"no case is broken without a word", level("PICK", "P1", 5, 10), nil,
			[]lying{{zone: "RACK", bin: "R1", pack: "CASE", onHand: 2}}, nil},
		{"an activity's stock stays its own", level("PICK", "P1", 5, 20), nil,
			[]lying{{zone: "PROMO", bin: "X1", onHand: 50},
				{zone: "RACK", bin: "R1", batch: "B", onHand: 50, pool: "PROMO"}}, nil},
		{"and gets ordinary stock where a level says so", level("PROMO", "X1", 5, 20, fromRack), nil,
			[]lying{rack(50)}, []string{"LEVEL 20 R1->X1"}},
		{"else not", level("PROMO", "X1", 5, 20), nil, []lying{rack(50)}, nil},
		{"what has reached its reorder point is bought", level("PICK", "P1", 0, 20), expected(10, 30),
			[]lying{rack(29)}, []string{"FORECAST 20 R1->P1", "BUY FORECAST 11, 29 of 40"}},
		{"unless as much has been announced", level("PICK", "P1", 0, 20), func(p *picture) {
			expected(10, 30)(p)
			p.announced = model.Whole(1)
		}, []lying{rack(29)}, []string{"FORECAST 20 R1->P1"}},
		{"what is short is bought first", level("RACK", "R1", 0, 20), func(p *picture) {
			expected(10, 30)(p)
			short(3)(p)
		}, []lying{rack(32)}, []string{"BUY RESERVED 11, 29 of 40"}},
	}
	for _, test := range cases {
		p := pictureOf([]target{test.target}, test.lie...)
		if test.edit != nil {
			test.edit(p)
		}
		if diff := cmp.Diff(test.want, told(p.plan())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// What a zone lacks does not go where a bin's own level says how much it takes.
func TestAZoneDoesNotOverfillItsBins(t *testing.T) {
	p := pictureOf([]target{level("PICK", "P1", 0, 5), level("PICK", "", 10, 20)},
		lying{zone: "PICK", bin: "P1", onHand: 5}, lying{zone: "RACK", bin: "R1", onHand: 50})
	want := []string{"LEVEL 15 R1->PICK-STAGING"}
	if diff := cmp.Diff(want, told(p.plan())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A bin where goods are picked needs no level: what is expected of it, and no more, is brought.
func TestPickFaces(t *testing.T) {
	p := pictureOf(nil, lying{zone: "PICK", bin: "P1", onHand: 1, kind: model.PickBin},
		lying{zone: "PICK", bin: "P2", kind: model.PickBin},
		lying{zone: "RACK", bin: "R1", onHand: 50}, lying{zone: "FAR", bin: "X1", kind: model.PickBin})
	p.expected = &Expected{Cover: model.Whole(9)}
	p.addPickFaces()
	want := []string{"FORECAST 4 R1->P1", "FORECAST 5 R1->P2"}
	if diff := cmp.Diff(want, told(p.plan())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// However many places an item has, a plan is quick.
func TestManyPlaces(t *testing.T) {
	lie := []lying{{zone: "RACK", bin: "R1", onHand: 500}}
	for i := range 10_000 {
		lie = append(lie, lying{zone: "PICK", bin: fmt.Sprint("P", i), kind: model.PickBin})
	}
	p := pictureOf([]target{level("PICK", "P7", 5, 20)}, lie...)
	p.expected = &Expected{Cover: model.Whole(9)}
	p.addPickFaces()
	want := []string{"FORECAST 20 R1->P7"}
	if diff := cmp.Diff(want, told(p.plan())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever lies where: never more than a source has available, in both tiers; never above a
// maximum; whole packs where a level says so; and the same answer to the same question.
func TestPlanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 8).Draw(t, "stocks")
		var lie []lying
		for i := range count {
			zone := rapid.SampledFrom([]string{"PICK", "RACK", "FAR", "PROMO"}).Draw(t, "zone")
			tied := rapid.Int64Range(0, 5).Draw(t, "tied")
			onHand := tied + rapid.Int64Range(0, 40).Draw(t, "free")
			lie = append(lie, lying{zone: zone, bin: fmt.Sprintf("%s.%d", zone, i),
				batch: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "batch"),
				pack:  rapid.SampledFrom([]string{"", "CASE"}).Draw(t, "pack"), onHand: onHand,
				tied: tied, reserved: rapid.Int64Range(tied, onHand).Draw(t, "reserved"),
				kind: rapid.SampledFrom([]model.BinKind{model.StorageBin, model.PickBin,
					model.StagingBin, model.ToteBin}).Draw(t, "kind")})
		}
		var targets []target
		for _, place := range [][2]string{{"PICK", ""}, {"PICK", "PICK.0"}, {"RACK", ""}} {
			if rapid.Bool().Draw(t, "has a level") {
				least := rapid.Int64Range(0, 30).Draw(t, "min")
				next := level(place[0], place[1], least,
					least+rapid.Int64Range(0, 30).Draw(t, "more"))
				next.Strategy = rapid.SampledFrom(allocation.Strategies()).Draw(t, "strategy")
				if rapid.Bool().Draw(t, "packed") {
					inCases(&next)
				}
				targets = append(targets, next)
			}
		}
		cover := rapid.Int64Range(0, 60).Draw(t, "cover")
		short := rapid.Int64Range(0, 20).Draw(t, "short")
		draw := func() *picture {
			p := pictureOf(append([]target(nil), targets...), lie...)
			p.expected = &Expected{Cover: model.Whole(cover), ReorderPoint: model.Whole(cover)}
			p.short = model.Whole(short)
			p.addPickFaces()
			return p
		}
		got := draw().plan()
		again := draw().plan()
		if diff := cmp.Diff(got, again, cmpopts.IgnoreUnexported(Suggestion{})); diff != "" {
			t.Fatalf("another answer:\n%s", diff)
		}
		checkTaken(t, draw(), got)
		checkBrought(t, draw(), got)
	})
}

func checkTaken(t *rapid.T, p *picture, suggestions []Suggestion) {
	rows, bins := map[*flow.StockRow]model.Quantity{}, map[*flow.StockRow]model.Quantity{}
	for _, s := range suggestions {
		for _, from := range p.stocks {
			if s.Kind == KindMove && from.bin.ID == s.source {
				rows[from.row] += s.Qty
				bins[from.bin] += s.Qty
			}
		}
	}
	for _, taken := range []map[*flow.StockRow]model.Quantity{rows, bins} {
		for row, qty := range taken {
			if qty > row.Available() {
				t.Fatalf("%s of %+v", qty, row)
			}
		}
	}
}

func checkBrought(t *rapid.T, p *picture, suggestions []Suggestion) {
	for _, s := range suggestions {
		if s.Kind == KindMove && (s.Qty <= 0 || s.Zone == s.ToZone) {
			t.Fatalf("%+v", s)
		}
	}
	for i := range p.targets {
		target := &p.targets[i]
		present, _ := p.presentAt(target)
		brought := broughtTo(target, suggestions)
		if !target.isLevel || brought == 0 {
			continue
		}
		limit := target.Max
		if target.Bin == "" {
			// Its bins are filled first, by their own levels, also where that is more than it takes.
			limit = max(limit, present+byBins(p, target.Zone, suggestions))
		}
		if present+brought > limit {
			t.Fatalf("%s %s: %s and %s more, at most %s", target.Zone, target.Bin, present, brought,
				limit)
		}
	}
}

// broughtTo is what comes to a target, in base units.
func broughtTo(t *target, suggestions []Suggestion) (sum model.Quantity) {
	for _, s := range suggestions {
		if s.Kind == KindMove && s.ToZone == t.Zone && (t.Bin == "" || t.Bin == s.ToBin) {
			base, _ := packSizes[s.Pack].Base(s.Qty)
			sum += base
		}
	}
	return sum
}

// byBins is what comes to a zone's bins that have levels of their own.
func byBins(p *picture, zone string, suggestions []Suggestion) (sum model.Quantity) {
	for i := range p.targets {
		if t := &p.targets[i]; t.Zone == zone && t.Bin != "" {
			sum += broughtTo(t, suggestions)
		}
	}
	return sum
}
