package jobs_test

import (
	"strings"
	"testing"

	"tierstock/jobs"
)

func TestCheckSchedule(t *testing.T) {
	for spec, want := range map[string]string{
		"*/5 6-20 * * 1-6":         "",
		"@hourly":                  "",
		"@every 90s":               "",
		"":                         "is no schedule: ",
		"61 * * * *":               "is no schedule: ",
		"* * * * * *":              "is no schedule: ",
		"@reboot":                  "is no schedule: ",
		"0 0 30 2 *":               "is a day that never comes",
		"TZ=UTC":                   "has a time zone in it",
		"CRON_TZ=UTC * * * * *":    "has a time zone in it",
		"CRON_TZ=Mars/X * * * * *": "has a time zone in it",
	} {
		err := jobs.CheckSchedule(spec)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", spec, err, want)
		}
	}
}
