package stocktest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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
		{9, always, func(t *rapid.T) { act(w, t, w.tier2.Receive, w.model.Receive, (*drawn).receive) }},
		{9, always, func(t *rapid.T) { act(w, t, w.allocation.Reserve, w.model.Reserve, (*drawn).reserve) }},
		{3, hasPromise, func(t *rapid.T) { act(w, t, w.tier2.Release, w.model.Release, (*drawn).release) }},
		{1, hasPromise, func(t *rapid.T) { act(w, t, w.tier2.Extend, w.model.Extend, (*drawn).extend) }},
		{5, hasPromise, func(t *rapid.T) { act(w, t, w.tier2.Deduct, w.model.Deduct, (*drawn).deduct) }},
		{6, hasDeparture, func(t *rapid.T) { act(w, t, w.tier2.Restore, w.model.Restore, (*drawn).restore) }},
		{7, hasPromise, func(t *rapid.T) { act(w, t, w.tier3.Pin, w.model.Pin, (*drawn).pin) }},
		{2, hasTask, func(t *rapid.T) { act(w, t, w.tier3.Unpin, w.model.Unpin, (*drawn).unpin) }},
		{8, hasPromise, func(t *rapid.T) { act(w, t, w.tier3.Pick, w.model.Pick, (*drawn).pick) }},
		{6, always, func(t *rapid.T) { act(w, t, w.tier3.Move, w.model.Move, (*drawn).move) }},
		{4, always, func(t *rapid.T) { act(w, t, w.tier3.Adjust, w.model.Adjust, (*drawn).adjust) }},
		{3, always, func(t *rapid.T) { act(w, t, w.tier3.Count, w.model.Count, (*drawn).count) }},
		{3, always, func(t *rapid.T) { act(w, t, w.tier3.Freeze, w.model.Freeze, (*drawn).freeze) }},
		{2, hasFrozen, func(t *rapid.T) { act(w, t, w.tier3.Unfreeze, w.model.Unfreeze, (*drawn).unfreeze) }},
		{3, always, func(t *rapid.T) { act(w, t, w.tier3.Block, w.model.Block, (*drawn).block) }},
		{2, hasBlocked, func(t *rapid.T) { act(w, t, w.tier3.Unblock, w.model.Unblock, (*drawn).unblock) }},
		{3, always, func(t *rapid.T) { act(w, t, w.tier3.Repack, w.model.Repack, (*drawn).repack) }},
		{4, always, func(t *rapid.T) { act(w, t, w.tier3.Report, w.model.Report, (*drawn).report) }},
		{2, hasPromise, w.pass}, {2, hasPromise, w.sweep}, {2, always, w.moveBin},
		{2, always, w.setBatch},
	}
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

// uniform draws a number below n. Those that rapid draws by itself are mostly the smallest.
func uniform(t *rapid.T, n int, label string) int {
	return rapid.Custom(func(t *rapid.T) int {
		drawn := 0
		for range uniformBits {
			drawn *= 2
			if rapid.Bool().Draw(t, "bit") {
				drawn++
			}
		}
		return drawn * n >> uniformBits
	}).Draw(t, label)
}

// uniformBits is enough for every n that is asked for.
const uniformBits = 10

func one[T any](t *rapid.T, label string, values []T) T {
	return values[uniform(t, len(values), label)]
}

// act draws a call of a verb and makes it on both sides. Some of its lines were applied before, word
// for word or but for one part.
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

// describe prints lines without what is left out in them, so that a failure can be read.
func describe(lines any) string {
	var plain any
	text, err := json.Marshal(lines)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err == nil {
		text, err = json.Marshal(pruned(plain))
	}
	return fmt.Sprintf("%T %s %v", lines, text, err)
}

// pruned is a JSON value without its empty parts.
func pruned(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, part := range value {
			if value[name] = pruned(part); value[name] == nil {
				delete(value, name)
			}
		}
		if len(value) == 0 {
			return nil
		}
	case []any:
		for i := range value {
			value[i] = pruned(value[i])
		}
	case string:
		if value == "" {
			return nil
		}
	case float64:
		if value == 0 {
			return nil
		}
	case bool:
		if !value {
			return nil
		}
	}
	return value
}

func chance(t *rapid.T, percent int, label string) bool {
	return uniform(t, 100, label) >= 100-percent
}

// drawn draws the parts of lines about one warehouse. What it draws is mostly there, and
// sometimes not.
type drawn struct {
	t    *rapid.T
	w    *world
	site *site
	code string
}

func (w *world) draw(t *rapid.T, code string) *drawn {
	return &drawn{t, w, w.model.sites[code], code}
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

func (d *drawn) chance(percent int, label string) bool { return chance(d.t, percent, label) }

// among draws one of the values that the site has, or now and then, and where it has none, one
// that other draws.
func among[T any](d *drawn, label string, values []T, other func() T) T {
	if len(values) == 0 || d.chance(6, label+"Other") {
		return other()
	}
	return one(d.t, label, values)
}

func (d *drawn) text(label string, values ...string) string {
	return one(d.t, label, values)
}

// line and task draw keys from so few that they meet again.
func (d *drawn) line() model.LineKey {
	return model.LineKey{JobType: "SO", OrderID: fmt.Sprintf("O%d", d.number("order", 1, 12)),
		LineID: "1", Revision: int64(d.number("revision", 0, 2))}
}

func (d *drawn) task() model.TaskKey {
	return model.TaskKey{JobType: "FLOOR", TaskID: fmt.Sprintf("T%d", d.number("task", 1, 12)),
		Revision: int64(d.number("revision", 0, 2))}
}

func (d *drawn) number(label string, from, to int) int {
	return from + uniform(d.t, to-from+1, label)
}

func (d *drawn) item() model.Item {
	item := model.Item{SKU: d.text("sku", "PLAIN", "CASED", "CUT", "PLAIN", "CASED")}
	if d.chance(10, "owner") {
		item.Owner = "OWNER"
	}
	if d.chance(2, "noSKU") {
		item.SKU = "NONE"
	}
	return item
}

func (d *drawn) batch() string { return d.text("batch", "", "", "L1", "L2", "L3") }

// pack is one of the article's, its unit by name, or none at all.
func (d *drawn) pack(sku string) string {
	packs := []string{"", ""}
	for _, pack := range d.w.model.skus[sku].Packs {
		packs = append(packs, pack.Code)
	}
	if d.chance(3, "noPack") {
		packs = []string{"NONE", d.w.model.skus[sku].Unit}
	}
	return one(d.t, "pack", packs)
}

// date is mostly that of the batch: expired, expiring today, soon, or never.
func (d *drawn) date(batch string) model.Date {
	dates := map[string]model.Date{"L1": plusDays(d.w.today, -1), "L2": d.w.today,
		"L3": plusDays(d.w.today, 9)}
	if d.chance(30, "otherDate") {
		return model.Date(d.text("date", "", string(plusDays(d.w.today, 3))))
	}
	return dates[batch]
}

func (d *drawn) zone() string {
	if d.chance(2, "noZone") {
		return "NONE"
	}
	return d.text("zone", "STORE", "STORE", "BULK", "DOCK")
}

func (d *drawn) bin() string {
	if d.chance(2, "noBin") {
		return "NONE"
	}
	return d.text("bin", slices.Sorted(maps.Keys(d.site.bins))...)
}

// qty is mostly a few whole units, and sometimes what no line may have.
func (d *drawn) qty() model.Quantity {
	if d.chance(4, "odd") {
		return one(d.t, "odd", []model.Quantity{0, -model.One, model.One / 2, 1,
			2*model.One + 500_000, model.QuantityMax})
	}
	return model.Whole(int64(d.number("qty", 1, 9)))
}

func (d *drawn) maybeQty() *model.Quantity {
	if d.chance(50, "allOfIt") {
		return nil
	}
	return new(d.qty())
}

// row is a bin row with stock, or any.
func (d *drawn) row() model.BinStockKey {
	return among(d, "row", d.stocked(), d.anyRow)
}

func (d *drawn) stocked() []model.BinStockKey {
	return d.rows(func(row *binRow) bool { return row.OnHand > 0 })
}

func (d *drawn) rows(wanted func(*binRow) bool) (rows []model.BinStockKey) {
	for key, row := range d.site.binRows {
		if wanted(row) {
			rows = append(rows, key)
		}
	}
	slices.SortFunc(rows, func(a, b model.BinStockKey) int {
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	return rows
}

func (d *drawn) anyRow() model.BinStockKey {
	item := d.item()
	return model.BinStockKey{Warehouse: d.code, Bin: d.bin(), Owner: item.Owner, SKU: item.SKU,
		Batch: d.batch(), Pack: d.pack(item.SKU)}
}

// promise is the key of a reservation that is open, or of any, or of none.
func (d *drawn) promise() model.LineKey {
	open := d.promises(func(p *promise) bool { return !p.ended() })
	return among(d, "promise", open, func() model.LineKey {
		return among(d, "anyPromise", d.promises(func(*promise) bool { return true }), d.line)
	})
}

func (d *drawn) promises(wanted func(*promise) bool) (lines []model.LineKey) {
	for key, p := range d.site.promises {
		if wanted(p) {
			lines = append(lines, key)
		}
	}
	slices.SortFunc(lines, func(a, b model.LineKey) int { return cmp.Compare(nameOf(a), nameOf(b)) })
	return lines
}

// keysOf are the keys under which an action was done.
func (d *drawn) keysOf(action model.Action) (keys []model.Key) {
	for key := range d.site.effects {
		if key.Action == action {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b model.Key) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return keys
}

// hint is "" or an article, mostly the right one.
func (d *drawn) hint(line model.LineKey) string {
	p := d.site.promises[line]
	switch {
	case d.chance(60, "noHint"):
		return ""
	case p == nil || d.chance(5, "wrongHint"):
		return "PLAIN"
	}
	return p.item.SKU
}
