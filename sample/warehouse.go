package sample

import (
	"context"
	"errors"
	"fmt"

	"tierstock/master"
	"tierstock/model"
)

// Warehouse is the code of the sample warehouse.
const Warehouse = "W1"

// The sample's name and calendar.
const (
	warehouseName = "Sample distribution centre"
	warehouseZone = "America/Chicago"
)

// Its zones. Goods come in at the dock, full cases go up into reserve, loose pieces lie where
// they are picked, and what is picked waits in the packing zone for its truck. Nothing is
// promised from the dock or the packing zone: it is on its way.
const (
	dockZone    = "DOCK"
	pickZone    = "PICK"
	shelfZone   = "SHELF"
	reserveZone = "RESERVE"
	packZone    = "PACK"
)

type zone struct {
	code, name  string
	allocatable bool
	priority    int64
}

func zones() []zone {
	return []zone{
		{dockZone, "Receiving dock", false, 0},
		{pickZone, "Fast pick", true, 30},
		{shelfZone, "Shelving", true, 20},
		{reserveZone, "Bulk reserve", true, 10},
		{packZone, "Packing", false, 0},
	}
}

// rack is a block of bins in a zone: so many aisles with so many places each. Pick sequences
// follow the walk through it, up one aisle and down the next.
type rack struct {
	zone          string
	prefix        string
	kind          model.BinKind
	aisles        int
	places        int
	firstSequence int
}

func racks() []rack {
	return []rack{
		{dockZone, "D", model.StorageBin, 1, 8, 1},
		{pickZone, "P", model.PickBin, 8, 30, 1_000},
		{shelfZone, "S", model.StorageBin, 28, 50, 2_000},
		{reserveZone, "R", model.StorageBin, 10, 28, 5_000},
	}
}

// The packing zone has totes for orders, and totes of four cells for orders of one line.
const (
	totes      = 48
	cellTotes  = 12
	cellsATote = 4
)

// bin is the code of the n-th bin of a rack, counted from 0 along the walk.
func (r rack) bin(n int) string {
	n %= r.aisles * r.places
	aisle, place := n/r.places, n%r.places
	if aisle%2 == 1 {
		place = r.places - 1 - place
	}
	return fmt.Sprintf("%s%02d-%02d", r.prefix, aisle+1, place+1)
}

// rackOf is the rack of a zone.
func rackOf(zone string) rack {
	for _, rack := range racks() {
		if rack.zone == zone {
			return rack
		}
	}
	return rack{}
}

// bins are all bins but the staging bins, which come with their zones. Totes come before their
// cells.
func bins() []master.BinInput {
	var all []master.BinInput
	add := func(zone, code string, kind model.BinKind, sequence int, parent string) {
		input := master.BinInput{Warehouse: Warehouse, Zone: zone, Code: code, Kind: new(kind),
			PickSequence: new(int64(sequence))}
		if parent != "" {
			input.Parent = new(parent)
		}
		all = append(all, input)
	}
	for _, rack := range racks() {
		for n := range rack.aisles * rack.places {
			add(rack.zone, rack.bin(n), rack.kind, rack.firstSequence+n, "")
		}
	}
	for n := range totes {
		add(packZone, tote(n), model.ToteBin, 0, "")
	}
	for n := range cellTotes {
		parent := fmt.Sprintf("C%02d", n+1)
		add(packZone, parent, model.ToteBin, 0, "")
		for k := range cellsATote {
			add(packZone, toteCell(n*cellsATote+k), model.ToteCell, 0, parent)
		}
	}
	return all
}

func tote(n int) string { return fmt.Sprintf("T%02d", n%totes+1) }

func toteCell(n int) string {
	n %= cellTotes * cellsATote
	return fmt.Sprintf("C%02d-%d", n/cellsATote+1, n%cellsATote+1)
}

// build makes the sample's warehouse; its articles come from the WMS. It may be repeated.
func (s *Site) build(ctx context.Context) error {
	_, err := s.Catalog.UpsertWarehouses(ctx, []master.WarehouseInput{{Code: Warehouse,
		Name: new(warehouseName), Timezone: new(warehouseZone)}})
	if err != nil {
		return err
	}
	var inputs []master.ZoneInput
	for _, zone := range zones() {
		inputs = append(inputs, master.ZoneInput{Warehouse: Warehouse, Code: zone.code,
			Name: new(zone.name), Allocatable: new(zone.allocatable), Priority: new(zone.priority)})
	}
	return errors.Join(
		upsert(ctx, s.Catalog.UpsertZones, inputs),
		upsert(ctx, s.Catalog.UpsertBins, bins()))
}

// upsert makes masters in calls of as many lines as one may have. A line that is refused ends it.
func upsert[L any](ctx context.Context,
	call func(context.Context, []L) (master.Outcome, error), lines []L) error {
	for start := 0; start < len(lines); start += master.LinesMax {
		outcome, err := call(ctx, lines[start:min(start+master.LinesMax, len(lines))])
		if err != nil {
			return err
		}
		for i, result := range outcome.Results {
			if result.Code != model.Applied {
				return fmt.Errorf("%+v: %s %s: %s", lines[start+i], result.Code, result.Field,
					result.Message)
			}
		}
	}
	return nil
}
