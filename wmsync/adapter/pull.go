package adapter

import (
	"slices"
	"testing"

	"tierstock/wmsync"
)

// Pages are small, so that a few changes need several. However a system pages, it comes to an end.
const (
	pageItems = 2
	changesOf = 7
	pagesMax  = 1000
)

// readAll reads a stream from a cursor to its end, and gives the cursor there.
func (f Fixture) readAll(t *testing.T, since string) (items []wmsync.Change, end string) {
	t.Helper()
	for range pagesMax {
		page, err := f.Source.Changes(t.Context(), f.Stream, since, pageItems)
		if err != nil {
			t.Fatalf("changes since %q: %v", since, err)
		}
		for _, item := range page.Items {
			if item.ID == "" || item.Fault != "" || len(item.Raw) == 0 {
				t.Errorf("an item has no id, a fault, or not what it was read from: %+v", item)
			}
		}
		items = append(items, page.Items...)
		if page.More && page.Next == since {
			t.Fatalf("there is more after %q, and the cursor stays", since)
		}
		since = page.Next
		if !page.More {
			return items, since
		}
	}
	t.Fatalf("the stream does not end within %d pages", pagesMax)
	return nil, ""
}

// keysOf are the items' keys, each id once.
func keysOf(items []wmsync.Change) (keys []string) {
	seen := map[string]bool{}
	for _, item := range items {
		if !seen[item.ID] {
			keys = append(keys, item.Key)
		}
		seen[item.ID] = true
	}
	return keys
}

// only are those keys that are wanted, in their order.
func only(keys, wanted []string) (found []string) {
	for _, key := range keys {
		if slices.Contains(wanted, key) {
			found = append(found, key)
		}
	}
	return found
}

func pagingGivesEachItemOnce(t *testing.T, f Fixture) {
	if f.cannotChange(t) {
		return
	}
	want := f.change(t, 1, changesOf)
	items, end := f.readAll(t, "")
	ids := map[string]bool{}
	for _, item := range items {
		if ids[item.ID] && !f.Overlaps {
			t.Errorf("item %s comes twice", item.ID)
		}
		ids[item.ID] = true
	}
	if got := only(keysOf(items), want); !slices.Equal(got, want) {
		t.Errorf("the stream has %v, want %v", got, want)
	}
	want = f.change(t, changesOf+1, 2*changesOf)
	items, _ = f.readAll(t, end)
	if got := only(keysOf(items), want); !slices.Equal(got, want) {
		t.Errorf("after its end the stream goes on with %v, want %v", got, want)
	}
}

func pageAskedForTwiceIsTheSame(t *testing.T, f Fixture) {
	if f.cannotChange(t) {
		return
	}
	f.change(t, 1, changesOf)
	since := ""
	for range 2 {
		first, err := f.Source.Changes(t.Context(), f.Stream, since, pageItems)
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.Source.Changes(t.Context(), f.Stream, since, pageItems)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(keysOf(first.Items), keysOf(again.Items)) || first.Next != again.Next ||
			first.More != again.More {
			t.Errorf("the page after %q is first %+v, then %+v", since, first, again)
		}
		since = first.Next
	}
}

func emptyPageKeepsTheCursor(t *testing.T, f Fixture) {
	if f.cannotChange(t) {
		return
	}
	f.change(t, 1, pageItems)
	_, end := f.readAll(t, "")
	page, err := f.Source.Changes(t.Context(), f.Stream, end, pageItems)
	if err != nil || page.More || len(page.Items) > 0 && !f.Overlaps {
		t.Errorf("after the end there is %+v, %v", page, err)
	}
	if len(page.Items) == 0 && page.Next != end {
		t.Errorf("an empty page goes from %q on to %q", end, page.Next)
	}
}

func snapshotThenChangesMissesNothing(t *testing.T, f Fixture) {
	if f.cannotChange(t) {
		return
	}
	before := f.change(t, 1, changesOf)
	rows, cursor := f.snapshot(t)
	after := f.change(t, changesOf+1, changesOf+pageItems+1)
	items, _ := f.readAll(t, cursor)
	found := keysOf(items)
	if got := only(found, after); !slices.Equal(got, after) {
		t.Errorf("after the snapshot come %v, want %v", got, after)
	}
	if repeated := only(found, before); len(repeated) > 0 && !f.Overlaps {
		t.Errorf("%v are in the snapshot and come after it again", repeated)
	}
	if lacks(t, map[string]bool{"KeyOf": f.KeyOf != nil}) {
		return
	}
	for _, key := range before {
		if !slices.Contains(rows, key) {
			t.Errorf("the snapshot has no %s", key)
		}
	}
}

// snapshot reads all pages of one and gives the keys of its rows. All are of one moment.
func (f Fixture) snapshot(t *testing.T) (keys []string, cursor string) {
	t.Helper()
	page, count := "", 0
	var first wmsync.Snapshot
	for n := range pagesMax {
		part, err := f.Source.Snapshot(t.Context(), f.Stream, f.Warehouse, page)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = part
		} else if part.Cursor != first.Cursor || !part.AsOf.Equal(first.AsOf) {
			t.Errorf("page %q is of %s and %q, the first of %s and %q", page, part.AsOf, part.Cursor,
				first.AsOf, first.Cursor)
		}
		count += len(part.Rows)
		for _, row := range part.Rows {
			if f.KeyOf != nil {
				keys = append(keys, f.KeyOf(row))
			}
		}
		if page = part.Next; page == "" {
			f.checkCount(t, first.RowCount, count, n+1)
			return keys, first.Cursor
		}
	}
	t.Fatalf("the snapshot does not end within %d pages", pagesMax)
	return nil, ""
}

// checkCount: where there is one page, how many rows there are in all is how many it has.
func (f Fixture) checkCount(t *testing.T, said, count, pages int) {
	t.Helper()
	if said >= 0 && (said > count || pages == 1 && said != count) {
		t.Errorf("the snapshot says %d rows and has %d", said, count)
	}
}

func unknownCursor(t *testing.T, f Fixture) {
	if lacks(t, map[string]bool{"Source": f.Source != nil}) {
		return
	}
	_, err := f.Source.Changes(t.Context(), f.Stream, "no such cursor", pageItems)
	switch failed := failure(t, "an unknown cursor", err); failed.Kind {
	case wmsync.Expired, wmsync.Unsupported:
	default:
		t.Errorf("an unknown cursor is %s, want %s or %s", failed.Kind, wmsync.Expired,
			wmsync.Unsupported)
	}
}

func unknownStream(t *testing.T, f Fixture) {
	if lacks(t, map[string]bool{"Source": f.Source != nil}) {
		return
	}
	_, err := f.Source.Changes(t.Context(), "no-such-stream", "", pageItems)
	_ = failure(t, "changes of an unknown stream", err)
	_, err = f.Source.Snapshot(t.Context(), "no-such-stream", f.Warehouse, "")
	_ = failure(t, "a snapshot of an unknown stream", err)
}
