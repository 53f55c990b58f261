package wmsync

import (
	"context"
	"errors"
	"slices"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// queue keeps what is to be delivered in order per article: of each, one message is under way at a
// time, and the next goes when that one is delivered or dead.
type queue struct {
	now      model.Instant
	articles []model.Item // in the order of their first messages
	waiting  map[model.Item][]*parcel
	// blocked articles have a message that must wait for its time, or that failed just now.
	blocked map[model.Item]bool
	// passed are without a row, and behind one that was passed over.
	passed []*parcel
	// delivered had a row among the messages, changed have one that is otherwise now, made had none.
	delivered, changed, made []*parcel
	reached                  int // how many were delivered
}

// newQueue puts what did not go through before what is new.
func newQueue(held held, fresh []*parcel, now model.Instant) *queue {
	q := &queue{now: now, waiting: map[model.Item][]*parcel{}, blocked: map[model.Item]bool{}}
	for _, parcel := range slices.Concat(held.messages, fresh) {
		if _, over := held.passed[parcel.article]; over && parcel.row.ID == 0 {
			q.passed = append(q.passed, parcel)
			continue
		}
		if len(q.waiting[parcel.article]) == 0 {
			q.articles = append(q.articles, parcel.article)
			q.blocked[parcel.article] = parcel.waits(now)
		}
		q.waiting[parcel.article] = append(q.waiting[parcel.article], parcel)
	}
	return q
}

// waits says whether it is too early for a message.
func (p *parcel) waits(now model.Instant) bool {
	return p.row.State == Waiting && p.row.NextAt > now
}

// hasWork says whether anything may be sent now.
func (q *queue) hasWork() bool {
	return slices.ContainsFunc(q.articles, func(article model.Item) bool {
		return !q.blocked[article]
	})
}

func (q *queue) hasSent() bool { return q.reached > 0 }

// next takes at most count messages, of no article more than one.
func (q *queue) next(count int) (batch []*parcel) {
	left := q.articles[:0]
	for _, article := range q.articles {
		if len(q.waiting[article]) == 0 {
			continue
		}
		left = append(left, article)
		// One that was put back goes before those of its article that wait, which go on waiting.
		head := q.waiting[article][0]
		if !q.blocked[article] && !head.waits(q.now) && len(batch) < count {
			batch = append(batch, head)
		}
	}
	q.articles = left
	return batch
}

// sent takes a message that was delivered out of the queue.
func (q *queue) sent(parcel *parcel) {
	q.reached++
	q.waiting[parcel.article] = q.waiting[parcel.article][1:]
	if parcel.row.ID != 0 {
		q.delivered = append(q.delivered, parcel)
	}
}

// stays keeps a message that was not delivered. One that is dead makes way for those behind it.
func (q *queue) stays(parcel *parcel) {
	if parcel.row.ID != 0 {
		q.changed = append(q.changed, parcel)
	} else {
		q.made = append(q.made, parcel)
	}
	q.waiting[parcel.article] = q.waiting[parcel.article][1:]
	q.blocked[parcel.article] = parcel.row.State != Dead
}

// leftOver are messages without a row that were not tried: they are held back, behind one of their
// article that has to wait, or wait themselves.
func (q *queue) leftOver() (left []*parcel) {
	for _, parcel := range q.passed {
		parcel.row.State = Held
		left = append(left, parcel)
	}
	for _, waiting := range q.waiting {
		for _, parcel := range waiting {
			if parcel.row.ID == 0 {
				parcel.row.State = Held
				left = append(left, parcel)
			}
		}
	}
	return left
}

// settle writes what became of all messages of a round and moves the place on, in one transaction,
// if it is where we believe.
func (r *relay) settle(ctx context.Context, q *queue, to int64) error {
	pageID := r.db.NewID()
	made := slices.Concat(q.made, q.leftOver())
	rows := make([]Message, len(made))
	for i, parcel := range made {
		rows[i] = parcel.row
		rows[i].ID, rows[i].Body = r.db.NewID(), encoded(parcel.Movement)
	}
	err := r.db.Transact(ctx, func(tx *store.Tx) error {
		if err := r.movePlace(ctx, tx, to, pageID); err != nil {
			return err
		}
		if err := r.forget(ctx, tx, q.delivered); err != nil {
			return err
		}
		for _, parcel := range q.changed {
			_, err := tx.Exec(ctx, `UPDATE sync_messages SET state = ?, attempts = ?, last_error = ?,
				next_at = ? WHERE warehouse = ? AND id = ?`, parcel.row.State, parcel.row.Attempts,
				parcel.row.LastError, parcel.row.NextAt, r.warehouse, parcel.row.ID)
			if err != nil {
				return err
			}
		}
		return insert(tx, "sync_messages", rows)
	})
	if err == nil || errors.Is(err, errLanded) {
		r.place.Seq, r.place.PageID, err = to, pageID, nil
		r.landedAt()
		r.tell(q)
	}
	return err
}

// forget takes messages away that were delivered after all.
func (r *relay) forget(ctx context.Context, tx *store.Tx, delivered []*parcel) error {
	for some := range slices.Chunk(delivered, commitItems) {
		args := []any{r.warehouse}
		for _, parcel := range some {
			args = append(args, parcel.row.ID)
		}
		_, err := tx.Exec(ctx, `DELETE FROM sync_messages WHERE warehouse = ? AND id IN (`+
			store.InList(len(some))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// landedAt keeps what settle has written of the place.
func (r *relay) landedAt() {
	switch {
	case r.failure != nil:
		r.place.Failures, r.place.RetryAt = r.place.Failures+1, r.retryAt()
	case r.answered:
		r.place.Failures, r.place.RetryAt = 0, 0
	}
}

// retryAt is when a system that has failed is tried again.
func (r *relay) retryAt() model.Instant {
	wait := max(retreat(r.place.Failures+1), r.failure.RetryAfter)
	return r.now + model.Instant(wait.Microseconds())
}

// movePlace writes how far the system has been told, and how it is.
func (r *relay) movePlace(ctx context.Context, tx *store.Tx, to, pageID int64) error {
	set, args := ``, []any{to, pageID, r.now}
	switch {
	case r.failure != nil:
		set = `, failures = failures + 1, last_error = ?, retry_at = ?`
		args = append(args, shortText(r.failure.Message), r.retryAt())
	case r.answered || r.place.Failures == 0: // a round without a call says nothing of the system
		set = `, failures = 0, last_error = '', retry_at = 0, last_success_at = ?`
		args = append(args, r.now)
	}
	args = append(args, r.warehouse, r.Name, r.place.PageID)
	affected, err := tx.Exec(ctx, `UPDATE sync_places SET seq = ?, page_id = ?, last_run_at = ?`+
		set+` WHERE warehouse = ? AND system = ? AND page_id = ?`, args...)
	if err != nil || affected == 1 {
		return err
	}
	return whoMoved(ctx, tx, pageID, `SELECT page_id FROM sync_places WHERE warehouse = ?
		AND system = ?`, r.warehouse, r.Name)
}

// readPlace reads how far the system has been told, and notes one that is new: it is told all that
// the feed has, or what happens from now on.
func (r *relay) readPlace(ctx context.Context) error {
	place, known, err := r.placeOf(ctx, r.Name, r.warehouse)
	r.place = place
	if err != nil || known {
		return err
	}
	if r.PushFromNow {
		if r.place.Seq, err = flow.Stamp(ctx, r.db, r.warehouse); err != nil {
			return err
		}
	}
	return r.db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO sync_places (warehouse, system, seq) VALUES (?, ?, ?)`,
			r.warehouse, r.Name, r.place.Seq)
		if errors.Is(err, store.ErrDuplicate) {
			return nil
		}
		return err
	})
}
