package flow

import (
	"context"
	"fmt"
	"strconv"

	"tierstock/master"
	"tierstock/model"
)

// Repair restates one stock row, or closes what hangs on no reservation. It is only ever made
// on request, and leaves an ordinary flow of action REPAIR, which starts the row's chain anew.
type Repair struct {
	Tier        model.Tier
	Zone, Bin   string
	Item        model.Item
	Batch, Pack string
	// Want is what the row shall say. Seen and SeenSeq are what it said when that was worked out: a
	// row that has moved since is STALE.
	Want, Seen model.Amounts
	SeenSeq    int64
	// LastSeq is the highest number among the row's flows. A flow that was put in by hand may have
	// one that the row does not know, and the next must not take it again.
	LastSeq int64
	// Hold and Pin, where set, are closed instead of a row being restated.
	Hold *OrphanHold
	Pin  int64
}

// OrphanHold names a hold by its key in the database.
type OrphanHold struct{ Reservation, ZoneStock int64 }

// repairJob is the job type of repairs' keys.
const repairJob = "REPAIR"

// Repair applies the repairs of one warehouse, all or nothing, and answers each.
func (e *Engine) Repair(ctx context.Context, warehouse string, repairs []Repair, note,
	actor string) ([]model.Result, error) {
	movements := make([]*Movement, len(repairs))
	for i, repair := range repairs {
		key := model.TaskKey{JobType: repairJob, TaskID: strconv.FormatInt(e.db.NewID(), 10)}
		movements[i] = &Movement{Key: key.For(warehouse, model.Repair),
			Audit:   model.Audit{Reason: "RECONCILE", Note: note},
			Needs:   repair.needs(),
			Content: func(*Content, *master.View) {},
			Decide:  repair.decide}
	}
	return e.Submit(ctx, Mode{AllOrNothing: true, Actor: actor}, movements)
}

func (r Repair) needs() Needs {
	if r.Hold != nil || r.Pin != 0 {
		return Needs{}
	}
	needs := Needs{Items: []model.Item{r.Item}}
	if r.Tier == model.BinTier {
		needs.Bins = []string{r.Bin}
	}
	return needs
}

func (r Repair) decide(e *Effect) error {
	if r.Hold != nil || r.Pin != 0 {
		e.closing = append(e.closing, r)
		e.onUndo(func() { e.closing = e.closing[:len(e.closing)-1] })
		return nil
	}
	key := model.ZoneStockKey{Warehouse: e.warehouse, Zone: r.Zone, Owner: r.Item.Owner,
		SKU: r.Item.SKU, Batch: r.Batch, Pack: r.Pack}
	row := e.bins[key.InBin(r.Bin)]
	if r.Tier == model.ZoneTier {
		row = e.ZoneRow(key)
	}
	if row == nil {
		return Refuse(model.NotFound, "", "the row is no longer there")
	}
	if row.Amounts != r.Seen || row.rowSeq != r.SeenSeq {
		return Refuse(model.Stale, "expectedDiff", "the row has moved; look at it again")
	}
	if r.Want.Reserved < 0 || r.Want.Frozen < 0 || r.Want.Available() < 0 {
		return Refuse(model.InvalidState, "", fmt.Sprintf("the row would say %s on hand, %s "+
			"reserved, %s frozen; release holds first", r.Want.OnHand, r.Want.Reserved,
			r.Want.Frozen))
	}
	e.Note(row)
	row.rowSeq = max(row.rowSeq, r.LastSeq)
	e.Post(row, r.Want.Minus(row.Amounts))
	return nil
}

// writeClosing closes holds and pins that hang on no reservation.
func (b *Book) writeClosing(ctx context.Context) error {
	for _, repair := range b.closing {
		statement, args := `UPDATE tasks SET pinned = 0, state = ?, tick = tick + 1
			WHERE warehouse = ? AND id = ?`, []any{model.TaskCancelled, b.warehouse, repair.Pin}
		if repair.Hold != nil {
			statement = `UPDATE holds SET released = released + open_qty, open_qty = 0
				WHERE warehouse = ? AND reservation_id = ? AND zone_stock_id = ?`
			args = []any{b.warehouse, repair.Hold.Reservation, repair.Hold.ZoneStock}
		}
		if _, err := b.tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}
