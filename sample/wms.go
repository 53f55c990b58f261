package sample

import (
	"sync"
	"time"

	"tierstock/model"
	"tierstock/wmssim"
	"tierstock/wmsync"
	"tierstock/wmsync/wes"
)

// System is the name of the sample's WMS among the systems, and theirWarehouse what it calls the
// sample's warehouse.
const (
	System         = "wms"
	theirWarehouse = "MAIN"
)

// What the WMS gets wrong on the last day, for people to see: it tells of an order for an article
// that it has not told of. It does afterwards, so that the order can be taken in then.
const (
	earlyOrder = "WEB-1001"
	lateSKU    = "GIFT-CARD-25"
	lateName   = "Gift card over 25"
)

// How often the WMS is asked for news, and when its books are compared with ours, since midnight.
const (
	askEvery  = 10 * time.Second
	compareAt = 3*time.Hour + 30*time.Minute
)

// WMS is the system that the sample's articles and orders come from, and that is told what happened
// on the floor: a simulated one, inside this process.
//
// What it tells follows from the plan, day by day, so that after a restart its items and cursors
// are the same. What it was told it forgets; player.recall gives it back.
type WMS struct {
	*wmssim.WMS

	mu sync.Mutex
	at time.Time // when what it tells happened; the zero value is now
	// days are the days that it has told of, orders the items of its stream of them; known of those
	// were told by an earlier process.
	days, orders, known int
	// filled: it has its articles; begun: its books as well; left: the history is over.
	filled, begun, left bool
}

// NewWMS makes a WMS that has nothing to tell yet.
func NewWMS() *WMS {
	w := &WMS{}
	w.WMS = wmssim.New(wmssim.Options{Warehouses: []string{theirWarehouse}, Now: w.now})
	return w
}

// now is the WMS's clock.
func (w *WMS) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.at.IsZero() {
		return w.at
	}
	return time.Now()
}

func (w *WMS) setClock(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

// Remote is how the engine reaches it: by its protocol, but without a port.
func (w *WMS) Remote() wmsync.Remote {
	system := wmsync.System{Name: System, Kind: wmsync.KindWES, URL: "http://wms.invalid",
		Warehouses: map[string]string{theirWarehouse: Warehouse}, DefaultZone: dockZone, Push: true,
		Pull: wmsync.Pulling{Every: askEvery, Timezone: "UTC",
			Streams: wmsStreams()},
		ReconcileAt: compareAt}
	client := wes.New(system, wes.Options{Transport: w.Transport()})
	return wmsync.Remote{System: system, Source: client, Sink: client, Local: true}
}

// Exchanged is how many orders it has told of and how many movements it has taken in this process.
func (w *WMS) Exchanged() (orders, movements int) { return w.orders - w.known, w.Taken() }

func wmsStreams() []wmsync.Stream {
	return []wmsync.Stream{wmsync.SKUs, wmsync.Stock, wmsync.Inbound, wmsync.Orders}
}

// tell tells of a day's orders, once.
func (w *WMS) tell(plan *plan, n int) {
	if n < w.days {
		return
	}
	w.days = n + 1
	day := &plan.days[n]
	if day.isToday {
		for _, notice := range day.coming {
			w.PutInbound(notice)
		}
		w.put(wmssim.Order{OrderID: earlyOrder,
			Lines: []wmssim.OrderLine{{LineID: "1", SKU: lateSKU, Qty: "2"}}})
		return
	}
	w.setClock(plan.clock.at(day.on, waveHour))
	defer w.setClock(time.Time{})
	var order wmssim.Order
	for i, line := range day.orders {
		order.OrderID = line.OrderID
		order.Lines = append(order.Lines, wmssim.OrderLine{LineID: line.LineID, SKU: line.SKU,
			Qty: model.Whole(line.Pieces).String()})
		if i+1 == len(day.orders) || day.orders[i+1].OrderID != line.OrderID {
			w.put(order)
			order = wmssim.Order{}
		}
	}
}

func (w *WMS) put(order wmssim.Order) {
	order.JobType, order.Warehouse = orderJob, theirWarehouse
	w.PutOrder(order)
	w.orders++
}

// fill gives it its articles, once.
func (w *WMS) fill(articles []article) {
	if !w.filled {
		for _, article := range articles {
			w.PutSKU(article.told())
		}
	}
	w.filled = true
}

// remember gives back its books, as far as it has acknowledged what they come from.
func (w *WMS) remember(rows []wmsync.Acknowledged) error {
	for _, row := range rows {
		err := w.SetStock(wmssim.Row{OnHand: row.Qty.String(), Spot: wmssim.Spot{
			Warehouse: theirWarehouse, Owner: row.Owner, SKU: row.SKU, Batch: row.Batch, Pack: row.Pack}})
		if err != nil {
			return err
		}
	}
	w.begun, w.known = true, w.orders
	return nil
}

// leave ends the history: the WMS tells of the article that was missing, and bears with all from
// now on. A piece of lost, where that is given, is gone without anybody being told.
func (w *WMS) leave(lost string) {
	if w.left {
		return
	}
	w.left = true
	w.SetFaults(wmssim.Faults{})
	w.PutSKU(wmssim.SKU{Code: lateSKU, Name: lateName})
	if lost != "" {
		w.SetBehindTheBack(lost, w.OnHand(lost)-model.One)
	}
}
