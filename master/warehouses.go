package master

import (
	"context"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// WarehouseInput makes or changes a warehouse. A field that is nil keeps its value; a new warehouse
// is named after its code, in UTC, with priority 0, nowhere, and takes any number of order lines a
// day. Latitude and Longitude, in degrees, come together; DailyLines 0 is any number.
type WarehouseInput struct {
	Code                   string
	Name, Timezone, Region *string
	Priority               *int64
	Latitude, Longitude    *model.Quantity
	DailyLines             *int64
}

// The furthest that places lie from the equator and from Greenwich, in degrees.
const (
	LatitudeMax  = 90 * model.One
	LongitudeMax = 180 * model.One
)

// UpsertWarehouses makes or changes warehouses.
func (c *Catalog) UpsertWarehouses(ctx context.Context, lines []WarehouseInput) (Outcome, error) {
	return upsert(ctx, c.db, kind[WarehouseInput]{
		identity: func(line WarehouseInput) identity { return identity{code: line.Code} },
		field:    "code",
		open:     openWarehouses,
	}, lines)
}

func openWarehouses(ctx context.Context, tx *store.Tx, _ string, lines []WarehouseInput,
) (applier[WarehouseInput], error) {
	list, args := in(codesOf(lines, func(line WarehouseInput) string { return line.Code }))
	rows, err := collect(ctx, tx, scanWarehouse,
		lockWarehouses+list+` ORDER BY code`+tx.ForUpdate(), args...)
	if err != nil {
		return nil, err
	}
	known := map[string]model.Warehouse{}
	for _, row := range rows {
		known[row.Code] = row
	}
	return func(ctx context.Context, line WarehouseInput) (change, error) {
		was, exists := known[line.Code]
		becomes := line.over(was, exists)
		if err := line.check(becomes); err != nil {
			return unchanged, err
		}
		return saveWarehouse(ctx, tx, becomes, changeOf(exists, becomes == was))
	}, nil
}

func (line WarehouseInput) over(was model.Warehouse, exists bool) model.Warehouse {
	if !exists {
		was = model.Warehouse{Code: line.Code, Name: line.Code, Timezone: "UTC"}
	}
	set(&was.Name, line.Name)
	set(&was.Timezone, line.Timezone)
	set(&was.Region, line.Region)
	set(&was.Priority, line.Priority)
	set(&was.Latitude, line.Latitude)
	set(&was.Longitude, line.Longitude)
	set(&was.DailyLines, line.DailyLines)
	was.Located = was.Located || line.Latitude != nil
	return was
}

// check judges a line, and what the warehouse becomes by it.
func (line WarehouseInput) check(becomes model.Warehouse) error {
	if err := checkTimezone(becomes.Timezone); err != nil {
		return err
	}
	if becomes.DailyLines < 0 {
		return refuse(model.Invalid, "dailyLines", "%d is negative; 0 is no limit",
			becomes.DailyLines)
	}
	switch {
	case line.Latitude == nil && line.Longitude == nil:
		return nil
	case line.Latitude == nil:
		return refuse(model.Invalid, "latitude", "is missing beside longitude; give both or none")
	case line.Longitude == nil:
		return refuse(model.Invalid, "longitude", "is missing beside latitude; give both or none")
	}
	return CheckPlace(*line.Latitude, *line.Longitude)
}

// CheckPlace refuses, as INVALID, degrees that are on no globe.
func CheckPlace(latitude, longitude model.Quantity) error {
	switch {
	case latitude < -LatitudeMax || latitude > LatitudeMax:
		return refuse(model.Invalid, "latitude", "%s is not within -90 and 90", latitude)
	case longitude < -LongitudeMax || longitude > LongitudeMax:
		return refuse(model.Invalid, "longitude", "%s is not within -180 and 180", longitude)
	}
	return nil
}

// checkTimezone refuses names that mean nothing, and "Local", which means something else on
// every machine.
func checkTimezone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return refuse(model.Invalid, "timezone",
			"%q is not a time zone such as \"Europe/Berlin\"", name)
	}
	return nil
}

func saveWarehouse(ctx context.Context, tx *store.Tx, w model.Warehouse, change change,
) (change, error) {
	statement := updateWarehouse
	switch change {
	case unchanged:
		return unchanged, nil
	case created:
		statement = insertWarehouse
	}
	_, err := tx.Exec(ctx, statement, w.Name, w.Timezone, w.Region, w.Priority, w.Latitude,
		w.Longitude, w.Located, w.DailyLines, w.Code)
	return change, err
}
