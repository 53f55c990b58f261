package wmsync

import "time"

// SetRoundTime is for tests that cannot wait for so long as a round of the relay may last.
func (s *Service) SetRoundTime(limit time.Duration) { s.roundTime = limit }
