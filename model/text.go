package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of the contract's scalars, in characters.
const (
	CodeCharsMax = 64
	TextCharsMax = 500
)

// CheckCode says what is wrong with an identifier: it must be Unicode NFC, 1 to 64 printable
// characters, without leading or trailing space.
func CheckCode(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("is empty")
	case !utf8.ValidString(text):
		return fmt.Errorf("is not valid UTF-8")
	case utf8.RuneCountInString(text) > CodeCharsMax:
		return fmt.Errorf("has more than %d characters", CodeCharsMax)
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("begins or ends with a space")
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("has a character that cannot be printed")
	case !norm.NFC.IsNormalString(text):
		return fmt.Errorf("is not in Unicode normal form C")
	}
	return nil
}

// CheckLabel is CheckCode, with "" for none.
func CheckLabel(text string) error {
	if text == "" {
		return nil
	}
	return CheckCode(text)
}

// CheckText says what is wrong with free text: at most 500 characters, no NUL.
func CheckText(text string) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("is not valid UTF-8")
	case utf8.RuneCountInString(text) > TextCharsMax:
		return fmt.Errorf("has more than %d characters", TextCharsMax)
	case strings.ContainsRune(text, 0):
		return fmt.Errorf("has a NUL character")
	}
	return nil
}

// Date is a calendar day YYYY-MM-DD in a warehouse's own time zone; "" is none. Dates order as
// text.
type Date string

// ParseDate reads YYYY-MM-DD and refuses days that no calendar has.
func ParseDate(text string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, text); err != nil || len(text) != len(time.DateOnly) {
		return "", fmt.Errorf("%.40q is not a date such as \"2026-01-31\"", text)
	}
	return Date(text), nil
}

// DateIn is the calendar day at that instant in that zone.
func DateIn(at Instant, zone *time.Location) Date {
	return Date(at.Time().In(zone).Format(time.DateOnly))
}

// Begins is the first moment of the day in that zone. It is not always midnight: clocks that go on
// at midnight skip it, and some that go back have it twice. d must be a date.
func (d Date) Begins(zone *time.Location) Instant {
	midnight, _ := time.Parse(time.DateOnly, string(d))
	moment := midnight.Add(-36 * time.Hour).In(zone)
	var moments []time.Time
	for moment.Before(midnight.Add(36 * time.Hour)) {
		_, offset := moment.Zone()
		moments = append(moments, midnight.Add(-time.Duration(offset)*time.Second))
		_, end := moment.ZoneBounds()
		if end.IsZero() {
			break
		}
		moments = append(moments, end)
		moment = end
	}
	for _, moment := range slices.SortedFunc(slices.Values(moments), time.Time.Compare) {
		if DateIn(InstantOf(moment), zone) >= d && DateIn(InstantOf(moment)-1, zone) < d {
			return InstantOf(moment)
		}
	}
	return InstantOf(midnight)
}

// DaysUntil counts calendar days from d to other; negative where other is earlier. Both must be
// dates.
func (d Date) DaysUntil(other Date) int {
	from, _ := time.Parse(time.DateOnly, string(d))
	to, _ := time.Parse(time.DateOnly, string(other))
	return int(to.Sub(from) / (24 * time.Hour))
}

// Plus is the calendar day so many days later, or earlier where days is negative. d must be a date.
func (d Date) Plus(days int) Date {
	day, _ := time.Parse(time.DateOnly, string(d))
	return Date(day.AddDate(0, 0, days).Format(time.DateOnly))
}

// Instant is a point in time in microseconds since 1970, UTC; 0 is none. Databases store the
// integer, which no driver, session zone or column type can shift.
type Instant int64

// InstantOf drops what is finer than a microsecond.
func InstantOf(at time.Time) Instant { return Instant(at.UnixMicro()) }

// Time is the instant in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Plus is the instant that many seconds later.
func (i Instant) Plus(seconds int64) Instant { return i + Instant(seconds)*1_000_000 }
