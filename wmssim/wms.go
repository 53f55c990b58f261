package wmssim

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"tierstock/wmsync"
)

// Defaults of Options.
const (
	warehouseDefault = "MAIN"
	pageItemsDefault = 500
)

// Options are what a system is like. What is left out has a default.
type Options struct {
	// Token is what callers must send as a bearer token; "" for none.
	Token string
	// Warehouses are those it has; MAIN unless given. The first is where SetBehindTheBack works.
	Warehouses []string
	// ByZone keeps books by zone, and not only by warehouse.
	ByZone bool
	// PageItems is how many items or rows a page has at most; 500 unless given.
	PageItems int
	// Faults are how it misbehaves, and Seed what that is drawn from.
	Faults Faults
	Seed   uint64
	// Now is its clock; time.Now unless given.
	Now func() time.Time
}

// WMS is such a system. It may be used from many goroutines.
type WMS struct {
	options Options

	mutex      sync.Mutex
	random     *rand.Rand
	faults     Faults
	epoch      int // of cursors; those of an earlier one are gone
	feeds      map[wmsync.Stream]*feed
	books      map[Spot]*amount
	ledger     []*Entry
	taken      map[string]*Entry
	rejected   []Entry
	complaints []string
	frozen     []frozen // snapshots that are being paged through, the oldest first
	snapshots  int
}

// New makes a system that has nothing yet.
func New(options Options) *WMS {
	if len(options.Warehouses) == 0 {
		options.Warehouses = []string{warehouseDefault}
	}
	if options.PageItems <= 0 {
		options.PageItems = pageItemsDefault
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	w := &WMS{options: options, random: rand.New(rand.NewPCG(options.Seed, options.Seed)),
		faults: options.Faults, feeds: map[wmsync.Stream]*feed{}, books: map[Spot]*amount{},
		taken: map[string]*Entry{}}
	for _, stream := range wmsync.Streams {
		w.feeds[stream] = &feed{facts: map[string]*fact{}}
	}
	return w
}

// SetFaults changes how it misbehaves from now on.
func (w *WMS) SetFaults(faults Faults) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.faults = faults
}

// PutSKU makes or changes a SKU.
func (w *WMS) PutSKU(sku SKU) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.put(wmsync.SKUs, sku.Code, func(int64) any { return sku })
}

// DeleteSKU says that there is no such SKU any more.
func (w *WMS) DeleteSKU(code string) {
	w.remove(wmsync.SKUs, code, struct {
		Code string `json:"code"`
	}{code})
}

// PutOrder makes or changes an order, and gives its version.
func (w *WMS) PutOrder(order Order) int64 {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	known := w.feeds[wmsync.Orders].fact(order.OrderID)
	if order.Version != 0 {
		known.version = order.Version - 1
	}
	w.put(wmsync.Orders, order.OrderID, func(version int64) any {
		order.Version = version
		return order
	})
	return known.version
}

// CancelOrder says that an order is cancelled.
func (w *WMS) CancelOrder(orderID string) {
	w.mutex.Lock()
	var order Order
	_ = json.Unmarshal(w.feeds[wmsync.Orders].fact(orderID).data, &order)
	w.mutex.Unlock()
	w.remove(wmsync.Orders, orderID, struct {
		OrderID   string `json:"orderId"`
		JobType   string `json:"jobType,omitempty"`
		Warehouse string `json:"warehouse,omitempty"`
	}{orderID, order.JobType, order.Warehouse})
}

// PutInbound makes or changes a notice of goods to come.
func (w *WMS) PutInbound(notice Inbound) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.put(wmsync.Inbound, notice.ASNID, func(int64) any { return notice })
}

// CancelInbound says that those goods do not come.
func (w *WMS) CancelInbound(asnID string) {
	w.remove(wmsync.Inbound, asnID, struct {
		ASNID string `json:"asnId"`
	}{asnID})
}

// PutRaw puts an item into a feed as it is, whatever it is.
func (w *WMS) PutRaw(stream wmsync.Stream, raw json.RawMessage) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	feed := w.feeds[stream]
	feed.items = append(feed.items, slices.Clone(raw))
}

// ExpireCursors makes every cursor and snapshot handed out so far unknown.
func (w *WMS) ExpireCursors() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.epoch++
	w.frozen = nil
}

// put keeps how something is now and says so in the feed.
func (w *WMS) put(stream wmsync.Stream, key string, data func(version int64) any) {
	known := w.feeds[stream].fact(key)
	known.version++
	known.data, _ = json.Marshal(data(known.version))
	w.tell(stream, item{Op: wmsync.Upsert, Key: key, Version: known.version, Data: known.data})
}

// remove forgets something and says so in the feed; its versions go on where it comes again.
func (w *WMS) remove(stream wmsync.Stream, key string, data any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	known := w.feeds[stream].fact(key)
	known.version++
	known.data = nil
	raw, _ := json.Marshal(data)
	w.tell(stream, item{Op: wmsync.Delete, Key: key, Version: known.version, Data: raw})
}

func (w *WMS) tell(stream wmsync.Stream, item item) {
	feed := w.feeds[stream]
	item.ID = fmt.Sprintf("%s-%d", stream, len(feed.items)+1)
	item.OccurredAt = w.options.Now().UTC()
	raw, _ := json.Marshal(item)
	feed.items = append(feed.items, raw)
}
