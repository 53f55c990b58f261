package stocktest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// counter counts statements.
type counter struct {
	mutex sync.Mutex
	seen  []string
}

func (c *counter) record(sql string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.seen = append(c.seen, sql)
}

// during counts the statements of a call.
func (c *counter) during(call func()) int {
	c.mutex.Lock()
	c.seen = nil
	c.mutex.Unlock()
	call()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.seen)
}

// kinds sums up what was seen by how statements begin.
func (c *counter) kinds() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	counts := map[string]int{}
	for _, sql := range c.seen {
		words := strings.Fields(sql)
		counts[strings.Join(words[:min(12, len(words))], " ")]++
	}
	var text strings.Builder
	for kind, count := range counts {
		fmt.Fprintf(&text, "\n%5d %s", count, kind)
	}
	return text.String()
}

// eachCounted runs a test on a fresh database of every kind, whose statements are counted.
func eachCounted(t *testing.T, test func(t *testing.T, s *Site, c *counter)) {
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			url := backend.URL(t)
			Migrated(t, url)
			c := &counter{}
			db, err := store.Open(t.Context(), url, store.Options{Trace: c.record})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			test(t, New(t, db), c)
		})
	}
}

// stock brings so much of each SKU into a bin, in calls of the contract's size.
func (s *Site) stock(skus []string, bin func(i int) string,
	edit func(i int, l *model.ReceiveLine)) {
	s.t.Helper()
	var lines []model.ReceiveLine
	for i, sku := range skus {
		line := model.ReceiveLine{Key: lineKey("STOCK", i), At: s.InZone(bin(i)), Bin: bin(i),
			Qty: model.Whole(100)}
		line.At.SKU = sku
		if edit != nil {
			edit(i, &line)
		}
		lines = append(lines, line)
	}
	for begin := 0; begin < len(lines); begin += flow.LinesMax {
		results, err := s.Tier2.Receive(s.t.Context(), flow.Mode{},
			lines[begin:min(begin+flow.LinesMax, len(lines))])
		if err != nil {
			s.t.Fatal(err)
		}
		for _, result := range results {
			if result.Code != model.Applied {
				s.t.Fatalf("%+v", result)
			}
		}
	}
	s.trace = s.traces()
}

// articles are new SKUs of that many codes.
func (s *Site) articles(count int) (codes []string) {
	s.t.Helper()
	var inputs []master.SKUInput
	for i := range count {
		codes = append(codes, fmt.Sprintf("%s-%d", s.Warehouse, i))
		inputs = append(inputs, master.SKUInput{Code: codes[i]})
	}
	for begin := 0; begin < count; begin += flow.LinesMax {
		s.Masters(s.Catalog.UpsertSKUs(s.t.Context(),
			inputs[begin:min(begin+flow.LinesMax, count)]))
	}
	return codes
}

// ordersOf are orders of five lines each over the SKUs in turn. The last of each begins to be short
// where there are more than the stock serves.
func (s *Site) ordersOf(name string, count int, skus []string) (orders []model.Order) {
	s.t.Helper()
	for i := range count {
		order := s.Order(fmt.Sprint(name, i), "1", "1", "1", "1", "1")
		for l := range order.Lines {
			order.Lines[l].SKU = skus[(5*i+l)%len(skus)]
		}
		orders = append(orders, order)
	}
	return orders
}

// waveStatementsMax is how many statements a wave of up to a thousand lines may take: a few for
// each of its batches and for its shortages, and none for a line.
const waveStatementsMax = 90

// "The whole wave is decided from locked balances in a few statements (no query per line)".
func TestWaveTakesFewStatements(t *testing.T) {
	eachCounted(t, func(t *testing.T, s *Site, c *counter) {
		skus := s.articles(500)
		s.stock(skus[:400], func(i int) string { return []string{"F1", "F2", "B1"}[i%3] }, nil)
		counts := map[string][2]int{}
		for _, kind := range []string{"", "FEFO", "NEAREST", "FEWEST_BINS", "FULL_PACKS"} {
			var pair [2]int
			for i, orders := range []int{40, 200} {
				wave := model.Wave{Orders: s.ordersOf(fmt.Sprint(kind, orders, "-"), orders, skus),
					Strategy: kind, CreateTasks: kind != ""}
				for _, again := range []bool{false, true} {
					count := c.during(func() {
						if _, err := s.Allocation.Allocate(t.Context(), flow.Mode{}, wave); err != nil {
							t.Fatal(err)
						}
					})
					if pair[i] = max(pair[i], count); count > waveStatementsMax {
						t.Errorf("a wave of %d orders by %q (again: %t) took %d statements:%s", orders,
							kind, again, count, c.kinds())
					}
				}
			}
			counts[kind] = pair
		}
		t.Log("statements of 40 and of 200 orders of 5 lines:", counts)
		s.Verify()
	})
}

// Ten thousand candidates for one line are chosen among in few statements and in bounded time.
func TestTenThousandCandidates(t *testing.T) {
	eachCounted(t, func(t *testing.T, s *Site, c *counter) {
		const rows = 10_000
		skus, today := make([]string, rows), make([]model.Date, 400)
		for i := range today {
			today[i] = s.Today(i)
		}
		s.stock(skus, func(i int) string { return []string{"F1", "F2", "F3", "B1", "B2"}[i%5] },
			func(i int, l *model.ReceiveLine) {
				l.At.SKU, l.At.Batch, l.Qty = Tea, fmt.Sprint("L", i), model.Whole(1)
				l.ExpiresOn = today[i%len(today)]
			})
		for _, strategy := range []string{"FEFO", "NEAREST", "FEWEST_BINS"} {
			orders := []model.Order{s.Order(strategy, "1", "60", "20000")}
			began := time.Now()
			var answers []model.OrderResult
			count := c.during(func() {
				var err error
				answers, err = s.Allocation.Allocate(context.Background(), flow.Mode{DryRun: true},
					model.Wave{Orders: orders, Strategy: strategy, CreateTasks: true})
				if err != nil {
					t.Fatal(err)
				}
			})
			took := time.Since(began)
			t.Logf("%s: %d statements, %s", strategy, count, took)
			lines := answers[0].Lines
			if lines[0].Code != model.Applied || lines[1].Applied != model.Whole(60) ||
				lines[2].Code != model.Partial || lines[2].Applied != model.Whole(rows-61) ||
				len(lines[2].Explanation) != model.CandidatesMax {
				t.Errorf("%s: %s %s, %s %s, %s %s", strategy, lines[0].Code, lines[0].Applied,
					lines[1].Code, lines[1].Applied, lines[2].Code, lines[2].Applied)
			}
			if count > 40 || took > 20*time.Second {
				t.Errorf("%s took %d statements and %s:%s", strategy, count, took, c.kinds())
			}
		}
	})
}
