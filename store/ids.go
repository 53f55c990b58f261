package store

import (
	"math/rand/v2"
	"sync"
	"time"
)

// An identifier is 40 bits of milliseconds since 2025, 13 bits of the process and 10 bits of a
// counter: positive until the year 2059, and ordered by time within a process. They need no round
// trip and no auto-increment, whose order and gaps differ from engine to engine.
const (
	idNodeBits  = 13
	idCountBits = 10
	idNodes     = 1 << idNodeBits
	idCounts    = 1 << idCountBits
)

// idEpochMillis is 2025-01-01 00:00 UTC.
const idEpochMillis = 1_735_689_600_000

// idSource makes identifiers for one process.
type idSource struct {
	clock func() time.Time

	mu     sync.Mutex
	node   int64
	millis int64
	count  int64
}

func newIDSource(clock func() time.Time, node int64) *idSource {
	return &idSource{clock: clock, node: node}
}

// randomNode is a process's number until Migrate has got it one that no other process has.
func randomNode() int64 { return rand.Int64N(idNodes) }

// next never waits and never goes back: when a millisecond is used up, or the clock has been set
// back, it borrows from the future.
func (s *idSource) next() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock().UnixMilli() - idEpochMillis
	switch {
	case now > s.millis:
		s.millis, s.count = now, 0
	case s.count+1 < idCounts:
		s.count++
	default:
		s.millis, s.count = s.millis+1, 0
	}
	return s.millis<<(idNodeBits+idCountBits) | s.node<<idCountBits | s.count
}

func (s *idSource) setNode(node int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.node = node % idNodes
}

// FirstIDAt is the least identifier that a process whose clock is right makes at that time or
// later. It bounds a search by when rows were made; it decides nothing, as clocks differ.
func FirstIDAt(at time.Time) int64 {
	return max(0, at.UnixMilli()-idEpochMillis) << (idNodeBits + idCountBits)
}

// NewID makes an identifier: positive, rising within the process, and, once Migrate has run,
// different from those of every other process on this database.
func (db *DB) NewID() int64 { return db.ids.next() }
