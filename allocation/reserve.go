package allocation

import (
	"context"
	"fmt"
	"strings"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Service reserves stock for order lines.
type Service struct {
	db     *store.DB
	engine *flow.Engine
	rules  Rules
}

// New makes the service on an engine whose Choose is this package's. rules is nil for none.
func New(db *store.DB, engine *flow.Engine, rules Rules) *Service {
	if rules == nil {
		rules = noRules{}
	}
	return &Service{db, engine, rules}
}

// Reserve holds stock for order lines. Each line is answered in order; the error is about the
// whole call (see flow.Engine.Submit).
func (s *Service) Reserve(ctx context.Context, mode flow.Mode, lines []model.ReserveLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, s.reserve)
}

func (s *Service) reserve(line model.ReserveLine) *flow.Movement {
	how := s.howFor(line.Strategy, demandOf(line))
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Reserve), Audit: line.Audit,
		Needs: flow.Needs{Items: []model.Item{line.Item}, FreeBins: how.looksAtBins()},
		Content: func(content *flow.Content, view *master.View) {
			describe(content, view, line)
			describeTerms(content, line)
		},
		Decide: func(effect *flow.Effect) error { return decide(effect, line, how) }}
}

func demandOf(line model.ReserveLine) Demand {
	demand := Demand{Warehouse: line.Warehouse, Owner: line.Item.Owner, SKU: line.Item.SKU,
		JobType: line.Key.JobType, OrderID: line.Key.OrderID, LineID: line.Key.LineID,
		Channel: line.Channel, Priority: line.Priority, Qty: line.Qty, Pack: line.Pack,
		MinRemainingDays: line.MinRemainingDays}
	if line.Batch != nil {
		demand.Batch = *line.Batch
	}
	return demand
}

// describe is what every line asks of stock, that of a wave too.
func describe(content *flow.Content, view *master.View, line model.ReserveLine) {
	content.Text('s', line.Item.SKU).Text('o', line.Item.Owner).Quantity('q', line.Qty).
		Number('m', int64(line.MinRemainingDays))
	if line.Batch != nil {
		content.Flag('B', true).Text('b', *line.Batch)
	}
	content.Text('p', view.NormalPack(line.Item.SKU, line.Pack))
}

// describeTerms is what only a line by itself says: a wave's terms are the wave's.
func describeTerms(content *flow.Content, line model.ReserveLine) {
	content.Set('z', line.Zones).Flag('a', line.AllowPartial)
	if line.Strategy != FEFO {
		content.Text('y', line.Strategy)
	}
	if line.TTLSeconds != nil {
		content.Text('t', fmt.Sprint(*line.TTLSeconds))
	}
}

func decide(effect *flow.Effect, line model.ReserveLine, how how) error {
	asked, err := check(effect, line, how)
	if err != nil {
		return err
	}
	effect.DecidedBy = how.decider()
	choices := effect.Choose(line.Item, line.Qty, asked, nil)
	taken := model.Quantity(0)
	for _, choice := range choices {
		taken += worth(choice, asked.AnyPack)
	}
	if taken == 0 || taken < line.Qty && !line.AllowPartial {
		return refuse(choices, fmt.Sprintf("%s may be taken, %s was asked for%s", taken, line.Qty,
			reasons(choices)))
	}
	if taken < line.Qty {
		effect.SetPartial()
	}
	effect.Applied, effect.Shortage = taken, line.Qty-taken
	hold(effect, line, asked, choices)
	return nil
}

// refuse names who holds what could have served, where somebody does.
func refuse(choices []flow.Choice, message string) error {
	var held *flow.StockRow
	for _, choice := range choices {
		suits := choice.Skipped == "" || choice.Skipped == flow.SkippedHeld
		if suits && choice.Row.Reserved > 0 && (held == nil || choice.Row.Reserved > held.Reserved) {
			held = choice.Row
		}
	}
	if held == nil {
		return flow.Refuse(model.Insufficient, "qty", message)
	}
	return flow.RefuseHeld(model.Insufficient, "qty", message, held, nil)
}

func hold(effect *flow.Effect, line model.ReserveLine, asked flow.Asked, choices []flow.Choice) {
	made := flow.Reservation{Key: line.Key, Item: line.Item, Requested: line.Qty,
		BaseUnits: asked.AnyPack, Priority: line.Priority, State: model.ReservationOpen, Asked: asked}
	if line.TTLSeconds != nil {
		made.ExpiresAt = effect.View.Now.Plus(*line.TTLSeconds)
	}
	r := effect.NewReservation(made)
	for _, choice := range choices {
		if choice.Taken > 0 {
			effect.Take(r, choice.Row, choice.Taken)
		}
	}
}

// check judges a line before stock is looked at.
func check(effect *flow.Effect, line model.ReserveLine, how how) (asked flow.Asked, err error) {
	sku, err := effect.Article("sku", line.Item.SKU)
	if err != nil {
		return asked, err
	}
	if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
		return asked, err
	}
	pack, err := flow.NormalPack("pack", sku, line.Pack)
	if err != nil {
		return asked, err
	}
	for i, zone := range line.Zones {
		if _, err := effect.Site(fmt.Sprintf("zones[%d]", i), zone); err != nil {
			return asked, err
		}
	}
	switch {
	case how.err != nil:
		err = how.err
	case line.MinRemainingDays < 0:
		err = flow.Refuse(model.Invalid, "minRemainingDays",
			fmt.Sprintf("%d is negative", line.MinRemainingDays))
	case line.TTLSeconds != nil:
		err = flow.CheckTTL("ttlSeconds", *line.TTLSeconds)
	}
	return how.asked(line, pack), err
}

// reasons sums up, for a refusal, why rows were passed over.
func reasons(choices []flow.Choice) string {
	counts := map[string]int{}
	var order []string
	for _, choice := range choices {
		if choice.Skipped == "" || choice.Row.OnHand == 0 {
			continue
		}
		if counts[choice.Skipped] == 0 {
			order = append(order, choice.Skipped)
		}
		counts[choice.Skipped]++
	}
	var text strings.Builder
	for _, reason := range order {
		fmt.Fprintf(&text, "; %d rows %s", counts[reason], reason)
	}
	return text.String()
}
