package replenish

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// demandMark says up to which flow of the feed demand is counted.
const demandMark = "demand"

// demandPage is how many flows that reserve one transaction counts.
const demandPage = 2000

// coverJob is the job type of reservations that serve a shortage. What they serve was asked for,
// and counted, with the reservation that fell short.
const coverJob = "SHORTAGE"

// demandKey is a day's demand for an item.
type demandKey struct {
	item model.Item
	day  model.Date
}

// CollectDemand counts what was asked for since it was last counted: of each reservation all that
// it was to hold, on the day it was asked for by the warehouse's calendar. A reservation is not
// taken back when it is released: whoever cancelled had wanted the goods. The feed gives each flow
// once, and how far it is counted is written with the sums, so each counts once.
//
// Lines that got nothing have no flow. They are shortages without a source, and are added when a
// series is read, until they are served: then their reservation counts.
func (s *Service) CollectDemand(ctx context.Context, warehouse string) error {
	view, err := s.catalog.View(ctx, s.db.Reader(), warehouse)
	if err != nil || view == nil {
		return err
	}
	for more := true; more; {
		if more, err = s.countPage(ctx, view); err != nil {
			return err
		}
	}
	return nil
}

// countPage counts the next flows of the feed, and says whether there are more.
func (s *Service) countPage(ctx context.Context, view *master.View) (more bool, err error) {
	warehouse := view.Warehouse.Code
	mark, _, err := readMark(ctx, s.db.Reader(), warehouse, demandMark, "")
	if err != nil {
		return false, err
	}
	page, err := s.flowsAfter(ctx, warehouse, mark)
	if err != nil {
		return false, err
	}
	sums, err := s.demandOf(ctx, view, page.Rows)
	if err != nil {
		return false, err
	}
	next := strconv.FormatInt(page.SafeSeq, 10)
	if next == mark {
		return false, nil
	}
	return true, s.db.Transact(ctx, func(tx *store.Tx) error {
		now, known, err := readMark(ctx, tx, warehouse, demandMark, tx.ForUpdate())
		switch {
		case err != nil:
			return err
		case now != mark:
			return nil // another process has counted these, or an earlier try of ours
		}
		if err := addDemand(ctx, tx, warehouse, sums); err != nil {
			return err
		}
		return writeMark(ctx, tx, warehouse, demandMark, next, known)
	})
}

// flowsAfter reads what reserves after a mark of the feed, or from where the feed begins now: what
// was archived before it was counted is lost to the forecast.
func (s *Service) flowsAfter(ctx context.Context, warehouse, mark string) (flow.FlowPage, error) {
	after, err := strconv.ParseInt(mark, 10, 64)
	if err != nil {
		after = flow.FromBeginning
	}
	page, err := flow.Reserves(ctx, s.db, warehouse, after, demandPage)
	if errors.Is(err, flow.ErrArchivedPlace) {
		page, err = flow.Reserves(ctx, s.db, warehouse, flow.FromBeginning, demandPage)
	}
	return page, err
}

// askedFor is what a reservation was to hold, in packs.
type askedFor struct {
	id    int64
	item  model.Item
	qty   model.Quantity
	isPer bool // in base units, whatever pack
	asked string
}

// demandOf sums what reservations among the flows were to hold.
func (s *Service) demandOf(ctx context.Context, view *master.View, flows []model.Flow) (
	map[demandKey]model.Quantity, error) {
	days := map[int64]model.Date{}
	location := view.Warehouse.Location()
	for _, f := range flows {
		if f.Leg != 0 || f.Key.JobType == coverJob {
			continue
		}
		at := f.Audit.OccurredAt
		if at == 0 {
			at = f.RecordedAt
		}
		days[f.Reservation] = model.DateIn(at, location)
	}
	sums := map[demandKey]model.Quantity{}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(days)), insertChunk) {
		asked, err := reservationsAsked(ctx, s.db.Reader(), view.Warehouse.Code, ids)
		if err != nil {
			return nil, err
		}
		if err := loadSizes(ctx, s.db.Reader(), view, asked); err != nil {
			return nil, err
		}
		for _, each := range asked {
			base, err := each.base(view)
			if err != nil {
				return nil, err
			}
			key := demandKey{each.item, days[each.id]}
			sums[key] = min(sums[key]+base, model.QuantityMax)
		}
	}
	return sums, nil
}

func reservationsAsked(ctx context.Context, q store.Queryer, warehouse string, ids []int64) (
	[]askedFor, error) {
	args := []any{warehouse}
	for _, id := range ids {
		args = append(args, id)
	}
	return collect(ctx, q, func(rows *sql.Rows, a *askedFor) error {
		return rows.Scan(&a.id, &a.item.Owner, &a.item.SKU, &a.qty, &a.isPer, &a.asked)
	}, `SELECT id, owner, sku, requested, base_units, asked FROM reservations
		WHERE warehouse = ? AND id IN (`+store.InList(len(ids))+`)`, args...)
}

func loadSizes(ctx context.Context, q store.Queryer, view *master.View, asked []askedFor) error {
	skus := make([]string, len(asked))
	for i, each := range asked {
		skus[i] = each.item.SKU
	}
	return view.Load(ctx, q, skus, nil)
}

// base is what was asked for in base units, rounded down. A pack that is gone counts as one unit.
func (a askedFor) base(view *master.View) (model.Quantity, error) {
	terms, err := flow.ParseAsked(a.asked)
	if err != nil || a.isPer || terms.AnyPack {
		return a.qty, err
	}
	return baseUnits(view, a.item.SKU, terms.Pack, a.qty), nil
}

func baseUnits(view *master.View, sku, pack string, qty model.Quantity) model.Quantity {
	known, _ := view.SKU(sku)
	size, ok := known.Size(pack)
	if !ok {
		return qty
	}
	base, _ := size.Base(qty)
	return base
}

// addDemand adds to the days' sums, which stay within a quantity.
func addDemand(ctx context.Context, tx *store.Tx, warehouse string,
	sums map[demandKey]model.Quantity) error {
	keys := slices.SortedFunc(maps.Keys(sums), func(one, other demandKey) int {
		return cmp.Or(compareItems(one.item, other.item), cmp.Compare(one.day, other.day))
	})
	limit := strconv.FormatInt(int64(model.QuantityMax), 10)
	tail := ` ON DUPLICATE KEY UPDATE qty = LEAST(qty + VALUES(qty), ` + limit + `)`
	if tx.Dialect() == store.SQLite {
		tail = ` ON CONFLICT (warehouse, sku, owner, day) DO UPDATE
			SET qty = MIN(qty + excluded.qty, ` + limit + `)`
	}
	return insert(ctx, tx, "daily_demand", "warehouse, sku, owner, day, qty", tail, len(keys),
		func(i int, row *store.Text) {
			key := keys[i]
			texts(row, warehouse, key.item.SKU, key.item.Owner, string(key.day))
			numbers(row, int64(sums[key]))
		})
}

func readMark(ctx context.Context, q store.Queryer, warehouse, name, lock string) (value string,
	known bool, err error) {
	values, err := collect(ctx, q, func(rows *sql.Rows, value *string) error {
		return rows.Scan(value)
	}, `SELECT value FROM marks WHERE warehouse = ? AND name = ?`+lock, warehouse, name)
	if err != nil || len(values) == 0 {
		return "", false, err
	}
	return values[0], true, nil
}

func writeMark(ctx context.Context, tx *store.Tx, warehouse, name, value string,
	known bool) error {
	statement := `INSERT INTO marks (value, warehouse, name) VALUES (?, ?, ?)`
	if known {
		statement = `UPDATE marks SET value = ? WHERE warehouse = ? AND name = ?`
	}
	_, err := tx.Exec(ctx, statement, value, warehouse, name)
	if errors.Is(err, store.ErrDuplicate) {
		err = store.Redo(err) // another process has made it just now
	}
	return err
}
