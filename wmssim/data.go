package wmssim

import (
	"encoding/json"
	"time"

	"tierstock/wmsync"
)

// SKU is the data of the stream skus.
type SKU struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Unit     string `json:"unit,omitempty"`
	Decimals int    `json:"decimals"`
	Packs    []Pack `json:"packs,omitempty"`
}

// Pack is a pack of a SKU, its size a fraction of the unit.
type Pack struct {
	Code        string `json:"code"`
	Numerator   int64  `json:"numerator"`
	Denominator int64  `json:"denominator"`
}

// Order is the data of the stream orders. A Version of 0 is the one after the last.
type Order struct {
	OrderID      string      `json:"orderId"`
	JobType      string      `json:"jobType"`
	Warehouse    string      `json:"warehouse"`
	Owner        string      `json:"owner,omitempty"`
	Priority     int         `json:"priority"`
	ShipComplete bool        `json:"shipComplete"`
	Lines        []OrderLine `json:"lines"`
	Version      int64       `json:"version"`
}

// OrderLine is a line of an order; Qty is a decimal.
type OrderLine struct {
	LineID string `json:"lineId"`
	SKU    string `json:"sku"`
	Qty    string `json:"qty"`
	Batch  string `json:"batch,omitempty"`
	Pack   string `json:"pack,omitempty"`
}

// Inbound is the data of the stream inbound.
type Inbound struct {
	ASNID     string        `json:"asnId"`
	Warehouse string        `json:"warehouse"`
	Zone      string        `json:"zone,omitempty"`
	Lines     []InboundLine `json:"lines"`
}

// InboundLine is a line of a notice of goods to come; Qty is a decimal.
type InboundLine struct {
	LineID    string `json:"lineId"`
	SKU       string `json:"sku"`
	Qty       string `json:"qty"`
	Batch     string `json:"batch,omitempty"`
	Pack      string `json:"pack,omitempty"`
	ExpiresOn string `json:"expiresOn,omitempty"`
}

// Spot is what books are kept by. Zone is "" unless the system keeps books by zone.
type Spot struct {
	Warehouse string `json:"warehouse"`
	Zone      string `json:"zone,omitempty"`
	Owner     string `json:"owner,omitempty"`
	SKU       string `json:"sku"`
	Batch     string `json:"batch,omitempty"`
	Pack      string `json:"pack,omitempty"`
}

// Delta is the data of the stream stock: a change that was booked. Delta is a decimal.
type Delta struct {
	Spot

	ExpiresOn string `json:"expiresOn,omitempty"`
	Delta     string `json:"delta"`
	Reason    string `json:"reason"`
}

// Row is a row of the books, and of a snapshot of stock. OnHand is a decimal, and may be negative.
type Row struct {
	Spot

	ExpiresOn string `json:"expiresOn,omitempty"`
	OnHand    string `json:"onHand"`
}

// Entry is a movement of the ledger: when it was first taken, and how often it came in all.
type Entry struct {
	Movement   wmsync.Movement `json:"movement"`
	ReceivedAt time.Time       `json:"receivedAt"`
	Times      int             `json:"times"`
}

// item is an item of a feed.
type item struct {
	ID         string          `json:"id"`
	Op         wmsync.Op       `json:"op"`
	Key        string          `json:"key"`
	Version    int64           `json:"version,omitempty"`
	OccurredAt time.Time       `json:"occurredAt"`
	Data       json.RawMessage `json:"data"`
}
