package replenish

import (
	"errors"
	"testing"

	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier3"
)

// A run that began before midnight and is to be written after the next day's has been: the tasks of
// that stay open.
func TestARunIsNotWrittenAfterALaterOne(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		site := stocktest.New(t, db)
		service := New(db, site.Catalog)
		site.Bin("FAST", "P1", model.PickBin, 4)
		level := Level{Warehouse: site.Warehouse, Zone: "FAST", Bin: "P1",
			Item: model.Item{SKU: stocktest.Tea}, Min: model.Whole(5), Max: model.Whole(20)}
		if _, err := service.UpsertLevels(t.Context(), []Level{level}); err != nil {
			t.Fatal(err)
		}
		site.Receive("B1", "50")
		asked := Asked{Warehouse: site.Warehouse, Date: site.Today(0), CreateTasks: true}
		if _, isNew, err := service.Run(t.Context(), asked); !isNew || err != nil {
			t.Fatal(isNew, err)
		}
		asked.Date = site.Today(-1)
		err := db.Transact(t.Context(), func(tx *store.Tx) error {
			_, _, err := keep(t.Context(), tx, asked, computed{})
			return err
		})
		if refusal, ok := errors.AsType[*model.Refusal](err); !ok ||
			refusal.Code != model.InvalidState || refusal.Field != "businessDate" {
			t.Error(err)
		}
		page, err := tier3.NewReader(db).Tasks(t.Context(), site.Warehouse,
			tier3.TaskFilter{Kinds: []model.TaskKind{model.TaskReplenish}}, 0, 10)
		if err != nil || len(page.Rows) != 1 || page.Rows[0].State != model.TaskOpen {
			t.Error(page, err)
		}
	})
}
