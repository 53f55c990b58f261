package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/wmsync"
)

// systems are two, of which one takes long.
type systems struct {
	mu      sync.Mutex
	calls   map[string]int
	failing bool
}

func (s *systems) Systems() []wmsync.System {
	stock := wmsync.Pulling{Streams: []wmsync.Stream{wmsync.Stock}, Every: time.Second}
	return []wmsync.System{
		{Name: "quick", Warehouses: map[string]string{"A": "W1"}, Pull: stock,
			ReconcileAt: 4 * time.Hour},
		{Name: "slow", Warehouses: map[string]string{"B": "W1", "C": "W2"}, Pull: stock,
			ReconcileAt: -1}}
}

func (s *systems) PullDue(_ context.Context, system string) error {
	s.count("pull " + system)
	if system == "slow" {
		time.Sleep(10 * time.Second)
	}
	if s.failing {
		return errors.New("away")
	}
	return nil
}

func (s *systems) RelayAll(_ context.Context, system string) error {
	s.count("relay " + system)
	return nil
}

func (s *systems) count(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[call]++
}

// Each system is pulled and told by itself: one that is slow keeps nobody waiting, and does not
// meet itself.
func TestSystemsAreSyncedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := idle()
		far := &systems{calls: map[string]int{}}
		work.Sync = far
		jobs := running(t, work)
		time.Sleep(20*time.Second + 500*time.Millisecond)
		stop(t, jobs)
		for call, want := range map[string]int{"pull quick": 20, "relay quick": 20, "relay slow": 20,
			"pull slow": 2} {
			if got := far.calls[call]; got != want {
				t.Errorf("%s: %d times, not %d", call, got, want)
			}
		}
	})
}

// A warehouse is compared with its systems once a date, when one of them wants it.
func TestExternalRunsAreNightly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var compared []string
		work := idle()
		work.Sync = &systems{calls: map[string]int{}}
		work.Warehouses = func(context.Context) ([]model.Warehouse, error) {
			return []model.Warehouse{{Code: "W1", Timezone: "UTC"}, {Code: "W2", Timezone: "UTC"}}, nil
		}
		work.Reconcile = func(_ context.Context, scope flow.Scope, warehouse string,
			date model.Date) (*flow.Run, error) {
			mu.Lock()
			defer mu.Unlock()
			if scope == flow.ScopeExternal {
				compared = append(compared, warehouse+" "+string(date)+" "+time.Now().UTC().Format("15:04"))
			}
			return &flow.Run{State: flow.RunDone}, nil
		}
		jobs := running(t, work)
		time.Sleep(48 * time.Hour)
		stop(t, jobs)
		want := []string{"W1 2000-01-01 04:00", "W1 2000-01-02 04:00"}
		if !slices.Equal(compared, want) {
			t.Errorf("compared %q, not %q", compared, want)
		}
	})
}

// A system that does not come to an end keeps no other run of the night waiting, and is given up.
func TestNightDoesNotWaitForSystems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var done []string
		work := idle()
		work.Sync = &systems{calls: map[string]int{}}
		work.Warehouses = func(context.Context) ([]model.Warehouse, error) {
			return []model.Warehouse{{Code: "W1", Timezone: "UTC"},
				{Code: "W3", Timezone: "Etc/GMT+2"}}, nil
		}
		work.Reconcile = func(ctx context.Context, scope flow.Scope, warehouse string,
			_ model.Date) (*flow.Run, error) {
			if scope == flow.ScopeExternal {
				<-ctx.Done()
			}
			mu.Lock()
			defer mu.Unlock()
			if now := time.Now().UTC(); scope != flow.ScopeLedger && scope != flow.ScopeReservations {
				done = append(done, string(scope)+" "+warehouse+" "+now.Format("15:04"))
			}
			return &flow.Run{State: flow.RunDone}, nil
		}
		jobs := running(t, work)
		time.Sleep(5 * time.Hour)
		stop(t, jobs)
		want := []string{"TIERS W3 00:01", "TIERS W1 02:30", "EXTERNAL W1 04:15", "TIERS W3 04:30"}
		if !slices.Equal(done, want) {
			t.Errorf("done %q, not %q", done, want)
		}
	})
}

func TestNextPull(t *testing.T) {
	after := time.Date(2026, 3, 28, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		pulling wmsync.Pulling
		want    string
	}{
		{wmsync.Pulling{Every: 10 * time.Second}, "2026-03-28T22:30:10Z"},
		{wmsync.Pulling{Cron: "0 6 * * *", Timezone: "UTC"}, "2026-03-29T06:00:00Z"},
		// Vienna's clocks go on at one o'clock of that night.
		{wmsync.Pulling{Cron: "0 6 * * *", Timezone: "Europe/Vienna"}, "2026-03-29T04:00:00Z"},
	} {
		if got := NextPull(c.pulling, after).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%+v: %s, not %s", c.pulling, got, c.want)
		}
	}
}
