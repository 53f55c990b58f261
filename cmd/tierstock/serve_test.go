package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/stocktest"
)

// locked is a buffer that may be read while it is written.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var consoleLine = regexp.MustCompile(`console: (http://\S+/)`)

// served runs a serving command until the test has done its part, and gives its output.
func served(t *testing.T, use func(url string), args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log locked
	pipe, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append(args, "--listen", "127.0.0.1:0"), out, &log)
		_ = out.Close()
	}()
	var text strings.Builder
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if found := consoleLine.FindStringSubmatch(lines.Text()); found != nil {
			use(found[1])
			cancel()
		}
	}
	select {
	case code := <-ended:
		if code != exitDone {
			t.Errorf("%v: exit %d: %s", args, code, &log)
		}
	case <-time.After(time.Minute):
		t.Fatalf("%v does not end", args)
	}
	return text.String() + log.String()
}

// get asks for a page, with headers "name: value".
func get(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, request, headers)
}

func send(t *testing.T, request *http.Request, headers []string) (int, string) {
	t.Helper()
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if request.Header.Set(name, value); name == "Host" {
			request.Host = value
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			said := served(t, func(url string) {
				for _, path := range []string{"", "healthz", "readyz", "page.css", "app/main.js",
					"schema.graphql"} {
					if status, body := get(t, url+path); status != http.StatusOK || body == "" {
						t.Error(path, status, body)
					}
				}
				if status, _ := get(t, url+"nothing"); status != http.StatusNotFound {
					t.Error("nothing", status)
				}
				imported(t, databaseURL)
				ask(t, url)
			}, "serve", "--db", databaseURL)
			for _, want := range []string{"every caller is ADMIN", "draining", "stopped"} {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said: %s", want, said)
				}
			}
			wantExit(t, exitDone, "all 10 invariants hold", "verify", "--db", databaseURL)
		})
	}
}

// ask sends a query to the API, as the console does.
func ask(t *testing.T, url string) {
	t.Helper()
	const query = `{ reservations(warehouse: "W1", filter: {orderId: "A"}) ` +
		`{ edges { node { lineId requested held } } } }`
	if status, body := post(t, url, query); status != http.StatusOK ||
		!strings.Contains(body, `"held":"150"`) {
		t.Error(status, body)
	}
}

func post(t *testing.T, url, query string) (int, string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"graphql",
		bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return send(t, request, []string{"Content-Type: application/json",
		"Origin: " + strings.TrimSuffix(url, "/")})
}

// TestGuard: what does not come from this machine, and from a page of ours, gets nothing.
func TestGuard(t *testing.T) {
	open := guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "in")
	}))
	for _, c := range []struct {
		host, origin, site, mode string
		in                       bool
	}{
		{"127.0.0.1:8080", "", "", "", true},
		{"localhost:8080", "http://localhost:8080", "same-origin", "cors", true},
		{"[::1]:8080", "http://[::1]:8080", "", "", true},
		{"[::1]", "", "", "", true},
		{"localhost", "", "none", "navigate", true},
		{"127.0.0.1:8080", "", "cross-site", "navigate", true},
		{"", "", "", "", false},
		{"evil.example:8080", "", "", "", false},
		{"evil.example:8080", "http://evil.example:8080", "same-origin", "cors", false},
		{"127.0.0.1.evil.example", "", "", "", false},
		{"192.0.2.1:8080", "", "", "", false},
		{"127.0.0.1:8080", "http://evil.example", "cross-site", "cors", false},
		{"127.0.0.1:8080", "http://127.0.0.1:3000", "same-site", "cors", false},
		{"127.0.0.1:8080", "https://127.0.0.1:8080", "", "", false},
		{"127.0.0.1:8080", "null", "", "", false},
		{"127.0.0.1:8080", "", "cross-site", "no-cors", false},
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		request.Host = c.host
		for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site,
			"Sec-Fetch-Mode": c.mode} {
			if value != "" {
				request.Header.Set(name, value)
			}
		}
		answer := httptest.NewRecorder()
		open.ServeHTTP(answer, request)
		if in := answer.Code == http.StatusOK; in != c.in ||
			!in && answer.Code != http.StatusForbidden {
			t.Errorf("%+v: %d", c, answer.Code)
		}
	}
}

// TestGuardUnderTLS: a page of ours has come by https then.
func TestGuardUnderTLS(t *testing.T) {
	open := guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for origin, want := range map[string]int{"https://127.0.0.1:8443": http.StatusOK,
		"http://127.0.0.1:8443": http.StatusForbidden} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		request.Host, request.TLS = "127.0.0.1:8443", &tls.ConnectionState{}
		request.Header.Set("Origin", origin)
		answer := httptest.NewRecorder()
		if open.ServeHTTP(answer, request); answer.Code != want {
			t.Errorf("%s: %d", origin, answer.Code)
		}
	}
}

// TestReadyzSaysWhy: a schema that is not current, and a database that is gone.
func TestReadyzSaysWhy(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		databaseURL := backend.URL(t)
		db := stocktest.Opened(t, databaseURL)
		want := func(status int, text string) {
			t.Helper()
			answer := httptest.NewRecorder()
			ready(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil), db)
			if answer.Code != status || !strings.Contains(answer.Body.String(), text) {
				t.Error(answer.Code, answer.Body)
			}
		}
		want(http.StatusServiceUnavailable, "the database schema is not current")
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(http.StatusOK, "ready")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		want(http.StatusServiceUnavailable, "closed")
	}
}

func TestAddressInUse(t *testing.T) {
	served(t, func(url string) {
		address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
		for _, command := range []string{"serve", "demo"} {
			wantExit(t, exitFailed, "cannot listen on "+address, command, "--listen", address,
				"--db", "sqlite:"+t.TempDir()+"/never.db")
		}
	}, "serve", "--db", stocktest.Backends(t)[0].URL(t))
}

// TestClosedDoor: until the demo has been played, only that the process lives is said.
func TestClosedDoor(t *testing.T) {
	door, err := openDoor(t.Context(), listenFlag{Listen: "127.0.0.1:0"}, newWatch(),
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + door.listener.Addr().String() + "/"
	for path, want := range map[string]int{"healthz": http.StatusOK,
		"readyz": http.StatusServiceUnavailable, "": http.StatusServiceUnavailable,
		"graphql": http.StatusServiceUnavailable} {
		if status, _ := get(t, url+path); status != want {
			t.Error(path, status)
		}
	}
	if status, _ := get(t, url+"healthz", "Host: evil.example"); status != http.StatusForbidden {
		t.Error("a foreign Host gets", status)
	}
	if err := door.close(); err != nil {
		t.Error(err)
	}
}
