package wmsync

import (
	"context"
	"database/sql"
	"encoding/json"

	"tierstock/model"
	"tierstock/store"
)

// Acknowledged is a row of what a system's books of a warehouse should say, by what the system has
// acknowledged: what is here, less what it has not been told or has not taken, plus what it booked
// and is dead here. Codes are ours.
type Acknowledged struct {
	model.Item
	Batch, Pack string
	Qty         model.Quantity
}

// Acknowledged sums up what a system has acknowledged. A simulated one that has forgotten its books
// may take them from here.
func (s *Service) Acknowledged(ctx context.Context, system, warehouse string) ([]Acknowledged,
	error) {
	remote := s.find(system)
	if remote == nil {
		return nil, errUnknownSystem(system)
	}
	now, err := s.cut(ctx, remote, warehouse)
	if err == nil {
		now.dead, err = s.givenUp(ctx, remote, warehouse)
	}
	if err != nil {
		return nil, err
	}
	sums := &summing{laid: laid{grain: grain{batch: true, pack: true},
		rows: map[bookKey]*bookRow{}}, warehouse: warehouse}
	sums.addOurs(remote, now)
	var rows []Acknowledged
	for key, row := range sums.rows {
		if qty := row.expected(); qty != 0 {
			rows = append(rows, Acknowledged{Item: model.Item{Owner: key.owner, SKU: key.sku},
				Batch: key.batch, Pack: key.pack, Qty: qty})
		}
	}
	return rows, nil
}

// givenUp are movements that the system has not taken and that are dead, for good or not.
func (s *Service) givenUp(ctx context.Context, remote *remote, warehouse string) (
	movements []Movement, err error) {
	err = store.EachRow(ctx, s.db.Reader(), `SELECT body FROM sync_messages WHERE warehouse = ?
		AND system = ? AND stream = ? AND state IN (?, ?)`,
		[]any{warehouse, remote.Name, Movements, Dead, Discarded}, func(rows *sql.Rows) error {
			var body string
			var movement Movement
			err := rows.Scan(&body)
			if err == nil {
				err = json.Unmarshal([]byte(body), &movement)
			}
			movements = append(movements, movement)
			return err
		})
	return movements, err
}

// Delivered counts the movements of a warehouse that a system has taken, by the feed.
func (s *Service) Delivered(ctx context.Context, system, warehouse string) (count int, err error) {
	remote := s.find(system)
	if remote == nil {
		return 0, errUnknownSystem(system)
	}
	place, _, err := s.placeOf(ctx, system, warehouse)
	if err != nil {
		return 0, err
	}
	r := &relay{Service: s, remote: remote, warehouse: warehouse}
	for more := true; more && r.place.Seq < place.Seq; {
		var told []*parcel
		if told, r.place.Seq, more, err = r.readFeed(ctx); err != nil {
			return 0, err
		}
		for _, parcel := range told {
			if parcel.Seq <= place.Seq {
				count++
			}
		}
	}
	stuck := 0
	err = store.EachRow(ctx, s.db.Reader(), `SELECT COUNT(*) FROM sync_messages WHERE warehouse = ?
		AND system = ? AND stream = ?`, []any{warehouse, system, Movements},
		func(rows *sql.Rows) error { return rows.Scan(&stuck) })
	return count - stuck, err
}
