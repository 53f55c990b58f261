package flow

import (
	"context"

	"tierstock/trail"
)

// A call waits in its lane for a batch, which is decided for many calls at once: so the wait is a
// span of the call, and the batch one that stands below the first call of it that is traced, linked
// with the others.

// follow begins the wait of a call's groups in one lane.
func (e *Engine) follow(ctx context.Context, groups []*group) {
	if e.tracer == nil {
		return
	}
	asked := e.tracer.PlaceOf(ctx)
	_, wait := e.tracer.Start(ctx, "lane")
	for _, group := range groups {
		group.asked, group.wait = asked, wait
	}
}

// endWaits: the lane has taken the groups.
func endWaits(groups []*group) {
	for _, group := range groups {
		group.wait.End(nil)
	}
}

// span begins that of a batch.
func (e *Engine) span(ctx context.Context, groups []*group) (context.Context, *trail.Span) {
	if e.tracer == nil {
		return ctx, nil
	}
	lines := 0
	places := make([]trail.Place, len(groups))
	for i, group := range groups {
		lines += len(group.movements)
		places[i] = group.asked
	}
	return e.tracer.Batch(ctx, lines, places)
}
