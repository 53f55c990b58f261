package trail

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// CheckCollector refuses what is no address of a collector: http://host:4318/v1/traces, or without
// a path, which is /v1/traces then.
func CheckCollector(address string) error {
	_, err := collector(address)
	return err
}

func collector(address string) (string, error) {
	read, err := url.Parse(address)
	if err != nil || read.Scheme != "http" && read.Scheme != "https" || read.Hostname() == "" ||
		read.RawQuery != "" || read.Fragment != "" || read.User != nil {
		return "", fmt.Errorf("an OTLP address is such as http://localhost:4318")
	}
	if read.Path == "" || read.Path == "/" {
		read.Path = "/v1/traces"
	}
	return read.String(), nil
}

// Export sends traces to a collector by OTLP over HTTP, in the background: a collector that is
// slow or gone costs spans, never a request. The share of traces is what OTEL_TRACES_SAMPLER says,
// all of them where it says nothing.
func Export(ctx context.Context, address, version string, log *slog.Logger) (*Tracer, error) {
	address, err := collector(address)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(address))
	if err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("traces are not sent", "error", err.Error())
	}))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "tierstock"),
			attribute.String("service.version", version))))
	return NewTracer(provider, provider.Shutdown), nil
}
