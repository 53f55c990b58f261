package graphql

import (
	"context"
	"fmt"
	"strconv"

	gql "github.com/graphql-go/graphql"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

func addAllocationTypes(b *builder) {
	b.enum("ShortageState", "What became of a shortage.", names(model.ShortageStates)...)
	b.input("AllocateOrder", "A wave: every order's lines are reserved and, with createTasks, "+
		"pinned to bins, in one call. channel is for rules to look at.",
		`orderId: Code!, jobType: Code!, warehouse: Code!, owner: Label, channel: Label, `+
			`priority: Int = 0, shipComplete: Boolean = false, lines: [AllocateLine!]!, audit: Audit`)
	b.input("AllocateLine", "A line of an order of a wave. batch left out is any, \"\" is none.",
		`lineId: Code!, sku: Code!, qty: Decimal!, batch: Label, pack: Label, `+
			`minRemainingDays: Int, revision: Long = "0"`)
	b.input("ShortageFilter", "Narrows a list of shortages.",
		`orderId: Code, sku: Code, states: [ShortageState!]`)
	object(b, "AllocatePayload", "The answers to a wave's orders, in the order given.",
		[]column[[]model.OrderResult]{
			{"orders", "[OrderResult!]!", func(o []model.OrderResult) any { return o }},
		})
	object(b, "OrderResult", "REPLAYED when every line is, APPLIED when every line is APPLIED or "+
		"REPLAYED, INSUFFICIENT when nothing is held for it, else PARTIAL. tasks are in the order "+
		"in which to pick.",
		[]column[model.OrderResult]{
			{"orderId", "Code!", func(o model.OrderResult) any { return o.OrderID }},
			{"code", "ResultCode!", func(o model.OrderResult) any { return string(o.Code) }},
			{"lines", "[LineResult!]!", func(o model.OrderResult) any {
				lines := make([]lineResult, len(o.Lines))
				for i, line := range o.Lines {
					lines[i] = lineResult{i, line}
				}
				return lines
			}},
			{"tasks", "[Task!]!", func(o model.OrderResult) any { return orEmpty(o.Tasks) }},
		})
	object(b, "Shortage", "Demand of an order line that stock did not serve. source is the effect "+
		"that fell short, \"\" where the line got nothing. cover: it is covered when stock arrives, "+
		"by priority, then the oldest first; covered is what was.",
		[]column[model.Shortage]{
			{"id", "ID!", func(s model.Shortage) any { return decimalID(s.ID) }},
			{"jobType", "Code!", func(s model.Shortage) any { return s.Line.JobType }},
			{"orderId", "Code!", func(s model.Shortage) any { return s.Line.OrderID }},
			{"lineId", "Code!", func(s model.Shortage) any { return s.Line.LineID }},
			{"revision", "Long!", func(s model.Shortage) any { return s.Line.Revision }},
			{"source", "String!", func(s model.Shortage) any { return s.Source }},
			{"owner", "String!", func(s model.Shortage) any { return s.Item.Owner }},
			{"sku", "Code!", func(s model.Shortage) any { return s.Item.SKU }},
			{"qty", "Decimal!", func(s model.Shortage) any { return s.Qty }},
			{"covered", "Decimal!", func(s model.Shortage) any { return s.Covered }},
			{"state", "ShortageState!", func(s model.Shortage) any { return string(s.State) }},
			{"priority", "Int!", func(s model.Shortage) any { return s.Priority }},
			{"shipComplete", "Boolean!", func(s model.Shortage) any { return s.ShipComplete }},
			{"cover", "Boolean!", func(s model.Shortage) any { return s.Cover }},
			{"reservation", "ID", func(s model.Shortage) any { return idOrNull(s.Reservation) }},
			{"createdAt", "DateTime!", func(s model.Shortage) any { return s.CreatedAt }},
			{"updatedAt", "DateTime!", func(s model.Shortage) any { return s.UpdatedAt }},
		})
	addConnection(b, "Shortage")
	addHolderType(b)
}

func addHolderType(b *builder) {
	b.input("TakeOverLine", "qty of what reservation from holds is given back, under key, and to is "+
		"reserved: both or neither. from must have the lower priority. What it loses is a shortage "+
		"of it.",
		`key: LineKey!, from: LineKey!, qty: Decimal!, to: ReserveLine!`)
	object(b, "StockHolder", "Who keeps stock of a row from others: a reservation, or its task in a "+
		"bin. pinned is what of reserved is tied to bins.",
		[]column[allocation.Holder]{
			{"reservation", "ID!", func(h allocation.Holder) any { return decimalID(h.Reservation) }},
			{"task", "ID", func(h allocation.Holder) any { return idOrNull(h.Task) }},
			{"jobType", "Code!", func(h allocation.Holder) any { return h.Line.JobType }},
			{"orderId", "Code!", func(h allocation.Holder) any { return h.Line.OrderID }},
			{"lineId", "Code!", func(h allocation.Holder) any { return h.Line.LineID }},
			{"revision", "Long!", func(h allocation.Holder) any { return h.Line.Revision }},
			{"zone", "Code!", func(h allocation.Holder) any { return h.Zone }},
			{"bin", "Code", func(h allocation.Holder) any { return orNull(h.Bin) }},
			{"batch", "String!", func(h allocation.Holder) any { return h.Batch }},
			{"pack", "String!", func(h allocation.Holder) any { return h.Pack }},
			{"reserved", "Decimal!", func(h allocation.Holder) any { return h.Reserved }},
			{"pinned", "Decimal!", func(h allocation.Holder) any { return h.Pinned }},
			{"priority", "Int!", func(h allocation.Holder) any { return h.Priority }},
			{"createdAt", "DateTime!", func(h allocation.Holder) any { return h.CreatedAt }},
		})
}

func idOrNull(id int64) any {
	if id == 0 {
		return nil
	}
	return decimalID(id)
}

func (a *API) stockHolders(p gql.ResolveParams, args values) (any, error) {
	holders, err := a.allocation.Holders(p.Context, allocation.Row{Warehouse: args.text("warehouse"),
		Zone: args.text("zone"), Bin: args.text("bin"),
		Item:  model.Item{Owner: args.text("owner"), SKU: args.text("sku")},
		Batch: optional[string](args, "batch"), Pack: optional[string](args, "pack")})
	return orEmpty(holders), err
}

func (a *API) allocationQueries() []field {
	return []field{
		{name: "stockHolders", kind: "[StockHolder!]!", args: "warehouse: Code!, sku: Code!, " +
			"owner: Label, zone: Code, bin: Code, batch: Label, pack: Label",
			description: "Who holds stock of an item, by priority, then the oldest first; at most " +
				"200. With bin the tasks that tie what lies there, else the reservations. batch and " +
				"pack left out are any.",
			resolve: a.resolve(a.stockHolders)},
		paged(a, "shortages", "Shortage", "warehouse: Code!, filter: ShortageFilter"+pageArgs,
			a.readShortages, func(s model.Shortage) int64 { return s.ID }, asIs),
	}
}

func (a *API) readShortages(ctx context.Context, args values, after int64, first int,
) (master.Page[model.Shortage], error) {
	v := args.object("filter")
	filter := allocation.ShortageFilter{OrderID: v.text("orderId"), SKU: v.text("sku"),
		States: texts[model.ShortageState](v, "states")}
	return a.allocation.Shortages(ctx, args.text("warehouse"), filter, after, first)
}

func (a *API) allocationMutations() []field {
	return []field{
		write(a, "takeOver", "TakeOverLine", takeOverLine, a.verbs.takeOver),
		{name: "allocate", kind: "AllocatePayload!", args: "orders: [AllocateOrder!]!, " +
			"strategy: Code, createTasks: Boolean = true, dryRun: Boolean = false",
			description: "A wave. A short line takes what there is, and the rest becomes a " +
				"shortage; with shipComplete an order takes all or nothing.",
			resolve: a.resolve(a.allocate)},
		{name: "coverShortages", kind: "Int!", args: "warehouse: Code!",
			description: "Serves open shortages from what is available now, whether or not their " +
				"rule would by itself, and says how many it looked at.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				return a.allocation.CoverShortages(p.Context, args.text("warehouse"), true,
					actorOf(p.Context))
			})},
		{name: "cancelShortages", kind: "Int!", args: "warehouse: Code!, ids: [ID!]!",
			description: "Gives open shortages up, and says how many were open.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				return a.allocation.CancelShortages(p.Context, args.text("warehouse"),
					idsOf(args, "ids"))
			})},
	}
}

func (a *API) allocate(p gql.ResolveParams, args values) (any, error) {
	wave := model.Wave{Strategy: args.text("strategy"), CreateTasks: args.flag("createTasks")}
	lines := 0
	for i, item := range args.list("orders") {
		order := allocateOrder(item.(values))
		if lines += len(order.Lines); lines > allocation.WaveLinesMax {
			return nil, refuseField(codeTooManyLines, orderField(i),
				"with those before are more than the %d of one call", allocation.WaveLinesMax)
		}
		wave.Orders = append(wave.Orders, order)
	}
	mode := flow.Mode{DryRun: args.flag("dryRun"), Actor: actorOf(p.Context)}
	return a.permittedWave(p.Context, mode, wave)
}

func orderField(i int) string { return fmt.Sprintf("orders[%d].lines", i) }

// idsOf reads a list of ids. What is no number is 0, which nothing has for an id.
func idsOf(args values, name string) []int64 {
	written := texts[string](args, name)
	ids := make([]int64, len(written))
	for i, text := range written {
		ids[i], _ = strconv.ParseInt(text, 10, 64)
	}
	return ids
}

func takeOverLine(v values) allocation.TakeOver {
	return allocation.TakeOver{Key: lineKey(v.object("key")), From: lineKey(v.object("from")),
		Qty: v.quantity("qty"), To: reserveLine(v.object("to"))}
}

func allocateOrder(v values) model.Order {
	order := model.Order{OrderID: v.text("orderId"), JobType: v.text("jobType"),
		Warehouse: v.text("warehouse"), Owner: v.text("owner"), Channel: v.text("channel"),
		Priority: int64(v.number("priority")), ShipComplete: v.flag("shipComplete"),
		Audit: audit(v.object("audit"))}
	for _, item := range v.list("lines") {
		line := item.(values)
		order.Lines = append(order.Lines, model.OrderLine{LineID: line.text("lineId"),
			SKU: line.text("sku"), Qty: line.quantity("qty"), Batch: optional[string](line, "batch"),
			Pack: line.text("pack"), MinRemainingDays: line.number("minRemainingDays"),
			Revision: line.long("revision")})
	}
	return order
}
