package jobs

import (
	"context"
	"log/slog"
	"time"
)

// How expired reservations are swept. The contract's time is ten seconds.
const (
	expiryEvery = 5 * time.Second
	// expiryBatchesMax bounds one sweep; what is left is for the next, by whichever process.
	expiryBatchesMax = 20
	// expiryLease is longer than a sweep may take, so that none goes on without it.
	expiryLease   = 30 * time.Second
	expiryTimeMax = 25 * time.Second
	expiryName    = "expiry"
)

// expiry sweeps reservations whose time is over, in one process at a time: two would only meet in
// the same rows.
type expiry struct {
	leases Leases
	owner  string
	expire func(ctx context.Context) (int, error)
	log    *slog.Logger
}

func (e expiry) run(ctx context.Context) {
	_, held, err := e.leases.TryLease(ctx, expiryName, e.owner, expiryLease)
	if err == nil && held {
		err = e.sweep(ctx)
	}
	if err != nil && ctx.Err() == nil {
		e.log.Error("expiry failed", "error", err)
	}
}

func (e expiry) sweep(ctx context.Context) error {
	defer func() { _ = e.leases.Release(context.WithoutCancel(ctx), expiryName, e.owner) }()
	sweeping, cancel := context.WithTimeout(ctx, expiryTimeMax)
	defer cancel()
	for range expiryBatchesMax {
		expired, err := e.expire(sweeping)
		if err != nil {
			return err
		}
		if expired == 0 {
			return nil
		}
		e.log.Info("reservations expired", "count", expired)
	}
	return nil
}
