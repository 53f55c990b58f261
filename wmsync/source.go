package wmsync

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Stream is a kind of facts that a system owns and tells of.
type Stream string

// The streams.
const (
	SKUs    Stream = "skus"
	Inbound Stream = "inbound"
	Orders  Stream = "orders"
	Stock   Stream = "stock"
)

// Streams are all there are, in the order in which one relies on those before it.
var Streams = []Stream{SKUs, Stock, Inbound, Orders}

// Movements is the stream that goes out, as syncStreams and the outbox call it.
const Movements Stream = "movements"

// Op is what an item says of what it is about.
type Op string

// The operations. A delta is a change that was booked there; the others say how it is now.
const (
	Upsert Op = "upsert"
	Delete Op = "delete"
	Delta  Op = "delta"
)

// Change is one item of a stream. Data has the shape that docs/wms-sync.md gives for the stream,
// with their codes. Raw is all of the item as it came, for people. Fault says what is wrong with
// the item where it could not be read; it goes to the dead letters, and those around it do not.
type Change struct {
	ID         string
	Op         Op
	Key        string
	Version    int64 // 0 for none
	OccurredAt time.Time
	Data       json.RawMessage
	Raw        json.RawMessage
	Fault      string
}

// Page is a part of a stream, and where the next begins. An empty one with More is legal.
type Page struct {
	Items []Change
	Next  string
	More  bool
	AsOf  time.Time
}

// Snapshot is a part of how a stream's facts are now. Rows have the shape of the stream's data, of
// stock with onHand instead of delta. Cursor is where the changes after it begin; AsOf and Cursor
// are of all its pages. Next is the next page, "" for none. RowCount is how many rows the system
// says there are in all, or in this page; -1 where it does not say.
type Snapshot struct {
	AsOf     time.Time
	Cursor   string
	Rows     []json.RawMessage
	Next     string
	RowCount int
}

// Source is a system that facts are pulled from. Its errors are *Failure, or the context's.
type Source interface {
	// Changes reads at most limit items of a stream after a cursor, "" for from its beginning.
	Changes(ctx context.Context, stream Stream, since string, limit int) (Page, error)
	// Snapshot reads a page of how a stream is now; page is "" for the first. warehouse is theirs,
	// "" for a stream that is all warehouses'.
	Snapshot(ctx context.Context, stream Stream, warehouse, page string) (Snapshot, error)
}

// Sink is where movements go.
type Sink interface {
	// Deliver hands movements over, no two of which are of one SKU of one owner, and says what became
	// of each, in their order. An error, a *Failure or the context's, says that of none it is known
	// that it was taken; some may have been. batchID is another one for each call.
	Deliver(ctx context.Context, batchID string, movements []Movement) ([]Receipt, error)
}

// Outcome is what a sink says of a movement.
type Outcome string

// The outcomes. A duplicate was taken before, and is as good as applied.
const (
	Applied   Outcome = "applied"
	Duplicate Outcome = "duplicate"
	Rejected  Outcome = "rejected"
	Retry     Outcome = "retry"
)

// Receipt is a sink's answer to one movement. RetryAfter is when it wants to be asked again, 0 for
// whenever.
type Receipt struct {
	Outcome    Outcome
	Message    string
	RetryAfter time.Duration
}

// Movement is what happened to some goods on the floor: they came (From is nil), left (To is nil)
// or went from one place to another. Codes are the system's own. ID names it for ever, made of the
// key of what did it. Seq is its place in the warehouse's feed, which rises; it may have holes.
type Movement struct {
	ID         string      `json:"id"`
	Type       string      `json:"type"`
	Key        MovementKey `json:"key"`
	Warehouse  string      `json:"warehouse"`
	From       *Place      `json:"from"`
	To         *Place      `json:"to"`
	Owner      string      `json:"owner"`
	SKU        string      `json:"sku"`
	Batch      string      `json:"batch"`
	Pack       string      `json:"pack"`
	Qty        string      `json:"qty"`
	Reason     string      `json:"reason"`
	Reference  string      `json:"reference"`
	Seq        int64       `json:"seq"`
	OccurredAt time.Time   `json:"occurredAt"`
}

// MovementKey is the idempotency key of what did it, in our words.
type MovementKey struct {
	JobType  string `json:"jobType"`
	OrderID  string `json:"orderId"`
	LineID   string `json:"lineId"`
	TaskID   string `json:"taskId"`
	Revision string `json:"revision"`
}

// Place is where goods were, or are.
type Place struct {
	Zone string `json:"zone"`
	Bin  string `json:"bin"`
}

// FailureKind is what can be done about a failure.
type FailureKind string

// The kinds of failures.
const (
	// Unreachable may be better later: the network, a time-out, 408, 425, 429 and 5xx.
	Unreachable FailureKind = "unreachable"
	// Expired is a cursor that the system does not know any more: a snapshot helps.
	Expired FailureKind = "expired"
	// Unsupported is what the system does not have.
	Unsupported FailureKind = "unsupported"
	// Refused is what it does not want, and will not want later.
	Refused FailureKind = "refused"
	// Malformed is an answer that is none: HTML, half a document, a redirect.
	Malformed FailureKind = "malformed"
)

// Failure is a system that did not do what it was asked. RetryAfter is when it wants to be asked
// again, 0 for whenever. Message is for people, and holds no credentials.
type Failure struct {
	Kind       FailureKind
	Message    string
	RetryAfter time.Duration
}

func (f *Failure) Error() string { return f.Message }

// Fail makes a failure.
func Fail(kind FailureKind, format string, values ...any) *Failure {
	return &Failure{Kind: kind, Message: fmt.Sprintf(format, values...)}
}
