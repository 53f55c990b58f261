package tryton

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"tierstock/model"
	"tierstock/wmsync"
)

type lotQuantity struct {
	ID       int64       `json:"id"`
	Quantity json.Number `json:"quantity"`
}

// desk has at hand what the movements of one delivery name.
type desk struct {
	client     *Client
	shipments  map[string]shipment  // by reference
	products   map[string]product   // by code
	warehouses map[string]warehouse // by code
	locations  map[[2]string]int64  // by warehouse and code
}

func (c *Client) prepare(ctx context.Context, movements []wmsync.Movement) (*desk, error) {
	var references []string
	skus, codes, bins := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, m := range movements {
		references = append(references, referencePrefix+m.ID)
		skus[m.SKU] = true
		codes[m.Warehouse] = true
		for _, place := range []*wmsync.Place{m.From, m.To} {
			if place != nil {
				bins[place.Bin], bins[place.Zone] = true, true
			}
		}
	}
	d := &desk{client: c, products: map[string]product{}, warehouses: map[string]warehouse{},
		locations: map[[2]string]int64{}}
	var err error
	if d.shipments, err = c.shipmentsByReference(ctx, references); err != nil {
		return nil, err
	}
	products, err := find[product](ctx, c, query{model: "product.product", order: byID(),
		domain: list{list{"code", "in", keys(skus)}}, fields: productFields})
	if err != nil {
		return nil, err
	}
	for _, p := range products {
		if d.products[p.Code].ID == 0 || p.Active.bool {
			d.products[p.Code] = p
		}
	}
	return d, d.survey(ctx, codes, keys(bins))
}

func keys(set map[string]bool) []string {
	return slices.Sorted(maps.Keys(set))
}

// survey looks up warehouses, and in their storage the locations with some codes.
func (d *desk) survey(ctx context.Context, codes map[string]bool, bins []string) error {
	for code := range codes {
		found, err := find[warehouse](ctx, d.client, query{model: "stock.location", order: byID(),
			limit:  1,
			domain: list{list{"type", "=", "warehouse"}, list{"code", "=", code}},
			fields: []string{"code", "storage_location", "lost_found_location"}})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		d.warehouses[code] = found[0]
		locations, err := find[struct {
			ID   int64  `json:"id"`
			Code string `json:"code"`
		}](ctx, d.client, query{model: "stock.location", order: list{list{"id", "DESC"}},
			domain: list{within("parent", []int64{found[0].Storage}), list{"type", "=", "storage"},
				list{"active", "=", true}, list{"code", "in", bins}, list{"code", "!=", nil}},
			fields: []string{"code"}})
		if err != nil {
			return err
		}
		for _, location := range locations {
			d.locations[[2]string{code, location.Code}] = location.ID
		}
	}
	return nil
}

// places are the locations that a movement goes between.
func (d *desk) places(m *wmsync.Movement) (from, to int64, err error) {
	w, known := d.warehouses[m.Warehouse]
	switch {
	case !known:
		return 0, 0, wmsync.Fail(wmsync.Refused, "Tryton has no warehouse whose code is %.100q",
			m.Warehouse)
	case w.Storage == 0 || w.LostFound == 0:
		return 0, 0, wmsync.Fail(wmsync.Refused,
			"the warehouse %s in Tryton has no storage or no lost-and-found location", m.Warehouse)
	}
	return d.location(w, m.From), d.location(w, m.To), nil
}

// location is where a place is in Tryton: the location with the bin's code, else with the zone's,
// else the storage as a whole. What is no place of ours is lost and found.
func (d *desk) location(w warehouse, place *wmsync.Place) int64 {
	if place == nil {
		return w.LostFound
	}
	for _, code := range []string{place.Bin, place.Zone} {
		if id, known := d.locations[[2]string{w.Code, code}]; known && code != "" {
			return id
		}
	}
	return w.Storage
}

// values are those of a movement's move.
func (d *desk) values(
	ctx context.Context, m *wmsync.Movement, from, to int64,
) (map[string]any, error) {
	p, known := d.products[m.SKU]
	if !known || p.Unit == nil {
		return nil, wmsync.Fail(wmsync.Refused, "Tryton has no product whose code is %.100q", m.SKU)
	}
	u, err := d.unit(ctx, p, m.Pack)
	if err != nil {
		return nil, err
	}
	qty, err := model.ParseQuantity(m.Qty)
	if err == nil && qty <= 0 {
		return nil, wmsync.Fail(wmsync.Refused, "%s is no quantity to move", m.Qty)
	}
	if err != nil {
		return nil, wmsync.Fail(wmsync.Refused, "%s", err)
	}
	number, err := floatOf(qty, u.Digits)
	if err != nil {
		return nil, wmsync.Fail(wmsync.Refused, "%s", err)
	}
	values := map[string]any{"product": p.ID, "uom": u.ID, "quantity": number,
		"from_location": from, "to_location": to}
	if m.Batch != "" {
		if values["lot"], err = d.lot(ctx, p.ID, m.Batch); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// unit is what a movement's quantity is counted in: the product's own, or for a pack the one of the
// same category whose symbol is the pack's code.
func (d *desk) unit(ctx context.Context, p product, pack string) (unit, error) {
	if pack == "" || pack == p.Unit.Symbol {
		return *p.Unit, nil
	}
	units, err := find[unit](ctx, d.client, query{model: "product.uom", order: byID(), limit: 1,
		domain: list{list{"symbol", "=", pack},
			list{"category.uoms", "in", list{p.Unit.ID}}},
		fields: []string{"symbol", "digits"}})
	if err == nil && len(units) == 0 {
		err = wmsync.Fail(wmsync.Refused, "Tryton has no unit %.100q that %s could be counted in", pack,
			p.Code)
	}
	if err != nil {
		return unit{}, err
	}
	return units[0], nil
}

// lot is a product's lot with a number, made where there is none.
func (d *desk) lot(ctx context.Context, product int64, number string) (int64, error) {
	ids, err := findIDs(ctx, d.client, query{model: "stock.lot", limit: 1,
		domain: list{list{"product", "=", product}, list{"number", "=", number}}})
	if err != nil || len(ids) > 0 {
		return first(ids), err
	}
	err = d.client.call(ctx, &ids, nil, "model.stock.lot.create",
		list{map[string]any{"product": product, "number": number}})
	if err == nil && len(ids) != 1 {
		err = wmsync.Fail(wmsync.Malformed, "Tryton created %d lots instead of one", len(ids))
	}
	return first(ids), err
}

func first(ids []int64) int64 {
	if len(ids) == 0 {
		return 0
	}
	return ids[0]
}
