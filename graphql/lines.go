package graphql

import "tierstock/model"

// What callers write, as the lines of the vocabulary.

func lineKey(v values) model.LineKey {
	return model.LineKey{JobType: v.text("jobType"), OrderID: v.text("orderId"),
		LineID: v.text("lineId"), Revision: v.long("revision")}
}

// lineKeyIf is nil where the key was left out.
func lineKeyIf(v values) *model.LineKey {
	if v == nil {
		return nil
	}
	key := lineKey(v)
	return &key
}

func taskKey(v values) model.TaskKey {
	return model.TaskKey{JobType: v.text("jobType"), TaskID: v.text("taskId"),
		Revision: v.long("revision")}
}

func taskKeyIf(v values) *model.TaskKey {
	if v == nil {
		return nil
	}
	key := taskKey(v)
	return &key
}

func zoneStockKey(v values) model.ZoneStockKey {
	return model.ZoneStockKey{Warehouse: v.text("warehouse"), Zone: v.text("zone"),
		Owner: v.text("owner"), SKU: v.text("sku"), Batch: v.text("batch"), Pack: v.text("pack")}
}

func binStockKey(v values) model.BinStockKey {
	return model.BinStockKey{Warehouse: v.text("warehouse"), Bin: v.text("bin"),
		Owner: v.text("owner"), SKU: v.text("sku"), Batch: v.text("batch"), Pack: v.text("pack")}
}

func audit(v values) model.Audit {
	return model.Audit{Reason: model.Reason(v.text("reason")), Reference: v.text("reference"),
		Note: v.text("note"), OccurredAt: v.instant("occurredAt")}
}

// wide is an Int as the vocabulary has it.
func wide(number *int) *int64 {
	if number == nil {
		return nil
	}
	wide := int64(*number)
	return &wide
}

func receiveLine(v values) model.ReceiveLine {
	return model.ReceiveLine{Key: lineKey(v.object("key")), At: zoneStockKey(v.object("at")),
		Qty: v.quantity("qty"), Bin: v.text("bin"), ExpiresOn: v.date("expiresOn"),
		ReceivedOn: v.date("receivedOn"), Audit: audit(v.object("audit"))}
}

func reserveLine(v values) model.ReserveLine {
	return model.ReserveLine{Key: lineKey(v.object("key")), Warehouse: v.text("warehouse"),
		Item: model.Item{Owner: v.text("owner"), SKU: v.text("sku")}, Qty: v.quantity("qty"),
		Zones: texts[string](v, "zones"), Batch: optional[string](v, "batch"),
		Pack: v.text("pack"), Strategy: v.text("strategy"),
		MinRemainingDays: v.number("minRemainingDays"), AllowPartial: v.flag("allowPartial"),
		Priority: int64(v.number("priority")), Channel: v.text("channel"),
		TTLSeconds: wide(optional[int](v, "ttlSeconds")), Audit: audit(v.object("audit"))}
}

func releaseLine(v values) model.ReleaseLine {
	return model.ReleaseLine{Key: lineKey(v.object("key")), Warehouse: v.text("warehouse"),
		Reservation: lineKeyIf(v.object("reservation")), SKU: v.text("sku"),
		Qty: optional[model.Quantity](v, "qty"), Audit: audit(v.object("audit"))}
}

func extendLine(v values) model.ExtendLine {
	return model.ExtendLine{Key: lineKey(v.object("key")), Warehouse: v.text("warehouse"),
		Reservation: lineKey(v.object("reservation")), TTLSeconds: int64(v.number("ttlSeconds")),
		Audit: audit(v.object("audit"))}
}

func deductLine(v values) model.DeductLine {
	return model.DeductLine{Key: lineKey(v.object("key")), Warehouse: v.text("warehouse"),
		Reservation: lineKeyIf(v.object("reservation")), SKU: v.text("sku"),
		Qty: optional[model.Quantity](v, "qty"), CloseRemainder: v.flag("closeRemainder"),
		Audit: audit(v.object("audit"))}
}

func restoreLine(v values) model.RestoreLine {
	return model.RestoreLine{Key: lineKey(v.object("key")), Warehouse: v.text("warehouse"),
		Deduction: lineKeyIf(v.object("deduction")), Pick: taskKeyIf(v.object("pick")),
		SKU: v.text("sku"), Qty: optional[model.Quantity](v, "qty"), Audit: audit(v.object("audit"))}
}

func pinLine(v values) model.PinLine {
	return model.PinLine{Key: taskKey(v.object("key")), Warehouse: v.text("warehouse"),
		Reservation: lineKey(v.object("reservation")), Bin: v.text("bin"),
		Qty: optional[model.Quantity](v, "qty"), Audit: audit(v.object("audit"))}
}

func unpinLine(v values) model.UnpinLine {
	return model.UnpinLine{Key: taskKey(v.object("key")), Warehouse: v.text("warehouse"),
		Task: v.text("task"), Audit: audit(v.object("audit"))}
}

func pickLine(v values) model.PickLine {
	return model.PickLine{Key: taskKey(v.object("key")),
		Reservation: lineKey(v.object("reservation")), From: binStockKey(v.object("from")),
		Qty: v.quantity("qty"), ToBin: v.text("toBin"), Short: v.flag("short"),
		Audit: audit(v.object("audit"))}
}

func moveLine(v values) model.MoveLine {
	return model.MoveLine{Key: taskKey(v.object("key")), From: binStockKey(v.object("from")),
		ToBin: v.text("toBin"), Qty: v.quantity("qty"),
		WithReservation: lineKeyIf(v.object("withReservation")), Frozen: v.flag("frozen"),
		Audit: audit(v.object("audit"))}
}

func adjustLine(v values) model.AdjustLine {
	return model.AdjustLine{Key: taskKey(v.object("key")), At: binStockKey(v.object("at")),
		Delta: v.quantity("delta"), Frozen: v.flag("frozen"),
		ExpectedOnHand: optional[model.Quantity](v, "expectedOnHand"),
		Audit:          audit(v.object("audit"))}
}

func countLine(v values) model.CountLine {
	return model.CountLine{Key: taskKey(v.object("key")), At: binStockKey(v.object("at")),
		Counted: v.quantity("counted"), ExpectedVersion: v.long("expectedVersion"),
		Audit: audit(v.object("audit"))}
}

func freezeLine(v values) model.FreezeLine {
	return model.FreezeLine{Key: taskKey(v.object("key")), At: binStockKey(v.object("at")),
		Qty: v.quantity("qty"), Audit: audit(v.object("audit"))}
}

func blockLine(v values) model.BlockLine {
	return model.BlockLine{Key: taskKey(v.object("key")), Warehouse: v.text("warehouse"),
		Bin: v.text("bin"), Audit: audit(v.object("audit"))}
}

func repackLine(v values) model.RepackLine {
	return model.RepackLine{Key: taskKey(v.object("key")), At: binStockKey(v.object("at")),
		ToPack: v.text("toPack"), Qty: v.quantity("qty"), Audit: audit(v.object("audit"))}
}

func exceptionLine(v values) model.ExceptionLine {
	return model.ExceptionLine{Key: taskKey(v.object("key")),
		Kind: model.ExceptionKind(v.text("kind")), At: binStockKey(v.object("at")),
		Qty: optional[model.Quantity](v, "qty"), Reservation: lineKeyIf(v.object("reservation")),
		Audit: audit(v.object("audit"))}
}
