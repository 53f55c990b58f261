package wes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"tierstock/wmsync"
)

// The limits of a page and its items. A snapshot may be one page, of as many rows as a body can
// have. Cursors go into a URL; an order of 5,000 lines has about half a mebibyte.
const (
	itemsMax       = 10_000
	rowsMax        = 1_000_000
	itemBytesMax   = 1 << 20
	cursorBytesMax = 4 << 10
	idBytesMax     = 200
)

func readPage(body []byte) (page wmsync.Page, err error) {
	var sent struct {
		Items   json.RawMessage `json:"items"`
		Next    json.RawMessage `json:"next"`
		HasMore bool            `json:"hasMore"`
		AsOf    json.RawMessage `json:"asOf"`
	}
	if err := decode(body, &sent); err != nil {
		return page, err
	}
	items, err := list(sent.Items, "items", itemsMax)
	if err != nil {
		return page, err
	}
	if page.Next, err = cursor(sent.Next, "next"); err != nil {
		return page, err
	}
	if page.AsOf, err = moment(sent.AsOf); err != nil {
		return page, fmt.Errorf("asOf %w", err)
	}
	page.More = sent.HasMore
	page.Items = make([]wmsync.Change, len(items))
	for i, item := range items {
		page.Items[i] = readItem(item)
	}
	return page, nil
}

func readSnapshot(body []byte) (snapshot wmsync.Snapshot, err error) {
	var sent struct {
		AsOf     json.RawMessage `json:"asOf"`
		Cursor   json.RawMessage `json:"cursor"`
		Rows     json.RawMessage `json:"rows"`
		NextPage json.RawMessage `json:"nextPage"`
		RowCount json.RawMessage `json:"rowCount"`
	}
	if err := decode(body, &sent); err != nil {
		return snapshot, err
	}
	if snapshot.Rows, err = list(sent.Rows, "rows", rowsMax); err != nil {
		return snapshot, err
	}
	if snapshot.Cursor, err = cursor(sent.Cursor, "cursor"); err != nil {
		return snapshot, err
	}
	if snapshot.Next, err = cursor(sent.NextPage, "nextPage"); err != nil {
		return snapshot, err
	}
	if snapshot.AsOf, err = moment(sent.AsOf); err != nil {
		return snapshot, fmt.Errorf("asOf %w", err)
	}
	count, err := whole(sent.RowCount, -1)
	if err != nil {
		return snapshot, fmt.Errorf("rowCount %w", err)
	}
	snapshot.RowCount = int(count)
	return snapshot, nil
}

// list is an array's elements as they came. null is an empty list; one that is not there is no
// page, or every JSON document would be an empty one.
func list(raw json.RawMessage, name string, most int) (elements []json.RawMessage, err error) {
	if len(raw) == 0 {
		return nil, fmt.Errorf("the answer has no %s", name)
	}
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, fmt.Errorf("%s is not a list", name)
	}
	if len(elements) > most {
		return nil, fmt.Errorf("the answer has %d %s, more than %d", len(elements), name, most)
	}
	return elements, nil
}

func cursor(raw json.RawMessage, name string) (string, error) {
	text, err := scalar(raw)
	if err != nil {
		return "", fmt.Errorf("%s %w", name, err)
	}
	if len(text) > cursorBytesMax {
		return "", fmt.Errorf("%s has more than %d bytes", name, cursorBytesMax)
	}
	return text, nil
}

// item is an item as it came.
type item struct {
	ID         json.RawMessage `json:"id"`
	Op         json.RawMessage `json:"op"`
	Key        json.RawMessage `json:"key"`
	Version    json.RawMessage `json:"version"`
	OccurredAt json.RawMessage `json:"occurredAt"`
	Data       json.RawMessage `json:"data"`
}

// readItem reads what it can. The first thing that is wrong is the change's Fault.
func readItem(raw json.RawMessage) wmsync.Change {
	change := wmsync.Change{Raw: raw}
	var sent item
	fault := shapeOf(raw, &sent)
	if fault == nil {
		fault = fill(&change, sent)
	}
	if change.ID == "" {
		change.ID = "raw-" + hashOf(raw)
	}
	if fault != nil {
		change.Fault = printable(fault.Error())
		change.Raw = kept(raw)
	}
	return change
}

func shapeOf(raw json.RawMessage, sent *item) error {
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, sent) != nil {
		return errors.New("the item is not an object")
	}
	return nil
}

func fill(change *wmsync.Change, sent item) (fault error) {
	note := func(field string, err error) {
		if err != nil && fault == nil {
			fault = fmt.Errorf("%s %w", field, err)
		}
	}
	var err error
	change.ID, err = idOf(sent.ID)
	note("id", err)
	change.Op, err = opOf(sent.Op)
	note("op", err)
	change.Key, err = scalar(sent.Key)
	note("key", err)
	change.Version, err = whole(sent.Version, 0)
	note("version", err)
	change.OccurredAt, err = moment(sent.OccurredAt)
	note("occurredAt", err)
	change.Data, err = dataOf(sent.Data, change.Op)
	note("data", err)
	switch raw := change.Raw; {
	case !utf8.Valid(raw):
		note("the item", errors.New("is not valid UTF-8"))
	case len(raw) > itemBytesMax:
		note("the item", fmt.Errorf("has more than %d KiB", itemBytesMax>>10))
	}
	return fault
}

func idOf(raw json.RawMessage) (string, error) {
	id, err := scalar(raw)
	if err == nil && id == "" {
		err = errors.New("is missing")
	}
	if len(id) > idBytesMax {
		id = hashOf([]byte(id))
	}
	return id, err
}

func opOf(raw json.RawMessage) (wmsync.Op, error) {
	switch op := wmsync.Op(textOf(raw)); op {
	case wmsync.Upsert, wmsync.Delete, wmsync.Delta:
		return op, nil
	}
	if isNone(raw) {
		return "", errors.New("is missing")
	}
	return "", fmt.Errorf("is %.40s, and not upsert, delete or delta", raw)
}

// dataOf is an object. A deletion needs none, its key says enough.
func dataOf(raw json.RawMessage, op wmsync.Op) (json.RawMessage, error) {
	switch {
	case isNone(raw) && op == wmsync.Delete:
		return nil, nil
	case isNone(raw):
		return nil, errors.New("is missing")
	case raw[0] != '{':
		return nil, errors.New("is not an object")
	}
	return raw, nil
}

// kept is what is shown of an item that is wrong: all of it, as valid UTF-8, or of one too large
// the beginning, as a string.
func kept(raw json.RawMessage) json.RawMessage {
	if len(raw) > itemBytesMax {
		raw, _ = json.Marshal(string(bytes.ToValidUTF8(raw[:excerptBytesMax], nil)) + "…")
	}
	return bytes.ToValidUTF8(raw, []byte(string(utf8.RuneError)))
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}
