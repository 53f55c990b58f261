package flow

import "sync/atomic"

// Stats counts what an engine has done since it was made.
type Stats struct {
	// Commits are transactions that landed, Lines the effects in them, StockRows the rows of both
	// tiers that they wrote, Redone the attempts that had to be run again.
	Commits, Lines, StockRows, Redone int64
}

// counters are the running Stats.
type counters struct{ commits, lines, stockRows, redone atomic.Int64 }

// Stats is what the engine has done so far. It is safe for concurrent use.
func (e *Engine) Stats() Stats {
	return Stats{Commits: e.counters.commits.Load(), Lines: e.counters.lines.Load(),
		StockRows: e.counters.stockRows.Load(), Redone: e.counters.redone.Load()}
}

func (c *counters) count(book *Book, attempts int) {
	c.commits.Add(1)
	c.lines.Add(int64(len(book.effects)))
	for _, row := range book.rows {
		if row.dirty {
			c.stockRows.Add(1)
		}
	}
	c.redone.Add(int64(attempts - 1))
}
