package bench

import (
	"maps"
	"math"
	"slices"
	"testing"

	"tierstock/store"
)

func made(workload, contender string, callers int, rate float64) Cell {
	return Cell{Workload: workload, Contender: contender, Callers: callers, LinesPerCall: 1,
		LinesPerSecond: rate, Oracle: oracleOK}
}

// whole is a report with round figures in every cell that a score needs.
func whole() Report {
	cells := []Cell{
		made(Hot1, Naive, 1000, 100), made(Hot1, ForUpdate, 1000, 200),
		made(Hot1, Optimistic, 1000, 50), made(Hot1, Merged, 1000, 9000),
		made(Hot1, Merged, 64, 5000), made(Hot1, Merged, 4096, 4000), made(Hot1, Limit, 2, 10000),
		made(Hot1, Redis, 1000, 4500), made(Hot1, RedisDurable, 1000, 18000),
		made(Uniform10k, Naive, 1000, 400), made(Uniform10k, ForUpdate, 1000, 300),
		made(Uniform10k, Optimistic, 1000, 500), made(Uniform10k, Merged, 1000, 6000),
		made(Uniform10k, Limit, 4, 8000), made(Zipf, Merged, 1000, 3000), made(Zipf, Limit, 1, 6000),
		made(Replay, Merged, 1000, 800), made(ReplayNone, Merged, 1000, 1000),
	}
	alone, naive := made(Hot1, Merged, 1, 10), made(Hot1, Naive, 1, 10)
	alone.P50Ms, naive.P50Ms = 3, 2
	for ledger, rate := range map[int64]float64{100_000: 1000, 1_000_000: 900, 10_000_000: 810} {
		cell := made(Growth, Merged, 1000, rate)
		cell.Ledger = ledger
		cells = append(cells, cell)
	}
	api, submit := made(API, OverHTTP, 64, 600), made(API, Merged, 64, 800)
	api.LinesPerCall, submit.LinesPerCall = 100, 100
	return Report{Cells: append(cells, alone, naive, api, submit,
		made(API, OverHTTP, 64, 1), made(API, Merged, 64, 1))}
}

func TestScores(t *testing.T) {
	want := map[string]float64{"limitRatioHot1": 0.9, "limitRatioUniform10k": 0.75,
		"limitRatioZipf": 0.5, "speedupHot1": 45, "speedupUniform10k": 12, "hotPenalty": 1.5,
		"collapse": 0.8, "growthLoss": 0.1, "replayLoss": 0.2, "versusRedis": 2,
		"versusRedisDurable": 0.5, "apiRatio100": 0.75, "idleRatio": 1.5}
	missed := []string{"limitRatioZipf", "collapse", "versusRedisDurable"}
	report := whole()
	report.score(store.MySQL)
	if !maps.EqualFunc(report.Scores, want, func(one, other float64) bool {
		return math.Abs(one-other) < 1e-9
	}) {
		t.Errorf("scores %v", report.Scores)
	}
	for _, goal := range report.Goals {
		near := math.Abs(goal.Value-goal.Goal) < 1e-9 // growthLoss is at its goal to a rounding
		if goal.Unmeasured || !near && goal.Reached == slices.Contains(missed, goal.Score) {
			t.Errorf("%+v", goal)
		}
	}
}

// TestScoresNeedTheirCells: without one of its cells, or with one that the oracle refused, there
// is no score.
func TestScoresNeedTheirCells(t *testing.T) {
	for i := range whole().Cells {
		report := whole()
		report.Cells[i].Oracle = "oversold"
		report.score(store.MySQL)
		lost := 0
		for _, goal := range report.Goals {
			if _, there := report.Scores[goal.Score]; there == goal.Unmeasured {
				t.Errorf("%+v", goal)
			}
			if goal.Unmeasured {
				lost++
			}
		}
		needed := report.Cells[i].Workload != API || report.Cells[i].LinesPerCall == apiLinesMost
		// Growth has a loss from any two of its ledgers.
		if needed && lost == 0 && report.Cells[i].Workload != Growth {
			t.Errorf("%+v is not needed by any score", report.Cells[i])
		}
	}
	var none Report
	none.score(store.SQLite)
	if len(none.Scores) != 0 || len(none.Goals) != 13 {
		t.Errorf("%+v", none)
	}
	for _, goal := range none.Goals {
		if goal.Score == "speedupHot1" && goal.Goal != speedupSQLite {
			t.Errorf("%+v on SQLite", goal)
		}
	}
}

func TestTrace(t *testing.T) {
	const lines, rows = 20_000, 100
	for _, workload := range []string{Uniform10k, Zipf, Replay} {
		one, same, other := newTrace(1, rows, workload), newTrace(1, rows, workload),
			newTrace(2, rows, workload)
		perRow, firsts, repeats, changed, differ := map[int]int{}, map[int64]line{}, 0, 0, 0
		for number := range int64(lines) {
			line := one.line(number)
			if line != same.line(number) {
				t.Fatalf("%s: line %d is not what it was", workload, number)
			}
			if line != other.line(number) {
				differ++
			}
			perRow[line.row]++
			first, known := firsts[line.number]
			if known != line.repeat {
				t.Fatalf("%s: line %d: %+v", workload, number, line)
			}
			if !known {
				firsts[line.number] = line
				continue
			}
			repeats++
			if first.pieces != line.pieces {
				changed++
			}
		}
		hottest := slices.Max(slices.Collect(maps.Values(perRow)))
		t.Log(workload, "hottest", hottest, "repeats", repeats, "changed", changed)
		if len(perRow) != rows || differ < lines/2 || (workload == Zipf) != (hottest > 5*lines/rows) {
			t.Errorf("%s: %d rows, the hottest has %d, %d differ", workload, len(perRow), hottest,
				differ)
		}
		if share := 100 * repeats / lines; workload == Replay && (share < 28 || share > 32 ||
			changed < repeats/20 || changed > repeats/5) || workload != Replay && repeats > 0 {
			t.Errorf("%s: %d repeats, %d changed", workload, repeats, changed)
		}
	}
}
