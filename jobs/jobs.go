// Package jobs is the clock: what the engine does without being asked. It decides when, and that
// only one process does it; what is done is the rooms' below.
package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"tierstock/flow"
	"tierstock/model"
)

// nightlyAt is when a warehouse's night run is due, since its local midnight, unless told
// otherwise: after the late shift and before the early one.
const nightlyAt = 2*time.Hour + 30*time.Minute

// Leases let one process at a time do a job: store.DB's.
type Leases interface {
	TryLease(ctx context.Context, name, owner string, ttl time.Duration) (epoch int64, held bool,
		err error)
	Release(ctx context.Context, name, owner string) error
}

// Work is what the jobs call.
type Work struct {
	// Expire ends reservations whose time is over, a bounded number, and says how many.
	Expire func(ctx context.Context) (int, error)
	// Warehouses are all there are.
	Warehouses func(ctx context.Context) ([]model.Warehouse, error)
	// Cover serves open shortages of a warehouse that a rule says are to be, and says how many it
	// looked at.
	Cover func(ctx context.Context, warehouse string) (int, error)
	// Reconcile runs a scope for a warehouse's business date, once whoever asks.
	Reconcile func(ctx context.Context, scope flow.Scope, warehouse string, date model.Date) (
		*flow.Run, error)
	// Replenish computes what to bring and to buy for a warehouse's business date, once whoever asks;
	// nil where nobody wants that.
	Replenish func(ctx context.Context, warehouse string, date model.Date) error
	// Sync pulls from systems and tells them what happened; nil where there are none.
	Sync Sync
}

// Options of the jobs.
type Options struct {
	// Owner names this process in leases, differently from every other.
	Owner string
	// NightlyAt is when night runs are due, since a warehouse's local midnight; 0 is 02:30.
	NightlyAt time.Duration
	// Log is told what was done and what failed; nil is nobody.
	Log *slog.Logger
}

// Jobs runs the jobs between Start and Stop.
type Jobs struct {
	clock  *cron.Cron
	cancel context.CancelFunc
}

// New prepares the jobs; nothing runs before Start. Each is skipped while its last run goes on, and
// a panic ends that run only: Recover stands inside SkipIfStillRunning, which a panic that passed
// through it would leave shut for good.
func New(leases Leases, work Work, options Options) *Jobs {
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if options.NightlyAt == 0 {
		options.NightlyAt = nightlyAt
	}
	ctx, cancel := context.WithCancel(context.Background())
	toLog := cronLog{log}
	clock := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(toLog),
		cron.WithChain(cron.SkipIfStillRunning(toLog), cron.Recover(toLog)))
	sweep := expiry{leases: leases, owner: options.Owner, expire: work.Expire, log: log}
	clock.Schedule(cron.Every(expiryEvery), cron.FuncJob(func() { sweep.run(ctx) }))
	shortages := coverer{leases: leases, owner: options.Owner, warehouses: work.Warehouses,
		cover: work.Cover, log: log}
	clock.Schedule(cron.Every(coverEvery), cron.FuncJob(func() { shortages.run(ctx) }))
	night := &nightly{work: work, at: options.NightlyAt, log: log,
		leases: leases, owner: options.Owner, done: map[nightRun]model.Date{}}
	clock.Schedule(cron.Every(nightlyEvery), cron.FuncJob(func() { night.run(ctx) }))
	if work.Sync != nil {
		outside := &nightly{work: work, log: log, done: map[nightRun]model.Date{}}
		clock.Schedule(cron.Every(nightlyEvery), cron.FuncJob(func() { outside.compare(ctx) }))
		for _, system := range work.Sync.Systems() {
			pull := &syncer{name: "pull", system: system.Name, work: work.Sync.PullDue, log: log}
			clock.Schedule(cron.Every(pullEvery), cron.FuncJob(func() { pull.run(ctx) }))
			relay := &syncer{name: "relay", system: system.Name, work: work.Sync.RelayAll, log: log}
			clock.Schedule(cron.Every(relayEvery), cron.FuncJob(func() { relay.run(ctx) }))
		}
	}
	return &Jobs{clock: clock, cancel: cancel}
}

// Start lets the clock run.
func (j *Jobs) Start() { j.clock.Start() }

// Stop starts nothing more and waits for what is running. When the context ends first, what is
// running is cut off, and waited for all the same.
func (j *Jobs) Stop(ctx context.Context) error {
	defer j.cancel()
	running := j.clock.Stop()
	select {
	case <-running.Done():
		return nil
	case <-ctx.Done():
		j.cancel()
		<-running.Done()
		return ctx.Err()
	}
}

// cronLog hands the clock's words on. That it wakes is no news.
type cronLog struct{ log *slog.Logger }

func (c cronLog) Info(message string, pairs ...any) { c.log.Debug("jobs: "+message, pairs...) }

func (c cronLog) Error(err error, message string, pairs ...any) {
	c.log.Error("jobs: "+message, append([]any{"error", err}, pairs...)...)
}

// busy says whether an error only means that another process is at it.
func busy(err error) bool {
	refusal := (*model.Refusal)(nil)
	return errors.As(err, &refusal) && refusal.Code == model.Busy
}
