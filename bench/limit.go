package bench

import (
	"context"
	"sync/atomic"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// limitLines is how many lines Limit puts into one commit: as many as the engine at most does.
const limitLines = 1024

// limitConnections are tried; the best counts.
var limitConnections = []int{1, 2, 4}

// bulk appends the rows that the engine appends for the lines of a trace, many lines a commit, and
// decides nothing: what the database can take at best. What it appends is a valid ledger.
type bulk struct {
	db *store.DB
	*site
	// sold is how many flows each row has got here, from is how many it had before, and what
	// was reserved of it then.
	sold []atomic.Int64
	from []seen
}

func newBulk(ctx context.Context, db *store.DB, s *site) (*bulk, error) {
	b := &bulk{db: db, site: s, sold: make([]atomic.Int64, len(s.rows)),
		from: make([]seen, len(s.rows))}
	for i, row := range s.rows {
		var err error
		if b.from[i], err = (classic{db, s}).read(ctx, db.Reader(), row.id, ""); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// step appends the next lines in one commit.
func (b *bulk) step(ctx context.Context, _ *caller) (answers, error) {
	statements := b.statements()
	err := b.db.Transact(ctx, func(tx *store.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return answers{}, err
	}
	return answers{applied: limitLines}, nil
}

// The room for one row in each statement; more is allocated where it is not enough.
const (
	reservationBytes = 160
	holdBytes        = 100
	flowBytes        = 260
)

func (b *bulk) statements() []string {
	now := time.Now().UnixMicro()
	commit := b.db.NewID()
	first := b.issued.Add(limitLines) - limitLines
	reservations := append(make([]byte, 0, limitLines*reservationBytes), insertReservation...)
	holds := append(make([]byte, 0, limitLines*holdBytes), insertHold...)
	flows := append(append(make([]byte, 0, limitLines*flowBytes), flowsInto(zoneFlows)...),
		"VALUES "...)
	for i := range limitLines {
		line := b.trace.line(first + int64(i))
		row := b.rows[line.row]
		leg := b.after(reserving(leg{line: line, sku: row.sku, row: row.id,
			reservation: b.db.NewID(), commit: commit, pos: i}))
		if i > 0 {
			reservations, holds = append(reservations, ','), append(holds, ',')
			flows = append(flows, ',')
		}
		reservations = b.appendReservation(reservations, leg, now)
		holds = b.appendHold(holds, leg)
		flows = append(b.appendFlow(append(flows, '('), leg), ')')
	}
	commits := b.appendCommit([]byte(insertCommit), commit, now, limitLines)
	return []string{string(reservations), string(holds), string(flows), string(commits)}
}

// after is the leg with the amounts that it leaves of its row. Every line is for as many pieces.
func (b *bulk) after(l leg) leg {
	number := b.sold[l.line.row].Add(1)
	had := b.from[l.line.row]
	had.rowSeq += number - 1
	had.Reserved += model.Quantity(number-1) * l.line.qty()
	return had.after(l)
}

const setRow = `UPDATE zone_stocks SET reserved = ?, row_seq = ?, tick = ?, updated_at = ?
	WHERE warehouse = ? AND id = ?`

// settle brings the stock rows to what their flows say.
func (b *bulk) settle(ctx context.Context) error {
	now := time.Now().UnixMicro()
	return b.db.Transact(ctx, func(tx *store.Tx) error {
		for i, row := range b.rows {
			sold := b.sold[i].Load()
			if sold == 0 {
				continue
			}
			reserved := b.from[i].Reserved + model.Whole(sold)
			_, err := tx.Exec(ctx, setRow, reserved, b.from[i].rowSeq+sold, now, now, b.warehouse,
				row.id)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// startLimit finds, in a cell's first turn, how many connections serve it best.
func startLimit(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	bulk, err := newBulk(ctx, b.db, c.site)
	if err != nil {
		return turnOf{}, err
	}
	if c.Callers == 0 {
		best := 0.0
		for _, connections := range limitConnections {
			tried, err := closedLoop(ctx, connections, window{b.options.warmUp(),
				b.options.measured() / 2}, b.meter, bulk.step)
			if err != nil {
				return turnOf{}, err
			}
			c.site.applied.Add(tried.appliedInAll)
			if rate := tried.rate(); rate > best {
				best, c.Callers = rate, connections
			}
		}
	}
	return turnOf{step: bulk.step, end: func() error { return bulk.settle(ctx) }}, nil
}
