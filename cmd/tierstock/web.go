package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"tierstock/access"
	"tierstock/console"
	"tierstock/graphiql"
	"tierstock/graphql"
	"tierstock/store"
	"tierstock/trail"
)

// readyTimeMax is how long a database may take over a sign of life.
const readyTimeMax = 2 * time.Second

// handler is all that is served.
func (s *site) handler(session *session, keys *access.Keys, rates *access.Rates) (
	http.Handler, error) {
	api, err := graphql.New(graphql.Deps{DB: s.DB, Catalog: s.Catalog, Tier2: s.Tier2,
		Tier3: s.Tier3, Allocation: s.Allocation, Rules: s.rules, Reconciler: s.reconciler,
		Replenish: s.Replenish, Sync: s.Sync, Keys: keys, Rates: rates, Log: session.log,
		Tracer: s.watch.tracer})
	if err != nil {
		return nil, err
	}
	s.watch.metrics.Cache("documents", api.CachedDocuments)
	s.watch.metrics.Cache("masters", s.Catalog.Cached)
	page, err := console.Handler()
	if err != nil {
		return nil, err
	}
	workbench, err := graphiql.Handler()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", api.Handler())
	mux.Handle("/graphiql", workbench)
	mux.Handle("/graphiql/", workbench)
	mux.HandleFunc("GET /schema.graphql", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, api.SDL())
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "alive")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready(w, r, s.DB)
	})
	mux.Handle("GET /metrics", withToken(keys, s.watch.metrics.Handler()))
	mux.Handle("/webhooks/{system}", s.Sync.Webhook())
	mux.Handle("/", page)
	return mux, nil
}

// withToken serves those with a valid token, whatever its role: metrics name no stock.
func withToken(keys *access.Keys, inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := keys.Of(r)
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer realm="tierstock"`)
			plain(w, http.StatusUnauthorized, "a bearer token is needed; `tierstock token` makes one")
			return
		}
		trail.SetActor(r.Context(), who.Actor)
		inside.ServeHTTP(w, r)
	})
}

func ready(w http.ResponseWriter, r *http.Request, db *store.DB) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeMax)
	defer cancel()
	if err := db.CheckSchema(ctx); err != nil {
		plain(w, http.StatusServiceUnavailable, oneLine(err).Error())
		return
	}
	plain(w, http.StatusOK, "ready")
}

func plain(w http.ResponseWriter, status int, text string) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// guard keeps web pages from elsewhere out, since the browser of who may do all runs on this
// machine too. A name that only resolves to loopback has been made up to get past the browser's
// own rules, so Host must be loopback itself; and what a page asks must come from a page of ours.
// A link from elsewhere may still be followed here.
func guard(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isLoopback(hostOf(r.Host)):
			plain(w, http.StatusForbidden, "the Host of the request is not this machine")
		case r.Header.Get("Origin") != "" && r.Header.Get("Origin") != originOf(r),
			r.Header.Get("Sec-Fetch-Site") == "cross-site" &&
				r.Header.Get("Sec-Fetch-Mode") != "navigate":
			plain(w, http.StatusForbidden, "the request comes from a page that is not ours")
		default:
			inside.ServeHTTP(w, r)
		}
	})
}

// originOf is what a browser calls the place that a request has come to.
func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// hostOf is the name in a Host header, without port and brackets.
func hostOf(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	if size := len(authority); size > 1 && authority[0] == '[' && authority[size-1] == ']' {
		return authority[1 : size-1]
	}
	return authority
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
