package sample

import (
	"context"
	"os"
	"testing"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

func TestScratch(t *testing.T) {
	h, err := History()
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Now()
	pl := newPlan(h, "2026-11-22")
	var held, asked int64
	var rec, open int
	for _, d := range pl.days {
		held += d.held
		rec += len(d.receive)
		open += len(d.open)
		for _, o := range d.orders {
			asked += o.Pieces
		}
	}
	t.Log(time.Since(t0), len(pl.days), len(pl.articles), len(pl.opening), "receipts", rec, "opened", open, float64(held)/float64(asked), pl.days[0].on)
	url := os.Getenv("ZZDB")
	if url == "" {
		url = "sqlite:" + t.TempDir() + "/x.db"
	}
	ctx := context.Background()
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	cat := master.New(db)
	e := flow.New(db, cat, flow.Options{Choose: allocation.Choose})
	s := &Site{db, cat, tier2.New(db, e), tier3.New(db, e), allocation.New(e)}
	out, err := s.Play(ctx, Replay{Days: 0, Tell: func(d, n int) {
		if d%100 == 0 {
			t.Log(d, time.Since(t0))
		}
	}})
	t.Logf("%+v %v", out, err)
}
