package graphql

import "tierstock/model"

func addWorkTypes(b *builder) {
	object(b, "Reservation", "held is what was once taken for it; open = held - deducted - "+
		"released. state says what ended the last of it. sku is \"\" on one that was cancelled "+
		"before it was made.",
		[]column[model.Reservation]{
			{"id", "ID!", func(r model.Reservation) any { return decimalID(r.ID) }},
			{"jobType", "Code!", func(r model.Reservation) any { return r.Key.JobType }},
			{"orderId", "Code!", func(r model.Reservation) any { return r.Key.OrderID }},
			{"lineId", "Code!", func(r model.Reservation) any { return r.Key.LineID }},
			{"revision", "Long!", func(r model.Reservation) any { return r.Key.Revision }},
			{"warehouse", "Code!", func(r model.Reservation) any { return r.Warehouse }},
			{"owner", "String!", func(r model.Reservation) any { return r.Item.Owner }},
			{"sku", "String!", func(r model.Reservation) any { return r.Item.SKU }},
			{"requested", "Decimal!", func(r model.Reservation) any { return r.Requested }},
			{"held", "Decimal!", func(r model.Reservation) any { return r.Held }},
			{"open", "Decimal!", func(r model.Reservation) any { return r.Open }},
			{"deducted", "Decimal!", func(r model.Reservation) any { return r.Deducted }},
			{"released", "Decimal!", func(r model.Reservation) any { return r.Released }},
			{"state", "ReservationState!", func(r model.Reservation) any { return string(r.State) }},
			{"priority", "Int!", func(r model.Reservation) any { return r.Priority }},
			{"expiresAt", "DateTime", func(r model.Reservation) any { return orNull(r.ExpiresAt) }},
			{"holds", "[Hold!]!", func(r model.Reservation) any { return orEmpty(r.Holds) }},
			{"createdAt", "DateTime!", func(r model.Reservation) any { return r.CreatedAt }},
		})
	object(b, "Hold", "reserved is what is still open on that row, pinned the part of it that is "+
		"tied to bins.",
		[]column[model.Hold]{
			{"zone", "Code!", func(h model.Hold) any { return h.Zone }},
			{"batch", "String!", func(h model.Hold) any { return h.Batch }},
			{"pack", "String!", func(h model.Hold) any { return h.Pack }},
			{"reserved", "Decimal!", func(h model.Hold) any { return h.Reserved }},
			{"pinned", "Decimal!", func(h model.Hold) any { return h.Pinned }},
			{"deducted", "Decimal!", func(h model.Hold) any { return h.Deducted }},
			{"released", "Decimal!", func(h model.Hold) any { return h.Released }},
		})
	object(b, "Task", "Floor work: goods to pick, a row to count. orderJobType, orderId, "+
		"lineId and orderRevision are the key of the reservation that it is for.",
		[]column[model.Task]{
			{"id", "ID!", func(t model.Task) any { return decimalID(t.ID) }},
			{"kind", "TaskKind!", func(t model.Task) any { return string(t.Kind) }},
			{"jobType", "Code!", func(t model.Task) any { return t.Key.JobType }},
			{"taskId", "Code!", func(t model.Task) any { return t.Key.TaskID }},
			{"state", "TaskState!", func(t model.Task) any { return string(t.State) }},
			{"orderId", "String!", func(t model.Task) any { return t.OrderID }},
			{"lineId", "String!", func(t model.Task) any { return t.LineID }},
			{"orderJobType", "String!", func(t model.Task) any { return t.OrderJobType }},
			{"orderRevision", "Long!", func(t model.Task) any { return t.OrderRevision }},
			{"zone", "Code!", func(t model.Task) any { return t.Zone }},
			{"bin", "Code!", func(t model.Task) any { return t.Bin }},
			{"toBin", "String!", func(t model.Task) any { return t.ToBin }},
			{"owner", "String!", func(t model.Task) any { return t.Item.Owner }},
			{"sku", "Code!", func(t model.Task) any { return t.Item.SKU }},
			{"batch", "String!", func(t model.Task) any { return t.Batch }},
			{"pack", "String!", func(t model.Task) any { return t.Pack }},
			{"qty", "Decimal!", func(t model.Task) any { return t.Qty }},
			{"done", "Decimal!", func(t model.Task) any { return t.Done }},
			{"pickSequence", "Int!", func(t model.Task) any { return t.PickSequence }},
		})
}

// orEmpty is an empty list for none: a list is never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
