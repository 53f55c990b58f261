package stocktest

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"tierstock/master"
	"tierstock/model"
)

// linesMax is how many lines a random call has at most.
const linesMax = 4

// step is one thing that may happen; often is its share, while there is what it needs.
type step struct {
	often int
	needs func(*drawn) bool
	run   func(*rapid.T)
}

// steps are all that may happen. Goods must come in and be held for the rest to be of interest.
func (w *world) steps() []step {
	return []step{
		{9, always, saying(w, w.tier2.Receive, w.model.Receive, (*drawn).receive)},
		{9, always, saying(w, w.allocation.Reserve, w.model.Reserve, (*drawn).reserve)},
		{7, always, w.allocate},
		{3, hasPromise, saying(w, w.tier2.Release, w.model.Release, (*drawn).release)},
		{1, hasPromise, saying(w, w.tier2.Extend, w.model.Extend, (*drawn).extend)},
		{5, hasPromise, saying(w, w.tier2.Deduct, w.model.Deduct, (*drawn).deduct)},
		{6, hasDeparture, saying(w, w.tier2.Restore, w.model.Restore, (*drawn).restore)},
		{7, hasPromise, saying(w, w.tier3.Pin, w.model.Pin, (*drawn).pin)},
		{2, hasTask, saying(w, w.tier3.Unpin, w.model.Unpin, (*drawn).unpin)},
		{8, hasPromise, saying(w, w.tier3.Pick, w.model.Pick, (*drawn).pick)},
		{6, always, saying(w, w.tier3.Move, w.model.Move, (*drawn).move)},
		{4, always, saying(w, w.tier3.Adjust, w.model.Adjust, (*drawn).adjust)},
		{3, always, saying(w, w.tier3.Count, w.model.Count, (*drawn).count)},
		{3, always, saying(w, w.tier3.Freeze, w.model.Freeze, (*drawn).freeze)},
		{2, hasFrozen, saying(w, w.tier3.Unfreeze, w.model.Unfreeze, (*drawn).unfreeze)},
		{3, always, saying(w, w.tier3.Block, w.model.Block, (*drawn).block)},
		{2, hasBlocked, saying(w, w.tier3.Unblock, w.model.Unblock, (*drawn).unblock)},
		{3, always, saying(w, w.tier3.Repack, w.model.Repack, (*drawn).repack)},
		{4, always, saying(w, w.tier3.Report, w.model.Report, (*drawn).report)},
		{2, hasPromise, w.pass}, {2, hasPromise, w.sweep}, {2, always, w.moveBin},
		{2, always, w.setBatch},
	}
}

// saying is a step that makes a call of a verb.
func saying[L any](w *world, verb Verb[L], asks func(L) Ask, line func(*drawn) L) func(*rapid.T) {
	return func(t *rapid.T) { act(w, t, verb, asks, line) }
}

func always(*drawn) bool { return true }

func hasPromise(d *drawn) bool {
	return len(d.promises(func(p *promise) bool { return !p.ended() })) > 0
}

func hasDeparture(d *drawn) bool {
	return len(d.keysOf(model.Deduct))+len(d.keysOf(model.Pick)) > 0
}

func hasTask(d *drawn) bool { return len(d.site.works) > 0 }

func hasFrozen(d *drawn) bool { return len(d.frozen()) > 0 }

func hasBlocked(d *drawn) bool { return len(d.blocked()) > 0 }

func (w *world) step(t *rapid.T) {
	var possible []step
	all := 0
	for _, step := range w.steps() {
		if step.needs(w.draw(t, w.warehouses[0])) {
			possible = append(possible, step)
			all += step.often
		}
	}
	at := uniform(t, all, "step")
	for _, step := range possible {
		if at -= step.often; at < 0 {
			step.run(t)
			return
		}
	}
}

// act draws a call of a verb and makes it on both sides. Some of its lines were applied before,
// word for word or but for one part.
func act[L any](w *world, t *rapid.T, verb Verb[L], asks func(L) Ask, line func(*drawn) L) {
	var lines []L
	said := w.said[reflect.TypeFor[L]()]
	main := w.warehouses[0]
	if chance(t, 12, "other warehouse") {
		main = w.warehouses[1]
	}
	for range 1 + uniform(t, linesMax, "lines") {
		code := main
		if chance(t, 2, "stray") {
			code = w.warehouses[1]
		}
		next := line(w.draw(t, code))
		if len(said) > 0 && chance(t, 15, "again") {
			before := one(t, "said", said).(L)
			if next = changed(t, before, next); chance(t, 40, "unchanged") {
				next = before
			}
		}
		lines = append(lines, next)
	}
	for i, result := range sayBoth(w, t, verb, asks, lines) {
		if result.Code.Succeeded() || chance(t, 10, "saidInVain") {
			w.said[reflect.TypeFor[L]()] = append(w.said[reflect.TypeFor[L]()], lines[i])
		}
	}
}

// changed is a line that was said, but for one part of another: mostly another content under the
// same key.
func changed[L any](t *rapid.T, said, other L) L {
	to, from := reflect.ValueOf(&said).Elem(), reflect.ValueOf(other)
	part := uniform(t, to.NumField(), "part")
	to.Field(part).Set(from.Field(part))
	return said
}

// pass lets the time of a promise be over.
func (w *world) pass(t *rapid.T) {
	d := w.draw(t, one(t, "warehouse", w.warehouses))
	line := d.promise()
	if d.site.promises[line] == nil {
		t.Skip("no such reservation")
	}
	w.write(t, `UPDATE reservations SET expires_at = 1, due_at = 1 WHERE warehouse = ?
		AND job_type = ? AND order_id = ? AND line_id = ? AND revision = ? AND due_at > 0`, d.code,
		line.JobType, line.OrderID, line.LineID, line.Revision)
	w.model.Pass(d.code, line)
}

// sweep writes what is overdue.
func (w *world) sweep(t *rapid.T) {
	written, err := w.tier2.Expire(context.Background())
	if wanted := w.model.Expire(); err != nil || written != wanted {
		t.Fatalf("%d reservations ended, not %d: %v", written, wanted, err)
	}
}

// moveBin puts a bin into another zone.
func (w *world) moveBin(t *rapid.T) {
	d := w.draw(t, one(t, "warehouse", w.warehouses))
	code := among(d, "empty", d.empty(), d.bin)
	if d.site.bins[code] == nil {
		t.Skip("no such bin")
	}
	zone := one(t, "zone", []string{"STORE", "BULK", "DOCK"})
	outcome, err := w.catalog.UpsertBins(context.Background(), []master.BinInput{{Warehouse: d.code,
		Zone: zone, Code: code}})
	if err != nil {
		t.Fatal(err)
	}
	if wanted := w.model.MoveBin(d.code, code, zone); outcome.Results[0].Code != wanted {
		t.Fatalf("bin %s to %s: %+v, not %s", code, zone, outcome.Results[0], wanted)
	}
}

// empty are the bins that may be moved.
func (d *drawn) empty() (codes []string) {
	for _, code := range slices.Sorted(maps.Keys(d.site.bins)) {
		if d.site.bins[code].Kind != model.StagingBin && !slices.ContainsFunc(d.stocked(),
			func(row model.BinStockKey) bool { return row.Bin == code }) {
			codes = append(codes, code)
		}
	}
	return codes
}

// setBatch corrects a batch's date, or holds it back.
func (w *world) setBatch(t *rapid.T) {
	d := w.draw(t, one(t, "warehouse", w.warehouses))
	item := d.item()
	if item.SKU == "NONE" {
		t.Skip("no such article")
	}
	batch := model.Batch{Warehouse: d.code, Item: item, Code: cmp.Or(d.batch(), "L1")}
	batch.ExpiresOn = d.date(batch.Code)
	batch.Hold = rapid.Bool().Draw(t, "hold")
	w.model.SetBatch(batch)
	applied(t, "batch")(w.catalog.UpsertBatches(context.Background(), []master.BatchInput{{
		Warehouse: d.code, Owner: batch.Item.Owner, SKU: batch.Item.SKU, Batch: batch.Code,
		ExpiresOn: &batch.ExpiresOn, Hold: &batch.Hold}}))
}
