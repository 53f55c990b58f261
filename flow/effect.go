package flow

import (
	"fmt"

	"tierstock/model"
)

// Effect is one movement being decided: the legs it posts, and what it will answer.
type Effect struct {
	*Book
	Movement    *Movement
	Reservation *Reservation
	// Applied and Shortage are what the answer reports, in the line's own unit.
	Applied, Shortage model.Quantity
	// Explanation says why this stock and not that, and DecidedBy what said so.
	Explanation []model.Candidate
	DecidedBy   string

	content int64
	legs    []leg
	// oneLeg is room for the legs of an effect on a single row, as most are.
	oneLeg   [1]leg
	tasks    []*Task
	missed   []Shortage
	code     model.Code
	view     *model.Reservation
	taskView []model.Task
	firstPos int
}

// leg is the effect's change of one stock row, and the row as the effect left it.
type leg struct {
	row    *StockRow
	delta  model.Amounts
	forced bool
	after  rowState
}

// left is the row as the effect left it: later ones have gone on from there.
func (l *leg) left() *StockRow {
	row := *l.row
	row.restore(l.after)
	return &row
}

// Post changes a row by an amount. All an effect does to a row becomes one leg. Whether the row
// may end so is checked when the effect is complete.
func (e *Effect) Post(row *StockRow, change model.Amounts) {
	e.savedRow(row)
	row.Amounts = row.Plus(change)
	row.dirty = true
	leg := e.legOf(row)
	leg.delta = leg.delta.Plus(change)
}

// Note gives a row a leg even where nothing changes: someone looked.
func (e *Effect) Note(row *StockRow) {
	e.Post(row, model.Amounts{})
	e.legOf(row).forced = true
}

func (e *Effect) legOf(row *StockRow) *leg {
	for i := range e.legs {
		if e.legs[i].row == row {
			return &e.legs[i]
		}
	}
	if e.legs == nil {
		e.legs = e.oneLeg[:0]
	}
	e.legs = append(e.legs, leg{row: row})
	return &e.legs[len(e.legs)-1]
}

// OnHand is a change of what is there.
func OnHand(qty model.Quantity) model.Amounts { return model.Amounts{OnHand: qty} }

// Reserved is a change of what is held.
func Reserved(qty model.Quantity) model.Amounts { return model.Amounts{Reserved: qty} }

// Frozen is a change of what is frozen.
func Frozen(qty model.Quantity) model.Amounts { return model.Amounts{Frozen: qty} }

// Held is stock that is there and held: it comes and goes with its hold.
func Held(qty model.Quantity) model.Amounts { return model.Amounts{OnHand: qty, Reserved: qty} }

// close numbers the legs and takes the picture that the answer shows: later lines of the batch
// go on from these rows.
func (e *Effect) close() error {
	e.dropEmptyLegs()
	for i := range e.legs {
		if err := e.closeLeg(&e.legs[i]); err != nil {
			return err
		}
	}
	e.orderLegs()
	if e.code == "" {
		e.code = model.Applied
	}
	if e.Reservation != nil {
		e.view = e.Reservation.view(e.Book)
	}
	for _, task := range e.tasks {
		if task.Kind != model.GoodsPicked {
			e.taskView = append(e.taskView, task.view())
		}
	}
	return nil
}

func (e *Effect) dropEmptyLegs() {
	kept := e.legs[:0]
	for _, leg := range e.legs {
		if leg.forced || leg.delta != (model.Amounts{}) {
			kept = append(kept, leg)
		}
	}
	e.legs = kept
}

func (e *Effect) closeLeg(leg *leg) error {
	row := leg.row
	if !row.OnHand.Fits() {
		return Refuse(model.Invalid, e.amountField(),
			fmt.Sprintf("%s on hand would be more than twelve digits", row.OnHand))
	}
	if row.Reserved < 0 || row.Frozen < 0 || row.Available() < 0 {
		return fmt.Errorf("%v would leave %s row %d at %+v", e.Movement.Key, row.Tier, row.ID,
			row.Amounts)
	}
	row.rowSeq++
	row.updatedAt = e.View.Now
	if leg.delta.OnHand != 0 {
		row.Version++
	}
	leg.after = row.state()
	if row.OnHand == 0 {
		row.ReceivedOn = ""
	}
	return nil
}

// amountField is what callers name the amount of the verb.
func (e *Effect) amountField() string {
	switch e.Movement.Key.Action {
	case model.Adjust:
		return "delta"
	case model.Count:
		return "counted"
	}
	return "qty"
}

// orderLegs puts the legs of the key's own tier first: the effect's record is on leg 0.
func (e *Effect) orderLegs() {
	if len(e.legs) < 2 {
		return
	}
	first := e.Movement.Key.Tier()
	ordered := make([]leg, 0, len(e.legs))
	for _, own := range []bool{true, false} {
		for _, leg := range e.legs {
			if (leg.row.Tier == first) == own {
				ordered = append(ordered, leg)
			}
		}
	}
	e.legs = ordered
}

// isBare says whether the key must be kept without a leg to carry it.
func (e *Effect) isBare() bool { return len(e.legs) == 0 }

func (e *Effect) reservationID() int64 {
	if e.Reservation == nil {
		return 0
	}
	return e.Reservation.ID
}

// Arrive dates goods that come into a tier-2 row: the earliest since it was last empty.
func (e *Effect) Arrive(row *StockRow, on model.Date) {
	if on == "" {
		return
	}
	if row.OnHand == 0 || row.ReceivedOn == "" || on < row.ReceivedOn {
		e.savedRow(row).ReceivedOn = on
	}
}

// SetPartial marks the answer as less than was asked for.
func (e *Effect) SetPartial() { e.code = model.Partial }
