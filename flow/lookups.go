package flow

import (
	"context"
	"database/sql"
	"slices"
	"sync"

	"tierstock/model"
)

// findLanes finds the SKU of movements that name a reservation but no SKU, so that everything
// of one SKU meets in one lane and merges. It is about speed alone: a reservation that is made
// meanwhile is decided just as well in another lane.
func (e *Engine) findLanes(ctx context.Context, movements []*Movement) error {
	if len(e.lanes) == 1 {
		return nil
	}
	wanted := map[string][]model.LineKey{}
	for _, movement := range movements {
		if movement.Lane == "" && len(movement.Needs.Reservations) > 0 {
			site := movement.Key.Warehouse
			wanted[site] = append(wanted[site], movement.Needs.Reservations[0])
		}
	}
	for warehouse, lines := range wanted {
		skus := map[model.LineKey]string{}
		for _, some := range chunks(lines, chunkKeys) {
			if err := e.readSKUs(ctx, warehouse, some, skus); err != nil {
				return err
			}
		}
		for _, movement := range movements {
			needs := movement.Needs.Reservations
			if movement.Lane == "" && len(needs) > 0 && movement.Key.Warehouse == warehouse {
				movement.Lane = skus[needs[0]]
			}
		}
	}
	return nil
}

func (e *Engine) readSKUs(ctx context.Context, warehouse string, lines []model.LineKey,
	into map[model.LineKey]string) error {
	statement, args := sqlReservationsByKey(e.db.Dialect(), "", warehouse, lines)
	reader := newBook(e, e.db.Reader(), warehouse, 0)
	if err := reader.scanReservations(ctx, statement, args); err != nil {
		return err
	}
	for line, reservation := range reader.reservations {
		into[line] = reservation.Item.SKU
	}
	return nil
}

// stagingBins remembers the staging bin of each zone. It is given once and for ever.
type stagingBins struct{ known sync.Map }

type siteZone struct{ warehouse, zone string }

// findStaging adds the staging bins that goods arrive in by default.
func (b *Book) findStaging(ctx context.Context, n *needed) error {
	var unknown []string
	for _, zones := range n.stagingOf {
		for zone := range zones {
			if _, ok := b.engine.staging.known.Load(siteZone{b.warehouse, zone}); !ok &&
				!slices.Contains(unknown, zone) {
				unknown = append(unknown, zone)
			}
		}
	}
	for _, zones := range chunks(unknown, chunkKeys) {
		statement, args := sqlStagingBins(b.warehouse, zones)
		err := scanRows(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var zone, bin string
			err := rows.Scan(&zone, &bin)
			b.engine.staging.known.Store(siteZone{b.warehouse, zone}, bin)
			return err
		})
		if err != nil {
			return err
		}
	}
	for item, zones := range n.stagingOf {
		for zone := range zones {
			if bin, ok := b.engine.staging.known.Load(siteZone{b.warehouse, zone}); ok {
				n.addBins(n.bins, item, []string{bin.(string)})
			}
		}
	}
	return nil
}
