package graphql

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"tierstock/flow"
	"tierstock/store"
)

// The contract's codes for requests that could not be taken.
const (
	codeBadRequest   = "BAD_REQUEST"
	codeUnknown      = "UNAUTHENTICATED"
	codeForbidden    = "FORBIDDEN"
	codeRateLimited  = "RATE_LIMITED"
	codeTooLarge     = "TOO_LARGE"
	codeTooDeep      = "TOO_DEEP"
	codeTooCostly    = "TOO_COSTLY"
	codeTooManyLines = "TOO_MANY_LINES"
	codeBadCursor    = "BAD_CURSOR"
	codeBusy         = "BUSY"
	codeTimeout      = "TIMEOUT"
	codeInternal     = "INTERNAL"
)

// problem is a request that could not be taken. Its message goes to the caller: it names fields
// and limits, and never repeats what the caller or the database said.
type problem struct {
	code    string
	call    string // the field of the document whose argument is at fault, "" for none
	field   string // such as lines[3].at.sku, "" for none
	message string
	status  int // of HTTP, where the answer holds no data
}

func (p *problem) Error() string {
	if p.field != "" {
		return p.field + ": " + p.message
	}
	return p.message
}

func refuse(code, format string, values ...any) *problem {
	return &problem{code: code, message: fmt.Sprintf(format, values...),
		status: http.StatusUnprocessableEntity}
}

func refuseField(code, field, format string, values ...any) *problem {
	refusal := refuse(code, format, values...)
	refusal.field = field
	return refusal
}

// malformed refuses what is not even a GraphQL request.
func malformed(format string, values ...any) *problem {
	refusal := refuse(codeBadRequest, format, values...)
	refusal.status = http.StatusBadRequest
	return refusal
}

// answerError is an entry of the answer's errors.
type answerError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions"`
}

func (p *problem) answer(path []any) answerError {
	extensions := map[string]any{"code": p.code}
	if p.field != "" {
		extensions["field"] = p.field
	}
	if p.call != "" {
		extensions["call"] = p.call
	}
	return answerError{Message: p.Error(), Path: path, Extensions: extensions}
}

// explain turns an error from below into what its caller may know. What it does not recognise is
// a defect: the second result is then false, and the error belongs into the log. After the end of
// the request's context, drivers have words of their own for it.
func explain(ctx context.Context, err error) (*problem, bool) {
	if known, ok := errors.AsType[*problem](err); ok {
		return known, true
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, store.ErrUnknown):
		return &problem{code: codeTimeout, status: http.StatusGatewayTimeout,
				message: "time ran out; what became of the call is unknown: ask again with the same key"},
			true
	case errors.Is(err, flow.ErrTooCostly):
		return refuseField(codeTooCostly, "filter", "%s", flow.ErrTooCostly), true
	case errors.Is(err, flow.ErrArchivedPlace):
		return refuse(codeBadCursor, "%s", flow.ErrArchivedPlace), true
	case errors.Is(err, flow.ErrArchivedKey):
		return refuseField(codeBadRequest, "key", "TOO_OLD: %s", flow.ErrArchivedKey), true
	case errors.Is(err, store.ErrContended):
		return &problem{code: codeBusy, status: http.StatusServiceUnavailable,
			message: "too much contention; try again with the same key"}, true
	}
	return nil, false
}
