package flow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// heldBy is a refusal that names who holds the row.
type heldBy struct {
	model.Refusal
	held heldRow
}

// heldRow is a row that others hold than the reservation that asks, 0 for none.
type heldRow struct {
	tier        model.Tier
	row, except int64
}

// RefuseHeld refuses because others hold the row; the answer names them. except is the
// reservation that asks, nil for none.
func RefuseHeld(code model.Code, field, message string, row *StockRow, except *Reservation) error {
	refusal := &heldBy{Refusal: model.Refusal{Code: code, Field: field, Message: message},
		held: heldRow{tier: row.Tier, row: row.ID}}
	if except != nil {
		refusal.held.except = except.ID
	}
	return refusal
}

// answer fills each group's results: effects from the commit itself, so that what has landed is
// told whatever fails now; replays from what is stored. Nobody waits for others' replays.
func (b *Book) answer(ctx context.Context, groups []*group) {
	isReplay := func(outcome outcome) bool { return outcome.replay != nil }
	var replayed []int
	for g, group := range groups {
		if slices.ContainsFunc(b.outcomes[g], isReplay) {
			replayed = append(replayed, g)
			continue
		}
		b.answerGroup(ctx, group, b.outcomes[g], nil, nil)
	}
	if len(replayed) == 0 {
		return
	}
	replays, unread := b.readReplays(ctx, groups)
	for _, g := range replayed {
		b.answerGroup(ctx, groups[g], b.outcomes[g], replays, unread)
	}
}

func (b *Book) answerGroup(ctx context.Context, group *group, outcomes []outcome,
	replays *replays, unread error) {
	group.results = make([]model.Result, len(group.movements))
	for i, outcome := range outcomes {
		key, result, err := group.movements[i].Key, &group.results[i], error(nil)
		effect := b.effectOf(key, outcome)
		switch {
		case effect != nil:
			*result = effect.result()
		case outcome.replay != nil && unread != nil:
			err = unread
		case outcome.replay != nil:
			*result = replays.result(key, outcome.replay)
		default:
			*result, err = b.refused(ctx, outcome.err)
			result.Explanation, result.DecidedBy = outcome.looked, outcome.decidedBy
		}
		group.err = errors.Join(group.err, err)
	}
	close(group.done)
}

// refused turns a refusal into data; any other error is a defect of the whole call.
func (b *Book) refused(ctx context.Context, err error) (model.Result, error) {
	var held *heldBy
	var refusal *model.Refusal
	switch {
	case errors.As(err, &held):
		refusal = &held.Refusal
		refusal.Message += b.holders(ctx, held.held)
	case !errors.As(err, &refusal):
		b.engine.log.Error("movement failed", "error", err)
		return model.Result{}, err
	}
	return model.Result{Code: refusal.Code, Field: refusal.Field, Message: refusal.Message}, nil
}

// holdersNamed is how many holders a refusal names.
const holdersNamed = 3

// holders names who holds a row, as far as they can still be found; a refusal stands without. A
// batch looks once for each row, since a row that is sold out refuses many.
func (b *Book) holders(ctx context.Context, held heldRow) string {
	names, known := b.holdersOf[held]
	if !known {
		names = b.readHolders(ctx, held)
		b.holdersOf[held] = names
	}
	return names
}

func (b *Book) readHolders(ctx context.Context, held heldRow) string {
	statement, args := sqlHolders(held.tier, b.warehouse, held.row, held.except)
	var names []string
	err := store.EachRow(ctx, b.engine.db.Reader(), statement, args, func(rows *sql.Rows) error {
		var line model.LineKey
		var qty model.Quantity
		err := rows.Scan(&line.JobType, &line.OrderID, &line.LineID, &qty)
		names = append(names, fmt.Sprintf("%s %s/%s holds %s", line.JobType, line.OrderID,
			line.LineID, qty))
		return err
	})
	if err != nil || len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

func (e *Effect) result() model.Result {
	result := model.Result{Code: e.code, Applied: e.Applied, Shortage: e.Shortage,
		Reservation: e.view, Tasks: e.taskView, Explanation: e.Explanation,
		DecidedBy: e.DecidedBy}
	for i := range e.legs {
		leg := &e.legs[i]
		result.Flows = append(result.Flows, e.flow(i))
		if leg.row.Tier == model.ZoneTier {
			result.ZoneStocks = append(result.ZoneStocks, e.zoneStock(leg.left()))
		} else {
			result.BinStocks = append(result.BinStocks, e.binStock(leg.left()))
		}
	}
	return result
}

func (e *Effect) flow(i int) model.Flow {
	leg := &e.legs[i]
	row := leg.row
	return model.Flow{ID: FlowID(row.Tier, e.commitID, e.firstPos+i), RowSeq: leg.after.rowSeq,
		Tier: row.Tier, Key: e.Movement.Key, Leg: i, Reservation: e.reservationID(),
		Zone: row.Zone, Bin: row.Bin, Owner: row.Item.Owner, SKU: row.Item.SKU, Batch: row.Batch,
		Pack: row.Pack, Delta: leg.delta, After: leg.after.Amounts, Audit: e.Movement.Audit,
		Actor: e.Movement.actor, RecordedAt: e.View.Now}
}

// FlowID names a flow by its tier and its place in a commit.
func FlowID(tier model.Tier, commit int64, pos int) string {
	id := make([]byte, 0, 32)
	id = strconv.AppendInt(append(id, tier[0]), commit, 10)
	return string(strconv.AppendInt(append(id, '-'), int64(pos), 10))
}

func (b *Book) zoneStock(row *StockRow) model.ZoneStock {
	stock := model.ZoneStock{ID: row.ID, Amounts: row.Amounts, ReceivedOn: row.ReceivedOn,
		Promisable: b.promisable(row), UpdatedAt: row.updatedAt,
		Key: model.ZoneStockKey{Warehouse: b.warehouse, Zone: row.Zone, Owner: row.Item.Owner,
			SKU: row.Item.SKU, Batch: row.Batch, Pack: row.Pack}}
	if row.OnHand == 0 {
		stock.ReceivedOn = ""
	}
	if batch := b.batches[batchKey{row.Item, row.Batch}]; batch != nil {
		stock.ExpiresOn, stock.OnHold = batch.ExpiresOn, batch.Hold
	}
	return stock
}

func (b *Book) binStock(row *StockRow) model.BinStock {
	return model.BinStock{ID: row.ID, Key: row.binKey(b.warehouse), Zone: row.Zone,
		Amounts: row.Amounts, Version: row.Version, UpdatedAt: row.updatedAt}
}

// replays are what the answers to replayed lines show: the first answer's flows, and rows,
// reservations and tasks as of now.
type replays struct {
	flows map[model.Key][]model.Flow
	// now holds the rows and reservations, read without locks.
	now *Book
}

func (b *Book) readReplays(ctx context.Context, groups []*group) (*replays, error) {
	var keys []model.Key
	ids := map[int64]bool{}
	for g, group := range groups {
		for i, outcome := range b.outcomes[g] {
			if outcome.replay != nil {
				keys = append(keys, group.movements[i].Key)
				ids[outcome.replay.reservation] = true
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	delete(ids, 0)
	reader := b.engine.db.Reader()
	flows, err := FlowsOfKeys(ctx, reader, b.dialect, b.warehouse, keys)
	if err != nil {
		return nil, err
	}
	now := newBook(b.engine, reader, b.warehouse, 0)
	tasks, err := now.tasksOfKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	err = now.read(ctx, slices.Sorted(maps.Keys(ids)), tasks, flows)
	if b.rehearsed {
		now.foreseeRows(b)
	}
	return &replays{flows: flows, now: now}, err
}

// foreseeRows sees rows as a dry run would have left them.
func (b *Book) foreseeRows(rehearsed *Book) {
	for id, row := range b.rows {
		if left := rehearsed.rows[id]; left != nil {
			row.restore(left.state())
		}
	}
}

// read fills a book without locks, to look at and not to decide from.
func (b *Book) read(ctx context.Context, ids []int64, tasks map[int64]bool,
	flows map[model.Key][]model.Flow) error {
	n := gather(nil)
	n.tasks = tasks
	for _, legs := range flows {
		for _, flow := range legs {
			n.items[model.Item{Owner: flow.Owner, SKU: flow.SKU}] = true
			n.skus[flow.SKU] = true
			n.addBins(n.bins, model.Item{Owner: flow.Owner, SKU: flow.SKU}, []string{flow.Bin})
		}
	}
	for _, some := range chunks(ids, chunkKeys) {
		statement, args := sqlReservationsByID(b.dialect, "", b.warehouse, some)
		if err := b.scanReservations(ctx, statement, args); err != nil {
			return err
		}
	}
	for _, r := range b.reserved {
		n.items[r.Item], n.skus[r.Item.SKU] = true, true
	}
	delete(n.items, model.Item{})
	if err := b.loadHolds(ctx); err != nil {
		return err
	}
	return b.readRows(ctx, n)
}

func (b *Book) readRows(ctx context.Context, n *needed) error {
	steps := []func(context.Context, *needed) error{b.lockZoneRows, b.lockBinRows, b.loadBatches}
	if err := b.loadTasks(ctx, n.tasks); err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(ctx, n); err != nil {
			return err
		}
	}
	for _, task := range b.tasks {
		task.ZoneRow, task.BinRow = b.rows[task.zoneID], b.rows[task.binID]
	}
	return b.loadMasters(ctx, n)
}

func (r *replays) result(key model.Key, record *known) model.Result {
	result := model.Result{Code: model.Replayed, Applied: record.applied,
		Shortage: record.shortage, Flows: r.flows[key], Tasks: r.tasksOf(key)}
	if key.Action == model.Reserve {
		result.Applied = r.now.reservedBy(record.reservation, result.Flows)
		if reservation := r.now.reserved[record.reservation]; reservation != nil {
			result.Shortage = reservation.Requested - result.Applied
		}
	}
	for _, flow := range result.Flows {
		if flow.Tier == model.ZoneTier {
			row := r.now.zones[model.ZoneStockKey{Warehouse: key.Warehouse, Zone: flow.Zone,
				Owner: flow.Owner, SKU: flow.SKU, Batch: flow.Batch, Pack: flow.Pack}]
			if row != nil {
				result.ZoneStocks = append(result.ZoneStocks, r.now.zoneStock(row))
			}
		} else if row := r.now.bins[model.BinStockKey{Warehouse: key.Warehouse, Bin: flow.Bin,
			Owner: flow.Owner, SKU: flow.SKU, Batch: flow.Batch, Pack: flow.Pack}]; row != nil {
			result.BinStocks = append(result.BinStocks, r.now.binStock(row))
		}
	}
	if reservation := r.now.reserved[record.reservation]; reservation != nil {
		result.Reservation = reservation.view(r.now)
	}
	return result
}

// effectOf is what was done under a key by this batch, nil for nothing. A key that is known may
// have been used by an earlier attempt of it, whose COMMIT had no answer and had landed.
func (b *Book) effectOf(key model.Key, outcome outcome) *Effect {
	if outcome.replay == nil {
		return outcome.effect
	}
	for _, attempt := range b.attempts {
		for _, effect := range attempt.effects {
			if effect.Movement.Key == key && effect.wrote(outcome.replay) {
				return effect
			}
		}
	}
	return nil
}

// wrote says whether what is known of the effect's key was written by this effect.
func (e *Effect) wrote(record *known) bool {
	switch {
	case record.here:
		return false
	case e.Movement.Key.Action == model.Reserve:
		return record.reservation == e.reservationID()
	case e.isBare():
		return record.writtenBy == int64(e.View.Now)
	}
	return record.writtenBy == e.commitID
}

// reservedBy is what a RESERVE took, in its reservation's unit. Once its flows are archived its
// holds tell, whose sum never changes: what moves from row to row is taken from one and added to
// another.
func (b *Book) reservedBy(id int64, flows []model.Flow) model.Quantity {
	r := b.reserved[id]
	if r == nil {
		return 0
	}
	if len(flows) == 0 {
		return b.sum(r, func(hold *Hold) model.Quantity { return hold.Held })
	}
	packs := tally{}
	for _, flow := range flows {
		packs[flow.Pack] += flow.Delta.Reserved
	}
	return packs.worth(b, r)
}
