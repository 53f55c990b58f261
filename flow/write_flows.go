package flow

import (
	"context"

	"tierstock/model"
)

// flowColumns are those of both flow tables.
const flowColumns = `warehouse, commit_id, pos, stock_id, row_seq, action, job_type, order_id,
	line_id, task_id, revision, leg, reservation_id, zone, on_hand_delta, reserved_delta,
	frozen_delta, on_hand_after, reserved_after, frozen_after, received_on, applied, shortage,
	content, reason, reference, note, actor, occurred_at`

// writeFlows records each leg under its effect's key. The unique key is what makes an effect
// happen once: INSERT, never INSERT IGNORE, so that a duplicate is an error.
func (b *Book) writeFlows(ctx context.Context) error {
	var zones, bins [][]any
	for _, effect := range b.effects {
		for i := range effect.legs {
			row := effect.flowRow(i)
			if effect.legs[i].row.Tier == model.ZoneTier {
				zones = append(zones, row)
			} else {
				bins = append(bins, row)
			}
		}
	}
	if err := insertRows(ctx, b.tx, "zone_flows", flowColumns, zones); err != nil {
		return err
	}
	return insertRows(ctx, b.tx, "bin_flows", flowColumns, bins)
}

func (e *Effect) flowRow(i int) []any {
	leg, key, audit := &e.legs[i], e.Movement.Key, e.Movement.Audit
	var applied, shortage model.Quantity
	var content int64
	if i == 0 {
		applied, shortage, content = e.Applied, e.Shortage, e.content
	}
	return []any{e.warehouse, e.commitID, e.firstPos + i, leg.row.ID, leg.after.rowSeq, key.Action,
		key.JobType, key.OrderID, key.LineID, key.TaskID, key.Revision, i, e.reservationID(),
		leg.row.Zone, leg.delta.OnHand, leg.delta.Reserved, leg.delta.Frozen, leg.after.OnHand,
		leg.after.Reserved, leg.after.Frozen, leg.after.ReceivedOn, applied, shortage, content,
		audit.Reason, audit.Reference, audit.Note, e.Movement.actor, audit.OccurredAt}
}
