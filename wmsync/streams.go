package wmsync

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// streamRow is how far a stream of a system is.
type streamRow struct {
	Place         string
	Loaded        bool
	PageID        int64
	DueAt         model.Instant
	LastRunAt     model.Instant
	LastSuccessAt model.Instant
	AsOf          model.Instant
	Failures      int
	LastError     string
}

const streamColumns = `place, loaded, page_id, due_at, last_run_at, last_success_at, as_of,
	failures, last_error`

func scanStream(rows *sql.Rows, more ...any) (row streamRow, err error) {
	err = rows.Scan(append(more, &row.Place, &row.Loaded, &row.PageID, &row.DueAt, &row.LastRunAt,
		&row.LastSuccessAt, &row.AsOf, &row.Failures, &row.LastError)...)
	return row, err
}

// errLanded: an earlier attempt's COMMIT, of which we heard nothing, did.
var errLanded = errors.New("this page has been taken in")

// stream reads how far a stream is, and notes one that is new.
func (s *Service) stream(ctx context.Context, system string, stream Stream) (row streamRow,
	err error) {
	known := false
	err = store.EachRow(ctx, s.db.Reader(), `SELECT `+streamColumns+` FROM sync_streams
		WHERE system = ? AND stream = ?`, []any{system, stream}, func(rows *sql.Rows) (err error) {
		known = true
		row, err = scanStream(rows)
		return err
	})
	if known || err != nil {
		return row, err
	}
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO sync_streams (system, stream, place) VALUES (?, ?, '')`,
			system, stream)
		if errors.Is(err, store.ErrDuplicate) {
			return nil
		}
		return err
	})
	return row, err
}

// advance moves a stream on, if it is where we believe: whoever has taken it over has moved it.
func (p *puller) advance(ctx context.Context, tx *store.Tx, to string, loaded bool,
	pageID int64) error {
	affected, err := tx.Exec(ctx, `UPDATE sync_streams SET place = ?, loaded = ?, page_id = ?
		WHERE system = ? AND stream = ? AND page_id = ?`, to, loaded, pageID, p.Name, p.stream,
		p.row.PageID)
	if err != nil || affected == 1 {
		return err
	}
	return whoMoved(ctx, tx, pageID, `SELECT page_id FROM sync_streams WHERE system = ?
		AND stream = ?`, p.Name, p.stream)
}

// whoMoved is why a place was not where we believed: an earlier attempt of ours, whose COMMIT had
// no answer, has moved it, or somebody else has.
func whoMoved(ctx context.Context, tx *store.Tx, pageID int64, statement string,
	args ...any) error {
	now := int64(0)
	err := store.EachRow(ctx, tx, statement, args,
		func(rows *sql.Rows) error { return rows.Scan(&now) })
	if err == nil && now == pageID {
		return errLanded
	}
	return cmp.Or(err, store.ErrLeaseLost)
}

// retreats are how long a stream is left alone after so many failures in a row.
var retreats = []time.Duration{0, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	2 * time.Minute, 5 * time.Minute}

// retreat is the wait after that many failures.
func retreat(failures int) time.Duration { return retreats[min(failures, len(retreats)-1)] }

// setDue is when a stream is due next, unless it was woken while it ran: what it was woken for may
// have come after what the run read.
const setDue = `due_at = CASE WHEN due_at = ? THEN ? ELSE due_at END`

// ended records what became of a run of a stream, and when the next is due.
func (p *puller) ended(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime)
	defer cancel()
	return p.db.Transact(ctx, func(tx *store.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		due := p.next(p.System.Pull, now.Time())
		if cause == nil {
			_, err = tx.Exec(ctx, `UPDATE sync_streams SET `+setDue+`, last_run_at = ?,
				last_success_at = ?, as_of = ?, failures = 0, last_error = ''
				WHERE system = ? AND stream = ?`, p.row.DueAt, model.InstantOf(due), now, now, p.began,
				p.Name, p.stream)
			return err
		}
		wait := retreat(p.row.Failures + 1)
		if failure, ok := errors.AsType[*Failure](cause); ok {
			wait = max(wait, failure.RetryAfter)
		}
		if later := now.Time().Add(wait); later.After(due) {
			due = later
		}
		_, err = tx.Exec(ctx, `UPDATE sync_streams SET `+setDue+`, last_run_at = ?,
			failures = failures + 1, last_error = ? WHERE system = ? AND stream = ?`,
			p.row.DueAt, model.InstantOf(due), now, shortText(cause.Error()), p.Name, p.stream)
		return err
	})
}

// cutOff has a stream gone on with whose run was cut off, by who asked for it or by a shutdown:
// that is no failure of the system's.
func (p *puller) cutOff(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime)
	defer cancel()
	return p.db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sync_streams SET due_at = 0 WHERE system = ? AND stream = ?`,
			p.Name, p.stream)
		return err
	})
}

// Wake has a system's streams pulled at once, by whichever process is first; no streams are all.
func (s *Service) Wake(ctx context.Context, system string, streams ...Stream) error {
	remote := s.find(system)
	if remote == nil {
		return errUnknownSystem(system)
	}
	if len(streams) == 0 {
		streams = remote.Pull.Streams
	}
	for _, stream := range streams {
		if !remote.pulls(stream) {
			continue
		}
		if _, err := s.stream(ctx, system, stream); err != nil {
			return err
		}
		err := s.db.Transact(ctx, func(tx *store.Tx) error {
			// Each time it is another moment, long ago, so that a run that goes on sees it.
			_, err := tx.Exec(ctx, `UPDATE sync_streams
				SET due_at = CASE WHEN due_at < 0 THEN due_at - 1 ELSE -1 END
				WHERE system = ? AND stream = ?`, system, stream)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// due says whether a stream is to be pulled now, and what failed when it was pulled last.
func (s *Service) due(ctx context.Context, system string, stream Stream) (due bool, failing,
	err error) {
	row, err := s.stream(ctx, system, stream)
	if err != nil {
		return false, nil, err
	}
	if row.Failures > 0 {
		failing = errors.New(row.LastError)
	}
	now, err := s.now(ctx)
	return row.DueAt <= now, failing, err
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "#" + hex.EncodeToString(sum[:16])
}

// shortText cuts a text to what a column of free text holds.
func shortText(text string) string {
	letters := []rune(text)
	if len(letters) <= model.TextCharsMax {
		return text
	}
	return string(letters[:model.TextCharsMax-1]) + "…"
}
