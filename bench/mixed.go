package bench

import (
	"context"

	"tierstock/flow"
	"tierstock/model"
)

// The shares of mixed in a hundred lines: the rest after these two gives back.
const (
	reservePercent = 50
	deductPercent  = 35
)

// errand is what a caller of mixed does next.
type errand struct {
	action model.Action
	place  int // of the held reservation that it acts on
}

// nextErrand draws what to do; who holds nothing can only reserve. A caller acts on any of its
// earlier reservations, not just on the last.
func (c *caller) nextErrand(seed uint64) errand {
	drawn := mix(seed ^ mix(uint64(c.index)<<32|uint64(c.calls)))
	percent := drawn % 100
	if len(c.held) == 0 || percent < reservePercent {
		return errand{action: model.Reserve}
	}
	place := int(drawn >> 16 % uint64(len(c.held)))
	if percent < reservePercent+deductPercent {
		return errand{model.Deduct, place}
	}
	return errand{model.Release, place}
}

// drop takes a reservation out of those that a caller holds.
func (c *caller) drop(place int) held {
	taken := c.held[place]
	last := len(c.held) - 1
	c.held[place] = c.held[last]
	c.held = c.held[:last]
	return taken
}

func startMixedMerged(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	return turnOf{end: engine.close, stats: engine.flow.Stats,
		step: func(ctx context.Context, who *caller) (answers, error) {
			errand := who.nextErrand(b.options.Seed)
			if errand.action == model.Reserve {
				line := c.site.next()
				results, err := engine.allocation.Reserve(ctx, flow.Mode{},
					[]model.ReserveLine{c.site.reserveLine(line)})
				return who.keep(held{line: line}, results, err)
			}
			asked := c.site.reserveLine(who.drop(errand.place).line)
			results, err := engine.actOn(ctx, errand.action, asked)
			if err != nil {
				return answers{}, err
			}
			return countCodes(results)
		}}, nil
}

// actOn deducts or gives back all that a reservation holds.
func (e *engine) actOn(ctx context.Context, action model.Action, asked model.ReserveLine) (
	[]model.Result, error) {
	if action == model.Deduct {
		return e.tier2.Deduct(ctx, flow.Mode{}, []model.DeductLine{{Key: asked.Key,
			Warehouse: asked.Warehouse, SKU: asked.Item.SKU}})
	}
	return e.tier2.Release(ctx, flow.Mode{}, []model.ReleaseLine{{Key: asked.Key,
		Warehouse: asked.Warehouse, SKU: asked.Item.SKU}})
}

// keep remembers a reservation that was made.
func (c *caller) keep(made held, results []model.Result, err error) (answers, error) {
	if err != nil {
		return answers{}, err
	}
	got, err := countCodes(results)
	if got.applied == 1 {
		c.held = append(c.held, made)
	}
	return got, err
}

func startMixedNaive(_ context.Context, b *bench, c *cell) (turnOf, error) {
	classic := classic{b.db, c.site}
	return turnOf{step: func(ctx context.Context, who *caller) (answers, error) {
		errand := who.nextErrand(b.options.Seed)
		if errand.action == model.Reserve {
			line := c.site.next()
			leg := classic.leg(line, c.site.rows[line.row].id)
			got, err := classic.settle(ctx, line, classic.naiveLeg(ctx, leg))
			if got.applied == 1 {
				who.held = append(who.held, held{line, leg.reservation})
			}
			return got, err
		}
		taken := who.drop(errand.place)
		row := c.site.rows[taken.line.row]
		leg := classic.leg(taken.line, row.id)
		leg.action, leg.reservation = errand.action, taken.id
		leg.delta = model.Amounts{Reserved: -taken.line.qty()}
		if errand.action == model.Deduct {
			leg.delta.OnHand = -taken.line.qty()
		}
		return classic.act(ctx, leg, row.bins[0].id)
	}}, nil
}
