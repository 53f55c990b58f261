package allocation

import (
	"context"
	"errors"
	"maps"
	"slices"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// unservedChunk bounds the lines whose shortages one statement looks up.
const unservedChunk = 500

// unserved is a line of a wave that got nothing, or one that got something after all.
type unserved struct {
	warehouse string
	short     flow.Shortage
	served    bool
}

// noteUnserved records the lines that got nothing, for which no effect could, and closes the
// shortages of those that got something after all. Whoever is cut off before that asks again with
// the same keys.
func (s *Service) noteUnserved(ctx context.Context, wave model.Wave,
	orders []model.OrderResult) error {
	byWarehouse := map[string][]unserved{}
	for i := range orders {
		order := &wave.Orders[i]
		for l := range orders[i].Lines {
			code := orders[i].Lines[l].Code
			line := unserved{warehouse: order.Warehouse, served: code.Succeeded()}
			switch {
			case wave.LooksElsewhere && !code.Succeeded():
				continue
			case code == model.Insufficient, code == model.Skipped && order.ShipComplete:
				line.short = s.shortageOf(wave, order, &order.Lines[l])
			case code == model.Applied, code == model.Partial:
				line.short.Line = order.Key(&order.Lines[l])
			default:
				continue
			}
			byWarehouse[order.Warehouse] = append(byWarehouse[order.Warehouse], line)
		}
	}
	for warehouse, lines := range byWarehouse {
		for some := range slices.Chunk(lines, unservedChunk) {
			err := s.db.Transact(ctx, func(tx *store.Tx) error {
				return noteSome(ctx, tx, warehouse, some)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// shortageOf is the whole of a line as a shortage: its key is free, so that it is covered under it.
func (s *Service) shortageOf(wave model.Wave, order *model.Order, line *model.OrderLine,
) flow.Shortage {
	demand := s.demandFor(wave, order, line)
	terms := demand.how.asked(demand.line, line.Pack)
	return flow.Shortage{Asked: terms, Pin: wave.CreateTasks, Shortage: model.Shortage{
		Line: demand.line.Key, Item: demand.line.Item, Qty: line.Qty, State: model.ShortageOpen,
		Priority: order.Priority, ShipComplete: order.ShipComplete,
		Cover: terms.Rule != nil && terms.Rule.Cover}}
}

func noteSome(ctx context.Context, tx *store.Tx, warehouse string, lines []unserved) error {
	known, err := knownUnserved(tx, warehouse, lines)
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	var fresh []flow.Shortage
	var served, again []int64
	for _, line := range lines {
		record, isKnown := known[line.short.Line]
		switch {
		case line.served && isKnown && record.State == model.ShortageOpen:
			served = append(served, record.ID)
		case line.served:
		case !isKnown:
			line.short.ID, line.short.CreatedAt = tx.NewID(), now
			fresh = append(fresh, line.short)
		case record.State != model.ShortageOpen:
			again = append(again, record.ID)
		}
	}
	if err := setState(tx, warehouse, served, model.ShortageCovered, now); err != nil {
		return err
	}
	if err := setState(tx, warehouse, again, model.ShortageOpen, now); err != nil {
		return err
	}
	err = flow.AddShortages(ctx, tx, warehouse, fresh)
	if errors.Is(err, store.ErrDuplicate) {
		err = store.Redo(err) // the same wave, at the same time
	}
	return err
}

// knownUnserved reads the records that there are of lines that got nothing.
func knownUnserved(tx *store.Tx, warehouse string, lines []unserved) (
	map[model.LineKey]flow.Shortage, error) {
	orders := map[string]bool{}
	for _, line := range lines {
		orders[line.short.Line.OrderID] = true
	}
	rows, err := readShortages(tx.Gorm().Table("shortages").Where(
		"warehouse = ? AND order_id IN ? AND source = ''", warehouse,
		slices.Sorted(maps.Keys(orders))))
	known := make(map[model.LineKey]flow.Shortage, len(rows))
	for _, row := range rows {
		known[row.Line] = row
	}
	return known, err
}

func setState(tx *store.Tx, warehouse string, ids []int64, state model.ShortageState,
	now model.Instant) error {
	if len(ids) == 0 {
		return nil
	}
	return tx.Gorm().Table("shortages").Where("warehouse = ? AND id IN ?", warehouse, ids).
		Updates(map[string]any{"state": state, "updated_at": now}).Error
}
