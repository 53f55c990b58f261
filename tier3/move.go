package tier3

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Move moves stock from bin to bin: free stock, a reservation's, or frozen stock. Under the key of
// an open task to move goods it advances that task.
func (s *Service) Move(ctx context.Context, mode flow.Mode, lines []model.MoveLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, move)
}

func move(line model.MoveLine) *flow.Movement {
	needs := flow.Needs{Items: []model.Item{line.From.Item()},
		Bins: []string{line.From.Bin, line.ToBin}, Enters: []string{line.ToBin}}
	if line.WithReservation != nil {
		needs.Reservations = []model.LineKey{*line.WithReservation}
	}
	if flow.IsWorkJob(line.Key.JobType) {
		needs.Work = &line.Key
	}
	return &flow.Movement{Key: line.Key.For(line.From.Warehouse, model.Move),
		Audit: line.Audit, Needs: needs,
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.From).Text('t', line.ToBin).Quantity('q', line.Qty).
				Flag('f', line.Frozen).Line('r', line.WithReservation, model.LineKey{})
		},
		Decide: func(effect *flow.Effect) error { return decideMove(effect, line) }}
}

func decideMove(effect *flow.Effect, line model.MoveLine) error {
	if line.Frozen && line.WithReservation != nil {
		return flow.Refuse(model.Invalid, "frozen", "frozen stock is nobody's; give one of "+
			"frozen and withReservation")
	}
	from, to, err := ends(effect, line.From, line.ToBin, line.Qty)
	if err != nil {
		return err
	}
	effect.Applied = line.Qty
	switch {
	case line.WithReservation != nil:
		err = moveHeld(effect, from, to, line)
	case line.Frozen:
		err = moveFrozen(effect, from, to, line.Qty)
	default:
		err = moveFree(effect, from, to, line.Qty)
	}
	if err == nil {
		effect.Worked(from, to, line.Qty)
	}
	return err
}

// ends checks where goods come from and go to.
func ends(effect *flow.Effect, key model.BinStockKey, toBin string, qty model.Quantity) (
	from, to *flow.StockRow, err error) {
	from, sku, err := effect.BinRowAt("from", key)
	if err != nil {
		return nil, nil, err
	}
	if err := flow.CheckQty("qty", sku, qty); err != nil {
		return nil, nil, err
	}
	if toBin == from.Bin {
		return nil, nil, flow.Refuse(model.Invalid, "toBin", "the goods are in bin "+toBin)
	}
	if _, err := effect.OpenPlace("toBin", toBin); err != nil {
		return nil, nil, err
	}
	key.Bin, key.Pack = toBin, from.Pack
	return from, effect.BinRow(key), nil
}

func moveFree(effect *flow.Effect, from, to *flow.StockRow, qty model.Quantity) error {
	if from.Zone == to.Zone {
		if err := checkBinFree(from, "qty", qty, nil); err != nil {
			return err
		}
	} else if err := checkFree(effect, from, "qty", qty); err != nil {
		return err
	}
	carry(effect, from, to, flow.OnHand(qty))
	return nil
}

func moveFrozen(effect *flow.Effect, from, to *flow.StockRow, qty model.Quantity) error {
	if qty > from.Frozen {
		return flow.Refuse(model.InvalidState, "qty",
			fmt.Sprintf("only %s is frozen in bin %s", from.Frozen, from.Bin))
	}
	carry(effect, from, to, model.Amounts{OnHand: qty, Frozen: qty})
	return nil
}

// carry takes amounts from one bin row to another, and across zones from tier-2 row to tier-2
// row, with the date the goods came.
func carry(effect *flow.Effect, from, to *flow.StockRow, amounts model.Amounts) {
	effect.Post(from, model.Amounts{}.Minus(amounts))
	effect.Post(to, amounts)
	if from.Zone == to.Zone {
		return
	}
	above, aboveTo := effect.Above(from), effect.Above(to)
	effect.Arrive(aboveTo, above.ReceivedOn)
	effect.Post(above, model.Amounts{}.Minus(amounts))
	effect.Post(aboveTo, amounts)
}

// moveHeld takes the reservation's pins there first, their tasks following; then free stock
// under its hold.
func moveHeld(effect *flow.Effect, from, to *flow.StockRow, line model.MoveLine) error {
	r, err := effect.Live("withReservation", *line.WithReservation, "")
	if err != nil {
		return err
	}
	hold := r.HoldOn(effect.Above(from))
	if hold == nil || hold.Open() == 0 {
		return flow.Refuse(model.InvalidState, "withReservation",
			"the reservation holds nothing of that row")
	}
	pins := r.PinsIn(from)
	rest := line.Qty
	for _, pin := range pins {
		rest -= min(rest, pin.Pinned)
	}
	if rest > hold.Unpinned() {
		return flow.Refuse(model.InvalidState, "qty", fmt.Sprintf(
			"the reservation holds only %s of what could come from there", hold.Unpinned()+
				line.Qty-rest))
	}
	if err := checkBinFree(from, "qty", rest, r); err != nil {
		return err
	}
	target := effect.Shift(hold, effect.Above(to), line.Qty)
	rest = line.Qty
	for _, pin := range pins {
		qty := min(rest, pin.Pinned)
		if qty > 0 {
			effect.MovePin(pin, target, to, qty)
		}
		rest -= qty
	}
	effect.Post(from, flow.OnHand(-rest))
	effect.Post(to, flow.OnHand(rest))
	return nil
}
