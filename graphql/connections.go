package graphql

import (
	"context"

	gql "github.com/graphql-go/graphql"

	"tierstock/master"
)

// connection is a page in an answer.
type connection struct {
	edges   []edge
	more    bool
	safeSeq int64 // of the feed
}

type edge struct {
	cursor string
	node   any
}

// addConnection adds the types of a paged list of nodes.
func addConnection(b *builder, node string, columns ...column[connection]) {
	object(b, node+"Edge", "", []column[edge]{
		{"cursor", "String!", func(e edge) any { return e.cursor }},
		{"node", node + "!", func(e edge) any { return e.node }},
	})
	object(b, node+"Connection", "", append(columns, []column[connection]{
		{"edges", "[" + node + "Edge!]!", func(c connection) any { return c.edges }},
		{"pageInfo", "PageInfo!", func(c connection) any { return c }},
	}...))
}

func addPageInfo(b *builder) {
	object(b, "PageInfo", "Whether a list goes on, and from where.", []column[connection]{
		{"hasNextPage", "Boolean!", func(c connection) any { return c.more }},
		{"endCursor", "String", func(c connection) any {
			if len(c.edges) == 0 {
				return nil
			}
			return c.edges[len(c.edges)-1].cursor
		}},
	})
}

// pages reads a part of a list: the rows after a place K, at most so many.
type pages[T, K any] func(ctx context.Context, args values, after K, first int) (
	master.Page[T], error)

// paged is a query for a keyset page. place is a row's tie-breaker, and node the row as its type
// reads it.
func paged[T, K any](a *API, name, node, args string, read pages[T, K], place func(T) K,
	show func(T) any) field {
	return field{name: name, kind: node + "Connection!", args: args,
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			list := markOf(name, args)
			after, refusal := decodeCursor[K](args.text("after"), list)
			if refusal != nil {
				return nil, refusal
			}
			page, err := read(p.Context, args, after, args.number("first"))
			if err != nil {
				return nil, err
			}
			return connect(page, list, place, show), nil
		})}
}

func connect[T, K any](page master.Page[T], list string, place func(T) K, show func(T) any,
) connection {
	answer := connection{edges: make([]edge, len(page.Rows)), more: page.More}
	for i, row := range page.Rows {
		answer.edges[i] = edge{encodeCursor(place(row), list), show(row)}
	}
	return answer
}

// asIs shows a row as it is.
func asIs[T any](row T) any { return row }
