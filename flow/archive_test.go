package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// The bench's commits are of 1970, a second apart; what is moved to this day comes later.
const recentDay = 1_600_000_000 * unit // 2020-09-13

func archiveInto(b *bench, before model.Date, shelf *stocktest.Shelf) (flow.Archived, error) {
	return flow.Archive(context.Background(), b.db, flow.ArchiveOptions{Warehouse: b.warehouse,
		Before: before, Keep: shelf.Keep})
}

func (b *bench) archive(before model.Date, shelf *stocktest.Shelf) flow.Archived {
	b.t.Helper()
	stocktest.Announce(b.t, b.db, b.warehouse)
	done, err := archiveInto(b, before, shelf)
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

func (b *bench) wantSound() {
	b.t.Helper()
	if report := verified(b.t, b.db); !report.OK() {
		b.t.Errorf("the books are broken: %v", breaches(report))
	}
}

// halfOld plays a day whose first four commits, of seven flows, are of 1970.
func (b *bench) halfOld() {
	b.t.Helper()
	old := b.tick + 4
	b.day()
	b.exec(`UPDATE commits SET recorded_at = ? WHERE warehouse = ? AND tick > ?`, recentDay,
		b.warehouse, old)
}

// What a system has not been told stays.
func TestArchiveStopsAtSystems(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.halfOld()
		b.exec(`INSERT INTO sync_places (warehouse, system, seq) VALUES ('W1', 'erp1', 3),
			('W2', 'erp1', 0)`)
		shelf := &stocktest.Shelf{}
		if done := b.archive("1971-01-01", shelf); done.Flows == 0 || done.Flows > 3 {
			t.Errorf("%+v with a system that was told of 3", done)
		}
		b.wantSound()
		b.exec(`UPDATE sync_places SET seq = 7 WHERE warehouse = 'W1'`)
		b.archive("1971-01-01", shelf)
		if len(shelf.Flows) != 7 {
			t.Errorf("%d of 7 flows went when it was told of them", len(shelf.Flows))
		}
		b.wantSound()
	})
}

func TestArchiveInParts(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		newBench(t, db, "W2").day()
		b.halfOld()
		b.exec(`INSERT INTO bare_effects (warehouse, action, job_type, task_id, recorded_at)
			VALUES ('W1', 'EXTEND', 'T', 'OLD', 1), ('W1', 'EXTEND', 'T', 'NEW', ?)`, recentDay)
		shelf := &stocktest.Shelf{}
		for i, want := range []flow.Archived{
			{Flows: 7, Commits: 4, Bare: 1, Remaining: 7}, {Remaining: 7}} {
			if done := b.archive("1971-01-01", shelf); done != want {
				t.Errorf("run %d: %+v, want %+v", i, done, want)
			}
			b.wantSound()
		}
		b.receive("ASN9", "FAST-01", "A", 5)
		b.wantSound()
		done := b.archive("2021-01-01", shelf)
		if want := (flow.Archived{Flows: 9, Commits: 4, Bare: 1}); done != want {
			t.Errorf("the rest: %+v, want %+v", done, want)
		}
		b.wantSound()
		b.receive("ASN10", "FAST-01", "A", 5)
		b.wantSound()
		if len(shelf.Flows) != 18 || len(shelf.Once()) != 18 {
			t.Errorf("%d on the shelf, %d of them once", len(shelf.Flows), len(shelf.Once()))
		}
		if all := seqs(t, db, flow.FlowFilter{}, 3); !slices.Equal(all, []int64{17, 18}) {
			t.Errorf("the feed is %v", all)
		}
	})
}

// A line on the shelf says all that the tables said.
func TestArchivedFlowsAreComplete(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		b.exec(`UPDATE bin_flows SET received_on = '1970-01-01', applied = 7, shortage = 8,
			content = 9, reason = 'ORDER', reference = 'r', note = 'n', actor = 'a', occurred_at = 6
			WHERE warehouse = 'W1' AND action = 'PIN'`)
		shelf := &stocktest.Shelf{}
		b.archive("1971-01-01", shelf)
		at := slices.IndexFunc(shelf.Flows, func(f flow.ArchivedFlow) bool {
			return f.Key.Action == model.Pin
		})
		if at != 7 {
			t.Fatalf("the PIN is number %d of %d", at, len(shelf.Flows))
		}
		got := shelf.Flows[at]
		if got.Commit == 0 || !strings.HasPrefix(got.ID, "B") || got.StockID == 0 ||
			got.Reservation == 0 {
			t.Errorf("ids: %+v", got)
		}
		got.Commit, got.ID, got.StockID, got.Reservation = 0, "", 0, 0
		want := flow.ArchivedFlow{Flow: model.Flow{Seq: 8, RowSeq: 2, Tier: model.BinTier,
			Key: b.task(model.Pin, "P1"), Zone: "FAST", Bin: "FAST-01", SKU: "A",
			Delta: model.Amounts{Reserved: 4 * model.One},
			After: model.Amounts{OnHand: 100 * model.One, Reserved: 4 * model.One},
			Audit: model.Audit{Reason: "ORDER", Reference: "r", Note: "n", OccurredAt: 6},
			Actor: "a", RecordedAt: 5 * unit}, Tick: 5, ReceivedOn: "1970-01-01", Applied: 7,
			Shortage: 8, Content: 9}
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// Killed at any point, nothing is lost and nothing doubled: before the transaction, and in it.
func TestArchiveAfterACrash(t *testing.T) {
	crashes := map[string]func(b *bench, stop func()){
		"before the transaction": func(_ *bench, stop func()) { stop() },
		"in the transaction": func(b *bench, _ func()) {
			b.exec(`DELETE FROM bin_flows WHERE warehouse = 'W1' AND task_id = 'F1'`)
		},
	}
	for name, crash := range crashes {
		t.Run(name, func(t *testing.T) {
			stocktest.Each(t, func(t *testing.T, db *store.DB) {
				b := newBench(t, db, "W1")
				b.day()
				shelf := &stocktest.Shelf{}
				ctx, stop := context.WithCancel(context.Background())
				defer stop()
				stocktest.Announce(t, db, "W1")
				before := b.content()
				_, err := flow.Archive(ctx, db, flow.ArchiveOptions{Warehouse: "W1",
					Before: "1971-01-01",
					Keep: func(ctx context.Context, flows []flow.ArchivedFlow) error {
						crash(b, stop)
						return shelf.Keep(ctx, flows)
					}})
				if err == nil {
					t.Fatal("it went on")
				}
				if name == "in the transaction" {
					if !strings.Contains(err.Error(), "bin_flows: 6 of 7 rows") {
						t.Error(err)
					}
					return
				}
				if after := b.content(); after != before {
					t.Errorf("before %v, after %v", before, after)
				}
				b.wantSound()
				b.archive("1971-01-01", shelf)
				b.wantSound()
				if len(shelf.Flows) != 28 || len(shelf.Once()) != 14 {
					t.Errorf("%d on the shelf, %d of them once", len(shelf.Flows),
						len(shelf.Once()))
				}
			})
		})
	}
}

// content counts what archiving moves.
func (b *bench) content() (counts [6]int) {
	b.t.Helper()
	for i, table := range []string{"zone_flows", "bin_flows", "commits", "archives",
		"archived_keys", "checkpoints"} {
		rows, err := b.db.Reader().Query(context.Background(),
			"SELECT COUNT(*) FROM "+table+" WHERE warehouse = ?", b.warehouse)
		if err != nil {
			b.t.Fatal(err)
		}
		for rows.Next() {
			if err := rows.Scan(&counts[i]); err != nil {
				b.t.Fatal(err)
			}
		}
		_ = rows.Close()
	}
	return counts
}

// Two archivers never work at once; and should one be paused past its lease, it finds that the
// other has gone on, and gives up.
func TestTwoArchivers(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		stocktest.Announce(t, db, "W1")
		first, second := &stocktest.Shelf{}, &stocktest.Shelf{}
		_, err := flow.Archive(context.Background(), db, flow.ArchiveOptions{Warehouse: "W1",
			Before: "1971-01-01",
			Keep: func(ctx context.Context, flows []flow.ArchivedFlow) error {
				_, err := archiveInto(b, "1971-01-01", second)
				refusal, ok := errors.AsType[*model.Refusal](err)
				if !ok || refusal.Code != model.Busy {
					t.Errorf("while another archives: %v", err)
				}
				b.exec(`UPDATE leases SET expires_at = 0 WHERE name LIKE 'archive.%'`)
				b.archive("1971-01-01", second)
				return first.Keep(ctx, flows)
			}})
		if err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("the first, cut off: %v", err)
		}
		b.wantSound()
		if got := b.content(); got != [6]int{0, 0, 0, 1, 6, 7} {
			t.Errorf("left are %v", got)
		}
		if len(second.Flows) != 14 || len(first.Flows) != 14 {
			t.Errorf("%d and %d flows", len(first.Flows), len(second.Flows))
		}
	})
}

func TestArchiveRefusals(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		for before, words := range map[model.Date]string{
			"2999-01-01": "too late for warehouse W1: what was done in the last 24 hours stays",
			"1971-02-30": "not a date"} {
			_, err := archiveInto(b, before, nil)
			if refusal, ok := errors.AsType[*model.Refusal](err); !ok ||
				refusal.Field != "before" || !strings.Contains(refusal.Message, words) {
				t.Errorf("%s: %v", before, err)
			}
		}
		stranger := *b
		stranger.warehouse = "W9"
		_, err := archiveInto(&stranger, "1971-01-01", nil)
		if refusal, ok := errors.AsType[*model.Refusal](err); !ok || refusal.Code != model.NotFound {
			t.Errorf("an unknown warehouse: %v", err)
		}
		b.exec(`UPDATE zone_stocks SET on_hand = on_hand + 1 WHERE warehouse = 'W1' AND id = ?`,
			b.zone("FAST", "A").id)
		if _, err := archiveInto(b, "1971-01-01", nil); !errors.Is(err, flow.ErrBroken) {
			t.Errorf("broken books: %v", err)
		}
	})
}

// Who follows the feed from a place in archived history is told; who asks for what there is gets
// that; and whoever asks after an archived key is not told that it never was.
func TestReadersOfArchivedHistory(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		b := newBench(t, db, "W1")
		b.halfOld()
		b.archive("1971-01-01", &stocktest.Shelf{})
		for after, want := range map[int64]error{flow.FromBeginning: nil, 0: flow.ErrArchivedPlace,
			6: flow.ErrArchivedPlace, 7: nil, 9: nil, 99: nil} {
			page, err := flow.Flows(ctx, db, "W1", flow.FlowFilter{}, after, 2)
			if !errors.Is(err, want) || err != nil && len(page.Rows) > 0 {
				t.Errorf("after %d: %v", after, err)
			}
			if first := max(after+1, 8); err == nil && after < 14 && page.Rows[0].Seq != first {
				t.Errorf("after %d comes %d", after, page.Rows[0].Seq)
			}
			_, err = flow.Flows(ctx, db, "W1", flow.FlowFilter{SKU: "A"}, after, 2)
			if !errors.Is(err, want) {
				t.Errorf("SKU A after %d: %v", after, err)
			}
		}
		line := model.LineKey{JobType: "T", OrderID: "ASN1", LineID: "1"}
		if _, err := flow.FlowsByLine(ctx, db, "W1", line); !errors.Is(err, flow.ErrArchivedKey) {
			t.Errorf("flows of an archived key: %v", err)
		}
		line.OrderID = "O1" // a RESERVE, which its reservation tells of
		if flows, err := flow.FlowsByLine(ctx, db, "W1", line); err != nil || len(flows) != 0 {
			t.Errorf("flows of an archived RESERVE: %v, %v", flows, err)
		}
		task := model.TaskKey{JobType: "T", TaskID: "M1"}
		if flows, err := flow.FlowsByTask(ctx, db, "W1", task); err != nil || len(flows) != 4 {
			t.Errorf("flows of a later key: %v, %v", flows, err)
		}
	})
}

// The first run of a warehouse is announced before anything goes, and waits until no batch is
// under way that has not heard of it.
func TestTheFirstArchiveIsAnnounced(t *testing.T) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db, "W1")
		b.day()
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		var waits time.Duration
		options := flow.ArchiveOptions{Warehouse: "W1", Before: "1971-01-01",
			Keep:    new(stocktest.Shelf).Keep,
			Waiting: func(rest time.Duration) { waits = rest; stop() }}
		if _, err := flow.Archive(ctx, db, options); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if waits < 70*time.Second || waits > 80*time.Second {
			t.Errorf("it waits for %s", waits)
		}
		if got := b.content(); got != [6]int{7, 7, 7, 1, 0, 0} {
			t.Errorf("meanwhile there are %v", got)
		}
		b.wantSound()
		b.exec(`UPDATE archives SET updated_at = updated_at - 80000000 WHERE warehouse = 'W1'`)
		waits = 0
		done, err := flow.Archive(context.Background(), db, options)
		if err != nil || done.Flows != 14 || waits != 0 {
			t.Errorf("%+v, %v, waited for %s", done, err, waits)
		}
	})
}
