package tryton

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
)

// idSet is a set of record ids, ascending. As JSON it is small: for each run of them that lie side
// by side it has twice how far it is from the one before, plus one and then its length where it is
// longer than one.
type idSet []int64

func (s idSet) has(id int64) bool {
	_, found := slices.BinarySearch(s, id)
	return found
}

var errIDs = errors.New("a set of ids is damaged")

// MarshalJSON writes the runs as base64.
func (s idSet) MarshalJSON() ([]byte, error) {
	var text []byte
	end := int64(0)
	for at := 0; at < len(s); {
		length := 1
		for at+length < len(s) && s[at+length] == s[at]+int64(length) {
			length++
		}
		gap := uint64(s[at]-end) << 1
		if length == 1 {
			text = binary.AppendUvarint(text, gap)
		} else {
			text = binary.AppendUvarint(text, gap|1)
			text = binary.AppendUvarint(text, uint64(length))
		}
		end = s[at] + int64(length)
		at += length
	}
	return json.Marshal(base64.RawURLEncoding.EncodeToString(text))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *idSet) UnmarshalJSON(document []byte) error {
	text, err := decoded(document)
	if err != nil {
		return err
	}
	*s = nil
	reader := bytes.NewReader(text)
	for end := int64(0); reader.Len() > 0; {
		gap, err := binary.ReadUvarint(reader)
		length := uint64(1)
		if err == nil && gap&1 == 1 {
			length, err = binary.ReadUvarint(reader)
		}
		if err != nil || length > openMax || len(*s)+int(length) > openMax {
			return errIDs
		}
		for end += int64(gap >> 1); length > 0; length-- {
			*s = append(*s, end)
			end++
		}
	}
	return nil
}

// stamps are ascending. As JSON they are small: how far each is from the one before.
type stamps []stamp

// MarshalJSON writes the distances as base64.
func (s stamps) MarshalJSON() ([]byte, error) {
	var text []byte
	var last stamp
	for _, one := range s {
		text = binary.AppendVarint(text, one.At-last.At)
		text = binary.AppendVarint(text, one.ID-last.ID)
		last = one
	}
	return json.Marshal(base64.RawURLEncoding.EncodeToString(text))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *stamps) UnmarshalJSON(document []byte) error {
	text, err := decoded(document)
	if err != nil {
		return err
	}
	*s = nil
	reader := bytes.NewReader(text)
	for last := (stamp{}); reader.Len() > 0; *s = append(*s, last) {
		at, err := binary.ReadVarint(reader)
		if err != nil {
			return err
		}
		id, err := binary.ReadVarint(reader)
		if err != nil {
			return err
		}
		last = stamp{last.At + at, last.ID + id}
	}
	return nil
}

func decoded(document []byte) ([]byte, error) {
	var encoded string
	if err := json.Unmarshal(document, &encoded); err != nil {
		return nil, err
	}
	return base64.RawURLEncoding.DecodeString(encoded)
}
