// Package metrics tells Prometheus how the engine is: what its lines come to, how its batches go,
// and what waits. Nothing is labelled by SKU, order or bin, of which there is no end.
package metrics

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tierstock/flow"
	"tierstock/store"
	"tierstock/trail"
)

// Metrics are those of one process.
type Metrics struct {
	registry *prometheus.Registry

	lines    *prometheus.CounterVec
	batches  prometheus.Histogram
	took     prometheus.Histogram
	merged   prometheus.Histogram
	redone   *prometheus.CounterVec
	attempts prometheus.Counter
	requests *prometheus.CounterVec
	served   *prometheus.HistogramVec
	synced   synced
}

// The buckets of batches go up to the largest one, of commits up to where callers give up, of
// merging from one line a row to all of a batch's.
var (
	batchBuckets  = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}
	commitBuckets = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}
	mergeBuckets  = []float64{.25, .5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}
)

// New makes the metrics of a process, with Go's own and the process's.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), synced: newSynced(),
		lines: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tierstock_lines_total",
			Help: "Lines by what they asked and what came of it."}, []string{"action", "code"}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tierstock_batch_lines",
			Help: "Lines that were decided in one transaction.", Buckets: batchBuckets}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tierstock_batch_seconds",
			Help:    "How long a batch's transaction took, with what was redone of it.",
			Buckets: commitBuckets}),
		merged: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tierstock_batch_lines_per_stock_row",
			Help:    "Lines of a batch for each stock row that was written.",
			Buckets: mergeBuckets}),
		redone: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tierstock_transactions_redone_total",
			Help: "Transactions that were run again, by why."}, []string{"kind"}),
		attempts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tierstock_batches_redone_total",
			Help: "Attempts at batches beyond the first."}),
	}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tierstock_http_requests_total", Help: "HTTP requests by what was asked for and status."},
		[]string{"route", "status"})
	m.served = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tierstock_http_request_seconds", Help: "How long HTTP requests took.",
		Buckets: commitBuckets}, []string{"route"})
	for _, kind := range store.RedoKinds {
		m.redone.WithLabelValues(kind)
	}
	m.registry.MustRegister(m.lines, m.batches, m.took, m.merged, m.redone, m.attempts,
		m.requests, m.served, m.synced.items, m.synced.movements, m.synced.webhooks,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Watch is told of each batch: flow.Options.Watch.
func (m *Metrics) Watch(batch flow.Batch) {
	for outcome, count := range batch.Outcomes {
		m.lines.WithLabelValues(string(outcome.Action), string(outcome.Code)).Add(float64(count))
	}
	m.batches.Observe(float64(batch.Lines))
	m.took.Observe(batch.Took.Seconds())
	m.attempts.Add(float64(batch.Attempts - 1))
	if batch.StockRows > 0 {
		m.merged.Observe(float64(batch.Lines) / float64(batch.StockRows))
	}
}

// Redone is told of each transaction that is run again: store.Options.Redone.
func (m *Metrics) Redone(kind string) { m.redone.WithLabelValues(kind).Inc() }

// Exchange is told of each HTTP request: trail.Options.Observe.
func (m *Metrics) Exchange(answered trail.Exchange) {
	m.requests.WithLabelValues(answered.Route, strconv.Itoa(answered.Status)).Inc()
	m.served.WithLabelValues(answered.Route).Observe(answered.Took.Seconds())
}

// Cache adds what a cache says of itself.
func (m *Metrics) Cache(name string, read func() (hits, misses int64)) {
	count := func(result string, value func() int64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "tierstock_cache_requests_total", Help: "Look-ups in a cache by what came of them.",
			ConstLabels: prometheus.Labels{"cache": name, "result": result}},
			func() float64 { return float64(value()) }))
	}
	count("hit", func() int64 { hits, _ := read(); return hits })
	count("miss", func() int64 { _, misses := read(); return misses })
}

// Serve adds what is asked for when somebody looks: how full the lanes and the pools are, and what
// waits in the database.
func (m *Metrics) Serve(db *store.DB, engine *flow.Engine, log *slog.Logger) {
	for name, pool := range db.Pools() {
		m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tierstock_lines_waiting", Help: "Lines that wait for their batch."},
		func() float64 { return float64(engine.Waiting()) }), &lately{
		what: "the backlog", log: log,
		count: func(ctx context.Context, tell func(prometheus.Metric)) error {
			return countBacklog(ctx, db, tell)
		}})
}

// Handler serves /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// gauges are what is counted of each warehouse, with the statement that counts it. Now, in
// microseconds, is the second argument of those with a clock.
var gauges = []struct {
	name, help, statement string
	clock                 bool
}{
	{"tierstock_expiry_lag_seconds", "For how long the oldest reservation past its time is overdue.",
		`SELECT COALESCE((? - MIN(due_at)) / 1000000.0, 0) FROM reservations
			WHERE warehouse = ? AND due_at > 0 AND due_at < ?`, true},
	{"tierstock_differences_open",
		"Differences that reconciliation found and nobody has decided about.",
		`SELECT COUNT(*) FROM differences WHERE warehouse = ? AND state = 'OPEN'`, false},
	{"tierstock_shortages_open", "Order lines that stock did not serve.",
		`SELECT COUNT(*) FROM shortages WHERE warehouse = ? AND state = 'OPEN'`, false},
}

// countBacklog counts what waits in the database, warehouse by warehouse.
func countBacklog(ctx context.Context, db *store.DB, tell func(prometheus.Metric)) error {
	var codes []string
	err := store.EachRow(ctx, db.Reader(), `SELECT code FROM warehouses ORDER BY code`, nil,
		func(rows *sql.Rows) error {
			var code string
			err := rows.Scan(&code)
			codes = append(codes, code)
			return err
		})
	if err != nil {
		return err
	}
	now := time.Now().UnixMicro()
	for _, gauge := range gauges {
		described := prometheus.NewDesc(gauge.name, gauge.help, []string{"warehouse"}, nil)
		for _, code := range codes {
			args := []any{code}
			if gauge.clock {
				args = []any{now, code, now}
			}
			err := store.EachRow(ctx, db.Reader(), gauge.statement, args, func(rows *sql.Rows) error {
				var value float64
				err := rows.Scan(&value)
				tell(prometheus.MustNewConstMetric(described, prometheus.GaugeValue, value, code))
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
