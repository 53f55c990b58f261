package bench

import (
	"context"
	"errors"
)

// growthFirst is the smallest ledger of growth; each next is ten times as large.
const growthFirst = 100_000

func growthSizes(first, flows int64) (sizes []int64) {
	for size := first; size <= flows; size *= 10 {
		sizes = append(sizes, size)
	}
	return sizes
}

// runGrowth measures the engine as the ledger of its own warehouse passes each size. What lies
// between is appended in bulk: the same rows, sooner.
func runGrowth(ctx context.Context, b *bench) (cells []Cell, err error) {
	site, err := b.newSite(ctx, Growth, sitePlan{rows: b.options.Rows, pieces: ample})
	if err != nil {
		return nil, err
	}
	for _, size := range growthSizes(b.options.growthFirst, b.options.GrowthFlows) {
		if err := b.grow(ctx, site, size); err != nil {
			return nil, err
		}
		c := &cell{Cell: Cell{Workload: Growth, Contender: Merged, Callers: b.crowd(),
			LinesPerCall: 1, Ledger: size}, start: startMerged, site: site,
			latencies: newHistogram()}
		for round := range b.options.Rounds {
			if err := c.turn(ctx, b, round == b.options.Rounds-1); err != nil {
				return nil, err
			}
			b.tell()
		}
		cells = append(cells, c.result())
	}
	return cells, nil
}

// crowd is the number of callers where there is but one: the first that was asked for.
func (b *bench) crowd() int {
	if len(b.options.Callers) > 0 {
		return b.options.Callers[0]
	}
	return crowdCallers
}

// grow appends flows until the ledger has so many. One connection keeps the ticks in the order of
// the rows' flows, as the engine does.
func (b *bench) grow(ctx context.Context, s *site, flows int64) error {
	bulk, err := newBulk(ctx, b.db, s)
	if err != nil {
		return err
	}
	for int64(len(s.rows))+s.applied.Load() < flows && err == nil {
		var got answers
		got, err = bulk.step(ctx, nil)
		s.applied.Add(got.applied)
	}
	return errors.Join(err, bulk.settle(ctx))
}
