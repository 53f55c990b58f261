package metrics_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/metrics"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/trail"
	"tierstock/wmsync"
)

func shown(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet,
		"/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatal(answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("%s is missing in\n%s", line, text)
		}
	}
}

// TestWhatIsTold: batches, redone transactions, requests and caches are counted as they are told.
func TestWhatIsTold(t *testing.T) {
	m := metrics.New()
	m.Watch(flow.Batch{Warehouse: "W", Lines: 6, StockRows: 2, Attempts: 3, Took: 3 * time.Millisecond,
		Outcomes: map[flow.Outcome]int{{Action: "RESERVE", Code: model.Applied}: 5,
			{Action: "PICK", Code: model.Busy}: 1}})
	m.Watch(flow.Batch{Warehouse: "W", Lines: 1, Attempts: 1, Took: time.Minute})
	m.Redone("deadlock")
	m.Exchange(trail.Exchange{Route: "/graphql", Status: 200, Took: time.Millisecond})
	m.Exchange(trail.Exchange{Route: "/graphql", Status: 503, Took: time.Second})
	hits := int64(7)
	m.Cache("documents", func() (int64, int64) { return hits, 2 })
	hits++
	want(t, shown(t, m), `tierstock_lines_total{action="RESERVE",code="APPLIED"} 5`,
		`tierstock_lines_total{action="PICK",code="BUSY"} 1`,
		`tierstock_batch_lines_sum 7`, `tierstock_batch_lines_bucket{le="4"} 1`,
		`tierstock_batch_lines_per_stock_row_sum 3`, `tierstock_batch_lines_per_stock_row_count 1`,
		`tierstock_batch_seconds_bucket{le="0.005"} 1`, `tierstock_batch_seconds_bucket{le="30"} 1`,
		`tierstock_batches_redone_total 2`,
		`tierstock_transactions_redone_total{kind="deadlock"} 1`,
		`tierstock_transactions_redone_total{kind="unknown"} 0`,
		`tierstock_http_requests_total{route="/graphql",status="200"} 1`,
		`tierstock_http_requests_total{route="/graphql",status="503"} 1`,
		`tierstock_http_request_seconds_count{route="/graphql"} 2`,
		`tierstock_cache_requests_total{cache="documents",result="hit"} 8`,
		`tierstock_cache_requests_total{cache="documents",result="miss"} 2`)
}

// TestWhatWaits: each warehouse has what waits in it, counted no more often than is good for the
// database.
func TestWhatWaits(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		catalog := master.New(db)
		if _, err := catalog.UpsertWarehouses(ctx, []master.WarehouseInput{{Code: "W1"},
			{Code: "W2"}}); err != nil {
			t.Fatal(err)
		}
		engine := flow.New(db, catalog, flow.Options{})
		defer func() { _ = engine.Close(context.WithoutCancel(ctx)) }()
		m := metrics.New()
		m.Serve(db, engine, slog.New(slog.DiscardHandler))
		lines := []string{`tierstock_lines_waiting 0`, `tierstock_expiry_lag_seconds{warehouse="W2"} 0`,
			`tierstock_differences_open{warehouse="W1"} 0`, `tierstock_differences_open{warehouse="W2"} 0`,
			`tierstock_shortages_open{warehouse="W1"} 0`}
		want(t, shown(t, m), lines...)
		if _, err := catalog.UpsertWarehouses(ctx, []master.WarehouseInput{{Code: "W3"}}); err != nil {
			t.Fatal(err)
		}
		text := shown(t, m)
		want(t, text, lines...)
		if strings.Contains(text, "W3") {
			t.Error("it counts again at once")
		}
		for _, name := range []string{"go_sql_open_connections{db_name=\"writer\"}",
			"go_sql_open_connections{db_name=\"reader\"}"} {
			if !strings.Contains(text, name) {
				t.Errorf("%s is missing", name)
			}
		}
	})
}

var labelNames = regexp.MustCompile(`[{,]([a-z_]+)="`)

// TestLabelsAreBounded: nothing is labelled by what there is no end of.
func TestLabelsAreBounded(t *testing.T) {
	m := metrics.New()
	m.Watch(flow.Batch{Warehouse: "W", Lines: 1, StockRows: 1, Attempts: 1,
		Outcomes: map[flow.Outcome]int{{Action: "RESERVE", Code: model.Applied}: 1}})
	m.Exchange(trail.Exchange{Route: "/", Status: 200})
	m.Cache("masters", func() (int64, int64) { return 0, 0 })
	m.Synced(wmsync.Told{System: "erp1", Stream: wmsync.Orders,
		Fates: map[wmsync.Fate]int{wmsync.FateDead: 1}})
	m.Synced(wmsync.Told{System: "erp1", Stream: wmsync.Movements,
		Fates: map[wmsync.Fate]int{wmsync.FateRetried: 1}})
	bounded := []string{"action", "code", "kind", "le", "route", "status", "cache", "result",
		"db_name", "quantile", "version", "warehouse", "system", "stream", "direction", "outcome"}
	for line := range strings.Lines(shown(t, m)) {
		for _, label := range labelNames.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(bounded, label[1]) {
				t.Errorf("%s has no bound: %s", label[1], line)
			}
		}
	}
}
