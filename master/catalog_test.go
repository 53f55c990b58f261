package master_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// counted counts the statements that go through it.
type counted struct {
	store.Queryer
	statements int
}

func (c *counted) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.statements++
	return c.Queryer.Query(ctx, query, args...)
}

func view(t *testing.T, catalog *master.Catalog, q store.Queryer, warehouse string) *master.View {
	t.Helper()
	view, err := catalog.View(context.Background(), q, warehouse)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func load(t *testing.T, view *master.View, q store.Queryer, skus, bins []string) {
	t.Helper()
	if err := view.Load(context.Background(), q, skus, bins); err != nil {
		t.Fatal(err)
	}
}

// stocked is a site with SKU TEA, in pieces and cases, and bin 1 in zone A.
func stocked(t *testing.T, db *store.DB) *master.Catalog {
	t.Helper()
	catalog := site(t, db)
	expect(t, "+1 ~0 =0")(catalog.UpsertSKUs(context.Background(), []master.SKUInput{
		{Code: "TEA", Packs: packs(sizes{"CASE": {12, 1}})}}))
	expect(t, "+1 ~0 =0")(catalog.UpsertBins(context.Background(),
		[]master.BinInput{bin("A", "1")}))
	return catalog
}

func TestAViewAsksOnceForWhatDoesNotChange(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		catalog := stocked(t, db)
		asks := func(statements int, bins ...string) *master.View {
			t.Helper()
			q := &counted{Queryer: db.Reader()}
			view := view(t, catalog, q, "W1")
			load(t, view, q, []string{"TEA", "TEA", ""}, bins)
			load(t, view, q, []string{"TEA"}, bins)
			if q.statements != statements {
				t.Errorf("%d statements, want %d", q.statements, statements)
			}
			return view
		}
		asks(4, "1", "") // the view, its zones, a SKU, a bin
		asks(1, "1")
		asks(2, "2") // what is not there is looked for again
		expect(t, "+1 ~0 =0")(catalog.UpsertBins(context.Background(),
			[]master.BinInput{bin("A", "2")}))
		if bin, ok := asks(4, "2").Bin("2"); !ok || bin.Zone != "A" {
			t.Error(bin, ok)
		}
		asks(1, "2")
		expect(t, "+0 ~1 =0")(catalog.UpsertSKUs(context.Background(),
			[]master.SKUInput{{Code: "TEA", Decimals: new(3)}}))
		if sku, ok := asks(4, "1").SKU("TEA"); !ok || sku.Decimals != 3 {
			t.Error(sku, ok)
		}
	})
}

func TestAViewSaysWhatThereIs(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		catalog := stocked(t, db)
		if none := view(t, catalog, db.Reader(), "W9"); none != nil {
			t.Errorf("a view of %+v", none.Warehouse)
		}
		view := view(t, catalog, db.Reader(), "W1")
		load(t, view, db.Reader(), []string{"TEA", "OIL"}, []string{"1", "9"})
		if view.Warehouse.Code != "W1" || time.Since(view.Now.Time()).Abs() > time.Minute {
			t.Error(view.Warehouse, view.Now.Time())
		}
		zone, ok := view.Zone("A")
		if want := (model.Zone{Warehouse: "W1", Code: "A", Name: "A", Allocatable: true,
			StagingBin: "A-STAGING"}); !ok || zone != want {
			t.Error(zone, ok)
		}
		_, zoneKnown := view.Zone("Z")
		_, skuKnown := view.SKU("OIL")
		_, binKnown := view.Bin("9")
		if zoneKnown || skuKnown || binKnown {
			t.Error("knows what is not there:", zoneKnown, skuKnown, binKnown)
		}
		if sku, ok := view.SKU("TEA"); !ok || len(sku.Packs) != 1 {
			t.Error(sku, ok)
		}
		for pack, want := range map[string]string{"EA": "", "": "", "CASE": "CASE", "X": "X"} {
			if got := view.NormalPack("TEA", pack); got != want {
				t.Errorf("pack %q is %q, want %q", pack, got, want)
			}
		}
		if got := view.NormalPack("OIL", ""); got != "" {
			t.Errorf("no pack of an unknown SKU is %q", got)
		}
	})
}

func TestTodayIsTheWarehousesOwn(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		catalog := master.New(db)
		expect(t, "+2 ~0 =0")(catalog.UpsertWarehouses(context.Background(),
			[]master.WarehouseInput{{Code: "EAST", Timezone: new("Pacific/Kiritimati")},
				{Code: "WEST", Timezone: new("Pacific/Midway")}}))
		east, west := view(t, catalog, db.Reader(), "EAST"), view(t, catalog, db.Reader(), "WEST")
		// They are 25 hours apart, so their days always differ.
		if east.Today() <= west.Today() {
			t.Error(east.Today(), west.Today())
		}
		expect(t, "+0 ~1 =0")(catalog.UpsertWarehouses(context.Background(),
			[]master.WarehouseInput{{Code: "WEST", Timezone: new("Pacific/Kiritimati")}}))
		moved := view(t, catalog, db.Reader(), "WEST")
		if want := model.DateIn(moved.Now, moved.Warehouse.Location()); moved.Today() != want {
			t.Error(moved.Today(), want)
		}
	})
}

func TestAChangeThatIsRolledBackIsNotSeen(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		catalog := stocked(t, db)
		undone := errors.New("undone")
		err := db.Transact(ctx, func(tx *store.Tx) error {
			view := view(t, catalog, tx, "W1")
			load(t, view, tx, []string{"TEA"}, []string{"1"})
			_, err := tx.Exec(ctx, `UPDATE bins SET blocked = 1 WHERE warehouse = ? AND code = ?`,
				"W1", "1")
			if err != nil {
				return err
			}
			return errors.Join(master.Touch(ctx, tx, "W1"), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		view := view(t, catalog, db.Reader(), "W1")
		load(t, view, db.Reader(), nil, []string{"1"})
		if bin, ok := view.Bin("1"); !ok || bin.Blocked {
			t.Error(bin, ok)
		}
	})
}

func TestViewsAreForManyAtOnce(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		catalog := stocked(t, db)
		shared := view(t, catalog, db.Reader(), "W1")
		var work sync.WaitGroup
		for i := range 16 {
			work.Go(func() {
				if i%4 == 0 {
					line := bin("A", "1")
					line.PickSequence = new(int64(i))
					if _, err := catalog.UpsertBins(context.Background(),
						[]master.BinInput{line}); err != nil {
						t.Error(err)
					}
				}
				own := view(t, catalog, db.Reader(), "W1")
				for _, view := range []*master.View{shared, own} {
					load(t, view, db.Reader(), []string{"TEA"}, []string{"1", "2"})
					_, skuKnown := view.SKU("TEA")
					_, binKnown := view.Bin("1")
					if !skuKnown || !binKnown {
						t.Error("a row that is there was not found")
					}
				}
			})
		}
		work.Wait()
	})
}
