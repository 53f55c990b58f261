package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// The classic ways to take stock, each line in a transaction of its own. All of them write the
// same rows; they differ in how they keep two callers from selling one piece.

// optimisticTriesMax is how often a version that has moved on is tried again before the caller is
// told to come back: about as often as applications do.
const optimisticTriesMax = 10

// errShort rolls back a line for which there is not enough.
var errShort = errors.New("not enough")

// classic is a site with callers that know nothing of each other.
type classic struct {
	db *store.DB
	*site
}

// taken is the statement with which the row gives what is asked, if it can.
const takeGuarded = `UPDATE zone_stocks SET reserved = reserved + ?, row_seq = row_seq + 1
	WHERE warehouse = ? AND id = ? AND on_hand - reserved - frozen >= ?`

const takeVersioned = `UPDATE zone_stocks SET reserved = reserved + ?, row_seq = row_seq + 1
	WHERE warehouse = ? AND id = ? AND row_seq = ?`

const selectRow = `SELECT on_hand, reserved, frozen, row_seq, received_on FROM zone_stocks
	WHERE warehouse = ? AND id = ?`

const selectContent = `SELECT content FROM reservations WHERE warehouse = ? AND order_id = ?
	AND line_id = ? AND job_type = ? AND revision = 0`

func (c classic) leg(line line, row int64) leg {
	return reserving(leg{line: line, sku: c.rows[line.row].sku, row: row,
		reservation: c.db.NewID(), commit: c.db.NewID()})
}

// reserving is a leg that takes what its line asks.
func reserving(l leg) leg {
	l.action, l.delta = model.Reserve, model.Amounts{Reserved: l.line.qty()}
	return l
}

// naive inserts what is asked, takes it by a guarded relative UPDATE, and writes the flow from the
// row that it now holds.
func (c classic) naive(ctx context.Context, line line, row int64) (answers, error) {
	return c.settle(ctx, line, c.naiveLeg(ctx, c.leg(line, row)))
}

func (c classic) naiveLeg(ctx context.Context, leg leg) error {
	return c.db.Transact(ctx, func(tx *store.Tx) error {
		if err := c.insert(ctx, tx, leg); err != nil {
			return err
		}
		qty := leg.line.qty()
		if err := guarded(tx.Exec(ctx, takeGuarded, qty, c.warehouse, leg.row, qty)); err != nil {
			return err
		}
		return c.insertFlow(ctx, tx, zoneFlows, leg)
	})
}

// guarded is errShort where an UPDATE's guard kept it from its row.
func guarded(affected int64, err error) error {
	if err == nil && affected == 0 {
		return errShort
	}
	return err
}

// forUpdate locks the row first and decides from what it read.
func (c classic) forUpdate(ctx context.Context, line line, row int64) (answers, error) {
	return c.settle(ctx, line, c.db.Transact(ctx, func(tx *store.Tx) error {
		seen, err := c.read(ctx, tx, row, tx.ForUpdate())
		if err != nil {
			return err
		}
		if seen.Available() < line.qty() {
			return errShort
		}
		leg := seen.after(c.leg(line, row))
		if err := c.insert(ctx, tx, leg); err != nil {
			return err
		}
		if err := c.insertKnown(ctx, tx, leg); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, takeVersioned, line.qty(), c.warehouse, row, seen.rowSeq)
		return err
	}))
}

// optimistic reads without a lock and writes only if nobody has written since.
func (c classic) optimistic(ctx context.Context, line line, row int64) (answers, error) {
	for range optimisticTriesMax {
		seen, err := c.read(ctx, c.db.Reader(), row, "")
		if err != nil {
			return answers{}, err
		}
		if seen.Available() < line.qty() {
			return answers{refused: 1}, nil
		}
		moved := false
		err = c.db.Transact(ctx, func(tx *store.Tx) error {
			taken, err := tx.Exec(ctx, takeVersioned, line.qty(), c.warehouse, row, seen.rowSeq)
			if moved = taken == 0; moved || err != nil {
				return errors.Join(err, errShort)
			}
			leg := seen.after(c.leg(line, row))
			if err := c.insert(ctx, tx, leg); err != nil {
				return err
			}
			return c.insertKnown(ctx, tx, leg)
		})
		if !moved {
			return c.settle(ctx, line, err)
		}
	}
	return answers{busy: 1}, nil
}

// split tries the sub-rows from one picked at random on.
func (c classic) split(ctx context.Context, line line, rows []int64) (got answers, err error) {
	first := rand.IntN(len(rows))
	for i := range rows {
		got, err = c.naive(ctx, line, rows[(first+i)%len(rows)])
		if err != nil || got.refused == 0 {
			return got, err
		}
	}
	return got, err
}

// settle turns the end of a line's transaction into an answer.
func (c classic) settle(ctx context.Context, line line, err error) (answers, error) {
	switch {
	case err == nil:
		return answers{applied: 1}, nil
	case errors.Is(err, errShort):
		return answers{refused: 1}, nil
	case errors.Is(err, store.ErrDuplicate):
		return c.again(ctx, line)
	case errors.Is(err, store.ErrContended):
		return answers{busy: 1}, nil
	}
	return answers{}, err
}

// again answers a line whose key is taken.
func (c classic) again(ctx context.Context, line line) (got answers, err error) {
	err = store.EachRow(ctx, c.db.Reader(), selectContent, []any{c.warehouse, line.order(),
		lineID, jobType},
		func(rows *sql.Rows) error {
			var content int64
			err := rows.Scan(&content)
			if got.replayed = 1; content != line.content() {
				got = answers{conflict: 1}
			}
			return err
		})
	return got, err
}

// insert writes the reservation, whose key keeps the line from being done twice, and its hold.
func (c classic) insert(ctx context.Context, tx *store.Tx, leg leg) error {
	now := time.Now().UnixMicro()
	text := c.appendReservation([]byte(insertReservation), leg, now)
	if _, err := tx.Exec(ctx, string(text)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, string(c.appendHold([]byte(insertHold), leg)))
	return err
}

// insertFlow writes a flow from its row as it now is.
func (c classic) insertFlow(ctx context.Context, tx *store.Tx, table string, leg leg) error {
	stocks := zoneStocks
	if table == binFlows {
		stocks = binStocks
	}
	text := c.appendFlow(append([]byte(flowsInto(table)), "SELECT "...), leg.own(table))
	text = append(text, " FROM "+stocks+" WHERE warehouse = ? AND id = ?"...)
	_, err := tx.Exec(ctx, string(text), c.warehouse, leg.row)
	return err
}

// insertKnown writes the flow with the amounts that it is known to leave.
func (c classic) insertKnown(ctx context.Context, tx *store.Tx, leg leg) error {
	text := append([]byte(flowsInto(zoneFlows)), "VALUES ("...)
	_, err := tx.Exec(ctx, string(append(c.appendFlow(text, leg), ')')))
	return err
}

const giveBack = `UPDATE zone_stocks SET on_hand = on_hand + ?, reserved = reserved + ?,
	row_seq = row_seq + 1 WHERE warehouse = ? AND id = ? AND reserved + ? >= 0`

const takeFromBin = `UPDATE bin_stocks SET on_hand = on_hand - ?, version = version + 1,
	row_seq = row_seq + 1 WHERE warehouse = ? AND id = ? AND on_hand - reserved - frozen >= ?`

const closeHold = `UPDATE holds SET deducted = deducted + ?, released = released + ?,
	open_qty = open_qty - ? WHERE warehouse = ? AND reservation_id = ? AND zone_stock_id = ?
	AND open_qty >= ?`

const endReservation = `UPDATE reservations SET state = ?, tick = tick + 1
	WHERE warehouse = ? AND id = ? AND state = ?`

// act deducts, releases or picks what a reservation holds of a row: the naive way again, each line
// a transaction, each UPDATE with its guard, the hottest row last. bin is the row that goods leave.
func (c classic) act(ctx context.Context, leg leg, bin int64) (answers, error) {
	return c.settle(ctx, leg.line, c.db.Transact(ctx, func(tx *store.Tx) error {
		if err := c.letGo(ctx, tx, leg); err != nil {
			return err
		}
		if leg.delta.OnHand != 0 {
			if err := c.leaveBin(ctx, tx, leg, bin); err != nil {
				return err
			}
			leg.pos, leg.number = 1, 1
		}
		err := guarded(tx.Exec(ctx, giveBack, leg.delta.OnHand, leg.delta.Reserved, c.warehouse,
			leg.row, leg.delta.Reserved))
		if err != nil {
			return err
		}
		return c.insertFlow(ctx, tx, zoneFlows, leg)
	}))
}

// letGo takes the amount from the hold; a pick leaves the rest of it open.
func (c classic) letGo(ctx context.Context, tx *store.Tx, leg leg) error {
	qty, left := -leg.delta.Reserved, -leg.delta.OnHand
	err := guarded(tx.Exec(ctx, closeHold, left, qty-left, qty, c.warehouse, leg.reservation, leg.row,
		qty))
	if err != nil || leg.action == model.Pick {
		return err
	}
	state := model.ReservationReleased
	if left > 0 {
		state = model.ReservationDeducted
	}
	return guarded(tx.Exec(ctx, endReservation, state, c.warehouse, leg.reservation,
		model.ReservationOpen))
}

func (c classic) leaveBin(ctx context.Context, tx *store.Tx, leg leg, bin int64) error {
	qty := -leg.delta.OnHand
	leg.row, leg.delta.Reserved = bin, 0
	if err := guarded(tx.Exec(ctx, takeFromBin, qty, c.warehouse, bin, qty)); err != nil {
		return err
	}
	return c.insertFlow(ctx, tx, binFlows, leg)
}

// seen is a stock row as it was read.
type seen struct {
	model.Amounts

	rowSeq     int64
	receivedOn string
}

func (c classic) read(ctx context.Context, q store.Queryer, row int64, lock string) (seen, error) {
	var s seen
	found := false
	err := store.EachRow(ctx, q, selectRow+lock, []any{c.warehouse, row}, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&s.OnHand, &s.Reserved, &s.Frozen, &s.rowSeq, &s.receivedOn)
	})
	if err == nil && !found {
		err = fmt.Errorf("stock row %d is gone", row)
	}
	return s, err
}

// after is the leg with the amounts that it leaves of the row.
func (s seen) after(l leg) leg {
	l.rowSeq = strconv.FormatInt(s.rowSeq+1, 10)
	l.onHand = strconv.FormatInt(int64(s.OnHand), 10)
	l.reserved = strconv.FormatInt(int64(s.Reserved+l.line.qty()), 10)
	l.frozen = strconv.FormatInt(int64(s.Frozen), 10)
	l.receivedOn = "'" + s.receivedOn + "'"
	return l
}
