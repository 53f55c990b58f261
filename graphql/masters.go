package graphql

import (
	"tierstock/master"
	"tierstock/model"
)

// What callers write, as the inputs of the masters. A field left out is nil there.

func warehouseInput(v values) master.WarehouseInput {
	return master.WarehouseInput{Code: v.text("code"), Name: optional[string](v, "name"),
		Timezone: optional[string](v, "timezone"), Region: optional[string](v, "region"),
		Priority:   wide(optional[int](v, "priority")),
		Latitude:   optional[model.Quantity](v, "latitude"),
		Longitude:  optional[model.Quantity](v, "longitude"),
		DailyLines: wide(optional[int](v, "dailyLines"))}
}

func zoneInput(v values) master.ZoneInput {
	return master.ZoneInput{Warehouse: v.text("warehouse"), Code: v.text("code"),
		Name: optional[string](v, "name"), Allocatable: optional[bool](v, "allocatable"),
		Priority: wide(optional[int](v, "priority")), Pool: optional[string](v, "pool")}
}

func binInput(v values) master.BinInput {
	input := master.BinInput{Warehouse: v.text("warehouse"), Zone: v.text("zone"),
		Code: v.text("code"), PickSequence: wide(optional[int](v, "pickSequence")),
		Parent: optional[string](v, "parent")}
	if kind := model.BinKind(v.text("kind")); kind != "" {
		input.Kind = &kind
	}
	return input
}

func skuInput(v values) master.SKUInput {
	input := master.SKUInput{Code: v.text("code"), Name: optional[string](v, "name"),
		Unit: optional[string](v, "unit"), Decimals: optional[int](v, "decimals"),
		Active: optional[bool](v, "active")}
	if v.has("packs") {
		packs := []model.Pack{}
		for _, item := range v.list("packs") {
			packs = append(packs, packInput(item.(values)))
		}
		input.Packs = &packs
	}
	return input
}

func packInput(v values) model.Pack {
	return model.Pack{Code: v.text("code"), Size: model.Fraction{
		Numerator: v.long("numerator"), Denominator: v.long("denominator")}}
}

func batchInput(v values) master.BatchInput {
	return master.BatchInput{Warehouse: v.text("warehouse"), Owner: v.text("owner"),
		SKU: v.text("sku"), Batch: v.text("batch"), ExpiresOn: optional[model.Date](v, "expiresOn"),
		Hold: optional[bool](v, "hold"), Pool: optional[string](v, "pool")}
}
