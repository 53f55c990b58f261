package jobs

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"tierstock/flow"
	"tierstock/wmsync"
)

// How often it is looked whether a stream of a system is due, and whether there is something to
// tell it. When a stream is due is in the database: see wmsync.Wake.
const (
	pullEvery  = time.Second
	relayEvery = time.Second
)

// Sync is what the jobs call of package wmsync: *wmsync.Service.
type Sync interface {
	Systems() []wmsync.System
	PullDue(ctx context.Context, system string) error
	RelayAll(ctx context.Context, system string) error
}

// compareTimeMax bounds a comparison with other systems: others wait for it.
const compareTimeMax = 15 * time.Minute

// compare lays the books of each warehouse beside those of its systems, once a day. It is apart
// from the night's other runs, which are not to wait for a system.
func (n *nightly) compare(ctx context.Context) {
	n.each(ctx, func(warehouse string, local time.Time) {
		at, wanted := n.externalAt(warehouse)
		if due, date := dueOn(local, at); wanted && !local.Before(due) {
			bounded, cancel := context.WithTimeout(ctx, compareTimeMax)
			defer cancel()
			n.reconcile(bounded, nightRun{warehouse, flow.ScopeExternal}, date)
		}
	})
}

// externalAt is when the books of a warehouse are compared with those of systems, since its local
// midnight: the earliest that one of them is configured for; none where none is.
func (n *nightly) externalAt(warehouse string) (at time.Duration, wanted bool) {
	for _, system := range n.work.Sync.Systems() {
		_, maps := system.Theirs(warehouse)
		if maps && system.ReconcileAt >= 0 && slices.Contains(system.Pull.Streams, wmsync.Stock) &&
			(!wanted || system.ReconcileAt < at) {
			at, wanted = system.ReconcileAt, true
		}
	}
	return at, wanted
}

// syncer does one thing for one system, apart from all others: a system that is slow keeps nobody
// else waiting.
type syncer struct {
	name, system string
	work         func(ctx context.Context, system string) error
	log          *slog.Logger
	last         string // what failed last, so that it is told once
}

func (s *syncer) run(ctx context.Context) {
	err := s.work(ctx, s.system)
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != s.last && ctx.Err() == nil {
		if s.last = text; err != nil {
			s.log.Warn(s.name+" failed", "system", s.system, "error", err)
		} else {
			s.log.Info(s.name+" works again", "system", s.system)
		}
	}
}

// NextPull is when a stream is pulled after a moment: by its cron expression in its time zone, or
// else that much later.
func NextPull(pulling wmsync.Pulling, after time.Time) time.Time {
	if pulling.Cron == "" {
		return after.Add(pulling.Every)
	}
	schedule, err := cron.ParseStandard(pulling.Cron)
	zone, zoneErr := time.LoadLocation(pulling.Timezone)
	if err != nil || zoneErr != nil {
		return after.Add(time.Hour) // the configuration was judged when it was read
	}
	return schedule.Next(after.In(zone))
}
