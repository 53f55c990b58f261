package main

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"tierstock/console"
	"tierstock/store"
)

// Counting reads whole indexes, so what was counted is good for a while, and a database too large
// to count in time is shown without.
const (
	factsAge   = 5 * time.Second
	countsTime = 2 * time.Second
)

// What the console counts, in each warehouse.
const (
	countReservations = `SELECT COUNT(*) FROM reservations WHERE warehouse = ?`
	countZoneFlows    = `SELECT COUNT(*) FROM zone_flows WHERE warehouse = ?`
	countBinFlows     = `SELECT COUNT(*) FROM bin_flows WHERE warehouse = ?`
	countSKUs         = `SELECT COUNT(*) FROM skus`
)

// factReader reads what the console shows.
type factReader struct {
	site *site

	mu    sync.Mutex
	last  console.Facts
	until time.Time
}

func newFactReader(site *site) *factReader { return &factReader{site: site} }

func (f *factReader) read(ctx context.Context) (console.Facts, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Now().Before(f.until) {
		return f.last, nil
	}
	facts, err := f.look(ctx)
	if err != nil {
		return facts, err
	}
	f.last, f.until = facts, time.Now().Add(factsAge)
	return facts, nil
}

func (f *factReader) look(ctx context.Context) (console.Facts, error) {
	db := f.site.DB
	facts := console.Facts{Version: programVersion(), Database: databaseKind(db.Dialect()),
		DatabaseName: db.Name(), Schema: f.site.version}
	warehouses, err := f.site.Catalog.Warehouses(ctx)
	if err != nil {
		return facts, err
	}
	codes := make([]string, len(warehouses))
	for i, warehouse := range warehouses {
		codes[i] = warehouse.Code
	}
	facts.Warehouses = codes
	said, known, err := readWord(ctx, db.Reader(), "")
	if err != nil {
		return facts, err
	}
	if known {
		facts.Verified = &console.Verified{At: said.At.Time(), Breaches: said.Breaches,
			Flows: thousands(said.Flows), StockRows: thousands(said.StockRows)}
	}
	return facts, countFacts(ctx, db.Reader(), codes, &facts)
}

func countFacts(ctx context.Context, q store.Queryer, warehouses []string, facts *console.Facts,
) error {
	counting, cancel := context.WithTimeout(ctx, countsTime)
	defer cancel()
	skus, err := count(counting, q, countSKUs)
	var reservations, flows int64
	for _, warehouse := range warehouses {
		for statement, sum := range map[string]*int64{countReservations: &reservations,
			countZoneFlows: &flows, countBinFlows: &flows} {
			if err == nil {
				var more int64
				more, err = count(counting, q, statement, warehouse)
				*sum += more
			}
		}
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		const tooMany = "too many to count now"
		facts.SKUs, facts.Reservations, facts.Flows = tooMany, tooMany, tooMany
		return nil
	}
	facts.SKUs, facts.Reservations, facts.Flows = thousands(skus), thousands(reservations),
		thousands(flows)
	return err
}

func count(ctx context.Context, q store.Queryer, statement string, args ...any) (n int64,
	err error) {
	rows, err := q.Query(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		err = rows.Scan(&n)
	}
	return n, errors.Join(err, rows.Err())
}

func databaseKind(dialect store.Dialect) string {
	if dialect == store.SQLite {
		return "SQLite"
	}
	return "MySQL or MariaDB"
}

// programVersion is the module's version, where the program was built from a release.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "development build"
	}
	return info.Main.Version
}
