package sourcing

import (
	"math"

	"tierstock/model"
)

// Limits of a plan, each with its reason.
const (
	// OrdersMax and LinesMax bound a call: each round of it is one wave for every warehouse used.
	OrdersMax = 100
	LinesMax  = 500
	// WarehousesMax is how many warehouses a call looks at: each costs some statements.
	WarehousesMax = 100
	// exactMax is how many candidates are searched exactly: 4,095 sets of warehouses. It is also
	// the most warehouses that serve one order.
	exactMax = 12
	// stepsMax bounds the search for who serves which line, for one order.
	stepsMax = 20_000
)

// Options are what an order says about where it may come from.
type Options struct {
	// Allowed, where any are named, are the only warehouses looked at, and Excluded never are.
	Allowed, Excluded []string
	// Regions are preferred.
	Regions []string
	// Destination is where the goods go, nil for nowhere in particular.
	Destination *Place
	// MaxSplits is how many warehouses may serve the order beyond the first, nil for any number.
	MaxSplits *int
}

// Place is a point on the globe, in degrees.
type Place struct{ Latitude, Longitude model.Quantity }

// Demand is what is to be planned: lines, and whether all of them must be served or none.
type Demand struct {
	Lines []Want
	Whole bool
	// Serving are warehouses that serve other lines of the order already: they are no more splits.
	Serving []string
	Options
}

// Want is a line's demand, in packs of Pack. Batch nil is any.
type Want struct {
	Item             model.Item
	Qty              model.Quantity
	Batch            *string
	Pack             string
	MinRemainingDays int
	// Not are warehouses that cannot serve this line: it was tried there.
	Not map[string]bool
}

// Candidate is a warehouse as the planner sees it.
type Candidate struct {
	Warehouse, Region string
	// Priority: higher goes first.
	Priority int64
	// At is where it lies, nil where nobody has said.
	At *Place
	// Limited: it takes LinesLeft more order lines today, else any number.
	Limited   bool
	LinesLeft int64
	Stock     []Stock
}

// Stock is what may be promised of an item, in packs of Pack.
type Stock struct {
	Item        model.Item
	Batch, Pack string
	// Days is how many days of life remain, Lasting for stock without a date.
	Days int
	Qty  model.Quantity
}

// Lasting are the days of stock that never expires.
const Lasting = math.MaxInt

// suits says whether stock may serve a line.
func (w *Want) suits(stock *Stock) bool {
	return w.Item == stock.Item && w.Pack == stock.Pack &&
		(w.Batch == nil || *w.Batch == stock.Batch) && stock.Days >= w.MinRemainingDays
}

// Choice is a plan for one demand.
type Choice struct {
	// Parts are in the order of preference of their warehouses.
	Parts []Part
	// Short is what no part serves of each line.
	Short []model.Quantity
	// Looks has an entry for every candidate, in order of preference.
	Looks []Look
	// Exact: no better plan exists. Else the search was ended at its limit.
	Exact bool
}

// Part is what one warehouse serves.
type Part struct {
	Warehouse string
	Lines     []PartLine
}

// PartLine is what a part serves of the demand's line of that number.
type PartLine struct {
	Line int
	Qty  model.Quantity
}

// Look is how a candidate was seen. Reason is "" where it serves a part.
type Look struct {
	Warehouse string
	Reason    Reason
	// Serving: it serves other lines of the order already.
	Serving bool
	// RegionMatches: its region is preferred.
	RegionMatches bool
	Priority      int64
	// Metres is the distance to the destination, unknown where either has no place.
	Metres int64
	// Limited and LinesLeft as in Candidate, before this plan.
	Limited   bool
	LinesLeft int64
	// Lines is how many lines it could serve whole by itself, and Qty how much of all.
	Lines int
	Qty   model.Quantity
}

// Reason is why a warehouse serves no part.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	// NotAllowed: the order does not name it among those allowed, or excludes it.
	NotAllowed Reason = "NOT_ALLOWED"
	// Tried: every line it could have served was tried there before.
	Tried Reason = "TRIED"
	// NoCapacity: it takes no more order lines today.
	NoCapacity Reason = "NO_CAPACITY"
	// NoStock: it has nothing that the order wants.
	NoStock Reason = "NO_STOCK"
	// NotShortlisted: there were too many candidates to look at all, and others promised more.
	NotShortlisted Reason = "NOT_SHORTLISTED"
	// NotWhole: the order is served whole or not at all, and cannot be.
	NotWhole Reason = "NOT_WHOLE"
	// LessStock: it could not serve the part of any warehouse that is used.
	LessStock Reason = "LESS_STOCK"
	// OtherRegion, LowerPriority, Farther: it could, but the one that is used is preferred.
	OtherRegion   Reason = "OTHER_REGION"
	LowerPriority Reason = "LOWER_PRIORITY"
	Farther       Reason = "FARTHER"
	// NotNeeded: it would be as good, and the order can do without it.
	NotNeeded Reason = "NOT_NEEDED"
)

// Reasons are all of them.
var Reasons = []Reason{NotAllowed, Tried, NoCapacity, NoStock, NotShortlisted, NotWhole, LessStock,
	OtherRegion, LowerPriority, Farther, NotNeeded}

// Distance is how far the warehouse is from the destination, in metres, where both have places.
func (l *Look) Distance() (metres int64, known bool) { return l.Metres, l.Metres < unknown }

// plus adds without passing the largest number: stock of many full rows would.
func plus(one, other model.Quantity) model.Quantity {
	if one > math.MaxInt64-other {
		return math.MaxInt64
	}
	return one + other
}
