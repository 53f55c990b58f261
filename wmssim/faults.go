package wmssim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Faults are how a system misbehaves. Each is how often, from 0 for never to 1 for always, but for
// LateBy and RejectSKU.
type Faults struct {
	// Late answers come after LateBy, a quarter of a second unless given.
	Late   float64
	LateBy time.Duration
	// Doubled repeats an item within a page, and the last one of the page before. OutOfOrder mixes up
	// the items of a page.
	Doubled, OutOfOrder float64
	// Gone answers 410 to a cursor that was good.
	Gone float64
	// Throttle answers 429 with a Retry-After of a second, Fail 500, HTML a page for people with 200,
	// Redirect 302 to elsewhere. Nothing is done then.
	Throttle, Fail, HTML, Redirect float64
	// Truncate cuts an answer off, after what was asked has been done.
	Truncate float64
	// TimeoutButApply applies movements and never answers.
	TimeoutButApply float64
	// StuckCursor gives the cursor that was sent as the next one, though there is more, a few times in
	// a row. EmptyPages gives pages without items though there is more, likewise.
	StuckCursor, EmptyPages float64
	// RetrySome wants some movements again later. RejectSKU are SKUs that no movement may be of.
	RetrySome float64
	RejectSKU []string
}

const lateDefault = 250 * time.Millisecond

// rejectFault is the fault that takes a code and no probability.
const rejectFault = "rejectSKU"

func (f *Faults) byName() map[string]*float64 {
	return map[string]*float64{"late": &f.Late, "doubled": &f.Doubled,
		"outOfOrder": &f.OutOfOrder, "gone": &f.Gone, "throttle": &f.Throttle, "fail": &f.Fail,
		"truncate": &f.Truncate, "html": &f.HTML, "redirect": &f.Redirect,
		"timeoutButApply": &f.TimeoutButApply, "stuckCursor": &f.StuckCursor,
		"retrySome": &f.RetrySome, "emptyPages": &f.EmptyPages}
}

// FaultNames are the faults that ParseFaults knows.
func FaultNames() []string {
	names := []string{rejectFault}
	for name := range new(Faults).byName() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ParseFaults reads faults such as late=0.1 and rejectSKU=A-1; rejectSKU may be there several
// times.
func ParseFaults(settings []string) (faults Faults, err error) {
	known := faults.byName()
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		if name == rejectFault {
			faults.RejectSKU = append(faults.RejectSKU, value)
			continue
		}
		often := known[name]
		if often == nil {
			return faults, fmt.Errorf("%q is not one of %s", name, strings.Join(FaultNames(), ", "))
		}
		*often, err = strconv.ParseFloat(value, 64)
		if err != nil || !(0 <= *often && *often <= 1) {
			return faults, fmt.Errorf("%s: %q is not a number from 0 to 1", name, value)
		}
	}
	return faults, nil
}

// chance draws whether something happens. The mutex is held.
func (w *WMS) chance(often float64) bool { return often > 0 && w.random.Float64() < often }
