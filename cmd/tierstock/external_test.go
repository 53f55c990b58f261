package main

import (
	"encoding/csv"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tierstock/model"
	"tierstock/wmssim"
)

// A difference with a WMS is found, printed and gone when both sides agree again, with the systems
// of the configuration file alone.
func TestReconcileWithAWMS(t *testing.T) {
	wms := wmssim.New(wmssim.Options{})
	wms.PutSKU(wmssim.SKU{Code: "A"})
	row := wmssim.Row{Spot: wmssim.Spot{Warehouse: "MAIN", SKU: "A"}, OnHand: "10"}
	if err := wms.SetStock(row); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(wms.Handler())
	defer server.Close()
	folder := t.TempDir()
	database, config := "sqlite:"+filepath.Join(folder, "stock.db"), filepath.Join(folder, "c.yaml")
	text := fmt.Sprintf("systems:\n- {name: erp1, kind: wes-sync, url: %q, warehouses: {MAIN: W1}, "+
		"defaultZone: DOCK, push: true, pull: {streams: [skus, stock], every: 1s}}\n", server.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	reconcile := func(wantCode int, more ...string) string {
		t.Helper()
		args := append([]string{"reconcile", "--db", database, "--config", config, "--warehouse", "W1",
			"--scope", "EXTERNAL"}, more...)
		code, out, errOut := tierstock(t, args...)
		if code != wantCode {
			t.Fatalf("exit %d, want %d: %s%s", code, wantCode, out, errOut)
		}
		return out
	}
	served(t, func(url string) {
		post(t, url, `mutation{upsertWarehouses(lines:[{code:"W1"}]){created}
			upsertZones(lines:[{warehouse:"W1",code:"DOCK"}]){created}}`)
	}, "serve", "--db", database)
	if out := reconcile(exitDone); !strings.Contains(out, "1 compared, 1 matched, 0 timing, 0 open") {
		t.Error(out)
	}
	wms.SetBehindTheBack("A", 7*model.One)
	if out := reconcile(exitFailed); !strings.Contains(out, "onHand is 10, should be 7") {
		t.Error(out)
	}
	lines, err := csv.NewReader(strings.NewReader(reconcile(exitFailed, "--csv"))).ReadAll()
	if err != nil || len(lines) != 2 || !slices.Contains(lines[1], "BOOK:erp1") ||
		!slices.Contains(lines[1], "3") {
		t.Errorf("%q %v", lines, err)
	}
	if out := reconcile(exitFailed, "--json"); !strings.Contains(out, `"seenRuns": 3`) {
		t.Error(out)
	}
	wms.SetBehindTheBack("A", 10*model.One)
	reconcile(exitDone)
}
