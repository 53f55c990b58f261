package wmsync_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

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
		if err != nil || streams[4].Failures != 2 || streams[4].State != wmsync.StreamFailing {
			t.Errorf("%+v %v", streams[4], err)
		}
	})
}
