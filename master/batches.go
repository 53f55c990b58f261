package master

import (
	"context"

	"tierstock/model"
	"tierstock/store"
)

// BatchInput makes or changes a batch: a date corrected, a batch held back. A field that is nil
// keeps its value; a new batch never expires, is not on hold and is kept for no activity.
type BatchInput struct {
	Warehouse, Owner, SKU, Batch string
	ExpiresOn                    *model.Date
	Hold                         *bool
	Pool                         *string
}

// UpsertBatches makes or changes batches.
func (c *Catalog) UpsertBatches(ctx context.Context, lines []BatchInput) (Outcome, error) {
	return upsert(ctx, c.db, kind[BatchInput]{
		identity: func(line BatchInput) identity {
			return identity{line.Warehouse, line.Owner, line.SKU, line.Batch}
		},
		field: "batch",
		open:  openBatches,
	}, lines)
}

func openBatches(ctx context.Context, tx *store.Tx, warehouse string, lines []BatchInput,
) (applier[BatchInput], error) {
	skus, err := knownSKUs(ctx, tx, lines)
	if err != nil {
		return nil, err
	}
	known, err := lockBatches(ctx, tx, warehouse, lines)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, line BatchInput) (change, error) {
		if !skus[line.SKU] {
			return unchanged, refuse(model.NotFound, "sku", "no SKU %q", line.SKU)
		}
		becomes := line.fresh()
		was, exists := known[named(becomes)]
		if exists {
			becomes = was
		}
		set(&becomes.ExpiresOn, line.ExpiresOn)
		set(&becomes.Hold, line.Hold)
		set(&becomes.Pool, line.Pool)
		return saveBatch(ctx, tx, becomes, changeOf(exists, becomes == was))
	}, nil
}

// named is what tells the batches of a warehouse apart.
func named(b model.Batch) identity {
	return identity{b.Warehouse, b.Item.Owner, b.Item.SKU, b.Code}
}

func (line BatchInput) fresh() model.Batch {
	return model.Batch{Warehouse: line.Warehouse, Code: line.Batch,
		Item: model.Item{Owner: line.Owner, SKU: line.SKU}}
}

func knownSKUs(ctx context.Context, tx *store.Tx, lines []BatchInput) (map[string]bool, error) {
	list, args := in(codesOf(lines, func(line BatchInput) string { return line.SKU }))
	codes, err := collect(ctx, tx, scanCode, selectKnownSKUs+list, args...)
	known := make(map[string]bool, len(codes))
	for _, code := range codes {
		known[code] = true
	}
	return known, err
}

// lockBatches reads and locks the batches that the lines name, and the few more that have the SKU
// of one line and the code of another: a list of pairs is written differently in each dialect.
func lockBatches(ctx context.Context, tx *store.Tx, warehouse string, lines []BatchInput,
) (map[identity]model.Batch, error) {
	skus, args := in(codesOf(lines, func(line BatchInput) string { return line.SKU }), warehouse)
	codes, args := in(codesOf(lines, func(line BatchInput) string { return line.Batch }), args...)
	rows, err := collect(ctx, tx, scanBatch, selectBatches+skus+` AND code IN `+codes+
		` ORDER BY sku, owner, code`+tx.ForUpdate(), args...)
	known := make(map[identity]model.Batch, len(rows))
	for _, row := range rows {
		known[named(row)] = row
	}
	return known, err
}

func saveBatch(ctx context.Context, tx *store.Tx, b model.Batch, change change) (change, error) {
	statement := updateBatch
	switch change {
	case unchanged:
		return unchanged, nil
	case created:
		statement = insertBatch
	}
	_, err := tx.Exec(ctx, statement, b.ExpiresOn, b.Hold, b.Pool, b.Warehouse, b.Item.Owner,
		b.Item.SKU, b.Code)
	return change, err
}
