package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A panel is one chart with the room that its titles, its ticks and the names at its right need.
const (
	panelWidth   = 460
	panelHeight  = 372
	chartWidth   = 286
	chartHeight  = 260
	chartLeft    = 58
	chartTop     = 60
	nameGap      = 16 // from the chart's right edge to the names
	nameStep     = 15 // between two names, so that none covers another
	callersLimit = 4096
	dotRadius    = 2.25
	dotRadiusBig = 3.75 // on the line that is 4 wide
)

// look is how a contender is drawn and what it is called in words.
type look struct {
	Name string
	// Class is one of curves.css: what belongs together has one colour.
	Class string
	Words string
}

// drawn are the contenders that have a curve; the last is drawn on top.
var drawn = []look{
	{"optimistic", "classic", "read a version, update where it is still the same, else try again"},
	{"for-update", "classic", "one transaction a line, with SELECT ... FOR UPDATE before it decides"},
	{"naive", "classic", "one transaction a line: insert the flow, update the row with a guard"},
	{"split", "other", "the row in ten, one picked at random, the others tried when it is short"},
	{"queue", "other", "one writer takes the lines in turn, one transaction each"},
	{"redis", "redis", "a script checks and decrements in Redis, plain client; nothing is kept"},
	{"redis-durable", "redis",
		"the same with every write synced to disk and a client that pipelines by itself"},
	{Merged, "merged", "tierstock's own write path: what arrives during a commit shares the next"},
}

// chart is one panel, ready to draw: every length is in the units of the picture, from the upper
// left corner of the area that the axes span.
type chart struct {
	Left, Top, Width, Height int
	Title, AxisX, AxisY      string
	TicksX, TicksY           []tick
	Curves                   []curve
}

func (c chart) MiddleX() int     { return c.Width / 2 }
func (c chart) NameX() int       { return c.Width + nameGap }
func (c chart) TickEnd() int     { return c.Height + 5 }
func (c chart) PanelWidth() int  { return panelWidth }
func (c chart) PanelHeight() int { return panelHeight }

// tick without text is a line of the grid only.
type tick struct {
	At   string
	Text string
}

type curve struct {
	Name, Class, Path, Leader string
	Radius                    float64
	NameY                     string
	Points                    []point
}

// point has Low and High where the rounds lay apart.
type point struct{ X, Y, Low, High, Words string }

// measure is what a chart shows of a cell.
type measure struct {
	title, axis string
	value       func(Cell) float64
	// spread is nil where only the median is known.
	spread func(Cell) (low, high float64)
	words  func(Cell) string
}

var linesPerSecond = measure{
	title: "Throughput",
	axis:  "lines a second, log scale: higher is better",
	value: func(c Cell) float64 { return c.LinesPerSecond },
	spread: func(c Cell) (float64, float64) {
		return c.LowestPerSec, c.HighestPerSec
	},
	words: func(c Cell) string {
		return fmt.Sprintf("%s lines a second (%s to %s)", figure(c.LinesPerSecond),
			figure(c.LowestPerSec), figure(c.HighestPerSec))
	},
}

var p99 = measure{
	title: "Waiting time",
	axis:  "p99 in milliseconds, log scale: lower is better",
	value: func(c Cell) float64 { return c.P99Ms },
	words: func(c Cell) string { return "p99 " + figure(c.P99Ms) + " ms" },
}

// cellCounts: a cell whose oracle found something wrong is shown, but never drawn or compared.
func cellCounts(c Cell) bool { return c.Oracle == "ok" }

// drawable: a log scale has no place for nothing.
func drawable(v float64) bool { return v > 0 && !math.IsInf(v, 0) && !math.IsNaN(v) }

// cellsOf are the cells of one curve that count and can be drawn, by callers.
func (m measure) cellsOf(cells []Cell, workload, contender string) []Cell {
	var found []Cell
	for _, c := range cells {
		if c.Workload == workload && c.Contender == contender && c.LinesPerCall <= 1 &&
			c.Callers > 0 && cellCounts(c) && drawable(m.value(c)) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b Cell) int { return cmp.Compare(a.Callers, b.Callers) })
	return slices.CompactFunc(found, func(a, b Cell) bool { return a.Callers == b.Callers })
}

// newChart draws one measure of one workload; false when there is nothing to draw.
func newChart(cells []Cell, workload string, m measure) (chart, bool) {
	c := chart{
		Left: chartLeft, Top: chartTop, Width: chartWidth, Height: chartHeight,
		Title: m.title, AxisX: "callers at once, log scale", AxisY: m.axis,
	}
	low, high, callers := math.Inf(1), 0.0, callersLimit
	byName := map[string][]Cell{}
	for _, l := range drawn {
		byName[l.Name] = m.cellsOf(cells, workload, l.Name)
		for _, cell := range byName[l.Name] {
			bottom, top, _ := m.spreadOf(cell)
			low, high, callers = min(low, bottom), max(high, top), max(callers, cell.Callers)
		}
	}
	if high == 0 {
		return chart{}, false
	}
	x := logAxis{low: 1, high: float64(callers), length: chartWidth}
	y := roundAxis(low, high, chartHeight)
	c.TicksX, c.TicksY = callerTicks(x), decadeTicks(y)
	for _, l := range drawn {
		if found := byName[l.Name]; len(found) > 0 {
			c.Curves = append(c.Curves, newCurve(l, found, m, x, y))
		}
	}
	placeNames(c.Curves, byName, m, x, y)
	return c, true
}

// spreadOf falls back to the median alone, and says so.
func (m measure) spreadOf(c Cell) (low, high float64, known bool) {
	if m.spread != nil {
		low, high = m.spread(c)
		if drawable(low) && drawable(high) && low <= m.value(c) && m.value(c) <= high {
			return low, high, low < high
		}
	}
	return m.value(c), m.value(c), false
}

func newCurve(l look, cells []Cell, m measure, x, y logAxis) curve {
	c := curve{Name: l.Name, Class: l.Class, Radius: dotRadius}
	if l.Name == Merged {
		c.Radius = dotRadiusBig
	}
	if l.Name != l.Class {
		c.Class += " " + l.Name
	}
	var path []string
	for _, cell := range cells {
		p := point{
			X: length(x.at(float64(cell.Callers))), Y: length(y.down(m.value(cell))),
			Words: fmt.Sprintf("%s, %s: %s", l.Name, plural(cell.Callers, "caller"), m.words(cell)),
		}
		if low, high, known := m.spreadOf(cell); known {
			p.Low, p.High = length(y.down(low)), length(y.down(high))
		}
		c.Points = append(c.Points, p)
		path = append(path, p.X+" "+p.Y)
	}
	c.Path = "M" + strings.Join(path, " L")
	return c
}
