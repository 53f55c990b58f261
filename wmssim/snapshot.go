package wmssim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"tierstock/wmsync"
)

// frozenMax is how many snapshots may be paged through at once; the oldest is forgotten.
const frozenMax = 16

// frozen is a snapshot that is being paged through.
type frozen struct {
	number int
	stream wmsync.Stream
	cursor string
	asOf   time.Time
	rows   []json.RawMessage
}

// part is what a page of a snapshot hides: which one, and after how many rows.
type part struct {
	Snapshot int `json:"snapshot"`
	After    int `json:"after"`
}

type snapshotPage struct {
	AsOf     time.Time         `json:"asOf"`
	Cursor   string            `json:"cursor"`
	Rows     []json.RawMessage `json:"rows"`
	NextPage *string           `json:"nextPage"`
	RowCount int               `json:"rowCount"`
}

// snapshot answers with a page of how a stream is now.
func (w *WMS) snapshot(r *http.Request, _ []byte) (int, any) {
	query := r.URL.Query()
	stream, warehouse := wmsync.Stream(query.Get("stream")), query.Get("warehouse")
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.feeds[stream] == nil {
		return http.StatusBadRequest, problem("there is no stream %q", stream)
	}
	if warehouse != "" && !slices.Contains(w.options.Warehouses, warehouse) {
		return http.StatusBadRequest, problem("there is no warehouse %q", warehouse)
	}
	var begun frozen
	after := 0
	if text := query.Get("page"); text == "" {
		begun = w.freeze(stream, warehouse)
	} else {
		var known bool
		if begun, after, known = w.thaw(stream, text); !known {
			return http.StatusGone, problem("the snapshot is gone; take another")
		}
	}
	end := min(after+w.options.PageItems, len(begun.rows))
	answer := snapshotPage{AsOf: begun.asOf, Cursor: begun.cursor, Rows: begun.rows[after:end],
		RowCount: len(begun.rows)}
	if end < len(begun.rows) {
		text, _ := json.Marshal(part{begun.number, end})
		answer.NextPage = new(base64.RawURLEncoding.EncodeToString(text))
	}
	return http.StatusOK, answer
}

// freeze takes a snapshot, so that all its pages are of one moment.
func (w *WMS) freeze(stream wmsync.Stream, warehouse string) frozen {
	w.snapshots++
	feed := w.feeds[stream]
	taken := frozen{number: w.snapshots, stream: stream, asOf: w.options.Now().UTC(),
		rows: []json.RawMessage{},
		cursor: place{Epoch: w.epoch, Stream: stream, After: len(feed.items),
			From: len(feed.items)}.cursor()}
	if stream == wmsync.Stock {
		for _, row := range w.rows() {
			if warehouse == "" || row.Warehouse == warehouse {
				raw, _ := json.Marshal(row)
				taken.rows = append(taken.rows, raw)
			}
		}
	}
	for _, key := range feed.keys {
		if data := feed.facts[key].data; data != nil && isOf(data, warehouse) {
			taken.rows = append(taken.rows, data)
		}
	}
	w.frozen = append(w.frozen, taken)
	if len(w.frozen) > frozenMax {
		w.frozen = slices.Delete(w.frozen, 0, 1)
	}
	return taken
}

// isOf says whether a fact is of a warehouse; one that names none is of all.
func isOf(data json.RawMessage, warehouse string) bool {
	var named struct {
		Warehouse string `json:"warehouse"`
	}
	_ = json.Unmarshal(data, &named)
	return warehouse == "" || named.Warehouse == "" || named.Warehouse == warehouse
}

func (w *WMS) thaw(stream wmsync.Stream, page string) (found frozen, after int, known bool) {
	var at part
	text, err := base64.RawURLEncoding.DecodeString(page)
	if err != nil || json.Unmarshal(text, &at) != nil || w.chance(w.faults.Gone) {
		return found, 0, false
	}
	for _, begun := range w.frozen {
		if begun.number == at.Snapshot && begun.stream == stream && at.After >= 0 &&
			at.After <= len(begun.rows) {
			return begun, at.After, true
		}
	}
	return found, 0, false
}
