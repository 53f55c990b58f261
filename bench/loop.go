package bench

import (
	"context"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are kept in microseconds up to a minute, which no call may take, to three digits.
const (
	latencyMax    = time.Minute
	latencyDigits = 3
)

// answers counts how the lines of a call were answered. replayed and conflict are keys that had
// been used, with the same content and with another.
type answers struct{ applied, refused, replayed, conflict, busy int64 }

func (a answers) lines() int64 { return a.applied + a.refused + a.replayed + a.conflict }

func (a answers) plus(b answers) answers {
	return answers{a.applied + b.applied, a.refused + b.refused, a.replayed + b.replayed,
		a.conflict + b.conflict, a.busy + b.busy}
}

// caller is one of those who ask, each waiting for its answer before it asks again. What it keeps
// between its calls is its own.
type caller struct {
	index int
	calls int64
	held  []held // reservations that it made and that are open
}

// held is a reservation that a caller made; id is 0 where the engine keeps it.
type held struct {
	line line
	id   int64
}

// step makes one call and says how its lines were answered.
type step func(ctx context.Context, c *caller) (answers, error)

// window is how long to run: without being measured first, then measured.
type window struct{ warmUp, measured time.Duration }

// outcome is what a closed loop came to: answers in the measured time, applied in all.
type outcome struct {
	answers

	appliedInAll int64
	seconds      float64
	latencies    *hdrhistogram.Histogram
	used         usage
}

func (o *outcome) rate() float64 { return float64(o.lines()) / o.seconds }

// record is what one caller noted; it is put together when all have ended, so that noting costs
// next to nothing.
type record struct {
	answers

	appliedInAll int64
	micros       []int64
}

// closedLoop lets that many callers call until the window closes. The first error ends it.
func closedLoop(ctx context.Context, callers int, window window, meter meter, step step) (
	outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	opens := time.Now().Add(window.warmUp)
	closes := opens.Add(window.measured)
	records := make([]record, callers)
	var running sync.WaitGroup
	for i := range records {
		running.Go(func() {
			if err := records[i].call(ctx, &caller{index: i}, opens, closes, step); err != nil {
				cancel(err)
			}
		})
	}
	sleepUntil(ctx, opens)
	before := meter()
	sleepUntil(ctx, closes)
	used := meter().minus(before)
	running.Wait()
	if err := context.Cause(ctx); err != nil {
		return outcome{}, err
	}
	return sumUp(records, window.measured, used), nil
}

// call asks again and again until the window has closed.
func (r *record) call(ctx context.Context, c *caller, opens, closes time.Time, step step) error {
	for began := time.Now(); began.Before(closes); c.calls++ {
		got, err := step(ctx, c)
		if err != nil {
			return err
		}
		ended := time.Now()
		r.appliedInAll += got.applied
		if !ended.Before(opens) && ended.Before(closes) {
			r.answers = r.plus(got)
			r.micros = append(r.micros, ended.Sub(began).Microseconds())
		}
		began = ended
	}
	return nil
}

func sleepUntil(ctx context.Context, moment time.Time) {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, latencyMax.Microseconds(), latencyDigits)
}

func sumUp(records []record, measured time.Duration, used usage) outcome {
	sum := outcome{seconds: measured.Seconds(), latencies: newHistogram(), used: used}
	for i := range records {
		sum.answers = sum.plus(records[i].answers)
		sum.appliedInAll += records[i].appliedInAll
		for _, micros := range records[i].micros {
			note(sum.latencies, micros)
		}
	}
	return sum
}

// note keeps what is longer than the histogram as its longest.
func note(latencies *hdrhistogram.Histogram, micros int64) {
	_ = latencies.RecordValue(min(max(micros, 1), latencies.HighestTrackableValue()))
}

// queue hands lines to one writer, which does each in a transaction of its own.
type queue struct {
	asked   chan asked
	running sync.WaitGroup
}

type asked struct {
	ctx  context.Context //nolint:containedctx // the caller's, handed over with its question
	done chan reply
	line line
}

type reply struct {
	got answers
	err error
}

func newQueue(write func(context.Context, line) (answers, error)) *queue {
	q := &queue{asked: make(chan asked)}
	q.running.Go(func() {
		for next := range q.asked {
			got, err := write(next.ctx, next.line)
			next.done <- reply{got, err}
		}
	})
	return q
}

func (q *queue) ask(ctx context.Context, line line) (answers, error) {
	question := asked{ctx, make(chan reply, 1), line}
	select {
	case q.asked <- question:
		answer := <-question.done
		return answer.got, answer.err
	case <-ctx.Done():
		return answers{}, ctx.Err()
	}
}

func (q *queue) close() error {
	close(q.asked)
	q.running.Wait()
	return nil
}
