package tier3

import (
	"context"
	"fmt"
	"strconv"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Pin ties what reservations hold to bins, one task a bin row.
func (s *Service) Pin(ctx context.Context, mode flow.Mode, lines []model.PinLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, pin)
}

func pin(line model.PinLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Pin), Audit: line.Audit,
		Needs: flow.Needs{Reservations: []model.LineKey{line.Reservation}, FreeBins: true,
			Bins: binsOf(line.Bin)},
		Content: func(content *flow.Content, _ *master.View) {
			content.Line('r', &line.Reservation, model.LineKey{}).Text('i', line.Bin).
				Optional('q', line.Qty)
		},
		Decide: func(effect *flow.Effect) error { return decidePin(effect, line) }}
}

func binsOf(bin string) []string {
	if bin == "" {
		return nil
	}
	return []string{bin}
}

func decidePin(effect *flow.Effect, line model.PinLine) error {
	r, err := effect.Live("reservation", line.Reservation, "")
	if err != nil {
		return err
	}
	if err := checkPinBin(effect, r, line.Bin); err != nil {
		return err
	}
	qty, err := pinQty(effect, r, line)
	if err != nil {
		return err
	}
	effect.Applied = qty
	fill := effect.Fill(r, qty)
	for _, hold := range r.Holds {
		if err := pinHold(effect, fill, hold, line); err != nil {
			return err
		}
	}
	if rest := fill.Rest(); rest > 0 {
		return flow.Refuse(model.Insufficient, "qty", fmt.Sprintf(
			"the bins have only %s free of what the reservation holds", qty-rest))
	}
	return nil
}

// checkPinBin refuses a bin where the reservation holds nothing.
func checkPinBin(effect *flow.Effect, r *flow.Reservation, code string) error {
	if code == "" {
		return nil
	}
	bin, err := effect.Place("bin", code)
	if err != nil {
		return err
	}
	for _, hold := range r.Holds {
		if hold.Row.Zone == bin.Zone && hold.Open() > 0 {
			return nil
		}
	}
	return flow.Refuse(model.InvalidState, "bin", "the reservation holds nothing in zone "+
		bin.Zone)
}

// pinQty is what to pin, in the reservation's unit: by default all that is held and not pinned.
func pinQty(effect *flow.Effect, r *flow.Reservation, line model.PinLine) (model.Quantity, error) {
	unpinned := effect.Unpinned(r)
	qty := unpinned
	if line.Qty != nil {
		sku, err := effect.Article("reservation", r.Item.SKU)
		if err != nil {
			return 0, err
		}
		qty = *line.Qty
		if err := flow.CheckQty("qty", sku, qty); err != nil {
			return 0, err
		}
	}
	if unpinned == 0 || qty > unpinned {
		return 0, flow.Refuse(model.InvalidState, "qty",
			fmt.Sprintf("only %s is held and not pinned", unpinned))
	}
	return qty, nil
}

// pinHold ties one hold to free bins, as much of it as still fits.
func pinHold(effect *flow.Effect, fill *flow.Fill, hold *flow.Hold, line model.PinLine) error {
	if line.Bin != "" {
		return pinInBin(effect, fill, hold, line)
	}
	free := model.Quantity(0)
	for _, bin := range effect.FreeBins(hold.Row) {
		free += bin.Available()
	}
	packs, err := fill.Take(hold.Row.Pack, min(free, hold.Unpinned()))
	if err != nil || packs == 0 {
		return err
	}
	effect.PinInBins(hold, packs, nil, line.Key)
	return nil
}

// pinInBin ties one hold to the bin that was named, as much of it as lies free there.
func pinInBin(effect *flow.Effect, fill *flow.Fill, hold *flow.Hold, line model.PinLine) error {
	for _, bin := range effect.FreeBins(hold.Row) {
		if bin.Bin != line.Bin {
			continue
		}
		packs, err := fill.Take(bin.Pack, min(bin.Available(), hold.Unpinned()))
		if err != nil {
			return err
		}
		if packs > 0 {
			effect.Pin(hold, bin, packs, line.Key)
		}
	}
	return nil
}

// Unpin cancels tasks; their reservations keep their holds.
func (s *Service) Unpin(ctx context.Context, mode flow.Mode, lines []model.UnpinLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, unpin)
}

func unpin(line model.UnpinLine) *flow.Movement {
	id, err := strconv.ParseInt(line.Task, 10, 64)
	if err != nil {
		id = 0
	}
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Unpin), Audit: line.Audit,
		Needs: flow.Needs{Task: id},
		Content: func(content *flow.Content, _ *master.View) {
			content.Text('t', line.Task)
		},
		Decide: func(effect *flow.Effect) error { return decideUnpin(effect, line, id) }}
}

func decideUnpin(effect *flow.Effect, line model.UnpinLine, id int64) error {
	task := effect.Task(id)
	if task == nil || task.Kind == model.GoodsPicked {
		return flow.Refuse(model.NotFound, "task", "there is no task "+line.Task)
	}
	if task.Kind != model.TaskPick || task.State != model.TaskOpen || task.Pinned == 0 {
		return flow.Refuse(model.InvalidState, "task", fmt.Sprintf(
			"it is a %s task and %s; only an open PICK task ties stock", task.Kind, task.State))
	}
	effect.Act(task.Reservation)
	effect.Applied = task.Pinned
	effect.Unpin(task)
	return nil
}
