package cdc

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

const (
	testWarehouse = "W1"
	// writers each have a SKU of their own and one in a zone of its own, so that what they wrote is
	// known to nobody else.
	writers = 6
	// fresh is how old an answer of a cache may be in a test that waits for one.
	fresh = time.Minute
)

// witness is how much of a SKU there was when a write of it had been answered. What is received
// rises, so that less is older.
type witness struct {
	onHand     decimal.Decimal
	answeredAt time.Time
}

// floor is a warehouse that is written to.
type floor struct {
	url string

	mu        sync.Mutex
	witnesses map[Key][]witness
}

func keyOf(writer int) Key {
	return Key{Zone: fmt.Sprintf("Z%d", writer%2), SKU: fmt.Sprintf("S%02d", writer),
		Batch: fmt.Sprintf("B%d", writer%3)}
}

func newFloor(t *testing.T, url string) *floor {
	t.Helper()
	var lines []map[string]any
	for writer := range writers {
		lines = append(lines, map[string]any{"code": keyOf(writer).SKU, "decimals": 1})
	}
	ask(t, url, `mutation($skus: [SkuInput!]!) {
		upsertWarehouses(lines: {code: "W1"}) { created }
		upsertZones(lines: [{warehouse: "W1", code: "Z0"}, {warehouse: "W1", code: "Z1"}]) { created }
		upsertSkus(lines: $skus) { created }
	}`, map[string]any{"skus": lines}, &struct{}{})
	f := &floor{url: url, witnesses: map[Key][]witness{}}
	for writer := range writers {
		f.write(t, writer, 0)
	}
	return f
}

const writeMutation = `mutation($receive: [ReceiveLine!]!, $reserve: [ReserveLine!]!,
	$release: [ReleaseLine!]!, $gives: Boolean!) {
	receive(lines: $receive) { applied }
	reserve(lines: $reserve) { applied }
	release(lines: $release) @include(if: $gives) { applied }
}`

// write receives some, holds one and, now and then, gives it back at once.
func (f *floor) write(t *testing.T, writer, number int) {
	key := keyOf(writer)
	line := map[string]any{"jobType": "J", "orderId": fmt.Sprintf("%s-%d", key.SKU, number),
		"lineId": "1"}
	at := map[string]any{"warehouse": testWarehouse, "zone": key.Zone, "sku": key.SKU,
		"batch": key.Batch}
	release := []any{map[string]any{"key": line, "warehouse": testWarehouse}}
	gives := number%3 == 1
	var answer struct{ Receive, Reserve, Release struct{ Applied int } }
	ask(t, f.url, writeMutation, map[string]any{
		"receive": []any{map[string]any{"key": line, "at": at, "qty": "2.5"}},
		"reserve": []any{map[string]any{"key": line, "warehouse": testWarehouse, "sku": key.SKU,
			"qty": "1"}},
		"release": release, "gives": gives,
	}, &answer)
	if answer.Receive.Applied != 1 || answer.Reserve.Applied != 1 ||
		(answer.Release.Applied == 1) != gives {
		t.Errorf("%+v", answer)
	}
	answered := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.witnesses[key] = append(f.witnesses[key], witness{
		decimal.NewFromInt(int64(number) + 1).Mul(decimal.RequireFromString("2.5")), answered})
}

// complaint says what is wrong with an answer of a cache: a write that was answered before its
// moment, and that it does not show.
func (f *floor) complaint(key Key, stock Stock, asOf time.Time) (looked int, complaint string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, seen := range f.witnesses[key] {
		if !seen.answeredAt.Before(asOf) {
			break
		}
		looked++
		if stock.OnHand.LessThan(seen.onHand) {
			return looked, fmt.Sprintf("%+v: %s as of %v, but %s was answered at %v", key,
				stock.OnHand, asOf, seen.onHand, seen.answeredAt)
		}
	}
	return looked, ""
}

// busy lets all write, and somebody ask the caches again and again, until the time is over.
func (f *floor) busy(t *testing.T, caches []*Cache, spell time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), spell)
	defer cancel()
	var all sync.WaitGroup
	var written, looked atomic.Int64
	for writer := range writers {
		all.Go(func() {
			for number := 1; ctx.Err() == nil; number++ {
				f.write(t, writer, number)
				written.Add(1)
			}
		})
	}
	moments := map[time.Time]bool{}
	var ages []time.Duration
	all.Go(func() {
		for ctx.Err() == nil {
			for _, cache := range caches {
				key := keyOf(rand.IntN(writers))
				stock, asOf, err := cache.Get(key, fresh)
				if err != nil {
					continue // it does not know enough yet, and says so
				}
				moments[asOf] = true
				ages = append(ages, time.Since(asOf))
				found, complaint := f.complaint(key, stock, asOf)
				looked.Add(int64(found))
				if complaint != "" {
					t.Error(complaint)
				}
			}
			time.Sleep(time.Millisecond)
		}
	})
	all.Wait()
	slices.Sort(ages)
	t.Logf("%d writes, %d comparisons; %d answers, of %d moments", written.Load(), looked.Load(),
		len(ages), len(moments))
	if len(ages) > 0 {
		t.Logf("half of them were at most %v old, all at most %v", ages[len(ages)/2],
			ages[len(ages)-1])
	}
	if looked.Load() == 0 || len(moments) < 5 {
		t.Error("the caches were not seen to follow")
	}
}

// settled waits until a cache is complete as of now, and compares it with all there is.
func (f *floor) settled(t *testing.T, cache *Cache) {
	t.Helper()
	written := time.Now()
	var all map[Key]Stock
	for until := written.Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		known, asOf, err := cache.All(fresh)
		if err == nil && asOf.After(written) {
			all = known
			break
		}
		if time.Now().After(until) {
			t.Fatal(asOf, err)
		}
	}
	want := f.stocks(t)
	if !maps.EqualFunc(all, want, sameStock) {
		t.Errorf("the cache has\n%v, not\n%v", all, want)
	}
}

func sameStock(one, other Stock) bool {
	return one.OnHand.Equal(other.OnHand) && one.Reserved.Equal(other.Reserved) &&
		one.Frozen.Equal(other.Frozen)
}

// stocks are the rows there are.
func (f *floor) stocks(t *testing.T) map[Key]Stock {
	t.Helper()
	var page struct {
		ZoneStocks struct{ Edges []struct{ Node stockNode } }
	}
	ask(t, f.url, stocksQuery, map[string]any{"warehouse": testWarehouse, "first": pageSize}, &page)
	all := map[Key]Stock{}
	for _, edge := range page.ZoneStocks.Edges {
		n := edge.Node
		all[n.Key] = Stock{n.OnHand, n.Reserved, n.Frozen}
	}
	if len(all) != writers {
		t.Error(all)
	}
	return all
}

func (f *floor) feed(cache *Cache, failed func(error)) *Feed {
	return &Feed{URL: f.url, Warehouse: testWarehouse, Every: 20 * time.Millisecond,
		Client: http.DefaultClient, Cache: cache, Failed: failed}
}

// follow lets a follower run for as long as the test does.
func follow(t *testing.T, run func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}
