package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// keepPacks holds the articles whose stock comes in a pack for the first time, so that the pack
// does not go before this commits: whoever takes a pack away has the article locked, and looks
// then whether stock is in it.
func (b *Book) keepPacks(ctx context.Context) error {
	articles := map[string]bool{}
	for _, row := range b.rows {
		if row.Tier == model.ZoneTier && row.isNew && row.rowSeq > 0 && row.Pack != "" {
			articles[row.Item.SKU] = true
		}
	}
	if len(articles) == 0 {
		return nil
	}
	skus, err := master.LockSKUs(ctx, b.tx, slices.Sorted(maps.Keys(articles)))
	if err != nil {
		return err
	}
	for _, sku := range skus {
		if known, _ := b.View.SKU(sku.Code); !slices.Equal(known.Packs, sku.Packs) {
			return store.Redo(fmt.Errorf("the packs of SKU %s have changed meanwhile", sku.Code))
		}
	}
	return nil
}
