package tryton

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tierstock/model"
	"tierstock/wmsync"
)

type stockData struct {
	Warehouse string `json:"warehouse"`
	Zone      string `json:"zone"`
	Owner     string `json:"owner"`
	SKU       string `json:"sku"`
	Batch     string `json:"batch"`
	Pack      string `json:"pack"`
	ExpiresOn string `json:"expiresOn"`
	Delta     string `json:"delta,omitempty"`
	OnHand    string `json:"onHand,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// stockChanges tells of done moves into and out of the storage of the warehouses, but for ours.
func (c *Client) stockChanges(ctx context.Context, place cursor, limit int) (wmsync.Page, error) {
	areas, err := c.areas(ctx, "")
	if err != nil {
		return wmsync.Page{}, err
	}
	f := feed{model: "stock.move", domain: areas.done(), fields: movedFields, batch: batchMax}
	// A move between two warehouses is two items.
	found, end, err := next[move](ctx, c, f, &place, max(limit/2, 1))
	if err != nil {
		return wmsync.Page{}, err
	}
	ours, err := c.ours(ctx, found)
	if err != nil {
		return wmsync.Page{}, err
	}
	var items []wmsync.Change
	given := make([]stamp, 0, len(found))
	for _, one := range found {
		given = append(given, one.stamp)
		if !ours[one.record.ID] && !place.counted(one.record.ID) {
			items = append(items, areas.deltas(&one.record, one.stamp)...)
		}
	}
	return c.page(ctx, place, items, given, end)
}

// deltas are what a done move changed in our warehouses: nothing, or what left one, entered one, or
// both, in this order.
func (a areas) deltas(m *move, at stamp) []wmsync.Change {
	from, to := a.of[m.From], a.of[m.To]
	if qty, err := m.quantity(); from == to || err == nil && qty == 0 {
		return nil
	}
	id := fmt.Sprintf("stock.move,%d", m.ID)
	var items []wmsync.Change
	if from != "" {
		left := id
		if to != "" {
			left += ",out" // what enters the other one has the id of the move
		}
		items = append(items, delta(left, from, -1, m, at))
	}
	if to != "" {
		items = append(items, delta(id, to, 1, m, at))
	}
	return items
}

func delta(id, warehouse string, sign model.Quantity, m *move, at stamp) wmsync.Change {
	raw, _ := json.Marshal(m)
	change := wmsync.Change{ID: id, Op: wmsync.Delta, Key: m.Product.Code, OccurredAt: at.time(),
		Raw: raw}
	qty, err := m.quantity()
	switch {
	case err != nil:
		change.Fault = err.Error()
	case m.Product.Code == "":
		change.Fault = fmt.Sprintf("the product %d has no code in Tryton", m.Product.ID)
	default:
		change.Data, _ = json.Marshal(stockData{Warehouse: warehouse, SKU: m.Product.Code,
			Batch: m.batch(), Delta: (sign * qty).String(), Reason: m.reason()})
	}
	return change
}

// areas are the locations that are in the storage of a warehouse, with its code.
type areas struct {
	storages []int64
	of       map[int64]string
}

type warehouse struct {
	ID        int64  `json:"id"`
	Code      string `json:"code"`
	Storage   int64  `json:"storage_location"`
	LostFound int64  `json:"lost_found_location"`
}

// warehouses are those of the configuration that Tryton has, or the one asked for. Where the
// configuration names none, it is all that have a code.
func (c *Client) warehouses(ctx context.Context, code string) ([]warehouse, error) {
	all, err := find[warehouse](ctx, c, query{
		model: "stock.location", order: byID(),
		domain: list{list{"type", "=", "warehouse"}, list{"code", "!=", nil}},
		fields: []string{"code", "storage_location", "lost_found_location"},
	})
	if err != nil {
		return nil, err
	}
	wanted := slices.DeleteFunc(all, func(w warehouse) bool {
		_, named := c.system.Warehouses[w.Code]
		return w.Code == "" || code != "" && w.Code != code ||
			code == "" && len(c.system.Warehouses) > 0 && !named
	})
	if len(wanted) == 0 && code == "" {
		return nil, wmsync.Fail(wmsync.Refused, "Tryton has none of the warehouses that are configured")
	}
	if len(wanted) == 0 {
		return nil, wmsync.Fail(wmsync.Refused, "Tryton has no warehouse whose code is %q", code)
	}
	return wanted, nil
}

func (c *Client) areas(ctx context.Context, code string) (areas, error) {
	found := areas{of: map[int64]string{}}
	warehouses, err := c.warehouses(ctx, code)
	if err != nil {
		return found, err
	}
	for _, w := range warehouses {
		ids, err := findIDs(ctx, c, query{model: "stock.location",
			domain: list{within("parent", []int64{w.Storage})}})
		if err != nil {
			return found, err
		}
		found.storages = append(found.storages, w.Storage)
		for _, id := range ids {
			found.of[id] = w.Code
		}
	}
	return found, nil
}

// touching is the domain of moves into, out of or within the areas.
func (a areas) touching() list {
	return either(within("from_location", a.storages), within("to_location", a.storages))
}

func (a areas) done() list { return list{list{"state", "=", "done"}, a.touching()} }

// ours are the moves among those found that movements of ours made.
func (c *Client) ours(ctx context.Context, found []seen[move]) (map[int64]bool, error) {
	shipments := map[string][]int64{}
	for _, one := range found {
		shipments[one.record.Shipment] = append(shipments[one.record.Shipment], one.record.ID)
	}
	var ids []int64
	for shipment := range shipments {
		var id int64
		if _, err := fmt.Sscanf(shipment, shipmentModel+",%d", &id); err == nil {
			ids = append(ids, id)
		}
	}
	ours := map[int64]bool{}
	if len(ids) == 0 {
		return ours, nil
	}
	made, err := c.shipmentsOfOurs(ctx, ids)
	for _, id := range made {
		for _, moved := range shipments[fmt.Sprintf(shipmentModel+",%d", id)] {
			ours[moved] = true
		}
	}
	return ours, err
}

// shipmentsOfOurs are those among the shipments that Deliver made. A shipment that somebody copied
// has the reference of the other, but is younger.
func (c *Client) shipmentsOfOurs(ctx context.Context, ids []int64) ([]int64, error) {
	marked, err := find[shipment](ctx, c, query{model: shipmentModel, fields: []string{"reference"},
		domain: list{list{"id", "in", ids}, list{"reference", "like", referencePrefix + "%"}}})
	if err != nil || len(marked) == 0 {
		return nil, err
	}
	references := make([]string, 0, len(marked))
	for _, one := range marked {
		references = append(references, one.Reference)
	}
	first, err := c.shipmentsByReference(ctx, references)
	var made []int64
	for _, one := range marked {
		if first[one.Reference].ID == one.ID {
			made = append(made, one.ID)
		}
	}
	return made, err
}
