package flow

import (
	"sync"

	"tierstock/model"
	"tierstock/trail"
)

// group is a set of movements that happen together or not at all; mostly it is one.
type group struct {
	movements []*Movement
	results   []model.Result
	err       error
	done      chan struct{}
	// asked is where in a trace the call stands, wait its span in the lane; see trace.go.
	asked trail.Place
	wait  *trail.Span
}

func newGroup(movements []*Movement) *group {
	return &group{movements: movements, done: make(chan struct{})}
}

// answerAll gives every line the same refusal and ends the group.
func (g *group) answerAll(code model.Code, message string) {
	g.results = make([]model.Result, len(g.movements))
	for i := range g.results {
		g.results[i] = model.Result{Code: code, Message: message}
	}
	close(g.done)
}

func (g *group) warehouse() string { return g.movements[0].Key.Warehouse }

// lane is a bounded queue with one worker. While what it took is on its way, the queue fills: what
// waits becomes the next batch. There is no timer.
type lane struct {
	mutex  sync.Mutex
	filled *sync.Cond
	queue  []*group
	lines  int
	// flying counts the batches that are on their way.
	flying int
	closed bool
}

func newLane() *lane {
	lane := &lane{}
	lane.filled = sync.NewCond(&lane.mutex)
	return lane
}

// add queues a call's groups together, so that they meet in one batch, and gives back those that
// a full or closed lane refuses.
func (l *lane) add(groups []*group) (refused []*group) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for i, group := range groups {
		full := l.lines > 0 && l.lines+len(group.movements) > queueLinesMax
		if l.closed || full {
			return groups[i:]
		}
		l.queue = append(l.queue, group)
		l.lines += len(group.movements)
		l.filled.Signal()
	}
	return nil
}

func (l *lane) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.closed = true
	l.filled.Signal()
}

// setOut and landed count the batches on their way.
func (l *lane) setOut() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.flying++
}

func (l *lane) landed() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.flying--
	l.filled.Signal()
}

// mayTake says whether the worker has something to do: while a batch is on its way, few lines had
// better wait for more.
func (l *lane) mayTake() bool {
	return l.flying == 0 && (l.lines > 0 || l.closed) ||
		l.flying < flightsMax && l.lines >= aheadLinesMin
}

// take waits for work and takes what is there, up to one batch; nil when closed and empty.
func (l *lane) take() []*group {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for !l.mayTake() {
		l.filled.Wait()
	}
	count, lines := 0, 0
	for count < len(l.queue) {
		lines += len(l.queue[count].movements)
		if count > 0 && lines > batchLinesMax {
			lines -= len(l.queue[count].movements)
			break
		}
		count++
	}
	batch := l.queue[:count:count]
	l.queue = append([]*group(nil), l.queue[count:]...)
	l.lines -= lines
	return batch
}

func (l *lane) run(engine *Engine) {
	pilot := newPilot(engine, l)
	for batch := l.take(); len(batch) > 0; batch = l.take() {
		endWaits(batch)
		for _, sameSite := range byWarehouse(batch) {
			pilot.fly(sameSite)
		}
	}
	pilot.wait()
}

// byWarehouse splits groups, since no transaction spans two warehouses.
func byWarehouse(groups []*group) [][]*group {
	if len(groups) == 0 {
		return nil
	}
	place := map[string]int{}
	var split [][]*group
	for _, group := range groups {
		at, known := place[group.warehouse()]
		if !known {
			at = len(split)
			place[group.warehouse()] = at
			split = append(split, nil)
		}
		split[at] = append(split[at], group)
	}
	return split
}
