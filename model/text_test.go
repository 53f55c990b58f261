package model_test

import (
	"strings"
	"testing"
	"time"

	"tierstock/model"
)

func TestCheckCode(t *testing.T) {
	for _, good := range []string{"A", "a b", "仓库-1", "é", strings.Repeat("x", 64),
		strings.Repeat("仓", 64)} {
		if err := model.CheckCode(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for name, bad := range map[string]string{"empty": "", "space before": " A",
		"space after": "A ", "no-break space after": "A\u00a0", "NUL": "A\x00B", "newline": "A\nB",
		"zero width": "A\u200bB", "decomposed": "e\u0301", "too long": strings.Repeat("x", 65),
		"not UTF-8": "A\xff"} {
		if err := model.CheckCode(bad); err == nil {
			t.Errorf("%s is taken for a code", name)
		}
	}
	if err := model.CheckLabel(""); err != nil {
		t.Errorf("no label: %v", err)
	}
}

func TestCheckText(t *testing.T) {
	if err := model.CheckText(strings.Repeat("仓", 500)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{strings.Repeat("x", 501), "a\x00", "\xff"} {
		if err := model.CheckText(bad); err == nil {
			t.Errorf("%.20q is taken for text", bad)
		}
	}
}

func TestParseDate(t *testing.T) {
	if _, err := model.ParseDate("2028-02-29"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "2026-02-29", "2026-1-1", "2026-01-01T00:00:00Z", "01.01.2026",
		"0000-00-00"} {
		if _, err := model.ParseDate(bad); err == nil {
			t.Errorf("%q is taken for a date", bad)
		}
	}
}

// TestDatesCountDaysNotHours: on the night the clocks change a day has 23 or 25 hours.
func TestDatesCountDaysNotHours(t *testing.T) {
	if days := model.Date("2026-03-28").DaysUntil("2026-03-30"); days != 2 {
		t.Errorf("%d days over the change to summer time", days)
	}
	if days := model.Date("2026-03-01").DaysUntil("2026-02-28"); days != -1 {
		t.Errorf("%d days back", days)
	}
	for days, want := range map[int]model.Date{0: "2026-03-28", 2: "2026-03-30", -28: "2026-02-28",
		365: "2027-03-28"} {
		if got := model.Date("2026-03-28").Plus(days); got != want {
			t.Errorf("%d days later is %s, want %s", days, got, want)
		}
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	late := model.InstantOf(time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC))
	if day := model.DateIn(late, berlin); day != "2026-10-25" {
		t.Errorf("half past midnight in Berlin is on %s", day)
	}
}

func TestDayBegins(t *testing.T) {
	for _, test := range []struct {
		zone string
		date model.Date
		want string
	}{
		{"UTC", "2026-11-27", "2026-11-27T00:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"}, // 23 hours long
		{"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z"}, // 25 hours long
		{"Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z"},
		{"Pacific/Kiritimati", "2026-11-27", "2026-11-26T10:00:00Z"},
		{"Pacific/Midway", "2026-11-27", "2026-11-27T11:00:00Z"},
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"}, // has no midnight
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},   // has it twice
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},     // the day before never was
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		got := test.date.Begins(zone).Time().Format(time.RFC3339)
		if got != test.want {
			t.Errorf("%s in %s begins at %s, want %s", test.date, test.zone, got, test.want)
		}
	}
}
