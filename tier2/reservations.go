package tier2

import (
	"context"

	"gorm.io/gorm"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// ReservationFilter narrows a list of reservations; "", no orders and no states are no filter. Zone
// leaves those that hold, or held, stock there.
type ReservationFilter struct {
	OrderID, SKU, Zone string
	OrderIDs           []string
	States             []model.ReservationState
}

const (
	reservationColumns = `r.id, r.job_type, r.order_id, r.line_id, r.revision, r.owner, r.sku,
		r.requested, r.base_units, r.priority, r.state, r.expires_at, r.due_at, r.created_at`
	// shownState is EXPIRED from the moment on that the time to live is over, which is the
	// argument, though the sweep may write it seconds later.
	shownState = `CASE WHEN r.state = 'OPEN' AND r.due_at > 0 AND r.due_at <= ?
		THEN 'EXPIRED' ELSE r.state END`
	holdsInZone = `EXISTS (SELECT 1 FROM holds AS h
		JOIN zone_stocks AS s ON s.warehouse = h.warehouse AND s.id = h.zone_stock_id
		WHERE h.warehouse = r.warehouse AND h.reservation_id = r.id AND s.zone = ?)`
	joinHeldRow = `JOIN zone_stocks AS s ON s.warehouse = h.warehouse AND s.id = h.zone_stock_id`
	holdColumns = `h.reservation_id, s.zone, s.batch, s.pack, h.held, h.deducted, h.released,
		h.open_qty, CAST(COALESCE((SELECT SUM(t.pinned) FROM tasks AS t
			WHERE t.warehouse = h.warehouse AND t.reservation_id = h.reservation_id
			AND t.zone_stock_id = h.zone_stock_id), 0) AS SIGNED) AS pinned`
)

// reservationRow is a reservation as it is read, without its holds.
type reservationRow struct {
	ID                       int64
	JobType, OrderID, LineID string
	Revision                 int64
	Owner, SKU               string
	Requested                model.Quantity
	Priority                 int64
	BaseUnits                bool
	Shown                    model.ReservationState
	ExpiresAt                model.Instant
	CreatedAt                model.Instant
}

// holdRow is a hold as it is read.
type holdRow struct {
	ReservationID            int64
	Zone, Batch, Pack        string
	Held, Deducted, Released model.Quantity
	OpenQty, Pinned          model.Quantity
}

// Reservations lists the reservations of a warehouse whose id comes after that, by id, with
// their holds in the order taken. A warehouse that does not exist has none.
func (r *Reader) Reservations(ctx context.Context, warehouse string, filter ReservationFilter,
	after int64, first int) (master.Page[model.Reservation], error) {
	reservations, err := r.reservations(ctx, warehouse,
		func(query *gorm.DB, now model.Instant) *gorm.DB {
			return filter.narrow(query, now).Where("r.id > ?", after).Limit(first + 1)
		})
	return master.PageOf(reservations, first), err
}

// ReservationsByID reads those of the reservations that exist, by id.
func (r *Reader) ReservationsByID(ctx context.Context, warehouse string, ids []int64,
) ([]model.Reservation, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return r.reservations(ctx, warehouse, func(query *gorm.DB, _ model.Instant) *gorm.DB {
		return query.Where("r.id IN ?", ids)
	})
}

func (f ReservationFilter) narrow(query *gorm.DB, now model.Instant) *gorm.DB {
	if f.OrderID != "" {
		query = query.Where("r.order_id = ?", f.OrderID)
	}
	if len(f.OrderIDs) > 0 {
		query = query.Where("r.order_id IN ?", f.OrderIDs)
	}
	if f.SKU != "" {
		query = query.Where("r.sku = ?", f.SKU)
	}
	if f.Zone != "" {
		query = query.Where(holdsInZone, f.Zone)
	}
	if len(f.States) > 0 {
		query = query.Where(shownState+" IN ?", now, f.States)
	}
	return query
}

// reservations reads reservations and their holds from one snapshot, so that they agree.
func (r *Reader) reservations(ctx context.Context, warehouse string,
	narrow func(*gorm.DB, model.Instant) *gorm.DB) ([]model.Reservation, error) {
	var reservations []model.Reservation
	err := r.db.Snapshot(ctx, func(tx *store.Tx) error {
		reservations = nil
		view, err := r.catalog.View(ctx, tx, warehouse)
		if view == nil || err != nil {
			return err
		}
		var rows []reservationRow
		query := tx.Gorm().Table("reservations AS r").Where("r.warehouse = ?", warehouse).
			Select(reservationColumns+", "+shownState+" AS shown", view.Now)
		if err := narrow(query, view.Now).Order("r.id").Scan(&rows).Error; err != nil {
			return err
		}
		reservations, err = withHolds(ctx, tx, view, rows)
		return err
	})
	return reservations, err
}

// withHolds reads the holds of all the reservations at once.
func withHolds(ctx context.Context, tx *store.Tx, view *master.View, rows []reservationRow,
) ([]model.Reservation, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(rows))
	skus := make([]string, len(rows))
	for i, row := range rows {
		ids[i], skus[i] = row.ID, row.SKU
	}
	if err := view.Load(ctx, tx, skus, nil); err != nil {
		return nil, err
	}
	var holds []holdRow
	err := tx.Gorm().Table("holds AS h").Select(holdColumns).Joins(joinHeldRow).
		Where("h.warehouse = ? AND h.reservation_id IN ?", view.Warehouse.Code, ids).
		Order("h.reservation_id, h.position").Scan(&holds).Error
	if err != nil {
		return nil, err
	}
	byReservation := map[int64][]holdRow{}
	for _, hold := range holds {
		byReservation[hold.ReservationID] = append(byReservation[hold.ReservationID], hold)
	}
	reservations := make([]model.Reservation, len(rows))
	for i, row := range rows {
		reservations[i] = row.reservation(view, byReservation[row.ID])
	}
	return reservations, nil
}

func (row reservationRow) reservation(view *master.View, holds []holdRow) model.Reservation {
	reservation := model.Reservation{
		ID:        row.ID,
		Warehouse: view.Warehouse.Code,
		Key: model.LineKey{JobType: row.JobType, OrderID: row.OrderID, LineID: row.LineID,
			Revision: row.Revision},
		Item:      model.Item{Owner: row.Owner, SKU: row.SKU},
		Requested: row.Requested,
		Priority:  row.Priority,
		State:     row.Shown,
		ExpiresAt: row.ExpiresAt,
		CreatedAt: row.CreatedAt,
	}
	for _, hold := range holds {
		reservation.Holds = append(reservation.Holds, model.Hold{Zone: hold.Zone,
			Batch: hold.Batch, Pack: hold.Pack, Reserved: hold.OpenQty, Pinned: hold.Pinned,
			Deducted: hold.Deducted, Released: hold.Released})
	}
	sum := func(amount func(holdRow) model.Quantity) (sum model.Quantity) {
		packs := map[string]model.Quantity{}
		for _, hold := range holds {
			packs[hold.Pack] += amount(hold)
		}
		for pack, qty := range packs {
			units, _ := row.unit(view, pack).Base(qty)
			sum += units
		}
		return sum
	}
	reservation.Held = sum(func(hold holdRow) model.Quantity { return hold.Held })
	reservation.Open = sum(func(hold holdRow) model.Quantity { return hold.OpenQty })
	reservation.Deducted = sum(func(hold holdRow) model.Quantity { return hold.Deducted })
	reservation.Released = sum(func(hold holdRow) model.Quantity { return hold.Released })
	return reservation
}

// unit is what one of a hold's packs counts for in the reservation: itself, or its size where
// the reservation is in base units.
func (row reservationRow) unit(view *master.View, pack string) model.Fraction {
	if !row.BaseUnits {
		return model.Each
	}
	sku, _ := view.SKU(row.SKU)
	size, ok := sku.Size(pack)
	if !ok {
		return model.Each
	}
	return size
}
