package stocktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"tierstock/model"
)

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
	dates := map[string]model.Date{"L1": d.w.today.Plus(-1), "L2": d.w.today,
		"L3": d.w.today.Plus(9)}
	if d.chance(30, "otherDate") {
		return model.Date(d.text("date", "", string(d.w.today.Plus(3))))
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
	slices.SortFunc(keys, func(a, b model.Key) int {
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
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
