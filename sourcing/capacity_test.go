package sourcing_test

import (
	"fmt"
	"testing"
	"time"

	"tierstock/master"
	"tierstock/model"
	"tierstock/sourcing"
	"tierstock/store"
)

// made moves a reservation to another moment.
func (c *chain) made(order string, at model.Instant) {
	c.t.Helper()
	err := c.db.Transact(c.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(c.t.Context(), `UPDATE reservations SET created_at = ?
			WHERE warehouse = ? AND order_id = ?`, at, "A", order)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// room is how many lines the plan sees that warehouse A takes yet.
func (c *chain) room() (left int64) {
	c.t.Helper()
	plans, err := c.Plan(c.t.Context(), []sourcing.Order{order("PLANNED", "TEA 1")}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, look := range plans[0].Looks {
		if look.Warehouse == "A" {
			left = look.LinesLeft
		}
	}
	return left
}

// A warehouse takes so many lines of its own day, which is another one than UTC's.
func TestCapacityIsOfTheWarehousesOwnDay(t *testing.T) {
	onEach(t, func(c *chain) {
		// It is between six and seven there, so that no day ends while the test runs.
		ahead := (6-time.Now().UTC().Hour()+36)%24 - 12
		if ahead == 0 {
			ahead = 1
		}
		zone, err := time.LoadLocation(fmt.Sprintf("Etc/GMT%+d", -ahead))
		if err != nil {
			c.t.Fatal(err)
		}
		c.warehouse(master.WarehouseInput{Code: "A", Timezone: new(zone.String()),
			Priority: new(int64(1)), DailyLines: new(int64(2))})
		c.stock("A", "TEA 10")
		c.stock("B", "TEA 10")
		c.expect(c.execute(order("1", "TEA 1"), order("2", "TEA 1"), order("3", "TEA 1")),
			"APPLIED; 1 A 1:1 of 1 APPLIED", "APPLIED; 1 A 1:1 of 1 APPLIED",
			"APPLIED; 1 B 1:1 of 1 APPLIED")
		today := model.DateIn(model.InstantOf(time.Now()), zone)
		begins := today.Begins(zone)
		c.made("1", begins)
		if got := c.room(); got != 0 {
			c.t.Errorf("%d lines, though two are of today", got)
		}
		c.made("1", begins-1)
		if got := c.room(); got != 1 {
			c.t.Errorf("%d lines, though one is of yesterday", got)
		}
		plans, err := c.Plan(c.t.Context(), []sourcing.Order{order("4", "TEA 1, TEA 1")}, nil)
		if err != nil || written(plans[0].Choice) != "B 0:1 1:1 | A LESS_STOCK, C NO_STOCK" {
			c.t.Error(err, written(plans[0].Choice))
		}
		c.expect(c.execute(order("5", "TEA 1"), order("6", "TEA 1")),
			"APPLIED; 1 A 1:1 of 1 APPLIED", "APPLIED; 1 B 1:1 of 1 APPLIED")
	})
}

// Days on which the clocks change have 23 or 25 hours, and each line counts on one of them.
func TestCapacityOnTheNightsThatClocksChange(t *testing.T) {
	onEach(t, func(c *chain) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			c.t.Fatal(err)
		}
		c.stock("A", "TEA 10")
		c.expect(c.execute(order("1", "TEA 1")), "APPLIED; 1 A 1:1 of 1 APPLIED")
		for _, test := range []struct {
			date model.Date
			at   string
			want int64
		}{
			{"2026-03-29", "2026-03-28T22:59:59Z", 0}, {"2026-03-29", "2026-03-28T23:00:00Z", 1},
			{"2026-03-30", "2026-03-29T21:59:59Z", 0}, {"2026-03-30", "2026-03-29T22:00:00Z", 1},
			{"2026-10-25", "2026-10-24T21:59:59Z", 0}, {"2026-10-25", "2026-10-24T22:00:00Z", 1},
			{"2026-10-25", "2026-10-25T00:30:00Z", 1}, {"2026-10-25", "2026-10-25T01:30:00Z", 1},
			{"2026-10-26", "2026-10-25T22:59:59Z", 0}, {"2026-10-26", "2026-10-25T23:00:00Z", 1},
		} {
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				c.t.Fatal(err)
			}
			c.made("1", model.InstantOf(at))
			got, err := c.reader.LinesSince(c.t.Context(), "A", test.date.Begins(berlin), 9)
			if err != nil || got != test.want {
				c.t.Errorf("%s at %s: %d, %v", test.date, test.at, got, err)
			}
		}
	})
}
