package tryton

import (
	"context"
	"slices"
)

// list is a part of a domain or an order, as Tryton's RPC has them.
type list = []any

// either is a domain that one of these fulfils.
func either(domains ...any) list { return append(list{"OR"}, domains...) }

// both active and inactive ones; without it a search leaves out the latter.
func both() list { return list{"active", "in", list{true, false}} }

func within(field string, locations []int64) list {
	return list{field, "child_of", locations, "parent"}
}

// query is a search for records of a model. Limit 0 is none.
type query struct {
	model  string
	domain list
	order  list
	limit  int
	fields []string
}

// find reads what a query finds.
func find[T any](ctx context.Context, c *Client, q query) ([]T, error) {
	var records []T
	err := c.Call(ctx, &records, nil, "model."+q.model+".search_read",
		q.domain, 0, orNull(q.limit), q.order, q.fields)
	return records, err
}

// findIDs reads only the ids, in their order.
func findIDs(ctx context.Context, c *Client, q query) ([]int64, error) {
	var ids []int64
	err := c.Call(ctx, &ids, nil, "model."+q.model+".search",
		q.domain, 0, orNull(q.limit), list{list{"id", "ASC"}})
	slices.Sort(ids)
	return ids, err
}

func orNull(limit int) any {
	if limit == 0 {
		return nil
	}
	return limit
}

// byID is the order of pages of all records.
func byID() list { return list{list{"id", "ASC"}} }
