package tier2

import (
	"context"
	"fmt"
	"strings"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Restore brings back, as free stock, what left under a deduction's key or a pick's.
func (s *Service) Restore(ctx context.Context, mode flow.Mode, lines []model.RestoreLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, restore)
}

func restore(line model.RestoreLine) *flow.Movement {
	departed := own(line.Deduction, line.Key).For(line.Warehouse, model.Deduct)
	if line.Pick != nil {
		departed = line.Pick.For(line.Warehouse, model.Pick)
	}
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Restore), Audit: line.Audit,
		Needs: flow.Needs{Departed: &departed},
		Content: func(content *flow.Content, _ *master.View) {
			content.Optional('q', line.Qty).Line('d', line.Deduction, line.Key)
			if line.Pick != nil {
				content.Text('j', line.Pick.JobType).Text('t', line.Pick.TaskID).
					Number('v', line.Pick.Revision)
			}
		},
		Decide: func(effect *flow.Effect) error {
			if line.Deduction != nil && line.Pick != nil {
				return flow.Refuse(model.Invalid, "pick", "name a deduction or a pick, not both")
			}
			return decideRestore(effect, line, departed)
		}}
}

func decideRestore(effect *flow.Effect, line model.RestoreLine, key model.Key) error {
	field := "deduction"
	if key.IsTask() {
		field = "pick"
	}
	departure := effect.Departure(key)
	if departure == nil && effect.Archived(key) {
		return flow.Refuse(model.TooOld, field, "what left under this key belongs to archived "+
			"history; bring it back with receive, under a key of its own")
	}
	if departure == nil {
		return flow.Refuse(model.NotFound, field, fmt.Sprintf("nothing was done under %s %s",
			key.JobType, strings.Trim(key.OrderID+"/"+key.LineID+"/"+key.TaskID, "/")))
	}
	if err := flow.CheckHint(line.SKU, departure.Item.SKU); err != nil {
		return err
	}
	sku, err := effect.Article("sku", departure.Item.SKU)
	if err != nil {
		return err
	}
	left := -departure.Restored
	for _, leg := range departure.Legs {
		left += departure.Worth(sku, leg.From.Pack, leg.Qty)
	}
	qty := left
	if line.Qty != nil {
		qty = *line.Qty
		if err := flow.CheckQty("qty", sku, qty); err != nil {
			return err
		}
	}
	if left == 0 || qty > left {
		return flow.Refuse(model.InvalidState, "qty", fmt.Sprintf(
			"only %s of what left under that key has not come back", left))
	}
	effect.Applied = qty
	return putBack(effect, departure, sku, qty)
}

// putBack goes on where earlier restores stopped, in the order the goods left.
func putBack(effect *flow.Effect, departure *flow.Departure, sku model.SKU,
	qty model.Quantity) error {
	skip, rest := departure.Restored, qty
	for _, leg := range departure.Legs {
		worth := departure.Worth(sku, leg.From.Pack, leg.Qty)
		back := min(worth-min(skip, worth), rest)
		skip -= min(skip, worth)
		if back == 0 {
			continue
		}
		packs, whole := departure.Packs(sku, leg.From.Pack, back)
		if !whole {
			return flow.Refuse(model.Invalid, "qty", "would split a pack "+leg.From.Pack)
		}
		putLegBack(effect, leg, packs)
		rest -= back
	}
	effect.Return(departure, qty)
	return nil
}

// putLegBack returns goods to the bin they left, or to its zone's staging bin where that bin is
// now blocked, in another zone or a tote.
func putLegBack(effect *flow.Effect, leg flow.Departed, packs model.Quantity) {
	to := leg.From
	bin, known := effect.View.Bin(to.Bin)
	if !known || effect.Blocked(to.Bin) || bin.Zone != leg.Zone || bin.Kind.IsTote() {
		to.Bin = leg.Staging
	}
	since := leg.Since
	if since == "" {
		since = effect.Today()
	}
	row := effect.ZoneRow(to.InZone(leg.Zone))
	effect.Arrive(row, since)
	effect.Post(row, flow.OnHand(packs))
	effect.Post(effect.BinRow(to), flow.OnHand(packs))
}
