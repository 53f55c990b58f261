package flow

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// The feed is numbered by its readers: the write path leaves its commits without numbers, so that
// no counter makes a warehouse's commits queue, and whoever reads the feed first gives those that
// have committed their place. Commits come by tick, and a commit's tick is greater than that of
// every earlier one of the same rows, so each row's flows keep their order whichever process
// wrote them.

// stampCommitsMax bounds what one transaction numbers, so that readers of a long backlog take
// turns with the writers.
const stampCommitsMax = 1000

// Limits of reading the feed.
const (
	// feedSpan is how much of the feed a page looks through first; each further look is
	// feedSpanGrowth times as long, up to feedSpanMax.
	feedSpan       = 1024
	feedSpanGrowth = 4
	feedSpanMax    = 65536
	// feedLooksMax is how often a page is read anew because its flows are being archived.
	feedLooksMax = 10
	// feedTimeMax is how far apart from and to may be: 31 days, the contract's number.
	feedTimeMax = 31 * 24 * time.Hour
)

// ErrTooCostly is a filter that no index serves and no time span bounds.
var ErrTooCostly = errors.New("this filter reads the whole ledger: name an orderId, taskId, " +
	"sku, bin or reservation, or from and to within 31 days")

// FromBeginning is the place of a reader of the feed who has seen nothing and asks for what there
// is. 0 is another: of one who wants every flow from the first on.
const FromBeginning int64 = -1

// FlowFilter narrows a list of flows. What is left at its zero value does not narrow it. From is
// the first moment, To the first that is too late.
type FlowFilter struct {
	Reservation                      int64
	Tier                             model.Tier
	Actions                          []model.Action
	JobType, OrderID, LineID, TaskID string
	Zone, Bin, SKU                   string
	Batch                            *string
	From, To                         model.Instant
}

// FlowPage is a part of the feed. SafeSeq is how far the feed was read: all that the filter lets
// through up to there is in this page or before it. Where a filter's page is full, that is its
// last row; else it is the end of the feed as of now.
type FlowPage struct {
	master.Page[model.Flow]
	SafeSeq int64
}

// Stamp numbers whatever of a warehouse has committed and has no place in the feed yet, and
// returns the last number given.
func Stamp(ctx context.Context, db *store.DB, warehouse string) (lastSeq int64, err error) {
	lastSeq, waiting, err := feedEnd(ctx, db.Reader(), warehouse)
	for waiting && err == nil {
		err = db.Transact(ctx, func(tx *store.Tx) (err error) {
			lastSeq, waiting, err = stampSome(ctx, tx, warehouse)
			return err
		})
	}
	return lastSeq, err
}

func feedEnd(ctx context.Context, q store.Queryer, warehouse string) (lastSeq int64,
	waiting bool, err error) {
	err = store.EachRow(ctx, q, `SELECT
		COALESCE((SELECT last_seq FROM feeds WHERE warehouse = ?), 0),
		EXISTS (SELECT 1 FROM commits WHERE warehouse = ? AND first_seq = 0)`,
		[]any{warehouse, warehouse}, func(rows *sql.Rows) error {
			return rows.Scan(&lastSeq, &waiting)
		})
	return lastSeq, waiting, err
}

// stampSome numbers the earliest commits. Every numbering first takes the feed's row, and writes
// it: so one goes after the other, and sees what is left.
func stampSome(ctx context.Context, tx *store.Tx, warehouse string) (lastSeq int64, more bool,
	err error) {
	known := false
	err = store.EachRow(ctx, tx, `SELECT last_seq FROM feeds WHERE warehouse = ?`+tx.ForUpdate(),
		[]any{warehouse}, func(rows *sql.Rows) error {
			known = true
			return rows.Scan(&lastSeq)
		})
	if err != nil {
		return 0, false, err
	}
	if !known {
		_, err = tx.Exec(ctx, `INSERT INTO feeds (warehouse, last_seq) VALUES (?, 0)`, warehouse)
		if errors.Is(err, store.ErrDuplicate) {
			err = store.Redo(err)
		}
		if err != nil {
			return 0, false, err
		}
	}
	numbered, lastSeq, err := numberCommits(ctx, tx, warehouse, lastSeq)
	slices.SortFunc(numbered, func(one, other change) int {
		return slices.Compare(one.key[:], other.key[:])
	})
	if err != nil || len(numbered) == 0 {
		return lastSeq, false, err
	}
	if err := (mergedUpdate{table: "commits", keys: []string{"id"}, columns: []string{"first_seq"},
		every: true}).run(ctx, tx, warehouse, numbered); err != nil {
		return 0, false, err
	}
	_, err = tx.Exec(ctx, `UPDATE feeds SET last_seq = ? WHERE warehouse = ?`, lastSeq, warehouse)
	return lastSeq, len(numbered) == stampCommitsMax, err
}

// numberCommits gives the next commits their numbers. It reads without locks, so that it waits
// for no writer: a commit that is not to be seen yet comes after all those that are.
func numberCommits(ctx context.Context, tx *store.Tx, warehouse string, lastSeq int64) (
	numbered []change, last int64, err error) {
	err = store.EachRow(ctx, tx, `SELECT id, flows FROM commits WHERE warehouse = ? AND first_seq = 0
		ORDER BY tick, id LIMIT ?`, []any{warehouse, stampCommitsMax},
		func(rows *sql.Rows) error {
			var id, flows int64
			err := rows.Scan(&id, &flows)
			numbered = append(numbered, change{key: [2]int64{id},
				values: []cell{intCell(lastSeq + 1)}})
			lastSeq += flows
			return err
		})
	return numbered, lastSeq, err
}

// Flows reads the feed of a warehouse after a sequence number, in its order, through both tiers.
// Where flows after it have been archived, that is ErrArchivedPlace; FromBeginning is where the
// feed begins now.
func Flows(ctx context.Context, db *store.DB, warehouse string, filter FlowFilter, after int64,
	first int) (FlowPage, error) {
	if err := filter.check(); err != nil {
		return FlowPage{}, err
	}
	return readFeed(ctx, db, warehouse, filter, after, first)
}

// Reserves reads the tier-2 flows of the feed that reserve, as Flows does. No index leads to them:
// it is for who goes through all of the feed anyway, and is spared the rest of it.
func Reserves(ctx context.Context, db *store.DB, warehouse string, after int64, first int) (
	FlowPage, error) {
	return readFeed(ctx, db, warehouse, FlowFilter{Tier: model.ZoneTier,
		Actions: []model.Action{model.Reserve}}, after, first)
}

// Floor reads the tier-3 flows of the feed, as Reserves reads those that reserve: what happened
// where goods lie. A place that is FromBeginning is where the feed begins now.
func Floor(ctx context.Context, db *store.DB, warehouse string, after int64, first int) (
	FlowPage, error) {
	return readFeed(ctx, db, warehouse, FlowFilter{Tier: model.BinTier}, after, first)
}

// untoldMax bounds what Untold reads.
const untoldMax = 200_000

// Untold reads the tier-3 flows after a place in the feed, in its order, inside a snapshot: those
// that have no place yet are the last of them. More than it may read is an error.
func Untold(ctx context.Context, tx *store.Tx, warehouse string, after int64) ([]model.Flow,
	error) {
	ledger := ledgerOf(model.BinTier)
	var numbered, others conditions
	numbered.and(`c.first_seq > 0 AND c.first_seq + f.pos > ? AND c.first_seq >=
		COALESCE((SELECT MAX(b.first_seq) FROM commits AS b WHERE b.warehouse = ?
			AND b.first_seq <= ?), 0)`, after, warehouse, after+1)
	others.and(`c.first_seq = 0`)
	flows, err := ledger.read(ctx, tx, warehouse, byCommit, &numbered,
		fmt.Sprintf(` ORDER BY c.first_seq, f.pos LIMIT %d`, untoldMax))
	if err != nil {
		return nil, err
	}
	rest, err := ledger.read(ctx, tx, warehouse, byCommit, &others,
		fmt.Sprintf(` ORDER BY c.tick, c.id, f.pos LIMIT %d`, untoldMax))
	if flows = append(flows, rest...); err == nil && len(flows) >= untoldMax {
		err = fmt.Errorf("more than %d flows of warehouse %s have not been told", untoldMax, warehouse)
	}
	return flows, err
}

func readFeed(ctx context.Context, db *store.DB, warehouse string, filter FlowFilter, after int64,
	first int) (FlowPage, error) {
	end, err := Stamp(ctx, db, warehouse)
	if err != nil {
		return FlowPage{}, err
	}
	reader := feedReader{q: db.Reader(), warehouse: warehouse, filter: filter, end: end}
	flows, err := reader.readWhole(ctx, after, first+1)
	if err != nil {
		return FlowPage{}, err
	}
	page := FlowPage{master.PageOf(flows, first), max(end, after)}
	if page.More && !filter.isNone() {
		page.SafeSeq = page.Rows[first-1].Seq
	}
	return page, nil
}

func (f FlowFilter) isNone() bool {
	return !f.byKey() && !f.byStock() && f.Tier == "" && len(f.Actions) == 0 && f.JobType == "" &&
		f.LineID == "" && f.Zone == "" && f.Batch == nil && f.From == 0 && f.To == 0
}

// byKey says whether an index of the flows leads to few of them.
func (f FlowFilter) byKey() bool { return f.OrderID != "" || f.TaskID != "" || f.Reservation != 0 }

// byStock says whether the rows of a SKU or a bin lead to its flows, which may be many.
func (f FlowFilter) byStock() bool { return f.SKU != "" || f.Bin != "" }

func (f FlowFilter) check() error {
	if f.isNone() || f.byKey() || f.byStock() {
		return nil
	}
	span := model.Instant(feedTimeMax.Microseconds())
	if f.From == 0 || f.To == 0 || f.To-f.From > span {
		return ErrTooCostly
	}
	return nil
}

// feedReader collects the flows of one page.
type feedReader struct {
	q         store.Queryer
	warehouse string
	filter    FlowFilter
	end       int64
}

// readWhole makes sure that the page is not missing what an archiver takes away while it is read:
// how far the archive reaches is looked up after the flows.
func (r feedReader) readWhole(ctx context.Context, after int64, count int) ([]model.Flow, error) {
	for range feedLooksMax {
		flows, err := r.read(ctx, max(after, 0), count)
		if err != nil {
			return nil, err
		}
		archived, err := archivedTo(ctx, r.q, r.warehouse)
		switch {
		case err != nil:
			return nil, err
		case after >= 0 && after < archived:
			return nil, ErrArchivedPlace
		case len(flows) == 0 || flows[0].Seq > archived:
			return flows, nil
		}
	}
	return nil, fmt.Errorf("%w: the feed is being archived", store.ErrContended)
}

// read comes to the flows by the shortest way there is. A SKU's flows may be a few among millions
// or most of them: the next stretch of the feed is looked through first, and only if it does
// not fill the page are all of the SKU's flows sorted.
func (r feedReader) read(ctx context.Context, after int64, count int) ([]model.Flow, error) {
	if r.filter.byKey() {
		return r.span(ctx, byFlow, after, r.end, count)
	}
	var flows []model.Flow
	for span := int64(feedSpan); after < r.end && len(flows) < count; span *= feedSpanGrowth {
		to := min(r.end, after+min(span, feedSpanMax))
		path := byCommit
		if r.filter.byStock() && span > feedSpan {
			path, to = byStock, r.end
		}
		found, err := r.span(ctx, path, after, to, count-len(flows))
		if err != nil {
			return nil, err
		}
		flows, after = append(flows, found...), to
	}
	return flows, nil
}

// span reads the first flows after one number up to another, from both tiers.
func (r feedReader) span(ctx context.Context, path flowPath, after, to int64, count int) (
	[]model.Flow, error) {
	var merged []model.Flow
	for _, ledger := range ledgers() {
		if r.filter.excludes(ledger.tier) {
			continue
		}
		asked := r.filter.conditions()
		asked.and(`c.first_seq > 0 AND c.first_seq <= ? AND c.first_seq + f.pos > ?
			AND c.first_seq + f.pos <= ?`, to, after, to)
		if path == byCommit {
			// The commit in which the span begins is the last that begins before it.
			asked.and(`c.first_seq >= COALESCE((SELECT MAX(b.first_seq) FROM commits AS b
				WHERE b.warehouse = ? AND b.first_seq <= ?), 0)`, r.warehouse, after+1)
		}
		asked.args = append(asked.args, count)
		flows, err := ledger.read(ctx, r.q, r.warehouse, path, asked,
			` ORDER BY c.first_seq, f.pos LIMIT ?`)
		if err != nil {
			return nil, err
		}
		merged = append(merged, flows...)
	}
	slices.SortFunc(merged, bySeq)
	return merged[:min(count, len(merged))], nil
}

func bySeq(one, other model.Flow) int { return cmp.Compare(one.Seq, other.Seq) }

// excludes says that a tier has nothing to show: only bins have bins.
func (f FlowFilter) excludes(tier model.Tier) bool {
	return f.Tier != "" && f.Tier != tier || f.Bin != "" && tier != model.BinTier
}

func (f FlowFilter) conditions() *conditions {
	var asked conditions
	if f.TaskID != "" && f.OrderID == "" {
		// A key names an order line or a task, and the index begins with the order.
		asked.and(`f.order_id = ''`)
	}
	texts := []struct{ column, value string }{
		{"f.order_id", f.OrderID}, {"f.task_id", f.TaskID}, {"f.line_id", f.LineID},
		{"f.job_type", f.JobType}, {"f.zone", f.Zone}, {"s.bin", f.Bin}, {"s.sku", f.SKU}}
	for _, text := range texts {
		if text.value != "" {
			asked.and(text.column+` = ?`, text.value)
		}
	}
	if f.Reservation != 0 {
		asked.and(`f.reservation_id = ?`, f.Reservation)
	}
	if f.Batch != nil {
		asked.and(`s.batch = ?`, *f.Batch)
	}
	if len(f.Actions) > 0 {
		actions := make([]any, len(f.Actions))
		for i, action := range f.Actions {
			actions[i] = action
		}
		asked.and(`f.action IN (`+store.InList(len(actions))+`)`, actions...)
	}
	if f.From != 0 {
		asked.and(`c.recorded_at >= ?`, f.From)
	}
	if f.To != 0 {
		asked.and(`c.recorded_at < ?`, f.To)
	}
	return &asked
}
