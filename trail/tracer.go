package trail

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// statementBytesMax is how much of a statement's shape a span keeps: merged writes are long.
const statementBytesMax = 1024

// Tracer makes the spans of requests and of what is done for them. A nil one makes none, and costs
// a comparison.
type Tracer struct {
	spans trace.Tracer
	stop  func(context.Context) error
}

// Span is a part of a trace. A nil one is none.
type Span struct{ span trace.Span }

// Place is where in a trace something was asked for; the zero one is nowhere.
type Place struct{ at trace.SpanContext }

// NewTracer makes spans by a provider, which stop ends.
func NewTracer(provider trace.TracerProvider, stop func(context.Context) error) *Tracer {
	return &Tracer{spans: provider.Tracer("tierstock"), stop: stop}
}

// Close sends what has not been sent.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil || t.stop == nil {
		return nil
	}
	return t.stop(ctx)
}

// enter begins the span of a request, below the caller's where a traceparent says so.
func (t *Tracer) enter(ctx context.Context, r *http.Request, route, id string) (
	context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
	default:
		method = "_OTHER"
	}
	ctx, span := t.spans.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method),
			attribute.String("http.route", route), attribute.String("tierstock.request", id)))
	return ctx, &Span{span}
}

func (s *Span) leave(status int) {
	if s == nil {
		return
	}
	s.span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

func (s *Span) traceID() string {
	return s.span.SpanContext().TraceID().String()
}

// Start begins a part of what is done under a context, if that is part of a trace.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, *Span) {
	if t == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, nil
	}
	ctx, span := t.spans.Start(ctx, name)
	return ctx, &Span{span}
}

// End ends a span, as failed if there is an error. What the error says stays here: it may hold
// what a caller sent. A second End does nothing.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, "failed")
	}
	s.span.End()
}

// PlaceOf is where in a trace a context is.
func (t *Tracer) PlaceOf(ctx context.Context) Place {
	if t == nil {
		return Place{}
	}
	return Place{trace.SpanContextFromContext(ctx)}
}

// Batch begins the span of what is done for several askers at once. It stands below the first that
// is traced, and is linked with the others, so that each of them is led to it.
func (t *Tracer) Batch(ctx context.Context, lines int, places []Place) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	var parent trace.SpanContext
	var links []trace.Link
	seen := map[trace.SpanID]bool{}
	for _, place := range places {
		if !place.at.IsSampled() || seen[place.at.SpanID()] {
			continue
		}
		seen[place.at.SpanID()] = true
		if parent.IsValid() {
			links = append(links, trace.Link{SpanContext: place.at})
		} else {
			parent = place.at
		}
	}
	if !parent.IsValid() {
		return ctx, nil
	}
	ctx, span := t.spans.Start(trace.ContextWithSpanContext(ctx, parent), "batch",
		trace.WithLinks(links...), trace.WithAttributes(attribute.Int("tierstock.lines", lines)))
	return ctx, &Span{span}
}

// Statement begins the span of a database statement, known by its shapes alone, and gives what
// ends it: store.Options.Span. Statements that no trace led to have none.
func (t *Tracer) Statement(ctx context.Context, shapes ...string) func(error) {
	_, span := t.Start(ctx, "sql")
	if span == nil {
		return func(error) {}
	}
	text := strings.Join(strings.Fields(strings.Join(shapes, "; ")), " ")
	verb, _, _ := strings.Cut(text, " ")
	span.span.SetName(verb)
	span.span.SetAttributes(attribute.String("db.query.text",
		strings.ToValidUTF8(text[:min(len(text), statementBytesMax)], "")))
	return span.End
}
