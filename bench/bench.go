package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierstock/flow"
	"tierstock/store"
)

// dropTimeMax is how long the removal of what a run made may take, also after it was interrupted.
const dropTimeMax = 2 * time.Minute

// bench is a run.
type bench struct {
	options Options
	db      *store.DB
	redis   *redisServer // nil for none
	servers []int        // process ids of servers on this machine
	meter   meter
	sites   int // made so far
	done    int // turns
	total   int
}

// Run measures what the options say and leaves nothing behind, whatever happens. It is an error
// for the database not to be empty: store.ErrNotEmpty.
func Run(ctx context.Context, options Options) (report Report, err error) {
	if err := options.Check(); err != nil {
		return Report{}, err
	}
	scratch, err := store.MakeScratch(ctx, options.DatabaseURL)
	if err != nil {
		return Report{}, err
	}
	b := &bench{options: options}
	defer func() {
		dropping, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTimeMax)
		defer cancel()
		err = errors.Join(err, b.close(dropping), scratch.Drop(dropping))
	}()
	if err := b.open(ctx); err != nil {
		return Report{}, err
	}
	if report.Server, err = b.describe(ctx); err != nil {
		return Report{}, err
	}
	if report.Cells, err = b.measure(ctx); err != nil {
		return Report{}, err
	}
	report.Server.EngineBytesMax = bytesMax()
	report.score(b.db.Dialect())
	return report, nil
}

func (b *bench) open(ctx context.Context) (err error) {
	if b.db, err = store.Open(ctx, b.options.DatabaseURL, store.Options{}); err != nil {
		return err
	}
	if _, err = b.db.Migrate(ctx); err != nil {
		return err
	}
	if b.options.RedisURL != "" {
		if b.redis, err = openRedis(ctx, b.options.RedisURL); err != nil {
			return err
		}
	}
	b.servers = serverProcess(ctx, b.db)
	b.meter = meterOf(b.servers, nil)
	engine := newEngine(b.db)
	return errors.Join(makeSKUs(ctx, engine.catalog, b.options.Rows), engine.close())
}

func (b *bench) close(ctx context.Context) error {
	var failures []error
	if b.redis != nil {
		failures = append(failures, b.redis.close(ctx))
	}
	if b.db != nil {
		failures = append(failures, b.db.Close())
	}
	return errors.Join(failures...)
}

// measure lets the cells take turns, round by round, so that what else happens on the machine
// meets all of them alike; the works that go by steps follow.
func (b *bench) measure(ctx context.Context) (cells []Cell, err error) {
	plan := b.plan()
	works := b.works()
	b.total = len(plan) * b.options.Rounds
	for _, work := range works {
		b.total += work.turns
	}
	for round := range b.options.Rounds {
		for _, cell := range plan {
			if err := cell.turn(ctx, b, round == b.options.Rounds-1); err != nil {
				return nil, fmt.Errorf("%s, %s with %d callers: %w", cell.Workload, cell.Contender,
					cell.Callers, err)
			}
			b.tell()
		}
	}
	for _, cell := range plan {
		cells = append(cells, cell.result())
	}
	for _, work := range works {
		more, err := work.run(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", work.workload, err)
		}
		cells = append(cells, more...)
	}
	return cells, nil
}

func (b *bench) tell() {
	b.done++
	b.options.Tell(b.done, b.total)
}

// work is a workload that goes by steps of its own.
type work struct {
	workload string
	turns    int
	run      func(ctx context.Context, b *bench) ([]Cell, error)
}

func (b *bench) works() (works []work) {
	sizes := growthSizes(b.options.growthFirst, b.options.GrowthFlows)
	for _, known := range []work{
		{Growth, len(sizes) * b.options.Rounds, runGrowth},
		{Overload, len(overloadShares), runOverload},
	} {
		if b.wants(known.workload) && slices.Contains(b.options.Contenders, Merged) {
			works = append(works, known)
		}
	}
	return works
}

func (b *bench) wants(workload string) bool {
	return slices.Contains(b.options.Workloads, workload)
}

// turnOf is a contender that is ready for one turn: what it does, what to do afterwards, and what
// the engine counted, where it is one.
type turnOf struct {
	step  step
	end   func() error
	stats func() flow.Stats
}

// contender makes itself ready for a cell's turn.
type contender func(ctx context.Context, b *bench, c *cell) (turnOf, error)
