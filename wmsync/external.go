package wmsync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tierstock/flow"
	"tierstock/model"
)

// Limits of comparing.
const (
	// lookAgainAfter is how long what differs and is not explained is left before it is looked at
	// again: what was under way in a manner that neither side tells of is over by then.
	lookAgainAfter = 2 * time.Second
	// snapshotAgeMax is how old a snapshot may be; an older one is somebody's cache.
	snapshotAgeMax = 10 * time.Minute
	// kindBook is how the kind of a difference with a system begins; its name follows.
	kindBook = "BOOK:"
	// quantityOnHand is the amount that is compared.
	quantityOnHand = "onHand"
)

// Compare lays a warehouse's books beside those of each system that it is synced with, and tells
// what differs. What is on its way explains a difference, which is then one of TIMING: movements
// that the system has not acknowledged, and changes of its own that are not applied here. The rest
// is looked at again after a while, and is CLEARED when it is gone by then, else OPEN.
func (s *Service) Compare(ctx context.Context, warehouse string) (found flow.OutsideFound,
	err error) {
	for _, remote := range s.remotes {
		if !remote.compares(warehouse) {
			continue
		}
		one, err := s.compareWith(ctx, remote, warehouse)
		if err != nil {
			return found, fmt.Errorf("system %s: %w", remote.Name, err)
		}
		found.Compared += one.Compared
		found.Matched += one.Matched
		found.Differences = append(found.Differences, one.Differences...)
	}
	return found, nil
}

// Compares says whether a warehouse is synced with any system whose books are to be had.
func (s *Service) Compares(warehouse string) bool {
	return slices.ContainsFunc(s.remotes, func(r *remote) bool { return r.compares(warehouse) })
}

func (r *remote) compares(warehouse string) bool {
	_, maps := r.Theirs(warehouse)
	return maps && r.pulls(Stock)
}

func (s *Service) compareWith(ctx context.Context, remote *remote, warehouse string) (
	flow.OutsideFound, error) {
	first, err := s.lay(ctx, remote, warehouse)
	if err != nil {
		return flow.OutsideFound{}, err
	}
	found := flow.OutsideFound{Compared: int64(len(first.rows)), Matched: first.matched()}
	suspects := first.in(flow.DifferenceOpen)
	if len(suspects) > 0 {
		if err := sleep(ctx, s.lookAgain); err != nil {
			return found, err
		}
		second, err := s.lay(ctx, remote, warehouse)
		if err != nil {
			return found, err
		}
		for i := range suspects {
			suspects[i] = second.again(suspects[i])
		}
	}
	for _, row := range slices.Concat(first.in(flow.DifferenceTiming), suspects) {
		found.Differences = append(found.Differences, remote.difference(row))
	}
	return found, nil
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// bookKey is a row of the books at the grain at which a system keeps them: what it does not tell
// apart is "".
type bookKey struct{ zone, owner, sku, batch, pack string }

// grain is what a system tells apart.
type grain struct{ zone, batch, pack bool }

// bookRow is a row as it was compared. expected is what the system should say of it as far as it
// has been told: ours, less untold (what it has not acknowledged), plus unapplied (what it booked
// that is dead here).
type bookRow struct {
	key                             bookKey
	ours, untold, unapplied, theirs model.Quantity
	state                           flow.DifferenceState // "" for one that matches
}

func (r *bookRow) expected() model.Quantity { return r.ours - r.untold + r.unapplied }

func (r *bookRow) diff() model.Quantity { return r.expected() - r.theirs }

// laid are the books of both sides, compared.
type laid struct {
	grain grain
	rows  map[bookKey]*bookRow
}

func (l *laid) matched() (count int64) {
	for _, row := range l.rows {
		if row.state == "" {
			count++
		}
	}
	return count
}

// in are the rows in a state, in order.
func (l *laid) in(state flow.DifferenceState) (rows []bookRow) {
	for _, row := range l.rows {
		if row.state == state {
			rows = append(rows, *row)
		}
	}
	slices.SortFunc(rows, func(one, other bookRow) int { return compareKeys(one.key, other.key) })
	return rows
}

// again is a row that was open as it is at the second look.
func (l *laid) again(before bookRow) bookRow {
	now, there := l.rows[before.key]
	if !there || now.state != flow.DifferenceOpen {
		before.state = flow.DifferenceCleared
		return before
	}
	return *now
}

func compareKeys(one, other bookKey) int {
	return slices.Compare([]string{one.sku, one.owner, one.zone, one.batch, one.pack},
		[]string{other.sku, other.owner, other.zone, other.batch, other.pack})
}

// difference is a row as it is recorded.
func (r *remote) difference(row bookRow) flow.Difference {
	return flow.Difference{Kind: kindBook + r.Name, State: row.state, Zone: row.key.zone,
		Owner: row.key.owner, SKU: row.key.sku, Batch: row.key.batch, Pack: row.key.pack,
		Quantity: quantityOnHand, Ours: row.expected(), Theirs: row.theirs, Diff: row.diff(),
		Note: r.noteOn(row)}
}

// noteOn says in words how a row came to be expected as it is.
func (r *remote) noteOn(row bookRow) string {
	said := []string{row.ours.String() + " on hand here"}
	if row.untold != 0 {
		said = append(said, row.untold.String()+" of it not acknowledged by "+r.Name)
	}
	if row.unapplied != 0 {
		said = append(said, row.unapplied.String()+" booked there and dead here")
	}
	if tolerance, within := r.tolerated(row); within {
		said = append(said, "within the tolerance for SKUs "+tolerance.Prefix+"*")
	}
	return strings.Join(said, "; ")
}

// percents are a hundred of them.
const percents = 100

// tolerated says whether a difference is within the tolerance for its SKU, and which that is.
func (r *remote) tolerated(row bookRow) (best Tolerance, within bool) {
	found := false
	for _, tolerance := range r.Tolerances {
		if strings.HasPrefix(row.key.sku, tolerance.Prefix) &&
			(!found || len(tolerance.Prefix) > len(best.Prefix)) {
			best, found = tolerance, true
		}
	}
	off := row.diff().Decimal().Abs()
	percent := row.theirs.Decimal().Abs().Mul(best.Percent.Decimal())
	return best, found && (off.LessThanOrEqual(best.Qty.Decimal()) ||
		off.Mul(model.Whole(percents).Decimal()).LessThanOrEqual(percent))
}
