package wmsync

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// Limits of the relay.
const (
	// relayFlows is how much of the feed is told, and kept track of, at a time.
	relayFlows = 2000
	// batchMax is how many movements one call hands over.
	batchMax = 250
	// heldMax bounds the messages that are tried again in one round.
	heldMax = 5000
	// breakAfter is after how many failures in a row the feed is left alone and a system is only
	// probed with what is due.
	breakAfter = 3
	// relayTimeMax bounds one run; the next goes on.
	relayTimeMax = time.Minute
	// roundTimeMax bounds a round, whose outcome is written at its end: one that is cut off before
	// would be done all over again, and again by the next run. What it leaves is held.
	roundTimeMax = 10 * time.Second
)

// waits are how long a message waits after each try; after the last it is dead.
var waits = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute,
	30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// waitJitter spreads those that failed together.
const waitJitter = 0.1

// RelayAll tells a system what happened in each of its warehouses, side by side.
func (s *Service) RelayAll(ctx context.Context, system string) error {
	ctx, cancel := context.WithTimeout(ctx, relayTimeMax)
	defer cancel()
	remote := s.find(system)
	if remote == nil || remote.Sink == nil {
		return nil
	}
	done := make(chan error)
	for _, warehouse := range remote.Warehouses {
		go func() { done <- s.relayCalmly(ctx, system, warehouse) }()
	}
	var failed []error
	for range remote.Warehouses {
		failed = append(failed, <-done)
	}
	if ctx.Err() != nil {
		return nil // the next run goes on
	}
	return errors.Join(failed...)
}

// relayCalmly is Relay, whose panic is an error: nobody else would catch it.
func (s *Service) relayCalmly(ctx context.Context, system, warehouse string) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	return s.Relay(ctx, system, warehouse)
}

// Relay delivers to a system what happened in a warehouse of ours since it was told last, and what
// is due of what did not go through. Where another process is at it, nothing is done.
func (s *Service) Relay(ctx context.Context, system, warehouse string) error {
	remote := s.find(system)
	if remote == nil || remote.Sink == nil {
		return errUnknownSystem(system)
	}
	_, err := s.relayHeld(ctx, remote, warehouse)
	return err
}

// relayHeld is Relay, and says whether it was this process that did it.
func (s *Service) relayHeld(ctx context.Context, remote *remote, warehouse string) (held bool,
	err error) {
	r := &relay{Service: s, remote: remote, warehouse: warehouse}
	if idle, err := r.isIdle(ctx); idle || err != nil {
		return idle, err
	}
	return s.alone(ctx, remote, "push", warehouse, func(ctx context.Context) error {
		return r.run(ctx)
	})
}

// isIdle looks, before anything is written, whether there is nothing to tell: so it is nearly each
// second of the night.
func (r *relay) isIdle(ctx context.Context) (idle bool, err error) {
	place, known, err := r.placeOf(ctx, r.Name, r.warehouse)
	if err != nil || !known {
		return false, err
	}
	end, err := flow.Stamp(ctx, r.db, r.warehouse)
	if err != nil || end != place.Seq {
		return false, err
	}
	idle = true
	err = store.EachRow(ctx, r.db.Reader(), `SELECT 1 FROM sync_messages WHERE warehouse = ?
		AND system = ? AND stream = ? AND state IN (?, ?, ?) LIMIT 1`, []any{r.warehouse, r.Name,
		Movements, Waiting, Held, Queued}, func(*sql.Rows) error {
		idle = false
		return nil
	})
	return idle, err
}

// relay is one run for one warehouse of one system.
type relay struct {
	*Service
	*remote
	warehouse string
	place     placeRow
	now       model.Instant // as of the last answer
	failure   *Failure      // what ended the round
	answered  bool          // the system has answered in the round
}

// placeRow is how far a system has been told.
type placeRow struct {
	Seq, PageID              int64
	LastRunAt, LastSuccessAt model.Instant
	RetryAt                  model.Instant
	Failures                 int
	LastError                string
}

func (r *relay) run(ctx context.Context) error {
	if err := r.readPlace(ctx); err != nil {
		return err
	}
	for {
		var err error
		if r.now, err = r.Service.now(ctx); err != nil || r.place.RetryAt > r.now {
			return err
		}
		more, err := r.round(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// round tells one part of the feed, with what is due of before. It is over, whatever happened to
// each message, when each was delivered or stands among the messages; more says that there may be
// another part.
func (r *relay) round(ctx context.Context) (more bool, err error) {
	held, err := r.heldBack(ctx)
	if err != nil {
		return false, err
	}
	var fresh []*parcel
	to := r.place.Seq
	if held.isNone() || r.place.Failures < breakAfter && len(held.messages) <= heldMax {
		if fresh, to, more, err = r.readFeed(ctx); err != nil {
			return false, err
		}
	}
	q := newQueue(held, fresh, r.now)
	if to == r.place.Seq && !q.hasWork() {
		return false, nil
	}
	r.failure, r.answered = nil, false
	until := time.Now().Add(r.roundTime)
	for batch := q.next(batchMax); len(batch) > 0 && r.failure == nil; batch = q.next(batchMax) {
		if err := r.deliver(ctx, q, batch); err != nil {
			return false, err
		}
		if time.Now().After(until) {
			break
		}
	}
	err = r.settle(ctx, q, to)
	return (more || q.hasSent()) && r.failure == nil, err
}

// deliver hands a batch over and notes what became of each.
func (r *relay) deliver(ctx context.Context, q *queue, batch []*parcel) error {
	movements := make([]Movement, len(batch))
	for i, parcel := range batch {
		movements[i] = parcel.Movement
	}
	began := time.Now()
	receipts, err := r.Sink.Deliver(ctx, fmt.Sprintf("%s-%d", r.Name, r.db.NewID()), movements)
	r.now += model.Instant(time.Since(began).Microseconds()) // what waits does so from the answer on
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failure, _ := errors.AsType[*Failure](err)
	switch {
	case err != nil && failure == nil:
		return err
	case failure != nil && failure.Kind == Refused && len(batch) > 1:
		return r.deliverSingly(ctx, q, batch)
	case failure != nil:
		r.failed(q, batch, failure)
		return nil
	case len(receipts) != len(batch):
		r.failed(q, batch, Fail(Malformed, "the system answered to %d of %d movements", len(receipts),
			len(batch)))
		return nil
	}
	r.answered = true
	for i, parcel := range batch {
		r.note(q, parcel, receipts[i])
	}
	return nil
}

// deliverSingly finds those that made the system refuse a whole batch.
func (r *relay) deliverSingly(ctx context.Context, q *queue, batch []*parcel) error {
	for i := 0; i < len(batch) && r.failure == nil; i++ {
		if err := r.deliver(ctx, q, batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// failed notes that a batch did not get through. What was refused for good is dead; else the system
// is left alone for a while.
func (r *relay) failed(q *queue, batch []*parcel, failure *Failure) {
	receipt := Receipt{Outcome: Retry, Message: failure.Message, RetryAfter: failure.RetryAfter}
	if failure.Kind == Refused {
		receipt.Outcome, r.answered = Rejected, true
	} else {
		r.failure = failure
	}
	for _, parcel := range batch {
		r.note(q, parcel, receipt)
	}
}

// note is what becomes of a message after a try.
func (r *relay) note(q *queue, parcel *parcel, receipt Receipt) {
	switch receipt.Outcome {
	case Applied, Duplicate:
		q.sent(parcel)
		return
	case Rejected:
		parcel.row.State = Dead
	default:
		parcel.row.State = Waiting
		if tries := parcel.row.Attempts; tries < len(waits) {
			parcel.row.NextAt = r.now + waitAfter(waits[tries], receipt.RetryAfter)
		} else {
			parcel.row.State = Dead
		}
	}
	parcel.row.Attempts++
	parcel.row.LastError = shortText(orText(receipt.Message, string(receipt.Outcome)))
	q.stays(parcel)
}

func waitAfter(wait, asked time.Duration) model.Instant {
	if asked > 0 {
		return model.Instant(asked.Microseconds())
	}
	spread := 1 + waitJitter*(2*rand.Float64()-1)
	return model.Instant(float64(wait.Microseconds()) * spread)
}

// readFeed reads the next part of the feed, of whole effects, and how far it goes.
func (r *relay) readFeed(ctx context.Context) (fresh []*parcel, to int64, more bool, err error) {
	after := r.place.Seq
	if after == 0 {
		after = flow.FromBeginning // what went to files before the system was connected is gone by
	}
	for count := relayFlows; ; count *= 2 {
		page, err := flow.Floor(ctx, r.db, r.warehouse, after, count)
		if err != nil {
			return nil, 0, false, err
		}
		flows, to := page.Rows, page.SafeSeq
		if page.More {
			last := flows[len(flows)-1].Key
			for len(flows) > 0 && flows[len(flows)-1].Key == last {
				flows = flows[:len(flows)-1]
			}
			if len(flows) == 0 {
				continue // one effect is all of the page
			}
			to = flows[len(flows)-1].Seq
		}
		return r.parcels(flows), to, page.More, nil
	}
}
