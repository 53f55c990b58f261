package flow

import "tierstock/model"

// mark and rollBack undo what a refused line or group did to the working set.
type mark struct{ undo, effects int }

func (b *Book) mark() mark { return mark{len(b.undo), len(b.effects)} }

func (b *Book) rollBack(to mark) {
	for i := len(b.undo) - 1; i >= to.undo; i-- {
		b.undo[i].run()
	}
	for _, effect := range b.effects[to.effects:] {
		delete(b.known, effect.Movement.Key)
	}
	b.undo = b.undo[:to.undo]
	b.effects = b.effects[:to.effects]
}

// undo takes one step back: a row as it was, or whatever else.
type undo struct {
	row  *StockRow
	was  rowState
	step func()
}

func (u undo) run() {
	if u.step != nil {
		u.step()
		return
	}
	u.row.restore(u.was)
}

func (b *Book) onUndo(step func()) { b.undo = append(b.undo, undo{step: step}) }

// savedRow lets a row's state be changed and undone.
func (b *Book) savedRow(row *StockRow) *StockRow {
	b.undo = append(b.undo, undo{row: row, was: row.state()})
	return row
}

// saved lets a pointer's value be changed and undone.
func saved[T any](b *Book, value *T) *T {
	was := *value
	b.onUndo(func() { *value = was })
	return value
}

// rowState is what an effect changes of a row.
type rowState struct {
	model.Amounts

	receivedOn model.Date
	version    int64
	updatedAt  model.Instant
	rowSeq     int64
	dirty      bool
}

func (r *StockRow) state() rowState {
	return rowState{r.Amounts, r.ReceivedOn, r.Version, r.updatedAt, r.rowSeq, r.dirty}
}

func (r *StockRow) restore(was rowState) {
	r.Amounts, r.ReceivedOn, r.Version = was.Amounts, was.receivedOn, was.version
	r.updatedAt, r.rowSeq, r.dirty = was.updatedAt, was.rowSeq, was.dirty
}
