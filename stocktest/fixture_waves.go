package stocktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// Order is an order of TEA of that name, with a line for each quantity: 1, 2 and so on.
func (s *Site) Order(name string, qty ...string) model.Order {
	s.t.Helper()
	order := model.Order{OrderID: name, JobType: "SO", Warehouse: s.Warehouse}
	for i, text := range qty {
		order.Lines = append(order.Lines, model.OrderLine{LineID: fmt.Sprint(i + 1), SKU: Tea,
			Qty: s.Qty(text)})
	}
	return order
}

// whole makes an order ship complete, at turns gives it a priority.
func whole(order model.Order) model.Order {
	order.ShipComplete = true
	return order
}

func urgent(order model.Order, priority int64) model.Order {
	order.Priority = priority
	return order
}

// line changes an order's only line.
func line(order model.Order, edit func(*model.OrderLine)) model.Order {
	order.Lines = slices.Clone(order.Lines)
	edit(&order.Lines[0])
	return order
}

// WaveAnswer is what was answered to a wave.
type WaveAnswer struct {
	Orders []model.OrderResult
	site   *Site
}

// Wave allocates orders with tasks by the default strategy.
func (s *Site) Wave(orders ...model.Order) WaveAnswer {
	s.t.Helper()
	return s.Allocate(model.Wave{Orders: orders, CreateTasks: true})
}

// Hold allocates orders without tasks.
func (s *Site) Hold(orders ...model.Order) WaveAnswer {
	s.t.Helper()
	return s.Allocate(model.Wave{Orders: orders})
}

// Allocate makes a wave's call: a dry one first, which must foresee the whole of the real one's
// answer but for ids and times, and leave no trace.
func (s *Site) Allocate(wave model.Wave) WaveAnswer {
	s.t.Helper()
	before := fmt.Sprint(s.traces(), s.shortages())
	foreseen := s.allocate(flow.Mode{DryRun: true, Actor: "test"}, wave)
	if after := fmt.Sprint(s.traces(), s.shortages()); after != before {
		s.t.Fatalf("a dry run left a trace: %s, before it %s", after, before)
	}
	came := s.allocate(flow.Mode{Actor: "test"}, wave)
	one, other := strings.Split(settled(foreseen), "\n"), strings.Split(settled(came), "\n")
	for i := range min(len(one), len(other)) {
		if one[i] != other[i] {
			s.t.Errorf("the dry run said %s, the real one %s; in line %d of\n%s", one[i], other[i], i,
				strings.Join(other, "\n"))
			break
		}
	}
	if len(one) != len(other) {
		s.t.Errorf("the dry run said %d lines, the real one %d", len(one), len(other))
	}
	return WaveAnswer{came, s}
}

func (s *Site) allocate(mode flow.Mode, wave model.Wave) []model.OrderResult {
	s.t.Helper()
	orders, err := s.Allocation.Allocate(s.t.Context(), mode, wave)
	if err != nil || len(orders) != len(wave.Orders) {
		s.t.Fatalf("%d answers to %d orders: %v", len(orders), len(wave.Orders), err)
	}
	var all []model.Result
	for i, order := range orders {
		if order.OrderID != wave.Orders[i].OrderID ||
			len(order.Lines) != len(wave.Orders[i].Lines) {
			s.t.Fatalf("answer %d is to %s, with %d lines", i, order.OrderID, len(order.Lines))
		}
		all = append(all, order.Lines...)
	}
	s.check(mode, all)
	return orders
}

// settled is an answer without what only the real call can know.
func settled(orders []model.OrderResult) string {
	text, err := json.Marshal(any(orders))
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return err.Error()
	}
	text, _ = json.MarshalIndent(withoutIDs(plain), "", " ")
	return string(text)
}

// realOnly are the fields of an answer that are known only when it has happened.
var realOnly = []string{"ID", "TaskID", "Seq", "RecordedAt", "UpdatedAt", "CreatedAt", "ExpiresAt"}

func withoutIDs(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, part := range value {
			_, isNumber := part.(float64)
			if text, isText := part.(string); isText && name == "Message" {
				part, _, _ = strings.Cut(text, " (") // whom a refusal names
			}
			if slices.Contains(realOnly, name) || name == "Reservation" && isNumber {
				delete(value, name)
				continue
			}
			value[name] = withoutIDs(part)
		}
	case []any:
		for i := range value {
			value[i] = withoutIDs(value[i])
		}
	}
	return value
}

// Are says what the orders' codes must be, and those of their lines: "PARTIAL:
// APPLIED/INSUFFICIENT".
func (w WaveAnswer) Are(want ...string) WaveAnswer {
	w.site.t.Helper()
	var got []string
	for _, order := range w.Orders {
		var lines []string
		for _, line := range order.Lines {
			lines = append(lines, string(line.Code))
		}
		got = append(got, string(order.Code)+": "+strings.Join(lines, "/"))
	}
	if !slices.Equal(got, want) {
		w.site.t.Fatalf("the codes are %q, not %q: %+v", got, want, w.Orders)
	}
	return w
}

// Line is the answer to a line of an order, both by number from 0.
func (w WaveAnswer) Line(order, line int) Answer {
	return Answer{Result: w.Orders[order].Lines[line], site: w.site}
}

// Picks says which tasks an order must have got, in the order in which to pick: "F1 3".
func (w WaveAnswer) Picks(order int, want ...string) WaveAnswer {
	w.site.t.Helper()
	var got []string
	for _, task := range w.Orders[order].Tasks {
		got = append(got, fmt.Sprintf("%s %s", label(task.Bin, task.Item.Owner, task.Item.SKU,
			task.Batch, task.Pack), task.Qty))
	}
	if !slices.Equal(got, want) {
		w.site.t.Errorf("the tasks are %q, not %q", got, want)
	}
	return w
}

// Shortages lists the site's, by line: "R1/1 RESERVE SO: OPEN 3/0", quantity and covered.
func (s *Site) Shortages() (list []string) {
	s.t.Helper()
	page, err := s.Allocation.Shortages(s.t.Context(), s.Warehouse, allocation.ShortageFilter{}, 0,
		pageRows)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, short := range page.Rows {
		source, _, _ := strings.Cut(short.Source, "/")
		if strings.HasPrefix(source, "SHORTAGE") {
			source = "SHORTAGE"
		}
		list = append(list, fmt.Sprintf("%s/%s %s: %s %s/%s", short.Line.OrderID, short.Line.LineID,
			source, short.State, short.Qty, short.Covered))
	}
	slices.Sort(list)
	return list
}

func (s *Site) shortages() string { return strings.Join(s.Shortages(), "; ") }

// Short says what shortages there must be.
func (s *Site) Short(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if got := s.Shortages(); !slices.Equal(got, want) {
		s.t.Errorf("the shortages are %q, not %q", got, want)
	}
}

// Cover covers what may be covered, and says how many shortages it looked at.
func (s *Site) Cover() int {
	s.t.Helper()
	looked, err := s.Allocation.CoverShortages(s.t.Context(), s.Warehouse, true, "test")
	if err != nil {
		s.t.Fatal(err)
	}
	s.Verify()
	s.trace = s.traces()
	return looked
}
