package main

import (
	"net/http"
	"strings"
	"testing"

	"tierstock/stocktest"
)

// TestMetrics: what happened is counted, and nothing is labelled by what there is no end of.
func TestMetrics(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			served(t, func(url string) {
				imported(t, databaseURL)
				post(t, url, `mutation { reserve(policy: PER_LINE, lines: [{key: {jobType: "J",
					orderId: "M", lineId: "1"}, warehouse: "W1", sku: "NONE", qty: "1"}]) { committed } }`)
				status, text := get(t, url+"metrics")
				for _, want := range []string{
					`tierstock_lines_total{action="RESERVE",code="NOT_FOUND"} 1`,
					`tierstock_batch_lines_count 1`, `tierstock_batch_seconds_bucket{le="0.0005"}`,
					`tierstock_transactions_redone_total{kind="deadlock"} 0`,
					`tierstock_lines_waiting 0`, `tierstock_expiry_lag_seconds{warehouse="W1"} 0`,
					`tierstock_differences_open{warehouse="W1"} 0`,
					`tierstock_shortages_open{warehouse="W1"} 1`,
					`go_sql_open_connections{db_name="writer"}`, `process_resident_memory_bytes`,
				} {
					if status != http.StatusOK || !strings.Contains(text, want) {
						t.Errorf("%d: %s is missing in\n%s", status, want, text)
					}
				}
			}, "serve", "--db", databaseURL)
		})
	}
}

// TestSystemsAreCounted: how each stream of a system is, and webhooks, whatever they are called.
func TestSystemsAreCounted(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			served(t, func(url string) {
				imported(t, databaseURL)
				post(t, url, `mutation { syncNow(system: "erp1") { state } }`)
				for _, system := range []string{"erp1", "made-up", "made-up-too"} {
					request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
						url+"webhooks/"+system, nil)
					if err != nil {
						t.Fatal(err)
					}
					if status, text := send(t, request, nil); status != http.StatusUnauthorized {
						t.Error(status, text)
					}
				}
				_, text := get(t, url+"metrics")
				for _, want := range []string{
					`tierstock_sync_lag_seconds{direction="PULL",stream="skus",system="erp1"} `,
					`tierstock_sync_lag_seconds{direction="PUSH",stream="movements",system="erp1"} `,
					`tierstock_sync_dead{direction="PUSH",stream="movements",system="erp1"} 0`,
					`tierstock_sync_failures{direction="PULL",stream="skus",system="erp1"} 0`,
					`tierstock_sync_items_total{outcome="dead",stream="skus",system="erp1"} 0`,
					`tierstock_webhooks_total{outcome="refused",system="erp1"} 1`,
					`tierstock_webhooks_total{outcome="refused",system=""} 2`,
					`tierstock_http_requests_total{route="/webhooks",status="401"} 3`,
				} {
					if !strings.Contains(text, want) {
						t.Errorf("%s is missing in\n%s", want, text)
					}
				}
				if strings.Contains(text, "made-up") {
					t.Error("whoever makes up a system makes a label")
				}
			}, "serve", "--db", databaseURL, "--config", connected(t))
		})
	}
}
