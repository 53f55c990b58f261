package metrics_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/metrics"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmsync"
)

// farSide tells of one delta that is poisonous, of orders nothing at all, and takes nothing.
type farSide struct{}

func (farSide) Changes(_ context.Context, stream wmsync.Stream, since string, _ int) (
	wmsync.Page, error) {
	page := wmsync.Page{Next: "1", AsOf: time.Now()}
	if stream == wmsync.Orders {
		return page, wmsync.Fail(wmsync.Unreachable, "503")
	}
	if since == "" {
		page.Items = []wmsync.Change{{ID: "d1", Op: wmsync.Delta,
			Data: json.RawMessage(`{"warehouse":"MAIN","sku":"NONE","delta":"0"}`)}}
	}
	return page, nil
}

func (farSide) Snapshot(context.Context, wmsync.Stream, string, string) (wmsync.Snapshot, error) {
	return wmsync.Snapshot{}, wmsync.Fail(wmsync.Unsupported, "no snapshots here")
}

func (farSide) Deliver(_ context.Context, _ string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	return slices.Repeat([]wmsync.Receipt{{Outcome: wmsync.Rejected}}, len(movements)), nil
}

// TestHowSystemsAre: each stream has its gauges, counted no more often than is good for the
// database, and what has not happened yet is 0.
func TestHowSystemsAre(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, catalog := t.Context(), master.New(db)
		if _, err := catalog.UpsertWarehouses(ctx, []master.WarehouseInput{{Code: "W1"}}); err != nil {
			t.Fatal(err)
		}
		engine := flow.New(db, catalog, flow.Options{})
		defer func() { _ = engine.Close(context.WithoutCancel(ctx)) }()
		m := metrics.New()
		service := wmsync.New(wmsync.Deps{DB: db, Catalog: catalog, Engine: engine,
			Allocation: allocation.New(db, engine, nil), Watch: m.Synced},
			[]wmsync.Remote{{Source: farSide{}, Sink: farSide{}, System: wmsync.System{Name: "erp1",
				Warehouses: map[string]string{"MAIN": "W1"}, Push: true, WebhookSecrets: []string{"s"},
				ReconcileAt: -1, Pull: wmsync.Pulling{Every: time.Minute,
					Streams: []wmsync.Stream{wmsync.Orders, wmsync.Stock}}}}})
		m.Sync(service, slog.New(slog.DiscardHandler))
		if err := service.Now(ctx, "erp1", nil, false); err != nil {
			t.Fatal(err)
		}
		text := shown(t, m)
		want(t, text, gauge("dead", wmsync.Stock, 1), gauge("dead", wmsync.Orders, 0),
			gauge("pending", wmsync.Stock, 0), gauge("failures", wmsync.Orders, 1),
			gauge("failures", wmsync.Movements, 0), gauge("lag_seconds", wmsync.Movements, 0),
			`tierstock_sync_items_total{outcome="dead",stream="stock",system="erp1"} 1`,
			`tierstock_sync_items_total{outcome="applied",stream="orders",system="erp1"} 0`,
			`tierstock_sync_movements_total{outcome="delivered",system="erp1"} 0`,
			`tierstock_webhooks_total{outcome="repeated",system="erp1"} 0`)
		for _, name := range []string{`lag_seconds{direction="PULL",stream="stock"`,
			`last_success_timestamp_seconds{direction="PULL",stream="stock"`} {
			if !strings.Contains(text, "tierstock_sync_"+name) {
				t.Errorf("%s is missing in\n%s", name, text)
			}
		}
		if strings.Contains(text, `lag_seconds{direction="PULL",stream="orders"`) ||
			strings.Contains(text, `success_timestamp_seconds{direction="PULL",stream="orders"`) {
			t.Error("a stream that never was read has a lag, or a success")
		}
		if err := service.Now(ctx, "erp1", []wmsync.Stream{wmsync.Orders}, false); err != nil {
			t.Fatal(err)
		}
		want(t, shown(t, m), gauge("failures", wmsync.Orders, 1)) // it is not counted again at once
	})
}

func gauge(name string, stream wmsync.Stream, value int) string {
	direction := wmsync.Pulled
	if stream == wmsync.Movements {
		direction = wmsync.Pushed
	}
	return `tierstock_sync_` + name + `{direction="` + string(direction) + `",stream="` +
		string(stream) + `",system="erp1"} ` + string(rune('0'+value))
}
