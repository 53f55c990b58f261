package wes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// decode reads the one JSON document that a body has to be, and says in words what it is instead.
func decode(body []byte, into any) error {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return errors.New("the answer is empty")
	case trimmed[0] == '<':
		return errors.New("the answer is a page for people, HTML or XML, and not JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := decoder.Decode(into)
	if err == nil {
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return errors.New("the answer goes on after its end")
		}
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("the answer is cut off")
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is a %s, which it must not be", orAnswer(wrong.Field), wrong.Value)
	}
	return fmt.Errorf("the answer is not JSON: %w", err)
}

func orAnswer(field string) string {
	if field == "" {
		return "the answer"
	}
	return field
}

// isNone tells what is left out, or said to be nothing.
func isNone(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// scalar is the text of a string, or a number as it is written; "" for null and what is left out.
func scalar(raw json.RawMessage) (string, error) {
	if isNone(raw) {
		return "", nil
	}
	if raw[0] == '"' {
		return textOf(raw), nil
	}
	if isNumber(raw) {
		return string(raw), nil
	}
	return "", errors.New("is neither a string nor a number")
}

func isNumber(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9')
}

// textOf is a JSON string's text, "" for what is no string.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// whole reads an integer that is not negative, as a number or a string of digits; none where it is
// left out.
func whole(raw json.RawMessage, none int64) (int64, error) {
	text, err := scalar(raw)
	if err != nil {
		return 0, err
	}
	if isNone(raw) {
		return none, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("is %.40q, and not a whole number", text)
	}
	return number, nil
}

// moment reads a time of RFC 3339; none where it is left out or "".
func moment(raw json.RawMessage) (time.Time, error) {
	if isNone(raw) || string(raw) == `""` {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, textOf(raw))
	if err != nil {
		return time.Time{}, fmt.Errorf("is %.40s, and not a time such as 2026-01-31T12:00:00Z", raw)
	}
	return at, nil
}
