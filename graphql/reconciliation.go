package graphql

import (
	"context"
	"errors"
	"strconv"
	"strings"

	gql "github.com/graphql-go/graphql"

	"tierstock/access"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/wmsync"
)

func addReconciliationTypes(b *builder, differences field) {
	b.enum("ReconciliationScope", "What is compared.", names([]flow.Scope{flow.ScopeLedger,
		flow.ScopeTiers, flow.ScopeReservations, flow.ScopeExternal})...)
	b.enum("ReconciliationState", "How far a run is.", names([]flow.RunState{flow.RunRunning,
		flow.RunDone, flow.RunFailed})...)
	b.enum("DifferenceState", "What has become of a difference.", names([]flow.DifferenceState{
		flow.DifferenceTiming, flow.DifferenceOpen, flow.DifferenceCleared,
		flow.DifferenceResolved, flow.DifferenceIgnored})...)
	b.enum("DifferenceAction", "What somebody decided about a difference.",
		names([]flow.DifferenceAction{flow.AcceptTheirs, flow.AcceptOurs, flow.Recount,
			flow.Ignore, flow.Rebuild})...)
	object(b, "ReconciliationPayload", "What became of a run, or of a decision.",
		[]column[reconciled]{
			{"code", "ResultCode!", func(r reconciled) any { return string(r.code) }},
			{"message", "String", func(r reconciled) any { return orNull(r.message) }},
			{"run", "ReconciliationRun", func(r reconciled) any {
				if r.run == nil {
					return nil
				}
				return *r.run
			}},
		})
	object(b, "ReconciliationRun", "One comparison of one warehouse.",
		[]column[flow.Run]{
			{"id", "ID!", func(r flow.Run) any { return decimalID(r.ID) }},
			{"scope", "ReconciliationScope!", func(r flow.Run) any { return string(r.Scope) }},
			{"warehouse", "Code!", func(r flow.Run) any { return r.Warehouse }},
			{"state", "ReconciliationState!", func(r flow.Run) any { return string(r.State) }},
			{"compared", "Int!", func(r flow.Run) any { return r.Compared }},
			{"matched", "Int!", func(r flow.Run) any { return r.Matched }},
			{"timing", "Int!", func(r flow.Run) any { return r.Timing }},
			{"open", "Int!", func(r flow.Run) any { return r.Open }},
			{"startedAt", "DateTime!", func(r flow.Run) any { return r.StartedAt }},
			{"finishedAt", "DateTime", func(r flow.Run) any { return orNull(r.FinishedAt) }},
			{"error", "String", func(r flow.Run) any { return orNull(r.Error) }},
		}, differences)
	addDifferenceType(b)
}

func addDifferenceType(b *builder) {
	object(b, "Difference", "One amount that is not what it should be; diff is ours less theirs.",
		[]column[flow.Difference]{
			{"id", "ID!", func(d flow.Difference) any { return decimalID(d.ID) }},
			{"kind", "Code!", func(d flow.Difference) any { return d.Kind }},
			{"state", "DifferenceState!", func(d flow.Difference) any { return string(d.State) }},
			{"tier", "Tier", func(d flow.Difference) any { return orNull(string(d.Tier)) }},
			{"zone", "String!", func(d flow.Difference) any { return d.Zone }},
			{"bin", "String!", func(d flow.Difference) any { return d.Bin }},
			{"owner", "String!", func(d flow.Difference) any { return d.Owner }},
			{"sku", "Code!", func(d flow.Difference) any { return d.SKU }},
			{"batch", "String!", func(d flow.Difference) any { return d.Batch }},
			{"pack", "String!", func(d flow.Difference) any { return d.Pack }},
			{"quantity", "Code!", func(d flow.Difference) any { return d.Quantity }},
			{"ours", "Decimal!", func(d flow.Difference) any { return d.Ours }},
			{"theirs", "Decimal!", func(d flow.Difference) any { return d.Theirs }},
			{"diff", "Decimal!", func(d flow.Difference) any { return d.Diff }},
			{"seenRuns", "Int!", func(d flow.Difference) any { return d.SeenRuns }},
			{"note", "String", func(d flow.Difference) any { return orNull(d.Note) }},
		})
}

// reconciled is the answer to a reconciliation asked for, or to a decision.
type reconciled struct {
	code    model.Code
	message string
	run     *flow.Run
}

// reconciledBy tells a refusal, which is an answer, from an error.
func reconciledBy(run *flow.Run, err error) (any, error) {
	if refusal, ok := errors.AsType[*model.Refusal](err); ok {
		message := refusal.Message
		if refusal.Field != "" {
			message = refusal.Field + ": " + message
		}
		return reconciled{code: refusal.Code, message: message}, nil
	}
	if _, isFarSide := errors.AsType[*wmsync.Failure](err); isFarSide && run != nil {
		// It is no defect that a system does not answer; what of it is FAILED is the run.
		return reconciled{code: model.InvalidState, message: run.Error, run: run}, nil
	}
	return reconciled{code: model.Applied, run: run}, err
}

func (a *API) reconciliationMutations() []field {
	return []field{
		{name: "runReconciliation", kind: "ReconciliationPayload!",
			args:        "scope: ReconciliationScope!, warehouse: Code!",
			description: "Compares now; a difference is recorded and never repaired by itself.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				return reconciledBy(a.verbs.reconcile(p.Context, flow.Scope(args.text("scope")),
					args.text("warehouse"), ""))
			})},
		{name: "resolveDifference", kind: "ReconciliationPayload!",
			args:        "id: ID!, action: DifferenceAction!, expectedDiff: Decimal!, note: Text!",
			description: "Carries a decision out; STALE where the difference is another by now.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				// What is no number is 0, which nothing has for an id.
				id, _ := strconv.ParseInt(args.text("id"), 10, 64)
				return reconciledBy(a.verbs.resolve(p.Context, flow.Resolution{ID: id,
					Action:       flow.DifferenceAction(args.text("action")),
					ExpectedDiff: args.quantity("expectedDiff"), Note: args.text("note"),
					Actor: actorOf(p.Context), Sees: access.From(p.Context).Sees}))
			})},
	}
}

func (a *API) reconciliationQueries() []field {
	runs := paged(a, "reconciliationRuns", "ReconciliationRun",
		"warehouse: Code!, scope: ReconciliationScope, first: Int = 20, after: String",
		a.readRuns, func(r flow.Run) int64 { return r.ID }, asIs)
	runs.description = "The newest first."
	return []field{runs}
}

func (a *API) readRuns(ctx context.Context, args values, before int64, first int,
) (master.Page[flow.Run], error) {
	return flow.Runs(ctx, a.db, args.text("warehouse"), flow.Scope(args.text("scope")), before,
		first)
}

// differencesField lists what a run found. Its cursor is good for every run, so that it can be
// used where several runs are listed.
func (a *API) differencesField() field {
	const list = "differences"
	return field{name: list, kind: "DifferenceConnection!", args: strings.TrimPrefix(pageArgs, ", "),
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			run := p.Source.(flow.Run)
			after, refusal := decodeCursor[int64](args.text("after"), list)
			if refusal != nil {
				return nil, refusal
			}
			page, err := flow.Differences(p.Context, a.db, run.Warehouse, run.ID, after,
				args.number("first"))
			if err != nil {
				return nil, err
			}
			return connect(page, list, func(d flow.Difference) int64 { return d.ID }, asIs), nil
		})}
}
