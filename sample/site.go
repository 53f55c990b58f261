package sample

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/replenish"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
	"tierstock/wmsync"
)

// Site is the engine that the sample is played on.
type Site struct {
	DB         *store.DB
	Catalog    *master.Catalog
	Tier2      *tier2.Service
	Tier3      *tier3.Service
	Allocation *allocation.Service
	Replenish  *replenish.Service
	// Sync speaks to the WMS that Play takes its articles and orders from, and tells what happened.
	Sync *wmsync.Service
	WMS  *WMS
}

// actor is who the ledger says did it.
const actor = "sample"

// callsInFlight is how many calls wait for the engine at once, where there is more than one to
// make: what comes while a commit is under way becomes the next one.
const callsInFlight = 4

// A call that finds the queue full or its rows contended is made again for a while.
const (
	busyPause   = 50 * time.Millisecond
	busyTimeMax = time.Minute
)

// verb is one of the engine's calls.
type verb[L any] func(context.Context, flow.Mode, []L) ([]model.Result, error)

// send makes calls of as many lines as one may have, several at a time, and gives a result for
// each line, in order. sku is that of the line at a place: lines of one SKU are decided in the
// order given, as they go one call after another.
func send[L any](ctx context.Context, call verb[L], lines []L, sku func(place int) string,
) ([]model.Result, error) {
	results := make([]model.Result, len(lines))
	strands := strandsOf(len(lines), sku)
	failures := make([]error, len(strands))
	var running sync.WaitGroup
	for n, places := range strands {
		running.Go(func() {
			for chunk := range slices.Chunk(places, flow.LinesMax) {
				if failures[n] = sendCall(ctx, call, lines, chunk, results); failures[n] != nil {
					return
				}
			}
		})
	}
	running.Wait()
	return results, errors.Join(failures...)
}

// strandsOf parts the places of lines so that a SKU's are all in one strand.
func strandsOf(lines int, sku func(place int) string) [][]int {
	count := callsInFlight
	if lines <= flow.LinesMax {
		count = 1
	}
	strands := make([][]int, count)
	for place := range lines {
		n := chance(sku(place), count)
		strands[n] = append(strands[n], place)
	}
	return strands
}

// sendCall makes one call, again for the lines that were answered BUSY.
func sendCall[L any](ctx context.Context, call verb[L], lines []L, places []int,
	results []model.Result) error {
	for started := time.Now(); ; {
		part := make([]L, len(places))
		for i, place := range places {
			part[i] = lines[place]
		}
		answers, err := call(ctx, flow.Mode{Actor: actor}, part)
		if err != nil {
			return err
		}
		var busy []int
		for i, place := range places {
			results[place] = answers[i]
			if answers[i].Code == model.Busy {
				busy = append(busy, place)
			}
		}
		if places = busy; len(busy) == 0 || time.Since(started) > busyTimeMax {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// pause lets those go first who made the engine busy.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(busyPause):
		return nil
	}
}

// together runs steps at the same time.
func together(steps ...func() error) error {
	failures := make([]error, len(steps))
	var running sync.WaitGroup
	for i, step := range steps {
		running.Go(func() { failures[i] = step() })
	}
	running.Wait()
	return errors.Join(failures...)
}
