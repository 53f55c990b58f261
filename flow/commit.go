package flow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// errRehearsed rolls a dry run back.
var errRehearsed = errors.New("dry run")

// settle commits a lane's batch and answers it. A group that breaks a batch is found by giving
// each group a transaction of its own, so that it never fails its neighbours. this and before are
// set where the batch was decided ahead.
func (e *Engine) settle(groups []*group, this, before *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeMax)
	defer cancel()
	ctx, span := e.span(ctx, groups)
	err := e.commit(ctx, groups, plan{this: this, before: before})
	span.End(err)
	switch {
	case err == nil: // each group has its answer
	case errors.Is(err, store.ErrUnknown):
		e.log.Error("outcome of a batch unknown", "error", err, "groups", len(groups))
		for _, group := range groups {
			group.err = err
			close(group.done)
		}
	case errors.Is(err, store.ErrContended) || ctx.Err() != nil:
		e.log.Warn("batch given up", "error", err, "groups", len(groups))
		for _, group := range groups {
			group.answerAll(model.Busy, "the rows are contended; try again with the same key")
		}
	case len(groups) > 1:
		for i := range groups {
			e.settle(groups[i:i+1], nil, nil)
		}
	default:
		e.log.Error("movement failed", "error", err, "key", groups[0].movements[0].Key)
		groups[0].err = err
		close(groups[0].done)
	}
}

// plan is how a batch is committed: really or only to see; at once or as it was decided ahead.
type plan struct {
	dry          bool
	this, before *flight
}

// commit decides one warehouse's groups in one transaction. An attempt that was written and has to
// be made again is one whose COMMIT had no answer; should it have landed, its keys are found, and
// what it did is the answer.
func (e *Engine) commit(ctx context.Context, groups []*group, plan plan) error {
	var book *Book
	var attempts []*Book
	tries, began := 0, time.Now()
	err := e.db.Transact(ctx, func(tx *store.Tx) (err error) {
		defer recoverTo(&err)
		tries++
		if tries == 1 && plan.this != nil {
			book = plan.this.book
			if err = book.commitForeseen(ctx, tx, groups, plan.before); err != nil {
				plan.this.lose()
			}
		} else {
			if plan.this != nil {
				plan.this.lose()
			}
			if plan.before != nil {
				<-plan.before.done
			}
			book = newBook(e, tx, groups[0].warehouse(), e.db.NewID())
			book.attempts = attempts
			book.looksFirst = plan.dry || tries > 1 || e.replays.expected()
			err = book.commit(ctx, groups, plan.dry)
		}
		if err == nil {
			attempts = append(attempts, book)
		}
		return e.redoDuplicate(err)
	})
	if err != nil && !(plan.dry && errors.Is(err, errRehearsed)) {
		return err
	}
	if !plan.dry {
		e.counters.count(book, tries)
	}
	if plan.this != nil {
		plan.this.land(tries == 1)
	}
	took := time.Since(began)
	book.answer(ctx, groups)
	if !plan.dry {
		e.observe(groups, book, tries, took)
	}
	return nil
}

// commit decides from locked rows.
func (b *Book) commit(ctx context.Context, groups []*group, dry bool) error {
	if err := b.load(ctx, groups); err != nil {
		return err
	}
	b.decide(groups)
	if err := b.lookAgain(ctx, groups); err != nil {
		return err
	}
	b.number()
	if dry {
		b.rehearsed = true
		return errRehearsed
	}
	return inOrder(ctx, b.add, b.refuseArchivedEffects, b.change)
}

// commitForeseen writes what was decided ahead. Its new rows go first, while the batch before is
// still under way.
func (b *Book) commitForeseen(ctx context.Context, tx *store.Tx, groups []*group,
	before *flight) error {
	b.tx, b.q, b.lock = tx, tx, tx.ForUpdate()
	if err := b.add(ctx); err != nil {
		return err
	}
	if err := b.refuseArchivedEffects(ctx); err != nil {
		return err
	}
	if err := b.prove(ctx, before); err != nil {
		return err
	}
	if err := b.lookAgain(ctx, groups); err != nil {
		return err
	}
	return b.change(ctx)
}

// redoDuplicate: a key or row that another process made since we looked is found when we look
// again; where there is one, there may be more.
func (e *Engine) redoDuplicate(err error) error {
	if errors.Is(err, store.ErrDuplicate) {
		e.replays.expect()
		return store.Redo(err)
	}
	return err
}

func recoverTo(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("panic in a movement: %v\n%s", cause, debug.Stack())
	}
}
