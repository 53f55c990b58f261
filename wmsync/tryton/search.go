package tryton

import (
	"context"
	"slices"
)

// list is a part of a domain or an order, as Tryton's RPC has them.
type list = []any

// either is a domain that one of these fulfils.
func either(domains ...any) list { return append(list{"OR"}, domains...) }

// inactive makes a search find what is not active as well. A clause of the domain would not do:
// Tryton leaves them out of each part of an OR that does not say so again.
func inactive() map[string]any { return map[string]any{"active_test": false} }

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
	err := c.call(ctx, &records, inactive(), "model."+q.model+".search_read",
		q.domain, 0, orNull(q.limit), q.order, q.fields)
	return records, err
}

// findIDs reads only the ids, in their order.
func findIDs(ctx context.Context, c *Client, q query) ([]int64, error) {
	var ids []int64
	err := c.call(ctx, &ids, inactive(), "model."+q.model+".search",
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
