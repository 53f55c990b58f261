package wmsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
)

// orderTaker takes orders, which are allocated when they arrive. A newer version releases and
// allocates again what has changed, under the next revision; a delete releases what is open.
type orderTaker struct{}

// heldOrder is what is kept of an order: how its lines were asked for last.
type heldOrder struct {
	JobType string              `json:"jobType"`
	Owner   string              `json:"owner,omitempty"`
	Lines   map[string]heldLine `json:"lines"`
}

// heldLine is a line as it was asked for. Revision is that of its reservation's key; Qty is what
// the order says, and Shipped what had left under earlier revisions. Gone: it was released.
type heldLine struct {
	SKU      string         `json:"sku"`
	Qty      model.Quantity `json:"qty"`
	Batch    *string        `json:"batch,omitempty"`
	Pack     string         `json:"pack,omitempty"`
	Revision int64          `json:"revision"`
	Shipped  model.Quantity `json:"shipped,omitempty"`
	Gone     bool           `json:"gone,omitempty"`
}

// asks says whether a line asks for what it asked before.
func (l heldLine) asks(line model.OrderLine) bool {
	sameBatch := l.Batch == nil && line.Batch == nil ||
		l.Batch != nil && line.Batch != nil && *l.Batch == *line.Batch
	return !l.Gone && l.SKU == line.SKU && l.Qty == line.Qty && l.Pack == line.Pack && sameBatch
}

func (orderTaker) read(ctx context.Context, p *puller, it *item) error {
	if it.Op == Delta {
		return errNoDelta
	}
	if it.Op == Delete {
		return p.readDelete(ctx, it)
	}
	data, err := read[orderData](it.Data)
	if err != nil {
		return err
	}
	var c check
	order := model.Order{OrderID: c.code("orderId", orText(data.OrderID, it.Key), nil),
		JobType:   c.code("jobType", orText(data.JobType, "ORDER"), nil),
		Warehouse: c.warehouse(&p.System, orText(data.Warehouse, it.askedOf)),
		Owner:     c.label("owner", data.Owner, p.Owners), Priority: int64(data.Priority),
		ShipComplete: data.ShipComplete,
		Audit:        model.Audit{Reason: "ORDER", Reference: shortCode(it.ID)}}
	if !it.OccurredAt.IsZero() {
		order.Audit.OccurredAt = model.InstantOf(it.OccurredAt)
	}
	for i, line := range data.Lines {
		order.Lines = append(order.Lines, p.orderLine(&c, fmt.Sprintf("lines[%d].", i), line,
			order.Lines))
		it.articles = append(it.articles, order.Lines[i].SKU)
	}
	if it.Version == 0 {
		it.Version = int64(data.Version)
	}
	it.warehouse, it.key, it.data = order.Warehouse, order.OrderID, order
	if len(order.Lines) > 0 {
		it.about = model.Item{Owner: order.Owner, SKU: order.Lines[0].SKU}
	}
	return c.wrong
}

func (p *puller) orderLine(c *check, in string, data orderLineData,
	before []model.OrderLine) model.OrderLine {
	line := model.OrderLine{LineID: c.code(in+"lineId", data.LineID, nil),
		SKU: c.code(in+"sku", data.SKU, p.SKUs), Qty: model.Quantity(data.Qty),
		Batch: data.Batch, Pack: c.label(in+"pack", data.Pack, p.Packs)}
	if data.Batch != nil {
		c.add(in+"batch", model.CheckLabel(*data.Batch))
	}
	if data.Qty <= 0 {
		c.add(in+"qty", errors.New("must be greater than zero"))
	}
	if slices.ContainsFunc(before, func(b model.OrderLine) bool { return b.LineID == line.LineID }) {
		c.add(in+"lineId", fmt.Errorf("%q is there twice", data.LineID))
	}
	return line
}

func (orderTaker) plan(ctx context.Context, p *puller, warehouse string, items []*item,
	states map[string]state) error {
	for _, it := range items {
		unknown, err := p.unknownArticles(ctx, it.articles)
		if err != nil {
			return err
		}
		if len(unknown) > 0 {
			it.after = refused(faultOf(model.NotFound, "lines.sku", "there is no SKU "+unknown[0]))
			continue
		}
		order, _ := it.data.(model.Order) // of a delete there is none
		other, err := p.otherSystem(ctx, warehouse, order)
		if err != nil {
			return err
		}
		if other != "" {
			it.after = refused(faultOf(model.InvalidState, "orderId", "order "+it.key+" is system "+
				other+"'s"))
			continue
		}
		before := heldOrder{}
		if text := states[it.key].Data; text != "" {
			if err := json.Unmarshal([]byte(text), &before); err != nil {
				return fmt.Errorf("sync_items.data of order %s: %w", it.key, err)
			}
		}
		if err := p.planOrder(ctx, warehouse, it, before); err != nil {
			return err
		}
	}
	return nil
}

// refused is what comes after an item that is dead whatever happens.
func refused(fault string) func(context.Context, *store.Tx, []model.Result) (string, error) {
	return func(context.Context, *store.Tx, []model.Result) (string, error) { return fault, nil }
}

// change is how an order becomes what its newest version says.
type change struct {
	released map[string]heldLine // lines to release, as they were
	order    model.Order         // what to allocate
	kept     heldOrder           // what to keep
}

func (p *puller) planOrder(ctx context.Context, warehouse string, it *item,
	before heldOrder) error {
	order, _ := it.data.(model.Order) // of a delete there are no lines
	order.Warehouse, order.OrderID = warehouse, it.key
	if order.JobType == "" {
		order.JobType, order.Owner = before.JobType, before.Owner
	}
	if len(before.Lines) > 0 && (before.JobType != order.JobType || before.Owner != order.Owner) {
		it.after = refused("INVALID jobType: an order keeps its jobType and owner; cancel it and send " +
			"it under another id")
		return nil
	}
	holds, err := p.holds(ctx, warehouse, order, before)
	if err != nil {
		return err
	}
	todo := changeOf(order, before, holds)
	planned := p.allocation.Plan(model.Wave{Orders: []model.Order{todo.order}, CreateTasks: true})
	var releases []hold
	for _, lineID := range slices.Sorted(maps.Keys(todo.released)) {
		releases = append(releases, holds[lineID]...)
	}
	audit := model.Audit{Reason: "ORDER", Reference: shortCode(it.ID)}
	for _, hold := range releases {
		it.sets = append(it.sets, []*flow.Movement{tier2.Releasing(model.ReleaseLine{Key: hold.key,
			Warehouse: warehouse, Audit: audit})})
	}
	it.sets = append(it.sets, planned.Sets()...)
	it.keep = &state{Version: it.Version, Gone: it.Op == Delete, Data: encoded(todo.kept)}
	it.evenDead = true
	it.after = func(ctx context.Context, tx *store.Tx, verdicts []model.Result) (string, error) {
		for i, hold := range releases {
			r := verdicts[i].Reservation
			if r != nil && r.Deducted != hold.shipped {
				return "", errPlanAgain
			}
		}
		orders, err := planned.Answer(ctx, tx, verdicts[len(releases):])
		if err != nil {
			return "", err
		}
		return faultOfOrder(verdicts[:len(releases)], orders[0].Lines), nil
	}
	return nil
}

// hold is a reservation for a line, and how much of it has left.
type hold struct {
	key     model.LineKey
	shipped model.Quantity
}

// shippedOf is how much of a line has left.
func shippedOf(holds []hold) (shipped model.Quantity) {
	for _, hold := range holds {
		shipped += hold.shipped
	}
	return shipped
}

// changeOf compares an order with what was asked for before. A line that changes is released and
// asked for under the next revision, less what has left of it.
func changeOf(order model.Order, before heldOrder, holds map[string][]hold) change {
	todo := change{released: map[string]heldLine{}, order: order,
		kept: heldOrder{JobType: order.JobType, Owner: order.Owner, Lines: map[string]heldLine{}}}
	lines := order.Lines
	todo.order.Lines = nil
	for lineID, was := range before.Lines {
		stays := slices.ContainsFunc(lines, func(line model.OrderLine) bool {
			return line.LineID == lineID && was.asks(line)
		})
		if !stays && !was.Gone {
			todo.released[lineID] = was
			was.Gone, was.Shipped = true, was.Shipped+shippedOf(holds[lineID])
		}
		todo.kept.Lines[lineID] = was
	}
	for _, line := range lines {
		was, known := todo.kept.Lines[line.LineID]
		next := heldLine{SKU: line.SKU, Qty: line.Qty, Batch: line.Batch, Pack: line.Pack,
			Revision: was.Revision, Shipped: was.Shipped}
		if known && was.Gone {
			next.Revision++
		}
		if was.SKU != "" && was.SKU != line.SKU {
			next.Shipped = 0 // what has left was something else
		}
		todo.kept.Lines[line.LineID] = next
		line.Revision = next.Revision
		if line.Qty -= next.Shipped; line.Qty > 0 {
			todo.order.Lines = append(todo.order.Lines, line)
		}
	}
	return todo
}

// holds are what is reserved, or was, for the lines of an order as they were last asked for: under
// the line's own key, and for what it was short of and was covered since, or may yet be.
func (p *puller) holds(ctx context.Context, warehouse string, order model.Order,
	before heldOrder) (map[string][]hold, error) {
	holds := map[string][]hold{}
	if len(before.Lines) == 0 {
		return holds, nil
	}
	shipped, err := p.shipped(ctx, warehouse, order.OrderID)
	if err != nil {
		return nil, err
	}
	for lineID, line := range before.Lines {
		key := model.LineKey{JobType: order.JobType, OrderID: order.OrderID, LineID: lineID,
			Revision: line.Revision}
		holds[lineID] = []hold{{key, shipped[key]}}
	}
	for after, more := int64(0), true; more; {
		page, err := p.allocation.Shortages(ctx, warehouse,
			allocation.ShortageFilter{OrderID: order.OrderID}, after, pageItems)
		if err != nil {
			return nil, err
		}
		for _, short := range page.Rows {
			after = short.ID
			lineID, key := short.Line.LineID, allocation.CoverKey(&short)
			if own := holds[lineID]; len(own) > 0 && own[0].key == short.Line && key != short.Line {
				holds[lineID] = append(own, hold{key, shipped[key]})
			}
		}
		more = page.More
	}
	return holds, nil
}

// shipped is what has left of each reservation for an order.
func (p *puller) shipped(ctx context.Context, warehouse, orderID string) (
	map[model.LineKey]model.Quantity, error) {
	shipped := map[model.LineKey]model.Quantity{}
	for after, more := int64(0), true; more; {
		page, err := p.stock.Reservations(ctx, warehouse,
			tier2.ReservationFilter{OrderID: orderID}, after, pageItems)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rows {
			after, shipped[r.Key] = r.ID, r.Deducted
		}
		more = page.More
	}
	return shipped, nil
}

// faultOfOrder is why an order is dead: a line was refused for another reason than want of stock,
// which is a shortage.
func faultOfOrder(released, lines []model.Result) string {
	for _, line := range slices.Concat(released, lines) {
		switch line.Code {
		case model.Insufficient, model.Skipped, model.Cancelled:
		default:
			if fault := faultOf(line.Code, line.Field, line.Message); fault != "" {
				return fault
			}
		}
	}
	return ""
}
