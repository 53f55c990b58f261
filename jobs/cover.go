package jobs

import (
	"context"
	"log/slog"
	"time"

	"tierstock/model"
)

// How shortages are covered. A process that is at it is not waited for: the next round is soon.
const (
	coverEvery   = 5 * time.Second
	coverLease   = 2 * time.Minute
	coverTimeMax = 100 * time.Second
	coverName    = "shortages"
)

// coverer covers the shortages whose rule says so as stock arrives, in one process at a time: two
// would only meet in the same rows.
type coverer struct {
	leases     Leases
	owner      string
	warehouses func(ctx context.Context) ([]model.Warehouse, error)
	cover      func(ctx context.Context, warehouse string) (int, error)
	log        *slog.Logger
}

func (c coverer) run(ctx context.Context) {
	_, held, err := c.leases.TryLease(ctx, coverName, c.owner, coverLease)
	if err == nil && held {
		err = c.round(ctx)
	}
	if err != nil && ctx.Err() == nil {
		c.log.Error("covering shortages failed", "error", err)
	}
}

func (c coverer) round(ctx context.Context) error {
	defer func() { _ = c.leases.Release(context.WithoutCancel(ctx), coverName, c.owner) }()
	covering, cancel := context.WithTimeout(ctx, coverTimeMax)
	defer cancel()
	warehouses, err := c.warehouses(covering)
	if err != nil {
		return err
	}
	for _, warehouse := range warehouses {
		looked, err := c.cover(covering, warehouse.Code)
		if err != nil {
			return err
		}
		if looked > 0 {
			c.log.Info("shortages looked at", "warehouse", warehouse.Code, "count", looked)
		}
	}
	return nil
}
