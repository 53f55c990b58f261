package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// What waits in the database is looked at no more often than that, however often somebody asks, and
// given up after that.
const (
	latelyEvery   = 10 * time.Second
	latelyTimeMax = 3 * time.Second
)

// lately tells what was counted lately, which takes statements.
type lately struct {
	what  string
	count func(ctx context.Context, tell func(prometheus.Metric)) error
	log   *slog.Logger

	mu   sync.Mutex
	at   time.Time
	seen []prometheus.Metric
}

// Describe says nothing in advance, which makes it an unchecked collector.
func (l *lately) Describe(chan<- *prometheus.Desc) {}

// Collect counts anew, or tells what was counted lately.
func (l *lately) Collect(to chan<- prometheus.Metric) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.at) > latelyEvery {
		l.at, l.seen = time.Now(), nil
		ctx, cancel := context.WithTimeout(context.Background(), latelyTimeMax)
		defer cancel()
		err := l.count(ctx, func(metric prometheus.Metric) { l.seen = append(l.seen, metric) })
		if err != nil {
			l.log.Warn("metrics: "+l.what+" was not counted", "error", err)
		}
	}
	for _, metric := range l.seen {
		to <- metric
	}
}
