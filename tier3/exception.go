package tier3

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Report records what workers found wrong with bin rows.
func (s *Service) Report(ctx context.Context, mode flow.Mode, lines []model.ExceptionLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, report)
}

func report(line model.ExceptionLine) *flow.Movement {
	needs := flow.Needs{Items: []model.Item{line.At.Item()}, Bins: []string{line.At.Bin},
		FreeBins: true, PinsIn: line.At.Bin}
	if line.Reservation != nil {
		needs.Reservations = []model.LineKey{*line.Reservation}
	}
	return &flow.Movement{Key: line.Key.For(line.At.Warehouse, model.Exception),
		Audit: line.Audit, Needs: needs,
		Content: func(content *flow.Content, view *master.View) {
			addRow(content, view, line.At).Text('k', string(line.Kind)).
				Optional('q', line.Qty).Line('r', line.Reservation, model.LineKey{})
		},
		Decide: func(effect *flow.Effect) error { return decideReport(effect, line) }}
}

func decideReport(effect *flow.Effect, line model.ExceptionLine) error {
	row, sku, err := effect.BinRowAt("at", line.At)
	if err != nil {
		return err
	}
	if line.Qty != nil {
		if err := flow.CheckQty("qty", sku, *line.Qty); err != nil {
			return err
		}
	}
	if line.Reservation != nil {
		if _, err := effect.Live("reservation", *line.Reservation, ""); err != nil {
			return err
		}
	}
	switch line.Kind {
	case model.OtherException:
		return nil
	case model.Overage:
		effect.Note(row)
		effect.Note(effect.Above(row))
		effect.AskCount(row, 0)
		return nil
	}
	return takeOutOfUse(effect, row, line)
}

// takeOutOfUse freezes qty of the row; pins that stand in the way are pinned elsewhere.
func takeOutOfUse(effect *flow.Effect, row *flow.StockRow, line model.ExceptionLine) error {
	usable := row.OnHand - row.Frozen
	qty := usable
	if line.Qty != nil {
		qty = *line.Qty
	}
	if qty > usable {
		return flow.Refuse(model.Insufficient, "qty", fmt.Sprintf(
			"only %s in bin %s is not frozen", usable, row.Bin))
	}
	var lost []displaced
	for _, pin := range pinsInTheWay(effect, row, line.Reservation) {
		part := min(pin.Pinned, qty-row.Available())
		if part <= 0 {
			break
		}
		lost = append(lost, displace(effect, pin, part))
	}
	effect.Applied = freezeDoubtful(effect, row, qty)
	effect.AskCount(row, effect.Applied)
	for _, each := range lost {
		missing, owner := replace(effect, each, row), effect.OwnerOf(each.hold)
		effect.Shortage += missing
		effect.Miss(owner, effect.InUnit(owner, each.hold.Row.Pack, missing), each.pinned, 0)
		effect.EndIfEmpty(owner, model.ReservationReleased)
	}
	return nil
}

// pinsInTheWay are the pins on the row: the named reservation's first, then the newest first.
func pinsInTheWay(effect *flow.Effect, row *flow.StockRow, named *model.LineKey) []*flow.Task {
	pins := effect.PinsOn(row)
	slices.SortFunc(pins, func(one, other *flow.Task) int {
		return cmp.Or(notNamed(one, named)-notNamed(other, named), cmp.Compare(other.ID, one.ID))
	})
	return pins
}

func notNamed(pin *flow.Task, named *model.LineKey) int {
	if named != nil && pin.Reservation.Key == *named {
		return 0
	}
	return 1
}

// displace lets part of a pin go in both tiers; its hold keeps the account until it is replaced.
func displace(effect *flow.Effect, pin *flow.Task, qty model.Quantity) displaced {
	hold := pin.Reservation.HoldOn(pin.ZoneRow)
	effect.Touch(pin.Reservation)
	effect.Post(pin.BinRow, flow.Reserved(-qty))
	effect.Post(hold.Row, flow.Reserved(-qty))
	effect.ShrinkPin(pin, qty)
	return displaced{hold: hold, qty: qty, pinned: true}
}
