package master

import (
	"context"
	"errors"
	"fmt"

	"tierstock/model"
	"tierstock/store"
)

// LinesMax bounds a call: it is one transaction for each warehouse in it, and a transaction
// that holds locks has to be short.
const LinesMax = 250

// ErrTooManyLines says that a call has more than LinesMax lines.
var ErrTooManyLines = fmt.Errorf("more than %d lines in one call", LinesMax)

// Result is what became of one line: APPLIED, or a refusal with the field at fault in the
// caller's words.
type Result struct {
	Code           model.Code
	Field, Message string
}

// Outcome is the answer to an upsert: one result for each line, in order, and how many rows were
// made, changed and found to be so already.
type Outcome struct {
	Created, Updated, Unchanged int
	Results                     []Result
}

// Touch counts a change of a warehouse's masters, or with "" of what all warehouses share, so
// that no view goes on with what was.
func Touch(ctx context.Context, tx *store.Tx, warehouse string) error {
	raised, err := tx.Exec(ctx, raiseRevision, warehouse)
	if err != nil || raised > 0 {
		return err
	}
	_, err = tx.Exec(ctx, insertRevision, warehouse)
	return redoDuplicate(err)
}

// redoDuplicate has the transaction run again where another one has just made the same row.
func redoDuplicate(err error) error {
	if errors.Is(err, store.ErrDuplicate) {
		return store.Redo(err)
	}
	return err
}

// change is what a line did.
type change int

const (
	unchanged change = iota
	created
	updated
)

// changeOf compares a row with what it was.
func changeOf(exists, same bool) change {
	switch {
	case !exists:
		return created
	case same:
		return unchanged
	}
	return updated
}

// identity is what makes two lines of a call speak of the same row.
type identity struct{ warehouse, owner, sku, code string }

// applier does one line inside the transaction; a *model.Refusal refuses that line alone, and
// must come before anything is written for it.
type applier[L any] func(ctx context.Context, line L) (change, error)

// opener reads and locks what the lines of one warehouse need.
type opener[L any] func(ctx context.Context, tx *store.Tx, warehouse string, lines []L,
) (applier[L], error)

// kind is a kind of masters: how its lines are told apart, what the caller calls the field that
// does, and how they are applied.
type kind[L any] struct {
	identity func(L) identity
	field    string
	open     opener[L]
}

// upsert applies the lines in order, those of each warehouse in one transaction.
func upsert[L any](ctx context.Context, db *store.DB, kind kind[L], lines []L) (Outcome, error) {
	if len(lines) > LinesMax {
		return Outcome{}, ErrTooManyLines
	}
	outcome := Outcome{Results: make([]Result, len(lines))}
	warehouses, places := kind.sort(lines, outcome.Results)
	for _, warehouse := range warehouses {
		err := kind.applyIn(ctx, db, warehouse, lines, places[warehouse], &outcome)
		if err != nil {
			return Outcome{}, err
		}
	}
	return outcome, nil
}

// sort gives the warehouses in the order in which they are named, and the places of their lines;
// lines with one identity are refused and left out.
func (k kind[L]) sort(lines []L, results []Result) ([]string, map[string][]int) {
	times := map[identity]int{}
	for _, line := range lines {
		times[k.identity(line)]++
	}
	var warehouses []string
	places := map[string][]int{}
	for i, line := range lines {
		of := k.identity(line)
		if times[of] > 1 {
			results[i] = Result{model.Invalid, k.field, "is named by two lines of this call"}
			continue
		}
		if places[of.warehouse] == nil {
			warehouses = append(warehouses, of.warehouse)
		}
		places[of.warehouse] = append(places[of.warehouse], i)
	}
	return warehouses, places
}

// applyIn applies the lines at those places. The transaction may run more than once, so what it
// found goes into the outcome only after it.
func (k kind[L]) applyIn(ctx context.Context, db *store.DB, warehouse string, lines []L,
	places []int, outcome *Outcome) error {
	part := make([]L, len(places))
	for i, place := range places {
		part[i] = lines[place]
	}
	var found Outcome
	err := db.Transact(ctx, func(tx *store.Tx) (err error) {
		found, err = k.applyAndTouch(ctx, tx, warehouse, part)
		return err
	})
	if err != nil {
		return err
	}
	outcome.Created += found.Created
	outcome.Updated += found.Updated
	outcome.Unchanged += found.Unchanged
	for i, place := range places {
		outcome.Results[place] = found.Results[i]
	}
	return nil
}

func (k kind[L]) applyAndTouch(ctx context.Context, tx *store.Tx, warehouse string, lines []L,
) (Outcome, error) {
	found, err := k.apply(ctx, tx, warehouse, lines)
	if err != nil || found.Created+found.Updated == 0 {
		return found, err
	}
	return found, Touch(ctx, tx, warehouse)
}

func (k kind[L]) apply(ctx context.Context, tx *store.Tx, warehouse string, lines []L,
) (Outcome, error) {
	apply, err := k.openIn(ctx, tx, warehouse, lines)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Results: make([]Result, len(lines))}
	for i, line := range lines {
		change, err := apply(ctx, line)
		var refusal *model.Refusal
		switch {
		case errors.As(err, &refusal):
			outcome.Results[i] = Result{refusal.Code, refusal.Field, refusal.Message}
			continue
		case err != nil:
			return Outcome{}, redoDuplicate(err)
		}
		outcome.Results[i].Code = model.Applied
		outcome.count(change)
	}
	return outcome, nil
}

// openIn opens the lines of a warehouse, "" for what all share. In one that does not exist every
// line is refused.
func (k kind[L]) openIn(ctx context.Context, tx *store.Tx, warehouse string, lines []L,
) (applier[L], error) {
	if warehouse == "" {
		return k.open(ctx, tx, warehouse, lines)
	}
	known, err := collect(ctx, tx, scanCode, selectWarehouse, warehouse)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		return func(context.Context, L) (change, error) {
			return unchanged, refuse(model.NotFound, "warehouse", "no warehouse %q", warehouse)
		}, nil
	}
	return k.open(ctx, tx, warehouse, lines)
}

func (o *Outcome) count(change change) {
	switch change {
	case created:
		o.Created++
	case updated:
		o.Updated++
	case unchanged:
		o.Unchanged++
	}
}

func refuse(code model.Code, field, format string, args ...any) error {
	return &model.Refusal{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// set puts what was given over what is there; nil was left out.
func set[T any](value *T, given *T) {
	if given != nil {
		*value = *given
	}
}

// codesOf are the codes of the lines, for one look-up.
func codesOf[L any](lines []L, code func(L) string) []string {
	codes := make([]string, len(lines))
	for i, line := range lines {
		codes[i] = code(line)
	}
	return codes
}
