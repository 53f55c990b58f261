package tier3

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Repack turns free packs of a bin row into packs of another size; the base quantity stays.
func (s *Service) Repack(ctx context.Context, mode flow.Mode, lines []model.RepackLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, repack)
}

func repack(line model.RepackLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.At.Warehouse, model.Repack),
		Audit: line.Audit,
		Needs: flow.Needs{Items: []model.Item{line.At.Item()}, Bins: []string{line.At.Bin},
			Enters: []string{line.At.Bin}},
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.At).Quantity('q', line.Qty).
				Text('t', view.NormalPack(line.At.SKU, line.ToPack))
		},
		Decide: func(effect *flow.Effect) error { return decideRepack(effect, line) }}
}

func decideRepack(effect *flow.Effect, line model.RepackLine) error {
	from, sku, err := effect.BinRowAt("at", line.At)
	if err != nil {
		return err
	}
	toPack, err := flow.NormalPack("toPack", sku, line.ToPack)
	if err != nil {
		return err
	}
	if toPack == from.Pack {
		return flow.Refuse(model.Invalid, "toPack", "is the pack it is in already")
	}
	if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
		return err
	}
	made, err := repacked(sku, from.Pack, toPack, line.Qty)
	if err != nil {
		return err
	}
	if err := checkFree(effect, from, "qty", line.Qty); err != nil {
		return err
	}
	key := line.At
	key.Pack = toPack
	to := effect.BinRow(key)
	above, aboveTo := effect.Above(from), effect.Above(to)
	effect.Arrive(aboveTo, above.ReceivedOn)
	effect.Post(from, flow.OnHand(-line.Qty))
	effect.Post(above, flow.OnHand(-line.Qty))
	effect.Post(to, flow.OnHand(made))
	effect.Post(aboveTo, flow.OnHand(made))
	effect.Applied = line.Qty
	return nil
}

// named is a pack by the name people use.
func named(pack string, sku model.SKU) string {
	if pack == "" {
		return sku.Unit
	}
	return pack
}

// repacked is how many packs of one size come of qty packs of another, without a remainder.
func repacked(sku model.SKU, from, to string, qty model.Quantity) (model.Quantity, error) {
	fromSize, _ := sku.Size(from)
	toSize, _ := sku.Size(to)
	made, exact := fromSize.In(toSize, qty)
	if !exact || !made.HasAtMost(sku.Decimals) {
		return 0, flow.Refuse(model.Invalid, "qty",
			fmt.Sprintf("%s of %s cannot become %s without a remainder", qty,
				named(from, sku), named(to, sku)))
	}
	return made, nil
}
