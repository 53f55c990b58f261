package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// overloadShare is a phase of overload: which share of the peak is asked, and for how many times
// the usual time. It takes about ten seconds to fill the engine's queue at a fifth too much.
type overloadShare struct {
	percent int64
	times   int
}

var overloadShares = []overloadShare{{120, 5}, {50, 4}}

// What overload may cost. The engine's queue holds 16,384 lines, and a line that it takes waits
// for at most those; twice that and a second are for a machine that is busy. The lines that wait
// take some kilobytes each.
const (
	overloadCrowds    = 4 // as many callers as fill the largest batches
	overloadQueue     = 16_384
	overloadSlack     = time.Second
	overloadBytesMax  = 256 << 20
	overloadTick      = time.Millisecond
	overloadCalm      = 4 // the last quarter of the calm phase must be calm
	overloadCalmMax   = 500 * time.Millisecond
	overloadBusyInAll = 1000 // one line in so many may still be refused then
)

// runOverload finds the peak of one hot row, asks for more than that whether or not answers come,
// and then for half of it.
func runOverload(ctx context.Context, b *bench) (cells []Cell, err error) {
	site, err := b.newSite(ctx, Overload, sitePlan{rows: 1, pieces: ample})
	if err != nil {
		return nil, err
	}
	engine := newEngine(b.db)
	defer func() { err = errors.Join(err, engine.close()) }()
	step := site.reserve(engine, 1)
	peak, err := closedLoop(ctx, overloadCrowds*b.crowd(), window{b.options.warmUp(),
		b.options.measured()}, b.meter, step)
	if err != nil {
		return nil, err
	}
	site.applied.Add(peak.appliedInAll)
	for _, share := range overloadShares {
		load := openLoop{rate: peak.rate() * float64(share.percent) / 100, step: step,
			meter: meterOf(b.servers, engine.flow.Stats),
			span:  time.Duration(share.times) * b.options.measured()}
		c := &cell{Cell: Cell{Workload: fmt.Sprintf("%s-%d", Overload, share.percent),
			Contender: Merged, LinesPerCall: 1}, site: site, latencies: newHistogram()}
		if err := load.run(ctx); err != nil {
			return nil, err
		}
		c.add(load.got)
		c.Callers = int(load.waitingMost)
		if c.Oracle, err = judge(ctx, b.db, site, true); err != nil {
			return nil, err
		}
		if c.Oracle == oracleOK {
			c.Oracle = load.verdict(peak.rate(), share.percent > 100)
		}
		cells = append(cells, c.result())
		b.tell()
	}
	return cells, nil
}

// openLoop asks at a rate, however long answers take.
type openLoop struct {
	rate  float64
	span  time.Duration
	step  step
	meter meter

	mu          sync.Mutex
	got         outcome
	waiting     int64
	waitingMost int64
	bytesMost   uint64
	bytesBefore uint64
	// late is of the last part of the time.
	late     outcome
	lateFrom time.Time
	err      error
}

// run asks until the time is over and waits for what is under way.
func (l *openLoop) run(ctx context.Context) error {
	began := time.Now()
	l.lateFrom = began.Add(l.span - l.span/overloadCalm)
	l.got = outcome{latencies: newHistogram(), seconds: l.span.Seconds()}
	l.late = outcome{latencies: newHistogram(), seconds: (l.span / overloadCalm).Seconds()}
	runtime.GC()
	l.bytesBefore = heapBytes()
	before := l.meter()
	ticker := time.NewTicker(overloadTick)
	defer ticker.Stop()
	var running sync.WaitGroup
	asked := 0
	for now := range ticker.C {
		if now.Sub(began) >= l.span || ctx.Err() != nil {
			break
		}
		for ; float64(asked) < l.rate*now.Sub(began).Seconds(); asked++ {
			running.Go(func() { l.ask(ctx, now) })
		}
		l.look(asked)
	}
	running.Wait()
	l.got.used = l.meter().minus(before)
	return errors.Join(l.err, ctx.Err())
}

// look notes the heap now and then: reading it stops the world for a moment.
func (l *openLoop) look(asked int) {
	if asked%512 == 0 {
		l.bytesMost = max(l.bytesMost, heapBytes())
	}
}

func heapBytes() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapInuse
}

func (l *openLoop) ask(ctx context.Context, began time.Time) {
	l.mu.Lock()
	l.waiting++
	l.waitingMost = max(l.waitingMost, l.waiting)
	l.mu.Unlock()
	got, err := l.step(ctx, nil)
	ended := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting--
	if err != nil && l.err == nil {
		l.err = err
	}
	l.got.note(got, ended.Sub(began))
	if began.After(l.lateFrom) {
		l.late.note(got, ended.Sub(began))
	}
}

func (o *outcome) note(got answers, took time.Duration) {
	o.answers = o.plus(got)
	o.appliedInAll += got.applied
	note(o.latencies, took.Microseconds())
}

// verdict says what overload did that it must not.
func (l *openLoop) verdict(peak float64, over bool) string {
	longest := overloadSlack + time.Duration(2*overloadQueue/peak*float64(time.Second))
	p99 := time.Duration(l.got.latencies.ValueAtQuantile(99)) * time.Microsecond
	late := time.Duration(l.late.latencies.ValueAtQuantile(99)) * time.Microsecond
	switch {
	case p99 > longest:
		return fmt.Sprintf("p99 is %s, more than %s", p99, longest)
	case l.bytesMost > l.bytesBefore+overloadBytesMax:
		return fmt.Sprintf("memory grew by %d MB", (l.bytesMost-l.bytesBefore)>>20)
	case over:
		return oracleOK
	case l.late.busy*overloadBusyInAll > l.late.lines() || late > overloadCalmMax:
		return fmt.Sprintf("it did not recover: at half the peak p99 is %s and %d lines are busy",
			late, l.late.busy)
	}
	return oracleOK
}
