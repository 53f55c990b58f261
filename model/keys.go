package model

// LineKey is the tier-2 idempotency key: an order line, and which time it asks.
type LineKey struct {
	JobType, OrderID, LineID string
	Revision                 int64
}

// TaskKey is the tier-3 idempotency key: a task, and which time it reports.
type TaskKey struct {
	JobType, TaskID string
	Revision        int64
}

// Key names one effect, for ever. Order and line, or task, are set; the others are "".
type Key struct {
	Warehouse                        string
	Action                           Action
	JobType, OrderID, LineID, TaskID string
	Revision                         int64
}

// For is the key of that action on an order line.
func (k LineKey) For(warehouse string, action Action) Key {
	return Key{Warehouse: warehouse, Action: action, JobType: k.JobType, OrderID: k.OrderID,
		LineID: k.LineID, Revision: k.Revision}
}

// For is the key of that action on a task.
func (k TaskKey) For(warehouse string, action Action) Key {
	return Key{Warehouse: warehouse, Action: action, JobType: k.JobType, TaskID: k.TaskID,
		Revision: k.Revision}
}

// Line is the order line of the key; of a task's key it is empty.
func (k Key) Line() LineKey { return LineKey{k.JobType, k.OrderID, k.LineID, k.Revision} }

// IsTask says whether the key is a task's.
func (k Key) IsTask() bool { return k.TaskID != "" }

// Tier is where the first leg of the effect is: a task's key, and a wave line's PIN, act on bins.
func (k Key) Tier() Tier {
	if k.IsTask() || k.Action == Pin {
		return BinTier
	}
	return ZoneTier
}

// ZoneStockKey names a tier-2 row. Owner, Batch and Pack are "" for none.
type ZoneStockKey struct{ Warehouse, Zone, Owner, SKU, Batch, Pack string }

// BinStockKey names a tier-3 row.
type BinStockKey struct{ Warehouse, Bin, Owner, SKU, Batch, Pack string }

// Item is what a stock row holds, wherever it lies: the unit that FEFO and lanes work on.
type Item struct{ Owner, SKU string }

// Item is the owner and SKU of the row.
func (k ZoneStockKey) Item() Item { return Item{k.Owner, k.SKU} }

// Item is the owner and SKU of the row.
func (k BinStockKey) Item() Item { return Item{k.Owner, k.SKU} }

// InZone is the tier-2 row above a bin row.
func (k BinStockKey) InZone(zone string) ZoneStockKey {
	return ZoneStockKey{k.Warehouse, zone, k.Owner, k.SKU, k.Batch, k.Pack}
}

// InBin is the tier-3 row below a zone row.
func (k ZoneStockKey) InBin(bin string) BinStockKey {
	return BinStockKey{k.Warehouse, bin, k.Owner, k.SKU, k.Batch, k.Pack}
}
