package flow

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Book is the working set of one batch: the locked rows with their running balances, and what
// the batch will write. Lines are decided on it one after the other, each seeing those before.
type Book struct {
	engine    *Engine
	tx        *store.Tx
	q         store.Queryer
	lock      string
	dialect   store.Dialect
	warehouse string
	commitID  int64
	// attempts are earlier ones of the same batch whose COMMIT had no answer.
	attempts []*Book
	View     *master.View
	// inserts are what add has not sent yet.
	inserts script
	// tick is the commit's place in time; see number.
	tick int64
	// rehearsed: what was decided was rolled back.
	rehearsed bool
	// looksFirst: keys are looked up before anything is decided.
	looksFirst bool
	// foreseen is what a batch that was decided ahead needs, and done are the keys known after it.
	foreseen *needed
	done     map[model.Key]known

	known        map[model.Key]known
	zones        map[model.ZoneStockKey]*StockRow
	bins         map[model.BinStockKey]*StockRow
	rows         map[int64]*StockRow
	zonesOf      map[model.Item][]*StockRow
	binsOf       map[model.Item][]*StockRow
	batches      map[batchKey]*batchRow
	reservations map[model.LineKey]*Reservation
	reserved     map[int64]*Reservation
	tasks        map[int64]*Task
	closedBins   map[string]bool
	enteredBins  []string
	closing      []Repair
	departures   map[model.Key]*Departure
	holdersOf    map[heldRow]string
	// places are forgotten when a bin row comes or goes.
	places map[*StockRow][]place

	effects []*Effect
	undo    []undo
	// outcomes are those of each group's movements, in the order of the groups.
	outcomes [][]outcome
	flows    int
	// content is where movements' contents are encoded, one after the other.
	content Content
}

// StockRow is a locked row of either tier with its running balance. Bin is "" in tier 2,
// ReceivedOn in tier 3.
type StockRow struct {
	ID          int64
	Tier        model.Tier
	Zone, Bin   string
	Item        model.Item
	Batch, Pack string
	model.Amounts
	ReceivedOn model.Date
	Version    int64

	updatedAt    model.Instant
	rowSeq, tick int64
	isNew, dirty bool
	// stored is the row as it was read.
	stored rowState
}

type batchKey struct {
	item model.Item
	code string
}

type batchRow struct {
	model.Batch
	isNew, dirty bool
}

// known is an effect that this key already has.
type known struct {
	content     int64
	applied     model.Quantity
	shortage    model.Quantity
	reservation int64
	cancelled   bool
	// archived: its flows are in files, and with them what it did.
	archived bool
	// writtenBy is the commit that wrote it or, of an effect without legs, when it was written.
	writtenBy int64
	// here: by an earlier line of this very batch.
	here bool
}

// outcome is what was decided of one line; exactly one of effect, replay and err is set.
type outcome struct {
	effect *Effect
	replay *known
	err    error
	// looked is what a refused line had looked at, and decidedBy what looked.
	looked    []model.Candidate
	decidedBy string
}

// newBook is an empty working set. Without a transaction it only looks, and locks nothing.
func newBook(engine *Engine, q store.Queryer, warehouse string, commitID int64) *Book {
	tx, _ := q.(*store.Tx)
	lock := ""
	if tx != nil {
		lock = tx.ForUpdate()
	}
	return &Book{engine: engine, tx: tx, q: q, lock: lock, warehouse: warehouse,
		commitID: commitID, dialect: engine.db.Dialect(),
		known:        map[model.Key]known{},
		zones:        map[model.ZoneStockKey]*StockRow{},
		bins:         map[model.BinStockKey]*StockRow{},
		rows:         map[int64]*StockRow{},
		zonesOf:      map[model.Item][]*StockRow{},
		binsOf:       map[model.Item][]*StockRow{},
		batches:      map[batchKey]*batchRow{},
		reservations: map[model.LineKey]*Reservation{},
		reserved:     map[int64]*Reservation{},
		tasks:        map[int64]*Task{},
		departures:   map[model.Key]*Departure{},
		holdersOf:    map[heldRow]string{},
		places:       map[*StockRow][]place{},
		closedBins:   map[string]bool{},
	}
}

// decide judges every line of every group in arrival order.
func (b *Book) decide(groups []*group) {
	count := 0
	for _, group := range groups {
		count += len(group.movements)
	}
	all := make([]outcome, count)
	b.outcomes = make([][]outcome, len(groups))
	b.effects = make([]*Effect, 0, count)
	for g, group := range groups {
		mark := b.mark()
		outcomes := all[:len(group.movements):len(group.movements)]
		all = all[len(group.movements):]
		failed := false
		for i, movement := range group.movements {
			outcomes[i] = b.decideOne(movement)
			failed = failed || outcomes[i].err != nil
		}
		if failed {
			b.rollBack(mark)
			skipOthers(outcomes)
		}
		b.outcomes[g] = outcomes
	}
}

// skipOthers: nothing was wrong with these lines, but their call writes nothing.
func skipOthers(outcomes []outcome) {
	for i := range outcomes {
		if outcomes[i].effect != nil {
			outcomes[i] = outcome{err: Refuse(model.Skipped, "",
				"another line, without which this one is not to be done, failed; nothing was written")}
		}
	}
}

func (b *Book) decideOne(movement *Movement) outcome {
	if movement.preset != nil {
		return outcome{err: movement.preset}
	}
	if b.View == nil {
		return outcome{err: Refuse(model.NotFound, "warehouse", "there is no warehouse "+
			movement.Key.Warehouse)}
	}
	content := b.content.hashOf(movement, b.View)
	if before, ok := b.known[movement.Key]; ok {
		if r := b.reserved[before.reservation]; r != nil && movement.SameAs != nil &&
			movement.SameAs(r, b.View) {
			content = before.content
		}
		return replayOf(before, content)
	}
	mark := b.mark()
	effect := &Effect{Book: b, Movement: movement, content: content}
	if err := effect.decide(); err != nil {
		b.rollBack(mark)
		for i := range effect.Explanation {
			if looked := &effect.Explanation[i]; looked.Taken > 0 {
				looked.Taken, looked.Skipped = 0, skipFew
			}
		}
		return outcome{err: err, looked: effect.Explanation, decidedBy: effect.DecidedBy}
	}
	b.effects = append(b.effects, effect)
	b.known[movement.Key] = known{here: true, content: content, applied: effect.Applied,
		shortage: effect.Shortage, reservation: effect.reservationID()}
	return outcome{effect: effect}
}

func replayOf(before known, content int64) outcome {
	switch {
	case before.archived:
		return outcome{err: refuseArchived("key", "use a new key or a higher revision")}
	case before.cancelled:
		return outcome{err: Refuse(model.Cancelled, "key",
			"a release for this line came first; raise the revision to ask again")}
	case before.content != content:
		return outcome{err: Refuse(model.KeyConflict, "key",
			"this key was used for another content; use a new key or a higher revision")}
	}
	return outcome{replay: &before}
}

// decide runs the verb; a panic in it is an error of this line alone.
func (e *Effect) decide() (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic deciding %v: %v\n%s", e.Movement.Key, cause, debug.Stack())
		}
	}()
	if err := e.Movement.Decide(e); err != nil {
		return err
	}
	return e.close()
}

// addZoneRow and addBinRow put a row into the working set's look-ups.
func (b *Book) addZoneRow(row *StockRow) {
	row.stored = row.state()
	b.zones[model.ZoneStockKey{Warehouse: b.warehouse, Zone: row.Zone, Owner: row.Item.Owner,
		SKU: row.Item.SKU, Batch: row.Batch, Pack: row.Pack}] = row
	b.rows[row.ID] = row
	b.zonesOf[row.Item] = append(b.zonesOf[row.Item], row)
}

func (b *Book) addBinRow(row *StockRow) {
	key := row.binKey(b.warehouse)
	if _, twice := b.bins[key]; twice {
		return
	}
	row.stored = row.state()
	clear(b.places)
	b.bins[key] = row
	b.rows[row.ID] = row
	b.binsOf[row.Item] = append(b.binsOf[row.Item], row)
}

func (r *StockRow) binKey(warehouse string) model.BinStockKey {
	return model.BinStockKey{Warehouse: warehouse, Bin: r.Bin, Owner: r.Item.Owner,
		SKU: r.Item.SKU, Batch: r.Batch, Pack: r.Pack}
}

// ZoneRow is the tier-2 row of that key, made if it is missing.
func (b *Book) ZoneRow(key model.ZoneStockKey) *StockRow {
	if row, ok := b.zones[key]; ok {
		return row
	}
	row := &StockRow{ID: b.engine.db.NewID(), Tier: model.ZoneTier, Zone: key.Zone,
		Item: key.Item(), Batch: key.Batch, Pack: key.Pack, isNew: true}
	b.addZoneRow(row)
	b.onUndo(func() {
		delete(b.zones, key)
		b.forget(row, b.zonesOf)
	})
	return row
}

// BinRow is the tier-3 row of that key, made if it is missing. The bin must be known.
func (b *Book) BinRow(key model.BinStockKey) *StockRow {
	if row, ok := b.bins[key]; ok {
		return row
	}
	bin, _ := b.View.Bin(key.Bin)
	row := &StockRow{ID: b.engine.db.NewID(), Tier: model.BinTier, Zone: bin.Zone, Bin: key.Bin,
		Item: key.Item(), Batch: key.Batch, Pack: key.Pack, isNew: true}
	b.addBinRow(row)
	b.onUndo(func() {
		delete(b.bins, key)
		b.forget(row, b.binsOf)
	})
	return row
}

func (b *Book) forget(row *StockRow, of map[model.Item][]*StockRow) {
	delete(b.rows, row.ID)
	clear(b.places)
	of[row.Item] = of[row.Item][:len(of[row.Item])-1]
}

// ZoneRows are the item's tier-2 rows.
func (b *Book) ZoneRows(item model.Item) []*StockRow { return b.zonesOf[item] }

// Above is the tier-2 row over a bin row, made if it is missing.
func (b *Book) Above(row *StockRow) *StockRow {
	return b.ZoneRow(row.binKey(b.warehouse).InZone(row.Zone))
}

// BinsBelow are the loaded tier-3 rows under a tier-2 row.
func (b *Book) BinsBelow(row *StockRow) []*StockRow {
	var below []*StockRow
	for _, candidate := range b.binsOf[row.Item] {
		if candidate.Zone == row.Zone && candidate.Batch == row.Batch &&
			candidate.Pack == row.Pack {
			below = append(below, candidate)
		}
	}
	return below
}

// Blocked says whether a bin is closed, by this batch's own doing or as stored.
func (b *Book) Blocked(code string) bool {
	if closed, ok := b.closedBins[code]; ok {
		return closed
	}
	bin, _ := b.View.Bin(code)
	return bin.Blocked
}

// SetBlocked closes or opens a bin with this batch.
func (b *Book) SetBlocked(code string, closed bool) {
	before, had := b.closedBins[code]
	b.closedBins[code] = closed
	b.onUndo(func() {
		if had {
			b.closedBins[code] = before
		} else {
			delete(b.closedBins, code)
		}
	})
}

// RowsIn are the loaded rows in a bin, in the order of their ids.
func (b *Book) RowsIn(bin string) (rows []*StockRow) {
	for _, row := range b.bins {
		if row.Bin == bin {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(one, other *StockRow) int { return cmp.Compare(one.ID, other.ID) })
	return rows
}
