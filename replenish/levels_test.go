package replenish_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/model"
	"tierstock/replenish"
	"tierstock/stocktest"
)

func TestLevels(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		good := replenish.Level{Warehouse: f.Warehouse, Zone: "FAST", Bin: "P1",
			Item: model.Item{SKU: stocktest.Tea}, Min: model.Whole(1), Max: model.Whole(9)}
		cases := []struct {
			edit  func(*replenish.Level)
			code  model.Code
			field string
		}{
			{func(l *replenish.Level) { l.Warehouse = "NONE" }, model.NotFound, "warehouse"},
			{func(l *replenish.Level) { l.Item.SKU = "NONE" }, model.NotFound, "sku"},
			{func(l *replenish.Level) { l.Zone = "NONE" }, model.NotFound, "zone"},
			{func(l *replenish.Level) { l.Bin = "NONE" }, model.NotFound, "bin"},
			{func(l *replenish.Level) { l.Bin = "B1" }, model.Invalid, "bin"},
			{func(l *replenish.Level) { l.Bin = "T1" }, model.Invalid, "bin"},
			{func(l *replenish.Level) { l.Min = -1 }, model.Invalid, "min"},
			{func(l *replenish.Level) { l.Min = 1 }, model.Invalid, "min"},
			{func(l *replenish.Level) { l.Max = 0 }, model.Invalid, "max"},
			{func(l *replenish.Level) { l.Max++ }, model.Invalid, "max"},
			{func(l *replenish.Level) { l.Pack = "NONE" }, model.Invalid, "pack"},
			{func(l *replenish.Level) { l.Strategy = "NONE" }, model.Invalid, "strategy"},
			{func(l *replenish.Level) { l.Sources = []string{"NONE"} }, model.NotFound, "sources"},
			{func(l *replenish.Level) { l.Sources = []string{"FAST"} }, model.Invalid, "sources"},
		}
		for _, test := range cases {
			line := good
			test.edit(&line)
			outcome, err := f.service.UpsertLevels(t.Context(), []replenish.Level{line})
			if err != nil || outcome.Results[0].Code != test.code ||
				outcome.Results[0].Field != test.field {
				t.Errorf("%+v: %+v %v", line, outcome, err)
			}
		}
		outcome, err := f.service.UpsertLevels(t.Context(), []replenish.Level{good, good})
		if err != nil || outcome.Results[1].Code != model.Invalid {
			t.Errorf("twins: %+v %v", outcome, err)
		}
		f.levelsAre()
	})
}

func (f *floor) levelsAre(wanted ...replenish.Level) {
	f.t.Helper()
	page, err := f.service.Levels(f.t.Context(), f.Warehouse, "", "", replenish.LevelPlace{}, 50)
	if err != nil {
		f.t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, page.Rows); diff != "" {
		f.t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLevelsAreSetWhole(t *testing.T) {
	each(t, func(t *testing.T, f *floor) {
		bin := replenish.Level{Warehouse: f.Warehouse, Zone: "FAST", Bin: "P1",
			Item: model.Item{SKU: stocktest.Tea, Owner: "ME"}, Min: model.Whole(1),
			Max: model.Whole(9), Pack: "CASE", Strategy: "LIFO", Sources: []string{"BULK", "SHUT"}}
		zone := replenish.Level{Warehouse: f.Warehouse, Zone: "FAST",
			Item: model.Item{SKU: stocktest.Salt}, Pack: "EA"}
		ask := func(created, updated, unchanged int, lines ...replenish.Level) {
			t.Helper()
			got, err := f.service.UpsertLevels(t.Context(), lines)
			if err != nil || got.Created != created || got.Updated != updated ||
				got.Unchanged != unchanged {
				t.Errorf("%+v %v", got, err)
			}
		}
		ask(2, 0, 0, bin, zone)
		zone.Pack = ""
		f.levelsAre(zone, bin)
		bin.Sources, bin.Strategy = nil, ""
		ask(0, 1, 1, bin, zone)
		f.levelsAre(zone, bin)
		var all []replenish.Level
		for place, more := (replenish.LevelPlace{}), true; more; {
			page, err := f.service.Levels(t.Context(), f.Warehouse, "FAST", "", place, 1)
			if err != nil || len(page.Rows) != 1 {
				t.Fatal(page, err)
			}
			all, place, more = append(all, page.Rows[0]), page.Rows[0].Place(), page.More
		}
		if diff := cmp.Diff([]replenish.Level{zone, bin}, all); diff != "" {
			t.Errorf("page by page (-want +got):\n%s", diff)
		}
	})
}
