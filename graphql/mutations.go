package graphql

import (
	"context"
	"slices"

	gql "github.com/graphql-go/graphql"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/replenish"
)

// verb is how every verb of the engine is called: the lines of one call, one result for each.
type verb[L any] func(ctx context.Context, mode flow.Mode, lines []L) ([]model.Result, error)

// verbs are the engine's verbs by the names of the mutations. A struct of functions, and not the
// services themselves, so that the API's own tests see what it asks of them.
type verbs struct {
	receive    verb[model.ReceiveLine]
	reserve    verb[model.ReserveLine]
	release    verb[model.ReleaseLine]
	extend     verb[model.ExtendLine]
	deduct     verb[model.DeductLine]
	restore    verb[model.RestoreLine]
	pin        verb[model.PinLine]
	unpin      verb[model.UnpinLine]
	pick       verb[model.PickLine]
	move       verb[model.MoveLine]
	adjust     verb[model.AdjustLine]
	count      verb[model.CountLine]
	freeze     verb[model.FreezeLine]
	unfreeze   verb[model.FreezeLine]
	block      verb[model.BlockLine]
	unblock    verb[model.BlockLine]
	repack     verb[model.RepackLine]
	report     verb[model.ExceptionLine]
	takeOver   verb[allocation.TakeOver]
	allocate   func(context.Context, flow.Mode, model.Wave) ([]model.OrderResult, error)
	plan       planner
	source     sourcer
	warehouses upsert[master.WarehouseInput]
	zones      upsert[master.ZoneInput]
	bins       upsert[master.BinInput]
	skus       upsert[master.SKUInput]
	batches    upsert[master.BatchInput]
	levels     upsert[replenish.Level]
	replenish  func(context.Context, replenish.Asked) (replenish.Run, bool, error)
	reconcile  func(context.Context, flow.Scope, string, model.Date) (*flow.Run, error)
	resolve    func(context.Context, flow.Resolution) (*flow.Run, error)
}

// upsert makes or changes masters.
type upsert[L any] func(ctx context.Context, lines []L) (master.Outcome, error)

func verbsOf(deps Deps) verbs {
	zone, bin, catalog, sources := deps.Tier2, deps.Tier3, deps.Catalog, sourcingOf(deps)
	return verbs{
		receive: zone.Receive, reserve: deps.Allocation.Reserve, release: zone.Release,
		extend: zone.Extend, deduct: zone.Deduct, restore: zone.Restore,
		pin: bin.Pin, unpin: bin.Unpin, pick: bin.Pick, move: bin.Move, adjust: bin.Adjust,
		count: bin.Count, freeze: bin.Freeze, unfreeze: bin.Unfreeze, block: bin.Block,
		unblock: bin.Unblock, repack: bin.Repack, report: bin.Report,
		allocate: deps.Allocation.Allocate, takeOver: deps.Allocation.TakeOver,
		plan: sources.Plan, source: sources.Execute,
		warehouses: catalog.UpsertWarehouses, zones: catalog.UpsertZones,
		bins: catalog.UpsertBins, skus: catalog.UpsertSKUs, batches: catalog.UpsertBatches,
		levels: deps.Replenish.UpsertLevels, replenish: deps.Replenish.Run,
		reconcile: deps.Reconciler.Reconcile, resolve: deps.Reconciler.Resolve,
	}
}

func (a *API) mutationFields() []field {
	v := a.verbs
	return append(slices.Concat(a.reconciliationMutations(), a.allocationMutations(),
		a.sourcingMutations(), a.replenishmentMutations(), a.syncMutations()),
		write(a, "receive", "ReceiveLine", receiveLine, v.receive),
		write(a, "reserve", "ReserveLine", reserveLine, v.reserve),
		write(a, "release", "ReleaseLine", releaseLine, v.release),
		write(a, "extend", "ExtendLine", extendLine, v.extend),
		write(a, "deduct", "DeductLine", deductLine, v.deduct),
		write(a, "restore", "RestoreLine", restoreLine, v.restore),
		write(a, "pin", "PinLine", pinLine, v.pin),
		write(a, "unpin", "UnpinLine", unpinLine, v.unpin),
		write(a, "pick", "PickLine", pickLine, v.pick),
		write(a, "move", "MoveLine", moveLine, v.move),
		write(a, "adjust", "AdjustLine", adjustLine, v.adjust),
		write(a, "count", "CountLine", countLine, v.count),
		write(a, "freeze", "FreezeLine", freezeLine, v.freeze),
		write(a, "unfreeze", "FreezeLine", freezeLine, v.unfreeze),
		write(a, "block", "BlockLine", blockLine, v.block),
		write(a, "unblock", "BlockLine", blockLine, v.unblock),
		write(a, "repack", "RepackLine", repackLine, v.repack),
		writeForReal(a, "reportException", "ExceptionLine", exceptionLine, v.report),
		masters(a, "upsertWarehouses", "WarehouseInput", warehouseInput, v.warehouses),
		masters(a, "upsertZones", "ZoneInput", zoneInput, v.zones),
		masters(a, "upsertBins", "BinInput", binInput, v.bins),
		masters(a, "upsertSkus", "SkuInput", skuInput, v.skus),
		masters(a, "upsertBatches", "BatchInput", batchInput, v.batches),
	)
}

// write is the mutation of a verb.
func write[L any](a *API, name, line string, read func(values) L, call verb[L]) field {
	field := writeForReal(a, name, line, read, call)
	field.args += ", dryRun: Boolean = false"
	return field
}

// writeForReal is the mutation of a verb that cannot be rehearsed.
func writeForReal[L any](a *API, name, line string, read func(values) L, call verb[L]) field {
	return field{name: name, kind: "BatchPayload!",
		args: "lines: [" + line + "!]!, policy: BatchPolicy = " + policyAllOrNothing,
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			mode := flow.Mode{AllOrNothing: args.text("policy") == policyAllOrNothing,
				DryRun: args.flag("dryRun"), Actor: actorOf(p.Context)}
			results, err := permitted(p.Context, mode, linesOf(args, read),
				forbiddenLines(p.Context, args.list("lines"), "warehouse"), call)
			if err != nil {
				return nil, err
			}
			return newBatch(results, mode.DryRun), nil
		})}
}

// masters is the mutation of an upsert.
func masters[L any](a *API, name, line string, read func(values) L, call upsert[L]) field {
	called := "warehouse"
	if name == "upsertWarehouses" {
		called = "code"
	}
	return field{name: name, kind: "MasterPayload!", args: "lines: [" + line + "!]!",
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			forbidden := forbiddenLines(p.Context, args.list("lines"), called)
			return permittedMasters(p.Context, linesOf(args, read), forbidden, call)
		})}
}

func linesOf[L any](args values, read func(values) L) []L {
	items := args.list("lines")
	lines := make([]L, len(items))
	for i, item := range items {
		lines[i] = read(item.(values))
	}
	return lines
}
