package graphql

import (
	"context"
	"errors"

	gql "github.com/graphql-go/graphql"

	"tierstock/master"
	"tierstock/model"
	"tierstock/replenish"
)

func addReplenishmentTypes(b *builder) {
	b.enum("SuggestionKind", "MOVE: bring goods from bin to bin. BUY: the reorder point is reached.",
		names(replenish.Kinds)...)
	b.enum("SuggestionReason", "LEVEL: less than the level's minimum. RESERVED: there would be "+
		"enough but for what is promised or short. FORECAST: less than what is expected.",
		names(replenish.Reasons)...)
	b.input("StockLevelInput", "How much of an item is to be in a zone, or with bin in one bin of "+
		"it, in base units: with less than min there, it is filled up to max. pack: in whole packs "+
		"of that. strategy chooses what comes (FEFO), and sources are the zones it comes from; left "+
		"out, those that are nobody's target for the item. What is left out is none.",
		`warehouse: Code!, zone: Code!, bin: Label, owner: Label, sku: Code!, min: Decimal!, `+
			`max: Decimal!, pack: Label, strategy: Code, sources: [Code!]`)
	object(b, "StockLevel", "How much of an item is to be in a zone or bin, in base units.",
		[]column[replenish.Level]{
			{"zone", "Code!", func(l replenish.Level) any { return l.Zone }},
			{"bin", "String!", func(l replenish.Level) any { return l.Bin }},
			{"owner", "String!", func(l replenish.Level) any { return l.Item.Owner }},
			{"sku", "Code!", func(l replenish.Level) any { return l.Item.SKU }},
			{"min", "Decimal!", func(l replenish.Level) any { return l.Min }},
			{"max", "Decimal!", func(l replenish.Level) any { return l.Max }},
			{"pack", "String!", func(l replenish.Level) any { return l.Pack }},
			{"strategy", "String!", func(l replenish.Level) any { return l.Strategy }},
			{"sources", "[Code!]!", func(l replenish.Level) any { return orEmpty(l.Sources) }},
		})
	addSuggestionTypes(b)
	addForecastType(b)
	addConnection(b, "StockLevel")
	addConnection(b, "DemandForecast")
	addConnection(b, "ReplenishmentSuggestion")
}

func addSuggestionTypes(b *builder) {
	object(b, "ReplenishmentRun", "One computation of a business date: number 0 is its own, others "+
		"were asked for. leftOut are suggestions beyond those that are kept.",
		[]column[replenish.Run]{
			{"id", "ID!", func(r replenish.Run) any { return decimalID(r.ID) }},
			{"warehouse", "Code!", func(r replenish.Run) any { return r.Warehouse }},
			{"businessDate", "Date!", func(r replenish.Run) any { return r.Date }},
			{"number", "Int!", func(r replenish.Run) any { return int(r.Number) }},
			{"createTasks", "Boolean!", func(r replenish.Run) any { return r.CreateTasks }},
			{"moves", "Int!", func(r replenish.Run) any { return int(r.Moves) }},
			{"buys", "Int!", func(r replenish.Run) any { return int(r.Buys) }},
			{"leftOut", "Int!", func(r replenish.Run) any { return int(r.LeftOut) }},
			{"createdAt", "DateTime!", func(r replenish.Run) any { return r.CreatedAt }},
		})
	object(b, "ReplenishmentPayload", "REPLAYED: the date and number had this run before.",
		[]column[replenished]{
			{"code", "ResultCode!", func(r replenished) any { return string(r.code) }},
			{"field", "String", func(r replenished) any { return orNull(r.field) }},
			{"message", "String", func(r replenished) any { return orNull(r.message) }},
			{"run", "ReplenishmentRun", func(r replenished) any {
				if r.run == nil {
					return nil
				}
				return *r.run
			}},
		})
	object(b, "ReplenishmentSuggestion", "A MOVE's qty is in packs of pack, and taskId, under "+
		"jobType REPLENISH, is the key of the move that works it off, \"\" without a task; a BUY's "+
		"qty is in base units, and it has no places. present is what the target has and has coming, "+
		"and wanted what it should have at least, in base units.",
		[]column[suggested]{
			{"run", "ReplenishmentRun!", func(s suggested) any { return *s.run }},
			{"line", "Int!", func(s suggested) any { return s.Line }},
			{"kind", "SuggestionKind!", func(s suggested) any { return string(s.Kind) }},
			{"reason", "SuggestionReason!", func(s suggested) any { return string(s.Reason) }},
			{"owner", "String!", func(s suggested) any { return s.Item.Owner }},
			{"sku", "Code!", func(s suggested) any { return s.Item.SKU }},
			{"batch", "String!", func(s suggested) any { return s.Batch }},
			{"pack", "String!", func(s suggested) any { return s.Pack }},
			{"qty", "Decimal!", func(s suggested) any { return s.Qty }},
			{"zone", "String!", func(s suggested) any { return s.Zone }},
			{"bin", "String!", func(s suggested) any { return s.Bin }},
			{"toZone", "String!", func(s suggested) any { return s.ToZone }},
			{"toBin", "String!", func(s suggested) any { return s.ToBin }},
			{"present", "Decimal!", func(s suggested) any { return s.Present }},
			{"wanted", "Decimal!", func(s suggested) any { return s.Wanted }},
			{"taskId", "String!", func(s suggested) any { return s.TaskID }},
		})
}

func addForecastType(b *builder) {
	object(b, "DemandForecast", "What is expected of an item from asOf on, in base units, as the "+
		"latest run had it: daily a day; deviation is the error's over four weeks; safetyStock and "+
		"reorderPoint are for the run's lead time. error and naive are mean absolute scaled errors "+
		"in the back-test, of the method and of expecting the last week again.",
		[]column[replenish.Forecast]{
			{"owner", "String!", func(f replenish.Forecast) any { return f.Item.Owner }},
			{"sku", "Code!", func(f replenish.Forecast) any { return f.Item.SKU }},
			{"asOf", "Date!", func(f replenish.Forecast) any { return f.AsOf }},
			{"method", "Code!", func(f replenish.Forecast) any { return f.Method }},
			{"daily", "Decimal!", func(f replenish.Forecast) any { return f.Daily }},
			{"deviation", "Decimal!", func(f replenish.Forecast) any { return f.Deviation }},
			{"safetyStock", "Decimal!", func(f replenish.Forecast) any { return f.SafetyStock }},
			{"reorderPoint", "Decimal!", func(f replenish.Forecast) any { return f.ReorderPoint }},
			{"error", "Decimal!", func(f replenish.Forecast) any { return f.Error }},
			{"naive", "Decimal!", func(f replenish.Forecast) any { return f.Naive }},
		})
}

// replenished is the answer to a run that was asked for.
type replenished struct {
	code           model.Code
	field, message string
	run            *replenish.Run
}

// suggested is a suggestion of a run.
type suggested struct {
	replenish.Suggestion

	run *replenish.Run
}

func (a *API) replenishmentQueries() []field {
	suggestions := paged(a, "replenishmentSuggestions", "ReplenishmentSuggestion",
		"warehouse: Code!"+pageArgs, a.readSuggestions, func(s suggested) replenish.SuggestionPlace {
			return replenish.SuggestionPlace{Run: s.run.ID, Line: s.Line}
		}, asIs)
	suggestions.description = "What the latest run proposes; a list goes on in the run it began " +
		"with."
	return []field{suggestions,
		paged(a, "stockLevels", "StockLevel", "warehouse: Code!, zone: Code, sku: Code"+pageArgs,
			a.readLevels, func(l replenish.Level) replenish.LevelPlace { return l.Place() }, asIs),
		paged(a, "demandForecasts", "DemandForecast", "warehouse: Code!, sku: Code"+pageArgs,
			a.readForecasts, func(f replenish.Forecast) model.Item { return f.Item }, asIs),
	}
}

func (a *API) readSuggestions(ctx context.Context, args values, after replenish.SuggestionPlace,
	first int) (master.Page[suggested], error) {
	page, run, err := a.replenish.Suggestions(ctx, args.text("warehouse"), after, first)
	shown := master.Page[suggested]{More: page.More}
	for _, row := range page.Rows {
		shown.Rows = append(shown.Rows, suggested{row, run})
	}
	return shown, err
}

func (a *API) readLevels(ctx context.Context, args values, after replenish.LevelPlace, first int,
) (master.Page[replenish.Level], error) {
	return a.replenish.Levels(ctx, args.text("warehouse"), args.text("zone"), args.text("sku"),
		after, first)
}

func (a *API) readForecasts(ctx context.Context, args values, after model.Item, first int,
) (master.Page[replenish.Forecast], error) {
	return a.replenish.Forecasts(ctx, args.text("warehouse"), args.text("sku"), after, first)
}

func (a *API) replenishmentMutations() []field {
	return []field{
		masters(a, "upsertStockLevels", "StockLevelInput", stockLevel, a.verbs.levels),
		{name: "runReplenishment", kind: "ReplenishmentPayload!",
			args: "warehouse: Code!, businessDate: Date, number: Int = 0, " +
				"createTasks: Boolean = true, serviceLevel: Decimal = \"0.95\", " +
				"leadDays: Int = 14, coverDays: Int = 7",
			description: "Computes what to bring and to buy, once for each business date (left " +
				"out: today) and number; with createTasks, moves become tasks, and open ones of " +
				"earlier runs are cancelled.",
			resolve: a.resolve(a.runReplenishment)},
	}
}

func (a *API) runReplenishment(p gql.ResolveParams, args values) (any, error) {
	run, isNew, err := a.verbs.replenish(p.Context, replenish.Asked{
		Warehouse: args.text("warehouse"), Date: args.date("businessDate"),
		Number: int64(args.number("number")), CreateTasks: args.flag("createTasks"),
		Settings: &replenish.Settings{
			Service:  args.quantity("serviceLevel").Decimal().InexactFloat64(),
			LeadDays: args.number("leadDays"), CoverDays: args.number("coverDays")}})
	if refusal, ok := errors.AsType[*model.Refusal](err); ok {
		return replenished{code: refusal.Code, field: refusal.Field, message: refusal.Message}, nil
	}
	if !isNew {
		return replenished{code: model.Replayed, run: &run}, err
	}
	return replenished{code: model.Applied, run: &run}, err
}

func stockLevel(v values) replenish.Level {
	return replenish.Level{Warehouse: v.text("warehouse"), Zone: v.text("zone"), Bin: v.text("bin"),
		Item: model.Item{Owner: v.text("owner"), SKU: v.text("sku")}, Min: v.quantity("min"),
		Max: v.quantity("max"), Pack: v.text("pack"), Strategy: v.text("strategy"),
		Sources: texts[string](v, "sources")}
}
