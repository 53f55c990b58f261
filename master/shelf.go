package master

import (
	"maps"
	"sync"
)

// shelf keeps rows by their code, for many readers at once. A nil row says that the code is
// known not to exist.
type shelf[T any] struct {
	mu   sync.RWMutex
	rows map[string]*T
}

func (s *shelf[T]) get(code string) (T, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if row := s.rows[code]; row != nil {
		return *row, true
	}
	var none T
	return none, false
}

// unknown are the codes of which the shelf knows nothing, each once; "" is no code.
func (s *shelf[T]) unknown(codes []string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	asked := map[string]bool{"": true}
	var unknown []string
	for _, code := range codes {
		if _, known := s.rows[code]; !known && !asked[code] {
			asked[code] = true
			unknown = append(unknown, code)
		}
	}
	return unknown
}

// among are the rows that the shelf has of those codes.
func (s *shelf[T]) among(codes []string) map[string]*T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := make(map[string]*T, len(codes))
	for _, code := range codes {
		if row := s.rows[code]; row != nil {
			found[code] = row
		}
	}
	return found
}

// add puts rows on the shelf, which is emptied first where it would hold more than rowsMax.
func (s *shelf[T]) add(rows map[string]*T, rowsMax int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil || len(s.rows)+len(rows) > rowsMax {
		s.rows = make(map[string]*T, len(rows))
	}
	maps.Copy(s.rows, rows)
}
