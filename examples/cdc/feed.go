package cdc

import (
	"context"
	"net/http"
	"time"

	"github.com/shopspring/decimal"
)

const (
	// pageSize is the largest page that the API gives.
	pageSize = 200
	// badCursor is the code of a place in the feed whose flows have been archived.
	badCursor = "BAD_CURSOR"
)

// Feed keeps a cache by asking GraphQL for the flows after the last that it saw.
type Feed struct {
	// URL is that of /graphql; Token, where one is needed, may be of the role AUDITOR.
	URL, Token string
	Warehouse  string
	// Every is the pause after a poll that has seen all there is.
	Every  time.Duration
	Client *http.Client
	Cache  *Cache
	// Failed is told what went wrong; the feed goes on by itself.
	Failed func(error)

	started bool
	last    int64 // the seq up to which the feed has been applied
	goal    goal
}

// goal is a place that the feed had reached at a moment: once it has been applied up to there, the
// cache is complete as of then.
type goal struct {
	seq int64
	at  time.Time
}

// Run follows until the context ends.
func (f *Feed) Run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := f.step(ctx)
		if err != nil && ctx.Err() == nil {
			f.Failed(err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(f.Every):
		}
	}
}

// step reads a page of the feed, after a snapshot where there is no place to go on from.
func (f *Feed) step(ctx context.Context) (more bool, err error) {
	if !f.started {
		if err := f.snapshot(ctx); err != nil {
			return false, err
		}
		f.started = true
	}
	more, err = f.poll(ctx)
	if codeOf(err) == badCursor {
		f.started = false
	}
	return more, err
}

const placeQuery = `query($warehouse: Code!) { flows(warehouse: $warehouse, first: 1) { safeSeq } }`

const stocksQuery = `query($warehouse: Code!, $first: Int!, $after: String) {
	zoneStocks(warehouse: $warehouse, first: $first, after: $after) {
		pageInfo { hasNextPage endCursor }
		edges { node { zone owner sku batch pack onHand reserved frozen } }
	}
}`

// snapshot first notes how far the feed is, then reads the rows: whatever happens meanwhile comes
// again as flows. Until those have been applied a row may go back to how it was, though never to
// how it was before the snapshot began.
func (f *Feed) snapshot(ctx context.Context) error {
	var place struct {
		Flows struct {
			SafeSeq int64 `json:"safeSeq,string"`
		}
	}
	if err := f.ask(ctx, placeQuery, nil, &place); err != nil {
		return err
	}
	rows := map[Key]row{}
	for after, more := (*string)(nil), true; more; {
		var page struct {
			ZoneStocks struct {
				PageInfo pageInfo
				Edges    []struct{ Node stockNode }
			}
		}
		err := f.ask(ctx, stocksQuery, map[string]any{"first": pageSize, "after": after}, &page)
		if err != nil {
			return err
		}
		for _, edge := range page.ZoneStocks.Edges {
			n := edge.Node
			rows[n.Key] = row{Stock: Stock{n.OnHand, n.Reserved, n.Frozen}}
		}
		after, more = &page.ZoneStocks.PageInfo.EndCursor, page.ZoneStocks.PageInfo.HasNextPage
	}
	f.Cache.replace(rows)
	f.last, f.goal = place.Flows.SafeSeq, goal{}
	return nil
}

type pageInfo struct {
	HasNextPage bool
	EndCursor   string
}

type stockNode struct {
	Key

	OnHand, Reserved, Frozen decimal.Decimal
}

type flowNode struct {
	Key

	Seq           int64 `json:"seq,string"`
	RowSeq        int64 `json:"rowSeq,string"`
	Tier          string
	OnHandAfter   decimal.Decimal
	ReservedAfter decimal.Decimal
	FrozenAfter   decimal.Decimal
}

const flowsQuery = `query($warehouse: Code!, $first: Int!, $after: Long!) {
	flows(warehouse: $warehouse, filter: {afterSeq: $after}, first: $first) {
		safeSeq
		pageInfo { hasNextPage }
		edges { node {
			seq rowSeq tier zone owner sku batch pack onHandAfter reservedAfter frozenAfter
		} }
	}
}`

// poll reads the next page. Both tiers are in it, because only a read of all of the feed is a plain
// one; flows of bins are passed over.
func (f *Feed) poll(ctx context.Context) (more bool, err error) {
	begun := f.Cache.now()
	var page struct {
		Flows struct {
			SafeSeq  int64 `json:"safeSeq,string"`
			PageInfo pageInfo
			Edges    []struct{ Node flowNode }
		}
	}
	if err := f.ask(ctx, flowsQuery, map[string]any{"first": pageSize, "after": long(f.last)},
		&page); err != nil {
		return false, err
	}
	var changes []change
	for _, edge := range page.Flows.Edges {
		n := edge.Node
		f.last = n.Seq
		if n.Tier == "ZONE" {
			changes = append(changes, change{n.Key,
				row{Stock{n.OnHandAfter, n.ReservedAfter, n.FrozenAfter}, n.RowSeq}})
		}
	}
	f.Cache.apply(changes)
	more = page.Flows.PageInfo.HasNextPage
	if !more {
		f.last = max(f.last, page.Flows.SafeSeq)
	}
	f.noteReached(goal{page.Flows.SafeSeq, begun}, more)
	return more, nil
}

// noteReached moves the cache's moment on: to when this poll began if it came to the end, else to
// when an earlier one began whose end has been reached since. So a reader that writers keep busy
// gets on as well.
func (f *Feed) noteReached(end goal, more bool) {
	if !more {
		f.Cache.complete(end.at)
		f.goal = goal{}
		return
	}
	if !f.goal.at.IsZero() && f.last >= f.goal.seq {
		f.Cache.complete(f.goal.at)
		f.goal = goal{}
	}
	if f.goal.at.IsZero() && end.seq > f.last {
		f.goal = end
	}
}
