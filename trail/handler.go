package trail

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// pathBytesMax is how much of a path the log keeps: ours are short.
const pathBytesMax = 128

// headerID is where a caller may name a request, and finds its name in the answer.
const headerID = "X-Request-ID"

// Exchange is an answered request, as metrics are told of it.
type Exchange struct {
	// Route is one of a few names of what was asked for.
	Route  string
	Status int
	Took   time.Duration
}

// Options of a Handler. Log is needed; a nil Tracer follows nothing.
type Options struct {
	Log    *slog.Logger
	Tracer *Tracer
	// Route names what is asked for, in few words whatever the path.
	Route func(path string) string
	// Observe, where set, is told of each exchange.
	Observe func(Exchange)
	// Encrypted: it is served over TLS, and may say so to browsers.
	Encrypted bool
}

// securityHeaders are on every answer; pages replace the first with a policy of their own. There
// is none that lets other origins read an answer.
var securityHeaders = [][2]string{
	{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
}

// strictTransport keeps a browser that has been here over TLS from coming without, for a year.
const strictTransport = "max-age=31536000"

// Handler gives each request an id, a span and a line in the log, and each answer the security
// headers. OPTIONS is refused, so that no page from elsewhere gets leave to ask.
func Handler(options Options, inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		visit := &visit{id: idOf(r.Header.Get(headerID))}
		header := w.Header()
		header.Set(headerID, visit.id)
		for _, pair := range securityHeaders {
			header.Set(pair[0], pair[1])
		}
		if options.Encrypted {
			header.Set("Strict-Transport-Security", strictTransport)
		}
		route := options.Route(r.URL.Path)
		ctx := context.WithValue(r.Context(), visitKey{}, visit)
		ctx, span := options.Tracer.enter(ctx, r, route, visit.id)
		watched := &answer{ResponseWriter: w}
		panicked := true
		defer func() {
			if panicked && watched.status == 0 { // net/http closes the connection
				watched.status = http.StatusInternalServerError
			}
			took := time.Since(began)
			span.leave(watched.code())
			line := []slog.Attr{slog.String("request", visit.id),
				slog.String("method", clip(r.Method)), slog.String("path", clip(r.URL.Path)),
				slog.Int("status", watched.code()), slog.Duration("took", took),
				slog.String("actor", visit.actorName()), slog.Int64("bytes", watched.bytes)}
			if span != nil {
				line = append(line, slog.String("trace", span.traceID()))
			}
			options.Log.LogAttrs(ctx, slog.LevelInfo, "request", line...)
			if options.Observe != nil {
				options.Observe(Exchange{Route: route, Status: watched.code(), Took: took})
			}
		}()
		if r.Method == http.MethodOptions {
			header.Set("Allow", "GET, HEAD, POST")
			http.Error(watched, "there is nothing to ask leave for", http.StatusMethodNotAllowed)
		} else {
			inside.ServeHTTP(watched, r.WithContext(ctx))
		}
		panicked = false
	})
}

func clip(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), pathBytesMax)], "")
}

// answer watches what is written.
type answer struct {
	http.ResponseWriter

	status int
	bytes  int64
}

// Unwrap lets net/http's controller find what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader notes the first status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts what arrived.
func (a *answer) Write(content []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	count, err := a.ResponseWriter.Write(content)
	a.bytes += int64(count)
	return count, err
}

// code is the status that net/http sends, which is 200 where nothing was said.
func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}
