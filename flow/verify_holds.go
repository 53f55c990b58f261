package flow

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"

	"tierstock/model"
)

// A pin is sound when it is part of a hold of an open reservation, in a bin under the row held.
// Pins that are not count for nothing below, and are reported as orphans.
const (
	pinsJoined = `FROM tasks AS t
		LEFT JOIN reservations AS r ON r.warehouse = t.warehouse AND r.id = t.reservation_id
		LEFT JOIN holds AS h ON h.warehouse = t.warehouse
			AND h.reservation_id = t.reservation_id AND h.zone_stock_id = t.zone_stock_id
		LEFT JOIN bin_stocks AS s ON s.warehouse = t.warehouse AND s.id = t.bin_stock_id
		LEFT JOIN zone_stocks AS z ON z.warehouse = t.warehouse AND z.id = t.zone_stock_id`
	pinIsSound = `(r.state = 'OPEN' AND h.position IS NOT NULL AND s.zone = z.zone
		AND s.owner = z.owner AND s.sku = z.sku AND s.batch = z.batch AND s.pack = z.pack)`
	// What is missing makes the comparison unknown, which is not sound either.
	pinIsOrphan = `COALESCE(` + pinIsSound + `, 0) = 0`
)

// pinsInHolds: the last part of invariant 3, per reservation and tier-2 row.
func (c *checker) pinsInHolds(ctx context.Context) error {
	statement := `SELECT g.id, g.zone, '', g.owner, g.sku, g.batch, g.pack, g.reservation_id,
			g.open_qty, g.pinned_units, g.pinned_rest
		FROM (SELECT z.id, z.zone, z.owner, z.sku, z.batch, z.pack, t.reservation_id, h.open_qty,
				` + c.sums("t.pinned", "pinned") + ` ` + pinsJoined + `
			WHERE t.warehouse = ? AND t.pinned <> 0 AND ` + pinIsSound + `
			GROUP BY z.id, z.zone, z.owner, z.sku, z.batch, z.pack, t.reservation_id,
				h.open_qty) AS g
		WHERE ` + whole("g.pinned") + ` > g.open_qty`
	return c.each(ctx, statement, func(rows *sql.Rows) error {
		var found finding
		var open model.Quantity
		var pinned total
		row, err := scanName(rows, model.ZoneTier, &found.reservation, &open, &pinned.units,
			&pinned.rest)
		found.row = row
		found.name = fmt.Sprintf("reservation %d on %s", found.reservation, row)
		c.found(3, kindPinsOverHold, found.differs(amountPinned, pinned.decimal(),
			open.Decimal(), "or less, as no more is open"))
		return err
	})
}

// openHolds: invariant 5 in tier 2.
func (c *checker) openHolds(ctx context.Context) error {
	return c.sumOf(ctx, model.ZoneTier, kindHeldSum, `SELECT h.zone_stock_id AS id,
			`+c.sums("h.open_qty", "held")+`
		FROM holds AS h JOIN reservations AS r ON r.warehouse = h.warehouse
			AND r.id = h.reservation_id AND r.state = 'OPEN'
		WHERE h.warehouse = ? AND h.open_qty <> 0 GROUP BY h.zone_stock_id`,
		"what open reservations hold of it")
}

// pins: invariant 5 in tier 3.
func (c *checker) pins(ctx context.Context) error {
	return c.sumOf(ctx, model.BinTier, kindPinnedSum, `SELECT t.bin_stock_id AS id,
			`+c.sums("t.pinned", "held")+` `+pinsJoined+`
		WHERE t.warehouse = ? AND t.pinned <> 0 AND `+pinIsSound+` GROUP BY t.bin_stock_id`,
		"what is pinned there")
}

// sumOf compares what a tier's rows have reserved with a sum per row.
func (c *checker) sumOf(ctx context.Context, tier model.Tier, kind, sums, why string) error {
	ledger := ledgerOf(tier)
	return c.each(ctx, `SELECT `+ledger.nameColumns()+`, s.reserved, COALESCE(o.held_units, 0),
			COALESCE(o.held_rest, 0)
		FROM `+ledger.stocks+` AS s LEFT JOIN (`+sums+`) AS o ON o.id = s.id
		WHERE s.warehouse = ? AND s.reserved <> COALESCE(`+whole("o.held")+`, 0)`,
		func(rows *sql.Rows) error {
			var reserved model.Quantity
			var held total
			row, err := scanName(rows, tier, &reserved, &held.units, &held.rest)
			c.found(5, kind, finding{row: row}.differs(amountReserved, reserved.Decimal(),
				held.decimal(), why))
			return err
		})
}

// orphanHolds: a hold is open only while its reservation is.
func (c *checker) orphanHolds(ctx context.Context) error {
	return c.each(ctx, `SELECT `+zoneColumns+`, h.reservation_id, h.zone_stock_id, h.open_qty,
			COALESCE(r.state, 'missing')
		FROM holds AS h
		LEFT JOIN reservations AS r ON r.warehouse = h.warehouse AND r.id = h.reservation_id
		LEFT JOIN zone_stocks AS s ON s.warehouse = h.warehouse AND s.id = h.zone_stock_id
		WHERE h.warehouse = ? AND h.open_qty <> 0
			AND (r.id IS NULL OR s.id IS NULL OR r.state <> 'OPEN')`,
		func(rows *sql.Rows) error {
			var found finding
			var stockID int64
			var open model.Quantity
			var state string
			row, err := scanName(rows, model.ZoneTier, &found.reservation, &stockID, &open, &state)
			row.id, found.row = stockID, row
			found.name = fmt.Sprintf("hold of reservation %d on %s", found.reservation, row)
			found = found.differs(amountOpen, open.Decimal(), count(0), "as it is not an open "+
				"reservation's hold on a row")
			found.found += ", its reservation is " + state
			c.found(5, kindOrphanHold, found)
			return err
		})
}

// orphanPins: what is pinned belongs to an open reservation that holds the row above.
func (c *checker) orphanPins(ctx context.Context) error {
	return c.each(ctx, `SELECT `+binColumns+`, t.id, t.kind, t.task_id, t.reservation_id,
			t.bin_stock_id, t.pinned, COALESCE(r.state, 'missing'),
			CASE WHEN h.position IS NULL THEN 0 ELSE 1 END `+pinsJoined+`
		WHERE t.warehouse = ? AND t.pinned <> 0 AND `+pinIsOrphan,
		func(rows *sql.Rows) error {
			var found finding
			var stockID int64
			var pinned model.Quantity
			var kind, taskID, state string
			var held bool
			row, err := scanName(rows, model.BinTier, &found.task, &kind, &taskID,
				&found.reservation, &stockID, &pinned, &state, &held)
			row.id, found.row = stockID, row
			found.name = fmt.Sprintf("pin of %s task %q (tasks %d) for reservation %d in %s", kind,
				taskID, found.task, found.reservation, row)
			found = found.differs(amountPinned, pinned.Decimal(), count(0),
				"as it is not part of an open hold on the row above")
			found.found += fmt.Sprintf(", its reservation is %s, with a hold: %t", state, held)
			c.found(5, kindOrphanPin, found)
			return err
		})
}

// heldAmounts: invariant 6 on each hold.
func (c *checker) heldAmounts(ctx context.Context) error {
	return c.each(ctx, `SELECT reservation_id, zone_stock_id, held, deducted, released, open_qty
		FROM holds WHERE warehouse = ? AND (open_qty <> held - deducted - released OR held < 0
			OR open_qty < 0 OR deducted < 0 OR released < 0)`,
		func(rows *sql.Rows) error {
			var found finding
			var held, deducted, released, open model.Quantity
			err := rows.Scan(&found.reservation, &found.row.id, &held, &deducted, &released, &open)
			found.name = fmt.Sprintf("hold of reservation %d on zone_stocks %d", found.reservation,
				found.row.id)
			c.found(6, kindHeld, found.says("held = deducted + released + open, each >= 0",
				fmt.Sprintf("held %s, deducted %s, released %s, open %s", held, deducted, released,
					open)))
			return err
		})
}

// heldTotals: held <= requested, where both are in one unit.
func (c *checker) heldTotals(ctx context.Context) error {
	return c.each(ctx, `SELECT r.id, r.job_type, r.order_id, r.line_id, r.revision, r.requested,
			g.held_units, g.held_rest
		FROM (SELECT reservation_id, `+c.sums("held", "held")+` FROM holds
			WHERE warehouse = ? GROUP BY reservation_id) AS g
		JOIN reservations AS r ON r.warehouse = ? AND r.id = g.reservation_id
		WHERE r.base_units = 0 AND r.requested < `+whole("g.held"),
		func(rows *sql.Rows) error {
			var id int64
			var line model.LineKey
			var requested model.Quantity
			var held total
			err := rows.Scan(&id, &line.JobType, &line.OrderID, &line.LineID, &line.Revision,
				&requested, &held.units, &held.rest)
			c.found(6, kindOverHeld, finding{reservation: id, name: reservationName(line, id)}.
				differs(amountHeld, held.decimal(), requested.Decimal(), "or less, as no more "+
					"was requested"))
			return err
		})
}

// heldBaseUnits: held <= requested for reservations in base units, whose holds are in packs. Pack
// sizes are fractions, which no database adds exactly.
func (c *checker) heldBaseUnits(ctx context.Context) error {
	type reserved struct {
		name      string
		requested model.Quantity
		held      *big.Rat
	}
	last, current := int64(0), reserved{}
	judge := func() {
		requested := current.requested.Decimal()
		if last != 0 && current.held.Cmp(requested.Rat()) > 0 {
			c.found(6, kindOverHeld, finding{reservation: last, name: current.name}.says(
				"held "+requested.String()+" or less, as no more was requested",
				"held "+current.held.FloatString(model.QuantityScale)+" in base units"))
		}
	}
	err := c.each(ctx, `SELECT r.id, r.job_type, r.order_id, r.line_id, r.revision, r.requested,
			h.held, COALESCE(p.numerator, 1), COALESCE(p.denominator, 1)
		FROM reservations AS r
		JOIN holds AS h ON h.warehouse = r.warehouse AND h.reservation_id = r.id
		JOIN zone_stocks AS s ON s.warehouse = h.warehouse AND s.id = h.zone_stock_id
		LEFT JOIN sku_packs AS p ON p.sku = s.sku AND p.code = s.pack
		WHERE r.warehouse = ? AND r.base_units = 1 ORDER BY r.id`,
		func(rows *sql.Rows) error {
			var id int64
			var line model.LineKey
			var requested, held model.Quantity
			var size model.Fraction
			err := rows.Scan(&id, &line.JobType, &line.OrderID, &line.LineID, &line.Revision,
				&requested, &held, &size.Numerator, &size.Denominator)
			if err != nil {
				return err
			}
			if id != last {
				judge()
				last = id
				current = reserved{reservationName(line, id), requested, new(big.Rat)}
			}
			current.held.Add(current.held, worth(held, size))
			return nil
		})
	judge()
	return err
}

// worth is an amount of packs in base units, exactly.
func worth(packs model.Quantity, size model.Fraction) *big.Rat {
	return new(big.Rat).Mul(packs.Decimal().Rat(), big.NewRat(size.Numerator, size.Denominator))
}
