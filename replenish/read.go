package replenish

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
)

// pickFacesMax is at how many bins an item may be picked without levels. In more it does not have
// places, it lies about, and each would be looked at from all the others.
const pickFacesMax = 100

// skusAtOnce is how many SKUs' stock is in memory at a time.
const skusAtOnce = 500

// reader draws the pictures of a run's items from one snapshot.
type reader struct {
	tx       *store.Tx
	view     *master.View
	zones    map[string]model.Zone
	expected map[model.Item]*Expected
	short    map[model.Item]model.Quantity
	// tasksOf is the run whose open tasks count as coming, 0 for none.
	tasksOf int64
}

// newReader reads what is the same for all items.
func newReader(ctx context.Context, tx *store.Tx, view *master.View,
	expected map[model.Item]*Expected, tasksOf int64) (*reader, error) {
	r := &reader{tx: tx, view: view, zones: map[string]model.Zone{}, expected: expected,
		short: map[model.Item]model.Quantity{}, tasksOf: tasksOf}
	zones, err := collect(ctx, tx, func(rows *sql.Rows, z *model.Zone) error {
		return rows.Scan(&z.Code, &z.Allocatable, &z.Priority, &z.StagingBin, &z.Pool)
	}, `SELECT code, allocatable, priority, staging_bin, pool FROM zones WHERE warehouse = ?`,
		view.Warehouse.Code)
	if err != nil {
		return nil, err
	}
	for _, zone := range zones {
		r.zones[zone.Code] = zone
	}
	open, err := readShortages(ctx, tx, view, `state = 'OPEN'`)
	for _, short := range open {
		r.short[short.item] = plus(r.short[short.item], short.qty)
	}
	return r, err
}

// skus are those that there is anything to say about.
func (r *reader) skus(ctx context.Context) ([]string, error) {
	known, err := collect(ctx, r.tx, func(rows *sql.Rows, sku *string) error {
		return rows.Scan(sku)
	}, `SELECT DISTINCT sku FROM stock_levels WHERE warehouse = ?`, r.view.Warehouse.Code)
	if err != nil {
		return nil, err
	}
	for item := range r.expected {
		known = append(known, item.SKU)
	}
	for item := range r.short {
		known = append(known, item.SKU)
	}
	slices.Sort(known)
	return slices.Compact(known), nil
}

// each hands the pictures of some SKUs' items over, by SKU and owner.
func (r *reader) each(ctx context.Context, skus []string, show func(*picture)) error {
	pictures := map[model.Item]*picture{}
	if err := r.view.Load(ctx, r.tx, skus, nil); err != nil {
		return err
	}
	for _, step := range []func(context.Context, []string, map[model.Item]*picture) error{
		r.levels, r.stocks, r.batches, r.coming, r.announced} {
		if err := step(ctx, skus, pictures); err != nil {
			return err
		}
	}
	for _, demanded := range []func(model.Item) bool{
		func(item model.Item) bool { return r.expected[item] != nil },
		func(item model.Item) bool { return r.short[item] > 0 }} {
		for item := range r.items(skus) {
			if demanded(item) {
				r.of(pictures, item)
			}
		}
	}
	for _, item := range slices.SortedFunc(maps.Keys(pictures), compareItems) {
		picture := pictures[item]
		picture.addPickFaces()
		show(picture)
	}
	return nil
}

func compareItems(one, other model.Item) int {
	return cmp.Or(cmp.Compare(one.SKU, other.SKU), cmp.Compare(one.Owner, other.Owner))
}

// items are those of some SKUs that somebody has asked for.
func (r *reader) items(skus []string) map[model.Item]bool {
	wanted := map[string]bool{}
	for _, sku := range skus {
		wanted[sku] = true
	}
	items := map[model.Item]bool{}
	for item := range r.expected {
		items[item] = wanted[item.SKU]
	}
	for item := range r.short {
		items[item] = wanted[item.SKU]
	}
	maps.DeleteFunc(items, func(_ model.Item, is bool) bool { return !is })
	return items
}

// of is an item's picture, made where there is none yet.
func (r *reader) of(pictures map[model.Item]*picture, item model.Item) *picture {
	if pictures[item] == nil {
		sku, _ := r.view.SKU(item.SKU)
		pictures[item] = &picture{item: item, decimals: sku.Decimals, today: r.view.Today(),
			zones: r.zones, coming: map[string]model.Quantity{}, expected: r.expected[item],
			short: r.short[item]}
	}
	return pictures[item]
}

func (r *reader) size(sku, pack string) model.Fraction {
	known, _ := r.view.SKU(sku)
	if size, ok := known.Size(pack); ok {
		return size
	}
	return model.Each
}

func (r *reader) levels(ctx context.Context, skus []string,
	pictures map[model.Item]*picture) error {
	list, args := skuList("", skus)
	levels, err := levelsWhere(ctx, r.tx, r.view.Warehouse.Code, `AND sku IN (`+list+`)`,
		args[1:]...)
	for _, level := range levels {
		t := target{Level: level, isLevel: true}
		if level.Pack != "" {
			t.packSize = r.size(level.Item.SKU, level.Pack)
		}
		p := r.of(pictures, level.Item)
		p.targets = append(p.targets, t)
	}
	return err
}

// rowKey tells a zone's rows of an item apart.
type rowKey struct {
	item              model.Item
	zone, batch, pack string
}

// stocks reads what lies where. Of bins where goods are picked an empty row counts too: it is the
// item's place.
func (r *reader) stocks(ctx context.Context, skus []string,
	pictures map[model.Item]*picture) error {
	list, args := skuList(r.view.Warehouse.Code, skus)
	above, err := collect(ctx, r.tx, func(rows *sql.Rows, row *flow.StockRow) error {
		row.Tier = model.ZoneTier
		return scanItem(rows, &row.Item, &row.ID, &row.Zone, &row.Batch, &row.Pack,
			&row.ReceivedOn, &row.OnHand, &row.Reserved, &row.Frozen)
	}, `SELECT owner, sku, id, zone, batch, pack, received_on, on_hand, reserved, frozen
		FROM zone_stocks WHERE warehouse = ? AND sku IN (`+list+`)`, args...)
	if err != nil {
		return err
	}
	byKey := make(map[rowKey]*flow.StockRow, len(above))
	for i := range above {
		row := &above[i]
		byKey[rowKey{row.Item, row.Zone, row.Batch, row.Pack}] = row
	}
	bins, err := collect(ctx, r.tx, func(rows *sql.Rows, s *stock) error {
		s.bin = &flow.StockRow{Tier: model.BinTier}
		return scanItem(rows, &s.bin.Item, &s.bin.ID, &s.bin.Zone, &s.bin.Bin, &s.bin.Batch,
			&s.bin.Pack, &s.bin.OnHand, &s.bin.Reserved, &s.bin.Frozen, &s.place.Kind,
			&s.place.PickSequence, &s.place.Blocked)
	}, `SELECT s.owner, s.sku, s.id, s.zone, s.bin, s.batch, s.pack, s.on_hand, s.reserved,
			s.frozen, b.kind, b.pick_sequence, b.blocked
		FROM bin_stocks AS s JOIN bins AS b ON b.warehouse = s.warehouse AND b.code = s.bin
		WHERE s.warehouse = ? AND s.sku IN (`+list+`) AND (s.on_hand > 0 OR b.kind = 'PICK')
		ORDER BY s.id`, args...)
	for i := range bins {
		s := &bins[i]
		s.row = byKey[rowKey{s.bin.Item, s.bin.Zone, s.bin.Batch, s.bin.Pack}]
		if s.row == nil {
			continue // invariant 2 is broken, which is for others to tell
		}
		s.size = r.size(s.bin.Item.SKU, s.bin.Pack)
		p := r.of(pictures, s.bin.Item)
		p.stocks = append(p.stocks, s)
	}
	return err
}

func (r *reader) batches(ctx context.Context, skus []string,
	pictures map[model.Item]*picture) error {
	list, args := skuList(r.view.Warehouse.Code, skus)
	batches, err := collect(ctx, r.tx, func(rows *sql.Rows, b *model.Batch) error {
		return scanItem(rows, &b.Item, &b.Code, &b.ExpiresOn, &b.Hold, &b.Pool)
	}, `SELECT owner, sku, code, expires_on, hold, pool FROM batches
		WHERE warehouse = ? AND sku IN (`+list+`)`, args...)
	for _, batch := range batches {
		p := pictures[batch.Item]
		if p == nil {
			continue
		}
		for _, s := range p.stocks {
			if s.bin.Batch == batch.Code {
				s.batch = batch
			}
		}
	}
	return err
}

// announced reads what notices say that will be received.
func (r *reader) announced(ctx context.Context, skus []string,
	pictures map[model.Item]*picture) error {
	incoming, err := tier2.Incoming(ctx, r.tx, r.view.Warehouse.Code, skus)
	for item, qty := range incoming {
		r.of(pictures, item).announced = model.Quantity(qty.Shift(model.QuantityScale).IntPart())
	}
	return err
}

// coming finds what open tasks will take and bring.
func (r *reader) coming(ctx context.Context, skus []string,
	pictures map[model.Item]*picture) error {
	if r.tasksOf == 0 {
		return nil
	}
	list, args := skuList(r.view.Warehouse.Code, skus)
	type open struct {
		item model.Item
		row  int64
		to   string
		qty  model.Quantity
	}
	tasks, err := collect(ctx, r.tx, func(rows *sql.Rows, o *open) error {
		return scanItem(rows, &o.item, &o.row, &o.to, &o.qty)
	}, `SELECT s.owner, s.sku, t.bin_stock_id, t.to_bin, t.qty - t.done
		FROM replenishment_suggestions AS g
		JOIN tasks AS t ON t.warehouse = g.warehouse AND t.id = g.task
		JOIN bin_stocks AS s ON s.warehouse = t.warehouse AND s.id = t.bin_stock_id
		WHERE g.warehouse = ? AND g.sku IN (`+list+`) AND g.run_id = ? AND t.state = 'OPEN'
		ORDER BY t.id`, append(args, r.tasksOf)...)
	for _, task := range tasks {
		p := r.of(pictures, task.item)
		for _, s := range p.stocks {
			if s.bin.ID == task.row && task.qty > 0 {
				s.bin.Reserved += task.qty
				s.row.Reserved += task.qty
				p.coming[task.to] = plus(p.coming[task.to], s.base(task.qty))
			}
		}
	}
	return err
}

// addPickFaces makes targets of the bins where the item is picked, and for which, or for whose
// zone, nobody has set a level: their demand says what they need.
func (p *picture) addPickFaces() {
	var faces []target
	seen := map[string]bool{}
	for _, s := range p.stocks {
		bin := s.bin.Bin
		if s.place.Kind != model.PickBin || s.place.Blocked || seen[bin] ||
			!p.zones[s.bin.Zone].Allocatable ||
			slices.ContainsFunc(p.targets, func(t target) bool {
				return t.Zone == s.bin.Zone && (t.Bin == "" || t.Bin == bin)
			}) {
			continue
		}
		seen[bin] = true
		faces = append(faces, target{Level: Level{Zone: s.bin.Zone, Bin: bin, Item: p.item}})
	}
	if len(faces) <= pickFacesMax {
		p.targets = append(p.targets, faces...)
	}
}
