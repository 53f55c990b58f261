package graphql

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tierstock/store"
)

// The rows that are paged, and how many others come and go meanwhile.
const (
	pagedRows  = 10_000
	pagedTurns = 400
)

// TestPagesWhileRowsComeAndGo: who pages through 10,000 rows sees each of those that stay exactly
// once, whatever is inserted and deleted around them meanwhile.
func TestPagesWhileRowsComeAndGo(t *testing.T) {
	w := newEmpty(t)
	ctx := context.Background()
	w.want(`mutation{upsertWarehouses(lines:{code:"W"}){created}
		upsertZones(lines:{warehouse:"W",code:"Z"}){created}}`, nil)
	const insert = `INSERT INTO zone_stocks (id, warehouse, zone, owner, sku, batch, pack, on_hand)
		VALUES (?, 'W', 'Z', '', ?, '', '', 1000000)`
	// The ids have room between them, so that rows come before, behind and at the place of a page.
	idOf := func(row int) int64 { return int64(row+1) * 10 }
	err := w.db.Transact(ctx, func(tx *store.Tx) error {
		for row := range pagedRows {
			if _, err := tx.Exec(ctx, insert, idOf(row), fmt.Sprintf("STAYS-%05d", row)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var others sync.WaitGroup
	stop := make(chan struct{})
	turn := 0
	others.Go(func() {
		for ; ; turn++ {
			select {
			case <-stop:
				return
			default:
			}
			err := w.db.Transact(ctx, func(tx *store.Tx) error {
				if turn >= pagedTurns {
					_, err := tx.Exec(ctx, "DELETE FROM zone_stocks WHERE warehouse = 'W' AND id = ?",
						idOf(turn%pagedTurns*25)+5)
					return err
				}
				_, err := tx.Exec(ctx, insert, idOf(turn*25)+5, fmt.Sprintf("COMES-%05d", turn))
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	seen := map[string]int{}
	for after, more := "", true; more; {
		page := w.ask(t, fmt.Sprintf(`{zoneStocks(warehouse:"W",first:200,after:%q){edges{node{sku}}
			pageInfo{hasNextPage endCursor}}}`, after), nil)
		if len(page.Errors) > 0 {
			t.Fatalf("%s", page.Body)
		}
		for _, edge := range page.at("zoneStocks.edges").([]any) {
			seen[edge.(map[string]any)["node"].(map[string]any)["sku"].(string)]++
		}
		after, _ = page.at("zoneStocks.pageInfo.endCursor").(string)
		more, _ = page.at("zoneStocks.pageInfo.hasNextPage").(bool)
	}
	close(stop)
	others.Wait()
	if turn == 0 {
		t.Error("nothing came or went")
	}
	for row := range pagedRows {
		if sku := fmt.Sprintf("STAYS-%05d", row); seen[sku] != 1 {
			t.Fatalf("%s is seen %d times", sku, seen[sku])
		}
	}
	for sku, times := range seen {
		if times != 1 {
			t.Errorf("%s is seen %d times", sku, times)
		}
	}
}

// TestStatementsOfAPage: tier 1 is summed in one statement, and a page of tier 2 with its bins is
// two, however many rows there are. Beside them one at most asks for the masters' revisions and the
// warehouse's day, and of tier 1 one for what is only announced.
func TestStatementsOfAPage(t *testing.T) {
	w := newWhole(t)
	for document, want := range map[string]int{
		`{warehouseStocks(warehouse:"W",first:200){edges{node{sku onHand}}}}`:                  1,
		`{zoneStocks(warehouse:"W",first:200){edges{node{zone sku onHand bins{bin onHand}}}}}`: 2,
		`{binStocks(warehouse:"W",first:200){edges{node{bin sku onHand}}}}`:                    1,
	} {
		w.counting("", func() { w.want(document, nil) })
		stock, others := 0, 0
		for _, statement := range w.statements {
			text := strings.ToUpper(strings.TrimSpace(statement))
			if strings.Contains(text, "_STOCKS") {
				stock++
			} else if strings.HasPrefix(text, "SELECT") && !strings.Contains(text, "EXPECTED_GOODS") {
				others++
			}
		}
		if stock != want || others > 1 {
			t.Errorf("%s takes %d statements and %d others, not %d:\n%s", document, stock, others, want,
				strings.Join(w.statements, "\n"))
		}
	}
}
