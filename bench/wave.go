package bench

import (
	"context"
	"errors"

	"tierstock/flow"
	"tierstock/model"
)

// waveOrderLines is how many lines an order of a wave has.
const waveOrderLines = 5

// waveLine is a line of the trace as one of an order of several lines.
func (s *site) waveLine(l line) model.ReserveLine {
	asked := s.reserveLine(l)
	asked.Key.OrderID = line{number: l.number / waveOrderLines}.order()
	asked.Key.LineID = line{number: l.number % waveOrderLines}.order()
	return asked
}

// startWave reserves many lines a call and then pins them to bins, many a call: what allocating a
// wave comes to.
func startWave(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	return turnOf{end: engine.close, stats: engine.flow.Stats,
		step: func(ctx context.Context, _ *caller) (answers, error) {
			lines := make([]model.ReserveLine, c.LinesPerCall)
			pins := make([]model.PinLine, c.LinesPerCall)
			for i := range lines {
				next := c.site.next()
				lines[i] = c.site.waveLine(next)
				pins[i] = model.PinLine{Warehouse: c.site.warehouse, Reservation: lines[i].Key,
					Key: model.TaskKey{JobType: floorJob, TaskID: next.order()}}
			}
			results, err := engine.allocation.Reserve(ctx, flow.Mode{}, lines)
			if err = errors.Join(err, allApplied(results)); err != nil {
				return answers{}, err
			}
			results, err = engine.tier3.Pin(ctx, flow.Mode{}, pins)
			if err = errors.Join(err, allApplied(results)); err != nil {
				return answers{}, err
			}
			return countCodes(results)
		}}, nil
}
