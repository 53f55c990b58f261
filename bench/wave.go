package bench

import (
	"context"
	"errors"

	"tierstock/flow"
	"tierstock/model"
)

// A wave is a thousand orders of five lines over a warehouse of twenty thousand bins.
const (
	waveOrders     = 1000
	waveOrderLines = 5
	waveRows       = 2000
	waveBins       = 10
	wavePlaces     = waveRows * waveBins
	// lineCallers are the workers of a program that allocates line by line.
	lineCallers = 64
)

// waveLine is a line of the trace as one of an order of several lines.
func (s *site) waveLine(l line) model.ReserveLine {
	asked := s.reserveLine(l)
	asked.Key.OrderID = line{number: l.number / waveOrderLines}.order()
	asked.Key.LineID = line{number: l.number % waveOrderLines}.order()
	return asked
}

// nextOrder is the next lines of the trace as an order.
func (s *site) nextOrder() model.Order {
	var order model.Order
	for range waveOrderLines {
		line := s.waveLine(s.next())
		order.OrderID, order.JobType = line.Key.OrderID, line.Key.JobType
		order.Warehouse = line.Warehouse
		order.Lines = append(order.Lines, model.OrderLine{LineID: line.Key.LineID,
			SKU: line.Item.SKU, Qty: line.Qty})
	}
	return order
}

// startWave allocates whole waves: each line is reserved and pinned to bins.
func startWave(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	return turnOf{end: engine.close, stats: engine.flow.Stats,
		step: func(ctx context.Context, _ *caller) (answers, error) {
			wave := model.Wave{CreateTasks: true}
			for range waveOrders {
				wave.Orders = append(wave.Orders, c.site.nextOrder())
			}
			orders, err := engine.allocation.Allocate(ctx, flow.Mode{}, wave)
			if err != nil {
				return answers{}, err
			}
			var results []model.Result
			for i := range orders {
				results = append(results, orders[i].Lines...)
			}
			return countCodes(results)
		}}, nil
}

// startLineByLine does the same without waves: many workers, each of which reserves a line and then
// pins it.
func startLineByLine(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	return turnOf{end: engine.close, stats: engine.flow.Stats,
		step: func(ctx context.Context, _ *caller) (answers, error) {
			next := c.site.next()
			line := c.site.waveLine(next)
			results, err := engine.allocation.Reserve(ctx, flow.Mode{}, []model.ReserveLine{line})
			if err = errors.Join(err, allApplied(results)); err != nil {
				return answers{}, err
			}
			pin := model.PinLine{Warehouse: c.site.warehouse, Reservation: line.Key,
				Key: model.TaskKey{JobType: floorJob, TaskID: next.order()}}
			results, err = engine.tier3.Pin(ctx, flow.Mode{}, []model.PinLine{pin})
			if err = errors.Join(err, allApplied(results)); err != nil {
				return answers{}, err
			}
			return countCodes(results)
		}}, nil
}
