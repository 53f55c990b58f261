package master_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// answers are the outcome in one line: the counts, then each refusal by its code and field.
func answers(outcome master.Outcome) string {
	text := fmt.Sprintf("+%d ~%d =%d", outcome.Created, outcome.Updated, outcome.Unchanged)
	for i, result := range outcome.Results {
		if result.Code != model.Applied {
			text += fmt.Sprintf(" %d:%s %s", i, result.Code, result.Field)
		}
	}
	return text
}

// expect fails the test where the outcome is another one.
func expect(t *testing.T, want string) func(master.Outcome, error) {
	t.Helper()
	return func(outcome master.Outcome, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if got := answers(outcome); got != want {
			t.Errorf("got  %s\nwant %s\n%+v", got, want, outcome.Results)
		}
	}
}

func exec(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	err := db.Transact(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(context.Background(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

const insertZoneStock = `INSERT INTO zone_stocks (warehouse, id, zone, sku, pack, on_hand)
	VALUES (?, ?, ?, ?, ?, ?)`

const insertBinStock = `INSERT INTO bin_stocks (warehouse, id, zone, bin, sku, on_hand)
	VALUES (?, ?, ?, ?, ?, ?)`

// site makes warehouse W1 with zones A and B.
func site(t *testing.T, db *store.DB) *master.Catalog {
	t.Helper()
	catalog := master.New(db)
	expect(t, "+1 ~0 =0")(catalog.UpsertWarehouses(context.Background(),
		[]master.WarehouseInput{{Code: "W1"}}))
	expect(t, "+2 ~0 =0")(catalog.UpsertZones(context.Background(),
		[]master.ZoneInput{{Warehouse: "W1", Code: "A"}, {Warehouse: "W1", Code: "B"}}))
	return catalog
}

func revision(t *testing.T, db *store.DB, warehouse string) (revision int64) {
	t.Helper()
	err := db.Gorm(context.Background()).Table("revisions").Select("revision").
		Where("warehouse = ?", warehouse).Scan(&revision).Error
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func TestUpsertWarehouses(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := master.New(db)
		expect(t, "+2 ~0 =0 2:INVALID timezone 3:INVALID timezone 4:INVALID timezone "+
			"5:INVALID code 6:INVALID code")(
			catalog.UpsertWarehouses(ctx, []master.WarehouseInput{
				{Code: "W2", Name: new("Köln"), Timezone: new("Europe/Berlin"), Region: new("EU"),
					Priority: new(int64(7))},
				{Code: "W1"},
				{Code: "W3", Timezone: new("Mars/Base")},
				{Code: "W4", Timezone: new("Local")},
				{Code: "W6", Timezone: new("")},
				{Code: "W5"}, {Code: "W5"},
			}))
		expect(t, "+0 ~1 =1")(catalog.UpsertWarehouses(ctx, []master.WarehouseInput{
			{Code: "W2", Priority: new(int64(0))}, {Code: "W1", Timezone: new("UTC")}}))
		warehouses, err := catalog.Warehouses(ctx)
		want := []model.Warehouse{
			{Code: "W1", Name: "W1", Timezone: "UTC"},
			{Code: "W2", Name: "Köln", Timezone: "Europe/Berlin", Region: "EU"},
		}
		if diff := cmp.Diff(want, warehouses); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestWarehousesHavePlacesAndCapacities(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := master.New(db)
		degrees := func(text string) *model.Quantity {
			qty, err := model.ParseQuantity(text)
			if err != nil {
				t.Fatal(err)
			}
			return &qty
		}
		expect(t, "+3 ~0 =0 3:INVALID latitude 4:INVALID longitude 5:INVALID latitude "+
			"6:INVALID longitude 7:INVALID dailyLines 8:INVALID latitude")(
			catalog.UpsertWarehouses(ctx, []master.WarehouseInput{
				{Code: "A", Latitude: degrees("-90"), Longitude: degrees("180"),
					DailyLines: new(int64(40))},
				{Code: "B", Latitude: degrees("0"), Longitude: degrees("0")},
				{Code: "C"},
				{Code: "D", Latitude: degrees("90.000001"), Longitude: degrees("0")},
				{Code: "E", Latitude: degrees("0"), Longitude: degrees("-180.000001")},
				{Code: "F", Longitude: degrees("1")},
				{Code: "G", Latitude: degrees("1")},
				{Code: "H", DailyLines: new(int64(-1))},
				{Code: "I", Latitude: degrees("-90.1"), Longitude: degrees("0")},
			}))
		expect(t, "+0 ~2 =1")(catalog.UpsertWarehouses(ctx, []master.WarehouseInput{
			{Code: "A", DailyLines: new(int64(0))}, {Code: "B", Latitude: degrees("0"),
				Longitude: degrees("0")}, {Code: "C", Latitude: degrees("50.941278"),
				Longitude: degrees("6.958281")}}))
		warehouses, err := catalog.Warehouses(ctx)
		want := []model.Warehouse{
			{Code: "A", Name: "A", Timezone: "UTC", Latitude: *degrees("-90"),
				Longitude: *degrees("180"), Located: true},
			{Code: "B", Name: "B", Timezone: "UTC", Located: true},
			{Code: "C", Name: "C", Timezone: "UTC", Latitude: *degrees("50.941278"),
				Longitude: *degrees("6.958281"), Located: true},
		}
		if diff := cmp.Diff(want, warehouses); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if got := view(t, catalog, db.Reader(), "C").Warehouse; got != want[2] {
			t.Error(got)
		}
	})
}

func TestOnlyAChangeRaisesTheRevision(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		before := revision(t, db, "W1")
		expect(t, "+0 ~0 =1 1:NOT_FOUND warehouse")(catalog.UpsertZones(ctx, []master.ZoneInput{
			{Warehouse: "W1", Code: "A"}, {Warehouse: "W9", Code: "A"}}))
		if after := revision(t, db, "W1"); after != before {
			t.Errorf("from %d to %d by a line that changes nothing", before, after)
		}
		expect(t, "+0 ~1 =0")(catalog.UpsertZones(ctx, []master.ZoneInput{
			{Warehouse: "W1", Code: "A", Priority: new(int64(1))}}))
		if after := revision(t, db, "W1"); after != before+1 {
			t.Errorf("from %d to %d by one change", before, after)
		}
		if after := revision(t, db, "W9"); after != 0 {
			t.Errorf("a warehouse that is not there has revision %d", after)
		}
	})
}

func TestTooManyLines(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := master.New(db).UpsertSKUs(context.Background(),
			make([]master.SKUInput, master.LinesMax+1))
		if !errors.Is(err, master.ErrTooManyLines) {
			t.Error(err)
		}
	})
}

func TestAZoneComesWithItsStagingBin(t *testing.T) {
	long := strings.Repeat("ä", model.CodeCharsMax)
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		expect(t, "+1 ~0 =0")(catalog.UpsertBins(ctx, []master.BinInput{
			{Warehouse: "W1", Zone: "A", Code: "C-STAGING"}}))
		expect(t, "+4 ~0 =0 2:INVALID code 3:INVALID code")(catalog.UpsertZones(ctx,
			[]master.ZoneInput{
				{Warehouse: "W1", Code: "C", Name: new("Cold"), Allocatable: new(false)},
				{Warehouse: "W1", Code: long},
				{Warehouse: "W1", Code: "D"}, {Warehouse: "W1", Code: "D"},
				{Warehouse: "W1", Code: long[:len(long)-2]},
				{Warehouse: "W1", Code: ""},
			}))
		page, err := catalog.Zones(ctx, "W1", "B", 2)
		if err != nil || !page.More {
			t.Fatal(err, page.More)
		}
		want := []model.Zone{
			{Warehouse: "W1", Code: "C", Name: "Cold", StagingBin: "C-STAGING-2"},
			{Warehouse: "W1", Code: long[:len(long)-2], Name: long[:len(long)-2],
				Allocatable: true, StagingBin: strings.Repeat("ä", 54) + "-STAGING-2"},
		}
		if diff := cmp.Diff(want, page.Rows); diff != "" {
			t.Error(diff)
		}
		bins, err := catalog.Bins(ctx, "W1", "C", "", 9)
		staging := []model.Bin{{Warehouse: "W1", Zone: "C", Code: "C-STAGING-2",
			Kind: model.StagingBin}}
		if diff := cmp.Diff(staging, bins.Rows); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestUpsertBatches(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		expect(t, "+1 ~0 =0")(catalog.UpsertSKUs(ctx, []master.SKUInput{{Code: "MILK"}}))
		line := func(sku, owner, batch string) master.BatchInput {
			return master.BatchInput{Warehouse: "W1", SKU: sku, Owner: owner, Batch: batch}
		}
		held := line("MILK", "", "L1")
		held.ExpiresOn, held.Hold = new(model.Date("2027-01-31")), new(true)
		expect(t, "+2 ~0 =0 2:NOT_FOUND sku 3:INVALID batch 4:INVALID batch")(
			catalog.UpsertBatches(ctx, []master.BatchInput{held, line("MILK", "ACME", "L1"),
				line("BEER", "", "L1"), line("MILK", "", "L2"), line("MILK", "", "L2")}))
		freed := line("MILK", "", "L1")
		freed.Hold = new(false)
		expect(t, "+0 ~1 =1")(catalog.UpsertBatches(ctx, []master.BatchInput{
			line("MILK", "ACME", "L1"), freed}))
		var batches []struct {
			Owner, Code string
			ExpiresOn   model.Date
			Hold        bool
		}
		err := db.Gorm(ctx).Table("batches").Where("warehouse = ?", "W1").Order("owner").
			Scan(&batches).Error
		if got := fmt.Sprint(batches); err != nil || got != "[{ L1 2027-01-31 false} {ACME L1  false}]" {
			t.Error(err, got)
		}
	})
}

func TestListsOfSKUs(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := master.New(db)
		codes := []string{"A%B", "A_B", "AXB", "a", "ab", "b", "é", "éa", "\U0010FFFD", "퟿", "퟿a"}
		var lines []master.SKUInput
		for _, code := range codes {
			lines = append(lines, master.SKUInput{Code: code, Packs: &[]model.Pack{
				{Code: "CASE", Size: model.Fraction{Numerator: 12, Denominator: 1}}}})
		}
		expect(t, fmt.Sprintf("+%d ~0 =0", len(codes)))(catalog.UpsertSKUs(ctx, lines))
		cases := []struct {
			filter master.SKUFilter
			after  string
			first  int
			want   string
		}{
			{first: 3, want: "A%B AXB A_B ..."},
			{after: "A_B", first: 3, want: "a ab b ..."},
			{filter: master.SKUFilter{Prefix: "a"}, first: 9, want: "a ab"},
			{filter: master.SKUFilter{Prefix: "A_"}, first: 9, want: "A_B"},
			{filter: master.SKUFilter{Prefix: "A%"}, first: 9, want: "A%B"},
			{filter: master.SKUFilter{Prefix: "é"}, first: 2, want: "é éa"},
			{filter: master.SKUFilter{Prefix: "\uD7FF"}, first: 9, want: "\uD7FF \uD7FFa"},
			{filter: master.SKUFilter{Prefix: "\U0010FFFD"}, first: 9, want: "\U0010FFFD"},
			{filter: master.SKUFilter{Codes: []string{"b", "B", "a"}}, first: 9, want: "a b"},
			{filter: master.SKUFilter{Codes: []string{"b", "a"}, Prefix: "b"}, first: 9, want: "b"},
			{filter: master.SKUFilter{Prefix: "zz"}, first: 9, want: ""},
		}
		for _, test := range cases {
			page, err := catalog.SKUs(ctx, test.filter, test.after, test.first)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, sku := range page.Rows {
				got = append(got, sku.Code)
				if len(sku.Packs) != 1 {
					t.Errorf("%s has packs %v", sku.Code, sku.Packs)
				}
			}
			if page.More {
				got = append(got, "...")
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("%+v: got %q, want %q", test, text, test.want)
			}
		}
	})
}

func TestListsOfBins(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := site(t, db)
		expect(t, "+3 ~0 =0")(catalog.UpsertBins(ctx, []master.BinInput{
			{Warehouse: "W1", Zone: "B", Code: "1"}, {Warehouse: "W1", Zone: "A", Code: "2"},
			{Warehouse: "W1", Zone: "B", Code: "3"}}))
		codes := func(page master.Page[model.Bin], err error) string {
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, bin := range page.Rows {
				codes = append(codes, bin.Code)
			}
			return fmt.Sprint(codes, page.More)
		}
		for _, test := range []struct{ got, want string }{
			{codes(catalog.Bins(ctx, "W1", "", "", 9)), "[1 2 3 A-STAGING B-STAGING] false"},
			{codes(catalog.Bins(ctx, "W1", "", "1", 2)), "[2 3] true"},
			{codes(catalog.Bins(ctx, "W1", "B", "", 3)), "[1 3 B-STAGING] false"},
			{codes(catalog.Bins(ctx, "W2", "", "", 9)), "[] false"},
		} {
			if test.got != test.want {
				t.Errorf("got %s, want %s", test.got, test.want)
			}
		}
	})
}

func TestCallersMakeAMasterOnce(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		const callers = 8
		catalog := site(t, db)
		created := make(chan int, callers)
		for range callers {
			go func() {
				outcome, err := catalog.UpsertBins(context.Background(), []master.BinInput{
					{Warehouse: "W1", Zone: "A", Code: "1"}, {Warehouse: "W1", Zone: "A", Code: "2"}})
				if err != nil {
					t.Error(err)
				}
				created <- outcome.Created
			}()
		}
		var counts []int
		for range callers {
			counts = append(counts, <-created)
		}
		slices.Sort(counts)
		if counts[callers-1] != 2 || counts[callers-2] != 0 {
			t.Errorf("created %v", counts)
		}
	})
}
