package sample

import (
	"cmp"
	"slices"

	"tierstock/wmssim"
)

// casePack is the pack in which small goods are bought and kept in reserve.
const casePack = "CASE"

// caseSizes are pieces a case, by kind of goods; others come singly.
var caseSizes = map[string]int64{"Art": 12, "Binders": 12, "Envelopes": 10, "Fasteners": 24,
	"Labels": 24, "Paper": 10, "Supplies": 12}

// datedKinds are the goods that are bought in batches with an expiry date: ink dries out, glue
// hardens and batteries run down.
var datedKinds = map[string]bool{"Accessories": true, "Art": true, "Envelopes": true,
	"Labels": true}

// article is a SKU of the sample: what it is, how it is packed, and where it lives.
type article struct {
	sku, name string
	caseSize  int64 // pieces; 0 where it comes singly
	dated     bool
	home      string // the bin that its loose pieces are picked from
	overflow  string // a bin for more of them; "" for none
	bulk      string // the bin in reserve that its cases are kept in

	lines, pieces int64 // how much is ordered of it
}

// articlesOf are the SKUs of those orders, those most often ordered first. The first of them live
// in the fast-pick zone, the others on the shelves; there are more SKUs than bins, so some share.
// What has no date has an overflow bin on the shelves beside its home in the fast-pick zone, and is
// taken from home first, as that zone has the higher priority.
func articlesOf(orders []OrderLine) []article {
	known := map[string]*article{}
	for _, line := range orders {
		if known[line.SKU] == nil {
			known[line.SKU] = &article{sku: line.SKU, name: line.Name,
				caseSize: caseSizes[line.Kind], dated: datedKinds[line.Kind]}
		}
		known[line.SKU].lines++
		known[line.SKU].pieces += line.Pieces
	}
	articles := make([]article, 0, len(known))
	for _, article := range known {
		articles = append(articles, *article)
	}
	slices.SortFunc(articles, func(a, b article) int {
		return cmp.Or(cmp.Compare(b.lines, a.lines), cmp.Compare(b.pieces, a.pieces),
			cmp.Compare(a.sku, b.sku))
	})
	placeArticles(articles)
	return articles
}

func placeArticles(articles []article) {
	pick, shelf, reserve := rackOf(pickZone), rackOf(shelfZone), rackOf(reserveZone)
	fast := pick.aisles * pick.places
	for i := range articles {
		if i < fast {
			articles[i].home = pick.bin(i)
			if !articles[i].dated {
				articles[i].overflow = shelf.bin(i)
			}
		} else {
			articles[i].home = shelf.bin(i - fast)
		}
		articles[i].bulk = reserve.bin(i)
	}
}

// told is an article as the WMS tells of it.
func (a article) told() wmssim.SKU {
	sku := wmssim.SKU{Code: a.sku, Name: cmp.Or(a.name, a.sku)}
	if a.caseSize > 0 {
		sku.Packs = []wmssim.Pack{{Code: casePack, Numerator: a.caseSize, Denominator: 1}}
	}
	return sku
}

// bySKU finds an article's place.
func bySKU(articles []article) map[string]int {
	places := make(map[string]int, len(articles))
	for i, article := range articles {
		places[article.sku] = i
	}
	return places
}
