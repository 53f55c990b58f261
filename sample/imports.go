package sample

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tierstock/master"
	"tierstock/model"
)

// An import keeps what it brings in one zone, with bins that SKUs are spread over by their code,
// so that a SKU has the same one in every file.
const (
	importZone = "STORE"
	importBins = 200
	importJob  = "IMPORT"
)

// Imported is what came of an import. Whole, Part and None count order lines by how much of them
// is held; Again are those that an earlier import had brought already, Wrong those that failed, of
// which Notes tell the first few in words.
type Imported struct {
	Orders, Lines, SKUs, Waves      int
	Whole, Part, None, Again, Wrong int
	Notes                           []string
	Took                            time.Duration
}

// Import brings order lines into a warehouse: it makes the warehouse and the SKUs that are not
// there, receives stock of each SKU as its opening stock, and then allocates the orders, one wave a
// day or several where a day has more than one may. It may be repeated: what has been done stays as
// it is.
//
// lines are what ReadOrders gave, so that nothing of a bad file is written.
func (s *Site) Import(ctx context.Context, lines []OrderLine, warehouse string,
	stock model.Quantity, tell func(done, total int)) (Imported, error) {
	started := time.Now()
	importer := &importer{Site: s, warehouse: warehouse, stock: stock}
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b OrderLine) int {
		return strings.Compare(string(a.OrderedOn), string(b.OrderedOn))
	})
	err := importer.run(ctx, lines, tell)
	importer.done.Took = time.Since(started)
	return importer.done, err
}

type importer struct {
	*Site

	warehouse string
	stock     model.Quantity
	done      Imported
}

func (i *importer) run(ctx context.Context, lines []OrderLine, tell func(done, total int)) error {
	articles := articlesOf(lines)
	orders := map[string]bool{}
	for _, line := range lines {
		orders[line.OrderID] = true
	}
	i.done.Orders, i.done.SKUs = len(orders), len(articles)
	if err := i.masters(ctx, articles); err != nil {
		return err
	}
	if err := i.open(ctx, articles); err != nil {
		return err
	}
	for len(lines) > 0 {
		tell(i.done.Lines, i.done.Lines+len(lines))
		wave := lines
		if end := slices.IndexFunc(lines, func(line OrderLine) bool {
			return line.OrderedOn != lines[0].OrderedOn
		}); end > 0 {
			wave = lines[:end]
		}
		if err := i.wave(ctx, wave); err != nil {
			return err
		}
		i.done.Lines += len(wave)
		lines = lines[len(wave):]
	}
	tell(i.done.Lines, i.done.Lines)
	return nil
}

// masters makes what is not there. What is there keeps all that the file does not say.
func (i *importer) masters(ctx context.Context, articles []article) error {
	err := upsert(ctx, i.Catalog.UpsertWarehouses, []master.WarehouseInput{{Code: i.warehouse}})
	if err == nil {
		err = upsert(ctx, i.Catalog.UpsertZones,
			[]master.ZoneInput{{Warehouse: i.warehouse, Code: importZone}})
	}
	if err != nil {
		return err
	}
	bins := make([]master.BinInput, importBins)
	for n := range bins {
		bins[n] = master.BinInput{Warehouse: i.warehouse, Zone: importZone, Code: importBin(n)}
	}
	if err := upsert(ctx, i.Catalog.UpsertBins, bins); err != nil {
		return err
	}
	skus := make([]master.SKUInput, len(articles))
	for n, article := range articles {
		skus[n] = master.SKUInput{Code: article.sku}
		if article.name != "" {
			skus[n].Name = new(article.name)
		}
	}
	return upsert(ctx, i.Catalog.UpsertSKUs, skus)
}

func importBin(n int) string { return fmt.Sprintf("%s-%03d", importZone, n+1) }

// open receives the opening stock of each SKU that has none yet.
func (i *importer) open(ctx context.Context, articles []article) error {
	if i.stock == 0 {
		return nil
	}
	lines := make([]model.ReceiveLine, len(articles))
	for n, article := range articles {
		lines[n] = model.ReceiveLine{
			Key: model.LineKey{JobType: importJob, OrderID: "OPENING", LineID: article.sku},
			At: model.ZoneStockKey{Warehouse: i.warehouse, Zone: importZone,
				SKU: article.sku},
			Qty: i.stock, Bin: importBin(chance(article.sku, importBins)),
			Audit: model.Audit{Reason: "FOUND", Reference: "opening stock"}}
	}
	results, err := send(ctx, i.Tier2.Receive, lines,
		func(n int) string { return articles[n].sku })
	if err != nil {
		return err
	}
	for n, result := range results {
		if result.Code == model.KeyConflict {
			result.Message = "its opening stock was imported before, with another quantity"
		}
		i.judge(result, "opening stock of SKU "+articles[n].sku)
	}
	return nil
}

// judge notes a line that failed; shortages are none, and an effect that is archived is there.
func (i *importer) judge(result model.Result, what string) {
	if result.Code.Succeeded() || result.Code == model.TooOld ||
		result.Code == model.Insufficient {
		return
	}
	i.done.Wrong++
	if len(i.done.Notes) < notesMax {
		i.done.Notes = append(i.done.Notes, fmt.Sprintf("%s: %s %s %s", what, result.Code,
			result.Field, result.Message))
	}
}

// wave allocates a day's orders, each line as much of it as there is, with the tasks to pick it.
func (i *importer) wave(ctx context.Context, lines []OrderLine) error {
	lines = byOrder(lines, func(line OrderLine) string { return line.OrderID })
	waves := wavesOf(i.warehouse, lines, true, func(line OrderLine) model.Audit {
		return model.Audit{Reason: "ORDER", Reference: line.OrderID}
	})
	results, err := i.allocate(ctx, waves)
	if err != nil {
		return err
	}
	i.done.Waves += len(waves)
	for n, result := range results {
		i.count(result)
		i.judge(result, "order "+lines[n].OrderID+" line "+lines[n].LineID)
	}
	return nil
}

func (i *importer) count(result model.Result) {
	switch result.Code {
	case model.Replayed:
		i.done.Again++
	case model.Applied:
		i.done.Whole++
	case model.Partial:
		i.done.Part++
	case model.Insufficient:
		i.done.None++
	}
}
