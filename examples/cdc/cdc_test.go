package cdc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/shopspring/decimal"
)

// spell is how long writers write.
const spell = 3 * time.Second

// TestFeed: caches that follow the feed, from before the writing on and from amidst it, never are
// older than they say, and end as the stock does.
func TestFeed(t *testing.T) {
	f := newFloor(t, serve(t, "sqlite:"+filepath.Join(t.TempDir(), "stock.db")))
	caches := []*Cache{NewCache(), NewCache()}
	follow(t, f.feed(caches[0], func(err error) { t.Error(err) }).Run)
	follow(t, func(ctx context.Context) {
		time.Sleep(spell / 3)
		f.feed(caches[1], func(err error) { t.Error(err) }).Run(ctx)
	})
	f.busy(t, caches, spell)
	for _, cache := range caches {
		f.settled(t, cache)
	}
	// The check is seen to bite: a cache that nobody tells anything, and that says it is complete.
	liar := NewCache()
	liar.complete(time.Now())
	stock, asOf, err := liar.Get(keyOf(0), fresh)
	if _, complaint := f.complaint(keyOf(0), stock, asOf); err != nil || complaint == "" {
		t.Error("a cache that lies is not found", err)
	}
}

// TestBinlog: the same of caches that listen to the database; one begins anew all the time.
func TestBinlog(t *testing.T) {
	address, url := database(t)
	f := newFloor(t, serve(t, url))
	caches := []*Cache{NewCache(), NewCache(), NewCache()}
	for i, cache := range caches {
		follower := &Binlog{Address: address, ServerID: uint32(1000 + i), Warehouse: testWarehouse,
			Every: 20 * time.Millisecond, Cache: cache, Failed: func(err error) { t.Error(err) }}
		switch i {
		case 0:
			follow(t, follower.Run)
		case 1:
			follow(t, func(ctx context.Context) {
				time.Sleep(spell / 3)
				follower.Run(ctx)
			})
		default:
			follow(t, func(ctx context.Context) {
				// It lasts a little longer each time, so that it gets somewhere on a busy machine, too.
				for lasts := spell / 30; ctx.Err() == nil; lasts += lasts / 10 {
					short, cancel := context.WithTimeout(ctx, lasts)
					follower.Run(short)
					cancel()
				}
			})
		}
	}
	f.busy(t, caches, spell)
	for _, cache := range caches {
		f.settled(t, cache)
	}
}

// database makes one on the server of the tests, and a user who may no more than listen and read.
func database(t *testing.T) (address mysql.ConnParams, url string) {
	t.Helper()
	server := os.Getenv("TIERSTOCK_TEST_MYSQL")
	rest, isMySQL := strings.CutPrefix(server, "mysql://root@")
	host, text, _ := strings.Cut(strings.TrimSuffix(rest, "/"), ":")
	port, err := strconv.Atoi(text)
	if !isMySQL || err != nil {
		t.Fatal("TIERSTOCK_TEST_MYSQL is no server on this machine: scripts/test.sh says how one with " +
			"a binary log is started")
	}
	name := fmt.Sprintf("cdc_%d", time.Now().UnixNano())
	root := mysql.ConnParams{Host: host, Port: port, Uname: "root"}
	conn, err := mysql.Connect(t.Context(), &root)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"CREATE DATABASE " + name,
		"CREATE USER " + name + " IDENTIFIED BY 'secret'",
		"GRANT SELECT ON " + name + ".* TO " + name,
		"GRANT REPLICATION SLAVE ON *.* TO " + name} {
		if _, err := conn.ExecuteFetch(statement, 0, false); err != nil {
			t.Fatal(statement, err)
		}
	}
	return mysql.ConnParams{Host: host, Port: port, Uname: name, Pass: "secret", DbName: name},
		server + name
}

func stock(onHand int64) Stock { return Stock{OnHand: decimal.NewFromInt(onHand)} }

// TestCache: flows that come twice or late do no harm, and what is too old is not answered.
func TestCache(t *testing.T) {
	cache := NewCache()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	cache.now = func() time.Time { return now }
	key := Key{Zone: "Z", SKU: "S"}
	if _, _, err := cache.Get(key, time.Hour); !errors.Is(err, ErrStale) {
		t.Error(err)
	}
	cache.replace(map[Key]row{key: {Stock: stock(5)}})
	second := change{key, row{stock(7), 2}}
	for _, one := range []change{{key, row{stock(6), 1}}, second, {key, row{stock(6), 1}}, second} {
		cache.apply([]change{one})
	}
	cache.complete(now)
	cache.complete(now.Add(-time.Minute))
	now = now.Add(time.Second)
	got, asOf, err := cache.Get(key, time.Second)
	if err != nil || !sameStock(got, stock(7)) || now.Sub(asOf) != time.Second {
		t.Error(got, asOf, err)
	}
	if got, _, err := cache.Get(Key{Zone: "Z", SKU: "T"}, time.Second); err != nil ||
		!got.Available().IsZero() {
		t.Error(got, err)
	}
	now = now.Add(time.Nanosecond)
	if got, _, err := cache.Get(key, time.Second); !errors.Is(err, ErrStale) || !got.OnHand.IsZero() {
		t.Error(got, err)
	}
}

// script answers GraphQL with what is next in a list, and fails the test when there is no more.
func script(t *testing.T, answers ...string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Variables map[string]any }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(answers) == 0 {
			t.Error(err, body)
			return
		}
		after, answer, _ := strings.Cut(answers[0], " ")
		answers = answers[1:]
		if after != "-" && body.Variables["after"] != after {
			t.Errorf("after %v, not %s", body.Variables["after"], after)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return server
}

func flowsAnswer(after string, more bool, safeSeq int, seqs ...int) string {
	edges := []string{}
	for _, seq := range seqs {
		edges = append(edges, fmt.Sprintf(`{"node": {"seq": "%d", "rowSeq": "%d", "tier": "ZONE",
			"zone": "Z", "sku": "S", "onHandAfter": "%d", "reservedAfter": "0", "frozenAfter": "0"}}`,
			seq, seq, seq))
	}
	return fmt.Sprintf(`%s {"data": {"flows": {"safeSeq": "%d", "pageInfo": {"hasNextPage": %t},
		"edges": [%s]}}}`, after, safeSeq, more, strings.Join(edges, ","))
}

// TestPlaces: the moment moves on when the end of an earlier poll is reached, and a place whose
// flows are archived leads to a new snapshot.
func TestPlaces(t *testing.T) {
	const place = `- {"data": {"flows": {"safeSeq": "%d"}}}`
	const rows = `- {"data": {"zoneStocks": {"pageInfo": {"hasNextPage": false}, "edges": [{"node":
		{"zone": "Z", "sku": "S", "onHand": "%d", "reserved": "0", "frozen": "0"}}]}}}`
	server := script(t,
		fmt.Sprintf(place, 10), fmt.Sprintf(rows, 10),
		flowsAnswer("10", true, 14, 11, 12), // a goal: 14, at 1
		flowsAnswer("12", true, 18, 13, 14), // it is reached; the next one: 18, at 2
		flowsAnswer("14", true, 20, 15, 16),
		flowsAnswer("16", false, 20, 17, 18), // the end
		`20 {"errors": [{"message": "archived", "extensions": {"code": "BAD_CURSOR"}}]}`,
		fmt.Sprintf(place, 30), fmt.Sprintf(rows, 30), flowsAnswer("30", false, 31))
	cache := NewCache()
	seconds := 0
	base := time.Now()
	cache.now = func() time.Time { return base.Add(time.Duration(seconds) * time.Second) }
	f := (&floor{url: server.URL}).feed(cache, nil)
	for step, want := range []struct {
		more     bool
		code     string
		moment   int // 0 is none yet
		expected int64
	}{
		{more: true, expected: 12}, {more: true, moment: 1, expected: 14},
		{more: true, moment: 1, expected: 16}, {moment: 4, expected: 18},
		{code: badCursor, moment: 4, expected: 18}, {moment: 6, expected: 30},
	} {
		seconds++
		more, err := f.step(t.Context())
		if more != want.more || codeOf(err) != want.code || (err != nil) != (want.code != "") {
			t.Error(step, more, err)
		}
		got, asOf, err := cache.Get(Key{Zone: "Z", SKU: "S"}, time.Hour)
		if (err == nil) != (want.moment > 0) || err == nil && (!sameStock(got, stock(want.expected)) ||
			!asOf.Equal(base.Add(time.Duration(want.moment)*time.Second))) {
			t.Error(step, got, asOf.Sub(base), err)
		}
	}
}
