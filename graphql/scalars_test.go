package graphql

import (
	"encoding/json"
	"strings"
	"testing"

	gql "github.com/graphql-go/graphql"

	"tierstock/model"
)

func number(text string) json.Number { return json.Number(text) }

func TestScalarsAccept(t *testing.T) {
	tests := []struct {
		scalar string
		given  any
		want   any
	}{
		{"Decimal", "1.50", model.Quantity(1_500_000)},
		{"Decimal", "-0.000001", model.Quantity(-1)},
		{"Decimal", "0", model.Quantity(0)},
		{"Decimal", "007", model.Whole(7)},
		{"Decimal", "999999999999.999999", model.QuantityMax},
		{"DateTime", "1970-01-01T01:00:01+01:00", model.Instant(1_000_000)},
		{"DateTime", "1970-01-01T00:00:00.0000019Z", model.Instant(1)},
		{"Date", "2024-02-29", model.Date("2024-02-29")},
		{"Code", "SKU 1/ä", "SKU 1/ä"},
		{"Code", strings.Repeat("字", 64), strings.Repeat("字", 64)},
		{"Label", "", ""},
		{"Text", "two\nlines", "two\nlines"},
		{"Long", "9223372036854775807", int64(1<<63 - 1)},
		{"Long", "0", int64(0)},
		{"Int", number("-2147483648"), -1 << 31},
		{"ID", "12", "12"},
		{"String", "x", "x"},
		{"Boolean", false, false},
	}
	for _, test := range tests {
		got, wrong := readers[test.scalar](test.given)
		if wrong != "" || got != test.want {
			t.Errorf("%s %#v: %#v %q, not %#v", test.scalar, test.given, got, wrong, test.want)
		}
	}
}

func TestScalarsRefuse(t *testing.T) {
	tests := map[string][]any{
		"Decimal": {"", " 1", "1 ", "+1", "1e3", "1E3", ".5", "1.", "1,5", "NaN", "Infinity", "0x1",
			"1.0000001", "1000000000000", "--1", "-", "١", number("1"), number("1.5"), true},
		"DateTime": {"", "2026-01-31", "2026-01-31T08:00:00", "2026-01-31 08:00:00Z",
			"2026-01-31t08:00:00Z", "2026-01-31T8:00:00Z", "2026-01-31T08:00:00,5Z",
			"2026-02-30T08:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T08:00:00+25:00",
			number("1700000000"), false},
		"Date": {"", "2026-1-31", "2026-02-30", "31.01.2026", "2026-01-31T00:00:00Z", " 2026-01-31",
			number("20260131")},
		"Code": {"", " a", "a ", "\u00a0a", "a\n", "a\x00b", "a\u200bb", "e\u0301",
			strings.Repeat("a", 65), number("7"), number("1.2345678901234e+13"), true},
		"Label": {" ", "a ", strings.Repeat("a", 65), number("0"), false},
		"Text":  {"a\x00", strings.Repeat("a", 501), number("1"), true},
		"Long":  {"", "-1", "+1", "1.0", "1e3", " 1", "9223372036854775808", number("1"), true},
		"Int": {"7", number("1.9"), number("1.0"), number("1e3"), number("2147483648"), true,
			quoted("7")},
		"ID":      {"", strings.Repeat("1", 101), number("1"), true},
		"String":  {number("12345678901234"), true, enumName("x")},
		"Boolean": {"no", "False", "true", "", number("0"), number("1"), enumName("no")},
	}
	for scalar, values := range tests {
		for _, value := range append(values, []any{}, map[string]any{}) {
			got, wrong := readers[scalar](value)
			if wrong == "" || got != nil {
				t.Errorf("%s takes %#v as %#v", scalar, value, got)
			}
		}
	}
}

func TestScalarsAreNormalisedInAnswers(t *testing.T) {
	kinds := newBuilder().types
	tests := []struct {
		scalar string
		value  any
		want   any
	}{
		{"Decimal", model.Quantity(1_500_000), "1.5"},
		{"Decimal", model.Quantity(0), "0"},
		{"Decimal", model.QuantityMax, "999999999999.999999"},
		{"DateTime", model.Instant(1_500_000), "1970-01-01T00:00:01.5Z"},
		{"Long", int64(-5), "-5"},
		{"Int", int64(5), 5},
		{"Int", int64(1 << 31), nil},
		{"ID", "5", "5"},
	}
	for _, test := range tests {
		scalar := kinds[test.scalar].(*gql.Scalar)
		if got := scalar.Serialize(test.value); got != test.want {
			t.Errorf("%s %#v: %#v, not %#v", test.scalar, test.value, got, test.want)
		}
	}
}
