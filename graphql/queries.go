package graphql

import (
	"context"
	"slices"
	"strconv"

	gql "github.com/graphql-go/graphql"

	"tierstock/access"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/tier2"
	"tierstock/tier3"
)

// pageArgs are the arguments of every list but that of the runs, of which there are few.
const pageArgs = ", first: Int = 50, after: String"

func (a *API) queryFields() []field {
	return slices.Concat(a.masterQueries(), a.stockQueries(), a.ledgerQueries(),
		a.reconciliationQueries(), a.allocationQueries(), a.ruleQueries(),
		a.sourcingQueries(), a.replenishmentQueries(), a.syncQueries())
}

func (a *API) masterQueries() []field {
	return []field{
		{name: "warehouses", kind: "[Warehouse!]!",
			resolve: a.resolve(func(p gql.ResolveParams, _ values) (any, error) {
				warehouses, err := a.catalog.Warehouses(p.Context)
				who := access.From(p.Context)
				warehouses = slices.DeleteFunc(warehouses, func(w model.Warehouse) bool {
					return !who.Sees(w.Code)
				})
				return orEmpty(warehouses), err
			})},
		paged(a, "zones", "Zone", "warehouse: Code!"+pageArgs, a.readZones,
			func(z model.Zone) string { return z.Code }, asIs),
		paged(a, "bins", "Bin", "warehouse: Code!, zone: Code"+pageArgs, a.readBins,
			func(b model.Bin) string { return b.Code }, asIs),
		paged(a, "skus", "Sku", "codes: [Code!], prefix: Code"+pageArgs, a.readSKUs,
			func(s model.SKU) string { return s.Code }, asIs),
	}
}

func (a *API) readZones(ctx context.Context, args values, after string, first int,
) (master.Page[model.Zone], error) {
	return a.catalog.Zones(ctx, args.text("warehouse"), after, first)
}

func (a *API) readBins(ctx context.Context, args values, after string, first int,
) (master.Page[model.Bin], error) {
	return a.catalog.Bins(ctx, args.text("warehouse"), args.text("zone"), after, first)
}

func (a *API) readSKUs(ctx context.Context, args values, after string, first int,
) (master.Page[model.SKU], error) {
	filter := master.SKUFilter{Codes: texts[string](args, "codes"), Prefix: args.text("prefix")}
	return a.catalog.SKUs(ctx, filter, after, first)
}

func (a *API) stockQueries() []field {
	const stockArgs = "warehouse: Code!, filter: StockFilter" + pageArgs
	sums := paged(a, "warehouseStocks", "WarehouseStock", stockArgs, a.readWarehouseStocks,
		func(s tier2.WarehouseStock) model.Item { return s.Item }, asIs)
	sums.description = "Tier 1: never stored; tier 2 summed by SKU and owner, from one snapshot."
	return []field{
		sums,
		paged(a, "zoneStocks", "ZoneStock", stockArgs, a.readZoneStocks,
			func(s model.ZoneStock) int64 { return s.ID },
			func(s model.ZoneStock) any { return zoneRow{ZoneStock: s} }),
		paged(a, "binStocks", "BinStock", stockArgs, a.readBinStocks,
			func(s model.BinStock) int64 { return s.ID }, asIs),
		paged(a, "reservations", "Reservation", "warehouse: Code!, filter: ReservationFilter"+pageArgs,
			a.readReservations, func(r model.Reservation) int64 { return r.ID }, asIs),
		paged(a, "tasks", "Task", "warehouse: Code!, filter: TaskFilter"+pageArgs, a.readTasks,
			func(t model.Task) int64 { return t.ID }, asIs),
	}
}

func stockFilter(v values) master.StockFilter {
	return master.StockFilter{Zones: texts[string](v, "zones"), Bins: texts[string](v, "bins"),
		SKUs: texts[string](v, "skus"), Owner: optional[string](v, "owner"),
		Batch: optional[string](v, "batch"), Pack: optional[string](v, "pack"),
		ExpiresBefore: v.date("expiresBefore"), OnlyAvailable: v.flag("onlyAvailable")}
}

func (a *API) readWarehouseStocks(ctx context.Context, args values, after model.Item, first int,
) (master.Page[tier2.WarehouseStock], error) {
	return a.stock.WarehouseStocks(ctx, args.text("warehouse"),
		stockFilter(args.object("filter")), after, first)
}

func (a *API) readZoneStocks(ctx context.Context, args values, after int64, first int,
) (master.Page[model.ZoneStock], error) {
	return a.stock.Find(ctx, args.text("warehouse"), stockFilter(args.object("filter")), after,
		first)
}

func (a *API) readBinStocks(ctx context.Context, args values, after int64, first int,
) (master.Page[model.BinStock], error) {
	return a.floor.Find(ctx, args.text("warehouse"), stockFilter(args.object("filter")), after,
		first)
}

func (a *API) readReservations(ctx context.Context, args values, after int64, first int,
) (master.Page[model.Reservation], error) {
	v := args.object("filter")
	filter := tier2.ReservationFilter{OrderID: v.text("orderId"), SKU: v.text("sku"),
		Zone: v.text("zone"), States: texts[model.ReservationState](v, "states")}
	return a.stock.Reservations(ctx, args.text("warehouse"), filter, after, first)
}

func (a *API) readTasks(ctx context.Context, args values, after int64, first int,
) (master.Page[model.Task], error) {
	v := args.object("filter")
	filter := tier3.TaskFilter{Kinds: texts[model.TaskKind](v, "kinds"),
		OrderID: v.text("orderId"), Zone: v.text("zone"), Bin: v.text("bin"),
		States: texts[model.TaskState](v, "states")}
	return a.floor.Tasks(ctx, args.text("warehouse"), filter, after, first)
}

func (a *API) ledgerQueries() []field {
	const byKey = "Did my call land? Flows of this very key; none, and no reservation of it " +
		"either, means never."
	return []field{
		{name: "flows", kind: "FlowConnection!",
			args: "warehouse: Code!, filter: FlowFilter" + pageArgs,
			description: "The ledger and change feed, in seq order. A flow is found by its key at " +
				"once and is here within a second. A reader that goes on from its last seq, or " +
				"with a filter from safeSeq, misses nothing and sees nothing twice; numbers may " +
				"have holes.",
			resolve: a.resolve(a.readFlows)},
		{name: "flowsByLine", kind: "[Flow!]!", args: "warehouse: Code!, key: LineKey!",
			description: byKey,
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				flows, err := flow.FlowsByLine(p.Context, a.db, args.text("warehouse"),
					lineKey(args.object("key")))
				return orEmpty(flows), err
			})},
		{name: "flowsByTask", kind: "[Flow!]!", args: "warehouse: Code!, key: TaskKey!",
			description: byKey,
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				flows, err := flow.FlowsByTask(p.Context, a.db, args.text("warehouse"),
					taskKey(args.object("key")))
				return orEmpty(flows), err
			})},
	}
}

// readFlows is paged by the feed's own numbers: a cursor and afterSeq are the same thing.
func (a *API) readFlows(p gql.ResolveParams, args values) (any, error) {
	list := markOf("flows", args)
	after, refusal := decodeCursor[int64](args.text("after"), list)
	if refusal != nil {
		return nil, refusal
	}
	v := args.object("filter")
	filter, refusal := flowFilter(v)
	if refusal != nil {
		return nil, refusal
	}
	place := flow.FromBeginning
	if args.text("after") != "" || v.has("afterSeq") {
		place = max(after, v.long("afterSeq"), 0)
	}
	page, err := flow.Flows(p.Context, a.db, args.text("warehouse"), filter, place,
		args.number("first"))
	if err != nil {
		return nil, err
	}
	answer := connect(page.Page, list, func(f model.Flow) int64 { return f.Seq }, asIs)
	answer.safeSeq = page.SafeSeq
	return answer, nil
}

func flowFilter(v values) (flow.FlowFilter, *problem) {
	filter := flow.FlowFilter{Tier: model.Tier(v.text("tier")),
		Actions: texts[model.Action](v, "actions"), JobType: v.text("jobType"),
		OrderID: v.text("orderId"), LineID: v.text("lineId"), TaskID: v.text("taskId"),
		Zone: v.text("zone"), Bin: v.text("bin"), SKU: v.text("sku"),
		Batch: optional[string](v, "batch"), From: v.instant("from"), To: v.instant("to")}
	if id := v.text("reservation"); id != "" {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil || number <= 0 {
			return filter, refuseField(codeBadRequest, "filter.reservation",
				"is not a reservation's id")
		}
		filter.Reservation = number
	}
	return filter, nil
}
