package wmsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// skuTaker takes articles, which all warehouses share.
type skuTaker struct{}

func (skuTaker) read(_ context.Context, p *puller, it *item) error {
	if it.Op == Delta {
		return errNoDelta
	}
	if it.Op == Delete {
		return p.readDeletedSKU(it)
	}
	data, err := read[skuData](it.Data)
	if err != nil {
		return err
	}
	var c check
	input := master.SKUInput{Code: c.code("code", orText(data.Code, it.Key), p.SKUs),
		Name: data.Name, Unit: data.Unit, Decimals: data.Decimals, Active: data.Active}
	if input.Active == nil {
		active := true
		input.Active = &active // what was deleted there is back
	}
	if data.Name != nil {
		c.add("name", model.CheckText(*data.Name))
	}
	if data.Unit != nil {
		c.add("unit", model.CheckCode(*data.Unit))
	}
	input.Packs = packsOf(&c, p, data.Packs)
	it.key, it.data, it.about.SKU = input.Code, input, input.Code
	return c.wrong
}

func (p *puller) readDeletedSKU(it *item) error {
	var data struct {
		Code string `json:"code"`
	}
	if len(it.Data) > 0 {
		if err := json.Unmarshal(it.Data, &data); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	var c check
	if it.key == "" {
		it.key = c.code("key", orText(data.Code, it.Key), p.SKUs)
	}
	it.data = master.SKUInput{Code: it.key, Active: new(bool)}
	it.about.SKU = it.key
	return c.wrong
}

var errNoDelta = errors.New("op: a delta is for the stream stock only")

func packsOf(c *check, p *puller, packs *[]packData) *[]model.Pack {
	if packs == nil {
		return nil
	}
	read := make([]model.Pack, len(*packs))
	for i, pack := range *packs {
		read[i] = model.Pack{Code: c.code("packs.code", pack.Code, p.Packs),
			Size: model.Fraction{Numerator: int64(pack.Numerator), Denominator: 1}}
		if pack.Denominator != nil {
			read[i].Size.Denominator = int64(*pack.Denominator)
		}
	}
	return &read
}

func (skuTaker) plan(ctx context.Context, p *puller, _ string, items []*item,
	_ map[string]state) error {
	var deleted []string
	for _, it := range items {
		if it.Op == Delete {
			deleted = append(deleted, it.key)
		}
	}
	unknown, err := p.unknownArticles(ctx, deleted)
	if err != nil {
		return err
	}
	for _, it := range items {
		it.keep = &state{Version: it.Version, Gone: it.Op == Delete}
		if it.Op == Delete && slices.Contains(unknown, it.key) {
			continue // it never was here
		}
		it.after = func(ctx context.Context, tx *store.Tx, _ []model.Result) (string, error) {
			outcome, err := master.UpsertSKUsIn(ctx, tx, []master.SKUInput{it.data.(master.SKUInput)})
			if err != nil {
				return "", err
			}
			return faultOf(outcome.Results[0].Code, outcome.Results[0].Field,
				outcome.Results[0].Message), nil
		}
	}
	return nil
}

// faultOf is why an item is dead whose effect was refused, "" for one that was not.
func faultOf(code model.Code, field, message string) string {
	if code.Succeeded() {
		return ""
	}
	text := string(code)
	if field != "" {
		text += " " + field
	}
	return text + ": " + message
}
