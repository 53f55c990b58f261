package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"tierstock/bench"
)

// printReport writes the figures as a terminal shows them.
func printReport(out io.Writer, report bench.Report) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	server := report.Server
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) }
	say("%s, %d cores, %s", server.Database, server.Cores, server.CPU)
	var settings []string
	for _, name := range slices.Sorted(maps.Keys(server.Settings)) {
		settings = append(settings, name+"="+server.Settings[name])
	}
	say("%s", strings.Join(settings, " "))
	if server.Redis != "" {
		say("%s", server.Redis)
	}
	say("%d rounds of %g s, seed %d, %s, %s; this process took up to %d MB", server.Rounds,
		server.Seconds, server.Seed, server.Go, server.Date, server.EngineBytesMax>>20)
	say("")
	say("WORKLOAD\tCONTENDER\tCALLERS\tLINES/CALL\tLINES/S\tLOWEST\tHIGHEST\tP50 ms\tP99 ms" +
		"\tREFUSED\tBUSY\tBATCH\tLINES/ROW\tREDONE\tCPU s/1000\tLEDGER\tORACLE")
	for _, cell := range report.Cells {
		say("%s", cellRow(cell))
	}
	say("")
	say("SCORE\tVALUE\tGOAL\t\tWHAT")
	for _, goal := range report.Goals {
		say("%s", goalRow(goal))
	}
	return table.Flush()
}

func cellRow(cell bench.Cell) string {
	columns := []string{cell.Workload, cell.Contender, fmt.Sprint(cell.Callers),
		fmt.Sprint(cell.LinesPerCall), perSecond(cell.LinesPerSecond), perSecond(cell.LowestPerSec),
		perSecond(cell.HighestPerSec), fmt.Sprintf("%.2f", cell.P50Ms),
		fmt.Sprintf("%.2f", cell.P99Ms), orNothing(cell.Refused), orNothing(cell.Busy),
		ratioOrNothing(cell.BatchLines), ratioOrNothing(cell.LinesPerRow), orNothing(cell.Redone),
		fmt.Sprintf("%.3f", cell.CPUSecondsPer1000), orNothing(cell.Ledger), cell.Oracle}
	return strings.Join(columns, "\t")
}

func goalRow(goal bench.Goal) string {
	bound, verdict := "at least", "missed"
	if goal.AtMost {
		bound = "at most"
	}
	value := fmt.Sprintf("%.2f", goal.Value)
	switch {
	case goal.Unmeasured:
		value, verdict = "-", "not measured"
	case goal.Reached:
		verdict = "reached"
	}
	return fmt.Sprintf("%s\t%s\t%s %g\t%s\t%s", goal.Score, value, bound, goal.Goal, verdict,
		goal.Words)
}

func perSecond(rate float64) string { return thousands(int64(math.Round(rate))) }

func orNothing(count int64) string {
	if count == 0 {
		return ""
	}
	return thousands(count)
}

func ratioOrNothing(ratio float64) string {
	if ratio == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", ratio)
}
