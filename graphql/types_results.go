package graphql

import (
	"strconv"

	"tierstock/master"
	"tierstock/model"
)

// lineResult is the answer to one line of a write.
type lineResult struct {
	index int
	model.Result
}

func addResultTypes(b *builder) {
	object(b, "BatchPayload", "committed: something of this call is in the ledger because of it. "+
		"applied counts APPLIED and PARTIAL.",
		[]column[batch]{
			{"committed", "Boolean!", func(p batch) any { return p.committed }},
			{"applied", "Int!", func(p batch) any { return p.applied }},
			{"replayed", "Int!", func(p batch) any { return p.replayed }},
			{"failed", "Int!", func(p batch) any { return p.failed }},
			{"results", "[LineResult!]!", func(p batch) any { return p.results }},
		})
	object(b, "LineResult", "For a REPLAYED line flows and qtyApplied are the first answer's; "+
		"stocks and reservation are as of now. retryable: the same line may succeed later as it "+
		"is (BUSY, STALE, INSUFFICIENT, SKIPPED). decidedBy names what chose the "+
		"stock: a strategy, or a rule and its strategy.",
		[]column[lineResult]{
			{"index", "Int!", func(r lineResult) any { return r.index }},
			{"code", "ResultCode!", func(r lineResult) any { return string(r.Code) }},
			{"retryable", "Boolean!", func(r lineResult) any { return r.Code.Retryable() }},
			{"field", "String", func(r lineResult) any { return orNull(r.Field) }},
			{"message", "String", func(r lineResult) any { return orNull(r.Message) }},
			{"qtyApplied", "Decimal!", func(r lineResult) any { return r.Applied }},
			{"shortage", "Decimal!", func(r lineResult) any { return r.Shortage }},
			{"flows", "[Flow!]!", func(r lineResult) any { return orEmpty(r.Flows) }},
			{"zoneStocks", "[ZoneStock!]!", func(r lineResult) any { return r.zoneRows() }},
			{"binStocks", "[BinStock!]!", func(r lineResult) any { return orEmpty(r.BinStocks) }},
			{"reservation", "Reservation", func(r lineResult) any {
				if r.Reservation == nil {
					return nil
				}
				return *r.Reservation
			}},
			{"tasks", "[Task!]!", func(r lineResult) any { return orEmpty(r.Tasks) }},
			{"explanation", "[Candidate!]!",
				func(r lineResult) any { return orEmpty(r.Explanation) }},
			{"decidedBy", "String", func(r lineResult) any { return orNull(r.DecidedBy) }},
		})
	object(b, "Candidate", "Why this stock and not that: one entry for each row looked at, at "+
		"most 50, empty on a replay. taken is 0 where skipped says why (EXPIRED, SHORT_LIFE, "+
		"ON_HOLD, FROZEN, HELD, WRONG_PACK, NOT_NEEDED, ...). score is what a rule's weights "+
		"made of it, null without any: the highest goes first.",
		[]column[model.Candidate]{
			{"zone", "Code!", func(c model.Candidate) any { return c.Zone }},
			{"bin", "Code", func(c model.Candidate) any { return orNull(c.Bin) }},
			{"batch", "String!", func(c model.Candidate) any { return c.Batch }},
			{"pack", "String!", func(c model.Candidate) any { return c.Pack }},
			{"expiresOn", "Date", func(c model.Candidate) any { return orNull(c.ExpiresOn) }},
			{"available", "Decimal!", func(c model.Candidate) any { return c.Available }},
			{"taken", "Decimal!", func(c model.Candidate) any { return c.Taken }},
			{"rank", "Int!", func(c model.Candidate) any { return c.Rank }},
			{"skipped", "Code", func(c model.Candidate) any { return orNull(c.Skipped) }},
			{"score", "String", scoreOf},
		})
}

func scoreOf(c model.Candidate) any {
	if c.Score == 0 {
		return nil
	}
	return strconv.FormatFloat(c.Score, 'f', 3, 64)
}

func (r lineResult) zoneRows() []zoneRow {
	rows := make([]zoneRow, len(r.ZoneStocks))
	for i, stock := range r.ZoneStocks {
		rows[i] = zoneRow{stock, &r.Result}
	}
	return rows
}

// batch is the answer to one call of a verb.
type batch struct {
	committed                 bool
	applied, replayed, failed int
	results                   []lineResult
}

func newBatch(results []model.Result, isDry bool) batch {
	answer := batch{results: make([]lineResult, len(results))}
	for i, result := range results {
		answer.results[i] = lineResult{i, result}
		switch {
		case result.Code == model.Replayed:
			answer.replayed++
		case result.Code.Succeeded():
			answer.applied++
		default:
			answer.failed++
		}
	}
	answer.committed = answer.applied > 0 && !isDry
	return answer
}

// masterResult is the answer to one line of an upsert.
type masterResult struct {
	index int
	master.Result
}

func addMasterResultTypes(b *builder) {
	object(b, "MasterPayload", "What became of masters.",
		[]column[master.Outcome]{
			{"created", "Int!", func(o master.Outcome) any { return o.Created }},
			{"updated", "Int!", func(o master.Outcome) any { return o.Updated }},
			{"unchanged", "Int!", func(o master.Outcome) any { return o.Unchanged }},
			{"results", "[MasterResult!]!", func(o master.Outcome) any {
				results := make([]masterResult, len(o.Results))
				for i, result := range o.Results {
					results[i] = masterResult{i, result}
				}
				return results
			}},
		})
	object(b, "MasterResult", "What became of one line.",
		[]column[masterResult]{
			{"index", "Int!", func(r masterResult) any { return r.index }},
			{"code", "ResultCode!", func(r masterResult) any { return string(r.Code) }},
			{"field", "String", func(r masterResult) any { return orNull(r.Field) }},
			{"message", "String", func(r masterResult) any { return orNull(r.Message) }},
		})
}
