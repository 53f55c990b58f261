package wmsync

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// Compared is what the streams call the nightly comparison of books, and Comparing its direction.
const (
	Compared  Stream    = "reconciliation"
	Comparing Direction = "COMPARE"
)

// comparesByNight says whether a system's books are compared by night.
func (r *remote) comparesByNight() bool { return r.pulls(Stock) && r.ReconcileAt >= 0 }

// compareStatus is how the nightly comparison with a system is: of its warehouses the one that
// fares worst. What it found is in the runs.
func (s *Service) compareStatus(ctx context.Context, remote *remote) (Status, error) {
	status := Status{System: remote.Name, Stream: Compared, Direction: Comparing, State: StreamOK,
		Lag: -1, Schedule: "at " + clockOf(remote.ReconcileAt)}
	for _, code := range slices.Sorted(maps.Values(remote.Warehouses)) {
		view, err := s.catalog.View(ctx, s.db.Reader(), code)
		if err != nil {
			return status, err
		}
		if view == nil {
			continue
		}
		zone := view.Warehouse.Location()
		if next := nextAt(view.Now.Time().In(zone), remote.ReconcileAt); status.NextRunAt == 0 ||
			next < status.NextRunAt {
			status.NextRunAt, status.Timezone = next, zone.String()
		}
		if err := s.addRuns(ctx, code, &status); err != nil {
			return status, err
		}
	}
	status.Timezone = cmp.Or(status.Timezone, "UTC")
	status.judge()
	return status, nil
}

// addRuns adds the last EXTERNAL run of a warehouse, and the last that was done.
func (s *Service) addRuns(ctx context.Context, warehouse string, status *Status) error {
	return store.EachRow(ctx, s.db.Reader(), `SELECT state, finished_at, error
		FROM reconciliation_runs WHERE warehouse = ? AND id IN (
			SELECT MAX(r.id) FROM reconciliation_runs AS r WHERE r.warehouse = ? AND r.scope = ?
				AND r.state <> ?
			UNION SELECT MAX(d.id) FROM reconciliation_runs AS d WHERE d.warehouse = ? AND d.scope = ?
				AND d.state = ?) ORDER BY id`,
		[]any{warehouse, warehouse, flow.ScopeExternal, flow.RunRunning, warehouse,
			flow.ScopeExternal, flow.RunDone}, func(rows *sql.Rows) error {
			var state flow.RunState
			var at model.Instant
			var failed string
			err := rows.Scan(&state, &at, &failed)
			status.LastRunAt = max(status.LastRunAt, at)
			if state == flow.RunFailed {
				status.Failures, status.LastError = 1, failed
				return err
			}
			status.LastSuccessAt = max(status.LastSuccessAt, at)
			return err
		})
}

// clockOf is a time of day as people write it.
func clockOf(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(at.Hours()), int(at.Minutes())%60)
}

// nextAt is when a time of day comes next.
func nextAt(local time.Time, at time.Duration) model.Instant {
	year, month, day := local.Date()
	hour, minute := int(at.Hours()), int(at.Minutes())%60
	next := time.Date(year, month, day, hour, minute, 0, 0, local.Location())
	if !next.After(local) {
		next = time.Date(year, month, day+1, hour, minute, 0, 0, local.Location())
	}
	return model.InstantOf(next)
}
