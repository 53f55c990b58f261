package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tierstock/model"
	"tierstock/store"
)

// The marks that a replay keeps in its warehouse: the day its history ends on, and how far it is.
const (
	lastDayMark  = "sample last day"
	progressMark = "sample progress"
)

const (
	selectMark = `SELECT value FROM marks WHERE warehouse = ? AND name = ?`
	updateMark = `UPDATE marks SET value = ? WHERE warehouse = ? AND name = ?`
	insertMark = `INSERT INTO marks (value, warehouse, name) VALUES (?, ?, ?)`
	// A warehouse that has no mark was not made by the sample.
	selectWarehouse = `SELECT code FROM warehouses WHERE code = ?`
)

// Progress is how far a replay is and what came of it, over all its runs.
type Progress struct {
	// Days are the days played whole; -1 is before the opening stock.
	Days     int `json:"days"`
	Orders   int `json:"orders"`
	Lines    int `json:"lines"`
	Receipts int `json:"receipts"`
	// Asked and Held are pieces of order lines; Short are the lines that were not held whole.
	Asked int64 `json:"asked"`
	Held  int64 `json:"held"`
	Short int   `json:"short"`

	Surprises
	Splits

	Replenished Replenished `json:"replenished"`

	// Work is lines of calls, of every kind, done in Millis; Odd are those answered other than
	// planned.
	Work   int   `json:"work"`
	Odd    int   `json:"odd"`
	Millis int64 `json:"millis"`
}

// Surprises are what was found on the floor that the book did not say. Of ShortPicks so many were
// Moved: the rest was tied to stock elsewhere at once. Damaged are pieces, Counts the bins that
// were counted because of either.
type Surprises struct {
	ShortPicks int `json:"shortPicks"`
	Moved      int `json:"moved"`
	Damaged    int `json:"damaged"`
	Counts     int `json:"counts"`
}

// Splits are the orders that were picked, those from more than one bin among them, and the lines,
// those from more than one row of stock among them.
type Splits struct {
	PickedOrders int `json:"pickedOrders"`
	SplitOrders  int `json:"splitOrders"`
	PickedLines  int `json:"pickedLines"`
	SplitLines   int `json:"splitLines"`
}

// errForeign: the sample's codes must mean the sample's things.
var errForeign = fmt.Errorf("the database has a warehouse %s that the sample did not make; "+
	"give it a new database with --db", Warehouse)

// errTwice: two replays at once would each find stock where the plan has none.
var errTwice = errors.New("another process plays the sample on this database; wait for it to end")

// begin finds, or on a new database sets, the last day of the history: yesterday, by the
// database's clock and the warehouse's calendar.
func (s *Site) begin(ctx context.Context) (last model.Date, progress Progress, err error) {
	err = s.DB.Transact(ctx, func(tx *store.Tx) error {
		progress = Progress{Days: -1}
		text, known, err := readText(ctx, tx, selectMark, Warehouse, lastDayMark)
		if err != nil || known {
			last = model.Date(text)
			return errors.Join(err, readProgress(ctx, tx, &progress))
		}
		if _, foreign, err := readText(ctx, tx, selectWarehouse, Warehouse); err != nil || foreign {
			return errors.Join(err, errForeign)
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		last = model.DateIn(now, sampleClock().zone).Plus(-1)
		_, err = tx.Exec(ctx, insertMark, last, Warehouse, lastDayMark)
		return err
	})
	return last, progress, err
}

// Progress is how far this database's replay is.
func (s *Site) Progress(ctx context.Context) (Progress, error) {
	progress := Progress{Days: -1}
	err := readProgress(ctx, s.DB.Reader(), &progress)
	return progress, err
}

func readProgress(ctx context.Context, q store.Queryer, progress *Progress) error {
	text, known, err := readText(ctx, q, selectMark, Warehouse, progressMark)
	if err != nil || !known {
		return err
	}
	return json.Unmarshal([]byte(text), progress)
}

// keep writes how far the replay is, unless another process has gone on from where this one did.
func (s *Site) keep(ctx context.Context, before, now Progress) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return s.DB.Transact(ctx, func(tx *store.Tx) error {
		was, known, err := readText(ctx, tx, selectMark+tx.ForUpdate(), Warehouse, progressMark)
		if err != nil || was == string(text) {
			return err
		}
		found := Progress{Days: -1}
		if known {
			if err := json.Unmarshal([]byte(was), &found); err != nil {
				return err
			}
		}
		if found.Days != before.Days {
			return errTwice
		}
		statement := updateMark
		if !known {
			statement = insertMark
		}
		_, err = tx.Exec(ctx, statement, string(text), Warehouse, progressMark)
		return redoDuplicate(err)
	})
}

// redoDuplicate has a transaction run again where another one has just made the same row.
func redoDuplicate(err error) error {
	if errors.Is(err, store.ErrDuplicate) {
		return store.Redo(err)
	}
	return err
}

// readText reads one text of at most one row.
func readText(ctx context.Context, q store.Queryer, query string, args ...any,
) (text string, found bool, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = rows.Close() }()
	if found = rows.Next(); found {
		err = rows.Scan(&text)
	}
	return text, found, errors.Join(err, rows.Err())
}
