package wmsync

import (
	"net/url"
	"strconv"
	"strings"

	"tierstock/model"
)

// parcel is a movement on its way to a system. row is where it stands among the messages, the zero
// value for one that has not been tried.
type parcel struct {
	Movement
	article model.Item // ours
	row     Message
}

// parcels are what a system is told of flows of tier 3, in their order: what one effect did to the
// goods of one kind is told as goods that went from where they are less to where they are more.
func (r *remote) parcels(flows []model.Flow) (all []*parcel) {
	for len(flows) > 0 {
		count := 1
		for count < len(flows) && flows[count].Key == flows[0].Key {
			count++
		}
		all = append(all, r.parcelsOf(flows[:count])...)
		flows = flows[count:]
	}
	return all
}

// kind is what goods are, wherever they lie.
type kind struct{ owner, sku, batch, pack string }

// parcelsOf are those of one effect.
func (r *remote) parcelsOf(legs []model.Flow) (all []*parcel) {
	if legs[0].Key.JobType == r.job() {
		return nil // the system told us
	}
	for i := range legs {
		leg := &legs[i]
		for rest := leg.Delta.OnHand; rest != 0; {
			from, to, qty := matched(legs, i, rest)
			rest -= qty
			leg.Delta.OnHand -= qty
			all = append(all, r.parcel(leg, from, to, max(qty, -qty), len(all)))
		}
	}
	return all
}

// matched finds, for what a leg took or brought, the other end: a later leg of the same goods that
// did the opposite, of which it takes as much as fits. qty is the leg's, with its sign.
func matched(legs []model.Flow, at int, rest model.Quantity) (from, to *model.Flow,
	qty model.Quantity) {
	leg := &legs[at]
	is := kind{leg.Owner, leg.SKU, leg.Batch, leg.Pack}
	qty = rest
	var other *model.Flow
	for i := at + 1; i < len(legs) && other == nil; i++ {
		opposite := (legs[i].Delta.OnHand < 0) != (rest < 0) && legs[i].Delta.OnHand != 0
		if opposite && is == (kind{legs[i].Owner, legs[i].SKU, legs[i].Batch, legs[i].Pack}) {
			other = &legs[i]
		}
	}
	if other != nil {
		part := min(max(rest, -rest), max(other.Delta.OnHand, -other.Delta.OnHand))
		if qty = part; rest < 0 {
			qty = -part
		}
		other.Delta.OnHand += qty
	}
	if rest < 0 {
		return leg, other, qty
	}
	return other, leg, qty
}

func (r *remote) parcel(leg *model.Flow, from, to *model.Flow, qty model.Quantity,
	part int) *parcel {
	at := leg.Audit.OccurredAt
	if at == 0 {
		at = leg.RecordedAt
	}
	key := leg.Key
	return &parcel{article: model.Item{Owner: leg.Owner, SKU: leg.SKU},
		row: Message{Warehouse: key.Warehouse, System: r.Name, Stream: Movements, Owner: leg.Owner,
			SKU: leg.SKU, Seq: leg.Seq, Part: part, CreatedAt: leg.RecordedAt},
		Movement: Movement{ID: movementID(key, part), Type: string(key.Action),
			Key: MovementKey{JobType: key.JobType, OrderID: key.OrderID, LineID: key.LineID,
				TaskID: key.TaskID, Revision: strconv.FormatInt(key.Revision, 10)},
			Warehouse: r.out.warehouses[key.Warehouse], From: r.place(from), To: r.place(to),
			Owner: mapped(r.out.owners, leg.Owner), SKU: mapped(r.out.skus, leg.SKU),
			Batch: leg.Batch, Pack: mapped(r.out.packs, leg.Pack), Qty: qty.String(),
			Reason: string(leg.Audit.Reason), Reference: leg.Audit.Reference, Seq: leg.Seq,
			OccurredAt: at.Time()}}
}

func (r *remote) place(leg *model.Flow) *Place {
	if leg == nil {
		return nil
	}
	return &Place{Zone: mapped(r.out.zones, leg.Zone), Bin: leg.Bin}
}

// movementID names a movement for ever: the key of the effect that it is a part of, each part of it
// percent-encoded, so that no two keys are one when they are joined.
func movementID(key model.Key, part int) string {
	parts := []string{key.Warehouse, string(key.Action), key.JobType, key.OrderID, key.LineID,
		key.TaskID, strconv.FormatInt(key.Revision, 10), strconv.Itoa(part)}
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
