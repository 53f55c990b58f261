package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/model"
)

// The warehouse of tiers and of wave: each SKU lies in three of its bins.
const (
	floorRows   = 1000
	floorPlaces = 300
	floorBins   = 3
	// pickedPieces is what each picker's reservation holds: more than it can pick in a turn.
	pickedPieces = 10_000
	// floorJob is the job type of the reservations that are there to be picked from; the oracle
	// counts the picks.
	floorJob = "FLOOR"
)

// picker is a reservation to pick from.
type picker struct {
	row         int
	id          int64
	reservation model.LineKey
}

// prepare reserves for each caller what it will pick, through the engine, as both contenders'
// reservations come from it.
func (s *site) prepare(ctx context.Context, engine *engine, callers int) ([]picker, error) {
	s.settings++
	pickers := make([]picker, callers)
	lines := make([]model.ReserveLine, callers)
	for i := range pickers {
		row := i % len(s.rows)
		key := model.LineKey{JobType: floorJob, OrderID: fmt.Sprint("P", s.settings, "-", i),
			LineID: lineID}
		pickers[i] = picker{row: row, reservation: key}
		lines[i] = model.ReserveLine{Key: key, Warehouse: s.warehouse,
			Item: model.Item{SKU: s.rows[row].sku}, Qty: model.Whole(pickedPieces)}
	}
	first := 0
	for some := range slices.Chunk(lines, flow.LinesMax) {
		results, err := engine.allocation.Reserve(ctx, flow.Mode{}, some)
		if err = errors.Join(err, allApplied(results)); err != nil {
			return nil, err
		}
		for i, result := range results {
			pickers[first+i].id = result.Reservation.ID
		}
		first += len(some)
	}
	return pickers, nil
}

// binOf goes through one, two or three bins, by the caller.
func (s *site) binOf(who *caller, picker picker) binRow {
	bins := s.rows[picker.row].bins
	return bins[int(who.calls)%(1+who.index%len(bins))]
}

// nextPick is a line of one piece whose number names the task.
func (s *site) nextPick(picker picker) line {
	return line{number: s.issued.Add(1) - 1, row: picker.row, pieces: 1}
}

func startTiersMerged(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	pickers, err := c.site.prepare(ctx, engine, c.Callers)
	if err != nil {
		return turnOf{}, errors.Join(err, engine.close())
	}
	return turnOf{end: engine.close, stats: engine.flow.Stats,
		step: func(ctx context.Context, who *caller) (answers, error) {
			picker := pickers[who.index]
			line := c.site.nextPick(picker)
			results, err := engine.tier3.Pick(ctx, flow.Mode{}, []model.PickLine{{
				Key:         model.TaskKey{JobType: jobType, TaskID: line.order()},
				Reservation: picker.reservation, Qty: line.qty(),
				From: model.BinStockKey{Warehouse: c.site.warehouse,
					Bin: c.site.binOf(who, picker).bin, SKU: c.site.rows[picker.row].sku},
			}})
			if err != nil {
				return answers{}, err
			}
			return countCodes(results)
		}}, nil
}

func startTiersNaive(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine := newEngine(b.db)
	pickers, err := c.site.prepare(ctx, engine, c.Callers)
	if err = errors.Join(err, engine.close()); err != nil {
		return turnOf{}, err
	}
	classic := classic{b.db, c.site}
	return turnOf{step: func(ctx context.Context, who *caller) (answers, error) {
		picker := pickers[who.index]
		line := c.site.nextPick(picker)
		leg := classic.leg(line, c.site.rows[picker.row].id)
		leg.action, leg.reservation = model.Pick, picker.id
		leg.delta = model.Amounts{OnHand: -line.qty(), Reserved: -line.qty()}
		return classic.act(ctx, leg, c.site.binOf(who, picker).id)
	}}, nil
}
