package master

import (
	"context"
	"database/sql"

	"tierstock/model"
	"tierstock/store"
)

// Each view reads this, and only this, whatever is in memory: what is cached is good for one
// pair of revisions, only the database's clock decides what has expired, and an archive may have
// been begun by another process.
const selectFresh = `SELECT %s,
	COALESCE((SELECT r.revision FROM revisions AS r WHERE r.warehouse = ''), 0),
	COALESCE((SELECT r.revision FROM revisions AS r WHERE r.warehouse = ?), 0),
	EXISTS (SELECT 1 FROM archives AS a WHERE a.warehouse = ?),
	w.code, w.name, w.timezone, w.region, w.priority, w.latitude, w.longitude, w.located,
	w.daily_lines
FROM warehouses AS w WHERE w.code = ?`

// A revision rises in the transaction that changes a master, so that no view keeps what was.
const (
	raiseRevision  = `UPDATE revisions SET revision = revision + 1 WHERE warehouse = ?`
	insertRevision = `INSERT INTO revisions (warehouse, revision) VALUES (?, 1)`
)

const (
	warehouseColumns = `code, name, timezone, region, priority, latitude, longitude, located,
		daily_lines`
	selectWarehouse = `SELECT code FROM warehouses WHERE code = ?`
	selectCodes     = `SELECT code FROM warehouses ORDER BY code`
	lockWarehouses  = `SELECT ` + warehouseColumns + ` FROM warehouses WHERE code IN `
	insertWarehouse = `INSERT INTO warehouses (name, timezone, region, priority, latitude, longitude,
		located, daily_lines, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateWarehouse = `UPDATE warehouses SET name = ?, timezone = ?, region = ?, priority = ?,
		latitude = ?, longitude = ?, located = ?, daily_lines = ? WHERE code = ?`
)

const (
	zoneColumns = `warehouse, code, name, allocatable, priority, staging_bin, pool`
	selectZones = `SELECT ` + zoneColumns + ` FROM zones WHERE warehouse = ?`
	insertZone  = `INSERT INTO zones (name, allocatable, priority, pool, warehouse, code,
		staging_bin) VALUES (?, ?, ?, ?, ?, ?, ?)`
	updateZone = `UPDATE zones SET name = ?, allocatable = ?, priority = ?, pool = ?
		WHERE warehouse = ? AND code = ?`
)

// A bin's tick rises with every write, so that a lock on a bin always is one.
const (
	binColumns = `warehouse, code, zone, kind, pick_sequence, blocked, parent`
	selectBins = `SELECT ` + binColumns + ` FROM bins WHERE warehouse = ?`
	insertBin  = `INSERT INTO bins (zone, kind, pick_sequence, parent, warehouse, code)
		VALUES (?, ?, ?, ?, ?, ?)`
	updateBin = `UPDATE bins SET zone = ?, kind = ?, pick_sequence = ?, parent = ?,
		tick = tick + 1 WHERE warehouse = ? AND code = ?`
	// A cell is put into a tote under the tote's lock, so that the tote cannot leave meanwhile.
	touchBin    = `UPDATE bins SET tick = tick + 1 WHERE warehouse = ? AND code = ?`
	selectCells = `SELECT code FROM bins WHERE warehouse = ? AND zone = ? AND parent = ? LIMIT 1`
	// Stock rows of a bin follow it to its new zone, which only empty ones may.
	lockBinStocks = `SELECT on_hand FROM bin_stocks WHERE warehouse = ? AND bin = ?`
	moveBinStocks = `UPDATE bin_stocks SET zone = ? WHERE warehouse = ? AND bin = ?`
)

const (
	skuColumns = `s.code, s.name, s.unit, s.decimals, s.active, COALESCE(p.code, ''),
		COALESCE(p.numerator, 0), COALESCE(p.denominator, 0)`
	joinPacks  = `LEFT JOIN sku_packs AS p ON p.sku = s.code`
	orderSKUs  = `s.code, p.code`
	selectSKUs = `SELECT ` + skuColumns + ` FROM skus AS s ` + joinPacks + ` WHERE s.code IN `

	insertSKU = `INSERT INTO skus (name, unit, decimals, active, code) VALUES (?, ?, ?, ?, ?)`
	updateSKU = `UPDATE skus SET name = ?, unit = ?, decimals = ?, active = ? WHERE code = ?`

	deletePacks = `DELETE FROM sku_packs WHERE sku = ?`
	insertPack  = `INSERT INTO sku_packs (sku, code, numerator, denominator) VALUES (?, ?, ?, ?)`
	// A pack that a stock row counts in keeps its size: else the row's worth would change.
	selectPacksInUse = `SELECT DISTINCT sku, pack FROM zone_stocks
WHERE warehouse = ? AND pack <> '' AND sku IN `
	selectKnownSKUs = `SELECT code FROM skus WHERE code IN `
)

const (
	selectBatches = `SELECT warehouse, owner, sku, code, expires_on, hold, pool FROM batches
WHERE warehouse = ? AND sku IN `
	insertBatch = `INSERT INTO batches (expires_on, hold, pool, warehouse, owner, sku, code)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	updateBatch = `UPDATE batches SET expires_on = ?, hold = ?, pool = ?
		WHERE warehouse = ? AND owner = ? AND sku = ? AND code = ?`
)

// collect runs a query and reads its rows.
func collect[T any](ctx context.Context, q store.Queryer, scan func(*sql.Rows) (T, error),
	query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	return scanAll(rows, err, scan)
}

// scanAll reads the rows of a query, and closes them.
func scanAll[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// in is the list of an IN, and the arguments that go before and into it.
func in(codes []string, before ...any) (list string, args []any) {
	args = before
	for _, code := range codes {
		args = append(args, code)
	}
	return "(" + store.InList(len(codes)) + ")", args
}

func scanCode(rows *sql.Rows) (code string, err error) {
	err = rows.Scan(&code)
	return code, err
}

func scanQuantity(rows *sql.Rows) (quantity model.Quantity, err error) {
	err = rows.Scan(&quantity)
	return quantity, err
}

func scanWarehouse(rows *sql.Rows) (w model.Warehouse, err error) {
	err = rows.Scan(&w.Code, &w.Name, &w.Timezone, &w.Region, &w.Priority, &w.Latitude,
		&w.Longitude, &w.Located, &w.DailyLines)
	return w, err
}

func scanZone(rows *sql.Rows) (z model.Zone, err error) {
	err = rows.Scan(&z.Warehouse, &z.Code, &z.Name, &z.Allocatable, &z.Priority, &z.StagingBin,
		&z.Pool)
	return z, err
}

func scanBin(rows *sql.Rows) (b model.Bin, err error) {
	err = rows.Scan(&b.Warehouse, &b.Code, &b.Zone, &b.Kind, &b.PickSequence, &b.Blocked, &b.Parent)
	return b, err
}

func scanBatch(rows *sql.Rows) (b model.Batch, err error) {
	err = rows.Scan(&b.Warehouse, &b.Item.Owner, &b.Item.SKU, &b.Code, &b.ExpiresOn, &b.Hold,
		&b.Pool)
	return b, err
}

// binsNamed reads the bins of those codes, in the order in which they are locked. suffix is ""
// or FOR UPDATE.
func binsNamed(ctx context.Context, q store.Queryer, warehouse string, codes []string,
	suffix string) ([]model.Bin, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	list, args := in(codes, warehouse)
	return collect(ctx, q, scanBin, selectBins+` AND code IN `+list+` ORDER BY code`+suffix,
		args...)
}

// skusNamed reads the SKUs of those codes with their packs, sorted by code.
func skusNamed(ctx context.Context, q store.Queryer, codes []string, suffix string,
) ([]model.SKU, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	list, args := in(codes)
	lines, err := collect(ctx, q, scanSKU, selectSKUs+list+` ORDER BY `+orderSKUs+suffix, args...)
	return foldPacks(lines), err
}

// scanSKU reads a SKU with one of its packs, or with none.
func scanSKU(rows *sql.Rows) (s model.SKU, err error) {
	var pack model.Pack
	err = rows.Scan(&s.Code, &s.Name, &s.Unit, &s.Decimals, &s.Active, &pack.Code,
		&pack.Size.Numerator, &pack.Size.Denominator)
	if pack.Code != "" {
		s.Packs = []model.Pack{pack}
	}
	return s, err
}

// foldPacks makes one SKU of the lines of each, which follow one another.
func foldPacks(lines []model.SKU) []model.SKU {
	var skus []model.SKU
	for _, line := range lines {
		if last := len(skus) - 1; last >= 0 && skus[last].Code == line.Code {
			skus[last].Packs = append(skus[last].Packs, line.Packs...)
			continue
		}
		skus = append(skus, line)
	}
	return skus
}
