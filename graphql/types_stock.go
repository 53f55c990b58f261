package graphql

import (
	"strconv"

	"tierstock/model"
	"tierstock/tier2"
)

// zoneRow is a tier-2 row in an answer. written is what a write answered with it, nil in a read.
type zoneRow struct {
	model.ZoneStock
	written *model.Result
}

func addStockTypes(b *builder, bins, incoming field) {
	object(b, "WarehouseStock", "Tier 1: never stored; tier 2 summed by SKU and owner, in base "+
		"units, rounded down to six digits in this view only. "+amountsWords,
		[]column[tier2.WarehouseStock]{
			{"warehouse", "Code!", func(s tier2.WarehouseStock) any { return s.Warehouse }},
			{"owner", "String!", func(s tier2.WarehouseStock) any { return s.Item.Owner }},
			{"sku", "Code!", func(s tier2.WarehouseStock) any { return s.Item.SKU }},
			{"onHand", "Decimal!", func(s tier2.WarehouseStock) any { return s.OnHand }},
			{"reserved", "Decimal!", func(s tier2.WarehouseStock) any { return s.Reserved }},
			{"frozen", "Decimal!", func(s tier2.WarehouseStock) any { return s.Frozen }},
			{"available", "Decimal!", func(s tier2.WarehouseStock) any { return s.Available() }},
			{"promisable", "Decimal!", func(s tier2.WarehouseStock) any { return s.Promisable }},
		}, incoming)
	object(b, "ZoneStock", "A tier-2 row. "+amountsWords,
		[]column[zoneRow]{
			{"id", "ID!", func(s zoneRow) any { return decimalID(s.ID) }},
			{"warehouse", "Code!", func(s zoneRow) any { return s.Key.Warehouse }},
			{"zone", "Code!", func(s zoneRow) any { return s.Key.Zone }},
			{"owner", "String!", func(s zoneRow) any { return s.Key.Owner }},
			{"sku", "Code!", func(s zoneRow) any { return s.Key.SKU }},
			{"batch", "String!", func(s zoneRow) any { return s.Key.Batch }},
			{"pack", "String!", func(s zoneRow) any { return s.Key.Pack }},
			{"expiresOn", "Date", func(s zoneRow) any { return orNull(s.ExpiresOn) }},
			{"receivedOn", "Date", func(s zoneRow) any { return orNull(s.ReceivedOn) }},
			{"onHold", "Boolean!", func(s zoneRow) any { return s.OnHold }},
			{"onHand", "Decimal!", func(s zoneRow) any { return s.OnHand }},
			{"reserved", "Decimal!", func(s zoneRow) any { return s.Reserved }},
			{"frozen", "Decimal!", func(s zoneRow) any { return s.Frozen }},
			{"available", "Decimal!", func(s zoneRow) any { return s.Available() }},
			{"promisable", "Decimal!", func(s zoneRow) any { return s.Promisable }},
			{"updatedAt", "DateTime!", func(s zoneRow) any { return s.UpdatedAt }},
		}, bins)
	object(b, "BinStock", "A tier-3 row. version rises when onHand changes, and only then, so "+
		"that a count is not upset by holds and pins.",
		[]column[model.BinStock]{
			{"id", "ID!", func(s model.BinStock) any { return decimalID(s.ID) }},
			{"warehouse", "Code!", func(s model.BinStock) any { return s.Key.Warehouse }},
			{"zone", "Code!", func(s model.BinStock) any { return s.Zone }},
			{"bin", "Code!", func(s model.BinStock) any { return s.Key.Bin }},
			{"owner", "String!", func(s model.BinStock) any { return s.Key.Owner }},
			{"sku", "Code!", func(s model.BinStock) any { return s.Key.SKU }},
			{"batch", "String!", func(s model.BinStock) any { return s.Key.Batch }},
			{"pack", "String!", func(s model.BinStock) any { return s.Key.Pack }},
			{"onHand", "Decimal!", func(s model.BinStock) any { return s.OnHand }},
			{"reserved", "Decimal!", func(s model.BinStock) any { return s.Reserved }},
			{"frozen", "Decimal!", func(s model.BinStock) any { return s.Frozen }},
			{"available", "Decimal!", func(s model.BinStock) any { return s.Available() }},
			{"version", "Long!", func(s model.BinStock) any { return s.Version }},
			{"updatedAt", "DateTime!", func(s model.BinStock) any { return s.UpdatedAt }},
		})
}

const amountsWords = `available = onHand - reserved - frozen, in every view and filter. ` +
	`promisable is the part of it that a plain reserve could take today: in an allocatable ` +
	`zone, not expired, not on hold. owner, batch and pack are "" for none.`

func addLedgerTypes(b *builder) {
	object(b, "Flow", "Append-only. Each row is one leg of one effect on one stock row, under the "+
		"key of the call that made it; reservation is what it acted on. rowSeq numbers a stock "+
		"row's flows: after = the after before it + delta. A REPAIR restates its row: its after "+
		"starts the chain anew. seq is null in the answer to a write; it is given a little later.",
		append(flowColumns(), flowAmounts()...))
}

func flowColumns() []column[model.Flow] {
	return []column[model.Flow]{
		{"id", "ID!", func(f model.Flow) any { return f.ID }},
		{"seq", "Long", func(f model.Flow) any { return orNull(f.Seq) }},
		{"rowSeq", "Long!", func(f model.Flow) any { return f.RowSeq }},
		{"tier", "Tier!", func(f model.Flow) any { return string(f.Tier) }},
		{"action", "Action!", func(f model.Flow) any { return string(f.Key.Action) }},
		{"leg", "Int!", func(f model.Flow) any { return f.Leg }},
		{"jobType", "Code!", func(f model.Flow) any { return f.Key.JobType }},
		{"orderId", "String!", func(f model.Flow) any { return f.Key.OrderID }},
		{"lineId", "String!", func(f model.Flow) any { return f.Key.LineID }},
		{"taskId", "String!", func(f model.Flow) any { return f.Key.TaskID }},
		{"revision", "Long!", func(f model.Flow) any { return f.Key.Revision }},
		{"reservation", "ID", func(f model.Flow) any {
			if f.Reservation == 0 {
				return nil
			}
			return decimalID(f.Reservation)
		}},
		{"warehouse", "Code!", func(f model.Flow) any { return f.Key.Warehouse }},
		{"zone", "Code!", func(f model.Flow) any { return f.Zone }},
		{"bin", "String!", func(f model.Flow) any { return f.Bin }},
		{"owner", "String!", func(f model.Flow) any { return f.Owner }},
		{"sku", "Code!", func(f model.Flow) any { return f.SKU }},
		{"batch", "String!", func(f model.Flow) any { return f.Batch }},
		{"pack", "String!", func(f model.Flow) any { return f.Pack }},
		{"reason", "Reason", func(f model.Flow) any { return orNull(string(f.Audit.Reason)) }},
		{"reference", "String", func(f model.Flow) any { return orNull(f.Audit.Reference) }},
		{"note", "String", func(f model.Flow) any { return orNull(f.Audit.Note) }},
		{"actor", "String!", func(f model.Flow) any { return f.Actor }},
		{"occurredAt", "DateTime", func(f model.Flow) any { return orNull(f.Audit.OccurredAt) }},
		{"recordedAt", "DateTime!", func(f model.Flow) any { return f.RecordedAt }},
	}
}

func flowAmounts() []column[model.Flow] {
	return []column[model.Flow]{
		{"onHandDelta", "Decimal!", func(f model.Flow) any { return f.Delta.OnHand }},
		{"reservedDelta", "Decimal!", func(f model.Flow) any { return f.Delta.Reserved }},
		{"frozenDelta", "Decimal!", func(f model.Flow) any { return f.Delta.Frozen }},
		{"onHandAfter", "Decimal!", func(f model.Flow) any { return f.After.OnHand }},
		{"reservedAfter", "Decimal!", func(f model.Flow) any { return f.After.Reserved }},
		{"frozenAfter", "Decimal!", func(f model.Flow) any { return f.After.Frozen }},
	}
}

// decimalID is an id as callers see it.
func decimalID(id int64) string { return strconv.FormatInt(id, 10) }

// orNull is null for what is not there.
func orNull[T comparable](value T) any {
	var none T
	if value == none {
		return nil
	}
	return value
}
