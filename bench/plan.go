package bench

import (
	"context"
	"fmt"
	"slices"
)

// The numbers of callers of the score table: alone, a busy site, a crowd, and more than a crowd.
const (
	oneCaller    = 1
	busyCallers  = 64
	crowdCallers = 1000
	hugeCallers  = 4096
)

// shape is a workload that is a closed loop: what the warehouse is like, who takes part, and how
// many call at once.
type shape struct {
	plan       sitePlan
	half       bool
	contenders []string
	callers    []int
	// starters are those of the contenders that do more than reserve, nil for the usual.
	starters map[string]contender
}

// classics write one transaction a line, as shops do; they are compared everywhere.
var classics = []string{Naive, ForUpdate, Optimistic}

func (b *bench) shapeOf(workload string) shape {
	one := sitePlan{rows: 1, pieces: ample}
	many := sitePlan{rows: b.options.Rows, pieces: ample}
	switch workload {
	case Hot1:
		return shape{plan: one, contenders: Contenders,
			callers: []int{oneCaller, busyCallers, crowdCallers, hugeCallers}}
	case Hot1Half:
		return shape{plan: one, half: true, contenders: append([]string{Split, Queue, Merged},
			classics...), callers: []int{crowdCallers}}
	case Uniform10k:
		return shape{plan: many, contenders: append([]string{Queue, Merged, Limit}, classics...),
			callers: []int{busyCallers, crowdCallers}}
	case Zipf:
		return shape{plan: many, contenders: append([]string{Merged, Limit}, classics...),
			callers: []int{crowdCallers}}
	case Replay, ReplayNone:
		return shape{plan: many, contenders: []string{Naive, Merged}, callers: []int{crowdCallers}}
	case Mixed:
		return shape{plan: many, contenders: []string{Naive, Merged},
			callers:  []int{busyCallers, crowdCallers},
			starters: map[string]contender{Naive: startMixedNaive, Merged: startMixedMerged}}
	case Tiers:
		return shape{plan: b.floor(), contenders: []string{Naive, Merged},
			callers:  []int{busyCallers, crowdCallers},
			starters: map[string]contender{Naive: startTiersNaive, Merged: startTiersMerged}}
	}
	return shape{}
}

// floor is a warehouse with bins.
func (b *bench) floor() sitePlan {
	return sitePlan{rows: min(floorRows, b.options.Rows), pieces: ample, bins: floorBins,
		places: floorPlaces}
}

// plan is every cell that takes turns, in the order of the workloads.
func (b *bench) plan() (cells []*cell) {
	for _, workload := range Workloads {
		if !b.wants(workload) {
			continue
		}
		switch workload {
		case Wave:
			cells = append(cells, b.waveCells()...)
		case Writers:
			cells = append(cells, b.writersCells()...)
		case API:
			cells = append(cells, b.apiCells()...)
		default:
			cells = append(cells, b.cellsOf(workload)...)
		}
		if workload == Replay {
			cells = append(cells, b.cellsOf(ReplayNone)...)
		}
	}
	return cells
}

func (b *bench) cellsOf(workload string) (cells []*cell) {
	shape := b.shapeOf(workload)
	callers := shape.callers
	if len(b.options.Callers) > 0 {
		callers = b.options.Callers
	}
	for _, count := range callers {
		for _, name := range Contenders {
			if name != Limit && b.takesPart(name, shape) {
				cells = append(cells, b.cell(workload, name, count, shape))
			}
		}
	}
	if b.takesPart(Limit, shape) {
		cells = append(cells, b.cell(workload, Limit, 0, shape))
	}
	for name, start := range b.options.extra {
		extra := b.cell(workload, name, busyCallers, shape)
		extra.start = start
		cells = append(cells, extra)
	}
	return cells
}

// waveCells compare whole waves with lines one by one.
func (b *bench) waveCells() []*cell {
	rows := min(waveRows, b.options.Rows)
	shape := shape{plan: sitePlan{rows: rows, pieces: ample, bins: waveBins, places: wavePlaces},
		contenders: []string{Merged},
		starters:   map[string]contender{Merged: startWave, LineByLine: startLineByLine}}
	if !b.takesPart(Merged, shape) {
		return nil
	}
	wave := b.cell(Wave, Merged, oneCaller, shape)
	wave.LinesPerCall = waveOrders * waveOrderLines
	return []*cell{wave, b.cell(Wave, LineByLine, lineCallers, shape)}
}

// writersCells have the number of processes in their workload's name.
func (b *bench) writersCells() (cells []*cell) {
	shape := shape{plan: sitePlan{rows: 1, pieces: ample}, contenders: []string{Merged}}
	if !b.takesPart(Merged, shape) {
		return nil
	}
	for _, processes := range writersCounts {
		made := b.cell(fmt.Sprintf("%s-%d", Writers, processes), Merged, b.crowd(), shape)
		made.measure = writersOf(processes)
		cells = append(cells, made)
	}
	return cells
}

// apiCells compare the API with what is behind it.
func (b *bench) apiCells() (cells []*cell) {
	shape := shape{plan: sitePlan{rows: b.options.Rows, pieces: ample},
		contenders: []string{Merged}, starters: map[string]contender{Merged: startMerged,
			OverHTTP: startAPI}}
	if !b.takesPart(Merged, shape) {
		return nil
	}
	for _, lines := range apiLines {
		for _, contender := range []string{Merged, OverHTTP} {
			made := b.cell(API, contender, apiCallers, shape)
			made.LinesPerCall = lines
			cells = append(cells, made)
		}
	}
	return cells
}

func (b *bench) takesPart(contender string, shape shape) bool {
	return slices.Contains(shape.contenders, contender) &&
		slices.Contains(b.options.Contenders, contender)
}

func (b *bench) cell(workload, contender string, callers int, shape shape) *cell {
	made := &cell{Cell: Cell{Workload: workload, Contender: contender, Callers: callers,
		LinesPerCall: 1}, plan: shape.plan, half: shape.half, start: starters()[contender]}
	if shape.starters != nil {
		made.start = shape.starters[contender]
	}
	switch contender {
	case Split:
		made.plan.subRows = subRowsCount
	case Limit:
		made.LinesPerCall = limitLines
	case Redis, RedisDurable:
		made.judge = func(ctx context.Context, b *bench) (string, error) {
			return b.redis.judge(ctx, made.site, made.plan.pieces)
		}
	}
	return made
}

// starters are the contenders of the workloads that only reserve.
func starters() map[string]contender {
	return map[string]contender{
		Naive:      startClassic(func(c classic) step { return c.onRow(c.naive) }),
		ForUpdate:  startClassic(func(c classic) step { return c.onRow(c.forUpdate) }),
		Optimistic: startClassic(func(c classic) step { return c.onRow(c.optimistic) }),
		Split: startClassic(func(c classic) step {
			return func(ctx context.Context, _ *caller) (answers, error) {
				line := c.next()
				return c.split(ctx, line, c.rows[line.row].ids)
			}
		}),
		Queue:        startQueue,
		Merged:       startMerged,
		Limit:        startLimit,
		Redis:        startRedis,
		RedisDurable: startRedisDurable,
	}
}

func startClassic(step func(classic) step) contender {
	return func(_ context.Context, b *bench, c *cell) (turnOf, error) {
		return turnOf{step: step(classic{b.db, c.site})}, nil
	}
}

// onRow takes each line from the one row of its SKU.
func (c classic) onRow(take func(context.Context, line, int64) (answers, error)) step {
	return func(ctx context.Context, _ *caller) (answers, error) {
		line := c.next()
		return take(ctx, line, c.rows[line.row].id)
	}
}

// startQueue lets one writer do every line as naive does.
func startQueue(_ context.Context, b *bench, c *cell) (turnOf, error) {
	classic := classic{b.db, c.site}
	queue := newQueue(func(ctx context.Context, line line) (answers, error) {
		return classic.naive(ctx, line, classic.rows[line.row].id)
	})
	return turnOf{end: queue.close, step: func(ctx context.Context, _ *caller) (answers, error) {
		return queue.ask(ctx, c.site.next())
	}}, nil
}
