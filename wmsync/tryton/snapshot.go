package tryton

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"tierstock/model"
	"tierstock/wmsync"
)

// productsMax is how many products' moves make a page of a snapshot of stock.
const productsMax = 200

// nearby is how far before the first young id a transaction that goes on may have taken one.
const nearby = 256

// settle notes in a cursor which moves a snapshot that begins now counts: all up to the greatest
// id, but for those that are open, and for ids of the last while that nothing can be seen of:
// their transaction may not have ended yet. What is done meanwhile is on one side or the other: a
// move that is open now is in Open, whatever becomes of it.
func (c *Client) settle(ctx context.Context, place *cursor) error {
	last, err := find[dates](ctx, c, query{model: "stock.move", domain: list{},
		order: list{list{"id", "DESC"}}, limit: 1, fields: []string{"create_date"}})
	if err != nil || len(last) == 0 {
		return err
	}
	place.Base = last[0].ID
	hidden, err := c.hidden(ctx, place.From, place.Base)
	if err != nil {
		return err
	}
	// Wherever they are: a move may still be sent elsewhere before it is done.
	open, err := findIDs(ctx, c, query{model: "stock.move", domain: list{
		list{"state", "not in", list{"done", "cancelled"}}, list{"id", "<=", place.Base}}})
	if err != nil {
		return err
	}
	place.Open = slices.Sorted(slices.Values(slices.Concat(open, hidden)))
	text, err := place.Open.MarshalJSON()
	if err != nil || len(text) > openBytesMax || len(place.Open) > openMax {
		return wmsync.Fail(wmsync.Refused, "%d moves are open in Tryton: more than a cursor can name",
			len(place.Open))
	}
	return nil
}

// hidden are the ids up to last that no move can be seen of, near to those made since a time.
func (c *Client) hidden(ctx context.Context, since stamp, last int64) ([]int64, error) {
	first, err := find[dates](ctx, c, query{model: "stock.move", order: byID(), limit: 1,
		domain: list{list{"create_date", ">=", moment{since.time()}}},
		fields: []string{"create_date"}})
	if err != nil {
		return nil, err
	}
	begin := last
	if len(first) > 0 {
		begin = min(last, first[0].ID)
	}
	begin = max(begin-nearby, 0)
	seen, err := findIDs(ctx, c, query{model: "stock.move",
		domain: list{list{"id", ">", begin}, list{"id", "<=", last}}})
	return holes(append([]int64{begin}, append(seen, last)...)), err
}

// holes are the ids that are missing between those.
func holes(ids []int64) []int64 {
	var missing []int64
	for i := 1; i < len(ids); i++ {
		for id := ids[i-1] + 1; id < ids[i] && len(missing) <= openMax; id++ {
			missing = append(missing, id)
		}
	}
	return missing
}

// stockSnapshot sums the done moves of the next products, as far as the cursor counts them.
func (c *Client) stockSnapshot(ctx context.Context, place token) (wmsync.Snapshot, error) {
	areas, err := c.areas(ctx, place.Warehouse)
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	products, err := find[product](ctx, c, query{model: "product.product", order: byID(),
		limit:  productsMax,
		domain: list{list{"code", "!=", nil}, list{"id", ">", place.After}},
		fields: []string{"code"}})
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	sums := map[stockData]model.Quantity{}
	if len(products) > 0 {
		place.After = products[len(products)-1].ID
		if err := c.sum(ctx, areas, &place.Cursor, products, sums); err != nil {
			return wmsync.Snapshot{}, err
		}
	}
	return place.snapshot(stockRows(sums), len(products) == productsMax), nil
}

// sum adds up the moves of products.
func (c *Client) sum(
	ctx context.Context, areas areas, place *cursor, products []product,
	sums map[stockData]model.Quantity,
) error {
	ids := make([]int64, 0, len(products))
	for _, p := range products {
		ids = append(ids, p.ID)
	}
	for after, more := int64(0), true; more; {
		domain := append(areas.done(), list{"product", "in", ids}, list{"id", ">", after},
			list{"id", "<=", place.Base})
		moves, err := find[move](ctx, c, query{model: "stock.move", domain: domain, order: byID(),
			limit: batchMax, fields: moveFields})
		if err != nil {
			return err
		}
		for _, m := range moves {
			after = m.ID
			if !place.counted(m.ID) {
				continue
			}
			if err := areas.add(&m, sums); err != nil {
				return err
			}
		}
		more = len(moves) == batchMax
	}
	return nil
}

func (a areas) add(m *move, sums map[stockData]model.Quantity) error {
	from, to := a.of[m.From], a.of[m.To]
	if from == to {
		return nil
	}
	qty, err := m.quantity()
	if err != nil {
		return wmsync.Fail(wmsync.Refused, "the move %d of %q in Tryton: %s", m.ID, m.Product.Code, err)
	}
	if from != "" {
		sums[stockData{Warehouse: from, SKU: m.Product.Code, Batch: m.batch()}] -= qty
	}
	if to != "" {
		sums[stockData{Warehouse: to, SKU: m.Product.Code, Batch: m.batch()}] += qty
	}
	return nil
}

// stockRows are the sums that are not nothing, in a fixed order.
func stockRows(sums map[stockData]model.Quantity) []json.RawMessage {
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b stockData) int {
		return cmp.Or(cmp.Compare(a.Warehouse, b.Warehouse), cmp.Compare(a.SKU, b.SKU),
			cmp.Compare(a.Batch, b.Batch))
	})
	var rows []json.RawMessage
	for _, key := range keys {
		qty := sums[key]
		if qty == 0 {
			continue
		}
		key.OnHand = qty.String()
		row, _ := json.Marshal(key)
		rows = append(rows, row)
	}
	return rows
}
