package bench

import (
	"math"
	"slices"
)

type barGroup struct {
	Workload, Words string
	Bars            []bar
}

// bar is as long as its share of the longest one on the page, in per cent.
type bar struct {
	Name, Class, Value, Note string
	Percent                  float64
	lines                    float64
	cell                     Cell
}

// lead compares merged with the classic contender that did best, each at the number of callers
// that suits it best, so that nobody has to ask whether the others were given a fair chance.
type lead struct {
	Known          bool
	Merged, Other  bar
	Times          string
	MergedP99      string
	OtherP99       string
	OtherContender string
}

func newLead(cells []Cell) lead {
	merged, ok := topBar(cells, Hot1, Merged)
	other, okOther := topBar(cells, Hot1, classics...)
	if !ok || !okOther {
		return lead{}
	}
	return lead{
		Known: true, Merged: merged, Other: other, OtherContender: other.Name,
		Times:     figure(math.Round(merged.lines/other.lines*10) / 10),
		MergedP99: figure(merged.cell.P99Ms), OtherP99: figure(other.cell.P99Ms),
	}
}

// barGroups are the workloads in which merged has something beside it.
func barGroups(cells []Cell) []barGroup {
	var groups []barGroup
	longest := 0.0
	for _, workload := range workloadNames(cells) {
		g := barGroup{Workload: workload, Words: wordsOf(workload)}
		for _, names := range [][]string{{"limit"}, {Merged}, classics} {
			if b, ok := topBar(cells, workload, names...); ok {
				g.Bars = append(g.Bars, b)
			}
		}
		hasMerged := slices.ContainsFunc(g.Bars, func(b bar) bool { return b.Name == Merged })
		if !hasMerged || len(g.Bars) < 2 {
			continue
		}
		for _, b := range g.Bars {
			longest = max(longest, b.lines)
		}
		groups = append(groups, g)
	}
	for _, g := range groups {
		for i := range g.Bars {
			g.Bars[i].Percent = math.Round(g.Bars[i].lines/longest*1000) / 10
		}
	}
	return groups
}

// topBar is the best cell of some contenders, whatever the number of callers; false without one.
func topBar(cells []Cell, workload string, contenders ...string) (bar, bool) {
	var top Cell
	for _, name := range contenders {
		for _, c := range linesPerSecond.cellsOf(cells, workload, name) {
			if c.LinesPerSecond > top.LinesPerSecond {
				top = c
			}
		}
	}
	who := "connection"
	if top.Contender != "limit" {
		who = "caller"
	}
	return bar{
		Name: top.Contender, Class: lookOf(top.Contender).Class,
		Value: figure(top.LinesPerSecond), Note: plural(top.Callers, who),
		lines: top.LinesPerSecond, cell: top,
	}, top.LinesPerSecond > 0
}
