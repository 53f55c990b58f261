package tryton

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"tierstock/wmsync"
)

// readEnvelope takes the result out of an answer, or says as a Failure what the server refused.
func readEnvelope(text []byte, method string) (json.RawMessage, error) {
	var envelope struct {
		Result json.RawMessage   `json:"result"`
		Error  []json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		return nil, wmsync.Fail(wmsync.Malformed, "Tryton answered %s with no JSON-RPC", method)
	}
	switch {
	case len(envelope.Error) > 0:
		return nil, refusal(envelope.Error, method)
	case envelope.Result == nil:
		return nil, wmsync.Fail(wmsync.Malformed, "Tryton's answer to %s has no result", method)
	}
	return envelope.Result, nil
}

// refusal reads an error of Tryton's: a name and what it was made with, or any other of Python's,
// which is its text and a stack. The stack is for the server's own log, and is left out.
func refusal(parts []json.RawMessage, method string) error {
	var name string
	if json.Unmarshal(parts[0], &name) != nil {
		return wmsync.Fail(wmsync.Malformed, "Tryton's error of %s cannot be read", method)
	}
	kind := wmsync.Unreachable // a database that is locked, a defect: it may be better later
	switch name {
	case "UserError", "UserWarning", "LoginException":
		kind = wmsync.Refused
	case "ConcurrencyException", "RateLimitException":
	default:
		return stumble{wmsync.Fail(kind, "Tryton failed in %s: %.300s", method, name)}
	}
	var texts []any
	if len(parts) > 1 {
		_ = json.Unmarshal(parts[1], &texts)
	}
	var words []string
	for _, text := range texts {
		if word, ok := text.(string); ok && word != "" {
			words = append(words, word)
		}
	}
	if name == "UserWarning" && len(words) > 1 {
		words = words[1:] // the first is the warning's name, which only a client needs
	}
	failure := wmsync.Fail(kind, "Tryton: %.500s", strings.Join(words, " "))
	if kind == wmsync.Unreachable {
		return stumble{failure}
	}
	return failure
}

// stumble is a failure of a server that can be reached: the next call may well do.
type stumble struct{ *wmsync.Failure }

func (s stumble) Unwrap() error { return s.Failure }

// plain is an error as those outside know it.
func plain(err error) error {
	if stumbled, ok := errors.AsType[stumble](err); ok {
		return stumbled.Failure
	}
	return err
}

// bare is an error of net/http without the URL, which may hold a password.
func bare(err error) error {
	if withURL, ok := errors.AsType[*url.Error](err); ok {
		return withURL.Err
	}
	return err
}
