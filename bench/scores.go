package bench

import (
	"math"

	"tierstock/store"
)

// score is a row of the score table. value is NaN where the cells for it are not there.
type score struct {
	name   string
	words  string
	goal   float64
	atMost bool
	value  func(cells) float64
}

// speedupSQLite is the goal on SQLite, which has one writer anyhow: what merging saves there is
// syncs to disk, not waits for a lock.
const speedupSQLite = 10

func scores(dialect store.Dialect) []score {
	speedup := 40.0
	if dialect == store.SQLite {
		speedup = speedupSQLite
	}
	return []score{
		{"limitRatioHot1", "merged / bare inserts, one row", 0.85, false, limitRatio(Hot1)},
		{"limitRatioUniform10k", "merged / bare inserts, 10,000 rows", 0.60, false,
			limitRatio(Uniform10k)},
		{"limitRatioZipf", "merged / bare inserts, zipf", 0.60, false, limitRatio(Zipf)},
		{"speedupHot1", "merged / the best classic, one row", speedup, false, speedupOn(Hot1)},
		{"speedupUniform10k", "merged / the best classic, 10,000 rows", 10, false,
			speedupOn(Uniform10k)},
		{"hotPenalty", "one row / 10,000 rows", 1, false, hotPenalty},
		{"collapse", "4,096 callers / 64, one row", 0.9, false, collapse},
		{"growthLoss", "lost with each tenfold of the ledger", 0.10, true, growthLoss},
		{"replayLoss", "lost where 30 % of the keys repeat", 0.25, true, replayLoss},
		{"versusRedis", "merged / Redis that keeps nothing", 1, false, versus(Redis)},
		{"versusRedisDurable", "merged / Redis that syncs, pipelined", 1, false,
			versus(RedisDurable)},
		{"apiRatio100", "API / submit, 100 lines a call", 0.5, false, apiRatio},
		{"idleRatio", "one reserve alone / one naive transaction, p50", 1.5, true, idleRatio},
	}
}

// score works the scores out of the cells that the oracle let pass.
func (r *Report) score(dialect store.Dialect) {
	r.Scores = map[string]float64{}
	r.Goals = nil
	for _, score := range scores(dialect) {
		goal := Goal{Score: score.name, Words: score.words, Goal: score.goal, AtMost: score.atMost}
		value := score.value(r.Cells)
		if goal.Unmeasured = math.IsNaN(value) || math.IsInf(value, 0); !goal.Unmeasured {
			goal.Value = value
			goal.Reached = value >= score.goal
			if score.atMost {
				goal.Reached = value <= score.goal
			}
			r.Scores[score.name] = value
		}
		r.Goals = append(r.Goals, goal)
	}
}

type cells []Cell

// anyCallers looks for a cell of any number of callers.
const anyCallers = -1

func (c cells) find(workload, contender string, callers int) (Cell, bool) {
	for _, cell := range c {
		if cell.Workload == workload && cell.Contender == contender && cell.Oracle == oracleOK &&
			(callers == anyCallers || cell.Callers == callers) {
			return cell, true
		}
	}
	return Cell{}, false
}

// rate is lines a second, NaN where there is no such cell.
func (c cells) rate(workload, contender string, callers int) float64 {
	if cell, found := c.find(workload, contender, callers); found {
		return cell.LinesPerSecond
	}
	return math.NaN()
}

func limitRatio(workload string) func(cells) float64 {
	return func(c cells) float64 {
		return c.rate(workload, Merged, crowdCallers) / c.rate(workload, Limit, anyCallers)
	}
}

func speedupOn(workload string) func(cells) float64 {
	return func(c cells) float64 {
		best := 0.0
		for _, classic := range classics {
			// All of them, or it would not be the best of them.
			best = math.Max(best, c.rate(workload, classic, crowdCallers))
		}
		return c.rate(workload, Merged, crowdCallers) / best
	}
}

func hotPenalty(c cells) float64 {
	return c.rate(Hot1, Merged, crowdCallers) / c.rate(Uniform10k, Merged, crowdCallers)
}

func collapse(c cells) float64 {
	return c.rate(Hot1, Merged, hugeCallers) / c.rate(Hot1, Merged, busyCallers)
}

// growthLoss is the mean over the tenfolds between the first ledger and the last.
func growthLoss(c cells) float64 {
	var first, last Cell
	for _, cell := range c {
		if cell.Workload != Growth || cell.Oracle != oracleOK {
			continue
		}
		if first.Ledger == 0 || cell.Ledger < first.Ledger {
			first = cell
		}
		if cell.Ledger > last.Ledger {
			last = cell
		}
	}
	tenfolds := math.Log10(float64(last.Ledger) / float64(first.Ledger))
	if !(tenfolds > 0) {
		return math.NaN()
	}
	return 1 - math.Pow(last.LinesPerSecond/first.LinesPerSecond, 1/tenfolds)
}

func replayLoss(c cells) float64 {
	return 1 - c.rate(Replay, Merged, crowdCallers)/c.rate(ReplayNone, Merged, crowdCallers)
}

func versus(redis string) func(cells) float64 {
	return func(c cells) float64 {
		return c.rate(Hot1, Merged, crowdCallers) / c.rate(Hot1, redis, crowdCallers)
	}
}

func apiRatio(c cells) float64 {
	rate := func(contender string) float64 {
		for _, cell := range c {
			if cell.Workload == API && cell.Contender == contender && cell.Oracle == oracleOK &&
				cell.LinesPerCall == apiLinesMost {
				return cell.LinesPerSecond
			}
		}
		return math.NaN()
	}
	return rate(OverHTTP) / rate(Merged)
}

func idleRatio(c cells) float64 {
	merged, found := c.find(Hot1, Merged, oneCaller)
	naive, also := c.find(Hot1, Naive, oneCaller)
	if !found || !also {
		return math.NaN()
	}
	return merged.P50Ms / naive.P50Ms
}
