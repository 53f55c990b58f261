package sourcing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/sourcing"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
)

// atOnce executes orders at the same time, in as many processes as there are chains.
func atOnce(t *testing.T, chains []*chain, orders ...sourcing.Order) []sourcing.Executed {
	t.Helper()
	answers := make([]sourcing.Executed, len(orders))
	var work sync.WaitGroup
	for i, order := range orders {
		work.Go(func() {
			executed, err := chains[i%len(chains)].Execute(t.Context(), []sourcing.Order{order}, terms)
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = executed[0]
		})
	}
	work.Wait()
	return answers
}

// Two orders for the last pieces of three warehouses: nothing is sold twice, and each is answered
// what it has.
func TestTheLastPieces(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		chains := []*chain{newChain(t, db), newChain(t, db)}
		for round := range 8 {
			sku := fmt.Sprint("LAST", round)
			chains[0].sku(sku)
			for _, warehouse := range []string{"A", "B", "C"} {
				chains[0].stock(warehouse, sku+" 3")
			}
			var edits []func(*sourcing.Order)
			if round%2 == 1 {
				edits = append(edits, whole)
			}
			answers := atOnce(t, chains, order(fmt.Sprint("X", round), sku+" 6", edits...),
				order(fmt.Sprint("Y", round), sku+" 6", edits...))
			told := model.Quantity(0)
			for _, answer := range answers {
				held := answer.Lines[0].Qty
				told += held
				isWhole, isNone := answer.Code == model.Applied && held == 6*model.One,
					answer.Code == model.Insufficient && held == 0
				isSome := answer.Code == model.Partial && held > 0 && held < 6*model.One
				if !isWhole && !isNone && (len(edits) > 0 || !isSome) {
					t.Errorf("round %d: %s with %s", round, outcome(answer), held)
				}
			}
			open := chains[0].open(sku)
			if open != told || open > 9*model.One || len(edits) == 0 && open != 9*model.One {
				t.Errorf("round %d: %s is held, told was %s: %s and %s", round, open, told,
					outcome(answers[0]), outcome(answers[1]))
			}
		}
		chains[0].verify()
	})
}

// Two calls for the very same order at once place it once.
func TestTheSameOrderAtOnce(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		chains := []*chain{newChain(t, db), newChain(t, db)}
		for _, warehouse := range []string{"A", "B", "C"} {
			chains[0].stock(warehouse, "TEA 100")
		}
		for round := range 6 {
			o := order(fmt.Sprint("O", round), "TEA 5")
			// One of them prefers another warehouse, as if the stock had changed between the two.
			other := o
			other.Excluded = []string{"A"}
			atOnce(t, chains, o, other)
			held := model.Quantity(0)
			for _, warehouse := range []string{"A", "B", "C"} {
				page, err := chains[0].reader.Reservations(t.Context(), warehouse,
					tier2.ReservationFilter{OrderID: o.OrderID}, 0, 9)
				if err != nil {
					t.Fatal(err)
				}
				for _, reservation := range page.Rows {
					held += reservation.Open
				}
			}
			if held != 5*model.One {
				t.Errorf("round %d: %s is held", round, held)
			}
			chains[0].t = t
			if again := chains[0].execute(o); again[0].Code != model.Replayed {
				t.Errorf("round %d: %s", round, outcome(again[0]))
			}
		}
		chains[0].verify()
	})
}

// A call that places an order while another one is about to is found by that one, which gives its
// own part back.
func TestATwinIsGivenBack(t *testing.T) {
	for name, edits := range map[string][]func(*sourcing.Order){"as it comes": nil,
		"all or nothing": {whole}} {
		t.Run(name, func(t *testing.T) {
			stocktest.Each(t, func(t *testing.T, db *store.DB) {
				chains := []*chain{newChain(t, db), newChain(t, db)}
				for _, warehouse := range []string{"A", "B"} {
					chains[0].stock(warehouse, "TEA 5")
				}
				o := order("O", "TEA 5", edits...)
				twin := o
				twin.Excluded = []string{"A"}
				chains[0].Between(func(allocate sourcing.Allocator) sourcing.Allocator {
					return func(ctx context.Context, mode flow.Mode, wave model.Wave) (
						[]model.OrderResult, error) {
						chains[1].execute(twin)
						return allocate(ctx, mode, wave)
					}
				})
				chains[0].expect(chains[0].execute(o), "APPLIED; 1 A 1:5 of 5 APPLIED given back; "+
					"0 B 1:5 of 5 REPLAYED")
				chains[1].expect(chains[1].execute(o), "REPLAYED; 0 B 1:5 of 5 REPLAYED")
				if got := chains[0].open("TEA"); got != 5*model.One {
					t.Errorf("%s is held", got)
				}
			})
		})
	}
}
