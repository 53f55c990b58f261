package allocation

import (
	"context"
	"fmt"
	"strings"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Service reserves stock for order lines.
type Service struct{ engine *flow.Engine }

// New makes the service on an engine whose Choose is this package's.
func New(engine *flow.Engine) *Service { return &Service{engine} }

// Reserve holds stock for order lines. Each line is answered in order; the error is about the
// whole call (see flow.Engine.Submit).
func (s *Service) Reserve(ctx context.Context, mode flow.Mode, lines []model.ReserveLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, reserve)
}

func reserve(line model.ReserveLine) *flow.Movement {
	return &flow.Movement{Key: line.Key.For(line.Warehouse, model.Reserve),
		Audit: line.Audit, Needs: flow.Needs{Items: []model.Item{line.Item}},
		Content: func(content *flow.Content, view *master.View) { describe(content, view, line) },
		Decide:  func(effect *flow.Effect) error { return decide(effect, line) }}
}

func describe(content *flow.Content, view *master.View, line model.ReserveLine) {
	content.Text('s', line.Item.SKU).Text('o', line.Item.Owner).Quantity('q', line.Qty).
		Set('z', line.Zones).Number('m', int64(line.MinRemainingDays)).
		Flag('a', line.AllowPartial)
	if line.Batch != nil {
		content.Flag('B', true).Text('b', *line.Batch)
	}
	if line.Strategy != FEFO {
		content.Text('y', line.Strategy)
	}
	content.Text('p', view.NormalPack(line.Item.SKU, line.Pack))
	if line.TTLSeconds != nil {
		content.Text('t', fmt.Sprint(*line.TTLSeconds))
	}
}

func decide(effect *flow.Effect, line model.ReserveLine) error {
	asked, err := check(effect, line)
	if err != nil {
		return err
	}
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
		BaseUnits: asked.AnyPack, State: model.ReservationOpen, Asked: asked}
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

func worth(choice flow.Choice, baseUnits bool) model.Quantity {
	if !baseUnits {
		return choice.Taken
	}
	base, _ := choice.Size.Base(choice.Taken)
	return base
}

// check judges a line before stock is looked at.
func check(effect *flow.Effect, line model.ReserveLine) (asked flow.Asked, err error) {
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
	case line.Strategy != "" && strategies[line.Strategy] == nil:
		err = flow.Refuse(model.Invalid, "strategy", "there is no strategy or rule set "+
			line.Strategy)
	case line.MinRemainingDays < 0:
		err = flow.Refuse(model.Invalid, "minRemainingDays",
			fmt.Sprintf("%d is negative", line.MinRemainingDays))
	case line.TTLSeconds != nil:
		err = flow.CheckTTL("ttlSeconds", *line.TTLSeconds)
	}
	asked = flow.Asked{Zones: line.Zones, Batch: line.Batch, Pack: pack,
		AnyPack:          line.Strategy == FullPacks && pack == "",
		MinRemainingDays: line.MinRemainingDays}
	if line.Strategy != FEFO {
		asked.Strategy = line.Strategy
	}
	return asked, err
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
