package flow

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// load locks what the groups' movements need, in the one order that every transaction keeps:
// reservations, bins being entered, tier-2 rows, tier-3 rows. Whatever is only looked up (keys,
// batches, masters) is read by plain statements: the keys before, the masters after the locks.
func (b *Book) load(ctx context.Context, groups []*group) error {
	movements := allMovements(groups)
	if err := b.lookUpKeys(ctx, b.toLookUp(movements)); err != nil {
		return err
	}
	needs := gather(b.notYetDone(movements))
	needs.addSKUs(movements)
	needs.addCompared(b.known, movements)
	if err := b.findStaging(ctx, needs); err != nil {
		return err
	}
	steps := []func(context.Context, *needed) error{
		b.loadDepartures, b.findReservations, b.lockReservations, b.lockBins,
		b.lockZoneRows, b.lockBinRows, b.loadPins, b.loadBatches, b.loadMasters,
	}
	for _, step := range steps {
		if err := step(ctx, needs); err != nil {
			return err
		}
	}
	return b.lookUpArchived(ctx, movements, needs.departed)
}

func allMovements(groups []*group) (movements []*Movement) {
	for _, group := range groups {
		for _, movement := range group.movements {
			if movement.preset == nil {
				movements = append(movements, movement)
			}
		}
	}
	return movements
}

func (b *Book) notYetDone(movements []*Movement) (rest []*Movement) {
	for _, movement := range movements {
		if _, done := b.known[movement.Key]; !done {
			rest = append(rest, movement)
		}
	}
	return rest
}

// needed is the union of what a batch's movements need.
type needed struct {
	items        map[model.Item]bool
	skus         map[string]bool
	bins         map[model.Item]map[string]bool
	freeBins     map[model.Item]bool
	freeOf       map[model.LineKey]bool
	reservations map[model.LineKey]bool
	ids          map[int64]bool
	tasks        map[int64]bool
	enters       map[string]bool
	wholeBins    map[string]bool
	named        map[string]bool
	pinsIn       map[model.Item]map[string]bool
	counts       map[model.Item]map[string]bool
	work         map[model.TaskKey]bool
	departed     map[model.Key]bool
	stagingOf    map[model.Item]map[string]bool
}

func gather(movements []*Movement) *needed {
	n := &needed{items: map[model.Item]bool{}, skus: map[string]bool{},
		bins: map[model.Item]map[string]bool{}, freeBins: map[model.Item]bool{},
		freeOf: map[model.LineKey]bool{}, reservations: map[model.LineKey]bool{},
		ids: map[int64]bool{}, tasks: map[int64]bool{}, enters: map[string]bool{},
		wholeBins: map[string]bool{}, named: map[string]bool{},
		pinsIn: map[model.Item]map[string]bool{},
		counts: map[model.Item]map[string]bool{}, work: map[model.TaskKey]bool{},
		departed:  map[model.Key]bool{},
		stagingOf: map[model.Item]map[string]bool{}}
	for _, movement := range movements {
		n.add(movement.Needs)
	}
	return n
}

func (n *needed) add(needs Needs) {
	for _, item := range needs.Items {
		n.items[item], n.skus[item.SKU] = true, true
		if needs.FreeBins {
			n.freeBins[item] = true
		}
		n.addBins(n.bins, item, needs.Bins)
		if needs.StagingOf != "" {
			n.addTo(n.stagingOf, item, needs.StagingOf)
		}
		if needs.PinsIn != "" {
			n.addBins(n.pinsIn, item, []string{needs.PinsIn})
		}
		if needs.CountTasks {
			n.addBins(n.counts, item, needs.Bins)
		}
	}
	for _, bin := range needs.Bins {
		n.named[bin] = true
	}
	for _, line := range needs.Reservations {
		n.reservations[line] = true
		n.freeOf[line] = n.freeOf[line] || needs.FreeBins
	}
	if needs.Task != 0 {
		n.tasks[needs.Task] = true
	}
	for _, bin := range needs.Enters {
		n.enters[bin], n.named[bin] = true, true
	}
	if needs.WholeBin != "" {
		n.wholeBins[needs.WholeBin], n.enters[needs.WholeBin] = true, true
		n.named[needs.WholeBin] = true
	}
	if needs.Work != nil {
		n.work[model.TaskKey{JobType: needs.Work.JobType, TaskID: needs.Work.TaskID}] = true
	}
	if needs.Departed != nil {
		n.departed[*needs.Departed] = true
	}
}

// addSKUs: the content of a replay is compared as well, and a SKU's own unit is no pack.
func (n *needed) addSKUs(movements []*Movement) {
	for _, movement := range movements {
		for _, item := range movement.Needs.Items {
			n.skus[item.SKU] = true
		}
	}
}

// addCompared: what a key has done is compared with its reservation where the movement says so.
func (n *needed) addCompared(done map[model.Key]known, movements []*Movement) {
	for _, movement := range movements {
		if _, replayed := done[movement.Key]; replayed && movement.SameAs != nil {
			n.reservations[movement.Key.Line()] = true
		}
	}
}

func (n *needed) addBins(to map[model.Item]map[string]bool, item model.Item, bins []string) {
	for _, bin := range bins {
		n.addTo(to, item, bin)
		n.named[bin] = true
	}
}

func (n *needed) addTo(to map[model.Item]map[string]bool, item model.Item, code string) {
	if to[item] == nil {
		to[item] = map[string]bool{}
	}
	to[item][code] = true
}

// lockBins locks the bins that stock goes into, so that none of them is blocked or moved to
// another zone before this commits. Staging bins never are: they stay unlocked, or each dock
// would be a queue.
func (b *Book) lockBins(ctx context.Context, n *needed) error {
	for _, bins := range chunks(slices.Sorted(maps.Keys(n.enters)), chunkKeys) {
		statement, args := sqlLockBins(b.dialect, b.lock, b.warehouse, bins)
		var locked []string
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var code string
			err := rows.Scan(&code)
			locked = append(locked, code)
			return err
		})
		if err != nil {
			return err
		}
		b.enteredBins = append(b.enteredBins, locked...)
	}
	return nil
}

// lockZoneRows locks every tier-2 row of the items: candidates as well as what is named.
func (b *Book) lockZoneRows(ctx context.Context, n *needed) error {
	if err := b.itemsOfWholeBins(ctx, n); err != nil {
		return err
	}
	for _, items := range chunks(sortedItems(n.items), chunkKeys) {
		statement, args := sqlLockZoneRows(b.dialect, b.lock, b.warehouse, items)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			row := &StockRow{Tier: model.ZoneTier}
			err := rows.Scan(&row.ID, &row.Zone, &row.Item.Owner, &row.Item.SKU, &row.Batch,
				&row.Pack, &row.ReceivedOn, &row.OnHand, &row.Reserved, &row.Frozen, &row.rowSeq,
				&row.tick, &row.updatedAt)
			b.addZoneRow(row)
			return err
		})
		if err != nil {
			return err
		}
	}
	return b.tieHolds()
}

// itemsOfWholeBins finds what lies in the bins that are blocked or opened whole.
func (b *Book) itemsOfWholeBins(ctx context.Context, n *needed) error {
	for bin := range n.wholeBins {
		statement, args := sqlItemsInBin(b.warehouse, bin)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var item model.Item
			err := rows.Scan(&item.Owner, &item.SKU)
			n.items[item], n.skus[item.SKU] = true, true
			n.addBins(n.bins, item, []string{bin})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lockBinRows locks named tier-3 rows, those that pins tie, and all with stock where a choice
// is to be made.
func (b *Book) lockBinRows(ctx context.Context, n *needed) error {
	var free []model.Item
	for _, item := range sortedItems(n.items) {
		if n.freeBins[item] {
			free = append(free, item)
		}
	}
	for _, items := range chunks(free, chunkKeys) {
		statement, args := sqlLockFreeBinRows(b.dialect, b.lock, b.warehouse, items)
		if err := b.scanBinRows(ctx, statement, args); err != nil {
			return err
		}
	}
	return b.lockNamedBinRows(ctx, n)
}

func (b *Book) lockNamedBinRows(ctx context.Context, n *needed) error {
	items := slices.SortedFunc(maps.Keys(n.bins), compareItems)
	for _, some := range chunks(items, chunkKeys) {
		statement, args := sqlLockBinRows(b.dialect, b.lock, b.warehouse, some, n.bins)
		if err := b.scanBinRows(ctx, statement, args); err != nil {
			return err
		}
	}
	missing := map[int64]bool{}
	for _, task := range b.tasks {
		if b.rows[task.binID] == nil && (task.Pinned > 0 || n.tasks[task.ID]) {
			missing[task.binID] = true
		}
	}
	for _, ids := range chunks(slices.Sorted(maps.Keys(missing)), chunkKeys) {
		statement, args := sqlLockBinRowsByID(b.dialect, b.lock, b.warehouse, ids)
		if err := b.scanBinRows(ctx, statement, args); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) scanBinRows(ctx context.Context, statement string, args []any) error {
	return store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
		row := &StockRow{Tier: model.BinTier}
		err := rows.Scan(&row.ID, &row.Zone, &row.Bin, &row.Item.Owner, &row.Item.SKU, &row.Batch,
			&row.Pack, &row.OnHand, &row.Reserved, &row.Frozen, &row.Version, &row.rowSeq,
			&row.tick, &row.updatedAt)
		b.addBinRow(row)
		return err
	})
}

// loadBatches reads the dates and holds of the batches of items that may have any: rows of theirs
// do, or stock comes into a bin of theirs.
func (b *Book) loadBatches(ctx context.Context, n *needed) error {
	var dated []model.Item
	for _, item := range sortedItems(n.items) {
		isBatched := func(row *StockRow) bool { return row.Batch != "" }
		if len(n.bins[item]) > 0 || slices.ContainsFunc(b.zonesOf[item], isBatched) ||
			b.batched[item] {
			dated = append(dated, item)
		}
	}
	for _, items := range chunks(dated, chunkKeys) {
		statement, args := sqlBatches(b.dialect, b.warehouse, items)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			batch := &batchRow{Batch: model.Batch{Warehouse: b.warehouse}}
			err := rows.Scan(&batch.Item.Owner, &batch.Item.SKU, &batch.Code, &batch.ExpiresOn,
				&batch.Hold, &batch.Pool)
			b.batches[batchKey{batch.Item, batch.Code}] = batch
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// loadMasters comes last: read after the locks, a bin that was blocked by the transaction we
// waited for is seen blocked.
func (b *Book) loadMasters(ctx context.Context, n *needed) error {
	view, err := b.engine.catalog.View(ctx, b.q, b.warehouse)
	if err != nil || view == nil {
		return err
	}
	b.View = view
	for _, row := range b.bins {
		n.named[row.Bin] = true
	}
	skus := slices.Collect(maps.Keys(n.skus))
	return view.Load(ctx, b.q, skus, slices.Collect(maps.Keys(n.named)))
}

func compareItems(one, other model.Item) int {
	return cmp.Or(cmp.Compare(one.SKU, other.SKU), cmp.Compare(one.Owner, other.Owner))
}

func sortedItems(items map[model.Item]bool) []model.Item {
	return slices.SortedFunc(maps.Keys(items), compareItems)
}
