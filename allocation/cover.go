package allocation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// coverMax bounds the shortages that one round looks at.
const coverMax = 1000

// coverable are open shortages of items that have something available, and those that were covered
// by somebody who was cut off before it was written down: their key has its reservation.
const coverable = `state = 'OPEN' AND (EXISTS (SELECT 1 FROM zone_stocks AS z
	WHERE z.warehouse = shortages.warehouse AND z.sku = shortages.sku AND z.owner = shortages.owner
	AND z.on_hand > z.reserved + z.frozen)
	OR EXISTS (SELECT 1 FROM reservations AS r WHERE r.warehouse = shortages.warehouse
	AND r.order_id = shortages.order_id AND r.line_id = shortages.line_id
	AND r.job_type = CASE shortages.source WHEN '' THEN shortages.job_type
		ELSE '` + shortageJob + `' END
	AND r.revision = CASE shortages.source WHEN '' THEN shortages.revision ELSE shortages.id END))`

// CoverShortages serves open shortages of a warehouse from stock that has come since, by priority,
// then the oldest first, and says how many it looked at. all: not only those that a rule says are
// to be covered by themselves.
//
// Each is a reservation of its own, by the rule that the line was first decided by: under the
// line's own key where the line had got nothing, else under job type SHORTAGE, the order and the
// line. What is covered in part leaves a new shortage for the rest. A line that was released by
// now wants nothing more.
func (s *Service) CoverShortages(ctx context.Context, warehouse string, all bool, actor string) (
	looked int, err error) {
	query := s.db.Gorm(ctx).Table("shortages").Where("warehouse = ? AND "+coverable, warehouse)
	if !all {
		query = query.Where("cover = ?", true)
	}
	query = query.Order("priority DESC, created_at, id").Limit(coverMax).Session(&gorm.Session{})
	for page := query; ; {
		open, err := readShortages(page)
		if err != nil {
			return looked, err
		}
		some, err := s.coverSome(ctx, warehouse, open, all, actor)
		if looked += some; err != nil || len(open) < coverMax {
			return looked, err
		}
		// Those that no stock serves keep their turn, and must not keep the others from theirs.
		last := open[coverMax-1]
		page = query.Where("(priority < ? OR priority = ? AND "+
			"(created_at > ? OR created_at = ? AND id > ?))",
			last.Priority, last.Priority, last.CreatedAt, last.CreatedAt, last.ID)
	}
}

// coverSome covers a round's shortages, and says how many it looked at.
func (s *Service) coverSome(ctx context.Context, warehouse string, open []flow.Shortage, all bool,
	actor string) (looked int, err error) {
	open, err = s.wholeOrders(ctx, warehouse, open, all)
	if err != nil || len(open) == 0 {
		return 0, err
	}
	released, err := s.releasedSince(ctx, warehouse, open)
	if err != nil {
		return 0, err
	}
	plan := s.planCover(warehouse, open, released)
	results, err := s.engine.SubmitSets(ctx, flow.Mode{Actor: actor}, plan.sets)
	if err != nil {
		return 0, err
	}
	return len(open), s.db.Transact(ctx, func(tx *store.Tx) error {
		return plan.settle(ctx, tx, results)
	})
}

// wholeOrders gives orders that ship complete all their open lines, those too for which there is no
// stock: such an order is covered whole or not at all. all: see CoverShortages.
func (s *Service) wholeOrders(ctx context.Context, warehouse string, open []flow.Shortage,
	all bool) (whole []flow.Shortage, err error) {
	orders := map[string]bool{}
	for i := range open {
		if open[i].ShipComplete {
			orders[open[i].Line.OrderID] = true
		}
	}
	if len(orders) == 0 {
		return open, nil
	}
	lines, err := readShortages(s.db.Gorm(ctx).Table("shortages").Where(
		"warehouse = ? AND order_id IN ? AND state = ? AND ship_complete = ?", warehouse,
		slices.Sorted(maps.Keys(orders)), model.ShortageOpen, true).Order("id"))
	if err != nil {
		return nil, err
	}
	byOrder := map[[2]string][]flow.Shortage{}
	for _, line := range lines {
		byOrder[orderOf(&line)] = append(byOrder[orderOf(&line)], line)
	}
	for i := range open {
		if !open[i].ShipComplete {
			whole = append(whole, open[i])
			continue
		}
		together := byOrder[orderOf(&open[i])]
		delete(byOrder, orderOf(&open[i]))
		if all || !slices.ContainsFunc(together, notByItself) {
			whole = append(whole, together...)
		}
	}
	return whole, nil
}

func orderOf(short *flow.Shortage) [2]string {
	return [2]string{short.Line.JobType, short.Line.OrderID}
}

func notByItself(short flow.Shortage) bool { return !short.Cover }

// releasedSince are the shortages whose reservation somebody has released something of since.
func (s *Service) releasedSince(ctx context.Context, warehouse string, open []flow.Shortage) (
	map[int64]bool, error) {
	ids := map[int64]int64{}
	for i := range open {
		if open[i].Reservation != 0 {
			ids[open[i].Reservation] = 0
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var flows []struct{ ReservationID, CommitID int64 }
	query := s.db.Gorm(ctx).Table("zone_flows").Select("reservation_id, commit_id").
		Where("warehouse = ? AND reservation_id IN ? AND action = ?", warehouse,
			slices.Sorted(maps.Keys(ids)),
			model.Release)
	if err := query.Scan(&flows).Error; err != nil {
		return nil, err
	}
	for _, flow := range flows {
		ids[flow.ReservationID] = max(ids[flow.ReservationID], flow.CommitID)
	}
	released := map[int64]bool{}
	for i := range open {
		released[open[i].ID] = ids[open[i].Reservation] > open[i].ID
	}
	return released, nil
}

// coverPlan is how open shortages are covered: in sets, of which each happens whole or not at all.
type coverPlan struct {
	warehouse string
	sets      [][]*flow.Movement
	// covered are the shortages that are asked for, in the order of the sets, and cancelled those
	// that nobody wants any more.
	covered   []*flow.Shortage
	cancelled []*flow.Shortage
}

// planCover takes the lines of an order that ships complete, which stand together, as one set.
func (s *Service) planCover(warehouse string, open []flow.Shortage, released map[int64]bool) (
	plan coverPlan) {
	plan.warehouse = warehouse
	for i := range open {
		short := &open[i]
		if released[short.ID] {
			plan.cancelled = append(plan.cancelled, short)
			continue
		}
		set := s.cover(warehouse, short)
		if last := len(plan.covered) - 1; last >= 0 && short.ShipComplete &&
			plan.covered[last].ShipComplete && orderOf(plan.covered[last]) == orderOf(short) {
			plan.sets[len(plan.sets)-1] = append(plan.sets[len(plan.sets)-1], set...)
		} else {
			plan.sets = append(plan.sets, set)
		}
		plan.covered = append(plan.covered, short)
	}
	return plan
}

// cover is the reservation that serves a shortage and, where that was pinned, its pin. Under the
// line's own key it records what is still short as the wave would have done.
func (s *Service) cover(warehouse string, short *flow.Shortage) []*flow.Movement {
	asked := short.Asked
	line := model.ReserveLine{Key: CoverKey(&short.Shortage), Warehouse: warehouse, Item: short.Item,
		Qty: short.Qty, Zones: asked.Zones, Batch: asked.Batch, Pack: asked.Pack,
		Strategy: asked.Strategy, MinRemainingDays: asked.MinRemainingDays,
		Priority: short.Priority, AllowPartial: !short.ShipComplete}
	how := how{Ruling: Ruling{Strategy: asked.Strategy, Rule: asked.Rule}}
	if how.Strategy == "" {
		how.Strategy = FEFO
	}
	if asked.Rule != nil {
		line.MinRemainingDays = asked.Rule.AskedLife
		how.MinRemainingDays = asked.MinRemainingDays
	}
	return demanded{line: line, how: how, pin: short.Pin, records: short.Source == "",
		since: short.CreatedAt}.movements()
}

// settle writes down what became of the shortages.
func (p *coverPlan) settle(ctx context.Context, tx *store.Tx, results []model.Result) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	for _, short := range p.cancelled {
		if _, err := p.write(tx, short, model.ShortageCancelled, 0, now); err != nil {
			return err
		}
	}
	for _, short := range p.covered {
		result := results[0]
		results = results[1:]
		if short.Pin {
			result = withPin(result, results[0])
			results = results[1:]
		}
		if err := p.settleOne(ctx, tx, short, result, now); err != nil {
			return err
		}
	}
	return nil
}

func (p *coverPlan) settleOne(ctx context.Context, tx *store.Tx, short *flow.Shortage,
	result model.Result, now model.Instant) error {
	switch result.Code {
	case model.Applied, model.Partial, model.Replayed:
		covered := result.Applied
		if result.Reservation != nil {
			covered = result.Reservation.Held
		}
		changed, err := p.write(tx, short, model.ShortageCovered, covered, now)
		if err == nil && changed && covered < short.Qty && short.Source != "" {
			err = p.keepRest(ctx, tx, short, covered)
		}
		return err
	case model.Cancelled, model.KeyConflict, model.TooOld, model.InvalidState:
		_, err := p.write(tx, short, model.ShortageCancelled, 0, now)
		return err
	}
	return nil // it stays open
}

// write changes a shortage that is still open, and says whether it was.
func (p *coverPlan) write(tx *store.Tx, short *flow.Shortage, state model.ShortageState,
	covered model.Quantity, now model.Instant) (bool, error) {
	values := map[string]any{"state": state, "covered": covered, "updated_at": now}
	if state == model.ShortageCovered && covered < short.Qty {
		values["qty"] = covered
	}
	result := tx.Gorm().Table("shortages").Where("warehouse = ? AND id = ? AND state = ?",
		p.warehouse, short.ID, model.ShortageOpen).Updates(values)
	return result.RowsAffected > 0, result.Error
}

// keepRest records what a shortage still lacks as one of its own: the key of what covered it is
// used.
func (p *coverPlan) keepRest(ctx context.Context, tx *store.Tx, short *flow.Shortage,
	covered model.Quantity) error {
	rest := *short
	rest.ID, rest.Qty = tx.NewID(), short.Qty-covered
	rest.Source = fmt.Sprintf("%s %d", shortageJob, short.ID)
	return flow.AddShortages(ctx, tx, p.warehouse, []flow.Shortage{rest})
}
