package flow

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// family is a tier-2 row with the bin rows under it, and what holds and pins them. It is
// repaired as one, since each part is judged by the others.
type family struct {
	key   model.ZoneStockKey
	zone  familyRow
	bins  []familyRow
	holds []familyHold
	pins  []familyPin
}

// familyRow is a row beside its last flow. restate: its flows are no chain, so that it needs a new
// beginning though its amounts may be right.
type familyRow struct {
	id              int64
	bin             string
	is, after       model.Amounts
	rowSeq, lastSeq int64
	hasLast         bool
	blocked         bool
	restate         bool
}

type familyHold struct {
	reservation int64
	open        model.Quantity
	sound       bool
}

type familyPin struct {
	task, reservation, zoneStock, binStock int64
	pinned                                 model.Quantity
	picked, sound                          bool
	pickSequence                           int64
}

// plan says how the family comes to agree with itself. Physical truth is the bins': on hand and
// frozen of a bin row are what its last flow says, of the tier-2 row the sum over its bins.
// Promises are the truth about what is reserved: open holds in tier 2, pins in tier 3. Holds
// without an open reservation, and pins beyond their hold, are closed first.
func (f family) plan() ([]Repair, error) {
	var repairs []Repair
	open := map[int64]model.Quantity{}
	zone := model.Amounts{}
	for _, hold := range f.holds {
		if !hold.sound {
			repairs = append(repairs, Repair{Hold: &OrphanHold{Reservation: hold.reservation,
				ZoneStock: f.zone.id}})
			continue
		}
		open[hold.reservation] += hold.open
		zone.Reserved += hold.open
	}
	pins, pinned := f.planPins(open)
	repairs = append(repairs, pins...)
	var rows []Repair
	for _, bin := range f.bins {
		becomes := bin.truth()
		becomes.Reserved = pinned[bin.id]
		if bin.blocked {
			becomes.Frozen = becomes.OnHand - becomes.Reserved
		}
		zone.OnHand += becomes.OnHand
		zone.Frozen += becomes.Frozen
		row, err := f.planRow(model.BinTier, bin, becomes)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row...)
	}
	row, err := f.planRow(model.ZoneTier, f.zone, zone)
	return append(append(repairs, row...), rows...), err
}

// truth is what the last flow left in the row; a row whose last flow is gone is believed.
func (r familyRow) truth() model.Amounts {
	if r.hasLast {
		return r.after
	}
	return r.is
}

func (f family) planRow(tier model.Tier, row familyRow, becomes model.Amounts) ([]Repair, error) {
	wrong := row.is != becomes || row.restate || row.hasLast && row.after != row.is
	if !wrong || row.id == 0 && becomes == (model.Amounts{}) {
		return nil, nil
	}
	if becomes.OnHand < 0 || becomes.Reserved < 0 || becomes.Frozen < 0 || becomes.Available() < 0 {
		return nil, Refuse(model.InvalidState, "", fmt.Sprintf("%s row %d would have on hand %s, "+
			"reserved %s, frozen %s: count its bins first, or release what is too much", tier,
			row.id, becomes.OnHand, becomes.Reserved, becomes.Frozen))
	}
	return []Repair{{Tier: tier, Zone: f.key.Zone, Bin: row.bin, Item: f.key.Item(),
		Batch: f.key.Batch, Pack: f.key.Pack, Want: becomes, Seen: row.is,
		SeenSeq: row.rowSeq, LastSeq: max(row.rowSeq, row.lastSeq)}}, nil
}

// planPins closes pins that are no part of an open hold, or too much for it, and adds up what stays
// pinned in each bin row. What a release would take first goes first: tasks in reverse pick
// sequence, goods picked last.
func (f family) planPins(open map[int64]model.Quantity) (repairs []Repair,
	pinned map[int64]model.Quantity) {
	kept := slices.SortedFunc(slices.Values(f.pins), func(one, other familyPin) int {
		first, second := one.rank(), other.rank()
		return cmp.Or(cmp.Compare(first, second), cmp.Compare(one.pickSequence, other.pickSequence),
			cmp.Compare(one.task, other.task))
	})
	pinned = map[int64]model.Quantity{}
	for _, pin := range kept {
		if !pin.sound || pin.zoneStock != f.zone.id || pin.pinned > open[pin.reservation] {
			repairs = append(repairs, Repair{Pin: pin.task})
			continue
		}
		open[pin.reservation] -= pin.pinned
		pinned[pin.binStock] += pin.pinned
	}
	return repairs, pinned
}

// rank puts goods picked before tasks: they keep their pin longest.
func (p familyPin) rank() int {
	if p.picked {
		return 0
	}
	return 1
}

// loadFamily reads a tier-2 row's family. Rows in restate have broken chains.
func loadFamily(ctx context.Context, tx *store.Tx, key model.ZoneStockKey,
	restate map[int64]bool) (f family, err error) {
	f.key = key
	identity := []any{key.Warehouse, key.SKU, key.Owner, key.Zone, key.Batch, key.Pack}
	for _, ledger := range ledgers() {
		last := int64(0)
		statement := familyRows(tx.Dialect(), ledger)
		err := store.EachRow(ctx, tx, statement, identity, func(rows *sql.Rows) error {
			row, err := scanFamilyRow(rows)
			if row.id == last {
				return err // its last two flows have one number, so that it comes twice
			}
			row.restate, last = restate[row.id], row.id
			if ledger.tier == model.ZoneTier {
				f.zone = row
			} else {
				f.bins = append(f.bins, row)
			}
			return err
		})
		if err != nil {
			return f, err
		}
	}
	err = store.EachRow(ctx, tx, `SELECT h.reservation_id, h.open_qty, COALESCE(r.state, '') = 'OPEN'
		FROM holds AS h LEFT JOIN reservations AS r
			ON r.warehouse = h.warehouse AND r.id = h.reservation_id
		WHERE h.warehouse = ? AND h.zone_stock_id = ? AND h.open_qty <> 0
		ORDER BY h.reservation_id`, []any{key.Warehouse, f.zone.id}, func(rows *sql.Rows) error {
		var hold familyHold
		err := rows.Scan(&hold.reservation, &hold.open, &hold.sound)
		f.holds = append(f.holds, hold)
		return err
	})
	if err != nil {
		return f, err
	}
	f.pins, err = f.readPins(ctx, tx)
	return f, err
}

// familyRows selects a tier's rows of a family, each beside its last flow or the checkpoint that
// stands for it.
func familyRows(d store.Dialect, ledger ledger) string {
	return `SELECT s.id, ` + ledger.bin + `, s.on_hand, s.reserved, s.frozen, s.row_seq,
			COALESCE((SELECT MAX(m.row_seq) FROM ` + ledger.flows + ` AS m
				WHERE m.warehouse = s.warehouse AND m.stock_id = s.id), k.row_seq, 0),
			COALESCE(f.row_seq, k.row_seq) IS NOT NULL, COALESCE(f.on_hand_after, k.on_hand, 0),
			COALESCE(f.reserved_after, k.reserved, 0), COALESCE(f.frozen_after, k.frozen, 0),
			COALESCE(b.blocked, 0)
		FROM ` + ledger.stocks + ` AS s LEFT JOIN ` + ledger.flows + ` AS f
			` + ledger.byRow(d) + `
			ON f.warehouse = s.warehouse AND f.stock_id = s.id AND f.row_seq = s.row_seq
		` + ledger.checkpoint("s.warehouse", "s.id") + ` AND k.row_seq = s.row_seq
		LEFT JOIN bins AS b ON b.warehouse = s.warehouse AND b.code = ` + ledger.bin + `
		WHERE s.warehouse = ? AND s.sku = ? AND s.owner = ? AND s.zone = ? AND s.batch = ?
			AND s.pack = ? ORDER BY s.id`
}

func scanFamilyRow(rows *sql.Rows) (row familyRow, err error) {
	err = rows.Scan(&row.id, &row.bin, &row.is.OnHand, &row.is.Reserved, &row.is.Frozen,
		&row.rowSeq, &row.lastSeq, &row.hasLast, &row.after.OnHand, &row.after.Reserved,
		&row.after.Frozen, &row.blocked)
	return row, err
}

// readPins reads what is pinned in the family's bins or under its tier-2 row.
func (f family) readPins(ctx context.Context, tx *store.Tx) (pins []familyPin, err error) {
	args := []any{f.key.Warehouse, f.zone.id}
	bins := ""
	if len(f.bins) > 0 {
		bins = ` OR t.bin_stock_id IN (` + store.InList(len(f.bins)) + `)`
	}
	for _, bin := range f.bins {
		args = append(args, bin.id)
	}
	err = store.EachRow(ctx, tx, `SELECT t.id, t.reservation_id, t.zone_stock_id, t.bin_stock_id,
			t.pinned, t.pick_sequence, t.kind = 'PICKED', COALESCE(`+pinIsSound+`, 0) `+
		pinsJoined+` WHERE t.warehouse = ? AND t.pinned <> 0 AND (t.zone_stock_id = ?`+bins+`)
		ORDER BY t.id`, args, func(rows *sql.Rows) error {
		var pin familyPin
		err := rows.Scan(&pin.task, &pin.reservation, &pin.zoneStock, &pin.binStock, &pin.pinned,
			&pin.pickSequence, &pin.picked, &pin.sound)
		pins = append(pins, pin)
		return err
	})
	return pins, err
}
