package trail_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tierstock/trail"
)

// pass sends a request through the handler, and gives the answer and the line of the log.
func pass(t *testing.T, request *http.Request, inside http.HandlerFunc) (
	*httptest.ResponseRecorder, map[string]any, []trail.Exchange) {
	t.Helper()
	var log bytes.Buffer
	var exchanges []trail.Exchange
	handler := trail.Handler(trail.Options{Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Route:   func(string) string { return "/route" },
		Observe: func(exchange trail.Exchange) { exchanges = append(exchanges, exchange) }}, inside)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, &log)
	}
	return answer, line, exchanges
}

func request(t *testing.T, method, path string, headers ...string) *http.Request {
	t.Helper()
	made := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		made.Header.Set(name, value)
	}
	return made
}

// TestLine: the log has the request and its outcome, and nothing of what it held.
func TestLine(t *testing.T) {
	asked := request(t, http.MethodPost, "/graphql?token=hunter2", "X-Request-Id: shop-1.a_B",
		"Authorization: Bearer hunter2")
	answer, line, exchanges := pass(t, asked, func(w http.ResponseWriter, r *http.Request) {
		trail.SetActor(r.Context(), "ann")
		if trail.ID(r.Context()) != "shop-1.a_B" {
			t.Error("inside it is", trail.ID(r.Context()))
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("12345"))
	})
	for name, want := range map[string]any{"msg": "request", "request": "shop-1.a_B",
		"method": "POST", "path": "/graphql", "status": 418.0, "actor": "ann", "bytes": 5.0} {
		if line[name] != want {
			t.Errorf("%s is %v, not %v", name, line[name], want)
		}
	}
	text, _ := json.Marshal(line)
	if strings.Contains(string(text), "hunter2") {
		t.Errorf("it tells a secret: %s", text)
	}
	if answer.Header().Get("X-Request-ID") != "shop-1.a_B" {
		t.Error(answer.Header())
	}
	if len(exchanges) != 1 || exchanges[0].Route != "/route" || exchanges[0].Status != 418 {
		t.Errorf("%+v", exchanges)
	}
}

// TestIDs: an id that could break a log or a header is replaced.
func TestIDs(t *testing.T) {
	for _, given := range []string{"", "a b", "a\"b", "é", "a\x7f", strings.Repeat("a", 65)} {
		asked := request(t, http.MethodGet, "/")
		asked.Header["X-Request-Id"] = []string{given}
		answer, line, _ := pass(t, asked, func(http.ResponseWriter, *http.Request) {})
		made := answer.Header().Get("X-Request-ID")
		if made == given || len(made) != 16 || line["request"] != made || line["status"] != 200.0 {
			t.Errorf("%q becomes %q: %v", given, made, line)
		}
	}
}

// TestClosedToOthers: every answer has the security headers and none of CORS, and nobody gets
// leave in advance.
func TestClosedToOthers(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
		asked := request(t, method, "/graphql", "Origin: http://evil.example",
			"Access-Control-Request-Method: POST")
		answer, _, _ := pass(t, asked, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
		})
		refused := method == http.MethodOptions
		if (answer.Code == http.StatusMethodNotAllowed) != refused ||
			(answer.Header().Get("Allow") != "") != refused {
			t.Error(method, answer.Code, answer.Header())
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options",
			"X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
			"Cross-Origin-Resource-Policy", "Permissions-Policy"} {
			if answer.Header().Get(name) == "" {
				t.Error(method, "has no", name)
			}
		}
		for name := range answer.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Error(method, "has", name)
			}
		}
		if answer.Header().Get("Strict-Transport-Security") != "" {
			t.Error("it promises TLS without having any")
		}
	}
}

// TestPanicIsLogged: what ends a connection has a line too.
func TestPanicIsLogged(t *testing.T) {
	var log bytes.Buffer
	handler := trail.Handler(trail.Options{Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Route: func(string) string { return "/" }},
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	func() {
		defer func() { _ = recover() }()
		handler.ServeHTTP(httptest.NewRecorder(), request(t, http.MethodGet, "/"))
	}()
	if !strings.Contains(log.String(), `"status":500`) {
		t.Error(log.String())
	}
}

func TestCheckCollector(t *testing.T) {
	for address, good := range map[string]bool{"http://localhost:4318": true,
		"https://traces.example/v1/traces": true, "localhost:4318": false, "ftp://x": false,
		"http://": false, "http://a:b@c": false, "http://c?x=1": false, "": false} {
		if err := trail.CheckCollector(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestNoTracer: what follows nothing costs nothing and breaks nothing.
func TestNoTracer(t *testing.T) {
	var tracer *trail.Tracer
	ctx := t.Context()
	if got := testing.AllocsPerRun(100, func() {
		inner, span := tracer.Start(ctx, "x")
		if inner != ctx {
			t.Error("the context is another")
		}
		tracer.PlaceOf(ctx)
		span.End(nil)
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
	if err := tracer.Close(ctx); err != nil {
		t.Error(err)
	}
}
