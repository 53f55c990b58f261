package model

// Audit is why and when, for people; it is never part of what makes two calls the same.
type Audit struct {
	Reason     Reason
	Reference  string
	Note       string
	OccurredAt Instant
}

// ReceiveLine brings goods in. Without Bin they land in the zone's staging bin. ExpiresOn needs
// a batch. Without ReceivedOn it is today in the warehouse.
type ReceiveLine struct {
	Key        LineKey
	At         ZoneStockKey
	Qty        Quantity
	Bin        string
	ExpiresOn  Date
	ReceivedOn Date
	Audit      Audit
}

// ReserveLine holds stock for an order line. Batch nil is any; Pack "" is the base pack, or with
// FULL_PACKS, whose quantities are then base units, any. TTLSeconds nil never expires. Priority
// and Channel are for rules to look at; of those who want the same stock the higher priority goes
// first.
type ReserveLine struct {
	Key              LineKey
	Warehouse        string
	Item             Item
	Qty              Quantity
	Zones            []string
	Batch            *string
	Pack             string
	Strategy         string
	MinRemainingDays int
	Priority         int64
	Channel          string
	AllowPartial     bool
	TTLSeconds       *int64
	Audit            Audit
}

// ReleaseLine gives held stock back. Without Reservation it is that of Key; Qty nil is all that is
// open. SKU is a hint, "" for none.
type ReleaseLine struct {
	Key         LineKey
	Warehouse   string
	Reservation *LineKey
	SKU         string
	Qty         *Quantity
	Audit       Audit
}

// ExtendLine gives a reservation a new time to live, counted from now.
type ExtendLine struct {
	Key         LineKey
	Warehouse   string
	Reservation LineKey
	TTLSeconds  int64
	Audit       Audit
}

// DeductLine lets held stock leave the warehouse.
type DeductLine struct {
	Key            LineKey
	Warehouse      string
	Reservation    *LineKey
	SKU            string
	Qty            *Quantity
	CloseRemainder bool
	Audit          Audit
}

// RestoreLine brings back what left under a deduction's key, or a pick's. Qty nil is all of it.
type RestoreLine struct {
	Key       LineKey
	Warehouse string
	Deduction *LineKey
	Pick      *TaskKey
	SKU       string
	Qty       *Quantity
	Audit     Audit
}

// PinLine ties what a reservation holds to bins. Qty nil is all that is held and not pinned.
type PinLine struct {
	Key         TaskKey
	Warehouse   string
	Reservation LineKey
	Bin         string
	Qty         *Quantity
	Audit       Audit
}

// UnpinLine cancels a task; the reservation keeps its hold. Task is the task's id.
type UnpinLine struct {
	Key       TaskKey
	Warehouse string
	Task      string
	Audit     Audit
}

// PickLine takes goods from a bin for a reservation, out of the warehouse or to a bin.
type PickLine struct {
	Key         TaskKey
	Reservation LineKey
	From        BinStockKey
	Qty         Quantity
	ToBin       string
	Short       bool
	Audit       Audit
}

// MoveLine moves free, held (WithReservation) or frozen stock from bin to bin.
type MoveLine struct {
	Key             TaskKey
	From            BinStockKey
	ToBin           string
	Qty             Quantity
	WithReservation *LineKey
	Frozen          bool
	Audit           Audit
}

// AdjustLine changes a bin row by a signed amount. ExpectedOnHand is a guard, nil for none.
type AdjustLine struct {
	Key            TaskKey
	At             BinStockKey
	Delta          Quantity
	Frozen         bool
	ExpectedOnHand *Quantity
	Audit          Audit
}

// CountLine sets a bin row to what was counted, if its version is still the one handed out.
type CountLine struct {
	Key             TaskKey
	At              BinStockKey
	Counted         Quantity
	ExpectedVersion int64
	Audit           Audit
}

// FreezeLine takes stock out of what may be promised, or, unfreezing, gives it back.
type FreezeLine struct {
	Key   TaskKey
	At    BinStockKey
	Qty   Quantity
	Audit Audit
}

// BlockLine closes a bin, or, unblocking, opens it.
type BlockLine struct {
	Key       TaskKey
	Warehouse string
	Bin       string
	Audit     Audit
}

// RepackLine turns Qty packs of At into ToPack.
type RepackLine struct {
	Key    TaskKey
	At     BinStockKey
	ToPack string
	Qty    Quantity
	Audit  Audit
}

// ExceptionLine reports what is wrong with a bin row. Qty nil is all of it.
type ExceptionLine struct {
	Key         TaskKey
	Kind        ExceptionKind
	At          BinStockKey
	Qty         *Quantity
	Reservation *LineKey
	Audit       Audit
}

// Wave is what is allocated together: orders whose lines are reserved and, with CreateTasks, pinned
// to bins. Strategy is "" for the default. With LooksElsewhere what is short is not recorded as a
// shortage here: the caller tries other warehouses for it.
type Wave struct {
	Orders         []Order
	Strategy       string
	CreateTasks    bool
	LooksElsewhere bool
}

// Order is an order of a wave. Those of higher Priority are served first. ShipComplete takes all or
// nothing. Channel is for rules to look at.
type Order struct {
	OrderID, JobType, Warehouse, Owner, Channel string
	Priority                                    int64
	ShipComplete                                bool
	Lines                                       []OrderLine
	Audit                                       Audit
}

// Key is the key of one of its lines.
func (o *Order) Key(line *OrderLine) LineKey {
	return LineKey{o.JobType, o.OrderID, line.LineID, line.Revision}
}

// OrderLine is a line of an order of a wave. Batch nil is any; Pack as in ReserveLine.
type OrderLine struct {
	LineID, SKU      string
	Qty              Quantity
	Batch            *string
	Pack             string
	MinRemainingDays int
	Revision         int64
}
