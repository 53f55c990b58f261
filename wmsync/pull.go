package wmsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// stuckMax is how often in a row a system may answer with a cursor that does not move on, or that
// was there before in the same run.
const stuckMax = 3

// goneMax is how often in a row a system must say that it does not know a cursor of stock.
const goneMax = 4

// errUnknownSystem is a *model.Refusal.
func errUnknownSystem(system string) error {
	return &model.Refusal{Code: model.NotFound, Field: "system",
		Message: fmt.Sprintf("there is no system %q in the configuration", system)}
}

// Pull reads a stream of a system to its end and applies what is new. fresh takes a snapshot first,
// as does a cursor that the system does not know any more. Where another process is at it, nothing
// is done. Its error is what stopped it, which is recorded with the stream; an unknown system is a
// *model.Refusal.
func (s *Service) Pull(ctx context.Context, system string, stream Stream, fresh bool) error {
	remote := s.find(system)
	if remote == nil || !remote.pulls(stream) {
		return errUnknownSystem(system)
	}
	_, err := s.pullHeld(ctx, remote, stream, fresh)
	return err
}

// pullHeld is Pull, and says whether it was this process that did it.
func (s *Service) pullHeld(ctx context.Context, remote *remote, stream Stream, fresh bool) (
	held bool, err error) {
	var p *puller
	held, err = s.alone(ctx, remote, "pull", string(stream), func(ctx context.Context) (err error) {
		p, err = s.pull(ctx, remote, stream, fresh)
		return err
	})
	if err == nil && p != nil {
		p.compareMissed(ctx)
	}
	return held, err
}

// PullDue pulls the streams of a system that are due, one after the other.
func (s *Service) PullDue(ctx context.Context, system string) error {
	var failed []error
	for _, stream := range Streams {
		remote := s.find(system)
		if remote == nil || !remote.pulls(stream) || ctx.Err() != nil {
			continue
		}
		due, failing, err := s.due(ctx, system, stream)
		switch {
		case err != nil:
		case due:
			err = s.Pull(ctx, system, stream, false)
		default:
			err = failing // it does not work because it is left alone for a while
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", stream, err))
		}
	}
	return errors.Join(failed...)
}

// inboxIDMax is how many bytes of an item's id are kept as they are: the column's width.
const inboxIDMax = 200

// puller is one run of one stream.
type puller struct {
	*Service
	*remote
	stream Stream
	row    streamRow
	began  model.Instant
	// taken counts items that were applied, dead those that could not be.
	taken, dead int
	// missed are warehouses whose stock a snapshot told of, which is compared and not applied: what
	// lies between the old cursor and the snapshot is not known.
	missed []string
	// asked are articles that were not known, and have been asked for.
	asked map[string]bool
}

func itemsOf(changes []Change) []*item {
	items := make([]*item, len(changes))
	for i, change := range changes {
		change.ID = inboxID(change)
		items[i] = &item{Change: change, fault: change.Fault}
	}
	return items
}

// inboxID is an item's id as the inbox keeps it: one that is too long, or that a database might
// take for another, by its hash. An item without any is known by all that it says.
func inboxID(change Change) string {
	id := change.ID
	switch {
	case id == "":
		return hashed(bodyOf(change))
	case len(id) > inboxIDMax || strings.TrimSpace(id) != id || !utf8.ValidString(id) ||
		strings.Contains(id, "\x00"):
		return hashed(id)
	}
	return id
}

func (s *Service) pull(ctx context.Context, remote *remote, stream Stream, fresh bool) (
	*puller, error) {
	row, err := s.stream(ctx, remote.Name, stream)
	if err != nil {
		return nil, err
	}
	p := &puller{Service: s, remote: remote, stream: stream, row: row,
		asked: map[string]bool{}}
	if p.began, err = s.now(ctx); err == nil {
		err = p.run(ctx, fresh)
	}
	if p.taken+p.dead > 0 && !remote.Local { // who has a system inside tells of it
		s.log.Info("pulled", "system", remote.Name, "stream", stream, "items", p.taken,
			"dead", p.dead)
	}
	if err != nil && ctx.Err() != nil {
		return p, errors.Join(err, p.cutOff(ctx))
	}
	return p, errors.Join(err, p.ended(ctx, err))
}

// compareMissed has the books of warehouses compared of whose changes some are not known.
func (p *puller) compareMissed(ctx context.Context) {
	for _, warehouse := range p.missed {
		if p.reconcile == nil {
			return
		}
		if err := p.reconcile(ctx, warehouse); err != nil {
			p.log.Warn("books were not compared after a snapshot", "system", p.Name,
				"warehouse", warehouse, "error", err)
		}
	}
}

func (p *puller) run(ctx context.Context, fresh bool) error {
	if err := p.checkSites(ctx); err != nil {
		return err
	}
	if err := p.applyQueued(ctx); err != nil {
		return err
	}
	if fresh || !p.row.Loaded {
		err := p.load(ctx)
		if !p.row.Loaded && isKind(err, Unsupported, Refused) {
			err = nil // a system without snapshots tells all from the beginning
		}
		if err != nil {
			return err
		}
	}
	if err := p.readOn(ctx); err != nil {
		return err
	}
	return p.applyScarce(ctx)
}

// checkSites waits for the warehouses and the zone that the configuration names: items of places
// that are not there yet would all be dead.
func (p *puller) checkSites(ctx context.Context) error {
	if p.stream == SKUs {
		return nil
	}
	for _, code := range p.Warehouses {
		view, err := p.catalog.View(ctx, p.db.Reader(), code)
		if err != nil {
			return err
		}
		if view == nil {
			return Fail(Unreachable, "there is no warehouse %s yet, which the configuration names: make "+
				"it (upsertWarehouses)", code)
		}
		if _, known := view.Zone(p.DefaultZone); p.DefaultZone != "" && !known {
			return Fail(Unreachable, "there is no zone %s in warehouse %s yet, which the configuration "+
				"names as defaultZone: make it (upsertZones)", p.DefaultZone, code)
		}
	}
	return nil
}

// readOn reads pages of changes until the system has no more.
func (p *puller) readOn(ctx context.Context) error {
	seen, stuck := map[string]bool{}, 0
	for range pagesMax {
		page, err := p.changes(ctx)
		if isKind(err, Expired) {
			if err = p.load(ctx); err == nil {
				page, err = p.changes(ctx)
			}
		}
		if err != nil {
			return err
		}
		if page.AsOf.After(p.began.Time().Add(clockSkewMax)) {
			return errWrongClock(page.AsOf)
		}
		next := page.Next
		if next == "" {
			next = p.row.Place // it had nothing to say about where to go on
		}
		seen[p.row.Place] = true
		if stuck++; !seen[next] {
			stuck = 0
		}
		if err := p.take(ctx, itemsOf(page.Items), next); err != nil {
			return err
		}
		if !page.More {
			return nil
		}
		if stuck >= stuckMax {
			return Fail(Malformed, "the cursor does not move on: the system said %d times in a row "+
				"that there is more, without a new cursor", stuck)
		}
	}
	return nil
}

// changes reads the next page. A cursor of stock that is lost loses what was booked since: so a
// system that says so is asked again before it is believed.
func (p *puller) changes(ctx context.Context) (page Page, err error) {
	for ask := 1; ask <= goneMax; ask++ {
		page, err = p.Source.Changes(ctx, p.stream, p.row.Place, pageItems)
		if !isKind(err, Expired) || p.stream != Stock {
			break
		}
	}
	return page, err
}

func errWrongClock(asOf time.Time) error {
	return Fail(Malformed, "the system's clock is wrong: it says asOf %s",
		asOf.Format(time.RFC3339))
}

func isKind(err error, kinds ...FailureKind) bool {
	failure, ok := errors.AsType[*Failure](err)
	return ok && slices.Contains(kinds, failure.Kind)
}

// take applies the items of a page and moves the stream on to next, warehouse by warehouse and a
// bounded number at a time: no transaction spans two warehouses. The cursor moves with the last of
// them; what came before it is known by the inbox should the page come again.
func (p *puller) take(ctx context.Context, items []*item, next string) error {
	if err := p.read(ctx, items); err != nil {
		return err
	}
	if err := p.askForArticles(ctx, items); err != nil {
		return err
	}
	items, err := p.whereabouts(ctx, items)
	if err != nil {
		return err
	}
	parts := parts(items)
	for i, part := range parts {
		to, loaded := p.row.Place, p.row.Loaded
		if i == len(parts)-1 {
			to, loaded = next, true
		}
		if err := p.commit(ctx, part, to, loaded); err != nil {
			return err
		}
	}
	if len(parts) == 0 && (next != p.row.Place || !p.row.Loaded) {
		return p.commit(ctx, part{}, next, true)
	}
	return nil
}

// commit applies a part of a page in one transaction, with its rows of the inbox, its dead letters
// and the stream's place. What it plans rests on plain reads; where one of them proves wrong under
// the locks, it plans again.
func (p *puller) commit(ctx context.Context, part part, to string, loaded bool) error {
	pageID := p.db.NewID()
	for try := 1; ; try++ {
		batch, err := p.plan(ctx, part)
		if err != nil {
			return err
		}
		err = p.engine.SubmitBeside(ctx, p.actor(), batch.sets(),
			func(ctx context.Context, tx *store.Tx, verdicts []model.Result) error {
				if err := p.advance(ctx, tx, to, loaded, pageID); err != nil {
					return err
				}
				return batch.finish(ctx, tx, verdicts)
			})
		if err == nil || errors.Is(err, errLanded) {
			p.row.Place, p.row.PageID, p.row.Loaded = to, pageID, loaded
			p.taken += batch.applied()
			p.dead += batch.died()
			p.tell(batch)
			return nil
		}
		again := errors.Is(err, errPlanAgain) || errors.Is(err, store.ErrDuplicate)
		if !again || try == plansMax {
			return err
		}
	}
}

// askForArticles has the articles pulled where items name some that are not known yet: the system
// told of them before it told of these, and that stream may just not have been read so far.
func (p *puller) askForArticles(ctx context.Context, items []*item) error {
	if p.stream == SKUs || !p.pulls(SKUs) {
		return nil
	}
	named := map[string]bool{}
	for _, it := range items {
		for _, code := range it.articles {
			named[code] = !p.asked[code]
		}
	}
	maps.DeleteFunc(named, func(_ string, isNew bool) bool { return !isNew })
	unknown, err := p.unknownArticles(ctx, slices.Sorted(maps.Keys(named)))
	if err != nil || len(unknown) == 0 {
		return err
	}
	for _, code := range unknown {
		p.asked[code] = true
	}
	held, err := p.pullHeld(ctx, p.remote, SKUs, false)
	if err != nil {
		return fmt.Errorf("articles that this stream names are not known, and could not be "+
			"pulled: %w", err)
	}
	if held {
		return nil
	}
	// Another process is at it, or was when it died. What it will bring must not be dead for that.
	if unknown, err = p.unknownArticles(ctx, unknown); err != nil || len(unknown) == 0 {
		return err
	}
	return Fail(Unreachable, "article %s is not known, and another process is pulling articles; "+
		"it is tried again", unknown[0])
}

func (p *puller) unknownArticles(ctx context.Context, codes []string) (unknown []string,
	err error) {
	for some := range slices.Chunk(codes, commitItems) {
		page, err := p.catalog.SKUs(ctx, master.SKUFilter{Codes: some}, "", len(some))
		if err != nil {
			return nil, err
		}
		for _, code := range some {
			if !slices.ContainsFunc(page.Rows, func(sku model.SKU) bool { return sku.Code == code }) {
				unknown = append(unknown, code)
			}
		}
	}
	return unknown, nil
}
