package tier2

import (
	"context"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Receive brings goods in, into both tiers.
func (s *Service) Receive(ctx context.Context, mode flow.Mode, lines []model.ReceiveLine) (
	[]model.Result, error) {
	return flow.SubmitLines(ctx, s.engine, mode, lines, Receipt)
}

// Receipt is the movement of a line of Receive, for who submits it with others.
func Receipt(line model.ReceiveLine) *flow.Movement {
	needs := flow.Needs{Items: []model.Item{line.At.Item()}}
	if line.Bin == "" {
		needs.StagingOf = line.At.Zone
	} else {
		needs.Bins, needs.Enters = []string{line.Bin}, []string{line.Bin}
	}
	return &flow.Movement{Key: line.Key.For(line.At.Warehouse, model.Receive),
		Audit: line.Audit, Needs: needs,
		Content: func(content *flow.Content, view *master.View) {
			bin := line.Bin
			if zone, ok := view.Zone(line.At.Zone); ok && zone.StagingBin == bin {
				bin = ""
			}
			content.Text('z', line.At.Zone).Text('o', line.At.Owner).Text('s', line.At.SKU).
				Text('b', line.At.Batch).Text('p', view.NormalPack(line.At.SKU, line.At.Pack)).
				Quantity('q', line.Qty).Text('i', bin).Text('e', string(line.ExpiresOn)).
				Text('r', string(line.ReceivedOn))
		},
		Decide: func(effect *flow.Effect) error { return decideReceive(effect, line) }}
}

func decideReceive(effect *flow.Effect, line model.ReceiveLine) error {
	at := line.At
	sku, err := effect.Article("at.sku", at.SKU)
	if err != nil {
		return err
	}
	if at.Pack, err = flow.NormalPack("at.pack", sku, at.Pack); err != nil {
		return err
	}
	if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
		return err
	}
	bin, err := arrivalBin(effect, line)
	if err != nil {
		return err
	}
	if err := effect.DateBatch(at.Item(), at.Batch, line.ExpiresOn); err != nil {
		return err
	}
	on := line.ReceivedOn
	if on == "" {
		on = effect.Today()
	}
	row := effect.ZoneRow(at)
	effect.Arrive(row, on)
	effect.Post(row, flow.OnHand(line.Qty))
	effect.Post(effect.BinRow(at.InBin(bin)), flow.OnHand(line.Qty))
	effect.Applied = line.Qty
	return nil
}

func arrivalBin(effect *flow.Effect, line model.ReceiveLine) (string, error) {
	zone, err := effect.Site("at.zone", line.At.Zone)
	if err != nil {
		return "", err
	}
	if line.Bin == "" {
		return zone.StagingBin, nil
	}
	bin, err := effect.OpenPlace("bin", line.Bin)
	if err != nil {
		return "", err
	}
	if bin.Zone != zone.Code {
		return "", flow.Refuse(model.Invalid, "bin", "bin "+bin.Code+" is in zone "+bin.Zone)
	}
	return bin.Code, nil
}
