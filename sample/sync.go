package sample

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/replenish"
	"tierstock/store"
	"tierstock/wmssim"
	"tierstock/wmsync"
)

// Synced is what went between the engine and the sample's WMS: orders that were taken in, movements
// that the WMS has taken, and letters of either way that were given up.
type Synced struct{ Pulled, Pushed, Dead int }

// errNotSynced: what came before could not be told to the WMS in its order.
var errNotSynced = errors.New("the sample on this database was begun by a version that had no " +
	"WMS to take its orders from; give it a new database with --db")

const (
	countPulled = `SELECT COUNT(*) FROM sync_inbox WHERE warehouse = ? AND system = ? AND stream = ?`
	isKnown     = `SELECT system FROM sync_streams WHERE system = ? AND stream = ?`
	// A difference that was decided on is settled, unless somebody was only sent to count.
	newestDecision = `SELECT id, state FROM differences WHERE warehouse = ? AND kind = ? AND sku = ?
		ORDER BY id DESC LIMIT 1`
	isRecounted = `SELECT task_id FROM tasks WHERE warehouse = ? AND job_type = 'RECOUNT'
		AND task_id LIKE ? LIMIT 1`
)

// recall has the WMS of a process that has just begun be as it was when an earlier one ended: it
// has told the orders that were taken in, and its books are what it acknowledged.
func (p *player) recall(ctx context.Context, plan *plan) error {
	if p.WMS.begun || len(plan.days) == 0 {
		return nil // it is the same process
	}
	if _, known, err := readText(ctx, p.DB.Reader(), isKnown, System, wmsync.Orders); err != nil ||
		!known && p.progress.Days >= 0 {
		return errors.Join(err, errNotSynced)
	}
	p.WMS.fill(plan.articles)
	pulled, err := p.pulled(ctx)
	if err != nil {
		return err
	}
	for n := 0; n < len(plan.days) && p.WMS.orders < pulled; n++ {
		p.WMS.tell(plan, n)
	}
	rows, err := p.Sync.Acknowledged(ctx, System, Warehouse)
	if err != nil {
		return err
	}
	return p.WMS.remember(rows)
}

// pulled is how many items of the stream of orders were taken in.
func (s *Site) pulled(ctx context.Context) (count int, err error) {
	err = store.EachRow(ctx, s.DB.Reader(), countPulled, []any{Warehouse, System, wmsync.Orders},
		func(rows *sql.Rows) error { return rows.Scan(&count) })
	return count, err
}

// connect takes the WMS's articles in, and notes where its other streams begin: it has no stock
// yet, and no orders.
func (p *player) connect(ctx context.Context) error {
	for _, stream := range wmsStreams() {
		if err := p.Sync.Pull(ctx, System, stream, false); err != nil {
			return err
		}
	}
	return nil
}

// takeNotices takes in what is told to be coming.
func (p *player) takeNotices(ctx context.Context) error {
	return p.Sync.Pull(ctx, System, wmsync.Inbound, false)
}

// takeOrders has the WMS tell a day's orders, and takes them in: they are promised and tied to bins
// as they come. held is what each line got, of those that got something.
func (p *player) takeOrders(ctx context.Context, plan *plan, n int) (
	held map[model.LineKey]model.Quantity, err error) {
	p.WMS.tell(plan, n)
	if err := p.Sync.Pull(ctx, System, wmsync.Orders, false); err != nil {
		return nil, err
	}
	held = map[model.LineKey]model.Quantity{}
	orders := map[string]bool{}
	args := []any{Warehouse, orderJob, model.Reserve}
	for _, line := range plan.days[n].orders {
		if !orders[line.OrderID] {
			orders[line.OrderID] = true
			args = append(args, line.OrderID)
		}
	}
	if len(orders) == 0 {
		return held, nil
	}
	err = store.EachRow(ctx, p.DB.Reader(), `SELECT order_id, line_id, SUM(reserved_delta)
		FROM zone_flows WHERE warehouse = ? AND job_type = ? AND action = ? AND order_id IN (`+
		store.InList(len(orders))+`) GROUP BY order_id, line_id`, args,
		func(rows *sql.Rows) error {
			key, qty := model.LineKey{JobType: orderJob}, int64(0) // MySQL's sums are decimals
			err := rows.Scan(&key.OrderID, &key.LineID, &qty)
			held[key] = model.Quantity(qty)
			return err
		})
	return held, err
}

// tellMovements tells the WMS what happened since it was told last.
func (p *player) tellMovements(ctx context.Context) error {
	return p.Sync.Relay(ctx, System, Warehouse)
}

// misbehave has the WMS refuse the movements of one article on the last day.
func (p *player) misbehave(day *day) {
	if day.refused != "" {
		p.WMS.SetFaults(wmssim.Faults{RejectSKU: []string{day.refused}})
	}
}

// leave ends the history, once it is all played: what the WMS lost is lost still after a restart,
// unless that was settled.
func (p *player) leave(ctx context.Context, plan *plan) error {
	if p.progress.Days < len(plan.days) || len(plan.days) == 0 {
		return nil
	}
	lost := plan.days[len(plan.days)-1].lost
	settled, err := p.settled(ctx, lost)
	if settled {
		lost = ""
	}
	if err == nil {
		p.WMS.leave(lost)
	}
	return err
}

func (p *player) settled(ctx context.Context, sku string) (settled bool, err error) {
	id, state := int64(0), flow.DifferenceOpen
	err = store.EachRow(ctx, p.DB.Reader(), newestDecision, []any{Warehouse, "BOOK:" + System, sku},
		func(rows *sql.Rows) error { return rows.Scan(&id, &state) })
	if err != nil || state != flow.DifferenceResolved {
		return false, err
	}
	_, counted, err := readText(ctx, p.DB.Reader(), isRecounted, Warehouse, fmt.Sprint(id, "/%"))
	return !counted, err
}

// synced sums up what went either way.
func (p *player) synced(ctx context.Context) (all Synced, err error) {
	if all.Pulled, err = p.pulled(ctx); err != nil {
		return all, err
	}
	streams, err := p.Sync.Streams(ctx, System, nil)
	for _, stream := range streams {
		all.Dead += stream.Dead
		if stream.Stream == wmsync.Orders {
			all.Pulled -= stream.Dead
		}
	}
	if err == nil {
		all.Pushed, err = p.Sync.Delivered(ctx, System, Warehouse)
	}
	return all, err
}

// planTroubles chooses, for the last day, an article of which the WMS refuses the one movement that
// day has: it ships, nothing else is done to it, and it gets no level that would bring more. Of
// another the WMS loses a piece: one that is kept in pieces only.
func (p *planner) planTroubles(today *day) {
	touched := map[string]int{}
	for _, line := range today.ship {
		touched[line.SKU]++
	}
	for _, move := range today.putAway {
		touched[move.From.SKU]++
	}
	for _, open := range today.open {
		touched[open.At.SKU]++
	}
	for _, line := range today.ship {
		if touched[line.SKU] == 1 {
			today.refused = line.SKU
			break
		}
	}
	today.levels = slices.DeleteFunc(today.levels, func(level replenish.Level) bool {
		return level.Item.SKU == today.refused
	})
	for _, article := range p.plan.articles {
		if article.caseSize == 0 && !article.dated && article.sku != today.refused {
			today.lost = article.sku
			break
		}
	}
}

// planNotices gives notice, on the last day, of what was bought in the history and comes after it.
func (p *planner) planNotices(today *day, n int) {
	for later := range leadDaysMin + leadDaysSpan {
		on := today.on.Plus(later)
		notice := wmssim.Inbound{ASNID: "ASN-" + string(on), Warehouse: theirWarehouse, Zone: dockZone}
		for _, i := range p.arrivals[n+later] {
			came := p.rooms[i].deliver(on)
			notice.Lines = append(notice.Lines, wmssim.InboundLine{LineID: p.rooms[i].sku,
				SKU: p.rooms[i].sku, Qty: model.Whole(came.qty).String(), Batch: came.batch,
				Pack: came.pack, ExpiresOn: string(came.expiresOn)})
		}
		if len(notice.Lines) > 0 {
			today.coming = append(today.coming, notice)
		}
	}
}
