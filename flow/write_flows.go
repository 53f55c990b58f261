package flow

import (
	"context"

	"tierstock/model"
)

// The columns of both flow tables.
const (
	flowRequired = `warehouse commit_id pos stock_id row_seq action leg zone on_hand_delta
		reserved_delta frozen_delta on_hand_after reserved_after frozen_after`
	flowDefaulted = `job_type order_id line_id task_id revision reservation_id received_on applied
		shortage content reason reference note actor occurred_at`
)

var (
	zoneFlows = newTable("zone_flows", flowRequired, flowDefaulted)
	binFlows  = newTable("bin_flows", flowRequired, flowDefaulted)
)

// legAt is a leg by its effect and number.
type legAt struct {
	effect *Effect
	number int
}

// addFlows records each leg under its effect's key. The unique key is what makes an effect
// happen once: INSERT, never INSERT IGNORE, so that a duplicate is an error.
func (b *Book) addFlows(ctx context.Context) error {
	zones := make([]legAt, 0, b.flows)
	var bins []legAt
	for _, effect := range b.effects {
		for i := range effect.legs {
			if effect.legs[i].row.Tier == model.ZoneTier {
				zones = append(zones, legAt{effect, i})
			} else {
				bins = append(bins, legAt{effect, i})
			}
		}
	}
	err := b.inserts.insert(ctx, zoneFlows, len(zones), func(i int, row *rowText) {
		zones[i].write(row)
	})
	if err != nil {
		return err
	}
	return b.inserts.insert(ctx, binFlows, len(bins), func(i int, row *rowText) {
		bins[i].write(row)
	})
}

func (at legAt) write(row *rowText) {
	e, leg := at.effect, &at.effect.legs[at.number]
	key, audit := &e.Movement.Key, &e.Movement.Audit
	var applied, shortage model.Quantity
	var content int64
	if at.number == 0 {
		applied, shortage, content = e.Applied, e.Shortage, e.content
	}
	row.string(e.warehouse).int(e.commitID).int(int64(e.firstPos + at.number)).int(leg.row.ID).
		int(leg.after.rowSeq).string(string(key.Action)).int(int64(at.number)).
		string(leg.row.Zone).int(int64(leg.delta.OnHand)).int(int64(leg.delta.Reserved)).
		int(int64(leg.delta.Frozen)).int(int64(leg.after.OnHand)).
		int(int64(leg.after.Reserved)).int(int64(leg.after.Frozen)).
		string(key.JobType).string(key.OrderID).string(key.LineID).string(key.TaskID).
		int(key.Revision).int(e.reservationID()).string(string(leg.after.receivedOn)).
		int(int64(applied)).int(int64(shortage)).int(content).string(string(audit.Reason)).
		string(audit.Reference).string(audit.Note).string(e.Movement.actor).
		int(int64(audit.OccurredAt))
}
