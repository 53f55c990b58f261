package flow

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
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
	lane *lane
	once sync.Once
	done chan struct{}
	// lost ends when what was decided ahead has not come true, and never otherwise. The next flight,
	// which was decided from it, must let its keys go at once: this one is about to send its own a
	// second time, and the database locks a key's neighbour too where it looks for duplicates.
	lost context.Context //nolint:containedctx // it is a signal that can be given twice
	lose context.CancelFunc
	// asForeseen: what was decided ahead is what was committed. Read it when done.
	asForeseen bool
}

func newFlight(book *Book, lane *lane) *flight {
	f := &flight{book: book, lane: lane, done: make(chan struct{})}
	f.lost, f.lose = context.WithCancel(context.Background())
	return f
}

// land ends a flight, once. Its callers are answered after that.
func (f *flight) land(asForeseen bool) {
	f.once.Do(func() {
		f.asForeseen = asForeseen
		close(f.done)
		f.lane.landed()
	})
}

// siteItem is an item in a warehouse.
type siteItem struct {
	warehouse string
	item      model.Item
}

// memory is an item's tier-2 rows as a batch has left them, and that batch's tick. Nobody changes
// them any more: who goes on from them takes a copy.
type memory struct {
	rows []*StockRow
	tick int64
}

// pilot sends a lane's batches on their way, one after the other.
type pilot struct {
	engine *Engine
	lane   *lane
	last   *flight
	// image is what the items' tier-2 rows will be when the last batch has landed.
	image map[siteItem]memory
	// lost: a batch did not land as foreseen, so that the image is worth nothing.
	lost atomic.Bool
	// cautious counts the batches still to be decided from locked rows, and caution how many they
	// were the last time.
	cautious, caution int
}

func newPilot(engine *Engine, lane *lane) *pilot {
	return &pilot{engine: engine, lane: lane, image: map[siteItem]memory{}}
}

// fly commits a batch of one warehouse and answers it, ahead where that may be.
func (p *pilot) fly(groups []*group) {
	if p.lost.Load() {
		p.wait()
		p.becomeCautious()
	}
	if p.last != nil && p.last.book.warehouse != groups[0].warehouse() {
		p.wait() // of two flights the second must know all of the first
	}
	movements := allMovements(groups)
	if p.mayForesee(movements) {
		if book := p.foresee(groups, movements); book != nil {
			before := p.last
			p.last = newFlight(book, p.lane)
			p.lane.setOut()
			p.engine.running.Add(1)
			go p.take(p.last, before, groups)
			return
		}
	}
	p.wait()
	clear(p.image)
	p.engine.settle(groups, nil, nil)
}

// wait returns when nothing is on its way.
func (p *pilot) wait() {
	if p.last != nil {
		<-p.last.done
		p.last = nil
	}
}

// take writes a batch that was decided ahead, and answers it.
func (p *pilot) take(this, before *flight, groups []*group) {
	defer p.engine.running.Done()
	p.engine.settle(groups, this, before)
	this.land(false)
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

// mayForesee says whether a batch can be decided before it is locked. A reservation that is on its
// way must be on no second one.
func (p *pilot) mayForesee(movements []*Movement) bool {
	if p.engine.db.Dialect() == store.SQLite {
		return false // it has one writer, who cannot be overtaken
	}
	before := p.inFlight()
	if before != nil && before.book.makesPlace() {
		return false
	}
	for _, movement := range movements {
		if !movement.Needs.foreseeable() || before != nil && before.meets(movement) {
			return false
		}
	}
	if p.cautious > 0 {
		p.cautious--
		return false
	}
	if p.last != nil && before == nil {
		p.caution = 0
	}
	return true
}

// inFlight is the last batch, while it has not landed.
func (p *pilot) inFlight() *flight {
	if p.last == nil {
		return nil
	}
	select {
	case <-p.last.done:
		return nil
	default:
		return p.last
	}
}

// meets says whether a movement has a reservation in common with what is on its way.
func (f *flight) meets(movement *Movement) bool {
	return slices.ContainsFunc(movement.Needs.Reservations, func(line model.LineKey) bool {
		return f.book.reservations[line] != nil
	})
}

// makesPlace says whether the batch makes or changes more than rows, promises and tasks.
func (b *Book) makesPlace() bool {
	if len(b.closedBins) > 0 {
		return true
	}
	for _, row := range b.rows {
		if row.isNew {
			return true
		}
	}
	for _, batch := range b.batches {
		if batch.isNew || batch.dirty {
			return true
		}
	}
	return false
}

// foreseeable says that nothing is needed but rows, bins and reservations by their keys.
func (n *Needs) foreseeable() bool {
	return n.Task == 0 && n.WholeBin == "" && !n.CountTasks && n.PinsIn == "" &&
		n.Departed == nil && n.Work == nil
}

// foresee decides a batch from what the lane remembers, or reads without locks. nil means that
// this did not go well, whatever the reason: then the rows are locked first, as usual.
func (p *pilot) foresee(groups []*group, movements []*Movement) (book *Book) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeMax)
	defer cancel()
	defer func() {
		if recover() != nil {
			book = nil
		}
	}()
	b := newBook(p.engine, p.engine.db.Reader(), groups[0].warehouse(), p.engine.db.NewID())
	before := p.inFlight()
	b.looksFirst = p.engine.replays.expected()
	if b.lookUpKeys(ctx, b.toLookUp(movements)) != nil {
		return nil
	}
	b.overlayKeys(before, movements)
	needs := gather(b.notYetDone(movements))
	needs.addSKUs(movements)
	needs.addCompared(b.known, movements)
	b.foreseen = needs
	for _, step := range []func(context.Context, *needed) error{b.findStaging, b.lockReservations,
		b.lockBins, p.rowsOf(b), b.lockBinRows, b.overlay(before), b.loadPins, b.loadBatches,
		b.loadMasters} {
		if step(ctx, needs) != nil {
			return nil
		}
	}
	if b.lookUpArchived(ctx, movements, nil) != nil {
		return nil
	}
	b.decide(groups)
	needs.dropNew(b.reservations)
	b.number()
	b.done = maps.Clone(b.known)
	p.remember(b)
	return b
}

// dropNew: a reservation that the batch makes is not there to be locked; should another process
// make it first, its key tells.
func (n *needed) dropNew(reservations map[model.LineKey]*Reservation) {
	for line, r := range reservations {
		if r.isNew {
			delete(n.reservations, line)
		}
	}
}

// overlayKeys sees what the batch on its way does as done: a key of it is a replay here, and is not
// sent a second time. Two transactions with one key would wait for each other where the database
// cannot see it.
func (b *Book) overlayKeys(before *flight, movements []*Movement) {
	if before == nil {
		return
	}
	for _, movement := range movements {
		if record, done := before.book.done[movement.Key]; done {
			b.known[movement.Key] = record
		}
	}
}

// rowsOf puts the items' tier-2 rows into the book: from memory where the lane knows them.
func (p *pilot) rowsOf(b *Book) func(context.Context, *needed) error {
	return func(ctx context.Context, needs *needed) error {
		unknown := needed{items: map[model.Item]bool{}}
		for item := range needs.items {
			left, known := p.image[siteItem{b.warehouse, item}]
			if !known {
				unknown.items[item] = true
			}
			for _, row := range left.rows {
				if row.isNew && row.rowSeq == 0 {
					continue // made for a line that did not use it, and never written
				}
				copied := *row
				copied.isNew = false
				if row.dirty {
					copied.tick, copied.dirty = left.tick, false
				}
				b.addZoneRow(&copied)
			}
		}
		return b.lockZoneRows(ctx, &unknown)
	}
}

// overlay sees the tier-3 rows as the batch that is on its way will leave them.
func (b *Book) overlay(before *flight) func(context.Context, *needed) error {
	return func(_ context.Context, needs *needed) error {
		if before == nil {
			return nil
		}
		for id, left := range before.book.rows {
			if left.Tier != model.BinTier || !left.dirty || !needs.items[left.Item] {
				continue
			}
			row := b.rows[id]
			if row == nil {
				if !needs.freeBins[left.Item] || left.OnHand == 0 {
					continue
				}
				row = &StockRow{ID: id, Tier: left.Tier, Zone: left.Zone, Bin: left.Bin,
					Item: left.Item, Batch: left.Batch, Pack: left.Pack}
				b.addBinRow(row)
			}
			if row.rowSeq < left.rowSeq {
				row.become(left, before.book.tick)
			}
		}
		return nil
	}
}

// become makes a row what another batch leaves of it.
func (r *StockRow) become(left *StockRow, tick int64) {
	r.restore(left.state())
	r.tick, r.dirty = tick, false
	r.stored = r.state()
}

// remember keeps the items' tier-2 rows as this batch leaves them.
func (p *pilot) remember(b *Book) {
	if len(p.image) > imageItemsMax {
		clear(p.image)
	}
	for item := range b.foreseen.items {
		p.image[siteItem{b.warehouse, item}] = memory{b.zonesOf[item], b.tick}
	}
}
