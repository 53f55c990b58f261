package tryton

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tierstock/model"
	"tierstock/wmsync"
)

type skuData struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Decimals int    `json:"decimals"`
	Packs    []any  `json:"packs"`
}

func (p product) data() json.RawMessage {
	text, _ := json.Marshal(skuData{Code: p.Code, Name: p.Name, Unit: p.Unit.Symbol,
		Decimals: p.Unit.Digits, Packs: []any{}})
	return text
}

// fault is what keeps a product from being a SKU of ours.
func (p product) fault() string {
	if p.Unit.Digits > model.QuantityScale || p.Unit.Digits < 0 {
		return fmt.Sprintf("its unit has %d digits; at most %d can be kept", p.Unit.Digits,
			model.QuantityScale)
	}
	return ""
}

// productFeed is all products with a code, the inactive ones as well.
func productFeed() feed {
	return feed{model: "product.product", domain: list{list{"code", "!=", nil}},
		fields: productFields, batch: batchMax, whole: "template.write_date"}
}

// skuChanges tells of products. One that is not active any more, or none that is kept in stock, is
// deleted. Those without a code cannot be named, and are not told of.
func (c *Client) skuChanges(ctx context.Context, place cursor, limit int) (wmsync.Page, error) {
	found, end, err := next[product](ctx, c, productFeed(), &place, limit)
	if err != nil {
		return wmsync.Page{}, err
	}
	successors, err := c.successors(ctx, found)
	if err != nil {
		return wmsync.Page{}, err
	}
	var items []wmsync.Change
	given := make([]stamp, 0, len(found))
	for _, one := range found {
		given = append(given, one.stamp)
		if one.record.stocked() || !successors[one.record.Code] {
			items = append(items, one.record.change(one.stamp))
		}
	}
	return c.page(ctx, place, items, given, end)
}

// successors are the codes, among those found of products that are none of ours any more, that
// another product has taken over.
func (c *Client) successors(ctx context.Context, found []seen[product]) (map[string]bool, error) {
	codes := map[string]bool{}
	for _, one := range found {
		if !one.record.stocked() {
			codes[one.record.Code] = true
		}
	}
	taken := map[string]bool{}
	if len(codes) == 0 {
		return taken, nil
	}
	others, err := find[product](ctx, c, query{model: "product.product", fields: productFields,
		domain: list{list{"code", "in", keys(codes)}, list{"active", "=", true}}})
	for _, other := range others {
		taken[other.Code] = taken[other.Code] || other.stocked()
	}
	return taken, err
}

func (p product) change(at stamp) wmsync.Change {
	change := upsert("product.product", p.Code, at, p)
	if !p.stocked() {
		change.Op = wmsync.Delete
		return change
	}
	change.Data, change.Fault = p.data(), p.fault()
	return change
}

// upsert is an item that says how a record is since a writing of it.
func upsert(model, key string, at stamp, record any) wmsync.Change {
	raw, _ := json.Marshal(record)
	return wmsync.Change{
		ID:         fmt.Sprintf("%s,%d@%s", model, at.ID, at.time().Format(time.RFC3339Nano)),
		Op:         wmsync.Upsert,
		Key:        key,
		Version:    at.At,
		OccurredAt: at.time(),
		Raw:        raw,
	}
}

func (c *Client) skuSnapshot(ctx context.Context, place token) (wmsync.Snapshot, error) {
	products, err := find[product](ctx, c, query{
		model: "product.product",
		domain: list{list{"code", "!=", nil}, list{"type", "in", list{"goods", "assets"}},
			list{"id", ">", place.After}},
		order: byID(), limit: batchMax, fields: productFields,
	})
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	var rows []json.RawMessage
	for _, p := range products {
		if p.stocked() && p.fault() == "" {
			rows = append(rows, p.data())
		}
		place.After = p.ID
	}
	return place.snapshot(rows, len(products) == batchMax), nil
}
