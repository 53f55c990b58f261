package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"tierstock/flow"
	"tierstock/model"
)

// Replenishment's lease. The database keeps a business date's run one; the lease only spares other
// processes the same work, so that nothing is lost where a run outlasts it.
const (
	replenishName  = "replenish."
	replenishLease = 10 * time.Minute
	// replenishScope stands for replenishment among what is done of a night.
	replenishScope flow.Scope = "REPLENISHMENT"
)

// nightlyEvery is how often it is looked whether a warehouse's night run is due.
const nightlyEvery = time.Minute

// nightly reconciles each warehouse once a day by its own calendar, and then computes what to bring
// and to buy, whatever was found: the floor works in the morning all the same. A run that is past
// its time is made up for as soon as a process is there. The database keeps a business date's run
// one; what is done is remembered only to spare it the question each minute.
type nightly struct {
	work Work
	at   time.Duration
	log  *slog.Logger
	// leases and owner are for what is one process's at a time.
	leases Leases
	owner  string
	done   map[nightRun]model.Date
}

type nightRun struct {
	warehouse string
	scope     flow.Scope
}

func (n *nightly) run(ctx context.Context) {
	n.each(ctx, func(warehouse string, local time.Time) {
		due, date := dueOn(local, n.at)
		if local.Before(due) {
			return
		}
		for _, scope := range flow.InnerScopes() {
			n.reconcile(ctx, nightRun{warehouse, scope}, date)
		}
		n.replenish(ctx, nightRun{warehouse, replenishScope}, date)
	})
}

// each does something for each warehouse, by its local time.
func (n *nightly) each(ctx context.Context, do func(warehouse string, local time.Time)) {
	warehouses, err := n.work.Warehouses(ctx)
	if err != nil && ctx.Err() == nil {
		n.log.Error("nightly reconciliation failed", "error", err)
	}
	now := time.Now()
	for _, warehouse := range warehouses {
		do(warehouse.Code, now.In(warehouse.Location()))
	}
}

// dueOn is when the run of a local day is due. In a night whose clocks skip that time it is due an
// hour off, as time.Date says; in one that has it twice, the date's run is made the first time.
func dueOn(local time.Time, at time.Duration) (due time.Time, date model.Date) {
	year, month, day := local.Date()
	hour, minute := int(at/time.Hour), int(at%time.Hour/time.Minute)
	return time.Date(year, month, day, hour, minute, 0, 0, local.Location()),
		model.Date(local.Format(time.DateOnly))
}

func (n *nightly) reconcile(ctx context.Context, night nightRun, date model.Date) {
	if n.done[night] == date || ctx.Err() != nil {
		return
	}
	log := n.log.With("scope", night.scope, "warehouse", night.warehouse, "date", date)
	run, err := n.work.Reconcile(ctx, night.scope, night.warehouse, date)
	switch {
	case busy(err):
		log.Debug("another process reconciles")
	case err != nil:
		log.Error("reconciliation failed", "error", err)
	default:
		n.done[night] = date
		if run.State == flow.RunFailed {
			log.Error("reconciliation was given up", "error", run.Error)
		} else if run.Open > 0 {
			log.Error("reconciliation found differences", "open", run.Open, "run", run.ID)
		}
	}
}

func (n *nightly) replenish(ctx context.Context, night nightRun, date model.Date) {
	if n.work.Replenish == nil || n.done[night] == date || ctx.Err() != nil {
		return
	}
	log := n.log.With("warehouse", night.warehouse, "date", date)
	name := leaseOf(night.warehouse)
	_, held, err := n.leases.TryLease(ctx, name, n.owner, replenishLease)
	if err == nil && !held {
		log.Debug("another process replenishes")
		return
	}
	if err == nil {
		err = n.work.Replenish(ctx, night.warehouse, date)
		err = errors.Join(err, n.leases.Release(context.WithoutCancel(ctx), name, n.owner))
	}
	if err != nil {
		log.Error("replenishment failed", "error", err)
		return
	}
	n.done[night] = date
	log.Info("replenishment computed")
}

// leaseOf names a warehouse's lease. Its code may alone be as long as a name of a lease.
func leaseOf(warehouse string) string {
	sum := sha256.Sum256([]byte(warehouse))
	return replenishName + hex.EncodeToString(sum[:16])
}
