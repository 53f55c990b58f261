package bench

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// page is what html.gohtml shows: words and lengths, nothing left to compute.
type page struct {
	Server     Server
	Machine    string
	Facts      []pair
	Settings   []pair
	Lead       lead
	Tally      tally
	Goals      []goalRow
	Scores     []pair
	Figures    []figureOf
	Bars       []barGroup
	Contenders []look
	Workloads  []workloadTable
	Void       int
	Redis      bool
}

type pair struct{ Name, Value string }

type tally struct{ Of, Reached, Missed, Unmeasured int }

// goalRow has a meter: the goal is a line at two thirds of it.
type goalRow struct {
	Words, Score, Value, Want, Verdict, Class string
	Meter                                     string
}

// figureOf is the two charts of one workload.
type figureOf struct {
	Workload, Words string
	Charts          []chart
}

// workloads says what each one does, in the order of the page; others follow by name.
var workloads = []pair{
	{"hot1", "every caller at one stock row, with stock for all of them"},
	{"hot1-half", "every caller at one stock row, with stock for half of the demand"},
	{"uniform10k", "10,000 stock rows, each as likely as the next"},
	{"zipf", "10,000 stock rows, few of them asked for most (theta 0.99)"},
	{"mixed", "reserve 50, deduct 35 and release 15 per cent"},
	{"tiers", "picks: zone stock and one to three bins in one transaction"},
	{"replay", "30 per cent of the keys are repeated, some with other content"},
	{"replay-none", "the same trace with a key of its own for each line"},
	{"wave", "orders of many lines, through allocation"},
	{"writers-1", "one process on the rows; callers share them in all three"},
	{"writers-2", "two processes on the same rows"},
	{"writers-4", "four processes on the same rows"},
	{"growth", "the same on a ledger that is longer each time"},
	{"api", "through POST /graphql, with 1, 10 or 100 lines a call"},
	{"overload-120", "an open loop at 120 per cent of the peak; callers: the most lines waiting"},
	{"overload-50", "the same loop afterwards, at half of the peak"},
}

// undrawn are contenders that have no curve: they are a mark to compare with.
var undrawn = []look{
	{"limit", "limit", "only the inserts of the rows that merged appended: the most that this " +
		"database could do"},
	{"submit", "merged", "merged, as it is called beside api"},
	{"api", "other", "merged, called through POST /graphql"},
}

var errEmpty = errors.New("the report has no cells: there is nothing to show")

// WriteHTML writes one page that needs nothing else: no network, no script, no file beside it. A
// report without cells is an error, and nothing is written.
func WriteHTML(w io.Writer, report Report) error {
	if len(report.Cells) == 0 {
		return errEmpty
	}
	cells, s := report.Cells, report.Server
	p := page{
		Server: s, Machine: machine(s), Facts: facts(s),
		Lead: newLead(cells), Scores: otherScores(report),
		Bars: barGroups(cells), Contenders: present(cells), Workloads: newTables(cells),
		Redis: hasContender(cells, "redis") || hasContender(cells, "redis-durable"),
	}
	for _, name := range slices.Sorted(maps.Keys(s.Settings)) {
		p.Settings = append(p.Settings, pair{name, s.Settings[name]})
	}
	for _, g := range report.Goals {
		p.Goals = append(p.Goals, newGoalRow(g))
	}
	p.Tally = newTally(p.Goals)
	for _, workload := range []string{Hot1, "uniform10k"} {
		if f := newFigure(cells, workload); len(f.Charts) > 0 {
			p.Figures = append(p.Figures, f)
		}
	}
	for _, c := range cells {
		if !cellCounts(c) {
			p.Void++
		}
	}
	return render(w, "page", p)
}

// facts are what is known of the run, but for the settings of the server.
func facts(s Server) []pair {
	all := []pair{
		{"Database", s.Database}, {"Redis", s.Redis}, {"Processor", s.CPU},
		{"Cores", known(float64(s.Cores), figure(float64(s.Cores)))},
		{"Go", s.Go}, {"tierstock at commit", s.Commit}, {"Date", s.Date},
		{"Seed of the trace", fmt.Sprint(s.Seed)},
		{"Rounds", known(float64(s.Rounds), figure(float64(s.Rounds)))},
		{"Seconds a cell, in each round", known(s.Seconds, figure(s.Seconds))},
		{"Memory of this process, at most", known(float64(s.EngineBytesMax),
			figure(float64(s.EngineBytesMax)/(1<<20))+" MiB")},
	}
	return slices.DeleteFunc(all, func(p pair) bool { return p.Value == "" })
}

// known is the text where the figure is more than nothing, and else no text.
func known(v float64, text string) string {
	if drawable(v) {
		return text
	}
	return ""
}

func newGoalRow(g Goal) goalRow {
	row := goalRow{Words: cmp.Or(g.Words, g.Score), Score: g.Score, Value: figure(g.Value)}
	row.Want = "at least " + figure(g.Goal)
	if g.AtMost {
		row.Want = "at most " + figure(g.Goal)
	}
	switch {
	case g.Unmeasured || math.IsNaN(g.Value) || math.IsInf(g.Value, 0):
		row.Value, row.Verdict, row.Class = none, "not measured", "unmeasured"
		return row
	case g.Reached:
		row.Verdict, row.Class = "reached", "reached"
	default:
		row.Verdict, row.Class = "missed", "missed"
	}
	if drawable(g.Goal) {
		row.Meter = length(min(100, max(0, g.Value/g.Goal*200/3)))
	}
	return row
}

func newTally(rows []goalRow) tally {
	t := tally{Of: len(rows)}
	for _, row := range rows {
		switch row.Class {
		case "reached":
			t.Reached++
		case "missed":
			t.Missed++
		default:
			t.Unmeasured++
		}
	}
	return t
}

// otherScores are those that no goal shows.
func otherScores(report Report) []pair {
	var others []pair
	for _, name := range slices.Sorted(maps.Keys(report.Scores)) {
		if !slices.ContainsFunc(report.Goals, func(g Goal) bool { return g.Score == name }) {
			others = append(others, pair{name, figure(report.Scores[name])})
		}
	}
	return others
}

func newFigure(cells []Cell, workload string) figureOf {
	f := figureOf{Workload: workload, Words: wordsOf(workload)}
	for _, m := range []measure{linesPerSecond, p99} {
		if c, ok := newChart(cells, workload, m); ok {
			f.Charts = append(f.Charts, c)
		}
	}
	return f
}

func wordsOf(workload string) string {
	if i := slices.IndexFunc(workloads, func(p pair) bool { return p.Name == workload }); i >= 0 {
		return workloads[i].Value
	}
	return ""
}

// workloadNames are all that have cells: first those the page knows, in its order.
func workloadNames(cells []Cell) []string {
	names := map[string]bool{}
	for _, c := range cells {
		names[c.Workload] = true
	}
	var order []string
	for _, p := range workloads {
		if names[p.Name] {
			order = append(order, p.Name)
			delete(names, p.Name)
		}
	}
	return append(order, slices.Sorted(maps.Keys(names))...)
}

func lookOf(contender string) look {
	all := slices.Concat(drawn, undrawn)
	if i := slices.IndexFunc(all, func(l look) bool { return l.Name == contender }); i >= 0 {
		return all[i]
	}
	return look{Name: contender, Class: "other"}
}

// present are the contenders that have cells, in the order of the tables.
func present(cells []Cell) []look {
	looks := slices.DeleteFunc(slices.Concat(drawn, undrawn), func(l look) bool {
		return !hasContender(cells, l.Name)
	})
	slices.SortStableFunc(looks, func(a, b look) int {
		return cmp.Compare(rankOf(a.Name), rankOf(b.Name))
	})
	return looks
}

// rankOf orders contenders from the plainest to the limit; an unknown one comes last.
func rankOf(contender string) int {
	order := []string{"naive", "for-update", "optimistic", "split", "queue", Merged, "submit",
		"api", "limit", "redis", "redis-durable"}
	if i := slices.Index(order, contender); i >= 0 {
		return i
	}
	return len(order)
}
