package stocktest

import (
	"maps"
	"slices"

	"tierstock/model"
)

// This file draws the lines of each verb.

func (d *drawn) receive() model.ReceiveLine {
	item := d.item()
	line := model.ReceiveLine{Key: d.line(), Qty: 3 * d.qty(), At: model.ZoneStockKey{
		Warehouse: d.code, Zone: d.zone(), Owner: item.Owner, SKU: item.SKU, Batch: d.batch(),
		Pack: d.pack(item.SKU)}}
	// Keys of receipts are plenty, so that there is stock.
	line.Key.LineID = d.text("lineID", "1", "2", "3", "4", "5")
	if d.chance(70, "toBin") {
		line.Bin = d.bin()
		if bin := d.site.bins[line.Bin]; bin != nil && !d.chance(5, "wrongZone") {
			line.At.Zone = bin.Zone
		}
	}
	if d.chance(50, "dated") {
		line.ExpiresOn = d.date(line.At.Batch)
	}
	if d.chance(40, "receivedOn") {
		line.ReceivedOn = d.w.today.Plus(-d.number("daysAgo", 1, 5))
	}
	return line
}

func (d *drawn) reserve() model.ReserveLine {
	line := model.ReserveLine{Key: d.line(), Warehouse: d.code, Item: d.item(), Qty: d.qty(),
		AllowPartial: d.chance(40, "allowPartial"),
		Strategy:     d.strategy()}
	if d.chance(85, "likeRow") {
		row := d.row()
		line.Item, line.Pack = row.Item(), row.Pack
	}
	if line.Strategy == "FULL_PACKS" && d.chance(90, "anyPack") {
		line.Pack = ""
		line.Qty *= 2
	}
	if d.chance(10, "zones") {
		line.Zones = []string{d.zone(), d.zone()}
	}
	if d.chance(10, "ofBatch") {
		line.Batch = new(d.batch())
	}
	if d.chance(10, "life") {
		line.MinRemainingDays = d.number("minRemainingDays", -1, 10)
	}
	if d.chance(40, "ttl") {
		line.TTLSeconds = new(int64(d.number("ttlSeconds", 0, 20) * 3600))
	}
	if d.chance(2, "noStrategy") {
		line.Strategy = "NONE"
	}
	return line
}

func (d *drawn) strategy() string {
	return d.text("strategy", "", "", "FEFO", "FIFO", "LIFO", "FULL_PACKS", "FULL_PACKS", "NEAREST",
		"FEWEST_BINS", "EMPTY_BIN")
}

func (d *drawn) release() model.ReleaseLine {
	line := model.ReleaseLine{Key: d.line(), Warehouse: d.code, Qty: d.maybeQty()}
	of := line.Key
	if d.chance(70, "named") {
		of = d.promise()
		line.Reservation = &of
	}
	line.SKU = d.hint(of)
	return line
}

func (d *drawn) extend() model.ExtendLine {
	return model.ExtendLine{Key: d.line(), Warehouse: d.code, Reservation: d.promise(),
		TTLSeconds: int64(d.number("ttlSeconds", 0, 20) * 3600)}
}

func (d *drawn) deduct() model.DeductLine {
	line := model.DeductLine{Key: d.line(), Warehouse: d.code, Qty: d.maybeQty(),
		CloseRemainder: d.chance(20, "closeRemainder")}
	of := line.Key
	if d.chance(90, "named") {
		of = d.promise()
		line.Reservation = &of
	}
	line.SKU = d.hint(of)
	return line
}

func (d *drawn) restore() model.RestoreLine {
	line := model.RestoreLine{Key: d.line(), Warehouse: d.code}
	if d.chance(70, "part") {
		line.Qty = new(model.Whole(int64(d.number("part", 1, 3))))
	}
	if d.chance(35, "pick") {
		key := among(d, "pick", d.keysOf(model.Pick), func() model.Key {
			return d.task().For(d.code, model.Pick)
		})
		line.Pick = &model.TaskKey{JobType: key.JobType, TaskID: key.TaskID, Revision: key.Revision}
	}
	if line.Pick == nil && d.chance(80, "named") || d.chance(2, "both") {
		key := among(d, "deduction", d.keysOf(model.Deduct), func() model.Key {
			return d.line().For(d.code, model.Deduct)
		})
		line.Deduction = new(key.Line())
	}
	if d.chance(10, "hint") {
		line.SKU = "PLAIN"
	}
	return line
}

func (d *drawn) pin() model.PinLine {
	line := model.PinLine{Key: d.task(), Warehouse: d.code, Reservation: d.promise(),
		Qty: d.maybeQty()}
	if line.Qty == nil && d.chance(60, "part") {
		line.Qty = new(model.Whole(int64(d.number("part", 1, 3))))
	}
	if d.chance(30, "ofBin") {
		line.Bin = d.heldRow(line.Reservation).Bin
	}
	return line
}

func (d *drawn) unpin() model.UnpinLine {
	var names []string
	for _, work := range d.site.works {
		if work.pinned > 0 || d.chance(20, "done") {
			names = append(names, work.name)
		}
	}
	return model.UnpinLine{Key: d.task(), Warehouse: d.code,
		Task: among(d, "task", names, func() string { return d.text("noTask", "7", "no number") })}
}

// pick takes from where the reservation has a pin, or holds something, or from anywhere.
func (d *drawn) pick() model.PickLine {
	line := model.PickLine{Key: d.task(), Reservation: d.promise(), Short: d.chance(25, "short")}
	line.From = d.heldRow(line.Reservation)
	line.Qty = d.upTo(d.openOn(line.Reservation, line.From))
	if d.chance(40, "toBin") {
		line.ToBin = d.text("toBin", "TOTE", "TOTE", d.bin())
	}
	return line
}

// openOn is what a promise holds open over a bin row.
func (d *drawn) openOn(of model.LineKey, row model.BinStockKey) model.Quantity {
	p := d.site.promises[of]
	if p == nil || d.site.bins[row.Bin] == nil {
		return 0
	}
	if h := p.holdOn(d.site.above(row)); h != nil {
		return h.open()
	}
	return 0
}

// upTo is mostly a whole quantity up to that much.
func (d *drawn) upTo(most model.Quantity) model.Quantity {
	if most < model.One || d.chance(10, "anyQty") {
		return d.qty()
	}
	return model.Whole(int64(d.number("upTo", 1, min(int(most/model.One), 20))))
}

func (d *drawn) move() model.MoveLine {
	line := model.MoveLine{Key: d.task(), From: d.row(), ToBin: d.bin(), Qty: d.qty()}
	switch d.number("kind", 0, 3) {
	case 0:
		line.Frozen = true
		line.From = among(d, "frozen", d.frozen(), d.row)
	case 1:
		line.WithReservation = new(d.promise())
		line.From = d.heldRow(*line.WithReservation)
		line.Qty = d.upTo(d.openOn(*line.WithReservation, line.From))
	}
	if d.chance(2, "both") {
		line.Frozen = true
	}
	return line
}

// heldRow is a bin row of what a reservation holds, or any.
func (d *drawn) heldRow(of model.LineKey) model.BinStockKey {
	var rows []model.BinStockKey
	if p := d.site.promises[of]; p != nil {
		for _, hold := range p.holds {
			if hold.open() > 0 {
				rows = append(rows, d.site.freeBins(hold.row)...)
			}
		}
		for _, pin := range d.site.pins(p) {
			rows = append(rows, pin.row)
		}
	}
	return among(d, "held", rows, d.row)
}

func (d *drawn) adjust() model.AdjustLine {
	line := model.AdjustLine{Key: d.task(), At: d.row(), Delta: d.qty(),
		Frozen: d.chance(20, "frozen")}
	if d.chance(50, "down") {
		line.Delta = -line.Delta
	}
	if d.chance(20, "guard") {
		line.ExpectedOnHand = new(d.site.binHas(line.At).OnHand)
		if d.chance(20, "stale") {
			line.ExpectedOnHand = new(model.Whole(3))
		}
	}
	return line
}

func (d *drawn) count() model.CountLine {
	line := model.CountLine{Key: d.task(), At: d.row()}
	var asked []model.BinStockKey
	for _, work := range d.site.works {
		if work.kind == model.TaskCount && work.state == model.TaskOpen {
			asked = append(asked, work.row)
		}
	}
	if len(asked) > 0 && d.chance(60, "asked") {
		line.At = among(d, "asked", asked, d.row)
	}
	line.Counted = d.site.binHas(line.At).OnHand + model.Whole(int64(d.number("off", -3, 3)))
	if d.chance(20, "anything") {
		line.Counted = d.qty()
	}
	if row := d.site.binRows[line.At]; row != nil {
		line.ExpectedVersion = row.version
	}
	if d.chance(5, "stale") {
		line.ExpectedVersion++
	}
	return line
}

func (d *drawn) freeze() model.FreezeLine {
	return model.FreezeLine{Key: d.task(), At: d.row(), Qty: d.qty()}
}

func (d *drawn) block() model.BlockLine {
	return model.BlockLine{Key: d.task(), Warehouse: d.code, Bin: d.bin()}
}

func (d *drawn) unblock() model.BlockLine {
	return model.BlockLine{Key: d.task(), Warehouse: d.code,
		Bin: among(d, "blocked", d.blocked(), d.bin)}
}

func (d *drawn) blocked() (codes []string) {
	for _, code := range slices.Sorted(maps.Keys(d.site.bins)) {
		if d.site.bins[code].Blocked {
			codes = append(codes, code)
		}
	}
	return codes
}

func (d *drawn) unfreeze() model.FreezeLine {
	return model.FreezeLine{Key: d.task(), Qty: d.qty(), At: among(d, "frozen", d.frozen(), d.row)}
}

func (d *drawn) frozen() []model.BinStockKey {
	return d.rows(func(row *binRow) bool { return row.Frozen > 0 })
}

func (d *drawn) repack() model.RepackLine {
	line := model.RepackLine{Key: d.task(), Qty: d.qty()}
	line.At = among(d, "packed", slices.DeleteFunc(d.stocked(), func(row model.BinStockKey) bool {
		return row.SKU == "PLAIN"
	}), d.row)
	line.ToPack = d.pack(line.At.SKU)
	if d.chance(40, "nines") {
		line.Qty = model.Whole(int64(9 * d.number("nines", 1, 2)))
	}
	return line
}

func (d *drawn) report() model.ExceptionLine {
	line := model.ExceptionLine{Key: d.task(), At: d.row(), Qty: d.maybeQty()}
	line.Kind = model.ExceptionKind(d.text("kind", "SHORT_PICK", "BIN_EMPTY", "OVERAGE", "DAMAGED",
		"WRONG_SKU", "WRONG_BATCH", "BIN_BLOCKED", "OTHER"))
	var pinned []model.BinStockKey
	for _, work := range d.site.works {
		if work.pinned > 0 {
			pinned = append(pinned, work.row)
		}
	}
	if len(pinned) > 0 && d.chance(60, "pinned") {
		line.At = among(d, "pinned", pinned, d.row)
	}
	if d.chance(10, "named") {
		line.Reservation = new(d.promise())
	}
	for _, work := range d.site.works {
		if work.pinned > 0 && work.row == line.At && d.chance(30, "namedPin") {
			line.Reservation = work.promise
		}
	}
	return line
}
