package stocktest

import (
	"tierstock/model"
)

// This file draws the lines of each verb.

func (d *drawn) receive() model.ReceiveLine {
	item := d.item()
	line := model.ReceiveLine{Key: d.line(), Qty: d.qty(), At: model.ZoneStockKey{
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
		line.ReceivedOn = plusDays(d.w.today, -d.number("daysAgo", 1, 5))
	}
	return line
}

func (d *drawn) reserve() model.ReserveLine {
	line := model.ReserveLine{Key: d.line(), Warehouse: d.code, Item: d.item(), Qty: d.qty(),
		AllowPartial: d.chance(40, "allowPartial"),
		Strategy:     d.text("strategy", "", "", "FEFO", "FIFO", "LIFO", "FULL_PACKS", "FULL_PACKS")}
	if d.chance(60, "likeRow") {
		row := d.row()
		line.Item, line.Pack = row.Item(), row.Pack
	}
	if line.Strategy == "FULL_PACKS" && d.chance(80, "anyPack") {
		line.Pack = ""
		line.Qty *= 2
	}
	if d.chance(15, "zones") {
		line.Zones = []string{d.zone(), d.zone()}
	}
	if d.chance(20, "ofBatch") {
		line.Batch = new(d.batch())
	}
	if d.chance(15, "life") {
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
	line := model.RestoreLine{Key: d.line(), Warehouse: d.code, Qty: d.maybeQty()}
	if d.chance(35, "pick") {
		key := among(d, "pick", departedKeys(d, model.Pick), func() model.Key {
			return d.task().For(d.code, model.Pick)
		})
		line.Pick = &model.TaskKey{JobType: key.JobType, TaskID: key.TaskID, Revision: key.Revision}
	}
	if line.Pick == nil && d.chance(80, "named") || d.chance(2, "both") {
		key := among(d, "deduction", departedKeys(d, model.Deduct), func() model.Key {
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
	if d.chance(30, "ofBin") {
		line.Bin = d.bin()
	}
	return line
}

func (d *drawn) unpin() model.UnpinLine {
	var names []string
	for _, work := range d.site.works {
		names = append(names, work.name)
	}
	return model.UnpinLine{Key: d.task(), Warehouse: d.code,
		Task: among(d, "task", names, func() string { return d.text("noTask", "7", "no number") })}
}

// pick takes from where the reservation has a pin, or holds something, or from anywhere.
func (d *drawn) pick() model.PickLine {
	line := model.PickLine{Key: d.task(), Reservation: d.promise(), Qty: d.qty(),
		Short: d.chance(25, "short")}
	var rows []model.BinStockKey
	if p := d.site.promises[line.Reservation]; p != nil {
		for _, pin := range d.site.pins(p) {
			rows = append(rows, pin.row)
		}
		for _, hold := range p.holds {
			if hold.open() > 0 {
				rows = append(rows, d.site.freeBins(hold.row)...)
			}
		}
	}
	line.From = among(d, "from", rows, d.row)
	if d.chance(40, "toBin") {
		line.ToBin = d.text("toBin", "TOTE", "TOTE", d.bin())
	}
	return line
}

func (d *drawn) move() model.MoveLine {
	line := model.MoveLine{Key: d.task(), From: d.row(), ToBin: d.bin(), Qty: d.qty()}
	switch d.number("kind", 0, 3) {
	case 0:
		line.Frozen = true
		line.From = among(d, "frozen", d.rows(func(row *binRow) bool { return row.Frozen > 0 }), d.row)
	case 1:
		line.WithReservation = new(d.promise())
		line.From = d.heldRow(*line.WithReservation)
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
			rows = append(rows, d.site.freeBins(hold.row)...)
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
	if d.chance(60, "asked") {
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
	line := model.FreezeLine{Key: d.task(), At: d.row(), Qty: d.qty()}
	if d.chance(40, "frozen") {
		line.At = among(d, "frozen", d.rows(func(row *binRow) bool { return row.Frozen > 0 }), d.row)
	}
	return line
}

func (d *drawn) block() model.BlockLine {
	return model.BlockLine{Key: d.task(), Warehouse: d.code, Bin: d.bin()}
}

func (d *drawn) repack() model.RepackLine {
	line := model.RepackLine{Key: d.task(), At: d.row(), Qty: d.qty()}
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
	if d.chance(60, "pinned") {
		line.At = among(d, "pinned", pinned, d.row)
	}
	if d.chance(30, "named") {
		line.Reservation = new(d.promise())
	}
	return line
}
