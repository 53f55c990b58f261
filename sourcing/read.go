package sourcing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tierstock/master"
	"tierstock/model"
)

const (
	// readersMax is how many warehouses are read at once: a few, so that a call does not take every
	// connection there is.
	readersMax = 4
	// rowsMax bounds the stock rows read of one warehouse. Of more, those that expire last are not
	// seen, and a plan may say less than there is.
	rowsMax = 20_000
)

// ErrTooManyWarehouses says that a call would have to look at more than WarehousesMax warehouses.
var ErrTooManyWarehouses = fmt.Errorf("there are more than %d warehouses: name those that each "+
	"order may come from", WarehousesMax)

// ErrTooManyLines says that a call has more than OrdersMax orders or LinesMax lines.
var ErrTooManyLines = fmt.Errorf("a call sources at most %d orders with %d lines together",
	OrdersMax, LinesMax)

// scene is what a call reads once: the orders' checks and which warehouses it looks at.
type scene struct {
	tasks      []*task
	warehouses []model.Warehouse
	skus       []string
	owners     []string
}

// look checks a call and finds the warehouses it is about, among those it sees, in a statement or
// two.
func (s *Service) look(ctx context.Context, orders []Order, sees func(string) bool) (
	*scene, error) {
	skuSet, ownerSet := map[string]bool{}, map[string]bool{}
	lines := 0
	for i := range orders {
		ownerSet[orders[i].Owner] = true
		for _, line := range orders[i].Lines {
			lines++
			skuSet[line.SKU] = true
		}
	}
	if len(orders) > OrdersMax || lines > LinesMax {
		return nil, ErrTooManyLines
	}
	scene := &scene{skus: slices.Sorted(maps.Keys(skuSet)),
		owners: slices.Sorted(maps.Keys(ownerSet))}
	all, err := s.catalog.Warehouses(ctx)
	if err != nil {
		return nil, err
	}
	if sees != nil {
		all = slices.DeleteFunc(slices.Clone(all), func(warehouse model.Warehouse) bool {
			return !sees(warehouse.Code)
		})
	}
	known := make(map[string]model.Warehouse, len(all))
	for _, warehouse := range all {
		known[warehouse.Code] = warehouse
	}
	if scene.warehouses, err = lookedAt(orders, all); err != nil {
		return nil, err
	}
	skus := map[string]model.SKU{}
	if len(scene.skus) > 0 {
		page, err := s.catalog.SKUs(ctx, master.SKUFilter{Codes: scene.skus}, "", len(scene.skus))
		if err != nil {
			return nil, err
		}
		for _, sku := range page.Rows {
			skus[sku.Code] = sku
		}
	}
	scene.tasks = tasksOf(orders, skus, known)
	return scene, nil
}

// lookedAt are all of the warehouses where they are few, also those that an order does not allow,
// as it may have been placed there under another list. Of many it is those that the orders allow.
func lookedAt(orders []Order, all []model.Warehouse) (some []model.Warehouse, err error) {
	if len(all) <= WarehousesMax {
		return all, nil
	}
	named := map[string]bool{}
	for i := range orders {
		if len(orders[i].Allowed) == 0 {
			return nil, ErrTooManyWarehouses
		}
		for _, code := range orders[i].Allowed {
			named[code] = true
		}
	}
	for _, warehouse := range all {
		if named[warehouse.Code] {
			some = append(some, warehouse)
		}
	}
	if len(some) > WarehousesMax {
		return nil, ErrTooManyWarehouses
	}
	return some, nil
}

// candidates reads what each warehouse can promise now, and how many lines it takes yet today.
// Each is read by statements of its own, some warehouses at a time.
func (s *Service) candidates(ctx context.Context, scene *scene) ([]Candidate, error) {
	return each(ctx, scene.warehouses, func(ctx context.Context, w model.Warehouse) (Candidate,
		error) {
		return s.candidate(ctx, w, scene)
	})
}

func (s *Service) candidate(ctx context.Context, w model.Warehouse, scene *scene) (Candidate,
	error) {
	candidate := Candidate{Warehouse: w.Code, Region: w.Region, Priority: w.Priority,
		Limited: w.DailyLines > 0}
	if w.Located {
		candidate.At = &Place{w.Latitude, w.Longitude}
	}
	view, err := s.catalog.View(ctx, s.db.Reader(), w.Code)
	if view == nil || err != nil {
		return candidate, err
	}
	rows, err := s.stock.Promisable(ctx, view, scene.skus, scene.owners, rowsMax)
	if err != nil {
		return candidate, err
	}
	today := view.Today()
	for _, row := range rows {
		stock := Stock{Item: row.Item, Batch: row.Batch, Pack: row.Pack, Days: Lasting, Qty: row.Qty}
		if row.ExpiresOn != "" {
			stock.Days = today.DaysUntil(row.ExpiresOn)
		}
		candidate.Stock = append(candidate.Stock, stock)
	}
	if candidate.Limited {
		lines, err := s.stock.LinesSince(ctx, w.Code, today.Begins(w.Location()), w.DailyLines)
		if err != nil {
			return candidate, err
		}
		candidate.LinesLeft = w.DailyLines - lines
	}
	return candidate, nil
}

// each reads something of every warehouse, a few at a time, and gives it in their order.
func each[T any](ctx context.Context, warehouses []model.Warehouse,
	read func(context.Context, model.Warehouse) (T, error)) ([]T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make([]T, len(warehouses))
	places := make(chan struct{}, readersMax)
	var work sync.WaitGroup
	for i, warehouse := range warehouses {
		places <- struct{}{}
		work.Go(func() {
			defer func() { <-places }()
			var err error
			if found[i], err = read(ctx, warehouse); err != nil {
				cancel(err)
			}
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return found, nil
}
