package bench

import (
	"context"
	"errors"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// cell is a cell of the report while it is measured, with a warehouse of its own.
type cell struct {
	Cell

	plan sitePlan
	// half: there is stock for half of what will be asked.
	half  bool
	start contender
	// measure replaces the closed loop in this process.
	measure func(ctx context.Context, b *bench, c *cell) error
	// judge replaces the oracle for what keeps its stock elsewhere.
	judge func(ctx context.Context, b *bench) (string, error)

	site      *site
	rates     []float64
	latencies *hdrhistogram.Histogram
	used      usage
}

// turn measures the cell once. After the last one the oracle speaks.
func (c *cell) turn(ctx context.Context, b *bench, last bool) (err error) {
	if c.site == nil {
		if c.site, err = b.newSite(ctx, c.Workload, c.plan); err != nil {
			return err
		}
		c.latencies = newHistogram()
	}
	if c.measure == nil {
		err = c.startAndRun(ctx, b)
	} else {
		err = c.measure(ctx, b, c)
	}
	if err != nil || !last {
		return err
	}
	if c.judge != nil {
		c.Oracle, err = c.judge(ctx, b)
	} else {
		c.Oracle, err = judge(ctx, b.db, c.site, c.isEngine())
	}
	return err
}

func (c *cell) startAndRun(ctx context.Context, b *bench) error {
	ready, err := c.start(ctx, b, c)
	if err != nil {
		return err
	}
	err = c.run(ctx, b, ready)
	if ready.end != nil {
		err = errors.Join(err, ready.end())
	}
	return err
}

func (c *cell) run(ctx context.Context, b *bench, ready turnOf) error {
	span := window{b.options.warmUp(), b.options.measured()}
	meter := meterOf(b.serversOf(c), ready.stats)
	if c.half {
		if err := c.refill(ctx, b); err != nil {
			return err
		}
		warm, err := closedLoop(ctx, c.Callers, window{0, span.warmUp}, meter, ready.step)
		if err != nil {
			return err
		}
		c.site.applied.Add(warm.appliedInAll)
		if err := c.halve(ctx, b, warm.rate()*span.measured.Seconds()); err != nil {
			return err
		}
		span.warmUp = 0
	}
	got, err := closedLoop(ctx, c.Callers, span, meter, ready.step)
	if err != nil {
		return err
	}
	c.add(got)
	return nil
}

// isEngine says whether all that is in the warehouse came from the engine.
func (c *cell) isEngine() bool {
	return c.Contender == Merged || c.Contender == OverHTTP || c.Contender == LineByLine
}

// halve leaves stock for half of the demand that the warm-up lets expect.
func (c *cell) halve(ctx context.Context, b *bench, demand float64) error {
	engine := newEngine(b.db)
	pieces := int64(demand/2) + subRowsCount
	return errors.Join(c.site.setAvailable(ctx, b.db, engine, pieces), engine.close())
}

// refill makes stock ample again for the next warm-up.
func (c *cell) refill(ctx context.Context, b *bench) error {
	engine := newEngine(b.db)
	return errors.Join(c.site.setAvailable(ctx, b.db, engine, c.plan.pieces), engine.close())
}

func (c *cell) add(got outcome) {
	c.site.applied.Add(got.appliedInAll)
	c.Lines += got.lines()
	c.Refused += got.refused
	c.Busy += got.busy
	c.rates = append(c.rates, got.rate())
	c.latencies.Merge(got.latencies)
	c.used = c.used.plus(got.used)
}

// result is the cell as it is reported.
func (c *cell) result() Cell {
	result := c.Cell
	slices.Sort(c.rates)
	result.LinesPerSecond = median(c.rates)
	result.LowestPerSec, result.HighestPerSec = c.rates[0], c.rates[len(c.rates)-1]
	result.P50Ms = float64(c.latencies.ValueAtQuantile(50)) / 1000
	result.P99Ms = float64(c.latencies.ValueAtQuantile(99)) / 1000
	result.Redone = c.used.stats.Redone
	if c.used.stats.Commits > 0 {
		result.BatchLines = float64(c.used.stats.Lines) / float64(c.used.stats.Commits)
	}
	if c.used.stats.StockRows > 0 {
		result.LinesPerRow = float64(c.used.stats.Lines) / float64(c.used.stats.StockRows)
	}
	if c.Lines > 0 {
		result.CPUSecondsPer1000 = 1000 * c.used.cpuSeconds / float64(c.Lines)
	}
	return result
}

// median of sorted values; of an even number the mean of the middle two.
func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func (b *bench) serversOf(c *cell) []int {
	if b.redis != nil && (c.Contender == Redis || c.Contender == RedisDurable) {
		return b.redis.processes
	}
	return b.servers
}
