package main

import (
	"context"
	"errors"
	"log/slog"

	"tierstock/allocation"
	"tierstock/allocation/rules"
	"tierstock/flow"
	"tierstock/jobs"
	"tierstock/master"
	"tierstock/replenish"
	"tierstock/sample"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
	"tierstock/wmsync"
)

// site is an open database with the engine on it.
type site struct {
	sample.Site

	engine     *flow.Engine
	reconciler *flow.Reconciler
	rules      *rules.File // nil for none
	version    int64       // of the schema
	watch      *watch
	sync       *wmsync.Service
	hangUp     func() // ends what the systems' connections keep
}

// openSite opens the database, brings its schema up to date and starts the engine, which allocates
// by the file of rules, where there is one. The site closes that, but not where it is not opened.
func openSite(ctx context.Context, databaseURL string, file *rules.File, log *slog.Logger,
	watched *watch) (*site, error) {
	options := store.Options{Redone: watched.metrics.Redone}
	if watched.tracer != nil {
		options.Span = watched.tracer.Statement
	}
	db, err := store.Open(ctx, databaseURL, options)
	if err != nil {
		return nil, err
	}
	version, err := db.Migrate(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return newSite(db, version, file, log, watched), nil
}

// openExisting opens a database that is there, with its schema current, and changes neither.
func openExisting(ctx context.Context, databaseURL string) (*store.DB, error) {
	db, err := store.Open(ctx, databaseURL, store.Options{Existing: true})
	if err != nil {
		return nil, err
	}
	if err := db.CheckSchema(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func newSite(db *store.DB, version int64, file *rules.File, log *slog.Logger,
	watched *watch) *site {
	var byRules allocation.Rules
	if file != nil {
		byRules = file
	}
	catalog := master.New(db)
	engine := flow.New(db, catalog, flow.Options{Choose: allocation.Choose, Log: log,
		Watch: watched.metrics.Watch, Tracer: watched.tracer})
	watched.metrics.Serve(db, engine, log)
	site := &site{
		Site: sample.Site{DB: db, Catalog: catalog, Tier2: tier2.New(db, engine),
			Tier3: tier3.New(db, engine), Allocation: allocation.New(db, engine, byRules),
			Replenish: replenish.New(db, catalog)},
		engine:  engine,
		rules:   file,
		version: version,
		watch:   watched,
	}
	site.connect(nil, log, func() {})
	return site
}

// connect has the site sync with systems; hangUp ends what their connections keep.
func (s *site) connect(remotes []wmsync.Remote, log *slog.Logger, hangUp func()) {
	s.sync = wmsync.New(wmsync.Deps{DB: s.DB, Catalog: s.Catalog, Engine: s.engine,
		Allocation: s.Allocation, Next: jobs.NextPull, Watch: s.watch.metrics.Synced, Log: log,
		Reconcile: func(ctx context.Context, warehouse string) error {
			_, err := s.reconciler.Reconcile(ctx, flow.ScopeExternal, warehouse, "")
			return err
		}}, remotes)
	s.reconciler = flow.NewReconciler(s.DB, s.engine.Repair, s.sync)
	s.watch.metrics.Sync(s.sync, log)
	s.hangUp = hangUp
}

// close finishes what the engine has accepted, whether or not somebody still waits for it, then
// closes the database.
func (s *site) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeMax)
	defer cancel()
	closeRules(s.rules)
	s.hangUp()
	return errors.Join(s.engine.Close(ctx), s.DB.Close())
}

// closeRules ends the watching of a file, if there is one.
func closeRules(file *rules.File) {
	if file != nil {
		file.Close()
	}
}
