package stocktest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tierstock/master"
	"tierstock/model"
	"tierstock/tier2"
	"tierstock/tier3"
)

// Answer is the result of one line, and the key it came under.
type Answer struct {
	model.Result
	Line model.LineKey
	Task model.TaskKey
	site *Site
}

// OK says that the line must have been applied, in full.
func (a Answer) OK() Answer {
	a.site.t.Helper()
	return a.Is(model.Applied)
}

// Is says what the code must be.
func (a Answer) Is(code model.Code) Answer {
	a.site.t.Helper()
	if a.Code != code {
		a.site.t.Fatalf("the code is %s, not %s: %s: %s", a.Code, code, a.Field, a.Message)
	}
	return a
}

// Qty says what must have been applied, and be short.
func (a Answer) Qty(applied, shortage string) Answer {
	a.site.t.Helper()
	if a.Applied != a.site.Qty(applied) || a.Shortage != a.site.Qty(shortage) {
		a.site.t.Errorf("applied %s, short of %s; not %s and %s", a.Applied, a.Shortage, applied,
			shortage)
	}
	return a
}

// Refused says that the line must be refused with that code, naming that field and, in its
// message, each of those words.
func (a Answer) Refused(code model.Code, field string, words ...string) Answer {
	a.site.t.Helper()
	a.Is(code)
	if a.Field != field {
		a.site.t.Errorf("the field is %q, not %q: %s", a.Field, field, a.Message)
	}
	for _, word := range words {
		if !strings.Contains(a.Message, word) {
			a.site.t.Errorf("the message does not name %q: %s", word, a.Message)
		}
	}
	if a.Message == "" || len(a.Flows) > 0 || a.Applied != 0 {
		a.site.t.Errorf("a refusal says why and shows no effect: %+v", a.Result)
	}
	return a
}

// Legs says which rows the effect must have changed, and by what, in the order of its legs: such
// as "F1 +10/0/0", with on hand, reserved and frozen.
func (a Answer) Legs(want ...string) Answer {
	a.site.t.Helper()
	var legs []string
	first := 0
	for i, flow := range a.Flows {
		if flow.Key.Action != a.Flows[first].Key.Action {
			first = i // a wave's line has two effects
		}
		if flow.Leg != i-first {
			a.site.t.Errorf("leg %d stands in place %d", flow.Leg, i-first)
		}
		place := flow.Bin
		if flow.Tier == model.ZoneTier {
			place = flow.Zone
		}
		legs = append(legs, fmt.Sprintf("%s %s", label(place, flow.Owner, flow.SKU, flow.Batch,
			flow.Pack), amounts(flow.Delta)))
	}
	if !slices.Equal(legs, want) {
		a.site.t.Errorf("legs %q, not %q", legs, want)
	}
	return a
}

// TaskID is the id of one of the answer's tasks.
func (a Answer) TaskID(i int) string {
	a.site.t.Helper()
	if len(a.Tasks) <= i {
		a.site.t.Fatalf("the answer has %d tasks", len(a.Tasks))
	}
	return strconv.FormatInt(a.Tasks[i].ID, 10)
}

// Picture is how a site stands, as people see it.
//
//	F1           10/4/0      a row of TEA: on hand, reserved, frozen; so does FAST
//	F1:B7*CASE   2/0/0       with batch and pack; @ is the owner, / another SKU
//	R1           OPEN held=6 open=4 pinned=4 deducted=2
//	F1>R1        OPEN 4/0    a task of R1 in F1, quantity and done; several follow one another
//	F1>COUNT     OPEN 4/0    a task to count F1
type Picture map[string]string

// Picture takes one.
func (s *Site) Picture() Picture {
	s.t.Helper()
	ctx := s.t.Context()
	picture := Picture{}
	for _, row := range s.zoneStocks(ctx) {
		key := row.Key
		picture[label(key.Zone, key.Owner, key.SKU, key.Batch, key.Pack)] = amounts(row.Amounts)
	}
	for _, row := range s.binStocks(ctx) {
		key := row.Key
		picture[label(key.Bin, key.Owner, key.SKU, key.Batch, key.Pack)] = amounts(row.Amounts)
	}
	s.addReservations(ctx, picture)
	s.addTasks(ctx, picture)
	return picture
}

// pageRows is more than any test has.
const pageRows = 500

func (s *Site) zoneStocks(ctx context.Context) []model.ZoneStock {
	s.t.Helper()
	zones, err := tier2.NewReader(s.DB, s.Catalog).Find(ctx, s.Warehouse, master.StockFilter{}, 0,
		pageRows)
	if err != nil {
		s.t.Fatal(err)
	}
	return zones.Rows
}

func (s *Site) binStocks(ctx context.Context) []model.BinStock {
	s.t.Helper()
	bins, err := tier3.NewReader(s.DB).Find(ctx, s.Warehouse, master.StockFilter{}, 0, pageRows)
	if err != nil {
		s.t.Fatal(err)
	}
	return bins.Rows
}

func (s *Site) tasks(ctx context.Context) []model.Task {
	s.t.Helper()
	page, err := tier3.NewReader(s.DB).Tasks(ctx, s.Warehouse, tier3.TaskFilter{}, 0, pageRows)
	if err != nil {
		s.t.Fatal(err)
	}
	return page.Rows
}

func (s *Site) addReservations(ctx context.Context, to Picture) {
	s.t.Helper()
	page, err := tier2.NewReader(s.DB, s.Catalog).Reservations(ctx, s.Warehouse,
		tier2.ReservationFilter{}, 0, pageRows)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range page.Rows {
		name := r.Key.OrderID
		if r.Key.Revision > 0 {
			name += fmt.Sprintf("#%d", r.Key.Revision)
		}
		pinned := model.Quantity(0)
		for _, hold := range r.Holds {
			pinned += hold.Pinned
		}
		parts := []string{string(r.State)}
		for _, part := range []struct {
			name string
			qty  model.Quantity
		}{{"held", r.Held}, {"open", r.Open}, {"pinned", pinned}, {"deducted", r.Deducted},
			{"released", r.Released}} {
			if part.qty != 0 {
				parts = append(parts, part.name+"="+part.qty.String())
			}
		}
		to[name] = strings.Join(parts, " ")
	}
}

func (s *Site) addTasks(ctx context.Context, to Picture) {
	s.t.Helper()
	for _, task := range s.tasks(ctx) {
		name := label(task.Bin, task.Item.Owner, task.Item.SKU, task.Batch, task.Pack) + ">"
		if task.Kind == model.TaskPick {
			name += task.OrderID
		} else {
			name += string(task.Kind)
		}
		if to[name] != "" {
			to[name] += ", "
		}
		to[name] += fmt.Sprintf("%s %s/%s", task.State, task.Qty, task.Done)
	}
}

// Expect compares the site with the lines of a picture. What they do not name may be as it is.
func (s *Site) Expect(lines ...string) {
	s.t.Helper()
	picture := s.Picture()
	for _, line := range lines {
		name, want, _ := strings.Cut(line, " ")
		if picture[name] != want {
			s.t.Errorf("%s is %q, not %q", name, picture[name], want)
		}
	}
	if s.t.Failed() {
		s.t.Log(picture)
	}
}

// Same compares the site with a picture taken before. What is new since then must be nothing: a
// row at zero.
func (s *Site) Same(before Picture) {
	s.t.Helper()
	now := s.Picture()
	for name, text := range now {
		if was, known := before[name]; !known && text != amounts(model.Amounts{}) {
			s.t.Errorf("%s is new: %s", name, text)
		} else if known && text != was {
			s.t.Errorf("%s is %q, it was %q", name, text, was)
		}
	}
	for name := range before {
		if _, there := now[name]; !there {
			s.t.Errorf("%s is gone", name)
		}
	}
}

// Only is the part of a picture that has those names.
func (p Picture) Only(names ...string) Picture {
	part := Picture{}
	for _, name := range names {
		part[name] = p[name]
	}
	return part
}

// String lists a picture by name.
func (p Picture) String() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p)) {
		text.WriteString("\n  " + name + " " + p[name])
	}
	return text.String()
}

func label(place, owner, sku, batch, pack string) string {
	for _, part := range []struct{ mark, text, usual string }{{"@", owner, ""}, {"/", sku, Tea},
		{":", batch, ""}, {"*", pack, ""}} {
		if part.text != part.usual {
			place += part.mark + part.text
		}
	}
	return place
}

func amounts(a model.Amounts) string {
	return fmt.Sprintf("%s/%s/%s", a.OnHand, a.Reserved, a.Frozen)
}
