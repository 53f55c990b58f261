package flow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"tierstock/model"
	"tierstock/store"
)

// errRehearsed rolls a dry run back.
var errRehearsed = errors.New("dry run")

// settle commits a lane's batch and answers it. A group that breaks a batch is found by giving
// each group a transaction of its own, so that it never fails its neighbours.
func (e *Engine) settle(groups []*group) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeMax)
	defer cancel()
	err := e.commit(ctx, groups, false)
	switch {
	case err == nil:
		for _, group := range groups {
			close(group.done)
		}
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
			e.settle(groups[i : i+1])
		}
	default:
		e.log.Error("movement failed", "error", err, "key", groups[0].movements[0].Key)
		groups[0].err = err
		close(groups[0].done)
	}
}

// commit decides one warehouse's groups in one transaction. An attempt that was written and has to
// be made again is one whose COMMIT had no answer; should it have landed, its keys are found, and
// what it did is the answer.
func (e *Engine) commit(ctx context.Context, groups []*group, dry bool) error {
	var book *Book
	var attempts []*Book
	tries := 0
	err := e.db.Transact(ctx, func(tx *store.Tx) (err error) {
		defer recoverTo(&err)
		tries++
		book = newBook(e, tx, groups[0].warehouse(), e.db.NewID())
		book.attempts = attempts
		if err := book.load(ctx, groups); err != nil {
			return err
		}
		book.decide(groups)
		if err := book.lookAgain(ctx); err != nil {
			return err
		}
		if dry {
			book.number()
			return errRehearsed
		}
		if err := book.write(ctx); err != nil {
			return redoDuplicate(err)
		}
		attempts = append(attempts, book)
		return nil
	})
	if err != nil && !(dry && errors.Is(err, errRehearsed)) {
		return err
	}
	if !dry {
		e.counters.count(book, tries)
	}
	book.answer(ctx, groups)
	return nil
}

// redoDuplicate: a key or row that another process made since we looked is found when we look
// again.
func redoDuplicate(err error) error {
	if errors.Is(err, store.ErrDuplicate) {
		return store.Redo(err)
	}
	return err
}

func recoverTo(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("panic in a movement: %v\n%s", cause, debug.Stack())
	}
}
