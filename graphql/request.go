package graphql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	gql "github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/gqlerrors"
	"github.com/graphql-go/graphql/language/ast"

	"tierstock/access"
)

// request is what the resolvers of one request share.
type request struct {
	id       string
	args     map[ast.Node]values
	bins     binLoader
	incoming incomingLoader

	mu    sync.Mutex
	notes []answerError
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	return ctx.Value(requestKey{}).(*request)
}

// note adds an error to the answer without taking anything out of it.
func (r *request) note(problem *problem, path []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, problem.answer(path))
}

func (r *request) noted() []answerError {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.notes
}

// actorOf is who every flow of a request says it was written by.
func actorOf(ctx context.Context) string { return access.From(ctx).Actor }

// resolve makes a resolver that gets the arguments as they were checked, and whose panics become
// errors with a stack for the log.
func (a *API) resolve(read func(p gql.ResolveParams, args values) (any, error)) gql.FieldResolveFn {
	return func(p gql.ResolveParams) (value any, err error) {
		defer func() {
			if panicked := recover(); panicked != nil {
				err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
			}
		}()
		return read(p, requestOf(p.Context).args[p.Info.FieldASTs[0]])
	}
}

// answer is a GraphQL response.
type answer struct {
	Errors []answerError  `json:"errors,omitempty"`
	Data   map[string]any `json:"data"`
}

// execute answers a request of which all arguments have been read.
func (a *API) execute(ctx context.Context, doc *document, variables map[string]any,
	request *request) answer {
	result := gql.Execute(gql.ExecuteParams{
		Schema:  a.schema,
		AST:     doc.tree,
		Args:    doc.passedVariables(variables),
		Context: context.WithValue(ctx, requestKey{}, request),
	})
	var answer answer
	answer.Data, _ = result.Data.(map[string]any)
	for _, failed := range result.Errors {
		answer.Errors = append(answer.Errors, a.mask(ctx, request, failed))
	}
	answer.Errors = append(answer.Errors, request.noted()...)
	return answer
}

// mask tells the caller what may be known of a failure. A defect goes into the log, and its
// caller gets the request's id and nothing else.
func (a *API) mask(ctx context.Context, request *request, failed gqlerrors.FormattedError,
) answerError {
	err := causeOf(failed)
	if known, ok := explain(ctx, err); ok {
		return known.answer(failed.Path)
	}
	a.log.LogAttrs(ctx, slog.LevelError, "graphql: request failed",
		slog.String("request", request.id), slog.Any("path", failed.Path),
		slog.String("error", err.Error()))
	return internal(request.id)
}

func internal(id string) answerError {
	return answerError{Message: "internal error; the log has it under the request id",
		Extensions: map[string]any{"code": codeInternal, "requestId": id}}
}

// causeOf finds what a resolver returned under graphql-go's wrappings.
func causeOf(err error) error {
	for {
		var inner error
		if formatted, ok := errors.AsType[gqlerrors.FormattedError](err); ok {
			inner = formatted.OriginalError()
		} else if located, ok := errors.AsType[*gqlerrors.Error](err); ok {
			inner = located.OriginalError
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}
