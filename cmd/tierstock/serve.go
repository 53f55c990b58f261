package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"tierstock/jobs"
)

// coverActor is who covers shortages by itself.
const coverActor = "SHORTAGES"

type serveCommand struct {
	listenFlag
	rulesFlag
}

// listenFlag is where to serve.
type listenFlag struct {
	Listen string `default:"${defaultListen}" help:"${listen}" placeholder:"HOST:PORT"`
}

// Validate refuses addresses that others could reach: nobody is asked who they are.
func (f listenFlag) Validate() error {
	host, port, err := net.SplitHostPort(f.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %q is not an address such as 127.0.0.1:8080", f.Listen)
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 {
		return fmt.Errorf("--listen: %q is not a port", port)
	}
	if !isLoopback(host) {
		return fmt.Errorf("--listen: %s is not a loopback address; every caller is ADMIN here, so "+
			"only 127.0.0.1, ::1 and localhost are served", f.Listen)
	}
	return nil
}

// The limits of an HTTP exchange. An answer is written after at most graphql's own time-out, so
// that writing has to allow for more.
const (
	headerTimeMax  = 5 * time.Second
	readTimeMax    = 15 * time.Second
	writeTimeMax   = 45 * time.Second
	idleTimeMax    = 2 * time.Minute
	headerBytesMax = 32 << 10
	// drainTimeMax ends requests, jobs and batches that do not end by themselves. It is a little
	// more than the time-out of a request.
	drainTimeMax = 30 * time.Second
)

func (c *serveCommand) run(ctx context.Context, session *session) error {
	door, site, err := openAll(ctx, session, c.Listen, c.rulesFlag)
	if err != nil {
		return err
	}
	return door.serve(ctx, session, site)
}

// openAll opens what a serving command needs; a bad file of rules is told before anything else.
func openAll(ctx context.Context, session *session, listen string, flag rulesFlag) (
	*door, *site, error) {
	rules, err := flag.open(session)
	if err != nil {
		return nil, nil, err
	}
	door, err := openDoor(ctx, listen)
	if err != nil {
		closeRules(rules)
		return nil, nil, err
	}
	site, err := openSite(ctx, session.db, rules, session.log)
	if err != nil {
		closeRules(rules)
		return nil, nil, errors.Join(err, door.close())
	}
	return door, site, nil
}

// door is the listening server. It is opened before anything else, so that an address in use is
// told at once; until the site behind it is ready it answers 503.
type door struct {
	listener net.Listener
	server   *http.Server
	inside   atomic.Pointer[http.Handler]
	ended    chan error
}

func openDoor(ctx context.Context, address string) (*door, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	if bound, ok := listener.Addr().(*net.TCPAddr); !ok || !bound.IP.IsLoopback() {
		return nil, errors.Join(usage(fmt.Errorf("--listen: %s is %s, which is no loopback address",
			address, listener.Addr())), listener.Close())
	}
	d := &door{listener: listener, ended: make(chan error, 1)}
	d.server = &http.Server{Handler: guard(http.HandlerFunc(d.answer)),
		ReadHeaderTimeout: headerTimeMax, ReadTimeout: readTimeMax, WriteTimeout: writeTimeMax,
		IdleTimeout: idleTimeMax, MaxHeaderBytes: headerBytesMax}
	go func() { d.ended <- d.server.Serve(listener) }()
	return d, nil
}

func (d *door) answer(w http.ResponseWriter, r *http.Request) {
	if inside := d.inside.Load(); inside != nil {
		(*inside).ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/healthz" {
		plain(w, http.StatusOK, "alive")
		return
	}
	w.Header().Set("Retry-After", "5")
	plain(w, http.StatusServiceUnavailable, "not ready yet")
}

func (d *door) close() error { return d.server.Close() }

// serve opens the door to the site and runs its jobs until the context ends, then drains: first
// the requests, then the jobs, then what the engine has accepted.
func (d *door) serve(ctx context.Context, session *session, site *site) error {
	inside, err := site.handler(session)
	if err != nil {
		return errors.Join(err, d.close(), site.close())
	}
	d.inside.Store(&inside)
	clock := jobs.New(site.DB, jobs.Work{Expire: site.Tier2.Expire,
		Warehouses: site.Catalog.Warehouses, Reconcile: site.reconciler.Reconcile,
		Cover: func(ctx context.Context, warehouse string) (int, error) {
			return site.Allocation.CoverShortages(ctx, warehouse, false, coverActor)
		},
		Replenish: site.Replenish.Nightly},
		jobs.Options{Owner: rand.Text(), Log: session.log})
	clock.Start()
	session.log.Warn("no signing key: every caller is ADMIN, so only this machine is served")
	session.log.Info("serving", "address", d.listener.Addr().String(), "database", site.DB.Name(),
		"schema", site.version)
	_, _ = fmt.Fprintf(session.out, "console: http://%s/ (Ctrl+C stops)\n", d.listener.Addr())
	select {
	case <-ctx.Done():
		err = nil
	case err = <-d.ended:
	}
	session.log.Info("draining")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeMax)
	defer cancel()
	err = errors.Join(err, d.server.Shutdown(drain), clock.Stop(drain), site.close())
	if err == nil {
		session.log.Info("stopped")
	}
	return err
}
