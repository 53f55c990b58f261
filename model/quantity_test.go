package model_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"tierstock/model"
)

func TestParseQuantityNormalises(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "00.00": "0", "1.50": "1.5", "-2": "-2", "007": "7",
		"0.000001": "0.000001", "999999999999.999999": "999999999999.999999",
		"1.5000000": "1.5",
	} {
		qty, err := model.ParseQuantity(text)
		if err != nil || qty.String() != want {
			t.Errorf("ParseQuantity(%q) = %s, %v; want %s", text, qty, err, want)
		}
	}
}

func TestParseQuantityRefusesOtherShapes(t *testing.T) {
	for _, text := range []string{"", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1e3", "0x1", "NaN",
		"Infinity", "1,5", "1_000", "--1", "1.2.3", "１", "1000000000000", "0.0000001",
		strings.Repeat("9", 40)} {
		if qty, err := model.ParseQuantity(text); err == nil {
			t.Errorf("ParseQuantity(%q) = %s, want an error", text, qty)
		}
	}
}

// TestQuantityIsExact: what is read is what is written, and decimals agree.
func TestQuantityIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		qty := model.Quantity(rapid.Int64Range(-int64(model.QuantityMax),
			int64(model.QuantityMax)).Draw(t, "millionths"))
		again, err := model.ParseQuantity(qty.String())
		if err != nil || again != qty {
			t.Fatalf("%d reads back as %d, %v", qty, again, err)
		}
		if want := decimal.New(int64(qty), -model.QuantityScale); !qty.Decimal().Equal(want) {
			t.Fatalf("%s is not %s", qty.Decimal(), want)
		}
	})
}

func TestHasAtMostCountsFractionDigits(t *testing.T) {
	for _, test := range []struct {
		text     string
		decimals int
		want     bool
	}{{"1", 0, true}, {"1.5", 0, false}, {"1.5", 1, true}, {"1.25", 1, false},
		{"0.000001", 5, false}, {"0.000001", 6, true}, {"-2.5", 0, false}} {
		qty, err := model.ParseQuantity(test.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := qty.HasAtMost(test.decimals); got != test.want {
			t.Errorf("%s has at most %d digits: %v", test.text, test.decimals, got)
		}
	}
}

func TestPacksAreFractions(t *testing.T) {
	ninth := model.Fraction{Numerator: 1, Denominator: 9}
	dozen := model.Fraction{Numerator: 12, Denominator: 1}
	if base, exact := ninth.Base(model.Whole(9)); base != model.One || !exact {
		t.Errorf("nine ninths are %s, exact %v", base, exact)
	}
	if base, exact := ninth.Base(model.One); exact {
		t.Errorf("a ninth is said to be exactly %s", base)
	}
	if packs, exact := dozen.Packs(model.Whole(30)); packs.String() != "2.5" || !exact {
		t.Errorf("30 are %s dozens, exact %v", packs, exact)
	}
	if made, exact := dozen.In(ninth, model.One); made != model.Whole(108) || !exact {
		t.Errorf("a dozen is %s ninths, exact %v", made, exact)
	}
	huge := model.Fraction{Numerator: 1 << 62, Denominator: 1}
	if _, exact := huge.Base(model.QuantityMax); exact {
		t.Error("an overflow is said to be exact")
	}
	same := model.Fraction{Numerator: 2, Denominator: 18}
	if dozen.Compare(ninth) <= 0 || ninth.Compare(dozen) >= 0 || ninth.Compare(same) != 0 {
		t.Error("sizes compare wrongly")
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, seed := range []string{"0", "1.5", "-999999999999.999999", "1e3", ".5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		qty, err := model.ParseQuantity(text)
		if err != nil {
			return
		}
		exact, err := decimal.NewFromString(text)
		if err != nil || !exact.Equal(qty.Decimal()) {
			t.Errorf("%q was read as %s", text, qty)
		}
	})
}
