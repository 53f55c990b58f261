package tier3

import (
	"cmp"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Withdrawal is stock that has left by the books of another system, wherever here it lies: the
// movement takes Qty of free stock, oldest first, from each row's bins in the order in which goods
// are deducted. Zone and Batch narrow the choice: "" is any zone, nil any batch.
type Withdrawal struct {
	Key       model.TaskKey
	Warehouse string
	Item      model.Item
	Zone      string
	Batch     *string
	Pack      string
	Qty       model.Quantity
	Audit     model.Audit
}

// Withdraw is the movement of a withdrawal; it is an adjustment. It takes all or nothing: less than
// is wanted is INSUFFICIENT.
func Withdraw(line Withdrawal) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Adjust), Audit: line.Audit,
		Needs: flow.Needs{Items: []model.Item{line.Item}, FreeBins: true},
		Content: func(content *flow.Content, view *master.View) {
			content.Text('o', line.Item.Owner).Text('s', line.Item.SKU).Text('z', line.Zone).
				Text('p', view.NormalPack(line.Item.SKU, line.Pack)).Quantity('d', -line.Qty)
			if line.Batch != nil {
				content.Flag('B', true).Text('b', *line.Batch)
			}
		},
		Decide: func(effect *flow.Effect) error { return decideWithdraw(effect, line) }}
}

func decideWithdraw(effect *flow.Effect, line Withdrawal) error {
	sku, err := effect.Article("sku", line.Item.SKU)
	if err != nil {
		return err
	}
	if line.Pack, err = flow.NormalPack("pack", sku, line.Pack); err != nil {
		return err
	}
	if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
		return err
	}
	if line.Zone != "" {
		if _, err := effect.Site("zone", line.Zone); err != nil {
			return err
		}
	}
	rest := line.Qty
	for _, row := range oldestFirst(effect.ZoneRows(line.Item), line) {
		rest -= takeFree(effect, row, min(rest, row.Available()))
	}
	if rest > 0 {
		return flow.Refuse(model.Insufficient, "qty", fmt.Sprintf(
			"only %s of %s is free here", line.Qty-rest, line.Qty))
	}
	effect.Applied = -line.Qty
	return nil
}

// oldestFirst are the rows that a withdrawal may take from, by when their goods came.
func oldestFirst(rows []*flow.StockRow, line Withdrawal) []*flow.StockRow {
	var suited []*flow.StockRow
	for _, row := range rows {
		if (line.Zone == "" || row.Zone == line.Zone) && row.Pack == line.Pack &&
			(line.Batch == nil || row.Batch == *line.Batch) && row.Available() > 0 {
			suited = append(suited, row)
		}
	}
	slices.SortFunc(suited, func(one, other *flow.StockRow) int {
		return cmp.Or(cmp.Compare(one.ReceivedOn, other.ReceivedOn), cmp.Compare(one.ID, other.ID))
	})
	return suited
}

// takeFree takes free stock of a tier-2 row out of its bins, and says how much it found there.
func takeFree(effect *flow.Effect, row *flow.StockRow, qty model.Quantity) model.Quantity {
	rest := qty
	for _, bin := range effect.FreeBins(row) {
		if rest <= 0 {
			break
		}
		part := min(rest, bin.Available())
		effect.Post(bin, flow.OnHand(-part))
		effect.Post(row, flow.OnHand(-part))
		rest -= part
	}
	return qty - max(rest, 0)
}
