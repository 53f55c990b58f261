package master

import (
	"context"
	"fmt"
	"unicode/utf8"

	"tierstock/model"
	"tierstock/store"
)

// ZoneInput makes or changes a zone. A field that is nil keeps its value; a new zone is named
// after its code, allocatable, with priority 0, and kept for no activity.
type ZoneInput struct {
	Warehouse, Code string
	Name            *string
	Allocatable     *bool
	Priority        *int64
	Pool            *string
}

// UpsertZones makes or changes zones. A new zone comes with its staging bin.
func (c *Catalog) UpsertZones(ctx context.Context, lines []ZoneInput) (Outcome, error) {
	return upsert(ctx, c.db, kind[ZoneInput]{
		identity: func(line ZoneInput) identity {
			return identity{warehouse: line.Warehouse, code: line.Code}
		},
		field: "code",
		open:  openZones,
	}, lines)
}

func openZones(ctx context.Context, tx *store.Tx, warehouse string, lines []ZoneInput,
) (applier[ZoneInput], error) {
	list, args := in(codesOf(lines, func(line ZoneInput) string { return line.Code }), warehouse)
	known, err := zonesByCode(ctx, tx,
		selectZones+` AND code IN `+list+` ORDER BY code`+tx.ForUpdate(), args...)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, line ZoneInput) (change, error) {
		was, exists := known[line.Code]
		becomes := line.over(was, exists)
		switch {
		case !exists:
			return created, createZone(ctx, tx, becomes)
		case becomes == was:
			return unchanged, nil
		}
		_, err := tx.Exec(ctx, updateZone, becomes.Name, becomes.Allocatable, becomes.Priority,
			becomes.Pool, becomes.Warehouse, becomes.Code)
		return updated, err
	}, nil
}

func zonesByCode(ctx context.Context, q store.Queryer, query string, args ...any,
) (map[string]model.Zone, error) {
	rows, err := collect(ctx, q, scanZone, query, args...)
	zones := make(map[string]model.Zone, len(rows))
	for _, row := range rows {
		zones[row.Code] = row
	}
	return zones, err
}

func (line ZoneInput) over(was model.Zone, exists bool) model.Zone {
	if !exists {
		was = model.Zone{Warehouse: line.Warehouse, Code: line.Code, Name: line.Code,
			Allocatable: true}
	}
	set(&was.Name, line.Name)
	set(&was.Allocatable, line.Allocatable)
	set(&was.Priority, line.Priority)
	set(&was.Pool, line.Pool)
	return was
}

// createZone makes the zone and its staging bin, so that stock in the zone is always in some bin.
func createZone(ctx context.Context, tx *store.Tx, zone model.Zone) error {
	staging, err := freeStagingCode(ctx, tx, zone)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertZone, zone.Name, zone.Allocatable, zone.Priority, zone.Pool,
		zone.Warehouse, zone.Code, staging)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertBin, zone.Code, model.StagingBin, 0, "", zone.Warehouse, staging)
	return err
}

// freeStagingCode is the zone's code with -STAGING behind it, numbered where that is taken.
func freeStagingCode(ctx context.Context, tx *store.Tx, zone model.Zone) (string, error) {
	for n := 1; ; n++ {
		suffix := "-STAGING"
		if n > 1 {
			suffix = fmt.Sprintf("-STAGING-%d", n)
		}
		code := cut(zone.Code, model.CodeCharsMax-len(suffix)) + suffix
		taken, err := binsNamed(ctx, tx, zone.Warehouse, []string{code}, "")
		if err != nil || len(taken) == 0 {
			return code, err
		}
	}
}

// cut shortens a code to that many characters.
func cut(code string, charsMax int) string {
	if utf8.RuneCountInString(code) <= charsMax {
		return code
	}
	return string([]rune(code)[:charsMax])
}
