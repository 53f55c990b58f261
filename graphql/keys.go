package graphql

import (
	"encoding/json"
	"slices"
	"strings"
)

// keysListed is up to how many keys an object's are looked through one by one.
const keysListed = 16

// repeatsKey says whether an object in a JSON text names a key twice. Decoding would take the last
// of them, and whoever looked at the request before may have taken the first. The text is valid.
func repeatsKey(text string) bool {
	var levels []objectKeys
	depth, isKey := 0, false
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '{', '[':
			if depth == len(levels) {
				levels = append(levels, objectKeys{})
			}
			isKey = text[at] == '{'
			levels[depth].begin(isKey)
			depth++
		case '}', ']':
			depth--
			isKey = false
		case ',':
			isKey = levels[depth-1].isObject
		case '"':
			end := afterJSONString(text, at)
			if isKey && !levels[depth-1].add(text[at:end]) {
				return true
			}
			isKey = false
			at = end - 1
		}
	}
	return false
}

// afterJSONString is the place after the string that begins at that place.
func afterJSONString(text string, at int) int {
	for at++; text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// objectKeys are those that an object has named so far.
type objectKeys struct {
	isObject bool
	few      []string
	many     map[string]bool
}

func (k *objectKeys) begin(isObject bool) {
	k.isObject, k.few, k.many = isObject, k.few[:0], nil
}

// add says whether a key, with its quotes, is new.
func (k *objectKeys) add(key string) bool {
	if strings.IndexByte(key, '\\') >= 0 {
		var plain string
		_ = json.Unmarshal([]byte(key), &plain) // the text is valid
		key = `"` + plain + `"`
	}
	if k.many[key] || slices.Contains(k.few, key) {
		return false
	}
	if len(k.few) < keysListed {
		k.few = append(k.few, key)
		return true
	}
	if k.many == nil {
		k.many = map[string]bool{}
	}
	k.many[key] = true
	return true
}
