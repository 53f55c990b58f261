package tier3

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Block freezes all that is in a bin and lets nothing in.
func (s *Service) Block(ctx context.Context, mode flow.Mode, lines []model.BlockLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, func(line model.BlockLine) *flow.Movement {
		return blocking(line, model.Block, decideBlock)
	})
}

// Unblock opens a bin again. What is in it stays frozen until someone who looked unfreezes it.
func (s *Service) Unblock(ctx context.Context, mode flow.Mode, lines []model.BlockLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, func(line model.BlockLine) *flow.Movement {
		return blocking(line, model.Unblock, decideUnblock)
	})
}

func blocking(line model.BlockLine, action model.Action,
	decide func(*flow.Effect, model.Bin) error) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, action), Audit: line.Audit,
		Needs:   flow.Needs{WholeBin: line.Bin},
		Content: func(content *flow.Content, _ *master.View) { content.Text('i', line.Bin) },
		Decide: func(effect *flow.Effect) error {
			bin, err := effect.Place("bin", line.Bin)
			if err != nil {
				return err
			}
			if bin.Kind == model.StagingBin {
				return flow.Refuse(model.InvalidState, "bin", "a staging bin is never blocked")
			}
			return decide(effect, bin)
		}}
}

func decideBlock(effect *flow.Effect, bin model.Bin) error {
	if effect.Blocked(bin.Code) {
		return flow.Refuse(model.InvalidState, "bin", "bin "+bin.Code+" is blocked already")
	}
	for _, row := range effect.RowsIn(bin.Code) {
		if row.OnHand == 0 {
			continue
		}
		if row.Reserved > 0 {
			return flow.RefuseHeld(model.InvalidState, "bin", fmt.Sprintf(
				"%s of SKU %s is pinned in it; report BIN_BLOCKED to serve its holders elsewhere",
				row.Reserved, row.Item.SKU), row, nil)
		}
		above, free := effect.Above(row), row.Available()
		if free > above.Available() {
			return flow.RefuseHeld(model.InvalidState, "bin", fmt.Sprintf(
				"zone %s can spare only %s of SKU %s, and %s lies in it; report BIN_BLOCKED to "+
					"serve its holders elsewhere", row.Zone, above.Available(), row.Item.SKU, free),
				above, nil)
		}
		freezeAll(effect, row, above, free)
		effect.Applied += free
	}
	effect.SetBlocked(bin.Code, true)
	return nil
}

func freezeAll(effect *flow.Effect, row, above *flow.StockRow, free model.Quantity) {
	effect.Note(row)
	effect.Note(above)
	effect.Post(row, flow.Frozen(free))
	effect.Post(above, flow.Frozen(free))
}

func decideUnblock(effect *flow.Effect, bin model.Bin) error {
	if !effect.Blocked(bin.Code) {
		return flow.Refuse(model.InvalidState, "bin", "bin "+bin.Code+" is not blocked")
	}
	for _, row := range effect.RowsIn(bin.Code) {
		if row.OnHand > 0 {
			effect.Note(row)
			effect.Note(effect.Above(row))
		}
	}
	effect.SetBlocked(bin.Code, false)
	return nil
}
