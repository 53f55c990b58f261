package wmsync

import (
	"testing"
	"time"
)

// TestSchedule: how often a stream is pulled, as people write it.
func TestSchedule(t *testing.T) {
	for want, pulling := range map[string]Pulling{"every 10s": {Every: 10 * time.Second},
		"every 1m": {Every: time.Minute}, "every 10m": {Every: 10 * time.Minute},
		"every 1h": {Every: time.Hour}, "every 1h30m": {Every: 90 * time.Minute},
		"every 20h": {Every: 20 * time.Hour}, "every 1h0m5s": {Every: time.Hour + 5*time.Second},
		"*/5 * * * *": {Every: time.Minute, Cron: "*/5 * * * *"}} {
		if said := pulling.schedule(); said != want {
			t.Errorf("%q, not %q", said, want)
		}
	}
}
