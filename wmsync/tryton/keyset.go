package tryton

import (
	"context"
	"slices"
	"time"

	"tierstock/wmsync"
)

// batchMax is how many records are asked for at once, and shipmentsMax how many of those that come
// with their moves.
const (
	batchMax     = 1000
	shipmentsMax = 100
)

// written is a record that was read for a stream, and the stamp it is known by.
type written interface {
	number() int64
	// changed is when it was last written, or made, and wholeChanged when what it is part of was
	// written; zero for never.
	changed() time.Time
	wholeChanged() time.Time
}

// seen is a record at one of its stamps.
type seen[T written] struct {
	stamp  stamp
	record T
}

// feed is a model as a stream: which of its records, in which fields, how many at once, and the
// field of the time at which what they are part of was written, "" for none.
type feed struct {
	model  string
	domain list
	fields []string
	batch  int
	whole  string
}

// next reads the first records behind a place that the cursor has not given yet, at most limit. end
// says that there is nothing behind them.
func next[T written](
	ctx context.Context, c *Client, f feed, place *cursor, limit int,
) (found []seen[T], end bool, err error) {
	at := place.From
	for len(found) < limit {
		batch, last, err := behind[T](ctx, c, f, at)
		if err != nil {
			return nil, false, err
		}
		for _, one := range batch {
			if len(found) < limit && !place.gave(one.stamp) {
				found = append(found, one)
			}
		}
		if last {
			return found, len(found) < limit, nil
		}
		at = batch[len(batch)-1].stamp
	}
	return found, false, nil
}

// behind reads the first records after a place, in order of when they were last written. Tryton
// leaves that empty until the first time, and then when they were made stands for it. last says
// that there are no more.
func behind[T written](
	ctx context.Context, c *Client, f feed, at stamp,
) (batch []seen[T], last bool, err error) {
	queries := []query{
		f.after("write_date", nil, at),
		f.after("create_date", list{list{"write_date", "=", nil}}, at),
	}
	if f.whole != "" {
		queries = append(queries, f.after(f.whole, nil, at))
	}
	last = true
	for i, q := range queries {
		records, err := find[T](ctx, c, q)
		if err != nil {
			return nil, false, err
		}
		last = last && len(records) < f.batch
		for _, record := range records {
			when := record.changed()
			if i == 2 {
				when = record.wholeChanged()
			}
			batch = append(batch, seen[T]{stamp{when.UnixMicro(), record.number()}, record})
		}
	}
	slices.SortFunc(batch, func(a, b seen[T]) int { return a.stamp.compare(b.stamp) })
	batch = slices.CompactFunc(batch, func(a, b seen[T]) bool { return a.stamp == b.stamp })
	if len(batch) > f.batch {
		batch, last = batch[:f.batch], false
	}
	return batch, last, nil
}

func (f feed) after(field string, more list, at stamp) query {
	when := moment{at.time()}
	domain := append(slices.Clone(f.domain), either(
		list{field, ">", when},
		list{list{field, "=", when}, list{"id", ">", at.ID}},
	))
	return query{
		model:  f.model,
		domain: append(domain, more...),
		order:  list{list{field, "ASC"}, list{"id", "ASC"}},
		limit:  f.batch,
		fields: append([]string{"write_date", "create_date"}, f.fields...),
	}
}

// page is what Changes answers: the items, and the cursor behind all that was looked at.
func (c *Client) page(
	ctx context.Context, place cursor, items []wmsync.Change, given []stamp, end bool,
) (wmsync.Page, error) {
	asOf, err := c.now(ctx)
	place.note(given, c.overlap)
	return wmsync.Page{Items: items, Next: place.text(), More: !end, AsOf: asOf}, err
}
