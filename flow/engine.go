package flow

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/trail"
)

// Limits of the write path.
const (
	// LinesMax is how many lines one call may carry outside a wave; the contract's number.
	LinesMax = 250
	// batchLinesMax bounds one transaction: beyond it larger batches were slower, not faster.
	batchLinesMax = 1024
	// queueLinesMax bounds what a lane holds back; more is answered BUSY rather than kept.
	queueLinesMax = 16384
	// lanesMax is how many lanes warehouses share. A batch is one warehouse's, so that those of two
	// go side by side; each lane uses two connections at most. SQLite has one writer, and one lane.
	lanesMax = 8
	// batchTimeMax is how long one batch may take with all its redoing before it is given up.
	batchTimeMax = 30 * time.Second
)

// Options of an engine. The zero value is ready for use but for Choose.
type Options struct {
	// Choose picks the stock that serves a demand; allocation.Choose is the engine's own.
	Choose Chooser
	Log    *slog.Logger
	// Watch, where set, is told of each batch that was really taken. It is called by the lanes, which
	// wait for it, and from several at once.
	Watch func(Batch)
	// Tracer follows calls through the lanes to the commit; nil follows none.
	Tracer *trail.Tracer
}

// Mode is how a call's lines are taken: each for itself, or all or nothing; for real or dry.
type Mode struct {
	AllOrNothing bool
	DryRun       bool
	Actor        string
}

// Engine is the one writer of stock in a process. Any number of processes may share a database.
type Engine struct {
	db      *store.DB
	catalog *master.Catalog
	choose  Chooser
	log     *slog.Logger
	watch   func(Batch)
	tracer  *trail.Tracer
	lanes   []*lane
	seed    maphash.Seed
	staging stagingBins
	running sync.WaitGroup

	counters counters
	replays  replayWatch
}

// New starts the lanes. Close drains them.
func New(db *store.DB, catalog *master.Catalog, options Options) *Engine {
	engine := &Engine{db: db, catalog: catalog, choose: options.Choose, log: options.Log,
		watch: options.Watch, tracer: options.Tracer, seed: maphash.MakeSeed()}
	if engine.log == nil {
		engine.log = slog.New(slog.DiscardHandler)
	}
	count := lanesMax
	if db.Dialect() == store.SQLite {
		count = 1
	}
	for range count {
		lane := newLane()
		engine.lanes = append(engine.lanes, lane)
		engine.running.Go(func() { lane.run(engine) })
	}
	return engine
}

// Close refuses new work, finishes what was accepted and returns when the lanes are empty, or
// with the context's error.
func (e *Engine) Close(ctx context.Context) error {
	for _, lane := range e.lanes {
		lane.close()
	}
	done := make(chan struct{})
	go func() { e.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Submit decides the movements and answers each in order. Its error is about the whole call: the
// context's, when it ended before the answer (the work goes on; asking again with the same keys
// tells), or a defect's.
func (e *Engine) Submit(ctx context.Context, mode Mode, movements []*Movement) (
	[]model.Result, error) {
	return e.submit(ctx, mode, asGroups(mode, movements), movements)
}

// SubmitSets is Submit for sets of movements, each of which happens whole or not at all. They are
// decided in the order given; a set that names several warehouses is refused. The answers come set
// after set.
func (e *Engine) SubmitSets(ctx context.Context, mode Mode, sets [][]*Movement) (
	[]model.Result, error) {
	var all []*Movement
	groups := make([]*group, len(sets))
	for i, set := range sets {
		groups[i] = newGroup(set)
		all = append(all, set...)
	}
	return e.submit(ctx, mode, groups, all)
}

// submit decides groups, of which each is one warehouse's, and answers all their movements.
func (e *Engine) submit(ctx context.Context, mode Mode, groups []*group, movements []*Movement) (
	[]model.Result, error) {
	for _, movement := range movements {
		movement.actor = mode.Actor
	}
	refuseTwins(movements)
	for _, group := range groups {
		refuseSeveralWarehouses(group.movements)
	}
	if mode.DryRun {
		return e.rehearse(ctx, groups)
	}
	e.enqueue(ctx, groups)
	return collect(ctx, groups, len(movements))
}

// enqueue hands each lane its groups of a call together.
func (e *Engine) enqueue(ctx context.Context, groups []*group) {
	for _, sameSite := range byWarehouse(groups) {
		e.follow(ctx, sameSite)
		for _, refused := range e.laneOf(sameSite[0].warehouse()).add(sameSite) {
			refused.answerAll(model.Busy, "the queue is full; try again with the same key")
		}
	}
}

// SubmitLines makes a movement of each line of a verb's call and submits them.
func SubmitLines[L any](ctx context.Context, engine *Engine, mode Mode, lines []L,
	movement func(L) *Movement) ([]model.Result, error) {
	movements := make([]*Movement, len(lines))
	for i, line := range lines {
		movements[i] = movement(line)
	}
	return engine.Submit(ctx, mode, movements)
}

func collect(ctx context.Context, groups []*group, count int) ([]model.Result, error) {
	results := make([]model.Result, 0, count)
	for _, group := range groups {
		select {
		case <-group.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if group.err != nil {
			return nil, group.err
		}
		results = append(results, group.results...)
	}
	return results, nil
}

// rehearse decides every line as the next real call would, and rolls back.
func (e *Engine) rehearse(ctx context.Context, groups []*group) ([]model.Result, error) {
	var results []model.Result
	for _, sameSite := range byWarehouse(groups) {
		if err := e.commit(ctx, sameSite, plan{dry: true}); err != nil {
			return nil, err
		}
	}
	for _, group := range groups {
		if group.err != nil {
			return nil, group.err
		}
		results = append(results, group.results...)
	}
	return results, nil
}

// laneOf keeps a warehouse to one lane, so that the lines of a call are decided in the order given,
// and that whatever may meet in a row meets in a batch.
func (e *Engine) laneOf(warehouse string) *lane {
	return e.lanes[maphash.String(e.seed, warehouse)%uint64(len(e.lanes))]
}

func asGroups(mode Mode, movements []*Movement) []*group {
	if mode.AllOrNothing && len(movements) > 0 {
		return []*group{newGroup(movements)}
	}
	groups := make([]*group, len(movements))
	for i := range movements {
		groups[i] = newGroup(movements[i : i+1])
	}
	return groups
}

// refuseTwins answers both of two lines with one key: which of them would be the replay?
func refuseTwins(movements []*Movement) {
	if len(movements) < 2 {
		return
	}
	first := make(map[model.Key]*Movement, len(movements))
	for _, movement := range movements {
		twin, seen := first[movement.Key]
		if !seen {
			first[movement.Key] = movement
			continue
		}
		refusal := &model.Refusal{Code: model.Invalid, Field: "key",
			Message: "two lines of this call have the same key; give each its own"}
		twin.preset, movement.preset = refusal, refusal
	}
}

func refuseSeveralWarehouses(movements []*Movement) {
	for _, movement := range movements {
		if movement.Key.Warehouse != movements[0].Key.Warehouse {
			for _, each := range movements {
				each.preset = &model.Refusal{Code: model.Invalid, Field: "warehouse",
					Message: "an ALL_OR_NOTHING call names one warehouse only; use PER_LINE"}
			}
			return
		}
	}
}
