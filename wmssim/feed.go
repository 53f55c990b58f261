package wmssim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tierstock/wmsync"
)

// feed is what a stream told, from its beginning, and how its facts are now.
type feed struct {
	items []json.RawMessage
	facts map[string]*fact
	keys  []string // of facts, in the order in which they were first told
	stuck int      // how many answers in a row the cursor has been stuck
}

// fact is how something is now; without data it is deleted.
type fact struct {
	version int64
	data    json.RawMessage
}

func (f *feed) fact(key string) *fact {
	if f.facts[key] == nil {
		f.facts[key] = &fact{}
		f.keys = append(f.keys, key)
	}
	return f.facts[key]
}

// place is what a cursor hides: after how many items of a stream, and how many empty pages it was
// handed out with since. From is where its caller began: what was before is in a snapshot of stock,
// and nobody who began after it could tell that it was told again.
type place struct {
	Epoch   int           `json:"epoch"`
	Stream  wmsync.Stream `json:"stream"`
	After   int           `json:"after"`
	Empties int           `json:"empties"`
	From    int           `json:"from"`
}

func (p place) cursor() string {
	text, _ := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(text)
}

// find is the place of a cursor; ok is false where it is not known.
func (w *WMS) find(stream wmsync.Stream, cursor string) (at place, ok bool) {
	if cursor == "" {
		return place{Epoch: w.epoch, Stream: stream}, true
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(text, &at) != nil {
		return at, false
	}
	return at, at.Epoch == w.epoch && at.Stream == stream && at.After >= at.From && at.From >= 0 &&
		at.After <= len(w.feeds[stream].items)
}

type page struct {
	Items   []json.RawMessage `json:"items"`
	Next    string            `json:"next"`
	HasMore bool              `json:"hasMore"`
	AsOf    time.Time         `json:"asOf"`
}

// changes answers with a page of a stream.
func (w *WMS) changes(r *http.Request, _ []byte) (int, any) {
	query := r.URL.Query()
	stream, since := wmsync.Stream(query.Get("stream")), query.Get("since")
	limit, err := w.limit(query.Get("limit"))
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.feeds[stream] == nil || err != nil {
		return http.StatusBadRequest, problem("there is no stream %q, or limit is no number", stream)
	}
	at, known := w.find(stream, since)
	if !known || since != "" && w.chance(w.faults.Gone) {
		return http.StatusGone, problem("the cursor is gone; take a snapshot")
	}
	return http.StatusOK, w.page(at, since, limit)
}

func (w *WMS) limit(text string) (int, error) {
	limit := w.options.PageItems
	if text == "" {
		return limit, nil
	}
	var asked int
	if _, err := fmt.Sscanf(text, "%d", &asked); err != nil || asked < 1 {
		return 0, fmt.Errorf("%q is no limit", text)
	}
	return min(limit, asked), nil
}

// How often in a row a fault may keep a caller where it is.
const (
	stuckMax   = 3
	emptiesMax = 3
)

func (w *WMS) page(at place, since string, limit int) page {
	feed := w.feeds[at.Stream]
	end := min(at.After+limit, len(feed.items))
	answer := page{Items: slices.Clone(feed.items[at.After:end]), Next: since,
		HasMore: end < len(feed.items), AsOf: w.options.Now().UTC()}
	if at.Empties < emptiesMax && w.chance(w.faults.EmptyPages) {
		at.Empties++
		answer.Items, answer.Next, answer.HasMore = []json.RawMessage{}, at.cursor(), true
		return answer
	}
	if feed.stuck < stuckMax && w.chance(w.faults.StuckCursor) {
		feed.stuck++
		answer.HasMore = true
		return answer
	}
	feed.stuck = 0
	if end > at.After || since == "" {
		answer.Next = place{Epoch: w.epoch, Stream: at.Stream, After: end,
			From: at.From}.cursor()
	}
	answer.Items = w.disturb(answer.Items, feed.items[at.From:at.After])
	return answer
}

// disturb repeats items and mixes up their order, if it is to.
func (w *WMS) disturb(items, before []json.RawMessage) []json.RawMessage {
	if len(items) == 0 {
		return []json.RawMessage{}
	}
	if w.chance(w.faults.Doubled) {
		items = append(items, items[w.random.IntN(len(items))])
		if len(before) > 0 {
			items = append([]json.RawMessage{before[len(before)-1]}, items...)
		}
	}
	if w.chance(w.faults.OutOfOrder) {
		w.random.Shuffle(len(items), func(i, k int) { items[i], items[k] = items[k], items[i] })
	}
	return items
}
