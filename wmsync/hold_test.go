package wmsync_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/wmsync"
)

// A run that is cut off keeps what it has told, so that a slow system is told all in the end.
func TestSlowSystemIsToldAll(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.service.SetRoundTime(50 * time.Millisecond)
		var want []string
		for i := range 40 {
			b.Receive("F1", fmt.Sprint(i+1)).OK()
			want = append(want, fmt.Sprint(i+1))
		}
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			time.Sleep(10 * time.Millisecond)
			return wmsync.Receipt{Outcome: wmsync.Applied}
		}
		for range 8 {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			_ = b.service.Relay(ctx, "erp1", b.Warehouse)
			cancel()
		}
		b.wantTold(strings.Join(want, " "))
	})
}

// A round in which nothing was to be sent does not make a system well that has failed.
func TestSilenceIsNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.down = wmsync.Fail(wmsync.Unreachable, "connection refused")
		b.Receive("F1", "1").OK()
		for range 2 {
			b.letTimePass()
			b.relay()
		}
		b.Write(`UPDATE sync_places SET retry_at = 0 WHERE warehouse = ?`, b.Warehouse)
		b.Freeze("F1", "1").OK() // nothing to tell, but the feed goes on
		b.relay()
		streams, err := b.service.Streams(t.Context(), "erp1", nil)
		if err != nil {
			t.Fatal(err)
		}
		push := streams[len(streams)-1]
		if push.Failures != 2 || push.State != wmsync.StreamFailing {
			t.Errorf("%+v", push)
		}
	})
}

// What was put back goes first, and those behind it wait for their time all the same.
func TestPutBackBeforeOneThatWaits(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "1").OK()
		b.Receive("F1", "2").OK()
		b.Receive("F1", "3").OK()
		b.far.judge = func(m wmsync.Movement) wmsync.Receipt {
			switch m.Qty {
			case "1":
				return wmsync.Receipt{Outcome: wmsync.Rejected}
			case "2":
				return wmsync.Receipt{Outcome: wmsync.Retry, RetryAfter: time.Hour}
			}
			return wmsync.Receipt{Outcome: wmsync.Applied}
		}
		b.relay()
		b.far.judge = nil
		b.requeue(b.dead("rejected")...)
		b.Receive("F1", "4").OK()
		b.relay()
		b.wantTold("1")
		b.letTimePass()
		b.relay()
		b.wantTold("1 2 3 4")
	})
}

// An article that waits keeps no other waiting, however much of it there is.
func TestManyAreHeldBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.judge = func(m wmsync.Movement) wmsync.Receipt {
			if m.SKU == "tea" {
				return wmsync.Receipt{Outcome: wmsync.Retry, RetryAfter: time.Hour}
			}
			return wmsync.Receipt{Outcome: wmsync.Applied}
		}
		for call := range 21 {
			lines := make([]model.ReceiveLine, 250)
			for i := range lines {
				lines[i] = model.ReceiveLine{Key: stocktest.Line(fmt.Sprint(call, "-", i)),
					At: b.InZone("F1"), Bin: "F1", Qty: model.Whole(1)}
			}
			if _, err := b.Tier2.Receive(t.Context(), flow.Mode{}, lines); err != nil {
				t.Fatal(err)
			}
		}
		b.relay()
		b.Receive("F1", "7", func(line *model.ReceiveLine) { line.At.SKU = stocktest.Salt }).OK()
		b.relay()
		b.wantTold("7")
		b.far.judge = nil
		b.letTimePass()
		b.relay()
		last := int64(0)
		for _, movement := range b.far.ledger[1:] {
			if movement.Seq <= last {
				t.Fatalf("%d after %d", movement.Seq, last)
			}
			last = movement.Seq
		}
		if len(b.far.ledger) != 5251 {
			t.Errorf("told %d", len(b.far.ledger))
		}
	})
}
