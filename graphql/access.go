package graphql

import (
	"context"
	"slices"
	"strings"

	gql "github.com/graphql-go/graphql"

	"tierstock/access"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Who may call what. Every reader sees what belongs to the warehouses of its token; a mutation is
// for the roles that are named here, and ADMIN may call all of them. A field that is not here is
// nobody's but ADMIN's.
var mayCall = map[string][]access.Role{
	"receive":           {access.Ops, access.Sync},
	"reserve":           {access.Ops, access.Allocator, access.Sync},
	"release":           {access.Ops, access.Allocator, access.Sync},
	"extend":            {access.Ops, access.Allocator, access.Sync},
	"deduct":            {access.Ops, access.Sync},
	"restore":           {access.Ops, access.Sync},
	"pin":               {access.Ops, access.Allocator},
	"unpin":             {access.Ops, access.Allocator},
	"pick":              {access.Ops},
	"move":              {access.Ops},
	"adjust":            {access.Ops, access.Sync},
	"count":             {access.Ops, access.Sync},
	"freeze":            {access.Ops, access.Sync},
	"unfreeze":          {access.Ops, access.Sync},
	"block":             {access.Ops},
	"unblock":           {access.Ops},
	"repack":            {access.Ops},
	"reportException":   {access.Ops},
	"allocate":          {access.Ops, access.Allocator},
	"takeOver":          {access.Allocator},
	"coverShortages":    {access.Ops, access.Allocator},
	"cancelShortages":   {access.Ops, access.Allocator, access.Sync},
	"sourceOrders":      {access.Ops, access.Allocator},
	"upsertStockLevels": {access.Ops},
	"runReplenishment":  {access.Ops},
	"runReconciliation": {access.Ops},
	"resolveDifference": {access.Ops},
	"syncNow":           {access.Ops, access.Sync},
	"requeueMessages":   {access.Ops, access.Sync},
	"discardMessages":   {access.Ops, access.Sync},
	"upsertZones":       {access.Ops},
	"upsertBins":        {access.Ops, access.Sync},
	"upsertSkus":        {access.Sync},
	"upsertBatches":     {access.Ops, access.Sync},
}

// forbidden is what those are told who may not: the same whether or not there is such a thing.
const (
	roleForbidden      = "%s: a token of role %s may not call it; one of %s may"
	warehouseForbidden = "the token is not for this warehouse; ask for one that names it"
)

// guarded lets fields of Query or Mutation be called by those who may. It is the one place where
// that is decided; what a call's lines name is looked at by permitted, and what has no warehouse
// among its arguments (warehouses, planSourcing, resolveDifference) asks the principal itself.
func (a *API) guarded(fields []field, isMutation bool) []field {
	for i := range fields {
		name, inner := fields[i].name, fields[i].resolve
		fields[i].resolve = func(p gql.ResolveParams) (any, error) {
			who := access.From(p.Context)
			if isMutation && who.Role != access.Admin && !slices.Contains(mayCall[name], who.Role) {
				return nil, refuse(codeForbidden, roleForbidden, name, who.Role,
					strings.Join(names(append(slices.Clip(mayCall[name]), access.Admin)), " or "))
			}
			args := requestOf(p.Context).args[p.Info.FieldASTs[0]]
			if warehouse, named := args["warehouse"].(string); named && !who.Sees(warehouse) {
				return nil, refuseField(codeForbidden, "warehouse", warehouseForbidden)
			}
			return inner(p)
		}
	}
	return fields
}

// stranger is where in an input a warehouse is named that is not the principal's, "" for nowhere.
// called is what the input calls it.
func stranger(who *access.Principal, input values, called string) string {
	for name, value := range input {
		switch value := value.(type) {
		case string:
			if name == called && !who.Sees(value) {
				return name
			}
		case values:
			if inner := stranger(who, value, called); inner != "" {
				return name + "." + inner
			}
		}
	}
	return ""
}

// forbiddenLines finds the lines that name a warehouse which is not the caller's.
func forbiddenLines(ctx context.Context, lines []any, called string) map[int]string {
	var found map[int]string
	who := access.From(ctx)
	for i, line := range lines {
		if field := stranger(who, line.(values), called); field != "" {
			if found == nil {
				found = map[int]string{}
			}
			found[i] = field
		}
	}
	return found
}

// permitted calls a verb with the lines whose warehouse is the caller's; the others are FORBIDDEN.
// Of a call that is all or nothing no line is done then, and its lines are judged only.
func permitted[L any](ctx context.Context, mode flow.Mode, lines []L, forbidden map[int]string,
	call verb[L]) ([]model.Result, error) {
	if len(forbidden) == 0 {
		return call(ctx, mode, lines)
	}
	mode.DryRun = mode.DryRun || mode.AllOrNothing
	rest := without(lines, forbidden)
	var answers []model.Result
	if len(rest) > 0 {
		var err error
		if answers, err = call(ctx, mode, rest); err != nil {
			return nil, err
		}
	}
	results := make([]model.Result, len(lines))
	for i := range results {
		if field := forbidden[i]; field != "" {
			results[i] = model.Result{Code: model.Forbidden, Field: field,
				Message: warehouseForbidden}
			continue
		}
		results[i], answers = answers[0], answers[1:]
		if mode.AllOrNothing && results[i].Code.Succeeded() && results[i].Code != model.Replayed {
			results[i] = model.Result{Code: model.Skipped, Message: "another line of this " +
				"ALL_OR_NOTHING call is forbidden; nothing was written"}
		}
	}
	return results, nil
}

// without leaves the forbidden lines out.
func without[L any](lines []L, forbidden map[int]string) (rest []L) {
	for i, line := range lines {
		if forbidden[i] == "" {
			rest = append(rest, line)
		}
	}
	return rest
}

// permittedMasters is permitted for masters, whose lines stand each for itself.
func permittedMasters[L any](ctx context.Context, lines []L, forbidden map[int]string,
	call upsert[L]) (master.Outcome, error) {
	rest := without(lines, forbidden)
	var outcome master.Outcome
	if len(rest) > 0 {
		var err error
		if outcome, err = call(ctx, rest); err != nil {
			return outcome, err
		}
	}
	answers := outcome.Results
	outcome.Results = make([]master.Result, len(lines))
	for i := range lines {
		if field := forbidden[i]; field != "" {
			outcome.Results[i] = master.Result{Code: model.Forbidden, Field: field,
				Message: warehouseForbidden}
		} else {
			outcome.Results[i], answers = answers[0], answers[1:]
		}
	}
	return outcome, nil
}

// permittedWave allocates the orders whose warehouse is the caller's; the others' lines are
// FORBIDDEN.
func (a *API) permittedWave(ctx context.Context, mode flow.Mode, wave model.Wave) (
	[]model.OrderResult, error) {
	who := access.From(ctx)
	forbidden := map[int]string{}
	for i := range wave.Orders {
		if !who.Sees(wave.Orders[i].Warehouse) {
			forbidden[i] = "warehouse"
		}
	}
	all := wave.Orders
	wave.Orders = without(all, forbidden)
	var answers []model.OrderResult
	if len(wave.Orders) > 0 {
		var err error
		if answers, err = a.verbs.allocate(ctx, mode, wave); err != nil {
			return nil, err
		}
	}
	orders := make([]model.OrderResult, len(all))
	for i := range orders {
		if field := forbidden[i]; field == "" {
			orders[i], answers = answers[0], answers[1:]
			continue
		}
		orders[i] = model.OrderResult{OrderID: all[i].OrderID, Code: model.Insufficient}
		for range all[i].Lines {
			orders[i].Lines = append(orders[i].Lines, model.Result{Code: model.Forbidden,
				Field: "warehouse", Message: warehouseForbidden})
		}
	}
	return orders, nil
}
