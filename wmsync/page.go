package wmsync

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// plansMax is how often a part of a page is planned anew because what it rested on had moved.
const plansMax = 5

// errPlanAgain: what a plan rested on is otherwise under the locks.
var errPlanAgain = errors.New("what was read has changed meanwhile; the items are planned again")

// item is one change that is being applied.
type item struct {
	Change

	// warehouse is ours, "" for what is no warehouse's; key what the item is about, in our words.
	warehouse, key string
	about          model.Item // the article, for people who look for it
	articles       []string   // all that it names
	data           any        // as its stream reads it
	fault          string     // what is wrong with it by itself
	// letter is the dead letter that this is, 0 for none, which stands under letterSite.
	letter     int64
	letterSite string
	// ofSnapshot: it is a row of a snapshot, which was asked for of this warehouse of theirs.
	ofSnapshot bool
	askedOf    string
	// isRead: its data has been read. ours: its key and warehouse are ours already. isLost: nobody
	// knows in which warehouse it is. isOld: another warehouse knows a newer one.
	isRead, ours, isLost, isOld bool

	planned
}

// planned is what is to be done for an item.
type planned struct {
	sets [][]*flow.Movement
	// after judges what the movements came to, and writes what belongs to them; fault is why the
	// item is dead. It may be nil.
	after func(ctx context.Context, tx *store.Tx, verdicts []model.Result) (fault string, err error)
	// keep is what is kept of the item's key from now on; whether dead or not, where evenDead.
	keep     *state
	evenDead bool
}

// state is what a system said last of a key.
type state struct {
	Version int64
	Gone    bool
	Data    string
	known   bool
}

// taker takes the items of one kind of stream.
type taker interface {
	// read reads an item's data and finds its warehouse, key and article.
	read(ctx context.Context, p *puller, it *item) error
	// plan says what is to be done for items of one warehouse, whose keys' states are given.
	plan(ctx context.Context, p *puller, warehouse string, items []*item,
		states map[string]state) error
}

func takerOf(stream Stream) taker {
	switch stream {
	case SKUs:
		return skuTaker{}
	case Inbound:
		return noticeTaker{}
	case Orders:
		return orderTaker{}
	}
	return stockTaker{}
}

// part is items of one warehouse that are applied in one transaction.
type part struct {
	warehouse string
	items     []*item
}

// read reads what has not been read of the items' data. What is wrong with an item is its fault.
func (p *puller) read(ctx context.Context, items []*item) error {
	for _, it := range items {
		if it.isRead || it.fault != "" {
			continue
		}
		if err := takerOf(p.stream).read(ctx, p, it); err != nil {
			it.fault = err.Error()
		} else if it.OccurredAt.After(p.began.Time().Add(clockSkewMax)) {
			it.fault = "occurredAt is in the future"
		}
		it.isRead = true
	}
	placeDeletes(items)
	return ctx.Err()
}

// parts sorts items by warehouse, each part in the order in which they came.
func parts(items []*item) []part {
	var parts []part
	open, lines := map[string]int{}, map[string]int{}
	for _, it := range items {
		at, isOpen := open[it.warehouse]
		lines[it.warehouse] += len(it.articles)
		if !isOpen || len(parts[at].items) == commitItems || lines[it.warehouse] > commitLines {
			at = len(parts)
			open[it.warehouse], lines[it.warehouse] = at, len(it.articles)
			parts = append(parts, part{warehouse: it.warehouse})
		}
		parts[at].items = append(parts[at].items, it)
	}
	return parts
}

// batch is a part with its plan, and what came of it.
type batch struct {
	*puller
	part
	live   []*item // those that something is to be done for
	fresh  []*item // those that the inbox does not know
	states map[string]state
	faults map[*item]string
}

// plan reads what a part's items rest on and says what is to be done for each.
func (p *puller) plan(ctx context.Context, part part) (*batch, error) {
	b := &batch{puller: p, part: part}
	if err := b.leaveOutKnown(ctx); err != nil {
		return nil, err
	}
	var keys []string
	for _, it := range b.fresh {
		it.planned = planned{}
		if it.fault == "" && it.key != "" {
			keys = append(keys, it.key)
		}
	}
	var err error
	if b.states, err = p.readStates(ctx, part.warehouse, keys); err != nil {
		return nil, err
	}
	b.live = newest(b.fresh, b.states)
	if len(b.live) == 0 {
		return b, nil
	}
	return b, takerOf(p.stream).plan(ctx, p, part.warehouse, b.live, b.states)
}

// leaveOutKnown leaves out what the inbox has, and what the page has twice.
func (b *batch) leaveOutKnown(ctx context.Context) error {
	known := map[string]bool{}
	var asked []any
	for _, it := range b.items {
		if it.letter == 0 && !it.ofSnapshot {
			asked = append(asked, it.ID)
		}
	}
	if len(asked) > 0 {
		args := append([]any{b.warehouse, b.Name, b.stream}, asked...)
		err := store.EachRow(ctx, b.db.Reader(), `SELECT item FROM sync_inbox WHERE warehouse = ?
			AND system = ? AND stream = ? AND item IN (`+store.InList(len(asked))+`)`, args,
			func(rows *sql.Rows) error {
				var id string
				err := rows.Scan(&id)
				known[id] = true
				return err
			})
		if err != nil {
			return err
		}
	}
	for _, it := range b.items {
		if it.letter == 0 && !it.ofSnapshot {
			if known[it.ID] {
				continue
			}
			known[it.ID] = true
		}
		b.fresh = append(b.fresh, it)
	}
	return nil
}

// newest are the items that something is to be done for: of each key the last that says something
// new, as if they were applied one by one, and all that have none, or are deltas.
func newest(items []*item, states map[string]state) (live []*item) {
	last, now := map[string]*item{}, maps.Clone(states)
	for _, it := range items {
		if is := now[it.key]; it.isOfKey() && it.isNews(is) {
			last[it.key] = it
			now[it.key] = state{Version: max(is.Version, it.Version), Gone: it.Op == Delete, known: true}
		}
	}
	for _, it := range items {
		if it.fault == "" && !it.isOld && (!it.isOfKey() || last[it.key] == it) {
			live = append(live, it)
		}
	}
	return live
}

// isOfKey says whether an item tells how what its key names is.
func (it *item) isOfKey() bool {
	return it.fault == "" && !it.isOld && it.Op != Delta && it.key != ""
}

// isNews says whether an item is newer than what is known of its key, or has no version to tell. A
// delete may be of the version that it deletes, and a letter that is tried again of the one that is
// known.
func (it *item) isNews(is state) bool {
	return !is.known || it.Version == 0 || it.Version > is.Version ||
		it.Version == is.Version && (it.letter != 0 || it.Op == Delete && !is.Gone)
}

// readStates reads what the system said last of each key.
func (p *puller) readStates(ctx context.Context, warehouse string, keys []string) (
	map[string]state, error) {
	states := map[string]state{}
	if len(keys) == 0 {
		return states, nil
	}
	args := []any{warehouse, p.Name, p.stream}
	for _, key := range keys {
		args = append(args, key)
	}
	err := store.EachRow(ctx, p.db.Reader(), `SELECT item_key, version, gone, data FROM sync_items
		WHERE warehouse = ? AND system = ? AND stream = ? AND item_key IN (`+
		store.InList(len(keys))+`)`, args, func(rows *sql.Rows) error {
		var key string
		is := state{known: true}
		err := rows.Scan(&key, &is.Version, &is.Gone, &is.Data)
		states[key] = is
		return err
	})
	return states, err
}

func (b *batch) sets() (sets [][]*flow.Movement) {
	for _, it := range b.live {
		sets = append(sets, it.sets...)
	}
	return sets
}

// finish writes what belongs to the movements, now that they are decided.
func (b *batch) finish(ctx context.Context, tx *store.Tx, verdicts []model.Result) error {
	b.faults = map[*item]string{}
	for _, it := range b.fresh {
		if it.fault != "" {
			b.faults[it] = it.fault
		}
	}
	for _, it := range b.live {
		count := 0
		for _, set := range it.sets {
			count += len(set)
		}
		own := verdicts[:count]
		verdicts = verdicts[count:]
		if it.after == nil {
			continue
		}
		fault, err := it.after(ctx, tx, own)
		if err != nil {
			return err
		}
		if fault != "" {
			b.faults[it] = fault
		}
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	for _, write := range []func(context.Context, *store.Tx, model.Instant) error{
		b.writeInbox, b.writeStates, b.writeLetters} {
		if err := write(ctx, tx, now); err != nil {
			return err
		}
	}
	return nil
}

// applied and died count what came of the part.
func (b *batch) applied() int { return len(b.fresh) - b.died() }

func (b *batch) died() int { return len(b.faults) }

// inboxRow is a row of sync_inbox.
type inboxRow struct {
	Warehouse, System string
	Stream            Stream
	Item              string
	AppliedAt         model.Instant
}

func (b *batch) writeInbox(_ context.Context, tx *store.Tx, now model.Instant) error {
	var rows []inboxRow
	for _, it := range b.fresh {
		if it.letter == 0 && !it.ofSnapshot {
			rows = append(rows, inboxRow{b.warehouse, b.Name, b.stream, it.ID, now})
		}
	}
	return insert(tx, "sync_inbox", rows)
}

// itemRow is a row of sync_items.
type itemRow struct {
	Warehouse, System string
	Stream            Stream
	ItemKey           string
	Version           int64
	Gone              bool
	Data              string
	UpdatedAt         model.Instant
}

func (b *batch) writeStates(ctx context.Context, tx *store.Tx, now model.Instant) error {
	var rows []itemRow
	args := []any{b.warehouse, b.Name, b.stream}
	for _, it := range b.live {
		if it.keep == nil || b.faults[it] != "" && !it.evenDead {
			continue
		}
		rows = append(rows, itemRow{b.warehouse, b.Name, b.stream, it.key,
			max(it.keep.Version, b.states[it.key].Version), it.keep.Gone, it.keep.Data, now})
		args = append(args, it.key)
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `DELETE FROM sync_items WHERE warehouse = ? AND system = ? AND stream = ?
		AND item_key IN (`+store.InList(len(rows))+`)`, args...)
	if err != nil {
		return err
	}
	return insertLarge(tx, "sync_items", rows, func(row *itemRow) int { return len(row.Data) })
}

// insert writes rows of a table, if there are any; a taken key is store.ErrDuplicate.
func insert[T any](tx *store.Tx, table string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Gorm().Table(table).CreateInBatches(rows, commitItems).Error
}

// insertLarge is insert for rows with a text that may be large: no statement has more of them than
// a server takes at once.
func insertLarge[T any](tx *store.Tx, table string, rows []T, size func(*T) int) error {
	for len(rows) > 0 {
		count, bytes := 1, size(&rows[0])
		for count < len(rows) && bytes+size(&rows[count]) <= insertBytesMax {
			bytes += size(&rows[count])
			count++
		}
		if err := insert(tx, table, rows[:count]); err != nil {
			return err
		}
		rows = rows[count:]
	}
	return nil
}

// encoded is a value as JSON text.
func encoded(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
