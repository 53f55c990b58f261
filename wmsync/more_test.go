package wmsync_test

import (
	"context"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/wmsync"
)

func skuFilter(codes ...string) master.SKUFilter { return master.SKUFilter{Codes: codes} }

// deduct lets part of an order's line leave.
func (b *bench) deduct(orderID, lineID string, revision int64, qty string) {
	b.t.Helper()
	results, err := b.Tier2.Deduct(b.t.Context(), flow.Mode{}, []model.DeductLine{{
		Key: model.LineKey{JobType: "SHIP", OrderID: orderID, LineID: lineID}, Warehouse: b.Warehouse,
		Reservation: &model.LineKey{JobType: "ORDER", OrderID: orderID, LineID: lineID,
			Revision: revision},
		Qty: b.QtyOr(qty)}})
	if err != nil || results[0].Code != model.Applied {
		b.t.Fatalf("%+v %v", results, err)
	}
}

// pickyFarSide refuses whole batches that have SALT in them.
type pickyFarSide struct{ *farSide }

func (f *pickyFarSide) Deliver(ctx context.Context, id string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	for _, movement := range movements {
		if movement.SKU == stocktest.Salt {
			return nil, wmsync.Fail(wmsync.Refused, "HTTP 400")
		}
	}
	return f.farSide.Deliver(ctx, id, movements)
}
