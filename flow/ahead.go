package flow

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// A lane works ahead. While a batch is on its way to the database, the next one is decided from
// the balances that the first will leave, and its new rows are sent on a connection of its own;
// so the database always has rows to take in, and a hot row is locked only for the moment between
// looking at it and the commit. What was foreseen is proven before it counts: the batch waits
// until the one before has landed as foreseen, locks its stock rows, and compares each with what
// it was decided from. If any differs, all is rolled back and decided anew from locked rows.

const (
	// flightsMax is how many batches of a lane are on their way at once. A third would mostly wait
	// for the second.
	flightsMax = 2
	// aheadLinesMin is how many lines must wait before a second batch sets out: what a batch costs
	// by itself is worth about that many lines.
	aheadLinesMin = 32
	// imageItemsMax bounds the items whose balances a lane remembers, at a few hundred bytes each.
	imageItemsMax = 50_000
	// landingWaitMax is how long a batch holds its keys while the one before is under way. Another
	// process may wait for such a key with the rows locked that the one before needs, which no
	// database sees as the deadlock that it is.
	landingWaitMax = time.Second
	// cautionMax is how many batches in a row a lane decides from locked rows after what it foresaw
	// has not come true, time and again: another process is at work on the same rows.
	cautionMax = 64
)

// errUnforeseen sends a batch back to be decided from locked rows.
var errUnforeseen = errors.New("the rows are not what the batch was decided from")

// flight is a batch on its way.
type flight struct {
	book *Book
	done chan struct{}
	// asForeseen: what was decided ahead is what was committed. Read it when done.
	asForeseen bool
}

// siteItem is an item in a warehouse.
type siteItem struct {
	warehouse string
	item      model.Item
}

// pilot sends a lane's batches on their way, one after the other.
type pilot struct {
	engine *Engine
	lane   *lane
	last   *flight
	// image is what the items' tier-2 rows will be when the last batch has landed.
	image map[siteItem][]*StockRow
	// lost: a batch did not land as foreseen, so that the image is worth nothing.
	lost atomic.Bool
	// cautious counts the batches still to be decided from locked rows, and caution how many they
	// were the last time.
	cautious, caution int
}

func newPilot(engine *Engine, lane *lane) *pilot {
	return &pilot{engine: engine, lane: lane, image: map[siteItem][]*StockRow{}}
}

// fly commits a batch of one warehouse and answers it, ahead where that may be.
func (p *pilot) fly(groups []*group) {
	if p.lost.Load() {
		p.wait()
		p.becomeCautious()
	}
	if p.mayForesee(groups) {
		if book := p.foresee(groups); book != nil {
			before := p.last
			p.last = &flight{book: book, done: make(chan struct{})}
			p.lane.setOut()
			go p.land(p.last, before, groups)
			return
		}
	}
	p.wait()
	p.forget(groups)
	p.engine.settle(groups, nil, nil)
}

// wait returns when nothing is on its way.
func (p *pilot) wait() {
	if p.last != nil {
		<-p.last.done
		p.last = nil
	}
}

// land writes a batch that was decided ahead.
func (p *pilot) land(this, before *flight, groups []*group) {
	defer p.lane.landed()
	defer close(this.done)
	p.engine.settle(groups, this, before)
	if !this.asForeseen {
		p.lost.Store(true)
	}
}

// becomeCautious forgets what was foreseen, and looks first for a while: longer each time, until
// something comes true again.
func (p *pilot) becomeCautious() {
	clear(p.image)
	p.lost.Store(false)
	p.caution = min(max(1, 2*p.caution), cautionMax)
	p.cautious = p.caution
}

// forget drops the items of movements that are decided elsewhere. One that names a reservation
// may be of any item.
func (p *pilot) forget(groups []*group) {
	for _, movement := range allMovements(groups) {
		if !movement.Needs.itemsOnly() {
			clear(p.image)
			return
		}
		for _, item := range movement.Needs.Items {
			delete(p.image, siteItem{movement.Key.Warehouse, item})
		}
	}
}

// mayForesee says whether a batch can be decided from the tier-2 rows of its items alone. Keys
// that are on their way must be on no second one: their transactions would wait for each other
// where the database cannot see it.
func (p *pilot) mayForesee(groups []*group) bool {
	if p.engine.db.Dialect() == store.SQLite {
		return false // it has one writer, who cannot be overtaken
	}
	for _, movement := range allMovements(groups) {
		if !movement.Needs.itemsOnly() || p.last != nil && p.last.book.keys[movement.Key] {
			return false
		}
	}
	if p.cautious > 0 {
		p.cautious--
		return false
	}
	if p.last != nil && p.caution > 0 {
		select {
		case <-p.last.done:
			p.caution = 0
		default:
		}
	}
	return true
}

// itemsOnly says that tier-2 rows are all that is needed.
func (n *Needs) itemsOnly() bool {
	return len(n.Items) > 0 && len(n.Bins) == 0 && n.StagingOf == "" && !n.FreeBins &&
		len(n.Reservations) == 0 && n.Task == 0 && len(n.Enters) == 0 && n.WholeBin == "" &&
		!n.CountTasks && n.PinsIn == "" && n.Departed == nil
}

// foresee decides a batch from what the lane remembers, or reads without locks. nil means that
// this did not go well, whatever the reason: then the rows are locked first, as usual.
func (p *pilot) foresee(groups []*group) (book *Book) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeMax)
	defer cancel()
	defer func() {
		if recover() != nil {
			book = nil
		}
	}()
	b := newBook(p.engine, p.engine.db.Reader(), groups[0].warehouse(), p.engine.db.NewID())
	movements := allMovements(groups)
	b.keys = make(map[model.Key]bool, len(movements))
	for _, movement := range movements {
		b.keys[movement.Key] = true
	}
	if p.engine.replays.expected() && b.lookUpKeys(ctx, movements) != nil {
		return nil
	}
	needs := gather(b.notYetDone(movements))
	needs.addSKUs(movements)
	b.foreseen = sortedItems(needs.items)
	if p.readRows(ctx, b) != nil || b.loadBatches(ctx, needs) != nil ||
		b.loadMasters(ctx, needs) != nil {
		return nil
	}
	b.decide(groups)
	b.number()
	p.remember(b)
	return b
}

// readRows puts the items' rows into the book: from memory where the lane knows them.
func (p *pilot) readRows(ctx context.Context, b *Book) error {
	unknown := needed{items: map[model.Item]bool{}}
	for _, item := range b.foreseen {
		rows, known := p.image[siteItem{b.warehouse, item}]
		if !known {
			unknown.items[item] = true
		}
		for _, row := range rows {
			copied := *row
			b.addZoneRow(&copied)
		}
	}
	return b.lockZoneRows(ctx, &unknown)
}

// remember keeps the items' rows as this batch leaves them.
func (p *pilot) remember(b *Book) {
	if len(p.image) > imageItemsMax {
		clear(p.image)
	}
	for _, item := range b.foreseen {
		rows := make([]*StockRow, len(b.zonesOf[item]))
		for i, row := range b.zonesOf[item] {
			left := *row
			if left.dirty {
				left.tick, left.dirty = b.tick, false
			}
			rows[i] = &left
		}
		p.image[siteItem{b.warehouse, item}] = rows
	}
}

// prove makes what was foreseen true, or sends the batch back: the batch before has landed as
// foreseen, and the rows, locked now, are those that this one was decided from.
func (b *Book) prove(ctx context.Context, before *flight) error {
	if before != nil {
		select {
		case <-before.done:
		case <-time.After(landingWaitMax):
			return store.Redo(errUnforeseen)
		}
		if !before.asForeseen {
			return store.Redo(errUnforeseen)
		}
	}
	count := 0
	for _, items := range chunks(b.foreseen, chunkKeys) {
		statement, args := sqlProveZoneRows(b.dialect, b.lock, b.warehouse, items)
		err := scanRows(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var id, rowSeq int64
			if err := rows.Scan(&id, &rowSeq); err != nil {
				return err
			}
			row := b.rows[id]
			if row == nil || row.loadedSeq != rowSeq {
				return store.Redo(errUnforeseen)
			}
			count++
			return nil
		})
		if err != nil {
			return err
		}
	}
	if count != len(b.rows) {
		return store.Redo(errUnforeseen)
	}
	return nil
}
