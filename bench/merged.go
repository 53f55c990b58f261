package bench

import (
	"context"
	"fmt"

	"tierstock/flow"
	"tierstock/model"
)

// reserveLine is a line of the trace as the engine is asked it.
func (s *site) reserveLine(l line) model.ReserveLine {
	return model.ReserveLine{
		Key:       model.LineKey{JobType: jobType, OrderID: l.order(), LineID: lineID},
		Warehouse: s.warehouse, Item: model.Item{SKU: s.rows[l.row].sku}, Qty: l.qty(),
	}
}

// reserve submits so many lines of the trace in each call.
func (s *site) reserve(engine *engine, linesPerCall int) step {
	return func(ctx context.Context, _ *caller) (answers, error) {
		lines := make([]model.ReserveLine, linesPerCall)
		for i := range lines {
			lines[i] = s.reserveLine(s.next())
		}
		results, err := engine.allocation.Reserve(ctx, flow.Mode{}, lines)
		if err != nil {
			return answers{}, err
		}
		return countCodes(results)
	}
}

// countCodes counts answers; one that no trace can have is an error.
func countCodes(results []model.Result) (got answers, err error) {
	for _, result := range results {
		switch result.Code {
		case model.Applied:
			got.applied++
		case model.Replayed:
			got.replayed++
		case model.KeyConflict:
			got.conflict++
		case model.Insufficient:
			got.refused++
		case model.Busy:
			got.busy++
		default:
			return got, fmt.Errorf("a line was answered %s %s: %s", result.Code, result.Field,
				result.Message)
		}
	}
	return got, nil
}

// startMerged is the engine itself, nothing bypassed.
func startMerged(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	return turnOf{step: c.site.reserve(engine, c.LinesPerCall), end: engine.close,
		stats: engine.flow.Stats}, nil
}
