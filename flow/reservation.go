package flow

import (
	"cmp"
	"slices"
	"strconv"

	"tierstock/model"
)

// Reservation is a promise, locked, with its holds in the order they were taken and its pins.
type Reservation struct {
	ID        int64
	Key       model.LineKey
	Item      model.Item
	Requested model.Quantity
	// BaseUnits: made with FULL_PACKS, so that its quantities are base units and holds packs.
	BaseUnits bool
	// Priority is whose turn it is among those who want the same stock: higher goes first.
	Priority int64
	// Started: floor work has begun, which ends the time to live for good.
	Started   bool
	State     model.ReservationState
	ExpiresAt model.Instant
	Asked     Asked
	Holds     []*Hold
	Pins      []*Task

	// stored are the columns that change, as they were read.
	stored []cell
	// by is the effect that made it, in the batch that does.
	by           *Effect
	asked        string
	dueAt        model.Instant
	content      int64
	createdAt    model.Instant
	version      int64
	isNew, dirty bool
}

// Hold is what a reservation holds of one tier-2 row, in that row's pack.
type Hold struct {
	Row                      *StockRow
	Held, Deducted, Released model.Quantity

	reservation  *Reservation
	stored       []cell
	rowID        int64
	position     int
	isNew, dirty bool
}

// Open is what the hold still promises.
func (h *Hold) Open() model.Quantity { return h.Held - h.Deducted - h.Released }

// Pinned is the part of it that is tied to bins.
func (h *Hold) Pinned() (pinned model.Quantity) {
	for _, pin := range h.reservation.Pins {
		if pin.ZoneRow == h.Row {
			pinned += pin.Pinned
		}
	}
	return pinned
}

// Unpinned is what is open and not tied to a bin.
func (h *Hold) Unpinned() model.Quantity { return h.Open() - h.Pinned() }

// Task is floor work, and the pin that goes with it. One of kind GoodsPicked is the pin alone.
type Task struct {
	ID              int64
	Kind            model.TaskKind
	State           model.TaskState
	JobType, TaskID string
	Reservation     *Reservation
	ZoneRow, BinRow *StockRow
	ToBin           string
	Qty, Done       model.Quantity
	// Pinned is what is tied to BinRow now.
	Pinned model.Quantity
	// Froze is what a count of BinRow will unfreeze.
	Froze        model.Quantity
	PickSequence int64

	zoneID, binID int64
	createdAt     model.Instant
	version       int64
	isNew, dirty  bool
}

// Ended says whether nothing may be done with the reservation any more. Past its time every
// verb sees it ended, though its stock is free only once the EXPIRE is written.
func (r *Reservation) Ended(now model.Instant) bool {
	return r.State != model.ReservationOpen || r.Expired(now)
}

// Expired says whether its time is over and no EXPIRE is written yet.
func (r *Reservation) Expired(now model.Instant) bool {
	return r.State == model.ReservationOpen && r.dueAt > 0 && r.dueAt <= now
}

// Open is all that is still held, in the reservation's own unit.
func (b *Book) Open(r *Reservation) model.Quantity { return b.sum(r, (*Hold).Open) }

// InUnit turns packs of a row into the reservation's unit.
func (b *Book) InUnit(r *Reservation, pack string, packs model.Quantity) model.Quantity {
	if !r.BaseUnits {
		return packs
	}
	base, _ := b.size(r.Item.SKU, pack).Base(packs)
	return base
}

// Packs turns an amount in the reservation's unit into a row's packs; whole is false where that
// would split a pack.
func (b *Book) Packs(r *Reservation, pack string, qty model.Quantity) (model.Quantity, bool) {
	if !r.BaseUnits || pack == "" {
		return qty, true
	}
	packs, exact := b.size(r.Item.SKU, pack).Packs(qty)
	return packs, exact && packs%model.One == 0
}

func (b *Book) size(sku, pack string) model.Fraction {
	known, _ := b.View.SKU(sku)
	if size, ok := known.Size(pack); ok {
		return size
	}
	return model.Each
}

// HoldOn is the reservation's open hold on a row, nil for none.
func (r *Reservation) HoldOn(row *StockRow) *Hold {
	for _, hold := range r.Holds {
		if hold.Row == row {
			return hold
		}
	}
	return nil
}

// PinsIn are its pins on a bin row that still tie something: tasks first, by pick sequence, then
// goods picked.
func (r *Reservation) PinsIn(row *StockRow) []*Task {
	var pins []*Task
	for _, pin := range r.pinsInOrder() {
		if pin.BinRow == row {
			pins = append(pins, pin)
		}
	}
	return pins
}

// pinsInOrder are the pins that tie something, in the order work takes them.
func (r *Reservation) pinsInOrder() []*Task {
	var pins []*Task
	for _, pin := range r.Pins {
		if pin.Pinned > 0 {
			pins = append(pins, pin)
		}
	}
	slices.SortFunc(pins, byWork)
	return pins
}

// byWork orders pins as they are worked off: tasks before goods picked, then by pick sequence,
// then by bin.
func byWork(one, other *Task) int {
	return cmp.Or(
		cmp.Compare(rankOfPin(one), rankOfPin(other)),
		cmp.Compare(one.PickSequence, other.PickSequence),
		cmp.Compare(one.BinRow.Bin, other.BinRow.Bin),
		cmp.Compare(one.ID, other.ID))
}

func rankOfPin(pin *Task) int {
	if pin.Kind == model.GoodsPicked {
		return 1
	}
	return 0
}

// view is the reservation as people see it.
func (r *Reservation) view(b *Book) *model.Reservation {
	view := &model.Reservation{ID: r.ID, Warehouse: b.warehouse, Key: r.Key, Item: r.Item,
		Requested: r.Requested, Priority: r.Priority, State: r.State, ExpiresAt: r.ExpiresAt,
		CreatedAt: r.createdAt}
	if b.View != nil {
		view.State = r.StateAt(b.View.Now)
	}
	for _, hold := range r.Holds {
		view.Holds = append(view.Holds, model.Hold{Zone: hold.Row.Zone, Batch: hold.Row.Batch,
			Pack: hold.Row.Pack, Reserved: hold.Open(), Pinned: hold.Pinned(),
			Deducted: hold.Deducted, Released: hold.Released})
	}
	view.Held = b.sum(r, func(hold *Hold) model.Quantity { return hold.Held })
	view.Open = b.Open(r)
	view.Deducted = b.sum(r, func(hold *Hold) model.Quantity { return hold.Deducted })
	view.Released = b.sum(r, func(hold *Hold) model.Quantity { return hold.Released })
	return view
}

// view is the task as people see it.
func (t *Task) view() model.Task {
	view := model.Task{ID: t.ID, Kind: t.Kind, State: t.State,
		Key:  model.TaskKey{JobType: t.JobType, TaskID: t.TaskID},
		Zone: t.BinRow.Zone, Bin: t.BinRow.Bin, ToBin: t.ToBin, Item: t.BinRow.Item,
		Batch: t.BinRow.Batch, Pack: t.BinRow.Pack, Qty: t.Qty, Done: t.Done,
		PickSequence: t.PickSequence}
	if t.Reservation != nil {
		view.OrderID, view.LineID = t.Reservation.Key.OrderID, t.Reservation.Key.LineID
		view.OrderJobType, view.OrderRevision = t.Reservation.Key.JobType, t.Reservation.Key.Revision
	}
	return view
}

// ownTaskID names a task that no caller named.
func ownTaskID(id int64) string { return strconv.FormatInt(id, 10) }
