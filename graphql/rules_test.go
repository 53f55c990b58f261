package graphql

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"tierstock/allocation"
	"tierstock/allocation/rules"
)

// TestRuleSets: what is in force is shown, and what is wrong with the file by now.
func TestRuleSets(t *testing.T) {
	w := newWhole(t)
	w.want(`{ruleSets{file}}`, map[string]any{"ruleSets": nil})
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(`
default: shop
sets:
  shop:
    - {name: fair, when: channel == "FAIR", pool: FAIR, ordinary: true}
    - {name: rest, strategy: FIFO}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := rules.Open(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(file.Close)
	w.rules = file
	w.want(`{ruleSets{file loadedAt default error problems{line}
		sets{name rules{name when strategy summary line}}}}`, map[string]any{
		"ruleSets.file": path, "ruleSets.default": "shop", "ruleSets.error": nil,
		"ruleSets.sets.0.name": "shop", "ruleSets.sets.0.rules.0.name": "fair",
		"ruleSets.sets.0.rules.0.when": `channel == "FAIR"`, "ruleSets.sets.0.rules.1.when": nil,
		"ruleSets.sets.0.rules.1.strategy": "FIFO", "ruleSets.sets.0.rules.1.line": 6.0,
		"ruleSets.sets.0.rules.0.summary": "FEFO; pool FAIR first, then ordinary stock"})
}

// TestPools: zones and batches are kept for an activity, and given free, by upserts.
func TestPools(t *testing.T) {
	w := newWhole(t)
	sets, err := rules.Parse([]byte("sets: {fair: [{name: all, pool: FAIR}]}"))
	if err != nil {
		t.Fatal(err)
	}
	w.verbs.reserve = allocation.New(w.db, w.engine, sets).Reserve
	if err := w.API.build(); err != nil {
		t.Fatal(err)
	}
	const stocks = `{zoneStocks(warehouse:"W",filter:{zones:"FAST",pack:""}){edges{node{available
		promisable}}} warehouseStocks(warehouse:"W",filter:{zones:"FAST",pack:""}){edges{node{
		promisable}}} zones(warehouse:"W"){edges{node{code pool}}}}`
	promises := func(qty, pool string) {
		t.Helper()
		w.want(stocks, map[string]any{"zoneStocks.edges.0.node.available": "15",
			"zoneStocks.edges.0.node.promisable":      qty,
			"warehouseStocks.edges.0.node.promisable": qty, "zones.edges.1.node.pool": pool})
	}
	reserve := func(set, zone string) string {
		return `mutation{reserve(dryRun:true,lines:{key:{jobType:"SO",orderId:"O",lineId:"1"},
			warehouse:"W",sku:"TEA",qty:"2",strategy:"` + set + `",zones:["` + zone + `"]}){results{code
			decidedBy explanation{skipped}}}}`
	}
	promises("15", "")
	w.want(`mutation{upsertZones(lines:{warehouse:"W",code:"FAST",pool:"FAIR"}){updated}}`,
		map[string]any{"upsertZones.updated": 1.0})
	promises("0", "FAIR")
	w.want(reserve("FEFO", "FAST"), map[string]any{"reserve.results.0.code": "INSUFFICIENT",
		"reserve.results.0.explanation.0.skipped": "OTHER_POOL"})
	w.want(reserve("fair", "FAST"), map[string]any{"reserve.results.0.code": "APPLIED",
		"reserve.results.0.decidedBy": "fair/all: FEFO"})
	w.want(`mutation{upsertZones(lines:{warehouse:"W",code:"FAST",pool:""}){updated}}`, nil)
	promises("15", "")

	w.want(`mutation{receive(lines:{key:{jobType:"ASN",orderId:"A2",lineId:"1"},at:{warehouse:"W",
		zone:"DOCK",sku:"TEA",batch:"L1"},qty:"4"}){applied}
		upsertBatches(lines:{warehouse:"W",sku:"TEA",batch:"L1",pool:"FAIR"}){updated}}`,
		map[string]any{"upsertBatches.updated": 1.0})
	w.want(reserve("FEFO", "DOCK"), map[string]any{"reserve.results.0.code": "INSUFFICIENT"})
	w.want(reserve("fair", "DOCK"), map[string]any{"reserve.results.0.code": "APPLIED"})
	w.want(`mutation{upsertBatches(lines:{warehouse:"W",sku:"TEA",batch:"L1",pool:""}){updated}}`, nil)
	w.want(reserve("FEFO", "DOCK"), map[string]any{"reserve.results.0.code": "APPLIED"})
	w.want(reserve("fair", "DOCK"), map[string]any{"reserve.results.0.code": "INSUFFICIENT",
		"reserve.results.0.explanation.2.skipped": "NOT_IN_POOL"})
}
