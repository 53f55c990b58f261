package wmsync

import (
	"context"

	"tierstock/model"
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
	stuck := Status{Stream: Movements}
	err = s.countMessages(ctx, remote, &stuck)
	return count - stuck.Pending - stuck.Dead, err
}
