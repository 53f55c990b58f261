package tier3

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Freeze takes stock out of what may be promised, without moving it.
func (s *Service) Freeze(ctx context.Context, mode flow.Mode, lines []model.FreezeLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, func(line model.FreezeLine) *flow.Movement {
		return freezing(line, model.Freeze, decideFreeze)
	})
}

// Unfreeze gives frozen stock back to what may be promised.
func (s *Service) Unfreeze(ctx context.Context, mode flow.Mode, lines []model.FreezeLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, func(line model.FreezeLine) *flow.Movement {
		return freezing(line, model.Unfreeze, decideUnfreeze)
	})
}

func freezing(line model.FreezeLine, action model.Action,
	decide func(*flow.Effect, *flow.StockRow, model.Quantity) error) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.At.Warehouse, action),
		Audit: line.Audit,
		Needs: flow.Needs{Items: []model.Item{line.At.Item()}, Bins: []string{line.At.Bin}},
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.At).Quantity('q', line.Qty)
		},
		Decide: func(effect *flow.Effect) error {
			row, sku, err := effect.BinRowAt("at", line.At)
			if err != nil {
				return err
			}
			if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
				return err
			}
			effect.Applied = line.Qty
			return decide(effect, row, line.Qty)
		}}
}

func decideFreeze(effect *flow.Effect, row *flow.StockRow, qty model.Quantity) error {
	if err := checkFree(effect, row, "qty", qty); err != nil {
		return err
	}
	effect.Post(row, flow.Frozen(qty))
	effect.Post(effect.Above(row), flow.Frozen(qty))
	return nil
}

func decideUnfreeze(effect *flow.Effect, row *flow.StockRow, qty model.Quantity) error {
	if effect.Blocked(row.Bin) {
		return flow.Refuse(model.InvalidState, "at.bin", "bin "+row.Bin+
			" is blocked; unblock it first")
	}
	if qty > row.Frozen {
		return flow.Refuse(model.InvalidState, "qty",
			fmt.Sprintf("only %s is frozen in bin %s", row.Frozen, row.Bin))
	}
	effect.Post(row, flow.Frozen(-qty))
	effect.Post(effect.Above(row), flow.Frozen(-qty))
	return nil
}
