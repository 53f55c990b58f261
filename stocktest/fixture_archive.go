package stocktest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// Age makes all that was done in the warehouse so far as many days older.
func (s *Site) Age(days int) {
	s.t.Helper()
	span := int64(days) * (24 * time.Hour).Microseconds()
	for _, statement := range []string{
		"UPDATE commits SET recorded_at = recorded_at - ? WHERE warehouse = ?",
		"UPDATE bare_effects SET recorded_at = recorded_at - ? WHERE warehouse = ?",
		"UPDATE reservations SET created_at = created_at - ? WHERE warehouse = ?",
	} {
		s.Write(statement, span, s.Warehouse)
	}
}

// Shelf is where archived flows go in tests. It keeps all, as files do.
type Shelf struct{ Flows []flow.ArchivedFlow }

// Keep puts flows on the shelf.
func (s *Shelf) Keep(_ context.Context, flows []flow.ArchivedFlow) error {
	s.Flows = append(s.Flows, flows...)
	return nil
}

// Once are the flows on the shelf without those that came again, as readers of files see them.
func (s *Shelf) Once() []flow.ArchivedFlow {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(s.Flows), func(f flow.ArchivedFlow) bool {
		again := seen[f.ID]
		seen[f.ID] = true
		return again
	})
}

// Announce makes it long ago that the warehouse's first archive was announced, for which a run
// would wait.
func Announce(t testing.TB, db *store.DB, warehouse string) {
	t.Helper()
	err := db.Transact(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO archives (warehouse, batch_id, updated_at)
			VALUES (?, 1, 1)`, warehouse)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrDuplicate) {
		t.Fatal(err)
	}
}

// Archive archives what is older than the site's day before yesterday, and checks that every
// invariant holds.
func (s *Site) Archive(shelf *Shelf) flow.Archived {
	s.t.Helper()
	Announce(s.t, s.DB, s.Warehouse)
	done, err := s.archive(s.DB, shelf.Keep)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Verify()
	s.trace = s.traces()
	return done
}

func (s *Site) archive(db *store.DB,
	keep func(context.Context, []flow.ArchivedFlow) error) (flow.Archived, error) {
	return flow.Archive(context.Background(), db, flow.ArchiveOptions{Warehouse: s.Warehouse,
		Before: s.Today(-1), Keep: keep})
}

// archived: "TOO_OLD: the key belongs to archived history." That is so for whatever content; only
// a RESERVE is still known, by its reservation.
func (c verbCase[L]) archived(s *Site, first Answer) {
	s.Age(30)
	var shelf Shelf
	if done := s.Archive(&shelf); done.Remaining != 0 || done.Flows+done.Bare == 0 ||
		len(shelf.Flows) != int(done.Flows+done.Bare) {
		s.t.Fatalf("archived %+v, on the shelf are %d", done, len(shelf.Flows))
	}
	if len(first.Flows) > 0 && first.Flows[0].Key.Action == model.Reserve {
		first.Flows = nil
		c.replay(s, first)
		return
	}
	tries := map[string]func(*L){"the same": nil}
	maps.Copy(tries, c.same)
	maps.Copy(tries, c.other)
	for name, edit := range tries {
		for _, dry := range []bool{true, false} {
			again := c.answer(s, flow.Mode{DryRun: dry}, edit)
			if again.Code != model.TooOld || again.Field != "key" {
				s.t.Errorf("%s: %s %q %s, not TOO_OLD", name, again.Code, again.Field,
					again.Message)
			}
		}
	}
}
