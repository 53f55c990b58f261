package wmsync

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

// cut is our side of the books at one moment, all in one snapshot.
type cut struct {
	at    model.Instant
	place string // of the system's stream of stock
	stock []stockRow
	// untold are movements that the system has not acknowledged, in order; dead those that were given
	// up. unapplied are changes of the system's that are dead here.
	untold, dead []Movement
	unapplied    []booking
}

// stockRow is what there is of something in a zone.
type stockRow struct {
	key bookKey
	qty model.Quantity
}

// lay compares once. Both sides move meanwhile: our side is cut before and after the system's
// snapshot is read, and what it says is as it should be if it is what it had been told at any
// moment between the two, of what is told in order, and of what it tells in order.
func (s *Service) lay(ctx context.Context, remote *remote, warehouse string) (*laid, error) {
	if err := s.drain(ctx, remote, warehouse); err != nil {
		return nil, err
	}
	before, err := s.cut(ctx, remote, warehouse)
	if err != nil {
		return nil, err
	}
	p := &puller{Service: s, remote: remote, stream: Stock, began: before.at,
		asked: map[string]bool{}}
	site := ""
	if !remote.tellsAll() {
		site, _ = remote.Theirs(warehouse)
	}
	theirs, err := p.readOne(ctx, site)
	if err != nil {
		return nil, err
	}
	if !theirs.asOf.IsZero() && before.at.Time().Sub(theirs.asOf) > snapshotAgeMax {
		return nil, Fail(Malformed, "the snapshot is old: it is as of %s", theirs.asOf)
	}
	booked, err := p.bookedSince(ctx, before.place, theirs.cursor)
	if err != nil {
		return nil, err
	}
	after, err := s.cut(ctx, remote, warehouse)
	if err != nil {
		return nil, err
	}
	return p.judge(ctx, warehouse, before, after, theirs, booked)
}

// drain pulls and tells what there is, so that little is under way. Where another process is at it,
// that one does.
func (s *Service) drain(ctx context.Context, remote *remote, warehouse string) error {
	if err := s.Pull(ctx, remote.Name, Stock, false); err != nil {
		return fmt.Errorf("its stock could not be pulled: %w", err)
	}
	if remote.Sink == nil {
		return nil
	}
	return s.Relay(ctx, remote.Name, warehouse)
}

// cut reads our side.
func (s *Service) cut(ctx context.Context, remote *remote, warehouse string) (is cut, err error) {
	err = s.db.Snapshot(ctx, func(tx *store.Tx) error {
		is = cut{}
		seq := int64(0)
		err := store.EachRow(ctx, tx, `SELECT `+store.NowSQL(tx.Dialect())+`,
			COALESCE((SELECT place FROM sync_streams WHERE system = ? AND stream = ?), ''),
			COALESCE((SELECT seq FROM sync_places WHERE warehouse = ? AND system = ?), 0)`,
			[]any{remote.Name, Stock, warehouse, remote.Name}, func(rows *sql.Rows) error {
				return rows.Scan(&is.at, &is.place, &seq)
			})
		if err != nil {
			return err
		}
		err = store.EachRow(ctx, tx, `SELECT zone, owner, sku, batch, pack, on_hand FROM zone_stocks
			WHERE warehouse = ? AND on_hand <> 0`, []any{warehouse}, func(rows *sql.Rows) error {
			var row stockRow
			err := rows.Scan(&row.key.zone, &row.key.owner, &row.key.sku, &row.key.batch,
				&row.key.pack, &row.qty)
			is.stock = append(is.stock, row)
			return err
		})
		if err != nil {
			return err
		}
		if err := is.readMessages(ctx, tx, remote, warehouse); err != nil || remote.Sink == nil {
			return err
		}
		flows, err := flow.Untold(ctx, tx, warehouse, seq)
		for _, parcel := range remote.parcels(flows) {
			is.untold = append(is.untold, parcel.Movement)
		}
		return err
	})
	return is, err
}

// readMessages reads what did not go through, either way.
func (c *cut) readMessages(ctx context.Context, tx *store.Tx, remote *remote,
	warehouse string) error {
	return store.EachRow(ctx, tx, `SELECT `+messageColumns+` FROM sync_messages WHERE warehouse = ?
		AND system = ? AND stream IN (?, ?) AND state <> ? ORDER BY seq, part`,
		[]any{warehouse, remote.Name, Stock, Movements, Discarded}, func(rows *sql.Rows) error {
			message, err := scanMessage(rows)
			if err != nil {
				return err
			}
			if message.Stream == Stock {
				c.keepUnapplied(remote, message)
				return nil
			}
			var movement Movement
			err = json.Unmarshal([]byte(message.Body), &movement)
			if message.State == Dead {
				c.dead = append(c.dead, movement)
			} else {
				c.untold = append(c.untold, movement)
			}
			return err
		})
}

// keepUnapplied keeps what a dead letter says that was booked, if it says it.
func (c *cut) keepUnapplied(remote *remote, letter Message) {
	it := itemOf(letter)
	if it.fault != "" {
		return
	}
	p := &puller{remote: remote}
	if data, err := read[stockData](it.Data); err == nil {
		if booked, err := p.booking(it, data); err == nil {
			c.unapplied = append(c.unapplied, booked)
		}
	}
}

// bookedSince reads what the system booked between where its stream was pulled to and its snapshot.
// Where it tells more than that, the rest of it came after the snapshot, or not.
func (p *puller) bookedSince(ctx context.Context, place, snapshot string) (booked []booking,
	err error) {
	for range pagesMax {
		if place == snapshot {
			return booked, nil
		}
		page, err := p.Source.Changes(ctx, Stock, place, pageItems)
		if err != nil {
			return nil, err
		}
		items := itemsOf(page.Items)
		if err := p.read(ctx, items); err != nil {
			return nil, err
		}
		for _, it := range items {
			if is, read := it.data.(booking); read && it.fault == "" {
				booked = append(booked, is)
			}
		}
		if !page.More || page.Next == place {
			return booked, nil
		}
		place = page.Next
	}
	return booked, nil
}

// judge sums both sides up at the system's grain and says of each row how it stands.
func (p *puller) judge(ctx context.Context, warehouse string, before, after cut,
	theirs snapshot, booked []booking) (*laid, error) {
	sums := &summing{laid: laid{rows: map[bookKey]*bookRow{}}, warehouse: warehouse,
		told: map[bookKey][]model.Quantity{}, booked: map[bookKey][]model.Quantity{}}
	if err := p.read(ctx, theirs.items); err != nil {
		return nil, err
	}
	for i, it := range theirs.items {
		if it.fault != "" {
			return nil, Fail(Malformed, "row %d of its snapshot: %s", i+1, it.fault)
		}
		sums.refine(it)
	}
	if err := sums.readSizes(ctx, p, before, after, theirs, booked); err != nil {
		return nil, err
	}
	for _, it := range theirs.items {
		if is := it.data.(booking); is.at.Warehouse == warehouse {
			sums.row(is.key()).theirs += sums.amount(is.key(), is.qty)
		}
	}
	sums.addOurs(p.remote, before)
	for _, movement := range newOf(before.untold, after.untold) {
		sums.tell(p.remote, movement)
	}
	for _, is := range booked {
		if is.at.Warehouse == warehouse {
			key := sums.at(is.key())
			sums.booked[key] = append(sums.booked[key], sums.amount(is.key(), is.qty))
			sums.row(is.key())
		}
	}
	for key, row := range sums.rows {
		row.state = sums.stateOf(key, row)
	}
	return &sums.laid, nil
}

// newOf are the movements of two cuts, each once, in order: what was untold before, and what has
// happened since.
func newOf(before, after []Movement) []Movement {
	known := make(map[string]bool, len(before))
	all := slices.Clone(before)
	for _, movement := range before {
		known[movement.ID] = true
	}
	for _, movement := range after {
		if !known[movement.ID] {
			all = append(all, movement)
		}
	}
	return all
}
