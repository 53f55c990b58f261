package wmsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

// job is the job type of the effects that the system caused. What it caused is not told to it
// again.
func (r *remote) job() string { return "SYNC:" + r.Name }

// stockTaker takes changes that were booked there: a positive one is received into the zone's
// staging bin, a negative one is taken from free stock, oldest first.
type stockTaker struct{}

// booking is a change of stock, in our words. Batch nil is any. round counts the bookings of a load
// that was cut off.
type booking struct {
	at        model.ZoneStockKey
	batch     *string
	expiresOn model.Date
	qty       model.Quantity
	reason    model.Reason
	round     int
}

func (stockTaker) read(_ context.Context, p *puller, it *item) error {
	data, err := read[stockData](it.Data)
	if err != nil {
		return err
	}
	if !it.ofSnapshot && it.Op != Delta {
		return errors.New("op: an item of the stream stock is a delta")
	}
	booked, err := p.booking(it, data)
	it.warehouse, it.about = booked.at.Warehouse, booked.at.Item()
	it.articles = []string{booked.at.SKU}
	it.data = booked
	return err
}

func (p *puller) booking(it *item, data stockData) (booking, error) {
	var c check
	booked := booking{at: model.ZoneStockKey{
		Warehouse: c.warehouse(&p.System, orText(data.Warehouse, it.askedOf)),
		Zone:      c.zone(&p.System, data.Zone),
		Owner:     c.label("owner", data.Owner, p.Owners),
		SKU:       c.code("sku", data.SKU, p.SKUs),
		Pack:      c.label("pack", data.Pack, p.Packs)},
		batch: data.Batch, expiresOn: c.date("expiresOn", data.ExpiresOn),
		reason: reason(data.Reason)}
	if data.Batch != nil {
		c.add("batch", model.CheckLabel(*data.Batch))
		booked.at.Batch = *data.Batch
	}
	switch {
	case it.ofSnapshot && data.OnHand == nil:
		c.add("onHand", errors.New("is missing"))
	case it.ofSnapshot:
		booked.qty = model.Quantity(*data.OnHand)
	case data.Delta == nil:
		c.add("delta", errors.New("is missing"))
	case *data.Delta == 0:
		c.add("delta", errors.New("must not be zero"))
	default:
		booked.qty = model.Quantity(*data.Delta)
	}
	switch {
	case data.Zone == "" && booked.qty < 0:
		booked.at.Zone = "" // goods may have gone on from where they came in
	case booked.at.Zone == "" && !it.ofSnapshot:
		c.add("zone", errNoZone)
	}
	return booked, c.wrong
}

func (stockTaker) plan(_ context.Context, p *puller, _ string, items []*item,
	_ map[string]state) error {
	// What comes goes first, so that what goes finds it, in whatever order the two were told.
	slices.SortStableFunc(items, func(one, other *item) int {
		return cmp.Compare(goes(one), goes(other))
	})
	for _, it := range items {
		booked := it.data.(booking)
		it.sets = [][]*flow.Movement{{p.movement(it, booked)}}
		it.after = func(_ context.Context, _ *store.Tx, verdicts []model.Result) (string, error) {
			return faultOf(verdicts[0].Code, verdicts[0].Field, verdicts[0].Message), nil
		}
	}
	return nil
}

func goes(it *item) int {
	if it.data.(booking).qty < 0 {
		return 1
	}
	return 0
}

// movement is what a booking does here, under a key made of the item's id.
func (p *puller) movement(it *item, booked booking) *flow.Movement {
	audit := model.Audit{Reason: booked.reason, Reference: shortCode(it.ID)}
	if !it.OccurredAt.IsZero() {
		audit.OccurredAt = model.InstantOf(it.OccurredAt)
	}
	from, name := string(p.stream), shortCode(it.ID)
	if it.ofSnapshot {
		from, name = loadName, hashed(encoded(booked.at)) // whatever another snapshot says of the row
		if booked.round > 0 {
			name += fmt.Sprint(".", booked.round)
		}
	}
	return p.booked(from, name, booked, audit)
}

// booked is what a booking does, under a key of the system's job type.
func (r *remote) booked(from, name string, booked booking, audit model.Audit) *flow.Movement {
	if booked.qty < 0 {
		return tier3.Withdraw(tier3.Withdrawal{Key: model.TaskKey{JobType: r.job(),
			TaskID: shortCode(from + "/" + name)}, Warehouse: booked.at.Warehouse,
			Item: booked.at.Item(), Zone: booked.at.Zone, Batch: booked.batch, Pack: booked.at.Pack,
			Qty: -booked.qty, Audit: audit})
	}
	return tier2.Receipt(model.ReceiveLine{Key: model.LineKey{JobType: r.job(), OrderID: from,
		LineID: name}, At: booked.at, Qty: booked.qty, ExpiresOn: booked.expiresOn, Audit: audit})
}

// applyScarce tries changes once more that found too little stock: what they were to take may have
// been told after them. Those of runs that did not come to their end are among them.
func (p *puller) applyScarce(ctx context.Context) error {
	if p.stream != Stock {
		return nil
	}
	letters, err := p.letters(ctx, Dead, p.row.LastSuccessAt)
	if err != nil {
		return err
	}
	letters = slices.DeleteFunc(letters, func(letter Message) bool {
		return !strings.HasPrefix(letter.LastError, string(model.Insufficient))
	})
	return p.applyLetters(ctx, letters)
}
