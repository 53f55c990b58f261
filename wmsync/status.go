package wmsync

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// Direction is which way a stream goes.
type Direction string

// The directions.
const (
	Pulled Direction = "PULL"
	Pushed Direction = "PUSH"
)

// StreamState is how a stream is.
type StreamState string

// The states of a stream.
const (
	StreamNew     StreamState = "NEW"
	StreamOK      StreamState = "OK"
	StreamFailing StreamState = "FAILING"
)

// Status is how a stream of a system is. Cursor is the system's own, or how far each warehouse's
// feed was told. Lag is how far behind it is: since when a pulled stream has not been read to its
// end, or the age of what waits longest to go out; negative where it never ran. Pending waits to be
// applied or delivered, Dead was given up.
type Status struct {
	System                   string
	Stream                   Stream
	Direction                Direction
	State                    StreamState
	Cursor                   string
	Lag                      time.Duration
	Pending, Dead, Failures  int
	LastError                string
	LastSuccessAt, LastRunAt model.Instant
	NextRunAt                model.Instant
	Schedule, Timezone       string
}

// pushSchedule is how often the relay looks, as people write it.
const pushSchedule = "every 1s"

// Streams tell how every stream of a system is, or with "" of all systems. sees says whose
// warehouses are shown, nil for all: a system none of whose warehouses is seen is none.
func (s *Service) Streams(ctx context.Context, system string, sees func(string) bool) (
	all []Status, err error) {
	for _, remote := range s.remotes {
		if system != "" && remote.Name != system || !remote.seen(sees) {
			continue
		}
		for _, stream := range Streams {
			if !remote.pulls(stream) {
				continue
			}
			status, err := s.pullStatus(ctx, remote, stream)
			if err != nil {
				return nil, err
			}
			all = append(all, status)
		}
		if remote.Sink != nil {
			status, err := s.pushStatus(ctx, remote)
			if err != nil {
				return nil, err
			}
			all = append(all, status)
		}
		if remote.comparesByNight() {
			status, err := s.compareStatus(ctx, remote)
			if err != nil {
				return nil, err
			}
			all = append(all, status)
		}
	}
	return all, nil
}

// Known says whether there is such a system whose warehouses somebody sees.
func (s *Service) Known(system string, sees func(string) bool) bool {
	remote := s.find(system)
	return remote != nil && remote.seen(sees)
}

func (r *remote) seen(sees func(string) bool) bool {
	return sees == nil || slices.ContainsFunc(slices.Collect(maps.Values(r.Warehouses)), sees)
}

func (s *Service) pullStatus(ctx context.Context, remote *remote, stream Stream) (Status, error) {
	row, err := s.stream(ctx, remote.Name, stream)
	if err != nil {
		return Status{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return Status{}, err
	}
	status := Status{System: remote.Name, Stream: stream, Direction: Pulled, State: StreamOK,
		Cursor: row.Place, Lag: -1, Failures: row.Failures, LastError: row.LastError,
		LastSuccessAt: row.LastSuccessAt, LastRunAt: row.LastRunAt, NextRunAt: max(0, row.DueAt),
		Schedule: remote.Pull.schedule(), Timezone: orText(remote.Pull.Timezone, "UTC")}
	if row.AsOf != 0 {
		status.Lag = now.Time().Sub(row.AsOf.Time())
	}
	status.judge()
	return status, s.countMessages(ctx, remote, &status)
}

// schedule is when a stream is pulled, as people write it.
func (p Pulling) schedule() string {
	if p.Cron != "" {
		return p.Cron
	}
	every := p.Every.String()
	for _, nothing := range []string{"m0s", "h0m"} { // of 1h0m0s
		if strings.HasSuffix(every, nothing) {
			every = every[:len(every)-2]
		}
	}
	return "every " + every
}

func (s *Status) judge() {
	switch {
	case s.Failures > 0:
		s.State = StreamFailing
	case s.LastRunAt == 0:
		s.State = StreamNew
	}
}

// countMessages counts a stream's messages in all its warehouses.
func (s *Service) countMessages(ctx context.Context, remote *remote, status *Status) error {
	for _, site := range remote.sites() {
		err := store.EachRow(ctx, s.db.Reader(), `SELECT COUNT(*),
			COALESCE(SUM(CASE WHEN state = ? THEN 1 ELSE 0 END), 0) FROM sync_messages
			WHERE warehouse = ? AND system = ? AND stream = ? AND state <> ?`,
			[]any{Dead, site, remote.Name, status.Stream, Discarded}, func(rows *sql.Rows) error {
				var all, dead int
				err := rows.Scan(&all, &dead)
				status.Dead += dead
				status.Pending += all - dead
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) pushStatus(ctx context.Context, remote *remote) (Status, error) {
	status := Status{System: remote.Name, Stream: Movements, Direction: Pushed, State: StreamOK,
		Lag: -1, Schedule: pushSchedule, Timezone: "UTC"}
	var told []string
	for _, warehouse := range slices.Sorted(maps.Values(remote.Warehouses)) {
		place, known, err := s.placeOf(ctx, remote.Name, warehouse)
		if err != nil {
			return status, err
		}
		if !known {
			continue
		}
		told = append(told, fmt.Sprintf("%s:%d", warehouse, place.Seq))
		status.Failures = max(status.Failures, place.Failures)
		status.LastError = orText(status.LastError, place.LastError)
		status.LastRunAt = max(status.LastRunAt, place.LastRunAt)
		status.LastSuccessAt = max(status.LastSuccessAt, place.LastSuccessAt)
		status.NextRunAt = max(status.NextRunAt, place.RetryAt)
		backlog, err := s.backlog(ctx, remote.Name, warehouse, place.Seq)
		if err != nil {
			return status, err
		}
		status.Pending += backlog.flows
		status.Lag = max(status.Lag, backlog.lag)
	}
	status.Cursor = strings.Join(told, " ")
	status.judge()
	return status, s.countMessages(ctx, remote, &status)
}

// placeOf reads how far a system has been told of a warehouse.
func (s *Service) placeOf(ctx context.Context, system, warehouse string) (place placeRow,
	known bool, err error) {
	err = store.EachRow(ctx, s.db.Reader(), `SELECT seq, page_id, last_run_at, last_success_at,
		retry_at, failures, last_error FROM sync_places WHERE warehouse = ? AND system = ?`,
		[]any{warehouse, system}, func(rows *sql.Rows) error {
			known = true
			return rows.Scan(&place.Seq, &place.PageID, &place.LastRunAt, &place.LastSuccessAt,
				&place.RetryAt, &place.Failures, &place.LastError)
		})
	return place, known, err
}

// backlog is what a system has not been told.
type backlog struct {
	flows int
	lag   time.Duration
}

// backlog counts the flows of the feed after a place, and finds how old what waits longest is.
func (s *Service) backlog(ctx context.Context, system, warehouse string, place int64) (
	left backlog, err error) {
	end, err := flow.Stamp(ctx, s.db, warehouse)
	if err != nil {
		return left, err
	}
	left.flows = int(max(0, end-place))
	var now, oldest model.Instant
	err = store.EachRow(ctx, s.db.Reader(), `SELECT `+store.NowSQL(s.db.Dialect())+`,
		COALESCE((SELECT MIN(m.created_at) FROM sync_messages AS m WHERE m.warehouse = ?
			AND m.system = ? AND m.state NOT IN (?, ?) AND m.stream = ?), 0)`,
		[]any{warehouse, system, Dead, Discarded, Movements}, func(rows *sql.Rows) error {
			return rows.Scan(&now, &oldest)
		})
	if err != nil {
		return left, err
	}
	if left.flows > 0 {
		err = store.EachRow(ctx, s.db.Reader(), `SELECT recorded_at FROM commits WHERE warehouse = ?
			AND first_seq + flows > ? AND first_seq > ? ORDER BY first_seq LIMIT 1`,
			[]any{warehouse, place + 1, max(0, place-relayFlows)}, func(rows *sql.Rows) error {
				var at model.Instant
				err := rows.Scan(&at)
				if oldest == 0 || at < oldest {
					oldest = at
				}
				return err
			})
	}
	if oldest != 0 {
		left.lag = max(0, now.Time().Sub(oldest.Time()))
	}
	return left, err
}
