package graphql

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tierstock/access"
	"tierstock/model"
	"tierstock/trail"
)

// TestOneID: the caller's id of a request is in its answer's header, in its INTERNAL error, in the
// log of the failure and in the request's line, which names the actor.
func TestOneID(t *testing.T) {
	bench := newBench(t)
	bench.recorder.answer = func(context.Context, int) ([]model.Result, error) {
		return nil, errors.New("a defect")
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
		strings.NewReader(encode(t, map[string]any{"query": receiveOne})))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-ID", "shop.17")
	answer := httptest.NewRecorder()
	var line strings.Builder
	trail.Handler(trail.Options{Log: slog.New(slog.NewTextHandler(&line, nil)),
		Route: func(path string) string { return path }}, bench.Handler()).ServeHTTP(answer, request)
	if answer.Header().Get("X-Request-ID") != "shop.17" ||
		!strings.Contains(answer.Body.String(), `"requestId":"shop.17"`) ||
		!strings.Contains(bench.log.String(), "shop.17") ||
		!strings.Contains(line.String(), "request=shop.17") ||
		!strings.Contains(line.String(), "actor="+access.Local().Actor) {
		t.Errorf("%v %s\n%s\n%s", answer.Header(), answer.Body, bench.log, &line)
	}
	if strings.Contains(line.String(), "A1") {
		t.Errorf("the line tells what was sent: %s", &line)
	}
}

// TestAdmit: large bodies have room for so many, and small ones always; what was taken in is let
// go again.
func TestAdmit(t *testing.T) {
	api := newBench(t).API
	var releases []func()
	for {
		release, admitted := api.admit(-1)
		if !admitted {
			break
		}
		releases = append(releases, release)
	}
	if len(releases) != bodiesBytesMax/bodyBytesMax {
		t.Errorf("%d of the largest", len(releases))
	}
	for size, want := range map[int64]bool{0: true, bodyBytesSmall: true, bodyBytesSmall + 1: false,
		bodyBytesMax: false, bodyBytesMax + 1: false} {
		release, admitted := api.admit(size)
		if release(); admitted != want {
			t.Errorf("%d bytes: %v", size, admitted)
		}
	}
	for _, release := range releases {
		release()
	}
	if api.bodies.Load() != 0 || len(api.places) != 0 {
		t.Error(api.bodies.Load(), len(api.places))
	}
}
