package allocation

import (
	"context"

	"gorm.io/gorm"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// ShortageFilter narrows a list of shortages; "" and no states are no filter.
type ShortageFilter struct {
	OrderID, SKU string
	States       []model.ShortageState
}

// Shortages lists the shortages of a warehouse whose id comes after that, by id.
func (s *Service) Shortages(ctx context.Context, warehouse string, filter ShortageFilter,
	after int64, first int) (master.Page[model.Shortage], error) {
	query := s.db.Gorm(ctx).Table("shortages").Where("warehouse = ? AND id > ?", warehouse, after)
	if filter.OrderID != "" {
		query = query.Where("order_id = ?", filter.OrderID)
	}
	if filter.SKU != "" {
		query = query.Where("sku = ?", filter.SKU)
	}
	if len(filter.States) > 0 {
		query = query.Where("state IN ?", filter.States)
	}
	rows, err := readShortages(query.Order("id").Limit(first + 1))
	all := make([]model.Shortage, len(rows))
	for i, row := range rows {
		all[i] = row.Shortage
	}
	return master.PageOf(all, first), err
}

// CancelShortages gives open shortages up, and says how many were open.
func (s *Service) CancelShortages(ctx context.Context, warehouse string, ids []int64) (
	cancelled int, err error) {
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		result := tx.Gorm().Table("shortages").
			Where("warehouse = ? AND id IN ? AND state = ?", warehouse, ids, model.ShortageOpen).
			Updates(map[string]any{"state": model.ShortageCancelled, "updated_at": now})
		cancelled = int(result.RowsAffected)
		return result.Error
	})
	return cancelled, err
}

// shortageRow is a shortage as it is stored.
type shortageRow struct {
	ID                       int64
	JobType, OrderID, LineID string
	Revision                 int64
	Source, Owner, SKU       string
	Qty, Covered             model.Quantity
	State                    model.ShortageState
	Priority                 int64
	ShipComplete, Pin, Cover bool
	Asked                    string
	ReservationID            int64
	CreatedAt, UpdatedAt     model.Instant
}

func readShortages(query *gorm.DB) ([]flow.Shortage, error) {
	var rows []shortageRow
	if err := query.Scan(&rows).Error; err != nil {
		return nil, err
	}
	read := make([]flow.Shortage, len(rows))
	for i, row := range rows {
		asked, err := flow.ParseAsked(row.Asked)
		if err != nil {
			return nil, err
		}
		read[i] = flow.Shortage{Asked: asked, Pin: row.Pin, Shortage: model.Shortage{ID: row.ID,
			Line: model.LineKey{JobType: row.JobType, OrderID: row.OrderID, LineID: row.LineID,
				Revision: row.Revision},
			Source: row.Source, Item: model.Item{Owner: row.Owner, SKU: row.SKU}, Qty: row.Qty,
			Covered: row.Covered, State: row.State, Priority: row.Priority,
			ShipComplete: row.ShipComplete, Cover: row.Cover, Reservation: row.ReservationID,
			CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}}
	}
	return read, nil
}

// shortageJob is the job type of what covers a shortage whose line's own key is used.
const shortageJob = "SHORTAGE"

// CoverKey is the key under which a shortage is covered, or was: the line's own where it got
// nothing.
func CoverKey(short *model.Shortage) model.LineKey {
	if short.Source == "" {
		return short.Line
	}
	return model.LineKey{JobType: shortageJob, OrderID: short.Line.OrderID,
		LineID: short.Line.LineID, Revision: short.ID}
}
