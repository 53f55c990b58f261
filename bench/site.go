package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

// The goods are all in one zone. ample is more than any run can sell, and its sum over all rows
// still fits into 64 bits.
const (
	zoneCode = "A"
	ample    = 50_000_000
	// subRowsCount is into how many rows split divides one.
	subRowsCount = 10
	// fixtureCalls at once keep the engine's batches full while goods are received.
	fixtureCalls = 8
	// closeTimeMax is how long an engine may take to finish what it has accepted.
	closeTimeMax = 30 * time.Second
)

// engine is a stock engine as the program has one.
type engine struct {
	flow       *flow.Engine
	catalog    *master.Catalog
	tier2      *tier2.Service
	tier3      *tier3.Service
	allocation *allocation.Service
}

func newEngine(db *store.DB) *engine {
	catalog := master.New(db)
	engineOf := flow.New(db, catalog, flow.Options{Choose: allocation.Choose,
		Log: slog.New(slog.DiscardHandler)})
	return &engine{flow: engineOf, catalog: catalog, tier2: tier2.New(db, engineOf),
		tier3: tier3.New(db, engineOf), allocation: allocation.New(db, engineOf, nil)}
}

// close finishes what was accepted, even if nobody waits for it any more.
func (e *engine) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeMax)
	defer cancel()
	return e.flow.Close(ctx)
}

// warmEngine is an engine that has been running for a while, as far as the site goes.
func (b *bench) warmEngine(ctx context.Context, s *site) (*engine, error) {
	engine := newEngine(b.db)
	if err := engine.warm(ctx, b.db, s); err != nil {
		return nil, errors.Join(err, engine.close())
	}
	return engine, nil
}

// warm reads the masters that every line will need, as an engine has them after its first minute.
func (e *engine) warm(ctx context.Context, db *store.DB, s *site) error {
	view, err := e.catalog.View(ctx, db.Reader(), s.warehouse)
	if err != nil {
		return err
	}
	codes := make([]string, len(s.rows))
	for i, row := range s.rows {
		codes[i] = row.sku
	}
	for some := range slices.Chunk(codes, master.LinesMax) {
		if err := view.Load(ctx, db.Reader(), some, s.bins); err != nil {
			return err
		}
	}
	return nil
}

// site is a warehouse of a cell's own, so that no cell needs another's leavings removed.
type site struct {
	warehouse string
	rows      []stockRow
	bins      []string // none: all is in the staging bin
	trace     *trace

	// issued counts the lines of the trace that were handed out, applied those that were
	// answered as applied: what the oracle looks for.
	issued   atomic.Int64
	applied  atomic.Int64
	settings int // how often the stock was set
}

// stockRow is a tier-2 row; id is the first of ids.
type stockRow struct {
	id   int64
	ids  []int64
	sku  string
	bins []binRow // where it lies
}

// binRow is a tier-3 row.
type binRow struct {
	id  int64
	bin string
}

// plan of a site.
type sitePlan struct {
	rows, subRows int
	pieces        int64
	// bins is in how many bins each SKU lies, of so many places; 0 is the staging bin.
	bins, places int
}

func skuCode(i int) string { return fmt.Sprintf("SKU-%05d", i) }

// next is the next line of the trace.
func (s *site) next() line { return s.trace.line(s.issued.Add(1) - 1) }

// newSite makes a warehouse and receives its goods through the engine.
func (b *bench) newSite(ctx context.Context, workload string, plan sitePlan) (*site, error) {
	b.sites++
	s := &site{warehouse: fmt.Sprintf("W%03d", b.sites)}
	engine := newEngine(b.db)
	err := s.build(ctx, b.db, engine, plan)
	if err = errors.Join(err, engine.close()); err != nil {
		return nil, err
	}
	s.trace = newTrace(b.options.Seed, len(s.rows), workload)
	return s, nil
}

func (s *site) build(ctx context.Context, db *store.DB, engine *engine, plan sitePlan) error {
	_, err := engine.catalog.UpsertWarehouses(ctx, []master.WarehouseInput{{Code: s.warehouse}})
	if err != nil {
		return err
	}
	_, err = engine.catalog.UpsertZones(ctx, []master.ZoneInput{{Warehouse: s.warehouse,
		Code: zoneCode}})
	if err != nil {
		return err
	}
	if err := s.makeBins(ctx, engine, plan.places); err != nil {
		return err
	}
	if err := s.receive(ctx, engine, plan); err != nil {
		return err
	}
	return s.readRows(ctx, db)
}

func (s *site) makeBins(ctx context.Context, engine *engine, count int) error {
	var lines []master.BinInput
	for i := range count {
		code := fmt.Sprintf("A-%05d", i)
		s.bins = append(s.bins, code)
		sequence := int64(i)
		lines = append(lines, master.BinInput{Warehouse: s.warehouse, Zone: zoneCode, Code: code,
			PickSequence: &sequence})
	}
	for some := range slices.Chunk(lines, master.LinesMax) {
		if _, err := engine.catalog.UpsertBins(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// makeSKUs makes the articles, which all warehouses share.
func makeSKUs(ctx context.Context, catalog *master.Catalog, count int) error {
	var lines []master.SKUInput
	for i := range count {
		lines = append(lines, master.SKUInput{Code: skuCode(i)})
	}
	for some := range slices.Chunk(lines, master.LinesMax) {
		if _, err := catalog.UpsertSKUs(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) receive(ctx context.Context, engine *engine, plan sitePlan) error {
	lines := s.receipts(plan)
	calls := make(chan []model.ReceiveLine)
	failures := make([]error, fixtureCalls)
	var running sync.WaitGroup
	for i := range failures {
		running.Go(func() {
			for call := range calls {
				results, err := engine.tier2.Receive(ctx, flow.Mode{}, call)
				failures[i] = errors.Join(failures[i], err, allApplied(results))
			}
		})
	}
	for call := range slices.Chunk(lines, flow.LinesMax) {
		calls <- call
	}
	close(calls)
	running.Wait()
	return errors.Join(failures...)
}

// receipts are the goods of a site: in one bin, or in several, or in several batches.
func (s *site) receipts(plan sitePlan) (lines []model.ReceiveLine) {
	parts := max(plan.subRows, plan.bins, 1)
	for row := range plan.rows {
		for part := range parts {
			receipt := model.ReceiveLine{
				Key: model.LineKey{JobType: "INBOUND", OrderID: skuCode(row),
					LineID: fmt.Sprint(part)},
				At:  model.ZoneStockKey{Warehouse: s.warehouse, Zone: zoneCode, SKU: skuCode(row)},
				Qty: model.Whole(plan.pieces / int64(parts)),
			}
			if plan.subRows > 1 {
				receipt.At.Batch = fmt.Sprint("S", part)
			}
			if plan.bins > 0 {
				receipt.Bin = s.bins[(row*parts+part)%plan.places]
			}
			lines = append(lines, receipt)
		}
	}
	return lines
}

func allApplied(results []model.Result) error {
	for _, result := range results {
		if result.Code != model.Applied {
			return fmt.Errorf("preparing: %s %s: %s", result.Code, result.Field, result.Message)
		}
	}
	return nil
}

const selectRows = `SELECT id, sku FROM zone_stocks WHERE warehouse = ? ORDER BY sku, batch`

const selectBinRows = `SELECT id, bin FROM bin_stocks WHERE warehouse = ?
	ORDER BY sku, batch, bin`

// readRows finds the ids of the rows, each SKU's together.
func (s *site) readRows(ctx context.Context, db *store.DB) error {
	err := store.EachRow(ctx, db.Reader(), selectRows, []any{s.warehouse}, func(rows *sql.Rows) error {
		var id int64
		var sku string
		if err := rows.Scan(&id, &sku); err != nil {
			return err
		}
		if last := len(s.rows) - 1; last >= 0 && s.rows[last].sku == sku {
			s.rows[last].ids = append(s.rows[last].ids, id)
		} else {
			s.rows = append(s.rows, stockRow{id: id, ids: []int64{id}, sku: sku})
		}
		return nil
	})
	if err != nil {
		return err
	}
	var bins []binRow
	err = store.EachRow(ctx, db.Reader(), selectBinRows, []any{s.warehouse},
		func(rows *sql.Rows) error {
			var row binRow
			err := rows.Scan(&row.id, &row.bin)
			bins = append(bins, row)
			return err
		})
	for i := range s.rows {
		part := len(bins) / len(s.rows)
		s.rows[i].bins = bins[i*part : (i+1)*part]
	}
	return err
}

// setAvailable counts pieces in or out, so that so many are left to be sold of each row.
func (s *site) setAvailable(ctx context.Context, db *store.DB, engine *engine, pieces int64) error {
	var lines []model.AdjustLine
	err := store.EachRow(ctx, db.Reader(), `SELECT z.sku, z.batch, z.on_hand - z.reserved, b.bin
		FROM zone_stocks z JOIN bin_stocks b ON b.warehouse = z.warehouse AND b.zone = z.zone
			AND b.owner = z.owner AND b.sku = z.sku AND b.batch = z.batch AND b.pack = z.pack
		WHERE z.warehouse = ? AND b.warehouse = ? ORDER BY z.id`,
		[]any{s.warehouse, s.warehouse}, func(rows *sql.Rows) error {
			at := model.BinStockKey{Warehouse: s.warehouse}
			var available model.Quantity
			err := rows.Scan(&at.SKU, &at.Batch, &available, &at.Bin)
			lines = append(lines, model.AdjustLine{At: at, Delta: -available})
			return err
		})
	if err != nil {
		return err
	}
	s.settings++
	var adjusted []model.AdjustLine
	for i, line := range lines {
		line.Delta += model.Whole(pieces / int64(len(lines)))
		line.Key = model.TaskKey{JobType: "BENCH", TaskID: fmt.Sprint("SET-", s.settings, "-", i)}
		if line.Delta != 0 {
			adjusted = append(adjusted, line)
		}
	}
	results, err := engine.tier3.Adjust(ctx, flow.Mode{}, adjusted)
	return errors.Join(err, allApplied(results))
}
