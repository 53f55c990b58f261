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
	looseLow     = 6 // below it a case is opened
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

	loose   int64 // pieces at home that nobody has asked for
	lots    []lot // cases in reserve
	opened  bool  // a case is open, its pieces come down tomorrow
	coming  int64 // pieces on their way, to the dock or from it
	arrived receipt
	bought  int // times
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

// open is the stock before the first day.
func (r *room) open(on model.Date) (loose, cases receipt) {
	loose = r.receipt(openingLoose, "", on)
	r.loose = loose.qty
	if r.caseSize > 0 {
		cases = r.receipt(openingCases, casePack, on)
		r.lots = append(r.lots, lot{cases.batch, cases.expiresOn, cases.qty})
	}
	return loose, cases
}

// receipt is a delivery of that day; what is dated comes in a batch named after the day.
func (r *room) receipt(qty int64, pack string, on model.Date) receipt {
	made := receipt{qty: qty, pack: pack}
	if r.dated {
		made.batch = "L" + strings.ReplaceAll(string(on), "-", "")
		made.expiresOn = plusDays(on, lifeDays-chance(r.sku+made.batch, lifeDaysLost))
	}
	return made
}

// take is what an order line gets of its pieces.
func (r *room) take(pieces int64) int64 {
	taken := min(pieces, r.loose)
	r.loose -= taken
	return taken
}

// openCase opens a case, of the batch that expires first, where loose pieces run low.
func (r *room) openCase() (batch string, opened bool) {
	if r.loose >= looseLow || len(r.lots) == 0 || r.opened {
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
	r.opened = true
	return batch, true
}

// bring brings an opened case's pieces home.
func (r *room) bring() {
	r.loose += r.caseSize
	r.opened = false
}

// buy says whether more must be bought, and in how many days it comes. Until then no more is.
func (r *room) buy() (leadDays int, buys bool) {
	if r.coming > 0 {
		return 0, false
	}
	have := r.loose
	for _, lot := range r.lots {
		have += lot.cases * r.caseSize
	}
	if r.opened {
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

// putAway takes what is at the dock home, or up into reserve.
func (r *room) putAway() {
	r.coming = 0
	if r.arrived.pack == casePack {
		r.lots = append(r.lots, lot{r.arrived.batch, r.arrived.expiresOn, r.arrived.qty})
	} else {
		r.loose += r.arrived.qty
	}
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
