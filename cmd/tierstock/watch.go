package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"tierstock/metrics"
	"tierstock/trail"
)

// watchFlag is how a serving command can be watched.
type watchFlag struct {
	OTLP  string `help:"${otlp}"  name:"otlp"             placeholder:"URL"`
	Pprof string `help:"${pprof}" placeholder:"HOST:PORT"`
}

// watchWords are the help of the flags of this file.
func watchWords() kong.Vars {
	return kong.Vars{
		"log": "How to write the log: json, or text; text on a terminal and JSON elsewhere unless " +
			"given.",
		"otlp": "Collector to send traces to, by OTLP over HTTP, such as http://localhost:4318; " +
			"none unless given.",
		"pprof": "Loopback address to serve Go's profiles on, such as 127.0.0.1:6060; none unless " +
			"given.",
	}
}

// check refuses wrong values before anything is opened.
func (f watchFlag) check() error {
	if f.OTLP != "" {
		if err := trail.CheckCollector(f.OTLP); err != nil {
			return fmt.Errorf("--otlp: %w", err)
		}
	}
	if f.Pprof != "" {
		host, _, err := net.SplitHostPort(f.Pprof)
		if err != nil {
			return fmt.Errorf("--pprof: %q is not an address such as 127.0.0.1:6060", f.Pprof)
		}
		if !isLoopback(host) {
			return fmt.Errorf("--pprof: %s is not a loopback address; profiles show what the "+
				"process has in memory", f.Pprof)
		}
	}
	return nil
}

// watch is what a process is watched by.
type watch struct {
	metrics  *metrics.Metrics
	tracer   *trail.Tracer
	profiles *http.Server // nil for none
	log      *slog.Logger
}

// newWatch counts, and does no more.
func newWatch() *watch {
	return &watch{metrics: metrics.New(), log: slog.New(slog.DiscardHandler)}
}

func (f watchFlag) open(ctx context.Context, log *slog.Logger) (*watch, error) {
	watched := newWatch()
	watched.log = log
	if f.OTLP != "" {
		tracer, err := trail.Export(ctx, f.OTLP, programVersion(), log)
		if err != nil {
			return nil, fmt.Errorf("--otlp: %w", err)
		}
		watched.tracer = tracer
	}
	if f.Pprof == "" {
		return watched, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.Pprof)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--pprof: cannot listen on %s: %w", f.Pprof, err),
			watched.close(ctx))
	}
	if bound, ok := listener.Addr().(*net.TCPAddr); !ok || !bound.IP.IsLoopback() {
		return nil, errors.Join(usage(fmt.Errorf("--pprof: %s is no loopback address", f.Pprof)),
			listener.Close(), watched.close(ctx))
	}
	watched.profiles = &http.Server{Handler: guard(profiles()), ReadHeaderTimeout: headerTimeMax,
		MaxHeaderBytes: headerBytesMax, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	go func() { _ = watched.profiles.Serve(listener) }()
	log.Info("profiles are served", "address", listener.Addr().String())
	return watched, nil
}

// profiles are Go's, without the command line, which may hold the database's password.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// tracesTimeMax is how long the end of the process waits for the collector to take what is left.
const tracesTimeMax = 3 * time.Second

// close ends what the process is watched by, and sends the traces that are left. What a collector
// does not take is lost, and no failure of the process.
func (w *watch) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tracesTimeMax)
	defer cancel()
	if err := w.tracer.Close(ctx); err != nil {
		w.log.Warn("the last traces are not sent", "error", err.Error())
	}
	if w.profiles != nil {
		return w.profiles.Close()
	}
	return nil
}

// handler follows each request.
func (w *watch) handler(log *slog.Logger, encrypted bool, inside http.Handler) http.Handler {
	return trail.Handler(trail.Options{Log: log, Tracer: w.tracer, Route: routeOf,
		Observe: w.metrics.Exchange, Encrypted: encrypted}, inside)
}

// routeOf names what is asked for in a few words, however many paths there are: what is nothing
// else is the console's.
func routeOf(path string) string {
	switch path {
	case "/graphql", "/metrics", "/healthz", "/readyz", "/schema.graphql":
		return path
	}
	if strings.HasPrefix(path, "/webhooks/") {
		return "/webhooks"
	}
	if path == "/graphiql" || strings.HasPrefix(path, "/graphiql/") {
		return "/graphiql"
	}
	return "/"
}

// newLog writes for people on a terminal, for programs elsewhere, unless it is said how.
func newLog(out io.Writer, format string) *slog.Logger {
	file, isFile := out.(*os.File)
	if format == "text" || format == "" && isFile && term.IsTerminal(int(file.Fd())) {
		return slog.New(slog.NewTextHandler(out, nil))
	}
	return slog.New(slog.NewJSONHandler(out, nil))
}
