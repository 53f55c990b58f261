package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// always is leases with nobody else about.
type always struct{}

func (always) TryLease(context.Context, string, string, time.Duration) (int64, bool, error) {
	return 1, true, nil
}

func (always) Release(context.Context, string, string) error { return nil }

func idle() Work {
	return Work{
		Expire:     func(context.Context) (int, error) { return 0, nil },
		Warehouses: func(context.Context) ([]model.Warehouse, error) { return nil, nil },
		Cover:      func(context.Context, string) (int, error) { return 0, nil },
		Reconcile: func(context.Context, flow.Scope, string, model.Date) (*flow.Run, error) {
			return nil, errors.New("not asked for")
		},
	}
}

func running(t *testing.T, work Work) *Jobs {
	t.Helper()
	jobs := New(always{}, work, Options{})
	jobs.Start()
	return jobs
}

func stop(t *testing.T, jobs *Jobs) {
	t.Helper()
	if err := jobs.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestExpirySweepsEveryFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sweeps []time.Duration
		started := time.Now()
		work := idle()
		left := 3
		work.Expire = func(context.Context) (int, error) {
			if left == 0 {
				sweeps = append(sweeps, time.Since(started))
				return 0, nil
			}
			left--
			return 250, nil
		}
		jobs := running(t, work)
		time.Sleep(16 * time.Second)
		stop(t, jobs)
		time.Sleep(time.Minute)
		want := []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second}
		if !slices.Equal(sweeps, want) || left != 0 {
			t.Errorf("swept at %v, %d batches left", sweeps, left)
		}
	})
}

// TestShortagesAreCovered: each warehouse's, every five seconds, and a failure ends one round only.
func TestShortagesAreCovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var covered []string
		work := idle()
		work.Warehouses = func(context.Context) ([]model.Warehouse, error) {
			return []model.Warehouse{{Code: "W1"}, {Code: "W2"}}, nil
		}
		work.Reconcile = func(context.Context, flow.Scope, string, model.Date) (*flow.Run, error) {
			return &flow.Run{}, nil
		}
		work.Cover = func(_ context.Context, warehouse string) (int, error) {
			covered = append(covered, warehouse)
			if len(covered) == 1 {
				return 0, errors.New("the database is away")
			}
			return 1, nil
		}
		jobs := running(t, work)
		time.Sleep(11 * time.Second)
		stop(t, jobs)
		if want := []string{"W1", "W1", "W2"}; !slices.Equal(covered, want) {
			t.Errorf("covered %v, want %v", covered, want)
		}
	})
}

func TestExpiryIsBounded(t *testing.T) {
	batches := 0
	expiry{leases: always{}, log: discard(), expire: func(context.Context) (int, error) {
		batches++
		return 1, nil
	}}.run(t.Context())
	if batches != expiryBatchesMax {
		t.Errorf("%d batches in one sweep", batches)
	}
}

func TestJobsDoNotOverlapAndOutliveAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, most, sweeps atomic.Int64
		work := idle()
		work.Expire = func(context.Context) (int, error) {
			most.Store(max(most.Load(), inside.Add(1)))
			defer inside.Add(-1)
			time.Sleep(12 * time.Second)
			if sweeps.Add(1) == 1 {
				panic("the first one")
			}
			return 0, nil
		}
		jobs := running(t, work)
		time.Sleep(time.Minute)
		stop(t, jobs)
		if most.Load() != 1 || sweeps.Load() != 4 {
			t.Errorf("%d at once, %d sweeps in a minute", most.Load(), sweeps.Load())
		}
	})
}

func TestStopDrainsAndCutsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var finished, cut bool
		work := idle()
		work.Expire = func(ctx context.Context) (int, error) {
			select {
			case <-time.After(10 * time.Second):
				finished = true
			case <-ctx.Done():
				cut = true
			}
			return 0, nil
		}
		jobs := running(t, work)
		time.Sleep(6 * time.Second)
		stop(t, jobs)
		if !finished || cut {
			t.Error("Stop did not wait for the sweep")
		}
		finished = false
		jobs = running(t, work)
		time.Sleep(6 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := jobs.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) || finished || !cut {
			t.Errorf("Stop with a deadline: %v, finished %t, cut %t", err, finished, cut)
		}
	})
}

// nights collects, per warehouse and business date, when a run was made first.
type nights struct {
	mu   sync.Mutex
	runs map[string]map[model.Date][]time.Time
}

func (n *nights) reconcile(_ context.Context, scope flow.Scope, warehouse string,
	date model.Date) (*flow.Run, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if scope == flow.ScopeTiers {
		if n.runs[warehouse] == nil {
			n.runs[warehouse] = map[model.Date][]time.Time{}
		}
		n.runs[warehouse][date] = append(n.runs[warehouse][date], time.Now())
	}
	return &flow.Run{State: flow.RunDone}, nil
}

// The bubble's clock begins on 2000-01-01. The weeks below have the nights in which these zones
// change their clocks: at 2, at 1 UTC, at midnight, by half an hour; one never does.
func TestNightRunsAreMadeOnceEachLocalDate(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
		"America/Sao_Paulo", "UTC"}
	weeks := []struct{ from, to model.Date }{{"2000-02-24", "2000-03-01"},
		{"2000-03-23", "2000-04-05"}, {"2000-08-24", "2000-08-30"}, {"2000-10-05", "2000-11-02"}}
	synctest.Test(t, func(t *testing.T) {
		found := &nights{runs: map[string]map[model.Date][]time.Time{}}
		work := idle()
		work.Reconcile = found.reconcile
		work.Warehouses = func(context.Context) (warehouses []model.Warehouse, _ error) {
			for _, zone := range zones {
				warehouses = append(warehouses, model.Warehouse{Code: zone, Timezone: zone})
			}
			return warehouses, nil
		}
		for _, week := range weeks {
			night := &nightly{work: work, at: nightlyAt, log: discard(),
				done: map[nightRun]model.Date{}}
			from, _ := time.Parse(time.DateOnly, string(week.from))
			to, _ := time.Parse(time.DateOnly, string(week.to))
			// Begun at noon, the first run is made up for.
			time.Sleep(time.Until(from.Add(12 * time.Hour)))
			for time.Now().Before(to) {
				night.run(t.Context())
				time.Sleep(10 * time.Minute)
			}
			for _, zone := range zones {
				checkNights(t, zone, found.runs[zone], week.from, week.from.DaysUntil(week.to))
			}
			clear(found.runs)
		}
	})
}

func checkNights(t *testing.T, zone string, runs map[model.Date][]time.Time, first model.Date,
	days int) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) < days || len(runs) > days+1 {
		t.Errorf("%s: %d business dates in %d days", zone, len(runs), days)
	}
	shifted := 0
	for date, times := range runs {
		if len(times) != 1 {
			t.Errorf("%s, %s: %d runs", zone, date, len(times))
		}
		local := times[0].In(location)
		switch clock := local.Format("15:04"); {
		case clock == "02:30", first.DaysUntil(date) == 0:
		case clock == "01:30", clock == "03:30", clock == "03:00":
			shifted++
		default:
			t.Errorf("%s, %s: run at %s", zone, date, local)
		}
		if date != model.Date(local.Format(time.DateOnly)) {
			t.Errorf("%s: the run of %s was made on %s", zone, date, local)
		}
	}
	if shifted > 1 {
		t.Errorf("%s: %d nights at another hour", zone, shifted)
	}
}

func TestNightRunsAreAskedForAgainUntilDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[flow.Scope]int{}
		work := idle()
		work.Warehouses = func(context.Context) ([]model.Warehouse, error) {
			return []model.Warehouse{{Code: "W1", Timezone: "UTC"}}, nil
		}
		work.Reconcile = func(_ context.Context, scope flow.Scope, _ string, _ model.Date) (
			*flow.Run, error) {
			asked[scope]++
			switch {
			case scope == flow.ScopeLedger && asked[scope] < 3:
				return nil, flow.Refuse(model.Busy, "scope", "another process is at it")
			case scope == flow.ScopeTiers && asked[scope] < 2:
				return nil, errors.New("the database is away")
			}
			return &flow.Run{State: flow.RunDone}, nil
		}
		jobs := running(t, work)
		time.Sleep(4 * time.Hour)
		stop(t, jobs)
		if asked[flow.ScopeLedger] != 3 || asked[flow.ScopeTiers] != 2 ||
			asked[flow.ScopeReservations] != 1 {
			t.Errorf("asked %v", asked)
		}
	})
}

// After the reconciliation, whatever came of it, and again where it failed, until it is done.
func TestReplenishmentFollowsTheReconciliation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		work := idle()
		work.Warehouses = func(context.Context) ([]model.Warehouse, error) {
			return []model.Warehouse{{Code: "W1", Timezone: "UTC"}}, nil
		}
		work.Reconcile = func(_ context.Context, scope flow.Scope, _ string, _ model.Date) (
			*flow.Run, error) {
			if scope == flow.ScopeTiers {
				return nil, errors.New("the database is away")
			}
			order = append(order, string(scope))
			return &flow.Run{State: flow.RunDone}, nil
		}
		failures := 2
		work.Replenish = func(_ context.Context, warehouse string, date model.Date) error {
			if failures--; failures >= 0 {
				return errors.New("the database is away")
			}
			order = append(order, warehouse+" "+string(date))
			return nil
		}
		jobs := running(t, work)
		time.Sleep(28 * time.Hour)
		stop(t, jobs)
		want := []string{"LEDGER", "RESERVATIONS", "W1 2000-01-01", "LEDGER", "RESERVATIONS",
			"W1 2000-01-02"}
		if !slices.Equal(order, want) {
			t.Errorf("%v", order)
		}
	})
}

func TestOneProcessSweepsAtATime(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		var inside, most, sweeps atomic.Int64
		var processes sync.WaitGroup
		for _, owner := range []string{"a", "b", "c"} {
			job := expiry{leases: db, owner: owner, log: discard(),
				expire: func(context.Context) (int, error) {
					most.Store(max(most.Load(), inside.Add(1)))
					defer inside.Add(-1)
					time.Sleep(20 * time.Millisecond)
					sweeps.Add(1)
					return 0, nil
				}}
			processes.Go(func() {
				for range 5 {
					job.run(t.Context())
				}
			})
		}
		processes.Wait()
		if most.Load() != 1 || sweeps.Load() == 0 {
			t.Errorf("%d at once, %d sweeps", most.Load(), sweeps.Load())
		}
	})
}

// However many processes there are, a night has one run of each scope, and it is in the books.
func TestNightRunIsOneForAllProcesses(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Transact(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO warehouses (code, name, timezone)
				VALUES ('W1', 'W1', 'Asia/Tokyo')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		work := idle()
		work.Warehouses = func(context.Context) ([]model.Warehouse, error) {
			return []model.Warehouse{{Code: "W1", Timezone: "Asia/Tokyo"}}, nil
		}
		work.Reconcile = flow.NewReconciler(db, nil, nil).Reconcile
		var processes sync.WaitGroup
		for range 3 {
			// Due since the first minute of the day.
			night := &nightly{work: work, at: 0, log: discard(), done: map[nightRun]model.Date{}}
			processes.Go(func() {
				for len(night.done) < len(flow.InnerScopes()) && ctx.Err() == nil {
					night.run(ctx)
				}
			})
		}
		processes.Wait()
		page, err := flow.Runs(ctx, db, "W1", "", 0, 50)
		if err != nil || len(page.Rows) != len(flow.InnerScopes()) {
			t.Errorf("%+v %v", page, err)
		}
		for _, run := range page.Rows {
			if run.State != flow.RunDone || run.BusinessDate == "" {
				t.Errorf("%+v", run)
			}
		}
	})
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
