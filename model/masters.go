package model

import "time"

// Warehouse is a site; its calendar day decides what has expired. Latitude and Longitude are
// degrees, and mean nothing unless it is Located. DailyLines is how many order lines it takes a
// day, 0 for any number.
type Warehouse struct {
	Code, Name, Timezone, Region string
	Priority                     int64
	Latitude, Longitude          Quantity
	Located                      bool
	DailyLines                   int64
}

// Location is the warehouse's time zone, UTC where the name is unknown to this machine.
func (w Warehouse) Location() *time.Location {
	if zone, err := time.LoadLocation(w.Timezone); err == nil {
		return zone
	}
	return time.UTC
}

// Zone is a part of a warehouse. Priority: higher goes first. Pool is the activity that its stock
// is kept for, "" for none.
type Zone struct {
	Warehouse, Code, Name string
	Allocatable           bool
	Priority              int64
	StagingBin            string
	Pool                  string
}

// Bin is where stock lies. Parent is the tote of a cell.
type Bin struct {
	Warehouse, Zone, Code string
	Kind                  BinKind
	PickSequence          int64
	Blocked               bool
	Parent                string
}

// SKU is an article. Quantities of it have at most Decimals fraction digits.
type SKU struct {
	Code, Name, Unit string
	Decimals         int
	Active           bool
	Packs            []Pack
}

// Pack is a way an SKU is packed, sized in base units.
type Pack struct {
	Code string
	Size Fraction
}

// Size is the size of a pack in base units; "" is the base pack.
func (s SKU) Size(pack string) (Fraction, bool) {
	if pack == "" {
		return Each, true
	}
	for _, known := range s.Packs {
		if known.Code == pack {
			return known.Size, true
		}
	}
	return Fraction{}, false
}

// Batch is a lot of one owner's SKU. ExpiresOn "" is never; Hold keeps it from being promised; Pool
// is the activity that it is kept for, "" for its zone's.
type Batch struct {
	Warehouse string
	Item      Item
	Code      string
	ExpiresOn Date
	Hold      bool
	Pool      string
}
