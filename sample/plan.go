package sample

import (
	"time"

	"tierstock/model"
)

// plan is all that will be asked of the engine, day by day, as it follows from the orders alone.
type plan struct {
	clock    clock
	articles []article
	opening  []model.ReceiveLine
	days     []day
}

// day is one day of the warehouse, in two rounds. What is in one round touches different rows, or
// changes them in ways whose order does not matter; so a day that was interrupted, and is played
// again from its morning, ends the same.
type day struct {
	on model.Date

	// Morning: the truck leaves with what was picked the day before, what came in the night is put
	// away, the pieces of the cases opened the day before are brought to where they are picked,
	// and what is due is pinned to bins.
	ship    []OrderLine
	putAway []model.MoveLine
	bring   []model.MoveLine
	pick    []picking
	// Then the day's orders are promised in one wave, what was pinned is picked into totes, cases
	// are opened for tomorrow, and the night's deliveries come to the dock. The wave looks only
	// where loose pieces lie, so that neither of these last two is promised by chance.
	orders  []OrderLine
	open    []model.RepackLine
	receive []model.ReceiveLine

	// isToday marks the day after the history, of which only the morning is played: the floor has
	// work to do when people look.
	isToday bool
	// held is how many pieces the wave is expected to hold.
	held int64
}

// picking is an order line that is picked, and the tote of its order.
type picking struct {
	OrderLine

	tote string
}

// The jobs that keys are named after.
const (
	orderJob   = "ORDER"
	openingJob = "OPENING"
	receiveJob = "ASN"
	putAwayJob = "PUTAWAY"
	openJob    = "OPEN-CASE"
	bringJob   = "REPLENISH"
	pickJob    = "PICK"
)

// clock is the warehouse's own.
type clock struct{ zone *time.Location }

func sampleClock() clock {
	return clock{model.Warehouse{Timezone: warehouseZone}.Location()}
}

// audit says why something is done, and that it is done at that hour of that day.
func (c clock) audit(reason model.Reason, reference string, on model.Date, hour int) model.Audit {
	day, _ := time.ParseInLocation(time.DateOnly, string(on), c.zone)
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, c.zone)
	return model.Audit{Reason: reason, Reference: reference, OccurredAt: model.InstantOf(at)}
}

// Hours of the day at which things happen, by the warehouse's clock.
const (
	shipHour    = 6
	putAwayHour = 7
	pinHour     = 8
	waveHour    = 12
	pickHour    = 14
	openHour    = 18
	receiveHour = 22
)

// planner makes a plan. It keeps the book that a stock keeper would, in pieces.
type planner struct {
	plan      plan
	rooms     []room
	places    map[string]int // SKU to its room
	arrivals  map[int][]int  // day to the rooms that get a delivery in its night
	due       map[int][]picking
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
	first := plusDays(last, 1-days)
	p.stockUp(plusDays(first, -1))
	byDay := make([][]OrderLine, days)
	for _, line := range orders {
		byDay[begin.DaysUntil(line.OrderedOn)] = append(byDay[begin.DaysUntil(line.OrderedOn)], line)
	}
	p.plan.days = make([]day, days+1)
	for n, lines := range byDay {
		p.plan.days[n].on = plusDays(first, n)
		p.planMorning(n)
		p.planWave(n, lines)
		p.planEvening(n)
	}
	p.plan.days[days].on, p.plan.days[days].isToday = plusDays(first, days), true
	p.planMorning(days)
	return &p.plan
}

// stockUp fills the warehouse before the first day.
func (p *planner) stockUp(on model.Date) {
	p.rooms = make([]room, len(p.plan.articles))
	for i, article := range p.plan.articles {
		room := newRoom(article)
		loose, cases := room.open(on)
		for _, receipt := range []receipt{loose, cases} {
			if receipt.qty > 0 {
				p.plan.opening = append(p.plan.opening, p.openingLine(article, receipt, on))
			}
		}
		p.rooms[i] = room
	}
}

func (p *planner) openingLine(article article, receipt receipt, on model.Date) model.ReceiveLine {
	line := p.receiveLine(article, receipt, on)
	line.Key = model.LineKey{JobType: openingJob, OrderID: article.sku, LineID: "LOOSE"}
	line.Bin = article.home
	if receipt.pack == casePack {
		line.Key.LineID, line.Bin = casePack, article.bulk
	}
	line.At.Zone = zoneOf(line.Bin)
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

// planMorning ships what was picked the day before, puts away what came in the night, and pins
// what is due.
func (p *planner) planMorning(n int) {
	if n == 0 {
		return
	}
	today, before := &p.plan.days[n], &p.plan.days[n-1]
	today.pick = p.due[n]
	for _, picking := range before.pick {
		today.ship = append(today.ship, picking.OrderLine)
	}
	for _, receive := range before.receive {
		room := p.room(receive.At.SKU)
		to := room.home
		if receive.At.Pack == casePack {
			to = room.bulk
		}
		today.putAway = append(today.putAway, model.MoveLine{
			Key:  model.TaskKey{JobType: putAwayJob, TaskID: receive.Key.OrderID + "/" + room.sku},
			From: receive.At.InBin(receive.Bin), ToBin: to, Qty: receive.Qty,
			Audit: p.plan.clock.audit("ASN", receive.Key.OrderID, today.on, putAwayHour)})
		room.putAway()
	}
	for _, open := range before.open {
		room := p.room(open.At.SKU)
		from := open.At
		from.Pack = ""
		today.bring = append(today.bring, model.MoveLine{
			Key:  model.TaskKey{JobType: bringJob, TaskID: open.Key.TaskID},
			From: from, ToBin: room.home, Qty: model.Whole(room.caseSize),
			Audit: p.plan.clock.audit("REPLENISH", "", today.on, putAwayHour)})
		room.bring()
	}
}

func (p *planner) room(sku string) *room { return &p.rooms[p.places[sku]] }

// planWave takes the day's orders as the engine will: each line gets what there is. A line is
// picked on the day it ships, the day after the order at the earliest.
func (p *planner) planWave(n int, lines []OrderLine) {
	today := &p.plan.days[n]
	today.orders = lines
	totes := p.totesOf(lines)
	for _, line := range lines {
		today.held += p.room(line.SKU).take(line.Pieces)
		due := 1
		if line.ShipOn != "" {
			due = max(due, line.OrderedOn.DaysUntil(line.ShipOn))
		}
		p.due[n+due] = append(p.due[n+due], picking{line, totes[line.OrderID]})
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

// planEvening opens cases where loose pieces run low, and buys more of what runs low altogether.
func (p *planner) planEvening(n int) {
	today := &p.plan.days[n]
	for i := range p.rooms {
		room := &p.rooms[i]
		if lot, ok := room.openCase(); ok {
			today.open = append(today.open, model.RepackLine{
				Key: model.TaskKey{JobType: openJob, TaskID: string(today.on) + "/" + room.sku},
				At: model.BinStockKey{Warehouse: Warehouse, Bin: room.bulk, SKU: room.sku,
					Batch: lot, Pack: casePack},
				Qty: model.One, Audit: p.plan.clock.audit("REPLENISH", "", today.on, openHour)})
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

func plusDays(date model.Date, days int) model.Date {
	at, _ := time.Parse(time.DateOnly, string(date))
	return model.Date(at.AddDate(0, 0, days).Format(time.DateOnly))
}
