package flow

import (
	"cmp"
	"maps"
	"slices"

	"tierstock/model"
)

// FreeBins are the bins from which free stock of a tier-2 row is taken: storage before staging
// and totes, then by pick sequence and code.
func (b *Book) FreeBins(row *StockRow) []*StockRow {
	var free []*StockRow
	for _, place := range b.placesOf(row) {
		if place.row.Available() > 0 && !b.Blocked(place.row.Bin) {
			free = append(free, place.row)
		}
	}
	return free
}

// place is a bin row in the order in which bins are taken from.
type place struct {
	row  *StockRow
	rank int
	seq  int64
}

// placesOf are a tier-2 row's bin rows in order, which a batch finds once for all its lines: a row
// may have thousands.
func (b *Book) placesOf(row *StockRow) []place {
	places, known := b.places[row]
	if known {
		return places
	}
	for _, bin := range b.BinsBelow(row) {
		master, _ := b.View.Bin(bin.Bin)
		places = append(places, place{bin, rankOfBin(master.Kind), master.PickSequence})
	}
	slices.SortFunc(places, func(one, other place) int {
		return cmp.Or(
			cmp.Compare(one.rank, other.rank),
			cmp.Compare(one.seq, other.seq),
			cmp.Compare(one.row.Bin, other.row.Bin))
	})
	b.places[row] = places
	return places
}

func rankOfBin(kind model.BinKind) int {
	switch kind {
	case model.StorageBin, model.PickBin:
		return 0
	case model.StagingBin:
		return 1
	}
	return 2
}

// Pin ties part of a hold to free stock of a bin, as a task to pick it.
func (e *Effect) Pin(hold *Hold, bin *StockRow, qty model.Quantity, key model.TaskKey) *Task {
	master, _ := e.View.Bin(bin.Bin)
	task := &Task{Kind: model.TaskPick, State: model.TaskOpen, JobType: key.JobType,
		TaskID: key.TaskID, Reservation: hold.reservation, ZoneRow: hold.Row, BinRow: bin,
		Qty: qty, Pinned: qty, PickSequence: master.PickSequence}
	e.Post(bin, Reserved(qty))
	e.addTask(task)
	e.Start(hold.reservation)
	return task
}

// PinInBins ties qty of a hold, in packs of its row, to the bins that its reservation's strategy
// chooses. doubtful, where set, is a bin row that nothing may come from.
func (e *Effect) PinInBins(hold *Hold, qty model.Quantity, doubtful *StockRow, key model.TaskKey) {
	for _, choice := range e.ChooseBins(hold, qty, doubtful) {
		if choice.Taken > 0 {
			e.Pin(hold, choice.Bin, choice.Taken, key)
		}
	}
}

// NotePins gives an effect that pins nothing, because all is pinned, a leg on a row of a pin: its
// key is kept by that.
func (e *Effect) NotePins(r *Reservation) {
	for _, pin := range r.pinsInOrder() {
		e.Note(pin.BinRow)
		return
	}
}

// addTask makes a task; one without a name is named by its id.
func (e *Effect) addTask(task *Task) {
	task.ID = e.engine.db.NewID()
	task.isNew, task.createdAt = true, e.View.Now
	if task.TaskID == "" && task.Kind != model.GoodsPicked {
		task.TaskID = ownTaskID(task.ID)
	}
	e.Book.tasks[task.ID] = task
	e.onUndo(func() { delete(e.Book.tasks, task.ID) })
	if r := task.Reservation; r != nil {
		saved(e.Book, r).Pins = append(slices.Clip(r.Pins), task)
	}
	e.changeTask(task)
}

// changeTask marks a task as changed and as part of the answer. Callers change it after that.
func (e *Effect) changeTask(task *Task) {
	saved(e.Book, task).dirty = true
	if !slices.Contains(e.tasks, task) {
		e.tasks = append(e.tasks, task)
	}
}

// ShrinkPin lets part of a pin go. The bin row is the caller's to post. A task left with nothing
// is cancelled.
func (e *Effect) ShrinkPin(pin *Task, qty model.Quantity) {
	e.changeTask(pin)
	pin.Pinned -= qty
	switch {
	case pin.Kind == model.GoodsPicked:
		pin.Qty -= qty
		if pin.Pinned == 0 {
			pin.State = model.TaskDone
		}
	case pin.Pinned == 0:
		pin.State = model.TaskCancelled
	default:
		pin.Qty -= qty
	}
}

// Unpin cancels a task whole; the reservation keeps its hold.
func (e *Effect) Unpin(pin *Task) {
	e.Post(pin.BinRow, Reserved(-pin.Pinned))
	e.ShrinkPin(pin, pin.Pinned)
}

// MarkPicked ties goods that lie in a bin now to their reservation there. The bin row is the
// caller's to post.
func (e *Effect) MarkPicked(hold *Hold, bin *StockRow, qty model.Quantity) {
	for _, pin := range hold.reservation.PinsIn(bin) {
		if pin.Kind == model.GoodsPicked {
			e.changeTask(pin)
			pin.Qty += qty
			pin.Pinned += qty
			return
		}
	}
	e.addTask(&Task{Kind: model.GoodsPicked, State: model.TaskOpen, ZoneRow: hold.Row,
		BinRow: bin, Reservation: hold.reservation, Qty: qty, Pinned: qty})
}

// FitPins shrinks a hold's pins to what is open, after a pick took from elsewhere: what would be
// given back first goes first.
func (e *Effect) FitPins(hold *Hold) {
	excess := hold.Pinned() - hold.Open()
	for _, part := range hold.reservation.partsToGiveBack() {
		if part.pin == nil || part.hold != hold || excess <= 0 {
			continue
		}
		qty := min(excess, part.pin.Pinned)
		e.Post(part.pin.BinRow, Reserved(-qty))
		e.ShrinkPin(part.pin, qty)
		excess -= qty
	}
}

// Advance takes qty of a pin as picked. The bin row is the caller's to post.
func (e *Effect) Advance(pin *Task, qty model.Quantity, toBin string) {
	e.changeTask(pin)
	pin.Pinned -= qty
	if pin.Kind == model.GoodsPicked {
		pin.Qty -= qty
	} else {
		pin.Done += qty
		pin.ToBin = toBin
	}
	if pin.Pinned == 0 {
		pin.State = model.TaskDone
	}
}

// MovePin moves part of a pin, with its stock, to another bin row, under the hold there. A part
// that moves gets a task of its own; a whole one follows.
func (e *Effect) MovePin(pin *Task, hold *Hold, to *StockRow, qty model.Quantity) {
	e.Post(pin.BinRow, Held(-qty))
	e.Post(to, Held(qty))
	bin, _ := e.View.Bin(to.Bin)
	switch {
	case pin.Kind == model.GoodsPicked:
		e.ShrinkPin(pin, qty)
		e.MarkPicked(hold, to, qty)
	case qty == pin.Pinned:
		e.changeTask(pin)
		pin.BinRow, pin.ZoneRow, pin.PickSequence = to, hold.Row, bin.PickSequence
	default:
		e.ShrinkPin(pin, qty)
		e.addTask(&Task{Kind: pin.Kind, State: model.TaskOpen, JobType: pin.JobType,
			Reservation: pin.Reservation, ZoneRow: hold.Row, BinRow: to, Qty: qty, Pinned: qty,
			PickSequence: bin.PickSequence})
	}
}

// CutShort ends a task whose bin did not have the rest.
func (e *Effect) CutShort(pin *Task) {
	e.Post(pin.BinRow, Reserved(-pin.Pinned))
	e.changeTask(pin)
	pin.Pinned, pin.State = 0, model.TaskShort
}

// AskCount makes a task to count a bin row; the count will unfreeze what was frozen for it.
func (e *Effect) AskCount(row *StockRow, frozen model.Quantity) {
	e.addTask(&Task{Kind: model.TaskCount, State: model.TaskOpen,
		JobType: string(model.TaskCount), BinRow: row, Qty: frozen, Froze: frozen})
}

// CountTasks are the open count tasks of a bin row.
func (b *Book) CountTasks(row *StockRow) []*Task {
	return b.tasksWhere(func(task *Task) bool {
		return task.BinRow == row && task.Kind == model.TaskCount && task.State == model.TaskOpen
	})
}

// PinsOn are all pins on a bin row, whoever's; the movement must need PinsIn.
func (b *Book) PinsOn(row *StockRow) []*Task {
	return b.tasksWhere(func(task *Task) bool { return task.BinRow == row && task.Pinned > 0 })
}

func (b *Book) tasksWhere(wanted func(*Task) bool) (tasks []*Task) {
	for _, id := range slices.Sorted(maps.Keys(b.tasks)) {
		if wanted(b.tasks[id]) {
			tasks = append(tasks, b.tasks[id])
		}
	}
	return tasks
}

// CloseCount ends a count task: someone has counted.
func (e *Effect) CloseCount(task *Task) {
	e.changeTask(task)
	task.State, task.Froze = model.TaskDone, 0
	task.Done = task.Qty
}

// Task is a task that the movement needs, nil for none.
func (b *Book) Task(id int64) *Task { return b.tasks[id] }
