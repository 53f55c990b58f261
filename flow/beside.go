package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// Beside writes more in the transaction that has just decided movements: that they were asked for,
// and how far whoever asked is. verdicts are what the movements came to, in their order: of a
// replay without what it had changed. It runs again where the transaction does.
type Beside func(ctx context.Context, tx *store.Tx, verdicts []model.Result) error

// SubmitBeside is SubmitSets for sets of one warehouse that are to happen in one transaction with
// what beside writes; where that fails, nothing happened. The sets do not wait for others, nor
// others for them. Without any, only beside's transaction is run.
func (e *Engine) SubmitBeside(ctx context.Context, actor string, sets [][]*Movement,
	beside Beside) error {
	var groups []*group
	var all []*Movement
	for _, set := range sets {
		groups = append(groups, newGroup(set))
		all = append(all, set...)
	}
	for _, movement := range all {
		movement.actor = actor
		if movement.Key.Warehouse != all[0].Key.Warehouse {
			return fmt.Errorf("movements of %s and %s in one transaction",
				all[0].Key.Warehouse, movement.Key.Warehouse)
		}
	}
	refuseTwins(all)
	if len(groups) == 0 {
		return e.db.Transact(ctx, func(tx *store.Tx) error { return beside(ctx, tx, nil) })
	}
	return e.commitBeside(ctx, groups, beside)
}

// commitBeside is commit, but that it decides from locked rows at once and answers before the
// COMMIT. Should an attempt's COMMIT have had no answer, its keys are found by the next, as
// replays.
func (e *Engine) commitBeside(ctx context.Context, groups []*group, beside Beside) error {
	tries, began := 0, time.Now()
	var book *Book
	err := e.db.Transact(ctx, func(tx *store.Tx) (err error) {
		defer recoverTo(&err)
		tries++
		book = newBook(e, tx, groups[0].warehouse(), e.db.NewID())
		book.looksFirst = true
		if err = book.commit(ctx, groups, false); err == nil {
			err = beside(ctx, tx, book.verdicts(groups))
		}
		return e.redoDuplicate(err)
	})
	if err == nil {
		e.counters.count(book, tries)
		e.observe(groups, book, tries, time.Since(began))
	}
	return err
}

// verdicts are what was decided, as far as it is known before the COMMIT. A defect is told as one,
// since it must not keep the movements beside it from happening.
func (b *Book) verdicts(groups []*group) []model.Result {
	var all []model.Result
	for g, group := range groups {
		group.results = make([]model.Result, len(group.movements))
		for i, outcome := range b.outcomes[g] {
			group.results[i] = b.verdict(outcome)
		}
		all = append(all, group.results...)
	}
	return all
}

func (b *Book) verdict(outcome outcome) model.Result {
	switch {
	case outcome.effect != nil:
		return outcome.effect.result()
	case outcome.replay != nil:
		return model.Result{Code: model.Replayed, Applied: outcome.replay.applied,
			Shortage: outcome.replay.shortage}
	}
	refusal := &model.Refusal{Message: "a defect of the engine: " + outcome.err.Error()}
	if held, ok := errors.AsType[*heldBy](outcome.err); ok {
		refusal = &held.Refusal
	} else if !errors.As(outcome.err, &refusal) {
		b.engine.log.Error("movement failed", "error", outcome.err)
	}
	return model.Result{Code: refusal.Code, Field: refusal.Field, Message: refusal.Message,
		Explanation: outcome.looked, DecidedBy: outcome.decidedBy}
}
