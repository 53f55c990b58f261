package flow

import (
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// Every statement of the write path stands here, with what it guards. Each names the warehouse.

// chunkKeys bounds the keys of one look-up: MySQL's range optimizer gives up past 8 MB, and takes
// about 1 KB for a key of several columns. SQLite's driver binds placeholders in quadratic time.
const chunkKeys = 500

// by makes MySQL and MariaDB take an index. Left alone, and with statistics that are young or of a
// table of few warehouses, they read, and lock, every row of the warehouse instead.
func by(dialect store.Dialect, index string) string {
	if dialect == store.SQLite {
		return ""
	}
	return "FORCE INDEX (" + index + ") "
}

// deleteBy begins a DELETE by the primary key. Of MySQL's forms of DELETE only that for several
// tables lets an index be named; without, it locks every row of the warehouse.
func deleteBy(dialect store.Dialect, table string) string {
	if dialect == store.SQLite {
		return "DELETE FROM " + table + " "
	}
	return "DELETE d FROM " + table + " AS d " + by(dialect, "PRIMARY")
}

// byID orders rows by their id and keeps SQLite from walking the whole table in that order for
// it: an expression cannot be served by an index. MySQL drops the sign.
const byID = `ORDER BY +id`

// chunks cuts a list into pieces of at most size.
func chunks[T any](list []T, size int) (pieces [][]T) {
	for len(list) > size {
		pieces, list = append(pieces, list[:size]), list[size:]
	}
	if len(list) > 0 {
		pieces = append(pieces, list)
	}
	return pieces
}

// where collects alternatives: (a AND b) OR (a AND b) ...
type where struct {
	text strings.Builder
	args []any
}

func newWhere(warehouse string) *where { return &where{args: []any{warehouse}} }

func (w *where) or(condition string, args ...any) {
	if w.text.Len() > 0 {
		w.text.WriteString(" OR ")
	}
	w.text.WriteString("(" + condition + ")")
	w.args = append(w.args, args...)
}

// tuples is a condition that the columns equal one of the rows, found by an index on them.
func (w *where) tuples(dialect store.Dialect, columns string, rows [][]any) string {
	for _, row := range rows {
		w.args = append(w.args, row...)
	}
	count := strings.Count(columns, ",") + 1
	list := repeat("("+store.InList(count)+")", ",", len(rows))
	if dialect == store.SQLite {
		list = "VALUES " + list
	}
	return "(" + columns + ") IN (" + list + ")"
}

func repeat(text, separator string, count int) string {
	return strings.TrimSuffix(strings.Repeat(text+separator, count), separator)
}

func (w *where) in(column string, ids []int64) (string, []any) {
	for _, id := range ids {
		w.args = append(w.args, id)
	}
	return "WHERE warehouse = ? AND " + column + " IN (" + store.InList(len(ids)) + ")", w.args
}

func (w *where) items(items []model.Item) *where {
	owners := map[string][]any{}
	var order []string
	for _, item := range items {
		if owners[item.Owner] == nil {
			order = append(order, item.Owner)
		}
		owners[item.Owner] = append(owners[item.Owner], item.SKU)
	}
	for _, owner := range order {
		skus := owners[owner]
		w.or("sku IN ("+store.InList(len(skus))+") AND owner = ?", append(skus, owner)...)
	}
	return w
}

// sqlKnownReservations: a RESERVE's key is its reservation's.
func sqlKnownReservations(d store.Dialect, warehouse string, keys []model.Key) (string, []any) {
	w := newWhere(warehouse)
	lines := make([]model.LineKey, len(keys))
	for i, key := range keys {
		lines[i] = key.Line()
	}
	condition := w.tuples(d, lineColumns, lineValues(lines))
	return `SELECT id, job_type, order_id, line_id, revision, content, state, sku
		FROM reservations ` + by(d, "reservations_key") + `WHERE warehouse = ? AND ` + condition,
		w.args
}

const lineColumns = "order_id, line_id, job_type, revision"

func lineValues(lines []model.LineKey) [][]any {
	rows := make([][]any, len(lines))
	for i, line := range lines {
		rows[i] = []any{line.OrderID, line.LineID, line.JobType, line.Revision}
	}
	return rows
}

const keyColumns = "order_id, task_id, line_id, job_type, revision, action"

// flowKeyColumns are the key's columns where other tables are joined to the flows.
const flowKeyColumns = "f.order_id, f.task_id, f.line_id, f.job_type, f.revision, f.action"

func keyValues(key model.Key) []any {
	return []any{key.OrderID, key.TaskID, key.LineID, key.JobType, key.Revision, key.Action}
}

// sqlKnownEffects: any other effect's record is on leg 0 of its flows, in the tier of its key;
// a bare effect's in a table of its own.
func sqlKnownEffects(d store.Dialect, table, warehouse string, keys []model.Key) (string, []any) {
	columns, leg, index := `commit_id, shortage`, ` AND leg = 0`, table+"_key"
	if table == "bare_effects" {
		columns, leg, index = `recorded_at, 0`, ``, "PRIMARY"
	}
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = keyValues(key)
	}
	w := newWhere(warehouse)
	condition := w.tuples(d, keyColumns, rows)
	return `SELECT action, job_type, order_id, line_id, task_id, revision, content, applied,
		reservation_id, ` + columns + ` FROM ` + table + ` ` + by(d, index) +
		`WHERE warehouse = ?` + leg + ` AND ` + condition, w.args
}

// sqlLockBins counts a write on each bin that is entered: a lock that is not written protects
// nothing on a cluster.
func sqlLockBins(d store.Dialect, lock, warehouse string, bins []string) (string, []any) {
	w := newWhere(warehouse)
	for _, bin := range bins {
		w.args = append(w.args, bin)
	}
	w.args = append(w.args, model.StagingBin)
	return `SELECT code FROM bins ` + by(d, "PRIMARY") + `WHERE warehouse = ? AND code IN (` +
		store.InList(len(bins)) + `) AND kind <> ? ORDER BY code` + lock, w.args
}

func sqlTouchBins(d store.Dialect, warehouse string, bins []string) (string, []any) {
	w := newWhere(warehouse)
	for _, bin := range bins {
		w.args = append(w.args, bin)
	}
	return `UPDATE bins ` + by(d, "PRIMARY") +
		`SET tick = tick + 1 WHERE warehouse = ? AND code IN (` + store.InList(len(bins)) + `)`, w.args
}

func sqlSetBlocked(warehouse, bin string, blocked bool) (string, []any) {
	return `UPDATE bins SET blocked = ?, tick = tick + 1 WHERE warehouse = ? AND code = ?`,
		[]any{blocked, warehouse, bin}
}

func sqlItemsInBin(warehouse, bin string) (string, []any) {
	return `SELECT DISTINCT owner, sku FROM bin_stocks WHERE warehouse = ? AND bin = ?`,
		[]any{warehouse, bin}
}

// sqlLockZoneRows: balances are decided from this locking read alone.
func sqlLockZoneRows(d store.Dialect, lock, warehouse string, items []model.Item) (string, []any) {
	w := newWhere(warehouse).items(items)
	return sqlZoneColumns + by(d, "zone_stocks_row") + `WHERE warehouse = ? AND (` +
		w.text.String() + `) ` + byID +
		lock, w.args
}

// sqlProveZoneRows locks the same rows, to see whether they are those that were decided from.
func sqlProveZoneRows(d store.Dialect, lock, warehouse string, items []model.Item) (
	string, []any) {
	w := newWhere(warehouse).items(items)
	return `SELECT id, row_seq FROM zone_stocks ` + by(d, "zone_stocks_row") +
		`WHERE warehouse = ? AND (` + w.text.String() + `) ` + byID + lock, w.args
}

const sqlZoneColumns = `SELECT id, zone, owner, sku, batch, pack, received_on, on_hand, reserved,
	frozen, row_seq, tick, updated_at FROM zone_stocks `

const sqlBinColumns = `SELECT id, zone, bin, owner, sku, batch, pack, on_hand, reserved, frozen,
	version, row_seq, tick, updated_at FROM bin_stocks `

func sqlLockBinRows(d store.Dialect, lock, warehouse string, items []model.Item,
	bins map[model.Item]map[string]bool) (string, []any) {
	var rows [][]any
	for _, item := range items {
		for bin := range bins[item] {
			rows = append(rows, []any{item.SKU, item.Owner, bin})
		}
	}
	w := newWhere(warehouse)
	condition := w.tuples(d, "sku, owner, bin", rows)
	return sqlBinColumns + by(d, "bin_stocks_row") + `WHERE warehouse = ? AND ` + condition + ` ` +
		byID + lock, w.args
}

// sqlLockFreeBinRows: rows at zero are no choice, and there are many of them in time.
func sqlLockFreeBinRows(d store.Dialect, lock, warehouse string, items []model.Item) (
	string, []any) {
	w := newWhere(warehouse).items(items)
	return sqlBinColumns + by(d, "bin_stocks_row") + `WHERE warehouse = ? AND (` + w.text.String() +
		`) AND on_hand > 0 ` + byID + lock, w.args
}

func sqlLockBinRowsByID(d store.Dialect, lock, warehouse string, ids []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("id", ids)
	return sqlBinColumns + by(d, "PRIMARY") + condition + ` ` + byID + lock, args
}

func sqlBatches(d store.Dialect, warehouse string, items []model.Item) (string, []any) {
	w := newWhere(warehouse).items(items)
	return `SELECT owner, sku, code, expires_on, hold, pool FROM batches ` + by(d, "PRIMARY") +
		`WHERE warehouse = ? AND (` +
		w.text.String() + `)`, w.args
}

const sqlReservationColumns = `SELECT id, job_type, order_id, line_id, revision, owner, sku,
	requested, base_units, started, state, expires_at, due_at, content, asked, created_at, tick,
	priority
	FROM reservations `

// sqlReservationsByKey: whoever acts on a reservation holds its lock, and writes it.
func sqlReservationsByKey(d store.Dialect, lock, warehouse string, lines []model.LineKey) (
	string, []any) {
	w := newWhere(warehouse)
	condition := w.tuples(d, lineColumns, lineValues(lines))
	return sqlReservationColumns + by(d, "reservations_key") + `WHERE warehouse = ? AND ` +
		condition + ` ` + byID + lock, w.args
}

func sqlReservationsByID(d store.Dialect, lock, warehouse string, ids []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("id", ids)
	return sqlReservationColumns + by(d, "PRIMARY") + condition + ` ` + byID + lock, args
}

func sqlReservationsOfTasks(warehouse string, ids []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("id", ids)
	return `SELECT reservation_id FROM tasks ` + condition, args
}

func sqlReservationsPinnedIn(warehouse string, item model.Item, bin string) (string, []any) {
	return `SELECT DISTINCT t.reservation_id FROM bin_stocks s
		JOIN tasks t ON t.warehouse = s.warehouse AND t.bin_stock_id = s.id
		WHERE s.warehouse = ? AND s.sku = ? AND s.owner = ? AND s.bin = ? AND t.pinned > 0`,
		[]any{warehouse, item.SKU, item.Owner, bin}
}

func sqlHolds(d store.Dialect, warehouse string, ids []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("reservation_id", ids)
	return `SELECT reservation_id, zone_stock_id, position, held, deducted, released FROM holds ` +
		by(d, "PRIMARY") + condition + ` ORDER BY reservation_id, position`, args
}

const sqlTaskColumns = `SELECT id, kind, state, job_type, task_id, reservation_id, zone_stock_id,
	bin_stock_id, to_bin, qty, done, pinned, froze, pick_sequence, created_at, tick FROM tasks `

func sqlPins(d store.Dialect, warehouse string, reservations []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("reservation_id", reservations)
	return sqlTaskColumns + by(d, "tasks_reservation") + condition + ` AND pinned > 0 ` + byID, args
}

func sqlTasksByID(d store.Dialect, warehouse string, ids []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("id", ids)
	return sqlTaskColumns + by(d, "PRIMARY") + condition, args
}

func sqlCountTasks(warehouse string, rows []int64) (string, []any) {
	condition, args := newWhere(warehouse).in("bin_stock_id", rows)
	return sqlTaskColumns + condition + ` AND state = ? AND kind = ? ` + byID,
		append(args, model.TaskOpen, model.TaskCount)
}

// sqlDeparted reads what left under a key, bin by bin, in the order it left.
func sqlDeparted(warehouse string, key model.Key) (string, []any) {
	return `SELECT s.owner, s.sku, s.batch, s.pack, s.bin, f.zone, f.on_hand_delta,
			z.staging_bin, COALESCE(r.base_units, 0)
		FROM bin_flows f
		JOIN bin_stocks s ON s.warehouse = f.warehouse AND s.id = f.stock_id
		JOIN zones z ON z.warehouse = f.warehouse AND z.code = f.zone
		LEFT JOIN reservations r ON r.warehouse = f.warehouse AND r.id = f.reservation_id
		WHERE f.warehouse = ? AND f.order_id = ? AND f.task_id = ? AND f.line_id = ?
			AND f.job_type = ? AND f.revision = ? AND f.action = ? ORDER BY f.leg`,
		append([]any{warehouse}, keyValues(key)...)
}

// sqlDepartedOn reads since when the goods that left had been there.
func sqlDepartedOn(warehouse string, key model.Key) (string, []any) {
	return `SELECT s.owner, s.sku, s.batch, s.pack, f.zone, f.received_on
		FROM zone_flows f
		JOIN zone_stocks s ON s.warehouse = f.warehouse AND s.id = f.stock_id
		WHERE f.warehouse = ? AND f.order_id = ? AND f.task_id = ? AND f.line_id = ?
			AND f.job_type = ? AND f.revision = ? AND f.action = ? ORDER BY f.leg`,
		append([]any{warehouse}, keyValues(key)...)
}

func sqlReturned(lock, warehouse string, key model.Key) (string, []any) {
	return `SELECT restored FROM returned WHERE warehouse = ? AND order_id = ?
		AND task_id = ? AND line_id = ? AND job_type = ? AND revision = ? AND action = ?` +
			lock,
		append([]any{warehouse}, keyValues(key)...)
}

// sqlHolders names the largest holders of a row, for a refusal.
func sqlHolders(tier model.Tier, warehouse string, row, except int64) (string, []any) {
	table, column, amount := "holds", "zone_stock_id", "open_qty"
	if tier == model.BinTier {
		table, column, amount = "tasks", "bin_stock_id", "pinned"
	}
	return `SELECT r.job_type, r.order_id, r.line_id, h.` + amount + ` FROM ` + table + ` h
		JOIN reservations r ON r.warehouse = h.warehouse AND r.id = h.reservation_id
		WHERE h.warehouse = ? AND h.` + column + ` = ? AND h.` + amount + ` > 0 AND r.id <> ?
		ORDER BY h.` + amount + ` DESC, r.id LIMIT ?`,
		[]any{warehouse, row, except, holdersNamed}
}

func sqlStagingBins(warehouse string, zones []string) (string, []any) {
	w := newWhere(warehouse)
	for _, zone := range zones {
		w.args = append(w.args, zone)
	}
	return `SELECT code, staging_bin FROM zones WHERE warehouse = ? AND code IN (` +
		store.InList(len(zones)) + `)`, w.args
}
