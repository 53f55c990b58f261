package stocktest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// State is all that a warehouse holds, one line of text for each row, so that two of them are
// compared and their difference read. Tasks are the ids of its tasks, by SKU, in the order made.
type State struct {
	Rows  []string
	Tasks map[string][]string
}

// Differ lists what only one of the states has: "-" wanted and missing, "+" there and not wanted.
func (p *State) Differ(wanted *State) (differences []string) {
	for _, row := range wanted.Rows {
		if !slices.Contains(p.Rows, row) {
			differences = append(differences, "- "+row)
		}
	}
	for _, row := range p.Rows {
		if !slices.Contains(wanted.Rows, row) {
			differences = append(differences, "+ "+row)
		}
	}
	slices.SortFunc(differences, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return differences
}

// taskRow is what is compared of a task.
type taskRow struct {
	kind                     model.TaskKind
	state                    model.TaskState
	jobType, taskID, line    string
	row                      model.BinStockKey
	toBin                    string
	qty, done, pinned, froze model.Quantity
}

// addTask numbers tasks by SKU: those of one SKU are made in one order, those of several are not.
func (p *State) addTask(name string, task taskRow) {
	sku := task.row.SKU
	p.Tasks[sku] = append(p.Tasks[sku], name)
	p.addf("task %s #%d %+v", sku, len(p.Tasks[sku]), task)
}

func (p *State) addf(format string, args ...any) {
	p.Rows = append(p.Rows, fmt.Sprintf(format, args...))
}

func (p *State) addZoneRow(key model.ZoneStockKey, has model.Amounts, since model.Date) {
	p.addf("zone row %+v %+v since %q", key, has, since)
}

func (p *State) addBinRow(key model.BinStockKey, zone string, has model.Amounts, version int64) {
	p.addf("bin row %+v in %s %+v version %d", key, zone, has, version)
}

func (p *State) addHold(line string, place int, key model.ZoneStockKey,
	held, deducted, released model.Quantity) {
	p.addf("hold %s #%d %+v held %s deducted %s released %s", line, place, key, held, deducted,
		released)
}

func nameOf(key model.LineKey) string {
	return fmt.Sprintf("%s:%s/%s@%d", key.JobType, key.OrderID, key.LineID, key.Revision)
}

// State is what the model says of a warehouse.
func (m *Model) State(warehouse string) *State {
	s, p := m.sites[warehouse], &State{Tasks: map[string][]string{}}
	for _, bin := range s.bins {
		p.addf("bin %s in %s blocked %t", bin.Code, bin.Zone, bin.Blocked)
	}
	for lot, batch := range s.batches {
		p.addf("batch %+v expires %q hold %t", lot, batch.ExpiresOn, batch.Hold)
	}
	for key, row := range s.zoneRows {
		p.addZoneRow(key, row.Amounts, row.since)
	}
	for key, row := range s.binRows {
		p.addBinRow(key, s.bins[key.Bin].Zone, row.Amounts, row.version)
	}
	for key, promise := range s.promises {
		p.addf("reservation %s of %+v requested %s %s started %t running %t", nameOf(key),
			promise.item, promise.requested, promise.state, promise.started,
			promise.ttl && promise.state == model.ReservationOpen)
		for place, hold := range promise.holds {
			p.addHold(nameOf(key), place, hold.row, hold.held, hold.deducted, hold.released)
		}
	}
	for _, task := range s.works {
		line := ""
		if task.promise != nil {
			line = nameOf(*task.promise)
		}
		p.addTask(task.name, taskRow{task.kind, task.state, task.key.JobType, task.key.TaskID, line,
			task.row, task.toBin, task.qty, task.done, task.pinned, task.froze})
	}
	return p
}

// NameTasks gives the model's tasks the ids that the database has given them.
func (m *Model) NameTasks(warehouse string, stored *State) {
	place := map[string]int{}
	for _, task := range m.sites[warehouse].works {
		sku := task.row.SKU
		if names := stored.Tasks[sku]; place[sku] < len(names) {
			task.name = names[place[sku]]
		}
		place[sku]++
	}
}

// Stored is what the database says of a warehouse.
func Stored(ctx context.Context, db *store.DB, warehouse string) (*State, error) {
	p := &State{Tasks: map[string][]string{}}
	readers := []struct {
		statement string
		scan      func(*sql.Rows) error
	}{
		{stateBins, p.scanBin}, {stateBatches, p.scanBatch},
		{stateZoneRows, p.scanZoneRow(warehouse)}, {stateBinRows, p.scanBinRow(warehouse)},
		{stateReservations, p.scanReservation}, {stateHolds, p.scanHold(warehouse)},
		{stateTasks, p.scanTask(warehouse)},
	}
	for _, reader := range readers {
		if err := readAll(ctx, db, reader.statement, reader.scan, warehouse); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func readAll(ctx context.Context, db *store.DB, statement string, scan func(*sql.Rows) error,
	args ...any) error {
	rows, err := db.Reader().Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

const (
	stateBins     = `SELECT code, zone, blocked FROM bins WHERE warehouse = ?`
	stateBatches  = `SELECT owner, sku, code, expires_on, hold FROM batches WHERE warehouse = ?`
	stateZoneRows = `SELECT zone, owner, sku, batch, pack, on_hand, reserved, frozen, received_on
		FROM zone_stocks WHERE warehouse = ?`
	stateBinRows = `SELECT bin, owner, sku, batch, pack, on_hand, reserved, frozen, zone, version
		FROM bin_stocks WHERE warehouse = ?`
	stateReservations = `SELECT job_type, order_id, line_id, revision, owner, sku, requested,
		state, started, due_at > 0 FROM reservations WHERE warehouse = ?`
	stateHolds = `SELECT r.job_type, r.order_id, r.line_id, r.revision, h.position, s.zone,
		s.owner, s.sku, s.batch, s.pack, h.held, h.deducted, h.released
		FROM holds AS h
		JOIN reservations AS r ON r.warehouse = h.warehouse AND r.id = h.reservation_id
		JOIN zone_stocks AS s ON s.warehouse = h.warehouse AND s.id = h.zone_stock_id
		WHERE h.warehouse = ?`
	stateTasks = `SELECT t.id, t.kind, t.state, t.job_type,
		CASE WHEN t.task_id = CAST(t.id AS CHAR) THEN '' ELSE t.task_id END,
		COALESCE(r.job_type, ''), COALESCE(r.order_id, ''), COALESCE(r.line_id, ''),
		COALESCE(r.revision, 0), s.bin, s.owner, s.sku, s.batch, s.pack, t.to_bin, t.qty, t.done,
		t.pinned, t.froze
		FROM tasks AS t
		JOIN bin_stocks AS s ON s.warehouse = t.warehouse AND s.id = t.bin_stock_id
		LEFT JOIN reservations AS r ON r.warehouse = t.warehouse AND r.id = t.reservation_id
		WHERE t.warehouse = ? ORDER BY t.id`
)

func (p *State) scanBin(rows *sql.Rows) error {
	var code, zone string
	var blocked bool
	err := rows.Scan(&code, &zone, &blocked)
	p.addf("bin %s in %s blocked %t", code, zone, blocked)
	return err
}

func (p *State) scanBatch(rows *sql.Rows) error {
	var lot lot
	var expiresOn model.Date
	var hold bool
	err := rows.Scan(&lot.item.Owner, &lot.item.SKU, &lot.code, &expiresOn, &hold)
	p.addf("batch %+v expires %q hold %t", lot, expiresOn, hold)
	return err
}

func (p *State) scanZoneRow(warehouse string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		key := model.ZoneStockKey{Warehouse: warehouse}
		var has model.Amounts
		var since model.Date
		err := rows.Scan(&key.Zone, &key.Owner, &key.SKU, &key.Batch, &key.Pack, &has.OnHand,
			&has.Reserved, &has.Frozen, &since)
		p.addZoneRow(key, has, since)
		return err
	}
}

func (p *State) scanBinRow(warehouse string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		key := model.BinStockKey{Warehouse: warehouse}
		var has model.Amounts
		var zone string
		var version int64
		err := rows.Scan(&key.Bin, &key.Owner, &key.SKU, &key.Batch, &key.Pack, &has.OnHand,
			&has.Reserved, &has.Frozen, &zone, &version)
		p.addBinRow(key, zone, has, version)
		return err
	}
}

func (p *State) scanReservation(rows *sql.Rows) error {
	var key model.LineKey
	var item model.Item
	var requested model.Quantity
	var state model.ReservationState
	var started, running bool
	err := rows.Scan(&key.JobType, &key.OrderID, &key.LineID, &key.Revision, &item.Owner,
		&item.SKU, &requested, &state, &started, &running)
	p.addf("reservation %s of %+v requested %s %s started %t running %t", nameOf(key), item,
		requested, state, started, running)
	return err
}

func (p *State) scanHold(warehouse string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var line model.LineKey
		key := model.ZoneStockKey{Warehouse: warehouse}
		var place int
		var held, deducted, released model.Quantity
		err := rows.Scan(&line.JobType, &line.OrderID, &line.LineID, &line.Revision, &place,
			&key.Zone, &key.Owner, &key.SKU, &key.Batch, &key.Pack, &held, &deducted, &released)
		p.addHold(nameOf(line), place, key, held, deducted, released)
		return err
	}
}

func (p *State) scanTask(warehouse string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var name string
		var line model.LineKey
		task := taskRow{row: model.BinStockKey{Warehouse: warehouse}}
		err := rows.Scan(&name, &task.kind, &task.state, &task.jobType, &task.taskID,
			&line.JobType, &line.OrderID, &line.LineID, &line.Revision, &task.row.Bin,
			&task.row.Owner, &task.row.SKU, &task.row.Batch, &task.row.Pack, &task.toBin,
			&task.qty, &task.done, &task.pinned, &task.froze)
		if line != (model.LineKey{}) {
			task.line = nameOf(line)
		}
		p.addTask(name, task)
		return err
	}
}
