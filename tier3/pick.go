package tier3

import (
	"context"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Pick takes goods from bins for reservations: out of the warehouse, or to a bin where they
// stay held.
func (s *Service) Pick(ctx context.Context, mode flow.Mode, lines []model.PickLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, pick)
}

func pick(line model.PickLine) *flow.Movement {
	needs := flow.Needs{Items: []model.Item{line.From.Item()}, Bins: []string{line.From.Bin},
		Reservations: []model.LineKey{line.Reservation}, FreeBins: line.Short}
	if line.ToBin != "" {
		needs.Bins = append(needs.Bins, line.ToBin)
		needs.Enters = []string{line.ToBin}
	}
	return &flow.Movement{Key: line.Key.For(line.From.Warehouse, model.Pick),
		Audit: line.Audit, Needs: needs,
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.From).Line('r', &line.Reservation, model.LineKey{}).
				Quantity('q', line.Qty).Text('t', line.ToBin).Flag('h', line.Short)
		},
		Decide: func(effect *flow.Effect) error { return decidePick(effect, line) }}
}

func decidePick(effect *flow.Effect, line model.PickLine) error {
	from, to, err := pickEnds(effect, line)
	if err != nil {
		return err
	}
	r, err := effect.Live("reservation", line.Reservation, "")
	if err != nil {
		return err
	}
	hold, err := pickedHold(effect, r, from, line.Qty)
	if err != nil {
		return err
	}
	wasPinned := len(r.PinsIn(from)) > 0
	if err := takeFromBin(effect, r, from, line); err != nil {
		return err
	}
	effect.Start(r)
	effect.Applied = line.Qty
	if to == nil {
		effect.Leave(hold, line.Qty)
	} else {
		effect.Post(to, flow.Held(line.Qty))
		effect.MarkPicked(effect.Shift(hold, effect.Above(to), line.Qty), to, line.Qty)
	}
	effect.FitPins(hold)
	if line.Short {
		runShort(effect, r, hold, from, wasPinned)
	}
	effect.EndIfEmpty(r, model.ReservationDeducted)
	return nil
}

func pickEnds(effect *flow.Effect, line model.PickLine) (from, to *flow.StockRow, err error) {
	if line.ToBin != "" {
		return ends(effect, line.From, line.ToBin, line.Qty)
	}
	from, sku, err := effect.BinRowAt("from", line.From)
	if err != nil {
		return nil, nil, err
	}
	return from, nil, flow.CheckQty("qty", sku, line.Qty)
}

// pickedHold is the hold a pick works off: one on the bin row's tier-2 row, with that much open.
func pickedHold(effect *flow.Effect, r *flow.Reservation, from *flow.StockRow,
	qty model.Quantity) (*flow.Hold, error) {
	hold := r.HoldOn(effect.Above(from))
	if hold == nil || hold.Open() == 0 {
		return nil, flow.Refuse(model.InvalidState, "from",
			"the reservation holds nothing of that row")
	}
	if qty > hold.Open() {
		return nil, flow.Refuse(model.InvalidState, "qty", fmt.Sprintf(
			"%s is more than the %s the reservation holds of that row", qty, hold.Open()))
	}
	return hold, nil
}

// takeFromBin takes the reservation's own pins there first, the task of the key before others,
// then free stock of the bin.
func takeFromBin(effect *flow.Effect, r *flow.Reservation, from *flow.StockRow,
	line model.PickLine) error {
	pins := r.PinsIn(from)
	slices.SortStableFunc(pins, func(one, other *flow.Task) int {
		return notOf(one, line.Key) - notOf(other, line.Key)
	})
	rest := line.Qty
	for _, pin := range pins {
		rest -= min(rest, pin.Pinned)
	}
	if err := checkBinFree(from, "qty", rest, r); err != nil {
		return err
	}
	effect.Post(from, flow.OnHand(-line.Qty))
	effect.Post(from, flow.Reserved(rest-line.Qty))
	rest = line.Qty
	for _, pin := range pins {
		if qty := min(rest, pin.Pinned); qty > 0 {
			effect.Advance(pin, qty, line.ToBin)
			rest -= qty
		}
	}
	return nil
}

func notOf(task *flow.Task, key model.TaskKey) int {
	if task.JobType == key.JobType && task.TaskID == key.TaskID {
		return 0
	}
	return 1
}
