package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"tierstock/access"
	"tierstock/jobs"
	"tierstock/wmsync"
)

// coverActor is who covers shortages by itself.
const coverActor = "SHORTAGES"

type serveCommand struct {
	listenFlag
	rulesFlag
	watchFlag
	syncing
}

// Validate refuses wrong flags before anything is opened.
func (c *serveCommand) Validate() error {
	return errors.Join(c.listenFlag.Validate(), c.check())
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
	door, site, err := openAll(ctx, session, c.listenFlag, c.rulesFlag, c.watchFlag)
	if err != nil {
		return err
	}
	return door.serve(ctx, session, site)
}

// openAll opens what a serving command needs; a bad file of rules is told before anything else.
// local are systems to sync with beside those of the configuration file.
func openAll(ctx context.Context, session *session, listen listenFlag, flag rulesFlag,
	watching watchFlag, local ...wmsync.Remote) (*door, *site, error) {
	rules, err := flag.open(session)
	if err != nil {
		return nil, nil, err
	}
	watched, err := watching.open(ctx, session.log)
	if err != nil {
		closeRules(rules)
		return nil, nil, err
	}
	door, err := openDoor(ctx, listen, watched, session.log)
	if err != nil {
		closeRules(rules)
		return nil, nil, errors.Join(err, watched.close(ctx))
	}
	remotes, hangUp, err := remotesOf(session.systems)
	if err != nil {
		closeRules(rules)
		return nil, nil, errors.Join(usage(err), door.close())
	}
	site, err := openSite(ctx, session.db, rules, session.log, watched)
	if err != nil {
		closeRules(rules)
		hangUp()
		return nil, nil, errors.Join(err, door.close())
	}
	site.connect(append(remotes, local...), session.log, hangUp)
	return door, site, nil
}

// door is the listening server. It is opened before anything else, so that an address in use is
// told at once; until the site behind it is ready it answers 503.
type door struct {
	listener net.Listener
	server   *http.Server
	keys     *access.Keys
	rates    *access.Rates
	watch    *watch
	// encrypted: it serves HTTPS. The server itself may make a TLS configuration that says nothing.
	encrypted bool
	inside    atomic.Pointer[http.Handler]
	ended     chan error
}

func openDoor(ctx context.Context, flags listenFlag, watched *watch, log *slog.Logger) (
	*door, error) {
	keys, err := flags.keys()
	if err != nil {
		return nil, usage(err)
	}
	encryption, err := flags.encryption()
	if err != nil {
		return nil, usage(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", flags.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", flags.Listen, err)
	}
	if bound, ok := listener.Addr().(*net.TCPAddr); keys == nil && (!ok || !bound.IP.IsLoopback()) {
		return nil, errors.Join(usage(fmt.Errorf("--listen: %s is %s, which is no loopback address",
			flags.Listen, listener.Addr())), listener.Close())
	}
	d := &door{listener: listener, keys: keys, rates: access.NewRates(flags.Rate),
		watch: watched, encrypted: encryption != nil,
		ended: make(chan error, 1)}
	inside := http.Handler(http.HandlerFunc(d.answer))
	if keys == nil {
		inside = guard(inside)
	}
	d.server = &http.Server{Handler: watched.handler(log, d.encrypted, inside),
		TLSConfig: encryption, DisableGeneralOptionsHandler: true,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: headerTimeMax, ReadTimeout: readTimeMax, WriteTimeout: writeTimeMax,
		IdleTimeout: idleTimeMax, MaxHeaderBytes: headerBytesMax}
	go func() {
		if encryption != nil {
			d.ended <- d.server.ServeTLS(listener, "", "")
		} else {
			d.ended <- d.server.Serve(listener)
		}
	}()
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

func (d *door) scheme() string {
	if d.encrypted {
		return "https"
	}
	return "http"
}

func (d *door) close() error {
	return errors.Join(d.server.Close(), d.watch.close(context.Background()))
}

// serve opens the door to the site and runs its jobs until the context ends, then drains: first
// the requests, then the jobs, then what the engine has accepted.
func (d *door) serve(ctx context.Context, session *session, site *site) error {
	inside, err := site.handler(session, d.keys, d.rates)
	if err != nil {
		return errors.Join(err, d.close(), site.close())
	}
	d.inside.Store(&inside)
	clock := jobs.New(site.DB, jobs.Work{Expire: site.Tier2.Expire,
		Warehouses: site.Catalog.Warehouses, Reconcile: site.reconciler.Reconcile,
		Cover: func(ctx context.Context, warehouse string) (int, error) {
			return site.Allocation.CoverShortages(ctx, warehouse, false, coverActor)
		},
		Replenish: site.Replenish.Nightly, Sync: site.Sync},
		jobs.Options{Owner: rand.Text(), Log: session.log})
	clock.Start()
	if d.keys == nil {
		session.log.Warn("no signing key: every caller is ADMIN, so only this machine is served")
	}
	session.log.Info("serving", "address", d.listener.Addr().String(), "database", site.DB.Name(),
		"schema", site.version)
	_, _ = fmt.Fprintf(session.out, "console: %s://%s/ (Ctrl+C stops)\n", d.scheme(),
		d.listener.Addr())
	select {
	case <-ctx.Done():
		err = nil
	case err = <-d.ended:
	}
	session.log.Info("draining")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeMax)
	defer cancel()
	err = errors.Join(err, d.server.Shutdown(drain), clock.Stop(drain), site.close(),
		d.watch.close(drain))
	if err == nil {
		session.log.Info("stopped")
	}
	return err
}
