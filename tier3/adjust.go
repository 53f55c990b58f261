package tier3

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Adjust changes bin rows by signed amounts, for a reason.
func (s *Service) Adjust(ctx context.Context, mode flow.Mode, lines []model.AdjustLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, adjust)
}

func adjust(line model.AdjustLine) *flow.Movement {
	needs := flow.Needs{Items: []model.Item{line.At.Item()}, Bins: []string{line.At.Bin}}
	if line.Delta > 0 {
		needs.Enters = needs.Bins
	}
	return &flow.Movement{Key: line.Key.For(line.At.Warehouse, model.Adjust),
		Audit: line.Audit, Needs: needs,
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.At).Quantity('d', line.Delta).Flag('f', line.Frozen)
		},
		Decide: func(effect *flow.Effect) error { return decideAdjust(effect, line) }}
}

func decideAdjust(effect *flow.Effect, line model.AdjustLine) error {
	row, sku, err := effect.BinRowAt("at", line.At)
	if err != nil {
		return err
	}
	if line.Delta == 0 {
		return flow.Refuse(model.Invalid, "delta", "must not be zero")
	}
	if err := flow.CheckDigits("delta", sku, line.Delta); err != nil {
		return err
	}
	if err := checkExpected(line.ExpectedOnHand, sku, row); err != nil {
		return err
	}
	change := flow.OnHand(line.Delta)
	if line.Frozen || line.Delta > 0 && effect.Blocked(row.Bin) {
		change.Frozen = line.Delta
	}
	if err := checkTaken(effect, row, "delta", -line.Delta, change.Frozen != 0); err != nil {
		return err
	}
	above := effect.Above(row)
	if line.Delta > 0 {
		if err := effect.DateBatch(row.Item, row.Batch, ""); err != nil {
			return err
		}
		effect.Arrive(above, effect.Today())
	}
	effect.Post(row, change)
	effect.Post(above, change)
	effect.Applied = line.Delta
	return nil
}

// checkExpected refuses a guard that no row can meet as INVALID, one that this row does not meet as
// STALE. Left out, it guards nothing.
func checkExpected(expected *model.Quantity, sku model.SKU, row *flow.StockRow) error {
	if expected == nil {
		return nil
	}
	if *expected < 0 {
		return flow.Refuse(model.Invalid, "expectedOnHand", expected.String()+" is negative")
	}
	if err := flow.CheckDigits("expectedOnHand", sku, *expected); err != nil {
		return err
	}
	if *expected != row.OnHand {
		return flow.Refuse(model.Stale, "expectedOnHand",
			fmt.Sprintf("%s is on hand, not %s", row.OnHand, *expected))
	}
	return nil
}

// checkTaken refuses taking more than a row has free (or frozen), in either tier. A qty that is
// not positive takes nothing.
func checkTaken(effect *flow.Effect, row *flow.StockRow, field string, qty model.Quantity,
	frozen bool) error {
	if qty <= 0 {
		return nil
	}
	if frozen {
		if qty > row.Frozen {
			return flow.Refuse(model.Insufficient, field,
				fmt.Sprintf("only %s is frozen in bin %s", row.Frozen, row.Bin))
		}
		return nil
	}
	return checkFree(effect, row, field, qty)
}

// checkFree refuses taking more than is available in the bin, or than tier 2 can spare.
func checkFree(effect *flow.Effect, row *flow.StockRow, field string, qty model.Quantity) error {
	if err := checkBinFree(row, field, qty, nil); err != nil {
		return err
	}
	if above := effect.Above(row); qty > above.Available() {
		return flow.RefuseHeld(model.Insufficient, field, fmt.Sprintf(
			"only %s is available in zone %s", above.Available(), above.Zone), above, nil)
	}
	return nil
}

// checkBinFree refuses taking more than is available in the bin, whatever tier 2 can spare. asks
// is the reservation it is for, nil for none.
func checkBinFree(row *flow.StockRow, field string, qty model.Quantity,
	asks *flow.Reservation) error {
	if qty > row.Available() {
		return flow.RefuseHeld(model.Insufficient, field, fmt.Sprintf(
			"only %s is available in bin %s: %s on hand, %s pinned, %s frozen", row.Available(),
			row.Bin, row.OnHand, row.Reserved, row.Frozen), row, asks)
	}
	return nil
}
