package sample

import (
	"slices"
	"time"

	"tierstock/model"
	"tierstock/replenish"
	"tierstock/wmssim"
)

// plan is all that will be asked of the engine, day by day, as it follows from the orders alone.
type plan struct {
	clock    clock
	articles []article
	opening  []model.ReceiveLine
	days     []day
}

// day is one day of the warehouse, in rounds. What is in one round touches different rows, or
// changes them in ways whose order does not matter; so a day that was interrupted, and is played
// again from its morning, ends the same.
type day struct {
	on model.Date

	// Morning: the truck leaves with what was picked the day before, what came in the night is put
	// away, the cases brought down the day before are opened, and what is due and held is allocated
	// once more, with tasks.
	ship    []OrderLine
	putAway []model.MoveLine
	open    []model.RepackLine
	pick    []picking
	// Then, while all else rests, pieces are missing at some picks, one may be found damaged, and
	// what orders that are due still lack is given up.
	damaged *model.BinStockKey
	lacking []string
	// Then the day's orders come from the WMS and are promised, after those that got nothing so far,
	// what has tasks is picked into totes, cases for tomorrow are brought down to where their pieces
	// are picked, and the night's deliveries come to the dock. The orders see neither of these last
	// two: nothing is promised from the dock, and nobody asks for cases.
	again   []OrderLine
	orders  []OrderLine
	fetch   []model.MoveLine
	receive []model.ReceiveLine

	// isToday marks the day after the history, of which only the morning is played, with goods
	// brought to where these levels want them: the floor has work to do when people look.
	isToday bool
	levels  []replenish.Level
	// The WMS gives notice of what is still to come, refuses the movements of refused on that day, and
	// loses a piece of lost after it.
	coming        []wmssim.Inbound
	refused, lost string
	// held is how many pieces the wave is expected to hold.
	held int64
}

// picking is an order line that holds something, and the tote of its order. Of the pieces held so
// many are at the article's home; so many of those will be missing there when it is picked.
type picking struct {
	OrderLine

	tote                  string
	held, atHome, missing int64
}

// waiting is an order line that has got nothing so far.
type waiting struct {
	picking

	due int // the day on which it is picked, or not
}

// The jobs that keys are named after.
const (
	orderJob   = "ORDER"
	openingJob = "OPENING"
	receiveJob = "ASN"
	putAwayJob = "PUTAWAY"
	fetchJob   = "FETCH-CASE"
	openJob    = "OPEN-CASE"
	pickJob    = "PICK"
	countJob   = "COUNT"
	damageJob  = "DAMAGE"
)

// clock is the warehouse's own.
type clock struct{ zone *time.Location }

func sampleClock() clock {
	return clock{model.Warehouse{Timezone: warehouseZone}.Location()}
}

// audit says why something is done, and that it is done at that hour of that day.
func (c clock) audit(reason model.Reason, reference string, on model.Date, hour int) model.Audit {
	return model.Audit{Reason: reason, Reference: reference,
		OccurredAt: model.InstantOf(c.at(on, hour))}
}

func (c clock) at(on model.Date, hour int) time.Time {
	day, _ := time.ParseInLocation(time.DateOnly, string(on), c.zone)
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, c.zone)
}

// Hours of the day at which things happen, by the warehouse's clock.
const (
	shipHour    = 6
	putAwayHour = 7
	pinHour     = 8
	waveHour    = 12
	pickHour    = 14
	fetchHour   = 18
	receiveHour = 22
)

// planner makes a plan. It keeps the book that a stock keeper would, in pieces.
type planner struct {
	plan      plan
	rooms     []room
	places    map[string]int // SKU to its room
	arrivals  map[int][]int  // day to the rooms that get a delivery in its night
	due       map[int][]picking
	waiting   []waiting
	singles   int // orders of one line so far
	multiples int // orders of several
}

// newPlan plans those orders, which must be sorted by date, moved so that the last day of the
// history is `last`.
//
// The move is for the dates of batches: the engine's today is the real one, so goods of 2014 with
// a date to be used by would all be too old to be promised. With the last day yesterday, as it is
// on a new database, everything has happened in the past and what is left is still good. The
// history's last day is kept with the database, so that an interrupted replay has the same dates.
func newPlan(orders []OrderLine, last model.Date) *plan {
	p := &planner{arrivals: map[int][]int{}, due: map[int][]picking{}}
	p.plan.clock = sampleClock()
	p.plan.articles = articlesOf(orders)
	p.places = bySKU(p.plan.articles)
	if len(orders) == 0 {
		return &p.plan
	}
	begin := orders[0].OrderedOn
	days := begin.DaysUntil(orders[len(orders)-1].OrderedOn) + 1
	first := last.Plus(1 - days)
	p.stockUp(first.Plus(-1))
	byDay := make([][]OrderLine, days)
	for _, line := range orders {
		byDay[begin.DaysUntil(line.OrderedOn)] = append(byDay[begin.DaysUntil(line.OrderedOn)], line)
	}
	p.plan.days = make([]day, days+1)
	for n, lines := range byDay {
		p.plan.days[n].on = first.Plus(n)
		p.planMorning(n)
		p.planSurprises(n)
		p.planWave(n, byOrder(lines, func(line OrderLine) string { return line.OrderID }))
		p.planEvening(n)
	}
	p.plan.days[days].on, p.plan.days[days].isToday = first.Plus(days), true
	p.planMorning(days)
	p.plan.days[days].levels = levelsOf(p.plan.articles)
	p.planTroubles(&p.plan.days[days])
	p.planNotices(&p.plan.days[days], days)
	return &p.plan
}

// stockUp fills the warehouse before the first day.
func (p *planner) stockUp(on model.Date) {
	p.rooms = make([]room, len(p.plan.articles))
	for i, article := range p.plan.articles {
		room := newRoom(article)
		for _, stowed := range room.open(on) {
			p.plan.opening = append(p.plan.opening, p.openingLine(article, stowed, on))
		}
		p.rooms[i] = room
	}
}

func (p *planner) openingLine(article article, stowed stowed, on model.Date) model.ReceiveLine {
	line := p.receiveLine(article, stowed.receipt, on)
	line.Key = model.LineKey{JobType: openingJob, OrderID: article.sku, LineID: stowed.bin}
	line.Bin, line.At.Zone = stowed.bin, zoneOf(stowed.bin)
	line.Audit.Reason, line.Audit.Reference = "FOUND", "opening stock"
	return line
}

// receiveLine is a delivery at the dock.
func (p *planner) receiveLine(article article, receipt receipt, on model.Date) model.ReceiveLine {
	notice := "ASN-" + string(on)
	return model.ReceiveLine{
		Key: model.LineKey{JobType: receiveJob, OrderID: notice, LineID: article.sku},
		At: model.ZoneStockKey{Warehouse: Warehouse, Zone: dockZone, SKU: article.sku,
			Batch: receipt.batch, Pack: receipt.pack},
		Qty: model.Whole(receipt.qty), Bin: article.door(), ExpiresOn: receipt.expiresOn,
		ReceivedOn: on, Audit: p.plan.clock.audit("ASN", notice, on, receiveHour),
	}
}

// planMorning ships what was picked the day before, puts away what came in the night, opens the
// cases that were brought down, and starts what is due.
func (p *planner) planMorning(n int) {
	if n == 0 {
		return
	}
	today, before := &p.plan.days[n], &p.plan.days[n-1]
	today.pick = byOrder(p.due[n], func(picking picking) string { return picking.OrderID })
	for _, picking := range before.pick {
		today.ship = append(today.ship, picking.OrderLine)
	}
	today.lacking = p.lacking(n)
	for _, receive := range before.receive {
		room := p.room(receive.At.SKU)
		for part, stowed := range room.putAway() {
			today.putAway = append(today.putAway, model.MoveLine{
				Key: model.TaskKey{JobType: putAwayJob, Revision: int64(part),
					TaskID: receive.Key.OrderID + "/" + room.sku},
				From: receive.At.InBin(receive.Bin), ToBin: stowed.bin, Qty: model.Whole(stowed.qty),
				Audit: p.plan.clock.audit("ASN", receive.Key.OrderID, today.on, putAwayHour)})
		}
	}
	for _, fetch := range before.fetch {
		room := p.room(fetch.From.SKU)
		at := fetch.From
		at.Bin = fetch.ToBin
		today.open = append(today.open, model.RepackLine{
			Key: model.TaskKey{JobType: openJob, TaskID: fetch.Key.TaskID}, At: at, Qty: model.One,
			Audit: p.plan.clock.audit("REPLENISH", "", today.on, putAwayHour)})
		room.openCase()
	}
}

// lacking are the orders that are due and have a line that is not held whole.
func (p *planner) lacking(n int) (orders []string) {
	add := func(order string) {
		if !slices.Contains(orders, order) {
			orders = append(orders, order)
		}
	}
	for _, picking := range p.due[n] {
		if picking.held < picking.Pieces {
			add(picking.OrderID)
		}
	}
	for _, waiting := range p.waiting {
		if waiting.due == n {
			add(waiting.OrderID)
		}
	}
	return orders
}

func (p *planner) room(sku string) *room { return &p.rooms[p.places[sku]] }

// planWave takes the day's orders as the engine will: each line gets what there is, and those that
// got nothing are asked for again on the days before they are due, ahead of others. A line is
// picked on the day it ships, the day after the order at the earliest.
func (p *planner) planWave(n int, lines []OrderLine) {
	today := &p.plan.days[n]
	today.orders = lines
	wanted := slices.DeleteFunc(p.waiting, func(w waiting) bool { return w.due <= n })
	for _, waiting := range wanted {
		today.again = append(today.again, waiting.OrderLine)
	}
	totes := p.totesOf(lines)
	for _, line := range lines {
		due := 1
		if line.ShipOn != "" {
			due = max(due, line.OrderedOn.DaysUntil(line.ShipOn))
		}
		wanted = append(wanted,
			waiting{picking: picking{OrderLine: line, tote: totes[line.OrderID]}, due: n + due})
	}
	p.waiting = nil
	for _, waiting := range wanted {
		home, over := p.room(waiting.SKU).take(waiting.Pieces)
		if home+over == 0 {
			p.waiting = append(p.waiting, waiting)
			continue
		}
		waiting.held, waiting.atHome = home+over, home
		today.held += waiting.held
		p.due[waiting.due] = append(p.due[waiting.due], waiting.picking)
	}
}

// totesOf gives each order of several lines a tote, and each of a single line the cell of one.
func (p *planner) totesOf(lines []OrderLine) map[string]string {
	count := map[string]int{}
	for _, line := range lines {
		count[line.OrderID]++
	}
	given := map[string]string{}
	for _, line := range lines {
		switch {
		case given[line.OrderID] != "":
		case count[line.OrderID] == 1:
			given[line.OrderID] = toteCell(p.singles)
			p.singles++
		default:
			given[line.OrderID] = tote(p.multiples)
			p.multiples++
		}
	}
	return given
}

// planEvening brings cases down where loose pieces run low, and buys more of what runs low
// altogether.
func (p *planner) planEvening(n int) {
	today := &p.plan.days[n]
	for i := range p.rooms {
		room := &p.rooms[i]
		if batch, ok := room.fetchCase(); ok {
			today.fetch = append(today.fetch, model.MoveLine{
				Key: model.TaskKey{JobType: fetchJob, TaskID: string(today.on) + "/" + room.sku},
				From: model.BinStockKey{Warehouse: Warehouse, Bin: room.bulk, SKU: room.sku,
					Batch: batch, Pack: casePack}, ToBin: room.home, Qty: model.One,
				Audit: p.plan.clock.audit("REPLENISH", "", today.on, fetchHour)})
		}
		if lead, buys := room.buy(); buys {
			p.arrivals[n+lead] = append(p.arrivals[n+lead], i)
		}
	}
	for _, i := range p.arrivals[n] {
		room := &p.rooms[i]
		today.receive = append(today.receive,
			p.receiveLine(room.article, room.deliver(today.on), today.on))
	}
}
