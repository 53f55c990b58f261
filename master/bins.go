package master

import (
	"context"

	"tierstock/model"
	"tierstock/store"
)

// BinInput makes or changes a bin. A field that is nil keeps its value; a new bin is for
// storage, with pick sequence 0. Parent is the tote of a cell.
type BinInput struct {
	Warehouse, Zone, Code string
	Kind                  *model.BinKind
	PickSequence          *int64
	Parent                *string
}

// UpsertBins makes or changes bins.
func (c *Catalog) UpsertBins(ctx context.Context, lines []BinInput) (Outcome, error) {
	return upsert(ctx, c.db, kind[BinInput]{
		identity: func(line BinInput) identity {
			return identity{warehouse: line.Warehouse, code: line.Code}
		},
		field: "code",
		open:  openBins,
	}, lines)
}

// binWork is the bins of one warehouse while lines are applied to them: those that the lines
// name, and the totes that they name as parents, locked.
type binWork struct {
	tx        *store.Tx
	warehouse string
	zones     map[string]model.Zone
	bins      map[string]model.Bin
}

func openBins(ctx context.Context, tx *store.Tx, warehouse string, lines []BinInput,
) (applier[BinInput], error) {
	zones, err := zonesByCode(ctx, tx, selectZones, warehouse)
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, line := range lines {
		codes = append(codes, line.Code)
		if line.Parent != nil {
			codes = append(codes, *line.Parent)
		}
	}
	rows, err := binsNamed(ctx, tx, warehouse, codes, tx.ForUpdate())
	if err != nil {
		return nil, err
	}
	work := binWork{tx, warehouse, zones, make(map[string]model.Bin, len(rows))}
	for _, row := range rows {
		work.bins[row.Code] = row
	}
	return work.apply, nil
}

func (w binWork) apply(ctx context.Context, line BinInput) (change, error) {
	if _, ok := w.zones[line.Zone]; !ok {
		return unchanged, refuse(model.NotFound, "zone", "no zone %q in warehouse %q",
			line.Zone, line.Warehouse)
	}
	was, exists := w.bins[line.Code]
	becomes := line.over(was, exists)
	change := changeOf(exists, becomes == was)
	if err := w.check(ctx, line, was, becomes); err != nil || change == unchanged {
		return unchanged, err
	}
	if err := w.save(ctx, was, becomes, change); err != nil {
		return unchanged, err
	}
	w.bins[line.Code] = becomes
	return change, nil
}

// over puts the line over the bin. What is no cell has no parent, so that one who turns a cell
// into a bin need not say so.
func (line BinInput) over(was model.Bin, exists bool) model.Bin {
	if !exists {
		was = model.Bin{Warehouse: line.Warehouse, Code: line.Code, Kind: model.StorageBin}
	}
	was.Zone = line.Zone
	set(&was.Kind, line.Kind)
	set(&was.PickSequence, line.PickSequence)
	set(&was.Parent, line.Parent)
	if line.Parent == nil && was.Kind != model.ToteCell {
		was.Parent = ""
	}
	return was
}

func (w binWork) check(ctx context.Context, line BinInput, was, becomes model.Bin) error {
	if was.Kind == model.StagingBin {
		return checkStaging(line, was, becomes)
	}
	if becomes.Kind == model.StagingBin {
		return refuse(model.Invalid, "kind", "a staging bin is made with its zone only")
	}
	if err := w.checkParent(ctx, was, becomes); err != nil {
		return err
	}
	if was.Kind == model.ToteBin && (becomes.Kind != was.Kind || becomes.Zone != was.Zone) {
		if err := w.checkCells(ctx, was, becomes); err != nil {
			return err
		}
	}
	if was.Zone != "" && becomes.Zone != was.Zone {
		return w.checkEmpty(ctx, was)
	}
	return nil
}

func checkStaging(line BinInput, was, becomes model.Bin) error {
	var field string
	switch {
	case becomes.Zone != was.Zone:
		field = "zone"
	case becomes.Kind != was.Kind:
		field = "kind"
	case line.Parent != nil:
		field = "parent"
	default:
		return nil
	}
	return refuse(model.InvalidState, field, "%q is the staging bin of zone %q; only its pick "+
		"sequence may change", was.Code, was.Zone)
}

func (w binWork) checkParent(ctx context.Context, was, becomes model.Bin) error {
	if becomes.Kind != model.ToteCell {
		if becomes.Parent != "" {
			return refuse(model.Invalid, "parent", "only a TOTE_CELL has a parent")
		}
		return nil
	}
	if becomes.Parent == "" {
		return refuse(model.Invalid, "parent", "a TOTE_CELL needs the tote it is part of")
	}
	if becomes.Parent == was.Parent && becomes.Zone == was.Zone {
		return nil
	}
	tote, ok, err := w.bin(ctx, becomes.Parent)
	switch {
	case err != nil:
		return err
	case !ok:
		return refuse(model.NotFound, "parent", "no bin %q in warehouse %q", becomes.Parent,
			becomes.Warehouse)
	case tote.Kind != model.ToteBin || tote.Code == becomes.Code:
		return refuse(model.Invalid, "parent", "bin %q is not a TOTE", tote.Code)
	case tote.Zone != becomes.Zone:
		return refuse(model.Invalid, "parent", "tote %q is in zone %q, not in %q", tote.Code,
			tote.Zone, becomes.Zone)
	}
	return nil
}

// bin finds a bin that the lines may not have named: the tote that a cell is already part of.
func (w binWork) bin(ctx context.Context, code string) (model.Bin, bool, error) {
	if bin, ok := w.bins[code]; ok {
		return bin, true, nil
	}
	rows, err := binsNamed(ctx, w.tx, w.warehouse, []string{code}, w.tx.ForUpdate())
	if err != nil || len(rows) == 0 {
		return model.Bin{}, false, err
	}
	w.bins[code] = rows[0]
	return rows[0], true, nil
}

// checkCells keeps a tote with its cells: it stays a tote, and in their zone.
func (w binWork) checkCells(ctx context.Context, was, becomes model.Bin) error {
	cells, err := collect(ctx, w.tx, scanCode, selectCells, w.warehouse, was.Zone, was.Code)
	if err != nil || len(cells) == 0 {
		return err
	}
	field := "zone"
	if becomes.Kind != was.Kind {
		field = "kind"
	}
	return refuse(model.InvalidState, field, "tote %q has cells in zone %q, such as %q",
		was.Code, was.Zone, cells[0])
}

// checkEmpty keeps a bin with stock where it is. Its stock rows are locked with it, since they
// will follow it.
func (w binWork) checkEmpty(ctx context.Context, was model.Bin) error {
	amounts, err := collect(ctx, w.tx, scanQuantity, lockBinStocks+w.tx.ForUpdate(),
		w.warehouse, was.Code)
	if err != nil {
		return err
	}
	for _, onHand := range amounts {
		if onHand > 0 {
			return refuse(model.InvalidState, "zone", "bin %q has stock, so it stays in zone %q",
				was.Code, was.Zone)
		}
	}
	return nil
}

func (w binWork) save(ctx context.Context, was, becomes model.Bin, change change) error {
	statement := updateBin
	if change == created {
		statement = insertBin
	}
	_, err := w.tx.Exec(ctx, statement, becomes.Zone, becomes.Kind, becomes.PickSequence,
		becomes.Parent, w.warehouse, becomes.Code)
	if err != nil {
		return err
	}
	if becomes.Parent != "" && (becomes.Parent != was.Parent || becomes.Zone != was.Zone) {
		if _, err := w.tx.Exec(ctx, touchBin, w.warehouse, becomes.Parent); err != nil {
			return err
		}
	}
	if change == updated && becomes.Zone != was.Zone {
		_, err = w.tx.Exec(ctx, moveBinStocks, becomes.Zone, w.warehouse, becomes.Code)
	}
	return err
}
