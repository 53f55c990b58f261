package tryton

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"tierstock/wmsync"
)

// shipmentKind is a model of shipments as a stream. In the states of want it is told how one is; in
// those of gone, that it is none any more.
type shipmentKind struct {
	stream     wmsync.Stream
	model      string
	moves      string
	want, gone []string
	data       func(s *partnerShipment, lines []shipmentLine, version int64) any
}

// partnerShipment is a shipment from a supplier or to a customer.
type partnerShipment struct {
	dates
	Number    string `json:"number"`
	State     string `json:"state"`
	Warehouse *struct {
		Code string `json:"code"`
	} `json:"warehouse."`
	Outgoing []move `json:"outgoing_moves."`
	Incoming []move `json:"incoming_moves."`
}

// shipmentLine is a move. One without a lot asks for goods of whichever lot there are.
type shipmentLine struct {
	LineID    string `json:"lineId"`
	SKU       string `json:"sku"`
	Qty       string `json:"qty"`
	Batch     string `json:"batch,omitempty"`
	Pack      string `json:"pack"`
	ExpiresOn string `json:"expiresOn,omitempty"`
}

type orderData struct {
	OrderID      string         `json:"orderId"`
	JobType      string         `json:"jobType"`
	Warehouse    string         `json:"warehouse"`
	Owner        string         `json:"owner"`
	Priority     int            `json:"priority"`
	ShipComplete bool           `json:"shipComplete"`
	Lines        []shipmentLine `json:"lines"`
	Version      int64          `json:"version"`
}

type noticeData struct {
	ASNID     string         `json:"asnId"`
	Warehouse string         `json:"warehouse"`
	Zone      string         `json:"zone"`
	Lines     []shipmentLine `json:"lines"`
}

// orderKind is customer shipments: to be served once they wait, until somebody picks them there.
func orderKind() shipmentKind {
	return shipmentKind{
		stream: wmsync.Orders, model: "stock.shipment.out", moves: "outgoing_moves",
		want: []string{"waiting", "assigned"}, gone: []string{"draft", "cancelled"},
		data: func(s *partnerShipment, lines []shipmentLine, version int64) any {
			return orderData{OrderID: s.Number, JobType: "SHIPMENT", Warehouse: s.Warehouse.Code,
				Lines: lines, Version: version}
		},
	}
}

// inboundKind is supplier shipments, expected until they were received or cancelled there.
func inboundKind() shipmentKind {
	return shipmentKind{
		stream: wmsync.Inbound, model: "stock.shipment.in", moves: "incoming_moves",
		want: []string{"draft"}, gone: []string{"received", "done", "cancelled"},
		data: func(s *partnerShipment, lines []shipmentLine, _ int64) any {
			return noticeData{ASNID: s.Number, Warehouse: s.Warehouse.Code, Lines: lines}
		},
	}
}

func (k shipmentKind) fields() []string {
	fields := []string{"number", "state", "warehouse.code"}
	for _, field := range []string{"state", "internal_quantity", "product.code",
		"product.default_uom.digits", "lot.number"} {
		fields = append(fields, k.moves+"."+field)
	}
	return fields
}

func shipmentChanges(
	ctx context.Context, c *Client, kind shipmentKind, place cursor, limit int,
) (wmsync.Page, error) {
	domain, err := c.ofWarehouses(ctx, "")
	if err != nil {
		return wmsync.Page{}, err
	}
	f := feed{model: kind.model, domain: domain, fields: kind.fields(), batch: shipmentsMax}
	found, end, err := next[partnerShipment](ctx, c, f, &place, limit)
	if err != nil {
		return wmsync.Page{}, err
	}
	var items []wmsync.Change
	given := make([]stamp, 0, len(found))
	for _, one := range found {
		given = append(given, one.stamp)
		wanted := slices.Contains(kind.want, one.record.State)
		if !wanted && !slices.Contains(kind.gone, one.record.State) {
			continue
		}
		change := upsert(kind.model, one.record.key(kind), one.stamp, one.record)
		if !wanted {
			change.Op = wmsync.Delete
		} else if change.Data, err = kind.row(&one.record); err != nil {
			change.Fault = err.Error()
		}
		items = append(items, change)
	}
	return c.page(ctx, place, items, given, end)
}

func (s *partnerShipment) key(kind shipmentKind) string {
	return cmp.Or(s.Number, kind.model+","+strconv.FormatInt(s.ID, 10))
}

// row is how a shipment is; an error says what of it cannot be told.
func (k shipmentKind) row(s *partnerShipment) (json.RawMessage, error) {
	lines := []shipmentLine{}
	for _, m := range append(s.Outgoing, s.Incoming...) {
		if m.State == "cancelled" {
			continue
		}
		qty, err := m.quantity()
		if err != nil {
			return nil, fmt.Errorf("the move %d: %w", m.ID, err)
		}
		if m.Product.Code == "" {
			return nil, fmt.Errorf("the product %d has no code in Tryton", m.Product.ID)
		}
		lines = append(lines, shipmentLine{LineID: strconv.FormatInt(m.ID, 10),
			SKU: m.Product.Code, Qty: qty.String(), Batch: m.batch()})
	}
	if s.Warehouse == nil || s.Number == "" {
		return nil, fmt.Errorf("it has no warehouse, or no number")
	}
	return json.Marshal(k.data(s, lines, s.changed().UnixMicro()))
}

func shipmentSnapshot(
	ctx context.Context, c *Client, kind shipmentKind, place token,
) (wmsync.Snapshot, error) {
	domain, err := c.ofWarehouses(ctx, place.Warehouse)
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	shipments, err := find[partnerShipment](ctx, c, query{model: kind.model, order: byID(),
		limit:  shipmentsMax,
		domain: append(domain, list{"state", "in", kind.want}, list{"id", ">", place.After}),
		fields: append(kind.fields(), "write_date", "create_date")})
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	var rows []json.RawMessage
	for _, s := range shipments {
		place.After = s.ID
		// What cannot be told is told as a change with a fault, when it is written again.
		if row, err := kind.row(&s); err == nil {
			rows = append(rows, row)
		}
	}
	return place.snapshot(rows, len(shipments) == shipmentsMax), nil
}

// ofWarehouses is the domain of shipments of a warehouse, or of all that are configured.
func (c *Client) ofWarehouses(ctx context.Context, code string) (list, error) {
	warehouses, err := c.warehouses(ctx, code)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(warehouses))
	for _, w := range warehouses {
		ids = append(ids, w.ID)
	}
	return list{list{"warehouse", "in", ids}}, nil
}
