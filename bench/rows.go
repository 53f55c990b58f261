package bench

import (
	"fmt"
	"strconv"

	"tierstock/model"
)

// What one reserved line leaves in the ledger stands in this file and nowhere else: the engine's
// rivals write the very rows that the engine writes, and leave the columns out that have nothing to
// say beside their default, as it does.

const insertReservation = `INSERT INTO reservations (warehouse, id, job_type, order_id, line_id,
	sku, requested, state, content, asked, created_at, tick) VALUES `

const insertHold = `INSERT INTO holds (warehouse, reservation_id, zone_stock_id, position, held,
	open_qty) VALUES `

// insertFlow is for one of the two flow tables.
const insertFlow = `INSERT INTO %s (warehouse, commit_id, pos, stock_id, row_seq, action,
	job_type, order_id, line_id, task_id, leg, reservation_id, zone, on_hand_delta, reserved_delta,
	frozen_delta, on_hand_after, reserved_after, frozen_after, received_on, applied, content) `

const insertCommit = `INSERT INTO commits (warehouse, id, tick, flows, recorded_at) VALUES `

// The tables of flows, and of the rows that they are about.
const (
	zoneFlows  = "zone_flows"
	binFlows   = "bin_flows"
	zoneStocks = "zone_stocks"
	binStocks  = "bin_stocks"
)

// jobType and lineID are the same in all keys of the trace.
const (
	jobType = "ORDER"
	lineID  = "1"
)

// leg is what one line does to one stock row. The amounts after it are SQL: numbers where they are
// known, the row's own columns where the database works them out.
type leg struct {
	line        line
	sku         string
	reservation int64
	row         int64
	commit      int64
	// pos is the leg's place in the commit, number its place in the effect.
	pos, number int
	action      model.Action
	// delta is what it changes; qty is what the effect is about.
	delta model.Amounts

	rowSeq, onHand, reserved, frozen, receivedOn string
}

// content tells two lines with one key apart, as the engine's hash does.
func (l line) content() int64 { return int64(mix(uint64(l.row)<<16|uint64(l.pieces)) >> 1) }

func appendText(to []byte, text string) []byte {
	return append(append(append(to, '\''), text...), "', "...)
}

func appendNumber(to []byte, number int64) []byte {
	return append(strconv.AppendInt(to, number, 10), ", "...)
}

// appendKey appends job type, order and line, as columns of that order.
func (l line) appendKey(to []byte) []byte {
	to = appendText(to, jobType)
	to = append(l.appendOrder(append(to, '\'')), "', "...)
	return appendText(to, lineID)
}

// appendKey appends job type, order, line and task. A pick's key is a task.
func (l leg) appendKey(to []byte) []byte {
	if l.action != model.Pick {
		return append(l.line.appendKey(to), "'', "...)
	}
	to = append(appendText(to, jobType), "'', '', '"...)
	return append(l.line.appendOrder(to), "', "...)
}

// appendReservation appends the values of one row of reservations.
func (s *site) appendReservation(to []byte, l leg, now int64) []byte {
	to = appendText(append(to, '('), s.warehouse)
	to = l.line.appendKey(appendNumber(to, l.reservation))
	to = appendNumber(appendText(to, l.sku), int64(l.line.qty()))
	to = appendNumber(appendText(to, string(model.ReservationOpen)), l.line.content())
	to = appendNumber(append(to, "'', "...), now)
	return append(strconv.AppendInt(to, now, 10), ')')
}

// appendHold appends the values of one row of holds.
func (s *site) appendHold(to []byte, l leg) []byte {
	to = appendText(append(to, '('), s.warehouse)
	to = appendNumber(appendNumber(to, l.reservation), l.row)
	to = appendNumber(append(to, "0, "...), int64(l.line.qty()))
	return append(strconv.AppendInt(to, int64(l.line.qty()), 10), ')')
}

// flowsInto is the beginning of an INSERT of flows.
func flowsInto(table string) string { return fmt.Sprintf(insertFlow, table) }

// appendFlow appends the columns of one row of flows, without brackets.
func (s *site) appendFlow(to []byte, l leg) []byte {
	applied, content := int64(0), int64(0)
	if l.number == 0 {
		applied, content = int64(l.line.qty()), l.line.content()
	}
	to = appendText(to, s.warehouse)
	to = appendNumber(appendNumber(appendNumber(to, l.commit), int64(l.pos)), l.row)
	to = append(append(to, l.rowSeq...), ", "...)
	to = l.appendKey(appendText(to, string(l.action)))
	to = appendNumber(to, int64(l.number))
	to = appendText(appendNumber(to, l.reservation), zoneCode)
	to = appendNumber(appendNumber(to, int64(l.delta.OnHand)), int64(l.delta.Reserved))
	to = append(to, "0, "...)
	for _, after := range []string{l.onHand, l.reserved, l.frozen, l.receivedOn} {
		to = append(append(to, after...), ", "...)
	}
	return strconv.AppendInt(appendNumber(to, applied), content, 10)
}

// appendCommit appends the values of one row of commits.
func (s *site) appendCommit(to []byte, id, now int64, flows int) []byte {
	to = appendText(append(to, '('), s.warehouse)
	to = appendNumber(appendNumber(appendNumber(to, id), now), int64(flows))
	return append(strconv.AppendInt(to, now, 10), ')')
}

// own leaves the amounts after the leg to the database, which knows them.
func (l leg) own(table string) leg {
	l.rowSeq, l.onHand, l.reserved, l.frozen = "row_seq", "on_hand", "reserved", "frozen"
	if l.receivedOn = "received_on"; table == binFlows {
		l.receivedOn = "''"
	}
	return l
}
