package metrics

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"tierstock/wmsync"
)

// synced counts what is synced with other systems. Systems and streams are those of the
// configuration: there are few.
type synced struct{ items, movements, webhooks *prometheus.CounterVec }

func newSynced() synced {
	return synced{
		items: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tierstock_sync_items_total",
			Help: "Items of pulled streams by what came of them, each time that they were tried."},
			[]string{"system", "stream", "outcome"}),
		movements: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tierstock_sync_movements_total",
			Help: "Movements that were handed to systems by what came of them, each time that they were."},
			[]string{"system", "outcome"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tierstock_webhooks_total",
			Help: "Webhooks by what came of them; those for systems that are not there have none."},
			[]string{"system", "outcome"}),
	}
}

// Synced is told what came of what is synced: wmsync.Deps.Watch.
func (m *Metrics) Synced(told wmsync.Told) {
	for fate, count := range told.Fates {
		m.counterOf(told.System, told.Stream, fate).Add(float64(count))
	}
}

func (m *Metrics) counterOf(system string, stream wmsync.Stream,
	fate wmsync.Fate) prometheus.Counter {
	switch stream {
	case wmsync.Movements:
		return m.synced.movements.WithLabelValues(system, string(fate))
	case wmsync.Webhooks:
		return m.synced.webhooks.WithLabelValues(system, string(fate))
	}
	return m.synced.items.WithLabelValues(system, string(stream), string(fate))
}

// Sync adds how the streams of the systems are, where there are systems. What is counted of them
// begins at 0, so that the first that happens is seen to happen.
func (m *Metrics) Sync(service *wmsync.Service, log *slog.Logger) {
	for _, system := range service.Systems() {
		for _, stream := range system.Pull.Streams {
			m.begin(system.Name, stream, wmsync.FateApplied, wmsync.FateDead)
		}
		if system.Push {
			m.begin(system.Name, wmsync.Movements, wmsync.FateDelivered, wmsync.FateRetried,
				wmsync.FateDead)
		}
		if len(system.WebhookSecrets) > 0 {
			m.begin(system.Name, wmsync.Webhooks, wmsync.FateAccepted, wmsync.FateRepeated,
				wmsync.FateRefused)
		}
	}
	if len(service.Systems()) > 0 {
		m.registry.MustRegister(&lately{what: "how far systems are", log: log,
			count: func(ctx context.Context, tell func(prometheus.Metric)) error {
				return countStreams(ctx, service, tell)
			}})
	}
}

func (m *Metrics) begin(system string, stream wmsync.Stream, fates ...wmsync.Fate) {
	for _, fate := range fates {
		m.counterOf(system, stream, fate)
	}
}

var streamLabels = []string{"system", "stream", "direction"}

// streamGauges are what is told of a stream; known is false where there is nothing to tell yet.
var streamGauges = []struct {
	described *prometheus.Desc
	read      func(wmsync.Status) (value float64, known bool)
}{
	{prometheus.NewDesc("tierstock_sync_lag_seconds",
		"How far behind a stream is: since when it was not read to its end, or the age of what waits "+
			"longest to go out.", streamLabels, nil),
		func(s wmsync.Status) (float64, bool) { return s.Lag.Seconds(), s.Lag >= 0 }},
	{prometheus.NewDesc("tierstock_sync_pending",
		"Messages of a stream that wait to be applied or delivered, with flows that were not told yet.",
		streamLabels, nil),
		func(s wmsync.Status) (float64, bool) { return float64(s.Pending), true }},
	{prometheus.NewDesc("tierstock_sync_dead",
		"Messages of a stream that were given up, until somebody puts them back.", streamLabels, nil),
		func(s wmsync.Status) (float64, bool) { return float64(s.Dead), true }},
	{prometheus.NewDesc("tierstock_sync_failures", "Runs of a stream that failed in a row.",
		streamLabels, nil),
		func(s wmsync.Status) (float64, bool) { return float64(s.Failures), true }},
	{prometheus.NewDesc("tierstock_sync_last_success_timestamp_seconds",
		"When a stream last ran without a failure.", streamLabels, nil),
		func(s wmsync.Status) (float64, bool) {
			return float64(s.LastSuccessAt) / 1e6, s.LastSuccessAt != 0
		}},
}

func countStreams(ctx context.Context, service *wmsync.Service,
	tell func(prometheus.Metric)) error {
	streams, err := service.Streams(ctx, "", nil)
	for _, stream := range streams {
		for _, gauge := range streamGauges {
			if value, known := gauge.read(stream); known {
				tell(prometheus.MustNewConstMetric(gauge.described, prometheus.GaugeValue, value,
					stream.System, string(stream.Stream), string(stream.Direction)))
			}
		}
	}
	return err
}
