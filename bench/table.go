package bench

import (
	"cmp"
	"slices"
	"strings"
)

// workloadTable is all cells of one workload.
type workloadTable struct {
	Name, Words string
	Rows        []cellRow
	Noted       bool
}

type cellRow struct {
	Contender, Class, Callers, Lines, Spread, P50, P99 string
	Batch, PerRow, CPU, Notes, Oracle                  string
	Counts                                             bool
}

func newTables(cells []Cell) []workloadTable {
	var tables []workloadTable
	for _, name := range workloadNames(cells) {
		table := workloadTable{Name: name, Words: wordsOf(name)}
		for _, c := range sortedCells(cells, name) {
			row := newCellRow(c)
			table.Rows = append(table.Rows, row)
			table.Noted = table.Noted || row.Notes != ""
		}
		tables = append(tables, table)
	}
	return tables
}

func sortedCells(cells []Cell, workload string) []Cell {
	var found []Cell
	for _, c := range cells {
		if c.Workload == workload {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b Cell) int {
		return cmp.Or(
			cmp.Compare(rankOf(a.Contender), rankOf(b.Contender)),
			cmp.Compare(a.Contender, b.Contender),
			cmp.Compare(a.Ledger, b.Ledger),
			cmp.Compare(a.LinesPerCall, b.LinesPerCall),
			cmp.Compare(a.Callers, b.Callers))
	})
	return found
}

func newCellRow(c Cell) cellRow {
	row := cellRow{
		Contender: c.Contender, Class: lookOf(c.Contender).Class,
		Callers: figure(float64(c.Callers)),
		Lines:   measured(c.LinesPerSecond),
		Spread:  measured(c.LowestPerSec) + " to " + measured(c.HighestPerSec),
		P50:     measured(c.P50Ms), P99: measured(c.P99Ms),
		Batch: measured(c.BatchLines), PerRow: measured(c.LinesPerRow),
		CPU:    measured(c.CPUSecondsPer1000),
		Oracle: cmp.Or(c.Oracle, "not asked"), Counts: cellCounts(c),
	}
	if c.LinesPerCall > 1 {
		row.Callers += " × " + figure(float64(c.LinesPerCall))
	}
	row.Notes = joined(
		counted(c.Ledger, "flows before"), counted(c.Refused, "short"),
		counted(c.Busy, "busy"), counted(c.Redone, "batches redone"))
	return row
}

// measured is a figure that is none where it is nothing.
func measured(v float64) string {
	if drawable(v) {
		return figure(v)
	}
	return none
}

func counted(n int64, words string) string {
	if n == 0 {
		return ""
	}
	return figure(float64(n)) + " " + words
}

// joined is the parts that are not empty.
func joined(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return strings.Join(parts, ", ")
}
