package allocation

import (
	"context"

	"gorm.io/gorm"

	"tierstock/model"
)

// holdersMax bounds how many holders of a row are listed; those who come first are.
const holdersMax = 200

// Row names what holders are asked of: the rows of an item, narrowed to a zone or a bin, a batch
// and a pack. Zone and Bin "" are any, and so are Batch and Pack nil.
type Row struct {
	Warehouse, Zone, Bin string
	Item                 model.Item
	Batch, Pack          *string
}

// Holder is a reservation, or the part of it that is tied to a bin, which keeps stock of a row from
// others. Pinned is what of Reserved is tied to bins. Task is 0 where none ties it.
type Holder struct {
	Line             model.LineKey
	Reservation      int64
	Task             int64
	Zone, Bin        string
	Batch, Pack      string
	Reserved, Pinned model.Quantity
	Priority         int64
	CreatedAt        model.Instant
}

// Holders lists who holds stock, by priority, then the oldest first: of a bin the tasks that tie
// it, else the reservations.
func (s *Service) Holders(ctx context.Context, row Row) ([]Holder, error) {
	var rows []holderRow
	query := s.holdsOf(ctx, row)
	if row.Bin != "" {
		query = s.pinsIn(ctx, row)
	}
	if row.Zone != "" {
		query = query.Where("s.zone = ?", row.Zone)
	}
	if row.Batch != nil {
		query = query.Where("s.batch = ?", *row.Batch)
	}
	if row.Pack != nil {
		query = query.Where("s.pack = ?", *row.Pack)
	}
	err := query.Order("r.priority DESC, r.created_at, r.id").Limit(holdersMax).Scan(&rows).Error
	holders := make([]Holder, len(rows))
	for i, row := range rows {
		holders[i] = Holder{Line: model.LineKey{JobType: row.JobType, OrderID: row.OrderID,
			LineID: row.LineID, Revision: row.Revision}, Reservation: row.ID, Task: row.Task,
			Zone: row.Zone, Bin: row.Bin, Batch: row.Batch, Pack: row.Pack,
			Reserved: row.Reserved, Pinned: row.Pinned, Priority: row.Priority,
			CreatedAt: row.CreatedAt}
	}
	return holders, err
}

// holderRow is a holder as it is read.
type holderRow struct {
	ID, Task                 int64
	JobType, OrderID, LineID string
	Revision                 int64
	Zone, Bin, Batch, Pack   string
	Reserved, Pinned         model.Quantity
	Priority                 int64
	CreatedAt                model.Instant
}

const holderColumns = `r.id, r.job_type, r.order_id, r.line_id, r.revision, r.priority,
	r.created_at, s.zone, s.batch, s.pack, `

func (s *Service) holdsOf(ctx context.Context, row Row) *gorm.DB {
	return s.db.Gorm(ctx).Table("zone_stocks AS s").
		Select(holderColumns+`h.open_qty AS reserved, '' AS bin, 0 AS task,
			CAST(COALESCE((SELECT SUM(t.pinned) FROM tasks AS t WHERE t.warehouse = h.warehouse
				AND t.reservation_id = h.reservation_id AND t.zone_stock_id = h.zone_stock_id), 0)
				AS SIGNED) AS pinned`).
		Joins(`JOIN holds AS h ON h.warehouse = s.warehouse AND h.zone_stock_id = s.id`).
		Joins(`JOIN reservations AS r ON r.warehouse = h.warehouse AND r.id = h.reservation_id`).
		Where("s.warehouse = ? AND s.sku = ? AND s.owner = ? AND h.open_qty > 0", row.Warehouse,
			row.Item.SKU, row.Item.Owner)
}

func (s *Service) pinsIn(ctx context.Context, row Row) *gorm.DB {
	return s.db.Gorm(ctx).Table("bin_stocks AS s").
		Select(holderColumns+`t.pinned AS reserved, t.pinned, s.bin, t.id AS task`).
		Joins(`JOIN tasks AS t ON t.warehouse = s.warehouse AND t.bin_stock_id = s.id`).
		Joins(`JOIN reservations AS r ON r.warehouse = t.warehouse AND r.id = t.reservation_id`).
		Where("s.warehouse = ? AND s.sku = ? AND s.owner = ? AND s.bin = ? AND t.pinned > 0",
			row.Warehouse, row.Item.SKU, row.Item.Owner, row.Bin)
}
