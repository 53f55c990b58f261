package graphql

import (
	"context"
	"maps"
	"slices"

	gql "github.com/graphql-go/graphql"
	"github.com/shopspring/decimal"

	"tierstock/model"
	"tierstock/tier2"
	"tierstock/tier3"
)

// binLoader reads the bins of all tier-2 rows of an answer together. graphql-go calls the thunks
// of a list after all of its rows have been resolved, so the first thunk finds all that is asked.
// It is used by one goroutine, the one that executes the request.
type binLoader struct {
	asked map[binsAsked][]int64
	found map[binsAsked]*binsFound
}

// binsAsked is what one statement can answer.
type binsAsked struct {
	warehouse string
	first     int
}

type binsFound struct {
	byRow map[int64][]model.BinStock
	err   error
}

func newBinLoader() binLoader {
	return binLoader{map[binsAsked][]int64{}, map[binsAsked]*binsFound{}}
}

func (l binLoader) ask(asked binsAsked, row int64) {
	l.asked[asked] = append(l.asked[asked], row)
}

// bins are those of one row; what has been asked for and not been read is read with them.
func (l binLoader) bins(ctx context.Context, floor *tier3.Reader, asked binsAsked, row int64,
) ([]model.BinStock, error) {
	found := l.found[asked]
	if found == nil {
		found = &binsFound{byRow: map[int64][]model.BinStock{}}
		l.found[asked] = found
	}
	if rows := l.asked[asked]; len(rows) > 0 && found.err == nil {
		delete(l.asked, asked)
		slices.Sort(rows)
		var read map[int64][]model.BinStock
		read, found.err = floor.FindFor(ctx, asked.warehouse, slices.Compact(rows), asked.first)
		maps.Copy(found.byRow, read)
	}
	return orEmpty(found.byRow[row]), found.err
}

// binsField lists the bins of a tier-2 row.
func (a *API) binsField() field {
	return field{name: "bins", kind: "[BinStock!]!", args: "first: Int = 50",
		resolve: a.resolve(func(p gql.ResolveParams, args values) (any, error) {
			row := p.Source.(zoneRow)
			request := requestOf(p.Context)
			asked := binsAsked{row.Key.Warehouse, args.number("first")}
			request.bins.ask(asked, row.ID)
			return func() (any, error) {
				bins, err := request.bins.bins(p.Context, a.floor, asked, row.ID)
				if err != nil && row.written != nil {
					return a.writtenBins(p, row, err), nil
				}
				return bins, err
			}, nil
		})}
}

// writtenBins answers for a write whose bins cannot be read any more. The write is in the ledger,
// and an error here would take its whole answer away, so the bins that it touched are shown, and
// the error is told beside them.
func (a *API) writtenBins(p gql.ResolveParams, row zoneRow, err error) []model.BinStock {
	bins := []model.BinStock{}
	for _, bin := range row.written.BinStocks {
		if bin.Key.InZone(bin.Zone) == row.Key {
			bins = append(bins, bin)
		}
	}
	request := requestOf(p.Context)
	known, ok := explain(p.Context, err)
	if !ok {
		a.log.ErrorContext(p.Context, "graphql: bins of a write not read",
			"request", request.id, "error", err.Error())
		known = refuse(codeInternal, "internal error")
	}
	request.note(refuse(known.code, "only the bins that the write touched could be shown"),
		p.Info.Path.AsArray())
	return bins
}

// incomingLoader reads what has been announced of all articles of an answer together, as binLoader
// does with bins: by warehouse.
type incomingLoader map[string]*incomingFound

type incomingFound struct {
	asked  []string
	byItem map[model.Item]decimal.Decimal
	err    error
}

func (l incomingLoader) ask(warehouse, sku string) *incomingFound {
	found := l[warehouse]
	if found == nil {
		found = &incomingFound{byItem: map[model.Item]decimal.Decimal{}}
		l[warehouse] = found
	}
	found.asked = append(found.asked, sku)
	return found
}

// incomingField is what has been announced of an article and not been received.
func (a *API) incomingField() field {
	return field{name: "incoming", kind: "Decimal!", description: "What notices of systems have " +
		"announced and nobody has received: under jobType ASN, the notice's id and the line's.",
		resolve: a.resolve(func(p gql.ResolveParams, _ values) (any, error) {
			sum := p.Source.(tier2.WarehouseStock)
			found := requestOf(p.Context).incoming.ask(sum.Warehouse, sum.Item.SKU)
			return func() (any, error) {
				if len(found.asked) > 0 && found.err == nil {
					skus := slices.Compact(slices.Sorted(slices.Values(found.asked)))
					found.asked = nil
					var read map[model.Item]decimal.Decimal
					read, found.err = a.stock.Incoming(p.Context, sum.Warehouse, skus)
					maps.Copy(found.byItem, read)
				}
				return found.byItem[sum.Item], found.err
			}, nil
		})}
}
