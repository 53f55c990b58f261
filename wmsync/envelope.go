package wmsync

import "encoding/json"

// envelopeOf is an item as it came where that says what the item is; else an envelope of it, with
// what it was read from inside. An adapter may read items from records of any form, and what is
// dead has to be an item again. What could not be read at all stays as it came, and what is a row
// of a snapshot nil.
func envelopeOf(change Change) json.RawMessage {
	var said envelope
	if change.Op == "" || change.Raw == nil ||
		json.Unmarshal(change.Raw, &said) == nil && said.Op == change.Op {
		return change.Raw
	}
	var from any = change.Raw
	if !json.Valid(change.Raw) {
		from = string(change.Raw)
	}
	made, _ := json.Marshal(map[string]any{"id": change.ID, "op": change.Op, "key": change.Key,
		"version": change.Version, "occurredAt": change.OccurredAt, "data": change.Data,
		"fault": change.Fault, "raw": from})
	return made
}

// faultIn is what an adapter found wrong with the item in an envelope of ours: to put it back does
// not mend that.
func faultIn(body string) string {
	var kept struct {
		Fault string `json:"fault"`
	}
	_ = json.Unmarshal([]byte(body), &kept)
	return kept.Fault
}
