package sample

import (
	"context"
	"fmt"

	"tierstock/model"
)

// How often something is not as the book says: of so many picks that could be served from
// elsewhere one, which is about one in a hundred of all, and one piece in so many days.
const (
	shortEvery  = 20
	damageEvery = 60
)

// damageLeft is how many loose pieces a bin must have for one to be found damaged, so that nobody's
// order is short of it.
const damageLeft = 3

// planSurprises says at which picks pieces will be missing, and what is found damaged. Only where
// an article has an overflow bin is it certain which of its pieces come from where; and only what
// the overflow bin has can stand in.
func (p *planner) planSurprises(n int) {
	today := &p.plan.days[n]
	for i := range today.pick {
		picking := &today.pick[i]
		room := p.room(picking.SKU)
		if room.overflow == "" || picking.atHome < 2 || room.inOverflow == 0 ||
			chance(picking.taskID()+" lost", shortEvery) != 0 {
			continue
		}
		most := min(picking.atHome-1, room.inOverflow)
		picking.missing = 1 + int64(chance(picking.taskID(), int(most)))
		room.inOverflow -= picking.missing
		room.atHome += picking.missing // they are found when the bin is counted
	}
	if n%damageEvery != damageEvery/2 {
		return
	}
	first := chance(fmt.Sprint(n, " damaged"), len(p.rooms))
	for i := range p.rooms {
		room := &p.rooms[(first+i)%len(p.rooms)]
		if room.overflow != "" && room.atHome >= damageLeft {
			today.damaged = &model.BinStockKey{Warehouse: Warehouse, Bin: room.home,
				SKU: room.sku}
			room.atHome--
			return
		}
	}
}

// surprises plays what is not as the book says, one after the other and while nothing else runs:
// what is in doubt is frozen until it is counted, and who looked for stock meanwhile would find
// less by chance. The picks of a line that came short become what is left to do.
func (p *player) surprises(ctx context.Context, day *day, picks [][]model.PickLine) error {
	for i := range day.pick {
		if day.pick[i].missing == 0 || len(picks[i]) == 0 {
			continue
		}
		if err := p.pickShort(ctx, day, &day.pick[i], &picks[i]); err != nil {
			return err
		}
	}
	if day.damaged != nil {
		if err := p.findDamaged(ctx, day); err != nil {
			return err
		}
	}
	return p.giveUp(ctx, day)
}

// pickShort picks less than the bin should have. The answer says where the rest comes from now; a
// count then finds in the bin what the book says, and frees it.
func (p *player) pickShort(ctx context.Context, day *day, picking *picking,
	picks *[]model.PickLine) error {
	short := &(*picks)[0]
	short.Short, short.Qty = true, short.Qty-model.Whole(picking.missing)
	result, err := askOne(ctx, p, p.Tier3.Pick, *short)
	if err != nil {
		return err
	}
	rest := p.picksOf(day, picking, result, len(*picks))
	moved := model.Quantity(0)
	for _, pick := range rest {
		moved += pick.Qty
	}
	p.progress.ShortPicks++
	if moved == model.Whole(picking.missing) {
		p.progress.Moved++
	}
	from := short.From
	*picks = append(*picks, rest...)
	return p.count(ctx, day, picking.taskID(), from, result)
}

// findDamaged reports a damaged piece, which is frozen, writes it off and has the bin counted.
func (p *player) findDamaged(ctx context.Context, day *day) error {
	key := model.TaskKey{JobType: damageJob, TaskID: string(day.on) + "/" + day.damaged.SKU}
	audit := p.clock.audit("DAMAGE", "", day.on, pinHour)
	_, err := askOne(ctx, p, p.Tier3.Report, model.ExceptionLine{Key: key, Kind: model.Damaged,
		At: *day.damaged, Qty: new(model.One), Audit: audit})
	if err != nil {
		return err
	}
	result, err := askOne(ctx, p, p.Tier3.Adjust, model.AdjustLine{Key: key, At: *day.damaged,
		Delta: -model.One, Frozen: true, Audit: audit})
	if err != nil {
		return err
	}
	p.progress.Damaged++
	return p.count(ctx, day, key.TaskID, *day.damaged, result)
}

// count finds in a bin what the book said after that answer. The version is the present one: in a
// replay that is played again, nothing has changed the row unless it was counted already.
func (p *player) count(ctx context.Context, day *day, taskID string, at model.BinStockKey,
	after model.Result) error {
	line := model.CountLine{Key: model.TaskKey{JobType: countJob, TaskID: taskID}, At: at,
		Audit: p.clock.audit("COUNT", "", day.on, pickHour)}
	for _, leg := range after.Flows {
		if leg.Tier == model.BinTier && leg.Bin == at.Bin {
			line.Counted = leg.After.OnHand
		}
	}
	for _, stock := range after.BinStocks {
		if stock.Key.Bin == at.Bin {
			line.ExpectedVersion = stock.Version
		}
	}
	p.progress.Counts++
	_, err := askOne(ctx, p, p.Tier3.Count, line)
	return err
}

func askOne[L any](ctx context.Context, p *player, call verb[L], line L) (model.Result, error) {
	results, err := ask(ctx, p, call, []L{line}, func(int) string { return "" })
	if err != nil {
		return model.Result{}, err
	}
	return results[0], nil
}
