package graphql

import (
	"context"
	"errors"
	"fmt"

	gql "github.com/graphql-go/graphql"

	"tierstock/access"
	"tierstock/model"
	"tierstock/sourcing"
)

func addSourcingTypes(b *builder) {
	b.enum("SourcingReason", "Why a warehouse serves no part of an order. NOT_ALLOWED: the order "+
		"does not name it, or excludes it. TRIED: it was tried before. NO_CAPACITY: it takes no more "+
		"order lines today. NO_STOCK: it has nothing of it. NOT_SHORTLISTED: too many candidates. "+
		"NOT_WHOLE: the order ships complete, and cannot. LESS_STOCK: it could serve no part that is "+
		"used. OTHER_REGION, LOWER_PRIORITY, FARTHER: another is preferred. NOT_NEEDED: as good, "+
		"and not needed.", names(sourcing.Reasons)...)
	b.input("SourceOrder", "An order that names no warehouse. warehouses, where any are named, are "+
		"the only ones looked at, and excluded never are; regions are preferred; maxSplits is how "+
		"many warehouses may serve it beyond the first. With shipComplete all is served or nothing.",
		`orderId: Code!, jobType: Code!, owner: Label, channel: Label, priority: Int = 0, `+
			`shipComplete: Boolean = false, warehouses: [Code!], excluded: [Code!], `+
			`regions: [Code!], destination: PlaceInput, maxSplits: Int, lines: [AllocateLine!]!, `+
			`audit: Audit`)
	b.input("PlaceInput", "A point on the globe, in degrees.",
		`latitude: Decimal!, longitude: Decimal!`)
	addSourcingPlanTypes(b)
	addSourcedTypes(b)
}

func addSourcingPlanTypes(b *builder) {
	object(b, "SourcingPlan", "Which warehouses would serve the orders now, in the order given. It "+
		"holds nothing.", []column[[]sourcing.OrderPlan]{
		{"orders", "[OrderSourcing!]!", func(o []sourcing.OrderPlan) any { return o }},
	})
	object(b, "OrderSourcing", "APPLIED where all would be served, else PARTIAL, INSUFFICIENT or a "+
		"refusal. exact: no better plan exists.", []column[sourcing.OrderPlan]{
		{"orderId", "Code!", func(p sourcing.OrderPlan) any { return p.OrderID }},
		{"code", "ResultCode!", func(p sourcing.OrderPlan) any { return string(p.Code) }},
		{"field", "String", func(p sourcing.OrderPlan) any { return orNull(p.Field) }},
		{"message", "String", func(p sourcing.OrderPlan) any { return orNull(p.Message) }},
		{"exact", "Boolean!", func(p sourcing.OrderPlan) any { return p.Exact }},
		{"lines", "[SourcingLine!]!", func(p sourcing.OrderPlan) any { return orEmpty(p.Lines) }},
		{"parts", "[SourcingPart!]!", func(p sourcing.OrderPlan) any {
			return partsOf(p.Parts, p.LineIDs())
		}},
		{"explanation", "[WarehouseLook!]!",
			func(p sourcing.OrderPlan) any { return orEmpty(p.Looks) }},
	})
	object(b, "SourcingLine", "What would be, or is, served of a line, from all warehouses together.",
		[]column[sourcing.LinePlan]{
			{"lineId", "Code!", func(l sourcing.LinePlan) any { return l.LineID }},
			{"code", "ResultCode!", func(l sourcing.LinePlan) any { return string(l.Code) }},
			{"field", "String", func(l sourcing.LinePlan) any { return orNull(l.Field) }},
			{"message", "String", func(l sourcing.LinePlan) any { return orNull(l.Message) }},
			{"qty", "Decimal!", func(l sourcing.LinePlan) any { return l.Qty }},
			{"shortage", "Decimal!", func(l sourcing.LinePlan) any { return l.Shortage }},
		})
	object(b, "SourcingPart", "What one warehouse would serve.", []column[sourcingPart]{
		{"warehouse", "Code!", func(p sourcingPart) any { return p.warehouse }},
		{"lines", "[SourcingPartLine!]!", func(p sourcingPart) any { return p.lines }},
	})
	object(b, "SourcingPartLine", "A line, or what of it that warehouse would serve.",
		[]column[sourcingPartLine]{
			{"lineId", "Code!", func(l sourcingPartLine) any { return l.lineID }},
			{"qty", "Decimal!", func(l sourcingPartLine) any { return l.qty }},
		})
	object(b, "WarehouseLook", "How a warehouse was seen, those that serve first, then the "+
		"preferred. serving: it serves other lines of the order already. distanceKm is as the "+
		"crow flies, null where a place is missing; linesLeft is how many more order lines it takes "+
		"today, null for any number. wholeLines and qty are what it could serve by itself.",
		[]column[sourcing.Look]{
			{"warehouse", "Code!", func(l sourcing.Look) any { return l.Warehouse }},
			{"used", "Boolean!", func(l sourcing.Look) any { return l.Reason == "" }},
			{"reason", "SourcingReason", func(l sourcing.Look) any { return orNull(string(l.Reason)) }},
			{"serving", "Boolean!", func(l sourcing.Look) any { return l.Serving }},
			{"regionMatches", "Boolean!", func(l sourcing.Look) any { return l.RegionMatches }},
			{"priority", "Int!", func(l sourcing.Look) any { return l.Priority }},
			{"distanceKm", "Int", kilometres},
			{"linesLeft", "Int", func(l sourcing.Look) any {
				if !l.Limited {
					return nil
				}
				return max(0, l.LinesLeft)
			}},
			{"wholeLines", "Int!", func(l sourcing.Look) any { return l.Lines }},
			{"qty", "Decimal!", func(l sourcing.Look) any { return l.Qty }},
		})
}

// kilometres is the distance rounded, null where there is none.
func kilometres(look sourcing.Look) any {
	if metres, known := look.Distance(); known {
		return (metres + 500) / 1000
	}
	return nil
}

// sourcingPart is a part of a plan with the lines' own names.
type sourcingPart struct {
	warehouse string
	lines     []sourcingPartLine
}

type sourcingPartLine struct {
	lineID string
	qty    model.Quantity
}

func partsOf(parts []sourcing.Part, lineIDs []string) []sourcingPart {
	named := make([]sourcingPart, len(parts))
	for i, part := range parts {
		named[i].warehouse = part.Warehouse
		for _, line := range part.Lines {
			named[i].lines = append(named[i].lines, sourcingPartLine{lineIDs[line.Line], line.Qty})
		}
	}
	return named
}

func addSourcedTypes(b *builder) {
	object(b, "SourcePayload", "What became of the orders, in the order given.",
		[]column[[]sourcing.Executed]{
			{"orders", "[SourcedOrder!]!", func(o []sourcing.Executed) any { return o }},
		})
	object(b, "SourcedOrder", "REPLAYED where an earlier call had served all of it, APPLIED where "+
		"all is served now, else PARTIAL, INSUFFICIENT with nothing held, or a refusal. parts are what "+
		"each warehouse answered, rounds the plans that led there.", []column[sourcing.Executed]{
		{"orderId", "Code!", func(o sourcing.Executed) any { return o.OrderID }},
		{"code", "ResultCode!", func(o sourcing.Executed) any { return string(o.Code) }},
		{"field", "String", func(o sourcing.Executed) any { return orNull(o.Field) }},
		{"message", "String", func(o sourcing.Executed) any { return orNull(o.Message) }},
		{"lines", "[SourcingLine!]!", func(o sourcing.Executed) any { return orEmpty(o.Lines) }},
		{"parts", "[SourcedPart!]!", func(o sourcing.Executed) any { return orEmpty(o.Parts) }},
		{"rounds", "[SourcingRound!]!", func(o sourcing.Executed) any {
			rounds := make([]sourcingRound, len(o.Rounds))
			for i, round := range o.Rounds {
				rounds[i] = sourcingRound{round, o.LineIDs()}
			}
			return rounds
		}},
	})
	object(b, "SourcedPart", "What one warehouse answered to its part, a wave of its own. round is "+
		"the one that asked it, 0 for what an earlier call had placed.", []column[sourcing.PartOutcome]{
		{"warehouse", "Code!", func(p sourcing.PartOutcome) any { return p.Warehouse }},
		{"round", "Int!", func(p sourcing.PartOutcome) any { return p.Round }},
		{"code", "ResultCode!", func(p sourcing.PartOutcome) any { return string(p.Code) }},
		{"lines", "[SourcedPartLine!]!",
			func(p sourcing.PartOutcome) any { return orEmpty(p.Lines) }},
		{"tasks", "[Task!]!", func(p sourcing.PartOutcome) any { return orEmpty(p.Tasks) }},
	})
	object(b, "SourcedPartLine", "qty was asked of this warehouse. givenBack: it was released again, "+
		"as the order could not be served as it should.", []column[sourcing.PartLineOutcome]{
		{"lineId", "Code!", func(l sourcing.PartLineOutcome) any { return l.LineID }},
		{"qty", "Decimal!", func(l sourcing.PartLineOutcome) any { return l.Qty }},
		{"givenBack", "Boolean!", func(l sourcing.PartLineOutcome) any { return l.GivenBack }},
		{"result", "LineResult!",
			func(l sourcing.PartLineOutcome) any { return lineResult{l.Line, l.Result} }},
	})
	object(b, "SourcingRound", "One plan: what was chosen of what was left then.",
		[]column[sourcingRound]{
			{"number", "Int!", func(r sourcingRound) any { return r.Number }},
			{"exact", "Boolean!", func(r sourcingRound) any { return r.Exact }},
			{"parts", "[SourcingPart!]!",
				func(r sourcingRound) any { return partsOf(r.Parts, r.lineIDs) }},
			{"explanation", "[WarehouseLook!]!",
				func(r sourcingRound) any { return orEmpty(r.Looks) }},
		})
}

// sourcingRound is a round with the names of the order's lines.
type sourcingRound struct {
	sourcing.Round

	lineIDs []string
}

func (a *API) sourcingQueries() []field {
	return []field{{name: "planSourcing", kind: "SourcingPlan!", args: "orders: [SourceOrder!]!",
		description: "Which warehouses would serve orders that name none: as much as can be, " +
			"splitting as few lines as can be, from as few warehouses; then by region, priority, " +
			"distance and code. Each order sees what those before it, by priority, leave.",
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			who := access.From(p.Context)
			orders, err := sourceOrders(who, args)
			if err != nil {
				return nil, err
			}
			plans, err := a.verbs.plan(p.Context, orders, who.Sees)
			return plans, explainSourcing(err)
		})}}
}

func (a *API) sourcingMutations() []field {
	return []field{{name: "sourceOrders", kind: "SourcePayload!",
		args: "orders: [SourceOrder!]!, strategy: Code, createTasks: Boolean = true",
		description: "Plans the orders and reserves each warehouse's part, in a transaction of its " +
			"own, under the lines' own keys; what fell short is planned again. After a time-out send " +
			"it again: what was placed is REPLAYED, what is missing is placed.",
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			who := access.From(p.Context)
			orders, err := sourceOrders(who, args)
			if err != nil {
				return nil, err
			}
			executed, err := a.verbs.source(p.Context, orders, sourcing.Terms{
				Sees: who.Sees, Strategy: args.text("strategy"), CreateTasks: args.flag("createTasks"),
				Actor: actorOf(p.Context)})
			return executed, explainSourcing(err)
		})}}
}

// planner and sourcer are how orders are planned and executed.
type (
	planner func(context.Context, []sourcing.Order, func(warehouse string) bool) (
		[]sourcing.OrderPlan, error)
	sourcer func(context.Context, []sourcing.Order, sourcing.Terms) ([]sourcing.Executed, error)
)

func sourcingOf(deps Deps) *sourcing.Service {
	return sourcing.New(deps.DB, deps.Catalog, deps.Tier2, deps.Allocation)
}

// explainSourcing makes what is wrong with a call as a whole a refusal.
func explainSourcing(err error) error {
	if errors.Is(err, sourcing.ErrTooManyWarehouses) {
		return refuseField(codeTooCostly, "orders", "%s", err)
	}
	if errors.Is(err, sourcing.ErrTooManyLines) {
		return refuseField(codeTooManyLines, "orders", "%s", err)
	}
	return err
}

// sourceOrders reads the orders; none may name a warehouse that whoever sends them does not see.
func sourceOrders(who *access.Principal, args values) ([]sourcing.Order, error) {
	items := args.list("orders")
	if len(items) > sourcing.OrdersMax {
		return nil, refuseField(codeTooManyLines, "orders", "are more than the %d of one call",
			sourcing.OrdersMax)
	}
	orders := make([]sourcing.Order, len(items))
	lines := 0
	for i, item := range items {
		orders[i] = sourceOrder(item.(values))
		for _, warehouse := range orders[i].Allowed {
			if !who.Sees(warehouse) {
				return nil, refuseField(codeForbidden, fmt.Sprintf("orders[%d].warehouses", i),
					warehouseForbidden)
			}
		}
		if lines += len(orders[i].Lines); lines > sourcing.LinesMax {
			return nil, refuseField(codeTooManyLines, orderField(i),
				"with those before are more than the %d of one call", sourcing.LinesMax)
		}
	}
	return orders, nil
}

func sourceOrder(v values) sourcing.Order {
	order := sourcing.Order{Order: allocateOrder(v), Options: sourcing.Options{
		Allowed: texts[string](v, "warehouses"), Excluded: texts[string](v, "excluded"),
		Regions: texts[string](v, "regions"), MaxSplits: optional[int](v, "maxSplits")}}
	if place := v.object("destination"); place != nil {
		order.Destination = &sourcing.Place{Latitude: place.quantity("latitude"),
			Longitude: place.quantity("longitude")}
	}
	return order
}
