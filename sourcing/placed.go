package sourcing

import (
	"context"

	"tierstock/model"
	"tierstock/tier2"
)

// giveBackJob is the job type of releases that sourcing makes by itself. Their key is the order,
// the line and, as revision, the reservation's id, so that each is made once, however often it is
// tried.
const giveBackJob = "SOURCING"

// placedPage is how many reservations are read at once.
const placedPage = 500

// placed is a reservation of one of the orders' lines.
type placed struct {
	warehouse   string
	task        *task
	line        int
	reservation model.Reservation
	// givenBack: sourcing released it, since its order could not be served as it should.
	givenBack bool
}

func (p *placed) isOpen() bool { return p.reservation.State == model.ReservationOpen }

// places finds what the orders' lines hold, or have held, in the warehouses looked at, by their
// keys. That is how a repeated call learns where the first one has placed them.
func (s *Service) places(ctx context.Context, scene *scene) ([]placed, error) {
	lines := scene.keys()
	if len(lines) == 0 {
		return nil, nil
	}
	found, err := each(ctx, scene.warehouses, func(ctx context.Context, w model.Warehouse) (
		[]placed, error) {
		return s.placesIn(ctx, w.Code, scene, lines)
	})
	var all []placed
	for _, some := range found {
		all = append(all, some...)
	}
	return all, err
}

// lineAt is a line's number in its task.
type lineAt struct {
	task *task
	line int
}

func (s *scene) keys() map[model.LineKey]lineAt {
	lines := map[model.LineKey]lineAt{}
	for _, task := range s.tasks {
		for i := range task.lines {
			if !task.isRefused(i) {
				lines[task.order.Key(&task.order.Lines[i])] = lineAt{task, i}
			}
		}
	}
	return lines
}

func (s *Service) placesIn(ctx context.Context, warehouse string, scene *scene,
	lines map[model.LineKey]lineAt) (all []placed, err error) {
	var orders []string
	for _, task := range scene.tasks {
		orders = append(orders, task.order.OrderID)
	}
	isReleased := false
	for after, more := int64(0), true; more; {
		page, err := s.stock.Reservations(ctx, warehouse, tier2.ReservationFilter{OrderIDs: orders},
			after, placedPage)
		if err != nil {
			return nil, err
		}
		more = page.More
		for _, reservation := range page.Rows {
			after = reservation.ID
			if at, ours := lines[reservation.Key]; ours {
				isReleased = isReleased || reservation.State == model.ReservationReleased
				all = append(all, placed{warehouse: warehouse, task: at.task, line: at.line,
					reservation: reservation})
			}
		}
	}
	if !isReleased {
		return all, nil
	}
	return all, s.markGivenBack(ctx, warehouse, orders, all)
}

// givenBack are the reservations that sourcing itself has released: their ids are the revisions of
// those releases, whether their flows are in the ledger yet or in files.
const givenBack = `SELECT f.revision FROM zone_flows AS f
	WHERE f.warehouse = ? AND f.order_id IN ? AND f.task_id = '' AND f.job_type = ?
	AND f.action = 'RELEASE'
UNION SELECT a.revision FROM archived_keys AS a
	WHERE a.warehouse = ? AND a.order_id IN ? AND a.task_id = '' AND a.job_type = ?
	AND a.action = 'RELEASE'`

func (s *Service) markGivenBack(ctx context.Context, warehouse string, orders []string,
	all []placed) error {
	var revisions []int64
	err := s.db.Gorm(ctx).Raw(givenBack, warehouse, orders, giveBackJob, warehouse, orders,
		giveBackJob).Scan(&revisions).Error
	released := map[int64]bool{}
	for _, id := range revisions {
		released[id] = true
	}
	for i := range all {
		all[i].givenBack = released[all[i].reservation.ID]
	}
	return err
}
