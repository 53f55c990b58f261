package graphql

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
)

// A cursor is where a list goes on: the place of the last row, and the mark of the list that it
// was made for, so that it cannot be used with another filter, where it would skip rows.
type cursor[K any] struct {
	Place K      `json:"p"`
	List  string `json:"l"`
}

// markOf tells one list from another: its field and all its arguments but those of paging.
func markOf(field string, args values) string {
	list := maps.Clone(args)
	delete(list, "first")
	delete(list, "after")
	// The encoding sorts its keys and has no values that could fail.
	encoded, _ := json.Marshal([]any{field, list})
	sum := sha256.Sum256(encoded)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func encodeCursor[K any](place K, list string) string {
	encoded, _ := json.Marshal(cursor[K]{place, list})
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// decodeCursor is the place to go on from: the zero place without a cursor. A cursor is taken only
// as it was given out, to the letter.
func decodeCursor[K any](text, list string) (place K, refusal *problem) {
	if text == "" {
		return place, nil
	}
	var read cursor[K]
	encoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(encoded, &read)
	}
	if err != nil || read.List != list || encodeCursor(read.Place, list) != text {
		return place, refuseField(codeBadCursor, "after",
			"is no cursor of this list with this filter")
	}
	return read.Place, nil
}
