package wmsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierstock/model"
)

// nowTimeMax is how long somebody waits who asks for a sync; what is not done by then is gone on
// with by the jobs.
const nowTimeMax = 20 * time.Second

// Now pulls streams of a system and delivers its movements, at once; no streams are all of them. Its
// books are compared only where that is asked for by name. fresh takes a snapshot of each stream. What goes wrong with a stream is told by Streams. A system or
// stream that is not there is a *model.Refusal.
func (s *Service) Now(ctx context.Context, system string, streams []Stream, fresh bool) error {
	remote := s.find(system)
	if remote == nil {
		return errUnknownSystem(system)
	}
	for _, stream := range streams {
		if !remote.pulls(stream) && (stream != Movements || remote.Sink == nil) &&
			(stream != Compared || !remote.compares()) {
			return &model.Refusal{Code: model.Invalid, Field: "streams",
				Message: fmt.Sprintf("system %s has no stream %q", system, stream)}
		}
	}
	wanted := func(stream Stream) bool {
		return len(streams) == 0 || slices.Contains(streams, stream)
	}
	working, cancel := context.WithTimeout(ctx, nowTimeMax)
	defer cancel()
	for _, stream := range Streams {
		if wanted(stream) && remote.pulls(stream) {
			if err := s.Pull(working, system, stream, fresh); err != nil {
				s.log.Warn("pull failed", "system", system, "stream", stream, "error", err)
			}
		}
	}
	if wanted(Movements) && remote.Sink != nil {
		for _, warehouse := range remote.Warehouses {
			if err := s.Relay(working, system, warehouse); err != nil {
				s.log.Warn("relay failed", "system", system, "warehouse", warehouse, "error", err)
			}
		}
	}
	if slices.Contains(streams, Compared) && s.reconcile != nil {
		for _, warehouse := range remote.Warehouses {
			if err := s.reconcile(working, warehouse); err != nil {
				s.log.Warn("reconciliation failed", "system", system, "warehouse", warehouse, "error", err)
			}
		}
	}
	if errors.Is(working.Err(), context.DeadlineExceeded) && ctx.Err() == nil && len(streams) > 0 {
		return s.Wake(ctx, system, streams...)
	}
	return ctx.Err()
}
