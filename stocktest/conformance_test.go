package stocktest_test

import (
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

func TestConformance(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			stocktest.Conformance(t, func(t testing.TB) *store.DB {
				return stocktest.Migrated(t, backend.URL(t))
			})
		})
	}
}
