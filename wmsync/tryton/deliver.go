package tryton

import (
	"context"
	"errors"
	"fmt"

	"tierstock/model"
	"tierstock/wmsync"
)

const (
	// shipmentModel is what a movement becomes.
	shipmentModel = "stock.shipment.internal"
	// referencePrefix begins the reference of a shipment of ours; the movement's id follows.
	referencePrefix = "tierstock:"
)

// shipment is a stock.shipment.internal.
type shipment struct {
	ID        int64  `json:"id"`
	Reference string `json:"reference"`
	State     string `json:"state"`
}

// shipmentsByReference are the oldest shipments with references, by those.
func (c *Client) shipmentsByReference(
	ctx context.Context, references []string,
) (map[string]shipment, error) {
	all, err := find[shipment](ctx, c, query{model: shipmentModel, order: byID(),
		domain: list{list{"reference", "in", references}}, fields: []string{"reference", "state"}})
	first := map[string]shipment{}
	for _, one := range all {
		if _, known := first[one.Reference]; !known {
			first[one.Reference] = one
		}
	}
	return first, err
}

// Deliver books movements one by one. One that was begun before is finished, and one that was
// finished is a duplicate.
func (c *Client) Deliver(
	ctx context.Context, _ string, movements []wmsync.Movement,
) ([]wmsync.Receipt, error) {
	desk, err := c.prepare(ctx, movements)
	if failure, ok := errors.AsType[*wmsync.Failure](err); ok && failure.Kind == wmsync.Refused {
		// That nothing may be looked up is no movement's fault, and none is to die of it.
		return nil, wmsync.Fail(wmsync.Unreachable, "%s", failure.Message)
	}
	if err != nil {
		return nil, plain(err)
	}
	receipts := make([]wmsync.Receipt, 0, len(movements))
	for i := range movements {
		receipt, err := desk.book(ctx, &movements[i])
		failure, failed := errors.AsType[*wmsync.Failure](err)
		stumbled, stumbles := errors.AsType[stumble](err)
		switch {
		case err == nil:
		case failed && failure.Kind == wmsync.Refused:
			receipt = wmsync.Receipt{Outcome: wmsync.Rejected, Message: failure.Message}
		case stumbles: // a movement that always does must not keep the others
			receipt = wmsync.Receipt{Outcome: wmsync.Retry, Message: stumbled.Message}
		case i == 0:
			return nil, err
		default:
			return interrupted(receipts, len(movements), err), nil
		}
		receipts = append(receipts, receipt)
	}
	return receipts, nil
}

// interrupted answers for those that were not come to.
func interrupted(receipts []wmsync.Receipt, count int, err error) []wmsync.Receipt {
	again := wmsync.Receipt{Outcome: wmsync.Retry, Message: err.Error()}
	if failure, ok := errors.AsType[*wmsync.Failure](err); ok {
		again.RetryAfter = failure.RetryAfter
	}
	for len(receipts) < count {
		receipts = append(receipts, again)
	}
	return receipts
}

// book makes a movement's shipment, or takes the one that there is, and brings it to its end.
func (d *desk) book(ctx context.Context, m *wmsync.Movement) (wmsync.Receipt, error) {
	reference := referencePrefix + m.ID
	if known, ok := d.shipments[reference]; ok {
		if known.State == "done" {
			return wmsync.Receipt{Outcome: wmsync.Duplicate}, nil
		}
		return d.finish(ctx, known.ID, known.State, m)
	}
	from, to, err := d.places(m)
	if err != nil {
		return wmsync.Receipt{}, err
	}
	if from == to {
		return wmsync.Receipt{Outcome: wmsync.Applied,
			Message: "Tryton does not tell these places apart; its quantities stay as they are"}, nil
	}
	values, err := d.values(ctx, m, from, to)
	if err != nil {
		return wmsync.Receipt{}, err
	}
	var ids []int64
	err = d.client.call(ctx, &ids, nil, "model."+shipmentModel+".create", list{map[string]any{
		"reference": reference, "from_location": from, "to_location": to,
		"moves": list{list{"create", list{values}}},
	}})
	if err == nil && len(ids) != 1 {
		err = wmsync.Fail(wmsync.Malformed, "Tryton created %d shipments instead of one", len(ids))
	}
	if err != nil {
		return wmsync.Receipt{}, err
	}
	d.shipments[reference] = shipment{ID: ids[0], Reference: reference, State: "draft"}
	return d.finish(ctx, ids[0], "draft", m)
}

// finish brings a shipment from the state it is in to done. Tryton ignores a step that does not fit
// the state, so the state is read at the end.
func (d *desk) finish(
	ctx context.Context, id int64, state string, m *wmsync.Movement,
) (wmsync.Receipt, error) {
	var assigned bool
	steps := []struct {
		from, method string
		result       any
	}{{"request", "draft", nil}, {"draft", "wait", nil}, {"waiting", "assign_try", &assigned}}
	after := map[string]string{"request": "draft", "draft": "waiting", "waiting": "assigned"}
	for _, step := range steps {
		if state != step.from {
			continue
		}
		if err := d.step(ctx, step.result, step.method, id); err != nil {
			return wmsync.Receipt{}, err
		}
		if step.method == "assign_try" && !assigned {
			return d.release(ctx, id, fmt.Sprintf("Tryton cannot assign %s of %s: it has not as many"+
				" there", m.Qty, m.SKU))
		}
		state = after[state]
	}
	if state != "assigned" {
		return wmsync.Receipt{Outcome: wmsync.Rejected,
			Message: fmt.Sprintf("its shipment %d in Tryton is %s", id, state)}, nil
	}
	short, err := d.shortLot(ctx, id)
	if err != nil {
		return wmsync.Receipt{}, err
	}
	if short {
		return d.release(ctx, id, fmt.Sprintf("Tryton cannot assign %s of %s: the lot %s has not as"+
			" many there", m.Qty, m.SKU, m.Batch))
	}
	if err := d.step(ctx, nil, "done", id); err != nil {
		return wmsync.Receipt{}, err
	}
	return d.verdict(ctx, id)
}

func (d *desk) step(ctx context.Context, result any, method string, id int64) error {
	return d.client.call(ctx, result, nil, "model."+shipmentModel+"."+method, list{id})
}

// release gives back what could be assigned of a shipment, so that it holds nothing meanwhile.
func (d *desk) release(ctx context.Context, id int64, why string) (wmsync.Receipt, error) {
	err := d.step(ctx, nil, "wait", id)
	return wmsync.Receipt{Outcome: wmsync.Retry, Message: why}, err
}

func (d *desk) verdict(ctx context.Context, id int64) (wmsync.Receipt, error) {
	found, err := find[shipment](ctx, d.client, query{model: shipmentModel,
		domain: list{list{"id", "=", id}}, fields: []string{"state"}})
	switch {
	case err != nil:
		return wmsync.Receipt{}, err
	case len(found) == 1 && found[0].State == "done":
		return wmsync.Receipt{Outcome: wmsync.Applied}, nil
	}
	return wmsync.Receipt{Outcome: wmsync.Retry,
		Message: fmt.Sprintf("its shipment %d in Tryton is not done yet", id)}, nil
}

// shortLot says whether a lot would be short where Tryton assigned it: it assigns by product alone.
func (d *desk) shortLot(ctx context.Context, id int64) (bool, error) {
	moves, err := find[move](ctx, d.client, query{model: "stock.move", fields: moveFields,
		domain: list{list{"shipment", "=", fmt.Sprintf("%s,%d", shipmentModel, id)},
			list{"state", "=", "assigned"}, list{"lot", "!=", nil},
			list{"from_location.type", "=", "storage"}}})
	if err != nil {
		return false, err
	}
	for _, m := range moves {
		var lots []lotQuantity
		// stock_assign counts as gone what is assigned, this move's as well.
		more := map[string]any{"locations": []int64{m.From}, "stock_assign": true}
		if err := d.client.call(ctx, &lots, more, "model.stock.lot.read", list{m.Lot.ID},
			list{"quantity"}); err != nil {
			return false, err
		}
		for _, lot := range lots {
			left, err := quantityOf(lot.Quantity, model.QuantityScale)
			if err != nil || left < 0 {
				return true, nil //nolint:nilerr // an unreadable quantity is none to take from
			}
		}
	}
	return false, nil
}
