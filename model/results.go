package model

// Amounts are the three quantities of a stock row, or a change of them.
type Amounts struct{ OnHand, Reserved, Frozen Quantity }

// Available is what may still be taken.
func (a Amounts) Available() Quantity { return a.OnHand - a.Reserved - a.Frozen }

// Plus adds a change.
func (a Amounts) Plus(change Amounts) Amounts {
	return Amounts{a.OnHand + change.OnHand, a.Reserved + change.Reserved, a.Frozen + change.Frozen}
}

// Minus takes a change back.
func (a Amounts) Minus(change Amounts) Amounts {
	return Amounts{a.OnHand - change.OnHand, a.Reserved - change.Reserved, a.Frozen - change.Frozen}
}

// ZoneStock is a tier-2 row as people see it.
type ZoneStock struct {
	ID  int64
	Key ZoneStockKey
	Amounts
	Promisable Quantity
	ExpiresOn  Date
	ReceivedOn Date
	OnHold     bool
	UpdatedAt  Instant
}

// BinStock is a tier-3 row as people see it. Version rises when OnHand changes, and only then.
type BinStock struct {
	ID   int64
	Key  BinStockKey
	Zone string
	Amounts
	Version   int64
	UpdatedAt Instant
}

// Flow is one leg of one effect on one stock row. Seq is 0 until the feed has given it.
// Reservation is 0 where there is none.
type Flow struct {
	ID          string
	Seq         int64
	RowSeq      int64
	Tier        Tier
	Key         Key
	Leg         int
	Reservation int64
	Zone, Bin   string
	Owner, SKU  string
	Batch, Pack string
	Delta       Amounts
	After       Amounts
	Audit       Audit
	Actor       string
	RecordedAt  Instant
}

// Reservation is a promise to an order line. Quantities are in the row's pack, or base units
// where it was made with FULL_PACKS. ExpiresAt 0 is never.
type Reservation struct {
	ID        int64
	Warehouse string
	Key       LineKey
	Item      Item
	Requested Quantity
	Priority  int64
	Held      Quantity
	Open      Quantity
	Deducted  Quantity
	Released  Quantity
	State     ReservationState
	ExpiresAt Instant
	Holds     []Hold
	CreatedAt Instant
}

// Hold is what a reservation holds of one tier-2 row, in that row's pack.
type Hold struct {
	Zone, Batch, Pack string
	Reserved          Quantity
	Pinned            Quantity
	Deducted          Quantity
	Released          Quantity
}

// Task is floor work.
type Task struct {
	ID              int64
	Kind            TaskKind
	Key             TaskKey
	State           TaskState
	OrderID, LineID string
	// OrderJobType and OrderRevision complete the key of the reservation that it is for.
	OrderJobType  string
	OrderRevision int64
	Zone, Bin     string
	ToBin         string
	Item          Item
	Batch, Pack   string
	Qty, Done     Quantity
	PickSequence  int64
}

// Candidate says why a row was taken or not. Rank counts from 1; Skipped is "" for one taken.
type Candidate struct {
	Zone, Bin   string
	Batch, Pack string
	ExpiresOn   Date
	Available   Quantity
	Taken       Quantity
	Rank        int
	Skipped     string
	// Score is what a rule's weights made of it, 0 without any.
	Score float64
}

// CandidatesMax is how many rows an explanation lists.
const CandidatesMax = 50

// Result is the answer to one line.
type Result struct {
	Code        Code
	Field       string
	Message     string
	Applied     Quantity
	Shortage    Quantity
	Flows       []Flow
	ZoneStocks  []ZoneStock
	BinStocks   []BinStock
	Reservation *Reservation
	Tasks       []Task
	Explanation []Candidate
	// DecidedBy names what chose the stock: a strategy, or a rule and its strategy.
	DecidedBy string
}

// Shortage is demand of an order line that stock did not serve. Source is the effect that fell
// short, "" where the line got nothing and may be asked for again; Reservation is the one that
// effect was for. Qty and Covered are in the line's own unit. Cover: it is covered when stock
// arrives.
type Shortage struct {
	ID           int64
	Line         LineKey
	Source       string
	Item         Item
	Qty, Covered Quantity
	State        ShortageState
	Priority     int64
	ShipComplete bool
	Cover        bool
	Reservation  int64
	CreatedAt    Instant
	UpdatedAt    Instant
}

// OrderResult is the answer to one order of a wave. Tasks are in the order in which to pick.
type OrderResult struct {
	OrderID string
	Code    Code
	Lines   []Result
	Tasks   []Task
}

// Refusal is a line that was not applied: the outcome, the field at fault in the caller's own
// words (camelCase, "" for none) and what to do. It is an error inside the engine and data
// outside it.
type Refusal struct {
	Code    Code
	Field   string
	Message string
}

func (r *Refusal) Error() string { return string(r.Code) + " " + r.Field + ": " + r.Message }
