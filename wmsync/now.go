package wmsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierstock/model"
)

// turnWait is how often it is looked whether who is at a piece of work has done it, turnMax how
// long at most: one that has died must not keep the other pieces back.
const (
	turnWait = 50 * time.Millisecond
	turnMax  = 5 * time.Second
)

// nowTimeMax is how long somebody waits who asks for a sync; what is not done by then is gone on
// with by the jobs.
const nowTimeMax = 20 * time.Second

// Now pulls streams of a system and delivers its movements, at once; no streams are all of them.
// Its books are compared only where that is asked for by name. It begins with each when whoever is
// at it has done: what that one has not seen is not missed. fresh takes a snapshot of each stream.
// What goes wrong with a stream is told by Streams. A system or stream that is not there is a
// *model.Refusal.
func (s *Service) Now(ctx context.Context, system string, streams []Stream, fresh bool) error {
	remote := s.find(system)
	if remote == nil {
		return errUnknownSystem(system)
	}
	for _, stream := range streams {
		if !remote.pulls(stream) && (stream != Movements || remote.Sink == nil) &&
			(stream != Compared || !remote.comparesByNight()) {
			return &model.Refusal{Code: model.Invalid, Field: "streams",
				Message: fmt.Sprintf("system %s has no stream %q", system, stream)}
		}
	}
	working, cancel := context.WithTimeout(ctx, nowTimeMax)
	defer cancel()
	s.syncAll(working, remote, streams, fresh)
	if errors.Is(working.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		return s.Wake(ctx, system, streams...)
	}
	return ctx.Err()
}

// syncAll does what there is to do for streams of a system, none being all but the comparison, one
// after the other; what fails does not keep the rest from being done.
func (s *Service) syncAll(ctx context.Context, remote *remote, streams []Stream, fresh bool) {
	wanted := func(stream Stream) bool {
		return len(streams) == 0 && stream != Compared || slices.Contains(streams, stream)
	}
	tell := func(stream Stream, err error) {
		if err != nil {
			s.log.Warn("sync failed", "system", remote.Name, "stream", stream, "error", err)
		}
	}
	for _, stream := range Streams {
		if wanted(stream) && remote.pulls(stream) {
			tell(stream, inTurn(ctx, func() (bool, error) {
				return s.pullHeld(ctx, remote, stream, fresh)
			}))
		}
	}
	for _, warehouse := range slices.Sorted(maps.Values(remote.Warehouses)) {
		if wanted(Movements) && remote.Sink != nil {
			tell(Movements, inTurn(ctx, func() (bool, error) {
				return s.relayHeld(ctx, remote, warehouse)
			}))
		}
		if wanted(Compared) && s.reconcile != nil {
			tell(Compared, s.reconcile(ctx, warehouse))
		}
	}
}

// inTurn does a piece of work as soon as nobody else is at it.
func inTurn(ctx context.Context, work func() (held bool, err error)) error {
	for until := time.Now().Add(turnMax); ; {
		held, err := work()
		if held || err != nil || time.Now().After(until) {
			return err
		}
		if err := sleep(ctx, turnWait); err != nil {
			return err
		}
	}
}
