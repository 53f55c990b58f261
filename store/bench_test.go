package store_test

import (
	"context"
	"fmt"
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

// BenchmarkTransact is the price of an empty-handed commit: one row, one caller.
func BenchmarkTransact(b *testing.B) {
	ctx := context.Background()
	for _, backend := range stocktest.Backends(b) {
		b.Run(string(backend.Name), func(b *testing.B) {
			db := stocktest.Migrated(b, backend.URL(b))
			for n := 0; b.Loop(); n++ {
				err := db.Transact(ctx, func(tx *store.Tx) error {
					return mark(ctx, tx, fmt.Sprint(n))
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
