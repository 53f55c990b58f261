package sample

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"tierstock/model"
)

// How the stock keeper keeps stock, in pieces. Small numbers, as most articles sell a few pieces
// a month; they are chosen so that a few lines in a hundred find too little, as in a real shop.
const (
	openingLoose = 10 // at home before the first day
	openingCases = 1
	overflowMax  = 6 // in an overflow bin, before the first day too
	looseLow     = 6 // at home; below it a case is brought down
	stockLow     = 9 // below it, with what is on its way, more is bought
	buyPieces    = 12
	buyCases     = 1
	leadDaysMin  = 2
	leadDaysSpan = 8
)

// Batches are good for five years, less up to ten months on a shop's shelf before; so what came
// later need not last longer, and first expired is not always first in.
const (
	lifeDays     = 5 * 365
	lifeDaysLost = 300
)

// room is what the stock keeper knows of one article.
type room struct {
	article

	atHome     int64 // pieces that nobody has asked for
	inOverflow int64
	lots       []lot // cases in reserve
	fetched    bool  // a case is down, it is opened tomorrow
	coming     int64 // pieces on their way, to the dock or from it
	arrived    receipt
	bought     int // times
}

// lot is the cases of one batch.
type lot struct {
	batch     string
	expiresOn model.Date
	cases     int64
}

// receipt is goods that come in: qty packs of a batch.
type receipt struct {
	qty         int64
	pack, batch string
	expiresOn   model.Date
}

func newRoom(article article) room { return room{article: article} }

// stowed is goods and the bin that they go to.
type stowed struct {
	receipt

	bin string
}

// open is the stock before the first day.
func (r *room) open(on model.Date) []stowed {
	stock := []stowed{{r.receipt(openingLoose, "", on), r.home}}
	r.atHome = openingLoose
	if r.overflow != "" {
		stock = append(stock, stowed{r.receipt(overflowMax, "", on), r.overflow})
		r.inOverflow = overflowMax
	}
	if r.caseSize > 0 {
		cases := r.receipt(openingCases, casePack, on)
		stock = append(stock, stowed{cases, r.bulk})
		r.lots = append(r.lots, lot{cases.batch, cases.expiresOn, cases.qty})
	}
	return stock
}

// receipt is a delivery of that day; what is dated comes in a batch named after the day.
func (r *room) receipt(qty int64, pack string, on model.Date) receipt {
	made := receipt{qty: qty, pack: pack}
	if r.dated {
		made.batch = "L" + strings.ReplaceAll(string(on), "-", "")
		made.expiresOn = on.Plus(lifeDays - chance(r.sku+made.batch, lifeDaysLost))
	}
	return made
}

// take is what an order line gets of its pieces: from home first, where zones have it so.
func (r *room) take(pieces int64) (home, over int64) {
	home = min(pieces, r.atHome)
	over = min(pieces-home, r.inOverflow)
	r.atHome -= home
	r.inOverflow -= over
	return home, over
}

// fetchCase brings a case down, of the batch that expires first, where pieces at home run low.
func (r *room) fetchCase() (batch string, fetched bool) {
	if r.atHome >= looseLow || len(r.lots) == 0 || r.fetched {
		return "", false
	}
	first := 0
	for i := range r.lots {
		if r.lots[i].expiresOn < r.lots[first].expiresOn {
			first = i
		}
	}
	batch = r.lots[first].batch
	if r.lots[first].cases--; r.lots[first].cases == 0 {
		r.lots = slices.Delete(r.lots, first, first+1)
	}
	r.fetched = true
	return batch, true
}

// openCase opens the case that was brought down.
func (r *room) openCase() {
	r.atHome += r.caseSize
	r.fetched = false
}

// buy says whether more must be bought, and in how many days it comes. Until then no more is.
func (r *room) buy() (leadDays int, buys bool) {
	if r.coming > 0 {
		return 0, false
	}
	have := r.atHome + r.inOverflow
	for _, lot := range r.lots {
		have += lot.cases * r.caseSize
	}
	if r.fetched {
		have += r.caseSize
	}
	if have >= stockLow {
		return 0, false
	}
	r.coming = buyPieces
	if r.caseSize > 0 {
		r.coming = buyCases * r.caseSize
	}
	r.bought++
	return leadDaysMin + chance(fmt.Sprint(r.sku, r.bought), leadDaysSpan), true
}

// deliver is what was bought, coming to the dock.
func (r *room) deliver(on model.Date) receipt {
	if r.caseSize > 0 {
		r.arrived = r.receipt(buyCases, casePack, on)
	} else {
		r.arrived = r.receipt(buyPieces, "", on)
	}
	return r.arrived
}

// putAway takes what is at the dock up into reserve, or home, but for what the overflow bin lacks.
func (r *room) putAway() []stowed {
	r.coming = 0
	came := stowed{r.arrived, r.bulk}
	if came.pack == casePack {
		r.lots = append(r.lots, lot{came.batch, came.expiresOn, came.qty})
		return []stowed{came}
	}
	came.bin = r.home
	var parts []stowed
	if r.overflow != "" && r.inOverflow < overflowMax {
		lacking := stowed{came.receipt, r.overflow}
		lacking.qty = min(came.qty, overflowMax-r.inOverflow)
		came.qty -= lacking.qty
		r.inOverflow += lacking.qty
		parts = append(parts, lacking)
	}
	r.atHome += came.qty
	return append(parts, came)
}

// door is the bin at the dock where the article's deliveries stand.
func (a article) door() string {
	dock := rackOf(dockZone)
	return dock.bin(chance(a.sku, dock.aisles*dock.places))
}

// zoneOf is the zone of a bin of a rack, by its letter.
func zoneOf(bin string) string {
	for _, rack := range racks() {
		if strings.HasPrefix(bin, rack.prefix) {
			return rack.zone
		}
	}
	return packZone
}

// chance is a number from 0 to below n that looks drawn and is the same for the same text.
func chance(text string, n int) int {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text))
	return int(sum.Sum64() >> 33 % uint64(n))
}
