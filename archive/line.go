package archive

import (
	"strconv"
	"time"

	"tierstock/flow"
	"tierstock/model"
)

// line is one flow as it is written: all that the tables said about it. Quantities are decimals
// and 64-bit numbers are text, so that no reader rounds them; what is empty is left out.
type line struct {
	ID          string  `json:"id"`
	Seq         string  `json:"seq,omitempty"`
	Tier        string  `json:"tier,omitempty"`
	Key         key     `json:"key"`
	Leg         int     `json:"leg"`
	Reservation string  `json:"reservation,omitempty"`
	Zone        string  `json:"zone,omitempty"`
	Bin         string  `json:"bin,omitempty"`
	Owner       string  `json:"owner,omitempty"`
	SKU         string  `json:"sku,omitempty"`
	Batch       string  `json:"batch,omitempty"`
	Pack        string  `json:"pack,omitempty"`
	Delta       *amount `json:"delta,omitempty"`
	After       *amount `json:"after,omitempty"`
	ReceivedOn  string  `json:"receivedOn,omitempty"`
	Applied     string  `json:"applied,omitempty"`
	Shortage    string  `json:"shortage,omitempty"`
	Reason      string  `json:"reason,omitempty"`
	Reference   string  `json:"reference,omitempty"`
	Note        string  `json:"note,omitempty"`
	Actor       string  `json:"actor,omitempty"`
	OccurredAt  string  `json:"occurredAt,omitempty"`
	RecordedAt  string  `json:"recordedAt"`
	// Where it stood in the tables: commit, tick, pos, the stock row and its running number, and
	// the hash of the effect's content.
	Commit  string `json:"commit,omitempty"`
	Tick    string `json:"tick,omitempty"`
	Pos     int    `json:"pos"`
	StockID string `json:"stockId,omitempty"`
	RowSeq  string `json:"rowSeq,omitempty"`
	Content string `json:"content,omitempty"`
}

type key struct {
	Warehouse string `json:"warehouse"`
	Action    string `json:"action"`
	JobType   string `json:"jobType"`
	OrderID   string `json:"orderId,omitempty"`
	LineID    string `json:"lineId,omitempty"`
	TaskID    string `json:"taskId,omitempty"`
	Revision  string `json:"revision,omitempty"`
}

type amount struct {
	OnHand   string `json:"onHand"`
	Reserved string `json:"reserved"`
	Frozen   string `json:"frozen"`
}

func lineOf(f flow.ArchivedFlow) line {
	written := line{ID: f.ID, Seq: number(f.Seq), Tier: string(f.Tier), Key: keyOf(f.Key),
		Leg: f.Leg, Reservation: number(f.Reservation), Zone: f.Zone, Bin: f.Bin, Owner: f.Owner,
		SKU: f.SKU, Batch: f.Batch, Pack: f.Pack, ReceivedOn: string(f.ReceivedOn),
		Reason: string(f.Audit.Reason), Reference: f.Audit.Reference, Note: f.Audit.Note,
		Actor: f.Actor, OccurredAt: instant(f.Audit.OccurredAt), RecordedAt: instant(f.RecordedAt),
		Commit: number(f.Commit), Tick: number(f.Tick), Pos: f.Pos, StockID: number(f.StockID),
		RowSeq: number(f.RowSeq), Content: number(f.Content)}
	if f.Tier != "" {
		written.Delta, written.After = amountOf(f.Delta), amountOf(f.After)
	}
	if f.Leg == 0 {
		written.Applied, written.Shortage = f.Applied.String(), f.Shortage.String()
	}
	return written
}

func keyOf(k model.Key) key {
	return key{Warehouse: k.Warehouse, Action: string(k.Action), JobType: k.JobType,
		OrderID: k.OrderID, LineID: k.LineID, TaskID: k.TaskID, Revision: number(k.Revision)}
}

func amountOf(a model.Amounts) *amount {
	return &amount{OnHand: a.OnHand.String(), Reserved: a.Reserved.String(),
		Frozen: a.Frozen.String()}
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func instant(at model.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().Format(time.RFC3339Nano)
}
