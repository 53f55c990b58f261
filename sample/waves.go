package sample

import (
	"context"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// byOrder puts lines of one order together, at the place of the order's first one.
func byOrder[L any](lines []L, orderID func(L) string) []L {
	places, orders := map[string]int{}, [][]L{}
	for _, line := range lines {
		place, known := places[orderID(line)]
		if !known {
			place = len(orders)
			places[orderID(line)], orders = place, append(orders, nil)
		}
		orders[place] = append(orders[place], line)
	}
	together := make([]L, 0, len(lines))
	for _, order := range orders {
		together = append(together, order...)
	}
	return together
}

// wavesOf are lines as waves, one where it may have them all. Lines of one order stand together.
func wavesOf(warehouse string, lines []OrderLine, createTasks bool,
	audit func(OrderLine) model.Audit) (waves []model.Wave) {
	room := 0
	for _, line := range lines {
		if room == 0 || len(waves[len(waves)-1].Orders) == allocation.WaveOrdersMax &&
			!continues(waves[len(waves)-1], line) {
			waves = append(waves, model.Wave{CreateTasks: createTasks})
			room = allocation.WaveLinesMax
		}
		wave := &waves[len(waves)-1]
		if !continues(*wave, line) {
			wave.Orders = append(wave.Orders, model.Order{OrderID: line.OrderID, JobType: orderJob,
				Warehouse: warehouse, Audit: audit(line)})
		}
		order := &wave.Orders[len(wave.Orders)-1]
		order.Lines = append(order.Lines, model.OrderLine{LineID: line.LineID, SKU: line.SKU,
			Qty: model.Whole(line.Pieces)})
		room--
	}
	return waves
}

// continues says whether a line is one of the order that a wave ends with.
func continues(wave model.Wave, line OrderLine) bool {
	last := len(wave.Orders) - 1
	return last >= 0 && wave.Orders[last].OrderID == line.OrderID
}

// allocate allocates waves, one after the other, and gives a result for each line, in order.
func (s *Site) allocate(ctx context.Context, waves []model.Wave) (results []model.Result,
	err error) {
	for _, wave := range waves {
		lines, err := s.allocateWave(ctx, wave)
		if err != nil {
			return nil, err
		}
		results = append(results, lines...)
	}
	return results, nil
}

// allocateWave makes one call, again while a line is answered BUSY. A line that was answered
// otherwise keeps its first answer.
func (s *Site) allocateWave(ctx context.Context, wave model.Wave) (results []model.Result,
	err error) {
	for started := time.Now(); ; {
		orders, err := s.Allocation.Allocate(ctx, flow.Mode{Actor: actor}, wave)
		if err != nil {
			return nil, err
		}
		busy := settle(&results, orders)
		if !busy || time.Since(started) > busyTimeMax {
			return results, nil
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

// settle takes over the answers to a wave's lines that are not settled yet.
func settle(results *[]model.Result, orders []model.OrderResult) (busy bool) {
	var answers []model.Result
	for _, order := range orders {
		answers = append(answers, order.Lines...)
	}
	if *results == nil {
		*results = answers
	}
	for i := range answers {
		if (*results)[i].Code == model.Busy {
			(*results)[i] = answers[i]
			busy = busy || answers[i].Code == model.Busy
		}
	}
	return busy
}

// promise promises stock to the day's orders as they come from the WMS, from wherever loose pieces
// lie. Lines that got nothing before come first.
func (p *player) promise(ctx context.Context, plan *plan, n int) error {
	day := &plan.days[n]
	if err := p.askAgain(ctx, day); err != nil {
		return err
	}
	held, err := p.takeOrders(ctx, plan, n)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	orders := map[string]bool{}
	for _, line := range day.orders {
		got := held[line.Key()]
		p.progress.Held += int64(got / model.One)
		p.refused = p.refused || got == 0
		if got < model.Whole(line.Pieces) {
			p.progress.Short++
		}
		orders[line.OrderID] = true
		p.progress.Asked += line.Pieces
	}
	p.progress.Orders += len(orders)
	p.progress.Lines += len(day.orders)
	p.progress.Work += len(day.orders)
	return nil
}

// askAgain asks for the lines that got nothing on the days before.
func (p *player) askAgain(ctx context.Context, day *day) error {
	waves := wavesOf(Warehouse, day.again, false,
		func(line OrderLine) model.Audit { return p.audit(line, day.on, waveHour) })
	results, err := p.askWaves(ctx, waves, model.Insufficient)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, result := range results {
		p.progress.Held += int64(result.Applied / model.One)
		p.refused = p.refused || result.Code == model.Insufficient
		if result.Applied == model.Whole(day.again[i].Pieces) {
			p.progress.Short--
		}
	}
	return nil
}

// start allocates what is due once more, with tasks, and says of each line what to pick where: what
// came from the WMS is tied to bins already, what was asked for again is now.
func (p *player) start(ctx context.Context, day *day) ([][]model.PickLine, error) {
	lines := make([]OrderLine, len(day.pick))
	for i, picking := range day.pick {
		lines[i] = picking.OrderLine
	}
	results, err := p.askWaves(ctx, wavesOf(Warehouse, lines, true,
		func(line OrderLine) model.Audit { return p.audit(line, day.on, pinHour) }))
	if err != nil {
		return nil, err
	}
	picks := make([][]model.PickLine, len(lines))
	for i, result := range results {
		picks[i] = p.picksOf(day, &day.pick[i], result, 0)
	}
	return picks, nil
}

// picksOf are the picks of what an answer tied to bins, each under a revision of its own, from the
// one given on.
//
// They follow from the answer's flows and are named after the line, not the task: a replayed answer
// has the first one's flows, but only the tasks that still wait. A pick takes what its reservation
// tied to the bin before anything else, whatever the task there is called.
func (p *player) picksOf(day *day, picking *picking, result model.Result, revision int,
) (picks []model.PickLine) {
	for _, leg := range result.Flows {
		if leg.Tier != model.BinTier || leg.Delta.Reserved <= 0 || leg.Delta.OnHand != 0 {
			continue
		}
		picks = append(picks, model.PickLine{
			Key: model.TaskKey{JobType: pickJob, TaskID: picking.taskID(),
				Revision: int64(revision + len(picks))},
			Reservation: picking.Key(),
			From: model.BinStockKey{Warehouse: Warehouse, Bin: leg.Bin, Owner: leg.Owner,
				SKU: leg.SKU, Batch: leg.Batch, Pack: leg.Pack},
			Qty: leg.Delta.Reserved, ToBin: picking.tote,
			Audit: p.audit(picking.OrderLine, day.on, pickHour)})
	}
	return picks
}

// askWaves allocates waves and judges the answers as ask does.
func (p *player) askWaves(ctx context.Context, waves []model.Wave, fine ...model.Code) (
	[]model.Result, error) {
	results, err := p.allocate(ctx, waves)
	if err != nil {
		return nil, err
	}
	var lines []model.LineKey
	for _, wave := range waves {
		for i := range wave.Orders {
			for l := range wave.Orders[i].Lines {
				lines = append(lines, wave.Orders[i].Key(&wave.Orders[i].Lines[l]))
			}
		}
	}
	judge(p, lines, results, fine)
	return results, nil
}

// lackingMax bounds the shortages of one order; an order has a few lines.
const lackingMax = 200

// giveUp cancels the shortages of orders that are due: what comes in later is for others.
func (p *player) giveUp(ctx context.Context, day *day) error {
	for _, order := range day.lacking {
		page, err := p.Allocation.Shortages(ctx, Warehouse, allocation.ShortageFilter{OrderID: order,
			States: []model.ShortageState{model.ShortageOpen}}, 0, lackingMax)
		if err != nil {
			return err
		}
		ids := make([]int64, len(page.Rows))
		for i, shortage := range page.Rows {
			ids[i] = shortage.ID
		}
		if _, err := p.Allocation.CancelShortages(ctx, Warehouse, ids); err != nil {
			return err
		}
	}
	return nil
}
