package sourcing

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tierstock/model"
)

// resume finds what earlier calls have placed of the orders, and finishes it: what is reserved and
// not pinned yet is pinned, as a repeated wave does.
func (r *run) resume(ctx context.Context) error {
	found, err := r.service.places(ctx, r.scene)
	if err != nil {
		return err
	}
	refuseConflicts(found)
	open := map[string]map[*task][]PartLine{}
	for i := range found {
		place := &found[i]
		state := &place.task.lines[place.line]
		state.exclude(place.warehouse)
		switch {
		case place.givenBack, place.task.isRefused(place.line):
		case place.isOpen():
			if open[place.warehouse] == nil {
				open[place.warehouse] = map[*task][]PartLine{}
			}
			open[place.warehouse][place.task] = append(open[place.warehouse][place.task],
				PartLine{place.line, place.reservation.Requested})
		default:
			r.note(place)
		}
	}
	for _, warehouse := range r.scene.warehouses {
		var asks []ask
		for _, task := range turns(r.scene.tasks) {
			if lines := open[warehouse.Code][task]; len(lines) > 0 {
				asks = append(asks, ask{task, lines})
			}
		}
		if err := r.askFor(ctx, warehouse.Code, 0, asks); err != nil {
			return err
		}
	}
	return nil
}

// note counts a reservation as an earlier call's answer, without asking for it again.
func (r *run) note(place *placed) {
	reservation := place.reservation
	line := &place.task.order.Lines[place.line]
	place.task.lines[place.line].held += reservation.Held
	place.task.serve(place.warehouse)
	outcome := r.outcomes[place.task]
	outcome.Parts = append(outcome.Parts, PartOutcome{Warehouse: place.warehouse,
		Code: model.Replayed, Lines: []PartLineOutcome{{LineID: line.LineID, Line: place.line,
			Qty: reservation.Requested, Result: model.Result{Code: model.Replayed,
				Applied:     reservation.Held,
				Shortage:    reservation.Requested - reservation.Held,
				Reservation: &reservation}}}})
}

// refuseConflicts refuses lines whose keys were used for something else than is asked for now, or
// that were cancelled.
func refuseConflicts(found []placed) {
	held := map[lineAt]model.Quantity{}
	for i := range found {
		place := &found[i]
		state, line := &place.task.lines[place.line], &place.task.order.Lines[place.line]
		if place.givenBack || state.refusal != nil {
			continue
		}
		at := lineAt{place.task, place.line}
		held[at] += place.reservation.Held
		item := model.Item{Owner: place.task.order.Owner, SKU: line.SKU}
		switch {
		case place.reservation.State == model.ReservationCancelled:
			state.refusal = &model.Refusal{Code: model.Cancelled, Message: fmt.Sprintf(
				"a release for this line came first, in warehouse %s", place.warehouse)}
		case place.reservation.Item != item:
			state.refusal = &model.Refusal{Code: model.KeyConflict, Field: "sku",
				Message: fmt.Sprintf("warehouse %s holds %s of SKU %s for this line", place.warehouse,
					place.reservation.Held, place.reservation.Item.SKU)}
		case place.reservation.Requested > line.Qty, held[at] > line.Qty:
			state.refusal = &model.Refusal{Code: model.KeyConflict, Field: "qty",
				Message: fmt.Sprintf("warehouses hold %s for this line already; raise its revision "+
					"to ask for something else", max(held[at], place.reservation.Requested))}
		}
	}
}

// settleTwins gives back what two calls for one order, at the same time, placed twice: of each line
// the earliest reservations stay that are not more than the line. The last of the calls sees all of
// them, and all come to the same conclusion. It says whether it found what this call did not know
// of.
func (r *run) settleTwins(ctx context.Context) (isNew bool, err error) {
	if !r.fresh && !r.wants() {
		return false, nil
	}
	found, err := r.service.places(ctx, r.scene)
	if err != nil {
		return false, err
	}
	slices.SortFunc(found, func(one, other placed) int {
		return cmp.Compare(one.reservation.ID, other.reservation.ID)
	})
	kept := map[lineAt]model.Quantity{}
	lines := map[string][]model.ReleaseLine{}
	for i := range found {
		place := &found[i]
		if place.givenBack || place.task.isRefused(place.line) {
			continue
		}
		at := lineAt{place.task, place.line}
		fits := kept[at]+place.reservation.Held <= place.task.order.Lines[place.line].Qty
		if fits || !place.isOpen() {
			kept[at] += place.reservation.Held
			if r.answered(place) == nil {
				isNew = true
				r.note(place)
				place.task.lines[place.line].exclude(place.warehouse)
			}
			continue
		}
		lines[place.warehouse] = append(lines[place.warehouse],
			giveBack(place.warehouse, &place.reservation))
		if answered := r.answered(place); answered != nil {
			answered.GivenBack = true
		}
	}
	for at, qty := range kept {
		at.task.lines[at.line].held = qty
	}
	return isNew, r.releaseAll(ctx, lines)
}

// answered is the answer that made a reservation, or found it; nil for none.
func (r *run) answered(place *placed) *PartLineOutcome {
	for _, part := range r.outcomes[place.task].Parts {
		for l := range part.Lines {
			line := &part.Lines[l]
			if line.Reservation != nil && line.Reservation.ID == place.reservation.ID {
				return line
			}
		}
	}
	return nil
}
