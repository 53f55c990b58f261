package tier3

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Count sets bin rows to what was counted while work went on, if their versions are still those
// handed out when counting began.
func (s *Service) Count(ctx context.Context, mode flow.Mode, lines []model.CountLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, count)
}

func count(line model.CountLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.At.Warehouse, model.Count),
		Audit: line.Audit,
		Needs: flow.Needs{Items: []model.Item{line.At.Item()}, Bins: []string{line.At.Bin},
			Enters: []string{line.At.Bin}, CountTasks: true},
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.At).Quantity('c', line.Counted)
		},
		Decide: func(effect *flow.Effect) error { return decideCount(effect, line) }}
}

func decideCount(effect *flow.Effect, line model.CountLine) error {
	row, sku, err := effect.BinRowAt("at", line.At)
	if err != nil {
		return err
	}
	if line.Counted < 0 {
		return flow.Refuse(model.Invalid, "counted", line.Counted.String()+" is negative")
	}
	if err := flow.CheckDigits("counted", sku, line.Counted); err != nil {
		return err
	}
	if line.ExpectedVersion != row.Version {
		return flow.Refuse(model.Stale, "expectedVersion", fmt.Sprintf(
			"the row is at version %d; count it again", row.Version))
	}
	above := effect.Above(row)
	effect.Note(row)
	effect.Note(above)
	thaw(effect, row, above)
	return setCounted(effect, row, above, line.Counted)
}

// thaw closes the row's open count tasks and unfreezes what they had frozen.
func thaw(effect *flow.Effect, row, above *flow.StockRow) {
	for _, task := range effect.CountTasks(row) {
		qty := min(task.Froze, row.Frozen)
		effect.Post(row, flow.Frozen(-qty))
		effect.Post(above, flow.Frozen(-qty))
		effect.CloseCount(task)
	}
}

func setCounted(effect *flow.Effect, row, above *flow.StockRow, counted model.Quantity) error {
	delta := counted - row.OnHand
	if counted < row.Reserved+row.Frozen {
		return flow.RefuseHeld(model.InvalidState, "counted", fmt.Sprintf(
			"%s is pinned and %s frozen in bin %s", row.Reserved, row.Frozen, row.Bin), row, nil)
	}
	if -delta > above.Available() {
		return flow.RefuseHeld(model.InvalidState, "counted", fmt.Sprintf(
			"zone %s could spare only %s", above.Zone, above.Available()), above, nil)
	}
	if delta > 0 {
		if err := effect.DateBatch(row.Item, row.Batch, ""); err != nil {
			return err
		}
		effect.Arrive(above, effect.Today())
	}
	change := flow.OnHand(delta)
	if effect.Blocked(row.Bin) {
		change.Frozen = counted - row.Frozen
	}
	effect.Post(row, change)
	effect.Post(above, change)
	effect.Applied = counted
	return nil
}
