package sample

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

func TestExplain(t *testing.T) {
	path := "/tmp/g-exp/x.db"
	os.Remove(path)
	os.Remove(path + "-wal")
	os.Remove(path + "-shm")
	ctx := context.Background()
	var mu sync.Mutex
	seen := map[string]int{}
	db, err := store.Open(ctx, "sqlite:"+path, store.Options{Trace: func(s string) { mu.Lock(); seen[s]++; mu.Unlock() }})
	if err != nil {
		t.Fatal(err)
	}
	db.Migrate(ctx)
	cat := master.New(db)
	e := flow.New(db, cat, flow.Options{Choose: allocation.Choose})
	s := &Site{db, cat, tier2.New(db, e), tier3.New(db, e), allocation.New(e)}
	out, err := s.Play(ctx, Replay{Days: 300})
	t.Log(out, err, time.Now())
	raw, _ := sql.Open("sqlite", path)
	plans := map[string]string{}
	for q := range seen {
		n := strings.Count(q, "?")
		args := make([]any, n)
		for i := range args {
			args[i] = 1
		}
		if strings.HasPrefix(q, "BEGIN") || strings.HasPrefix(q, "COMMIT") || strings.HasPrefix(q, "CREATE") {
			continue
		}
		rows, err := raw.Query("EXPLAIN QUERY PLAN "+q, args...)
		if err != nil {
			continue
		}
		var plan []string
		for rows.Next() {
			var a, b, c int
			var d string
			rows.Scan(&a, &b, &c, &d)
			plan = append(plan, d)
		}
		rows.Close()
		p := strings.Join(plan, "\n      ")
		key := strings.Join(strings.Fields(q), " ")
		if len(key) > 160 {
			key = key[:160]
		}
		uniq := map[string]bool{}
		var short []string
		for _, l := range strings.Split(p, "\n      ") {
			if !uniq[l] && !strings.HasPrefix(l, "INDEX ") {
				uniq[l] = true
				short = append(short, l)
			}
		}
		plans[key+"\n      "+strings.Join(short, "\n      ")] = fmt.Sprint(strings.Count(q, "?"))
	}
	var keys []string
	for k := range plans {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Println(plans[k], k)
	}
}
