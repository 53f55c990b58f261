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
