package graphql

import "tierstock/model"

func addMasterTypes(b *builder) {
	object(b, "Warehouse", "A site; its calendar day decides what has expired. latitude and "+
		"longitude are degrees; dailyLines is how many order lines it takes a day, 0 for any number.",
		[]column[model.Warehouse]{
			{"code", "Code!", func(w model.Warehouse) any { return w.Code }},
			{"name", "String!", func(w model.Warehouse) any { return w.Name }},
			{"timezone", "Code!", func(w model.Warehouse) any { return w.Timezone }},
			{"region", "String!", func(w model.Warehouse) any { return w.Region }},
			{"priority", "Int!", func(w model.Warehouse) any { return w.Priority }},
			{"latitude", "Decimal", func(w model.Warehouse) any { return placed(w, w.Latitude) }},
			{"longitude", "Decimal", func(w model.Warehouse) any { return placed(w, w.Longitude) }},
			{"dailyLines", "Int!", func(w model.Warehouse) any { return w.DailyLines }},
		})
	object(b, "Zone", "A part of a warehouse.",
		[]column[model.Zone]{
			{"warehouse", "Code!", func(z model.Zone) any { return z.Warehouse }},
			{"code", "Code!", func(z model.Zone) any { return z.Code }},
			{"name", "String!", func(z model.Zone) any { return z.Name }},
			{"allocatable", "Boolean!", func(z model.Zone) any { return z.Allocatable }},
			{"priority", "Int!", func(z model.Zone) any { return z.Priority }},
			{"stagingBin", "Code!", func(z model.Zone) any { return z.StagingBin }},
			{"pool", "String!", func(z model.Zone) any { return z.Pool }},
		})
	object(b, "Bin", "Where stock lies: a place, a tote or a tote's cell.",
		[]column[model.Bin]{
			{"warehouse", "Code!", func(b model.Bin) any { return b.Warehouse }},
			{"zone", "Code!", func(b model.Bin) any { return b.Zone }},
			{"code", "Code!", func(b model.Bin) any { return b.Code }},
			{"kind", "BinKind!", func(b model.Bin) any { return string(b.Kind) }},
			{"pickSequence", "Int!", func(b model.Bin) any { return b.PickSequence }},
			{"blocked", "Boolean!", func(b model.Bin) any { return b.Blocked }},
			{"parent", "String!", func(b model.Bin) any { return b.Parent }},
		})
	object(b, "Sku", "An article.",
		[]column[model.SKU]{
			{"code", "Code!", func(s model.SKU) any { return s.Code }},
			{"name", "String!", func(s model.SKU) any { return s.Name }},
			{"unit", "Code!", func(s model.SKU) any { return s.Unit }},
			{"decimals", "Int!", func(s model.SKU) any { return s.Decimals }},
			{"packs", "[Pack!]!", func(s model.SKU) any { return orEmpty(s.Packs) }},
			{"active", "Boolean!", func(s model.SKU) any { return s.Active }},
		})
	object(b, "Pack", "numerator/denominator base units per pack.",
		[]column[model.Pack]{
			{"code", "Code!", func(p model.Pack) any { return p.Code }},
			{"numerator", "Long!", func(p model.Pack) any { return p.Size.Numerator }},
			{"denominator", "Long!", func(p model.Pack) any { return p.Size.Denominator }},
		})
}

// placed is null where nobody has said where the warehouse is.
func placed(w model.Warehouse, degrees model.Quantity) any {
	if !w.Located {
		return nil
	}
	return degrees
}
