package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"tierstock/stocktest"
	"tierstock/trail"
)

const (
	parentTrace = "0af7651916cd43dd8448eb211c80319c"
	parentSpan  = "b7ad6b7169203331"
)

// TestTrace: one tree leads from the caller's span by HTTP, the operation and the lane's batch to
// the COMMIT, and nothing in it tells a value.
func TestTrace(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			exporter := tracetest.NewInMemoryExporter()
			provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
			watched := newWatch()
			watched.tracer = trail.NewTracer(provider, nil)
			log := slog.New(slog.DiscardHandler)
			databaseURL := backend.URL(t)
			site, err := openSite(t.Context(), databaseURL, nil, log, watched)
			if err != nil {
				t.Fatal(err)
			}
			imported(t, databaseURL)
			inside, err := site.handler(&session{log: log}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
				strings.NewReader(`{"query":"mutation{reserve(lines:[{key:{jobType:\"J\",orderId:`+
					`\"SECRET\",lineId:\"1\"},warehouse:\"W1\",sku:\"PEN\",qty:\"1\"}]){applied}}"}`))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Traceparent", "00-"+parentTrace+"-"+parentSpan+"-01")
			answer := httptest.NewRecorder()
			watched.handler(log, false, inside).ServeHTTP(answer, request)
			if !strings.Contains(answer.Body.String(), `"applied":1`) {
				t.Fatal(answer.Body)
			}
			if err := site.close(); err != nil { // the batch's span ends after the answer
				t.Error(err)
			}
			judgeTree(t, exporter.GetSpans())
			if err := provider.Shutdown(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
}

func judgeTree(t *testing.T, spans tracetest.SpanStubs) {
	t.Helper()
	byID := map[string]tracetest.SpanStub{}
	for _, span := range spans {
		byID[span.SpanContext.SpanID().String()] = span
		if span.SpanContext.TraceID().String() != parentTrace {
			t.Errorf("%s is in a trace of its own", span.Name)
		}
		for _, attribute := range span.Attributes {
			if strings.Contains(attribute.Value.String(), "SECRET") {
				t.Errorf("%s tells a value: %s", span.Name, attribute.Value.String())
			}
		}
	}
	path := func(leaf string) (names []string) {
		for _, span := range spans {
			if span.Name == leaf {
				for known := true; known; span, known = byID[span.Parent.SpanID().String()] {
					names = append(names, span.Name)
					if span.Parent.SpanID().String() == parentSpan {
						return append(names, "caller")
					}
				}
			}
		}
		return names
	}
	for _, want := range [][]string{{"COMMIT", "batch", "mutation", "POST /graphql", "caller"},
		{"lane", "mutation", "POST /graphql", "caller"}} {
		if got := path(want[0]); !slices.Equal(got, want) {
			t.Errorf("%v, not %v", got, want)
		}
	}
}

// TestTracesAreSent: with --otlp a collector gets them, before the program ends.
func TestTracesAreSent(t *testing.T) {
	sent := make(chan string, 16)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sent <- r.Method + " " + r.URL.Path
	}))
	defer collector.Close()
	served(t, func(url string) {
		if status, body := post(t, url, "{warehouses{code}}"); status != http.StatusOK {
			t.Error(status, body)
		}
	}, "serve", "--db", stocktest.Backends(t)[0].URL(t), "--otlp", collector.URL)
	select {
	case got := <-sent:
		if got != "POST /v1/traces" {
			t.Error(got)
		}
	default:
		t.Error("nothing was sent")
	}
}

// TestCollectorIsGone: nobody who takes the traces costs the traces, and nothing else.
func TestCollectorIsGone(t *testing.T) {
	collector := httptest.NewServer(http.NotFoundHandler())
	gone := collector.URL
	collector.Close()
	said := served(t, func(url string) {
		if status, body := post(t, url, "{warehouses{code}}"); status != http.StatusOK {
			t.Error(status, body)
		}
	}, "serve", "--db", stocktest.Backends(t)[0].URL(t), "--otlp", gone)
	if !strings.Contains(said, "traces are not sent") || !strings.Contains(said, `"msg":"stopped"`) {
		t.Error(said)
	}
}
