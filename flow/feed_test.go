package flow_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

func readFeed(t *testing.T, db *store.DB, filter flow.FlowFilter, after int64,
	first int) flow.FlowPage {
	t.Helper()
	page, err := flow.Flows(context.Background(), db, "W1", filter, after, first)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// seqs follows a filter to its end, page by page: with a filter from the safe number, else from
// the last row.
func seqs(t *testing.T, db *store.DB, filter flow.FlowFilter, first int) (all []int64) {
	t.Helper()
	for after, more := flow.FromBeginning, true; more; {
		page := readFeed(t, db, filter, after, first)
		for _, flow := range page.Rows {
			all = append(all, flow.Seq)
		}
		more, after = page.More, page.SafeSeq
		if more && len(page.Rows) != first {
			t.Fatalf("a page of %d says there is more", len(page.Rows))
		}
		if reflect.DeepEqual(filter, flow.FlowFilter{}) && len(all) > 0 {
			after = all[len(all)-1]
		}
	}
	return all
}

func TestFeedIsNumberedWithoutAHole(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		other := newBench(t, db, "W2")
		other.receive("ASN1", "FAST-01", "A", 1)
		for _, first := range []int{1, 3, 200} {
			all := seqs(t, db, flow.FlowFilter{}, first)
			if len(all) != 14 || all[0] != 1 || all[13] != 14 || !slices.IsSorted(all) {
				t.Errorf("first %d: %v", first, all)
			}
		}
		b.receive("ASN9", "FAST-01", "A", 1)
		page := readFeed(t, db, flow.FlowFilter{}, 14, 10)
		if len(page.Rows) != 2 || page.SafeSeq != 16 || page.Rows[0].Tier != model.ZoneTier {
			t.Errorf("after 14: %+v", page)
		}
		if page = readFeed(t, db, flow.FlowFilter{}, 16, 10); len(page.Rows) != 0 {
			t.Errorf("after the end: %+v", page)
		}
		if page = readFeed(t, db, flow.FlowFilter{}, 3, 1); page.SafeSeq != 16 || !page.More {
			t.Errorf("the end is %d", page.SafeSeq)
		}
	})
}

func TestFeedKeepsTheOrderOfTicksNotOfIDs(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.receive("ASN1", "FAST-01", "A", 1)
		b.receive("ASN2", "FAST-01", "A", 1)
		// The second commit got its id first, in another process.
		b.exec(`UPDATE commits SET id = 1 WHERE warehouse = 'W1' AND tick = 2`)
		for _, table := range []string{"zone_flows", "bin_flows"} {
			b.exec(`UPDATE ` + table + ` SET commit_id = 1 WHERE warehouse = 'W1' AND order_id = 'ASN2'`)
		}
		page := readFeed(t, db, flow.FlowFilter{}, 0, 10)
		var rowSeqs []int64
		for _, flow := range page.Rows {
			rowSeqs = append(rowSeqs, flow.RowSeq)
		}
		if !slices.Equal(rowSeqs, []int64{1, 1, 2, 2}) {
			t.Errorf("row numbers in feed order: %v", rowSeqs)
		}
	})
}

func TestFeedFilters(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		reservation, _ := b.day()
		none, some := "", "B1"
		// recorded_at of the n-th commit is n seconds.
		second := func(n int64) model.Instant { return model.Instant(n * 1_000_000) }
		cases := map[string]struct {
			filter flow.FlowFilter
			want   []int64
		}{
			"order":            {flow.FlowFilter{OrderID: "ASN2"}, []int64{3, 4}},
			"order and action": {flow.FlowFilter{OrderID: "ASN2", Actions: []model.Action{"PICK"}}, nil},
			"task":             {flow.FlowFilter{TaskID: "M1"}, []int64{9, 10, 11, 12}},
			"task in tier 2":   {flow.FlowFilter{TaskID: "M1", Tier: model.ZoneTier}, []int64{11, 12}},
			"sku":              {flow.FlowFilter{SKU: "B"}, []int64{5, 6, 13, 14}},
			"sku in a zone":    {flow.FlowFilter{SKU: "A", Zone: "BULK"}, []int64{3, 4, 9, 11}},
			"bin":              {flow.FlowFilter{Bin: "FAST-02"}, []int64{6, 10, 13}},
			"reservation":      {flow.FlowFilter{Reservation: reservation}, []int64{7, 8}},
			"no batch":         {flow.FlowFilter{SKU: "B", Batch: &none}, []int64{5, 6, 13, 14}},
			"a batch":          {flow.FlowFilter{SKU: "B", Batch: &some}, nil},
			"time":             {flow.FlowFilter{From: second(3), To: second(5)}, []int64{5, 6, 7}},
			"time and action": {flow.FlowFilter{From: second(1), To: second(9),
				Actions: []model.Action{model.Freeze, model.Pin}}, []int64{8, 13, 14}},
		}
		for name, c := range cases {
			for _, first := range []int{1, 2, 50} {
				if got := seqs(t, db, c.filter, first); !slices.Equal(got, c.want) {
					t.Errorf("%s, %d a page: %v, want %v", name, first, got, c.want)
				}
			}
		}
		costly := []flow.FlowFilter{{Zone: "FAST"}, {Tier: model.BinTier}, {From: second(1)},
			{Batch: &none}, {From: second(1), To: second(2 + 31*24*3600)}}
		for _, filter := range costly {
			if _, err := flow.Flows(context.Background(), db, "W1", filter, 0, 1); !errors.Is(err,
				flow.ErrTooCostly) {
				t.Errorf("%+v: %v", filter, err)
			}
		}
	})
}

// A SKU that is rare in a long feed is found, whichever way the reader comes to it.
func TestFeedOfARareSKU(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.receive("FIRST", "FAST-01", "RARE", 1)
		b.bulk(3000)
		b.receive("LAST", "FAST-01", "RARE", 1)
		got := seqs(t, db, flow.FlowFilter{SKU: "RARE"}, 3)
		if !slices.Equal(got, []int64{1, 2, 3003, 3004}) {
			t.Errorf("%v", got)
		}
		if all := seqs(t, db, flow.FlowFilter{}, 200); len(all) != 3004 {
			t.Errorf("%d in all", len(all))
		}
		if all := seqs(t, db, flow.FlowFilter{SKU: "BULKY"}, 200); len(all) != 3000 {
			t.Errorf("%d of the frequent one", len(all))
		}
	})
}

// Who reads what reserves alone sees all of it, page by page, and then is at the feed's end.
func TestReservesAreThoseOfTheFeed(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		b.bulk(1500)
		b.receive("LAST", "FAST-01", "A", 1)
		var want []int64
		for _, flow := range readFeed(t, db, flow.FlowFilter{}, 0, 2000).Rows {
			if flow.Tier == model.ZoneTier && flow.Key.Action == model.Reserve {
				want = append(want, flow.Seq)
			}
		}
		if len(want) != 1501 {
			t.Fatal(len(want), "flows reserve")
		}
		for _, first := range []int{70, 1501, 2000} {
			var got []int64
			after := flow.FromBeginning
			for more := true; more; {
				page, err := flow.Reserves(t.Context(), db, "W1", after, first)
				if err != nil {
					t.Fatal(err)
				}
				for _, flow := range page.Rows {
					got = append(got, flow.Seq)
				}
				more, after = page.More, page.SafeSeq
			}
			if !slices.Equal(got, want) || after != 1516 {
				t.Errorf("%d a page: %d flows up to %d", first, len(got), after)
			}
		}
	})
}

// bulk writes many commits of one flow in one transaction.
func (b *bench) bulk(count int) {
	ctx := context.Background()
	row := b.zone("FAST", "BULKY")
	err := b.db.Transact(ctx, func(tx *store.Tx) error {
		for range count {
			b.tick++
			row.seq++
			id := b.db.NewID()
			_, err := tx.Exec(ctx, `INSERT INTO commits (warehouse, id, tick, flows, recorded_at)
				VALUES (?, ?, ?, 1, ?)`, b.warehouse, id, b.tick, b.tick*unit)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO zone_flows (warehouse, commit_id, pos, stock_id,
				row_seq, action, job_type, order_id, leg, zone, on_hand_delta, reserved_delta,
				frozen_delta, on_hand_after, reserved_after, frozen_after)
				VALUES (?, ?, 0, ?, ?, 'RESERVE', 'T', ?, 0, 'FAST', 0, 0, 0, 0, 0, 0)`, b.warehouse,
				id, row.id, row.seq, fmt.Sprint("BULK", row.seq))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// Writers commit in any order, several processes number the feed, and still a reader that goes on
// from its last number sees each flow once.
func TestFeedReadersMissNothingAndSeeNothingTwice(t *testing.T) {
	const writers, commits, readers = 6, 25, 3
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		for writer := range writers {
			b.zone("FAST", fmt.Sprint("S", writer%3))
		}
		var writing, reading sync.WaitGroup
		for writer := range writers {
			writing.Go(func() { writeFlows(b, writer, commits) })
		}
		done := make(chan struct{})
		for range readers {
			reading.Go(func() { followFeed(t, db, done, writers*commits) })
		}
		writing.Wait()
		close(done)
		reading.Wait()
	})
}

// writeFlows commits flows of one row that another writer shares, under the row's lock.
func writeFlows(b *bench, writer, commits int) {
	ctx := context.Background()
	row := b.rows[fmt.Sprint(benchRow{zone: "FAST", sku: fmt.Sprint("S", writer%3)})]
	for i := range commits {
		id := b.db.NewID()
		err := b.db.Transact(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE zone_stocks SET row_seq = row_seq + 1, tick = tick + 1
				WHERE warehouse = 'W1' AND id = ?`, row.id)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO zone_flows (warehouse, commit_id, pos, stock_id,
				row_seq, action, order_id, leg, zone, on_hand_delta, reserved_delta, frozen_delta,
				on_hand_after, reserved_after, frozen_after)
				SELECT warehouse, ?, 0, id, row_seq, 'RESERVE', ?, 0, zone, 0, 0, 0, 0, 0, 0
				FROM zone_stocks WHERE warehouse = 'W1' AND id = ?`, id,
				fmt.Sprintf("%d-%d", writer, i), row.id)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO commits (warehouse, id, tick, flows, recorded_at)
				SELECT warehouse, ?, tick, 1, 1 FROM zone_stocks WHERE warehouse = 'W1' AND id = ?`,
				id, row.id)
			return err
		})
		if err != nil {
			b.t.Error(err)
			return
		}
	}
}

func followFeed(t *testing.T, db *store.DB, done <-chan struct{}, want int) {
	seen := map[string]bool{}
	rowSeqs := map[string]int64{}
	var after int64
	for ended := false; ; {
		page, err := flow.Flows(context.Background(), db, "W1", flow.FlowFilter{}, after, 7)
		if err != nil {
			t.Error(err)
			return
		}
		for _, flow := range page.Rows {
			if seen[flow.ID] || flow.Seq != after+1 || flow.RowSeq != rowSeqs[flow.SKU]+1 {
				t.Errorf("after %d came %+v", after, flow)
			}
			seen[flow.ID], after, rowSeqs[flow.SKU] = true, flow.Seq, flow.RowSeq
		}
		if ended && !page.More {
			break
		}
		select {
		case <-done:
			ended = true
		default:
		}
	}
	if len(seen) != want {
		t.Errorf("saw %d of %d flows", len(seen), want)
	}
}
