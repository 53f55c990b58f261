package allocation

import (
	"context"
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// unservedChunk bounds the lines whose shortages one statement looks up.
const unservedChunk = 500

// unserved is a line of a wave that got nothing, or one that has got something.
type unserved struct {
	short  flow.Shortage
	served bool
	// held is what a line that was served has got.
	held model.Quantity
}

// noteUnserved records the lines that got nothing, for which no effect could, and closes the
// shortages of those that got something after all. Whoever is cut off before that asks again with
// the same keys.
func (s *Service) noteUnserved(ctx context.Context, plan *wavePlan,
	orders []model.OrderResult) error {
	for warehouse, lines := range plan.unserved(orders) {
		for some := range slices.Chunk(lines, unservedChunk) {
			if err := s.noteChunk(ctx, warehouse, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// unserved are the lines of each warehouse whose shortages are to be recorded, or closed.
func (p *wavePlan) unserved(orders []model.OrderResult) map[string][]unserved {
	byWarehouse := map[string][]unserved{}
	for i := range orders {
		order := &p.wave.Orders[i]
		wanting := lacksStock(order, orders[i].Lines)
		for l := range orders[i].Lines {
			result := &orders[i].Lines[l]
			line := unserved{served: result.Code.Succeeded()}
			switch {
			case p.wave.LooksElsewhere && !line.served:
				continue
			case line.served:
				line.short.Line, line.held = order.Key(&order.Lines[l]), result.Applied
				if result.Reservation != nil {
					line.held = result.Reservation.Held
				}
			case wanting && (result.Code == model.Insufficient || result.Code == model.Skipped):
				line.short = shortageOf(p.demands[i][l], order)
			default:
				continue
			}
			byWarehouse[order.Warehouse] = append(byWarehouse[order.Warehouse], line)
		}
	}
	return byWarehouse
}

// noteChunk looks first where all lines were served, as in most waves: there is something to write
// only if one of them had got nothing before.
func (s *Service) noteChunk(ctx context.Context, warehouse string, lines []unserved) error {
	lacks := func(line unserved) bool { return !line.served }
	if !slices.ContainsFunc(lines, lacks) {
		known, err := knownUnserved(s.db.Gorm(ctx), warehouse, lines)
		if err != nil || len(known) == 0 {
			return err
		}
	}
	return s.db.Transact(ctx, func(tx *store.Tx) error {
		return noteSome(ctx, tx, warehouse, lines)
	})
}

// lacksStock says whether stock is all that an order's lines lack. An order that ships complete and
// has a line that is wrong must be asked for again, and not be covered without that line.
func lacksStock(order *model.Order, lines []model.Result) bool {
	return !order.ShipComplete || !slices.ContainsFunc(lines, func(line model.Result) bool {
		return !line.Code.Succeeded() && line.Code != model.Insufficient &&
			line.Code != model.Skipped
	})
}

// shortageOf is the whole of a line as a shortage: its key is free, so that it is covered under it.
func shortageOf(demand demanded, order *model.Order) flow.Shortage {
	line := demand.line
	terms := demand.how.asked(line, line.Pack)
	return flow.Shortage{Asked: terms, Pin: demand.pin, Shortage: model.Shortage{
		Line: line.Key, Item: line.Item, Qty: line.Qty, State: model.ShortageOpen,
		Priority: order.Priority, ShipComplete: order.ShipComplete,
		Cover: terms.Rule != nil && terms.Rule.Cover}}
}

func noteSome(ctx context.Context, tx *store.Tx, warehouse string, lines []unserved) error {
	known, err := knownUnserved(tx.Gorm(), warehouse, lines)
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	var written []flow.Shortage
	var rewritten []int64
	for _, line := range lines {
		record, isKnown := known[line.short.Line]
		isOpen := isKnown && record.State == model.ShortageOpen
		next := line.short
		next.ID, next.CreatedAt = tx.NewID(), now
		switch {
		case line.served && !isOpen, isOpen && !line.served && record.Alike(&line.short):
			continue
		case line.served:
			next = record
			next.State, next.Covered = model.ShortageCovered, min(line.held, record.Qty)
			next.Qty = next.Covered
		case isOpen: // asked for again, otherwise: it keeps its age
			next.ID, next.CreatedAt = record.ID, record.CreatedAt
		}
		if isKnown {
			rewritten = append(rewritten, record.ID)
		}
		next.UpdatedAt = now
		written = append(written, next)
	}
	if err := forget(tx, warehouse, rewritten); err != nil {
		return err
	}
	err = flow.AddShortages(ctx, tx, warehouse, written)
	if errors.Is(err, store.ErrDuplicate) {
		err = store.Redo(err) // the same wave, at the same time
	}
	return err
}

// knownUnserved reads the records that there are of lines that got nothing.
func knownUnserved(db *gorm.DB, warehouse string, lines []unserved) (
	map[model.LineKey]flow.Shortage, error) {
	orders := map[string]bool{}
	for _, line := range lines {
		orders[line.short.Line.OrderID] = true
	}
	rows, err := readShortages(db.Table("shortages").Where(
		"warehouse = ? AND order_id IN ? AND source = ''", warehouse,
		slices.Sorted(maps.Keys(orders))))
	known := make(map[model.LineKey]flow.Shortage, len(rows))
	for _, row := range rows {
		known[row.Line] = row
	}
	return known, err
}

func forget(tx *store.Tx, warehouse string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return tx.Gorm().Exec("DELETE FROM shortages WHERE warehouse = ? AND id IN ?", warehouse,
		ids).Error
}
