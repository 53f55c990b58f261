package graphql

import (
	"context"
	"errors"
	"math"
	"strconv"

	gql "github.com/graphql-go/graphql"

	"tierstock/access"
	"tierstock/master"
	"tierstock/model"
	"tierstock/wmsync"
)

func addSyncTypes(b *builder) {
	object(b, "SyncStream", "How a stream of a system is. direction is PULL or PUSH, or COMPARE for "+
		"the nightly comparison of books; state NEW (it never ran), OK or FAILING. lagSeconds is how "+
		"far behind it is: since when a pulled stream has not been read to its end, or how old is "+
		"what waits longest to go out. pending waits to be applied or delivered, dead was given up. "+
		"schedule is when it runs, in timezone.",
		[]column[wmsync.Status]{
			{"system", "Code!", func(s wmsync.Status) any { return s.System }},
			{"stream", "Code!", func(s wmsync.Status) any { return string(s.Stream) }},
			{"direction", "Code!", func(s wmsync.Status) any { return string(s.Direction) }},
			{"state", "Code!", func(s wmsync.Status) any { return string(s.State) }},
			{"cursor", "String", func(s wmsync.Status) any { return orNull(s.Cursor) }},
			{"lagSeconds", "Int", func(s wmsync.Status) any {
				if s.Lag < 0 {
					return nil
				}
				return int(min(s.Lag.Seconds(), math.MaxInt32))
			}},
			{"pending", "Int!", func(s wmsync.Status) any { return s.Pending }},
			{"dead", "Int!", func(s wmsync.Status) any { return s.Dead }},
			{"failures", "Int!", func(s wmsync.Status) any { return s.Failures }},
			{"lastError", "String", func(s wmsync.Status) any { return orNull(s.LastError) }},
			{"lastSuccessAt", "DateTime", func(s wmsync.Status) any { return orNull(s.LastSuccessAt) }},
			{"lastRunAt", "DateTime", func(s wmsync.Status) any { return orNull(s.LastRunAt) }},
			{"nextRunAt", "DateTime", func(s wmsync.Status) any { return orNull(s.NextRunAt) }},
			{"schedule", "String!", func(s wmsync.Status) any { return s.Schedule }},
			{"timezone", "String!", func(s wmsync.Status) any { return s.Timezone }},
		})
	object(b, "Message", "One that did not go through at once: a movement on its way out (topic "+
		"movements), or an item of a stream that could not be applied. state: WAITING is tried again "+
		"at nextAttemptAt, HELD waits for an earlier one of its SKU, QUEUED was put back, DEAD is "+
		"given up, DISCARDED for good.",
		[]column[wmsync.Message]{
			{"id", "ID!", func(m wmsync.Message) any { return decimalID(m.ID) }},
			{"system", "Code!", func(m wmsync.Message) any { return m.System }},
			{"topic", "Code!", func(m wmsync.Message) any { return string(m.Stream) }},
			{"warehouse", "String!", func(m wmsync.Message) any { return m.Warehouse }},
			{"sku", "String!", func(m wmsync.Message) any { return m.SKU }},
			{"state", "Code!", func(m wmsync.Message) any { return string(m.State) }},
			{"attempts", "Int!", func(m wmsync.Message) any { return m.Attempts }},
			{"body", "String!", func(m wmsync.Message) any { return m.Body }},
			{"lastError", "String", func(m wmsync.Message) any { return orNull(m.LastError) }},
			{"nextAttemptAt", "DateTime", func(m wmsync.Message) any { return orNull(m.NextAt) }},
			{"createdAt", "DateTime!", func(m wmsync.Message) any { return m.CreatedAt }},
		})
	addConnection(b, "Message")
}

func (a *API) syncQueries() []field {
	outbox := paged(a, "outbox", "Message", "system: Code, dead: Boolean"+pageArgs, a.readOutbox,
		func(m wmsync.Message) int64 { return m.ID }, asIs)
	outbox.description = "What did not go through at once, either way. What waits for its first " +
		"try is the feed itself."
	return []field{
		{name: "syncStreams", kind: "[SyncStream!]!", args: "system: Code",
			description: "The streams of the systems that the configuration names.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				streams, err := a.sync.Streams(p.Context, args.text("system"),
					access.From(p.Context).Sees)
				return orEmpty(streams), err
			})},
		outbox,
	}
}

func (a *API) readOutbox(ctx context.Context, args values, after int64, first int) (
	master.Page[wmsync.Message], error) {
	return a.sync.Messages(ctx, wmsync.MessageFilter{System: args.text("system"),
		Dead: optional[bool](args, "dead"), Sees: access.From(ctx).Sees}, after, first)
}

func (a *API) syncMutations() []field {
	return []field{
		{name: "syncNow", kind: "[SyncStream!]!",
			args: "system: Code!, streams: [Code!], fullResync: Boolean = false",
			description: "Pulls and delivers now, and tells how the streams are then. fullResync " +
				"takes a snapshot of each first; of stock it is compared, and applied only where " +
				"it is the first of an empty warehouse.",
			resolve: a.resolve(a.syncNow)},
		{name: "requeueMessages", kind: "Int!", args: "ids: [ID!]!",
			description: "Puts dead messages back, to be tried at once, and says how many were dead.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				ids, refusal := messageIDs(args)
				if refusal != nil {
					return nil, refusal
				}
				return a.sync.Requeue(p.Context, ids, access.From(p.Context).Sees)
			})},
		{name: "discardMessages", kind: "Int!", args: "ids: [ID!]!, note: Text!",
			description: "Gives dead messages up for good, and says how many were dead. They stay on " +
				"record; what they leave different shows in the next EXTERNAL reconciliation.",
			resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
				ids, refusal := messageIDs(args)
				if refusal != nil {
					return nil, refusal
				}
				return a.sync.Discard(p.Context, ids, args.text("note"), actorOf(p.Context),
					access.From(p.Context).Sees)
			})},
	}
}

func messageIDs(args values) ([]int64, error) {
	var ids []int64
	for _, id := range texts[string](args, "ids") {
		// What is no number is 0, which nothing has for an id.
		number, _ := strconv.ParseInt(id, 10, 64)
		ids = append(ids, number)
	}
	if len(ids) > pageRowsMax {
		return nil, refuseField(codeTooManyLines, "ids", "at most %d messages at once", pageRowsMax)
	}
	return ids, nil
}

func (a *API) syncNow(p gql.ResolveParams, args values) (any, error) {
	who, system := access.From(p.Context), args.text("system")
	if !a.sync.Known(system, who.Sees) {
		return nil, refuseField(codeBadRequest, "system", "there is no such system in the "+
			"configuration")
	}
	err := a.sync.Now(p.Context, system, texts[wmsync.Stream](args, "streams"),
		args.flag("fullResync"))
	if refusal, ok := errors.AsType[*model.Refusal](err); ok {
		return nil, refuseField(codeBadRequest, refusal.Field, "%s", refusal.Message)
	}
	if err != nil {
		return nil, err
	}
	streams, err := a.sync.Streams(p.Context, system, who.Sees)
	return orEmpty(streams), err
}
