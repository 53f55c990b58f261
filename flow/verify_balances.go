package flow

import (
	"context"
	"database/sql"

	"tierstock/model"
)

// countRows is how many rows a tier has.
func (c *checker) countRows(ctx context.Context, ledger ledger) (rowCount int64, err error) {
	err = c.each(ctx, `SELECT COUNT(*) FROM `+ledger.stocks+` WHERE warehouse = ?`,
		func(rows *sql.Rows) error { return rows.Scan(&rowCount) })
	return rowCount, err
}

// amounts: invariant 1 on the rows themselves, and how many there are.
func (c *checker) amounts(ctx context.Context) error {
	for _, ledger := range ledgers() {
		rowCount, err := c.countRows(ctx, ledger)
		if err != nil {
			return err
		}
		c.stockRows += rowCount
		err = c.each(ctx, `SELECT `+ledger.nameColumns()+`, s.on_hand, s.reserved, s.frozen
			FROM `+ledger.stocks+` AS s WHERE s.warehouse = ? AND (s.on_hand < 0 OR s.reserved < 0
			OR s.frozen < 0 OR s.on_hand - s.reserved < s.frozen)`,
			func(rows *sql.Rows) error {
				var is model.Amounts
				row, err := scanName(rows, ledger.tier, scanned(&is)...)
				c.found(1, kindUnsound, finding{row: row}.says(
					"amounts >= 0 and reserved + frozen <= on hand",
					"on hand "+is.OnHand.String()+", reserved "+is.Reserved.String()+", frozen "+
						is.Frozen.String()))
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// binZones: a bin row belongs to the zone of its bin, else the sums per zone mean nothing; and in a
// blocked bin nothing is free.
func (c *checker) binZones(ctx context.Context) error {
	return c.each(ctx, `SELECT `+binColumns+`, s.on_hand, s.reserved, s.frozen,
			COALESCE(b.zone, ''), COALESCE(b.blocked, 0)
		FROM bin_stocks AS s LEFT JOIN bins AS b ON b.warehouse = s.warehouse AND b.code = s.bin
		WHERE s.warehouse = ? AND (b.zone IS NULL OR b.zone <> s.zone
			OR (b.blocked = 1 AND s.on_hand - s.reserved <> s.frozen))`,
		func(rows *sql.Rows) error {
			var is model.Amounts
			var zone string
			var blocked bool
			row, err := scanName(rows, model.BinTier, append(scanned(&is), &zone, &blocked)...)
			switch {
			case err != nil:
			case zone == "":
				c.found(2, kindWrongZone, finding{row: row}.says("a bin "+row.bin, "none"))
			case zone != row.zone:
				c.found(2, kindWrongZone, finding{row: row}.says("zone "+zone+", as its bin's",
					"zone "+row.zone))
			case blocked && is.Available() != 0:
				c.found(1, kindBlockedFree, finding{row: row}.differs(amountFrozen,
					is.Frozen.Decimal(), (is.OnHand-is.Reserved).Decimal(),
					"all that is not reserved, as its bin is blocked"))
			}
			return err
		})
}

// tierSums: invariants 2 and 3, per zone, owner, SKU, batch and pack. Tier 2 has at most one row
// in each group; one without it shows as amounts of 0 there.
func (c *checker) tierSums(ctx context.Context) error {
	statement := `SELECT g.id, g.zone, '', g.owner, g.sku, g.batch, g.pack,
			g.on_hand, g.reserved, g.frozen, g.on_hand_units, g.on_hand_rest, g.reserved_units,
			g.reserved_rest, g.frozen_units, g.frozen_rest
		FROM (SELECT u.zone, u.owner, u.sku, u.batch, u.pack, MAX(u.id) AS id,
				MAX(u.on_hand) AS on_hand, MAX(u.reserved) AS reserved, MAX(u.frozen) AS frozen,
				` + c.sums("u.on_hand3", "on_hand") + `, ` + c.sums("u.reserved3", "reserved") + `,
				` + c.sums("u.frozen3", "frozen") + `
			FROM (SELECT zone, owner, sku, batch, pack, id, on_hand, reserved, frozen,
					0 AS on_hand3, 0 AS reserved3, 0 AS frozen3
				FROM zone_stocks WHERE warehouse = ?
				UNION ALL SELECT zone, owner, sku, batch, pack, 0, NULL AS on_hand,
					NULL AS reserved, NULL AS frozen, on_hand, reserved, frozen
				FROM bin_stocks WHERE warehouse = ?) AS u
			GROUP BY u.zone, u.owner, u.sku, u.batch, u.pack) AS g
		WHERE COALESCE(g.on_hand, 0) <> ` + whole("g.on_hand") + `
			OR COALESCE(g.frozen, 0) <> ` + whole("g.frozen") + `
			OR COALESCE(g.reserved, 0) < ` + whole("g.reserved")
	return c.each(ctx, statement, func(rows *sql.Rows) error {
		var onHand, reserved, frozen sql.Null[model.Quantity]
		var onHand3, reserved3, frozen3 total
		row, err := scanName(rows, model.ZoneTier, &onHand, &reserved, &frozen, &onHand3.units,
			&onHand3.rest, &reserved3.units, &reserved3.rest, &frozen3.units, &frozen3.rest)
		if err != nil {
			return err
		}
		kind := kindTierSum
		if row.id == 0 {
			kind = kindNoZoneRow
		}
		c.tierSum(2, kind, row, amountOnHand, onHand.V, onHand3)
		c.tierSum(3, kind, row, amountFrozen, frozen.V, frozen3)
		if reserved.V.Decimal().LessThan(reserved3.decimal()) {
			c.tierSum(3, kind, row, amountReserved, reserved.V, reserved3)
		}
		return nil
	})
}

func (c *checker) tierSum(invariant int, kind string, row rowName, amount string,
	tier2 model.Quantity, tier3 total) {
	if !tier2.Decimal().Equal(tier3.decimal()) {
		c.found(invariant, kind, finding{row: row}.differs(amount, tier2.Decimal(),
			tier3.decimal(), "the sum over its bins"))
	}
}
