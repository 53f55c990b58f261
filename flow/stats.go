package flow

import (
	"sync/atomic"
	"time"

	"tierstock/model"
)

// Stats counts what an engine has done since it was made.
type Stats struct {
	// Commits are transactions that landed, Lines the effects in them, StockRows the rows of both
	// tiers that they wrote, Redone the attempts that had to be run again.
	Commits, Lines, StockRows, Redone int64
}

// Batch is what became of the lines that were decided in one transaction.
type Batch struct {
	Warehouse string
	// Outcomes counts the lines by what they asked and what came of it.
	Outcomes map[Outcome]int
	// Lines were decided, StockRows written, and the transaction took Took, in so many Attempts.
	Lines, StockRows, Attempts int
	Took                       time.Duration
}

// Outcome is a verb and its answer.
type Outcome struct {
	Action model.Action
	Code   model.Code
}

// observe tells whoever watches what became of a batch.
func (e *Engine) observe(groups []*group, book *Book, attempts int, took time.Duration) {
	if e.watch == nil {
		return
	}
	batch := Batch{Warehouse: book.warehouse, Outcomes: map[Outcome]int{}, Attempts: attempts,
		Took: took}
	for _, group := range groups {
		for i, movement := range group.movements {
			batch.Lines++
			if i < len(group.results) {
				batch.Outcomes[Outcome{movement.Key.Action, group.results[i].Code}]++
			}
		}
	}
	for _, row := range book.rows {
		if row.dirty {
			batch.StockRows++
		}
	}
	e.watch(batch)
}

// Waiting is how many lines wait in the engine's lanes for their batch.
func (e *Engine) Waiting() (lines int) {
	for _, lane := range e.lanes {
		lane.mutex.Lock()
		lines += lane.lines
		lane.mutex.Unlock()
	}
	return lines
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
