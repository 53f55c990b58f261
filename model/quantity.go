package model

import (
	"database/sql/driver"
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"
)

// Quantity is an exact amount of stock in millionths of a unit. Twelve integer digits and six
// fraction digits fit into the int64, so that every database stores and adds it exactly.
type Quantity int64

// Limits of the contract's Decimal: 12 integer digits and 6 fraction digits.
const (
	QuantityScale  = 6
	One            = Quantity(1_000_000)
	QuantityMax    = Quantity(999_999_999_999_999_999)
	integerDigits  = 12
	quantityDigits = "0123456789"
)

// ParseQuantity reads -?digits[.digits]. Everything else is refused: signs, spaces, exponents,
// more than 12 integer or 6 fraction digits.
func ParseQuantity(text string) (Quantity, error) {
	unsigned, negative := strings.CutPrefix(text, "-")
	integer, fraction, hasPoint := strings.Cut(unsigned, ".")
	if !allDigits(integer) || hasPoint && !allDigits(fraction) {
		return 0, fmt.Errorf("%.40q is not a decimal such as \"12\" or \"0.5\"", text)
	}
	integer = strings.TrimLeft(integer, "0")
	fraction = strings.TrimRight(fraction, "0")
	if len(integer) > integerDigits || len(fraction) > QuantityScale {
		return 0, fmt.Errorf("%.40q has more than %d integer or %d fraction digits",
			text, integerDigits, QuantityScale)
	}
	var value Quantity
	for _, digit := range integer + fraction + strings.Repeat("0", QuantityScale-len(fraction)) {
		value = value*10 + Quantity(digit-'0')
	}
	if negative {
		value = -value
	}
	return value, nil
}

func allDigits(text string) bool {
	return text != "" && strings.Trim(text, quantityDigits) == ""
}

// Whole is n units.
func Whole(n int64) Quantity { return Quantity(n) * One }

// Decimal is the quantity in units, for callers that calculate.
func (q Quantity) Decimal() decimal.Decimal { return decimal.New(int64(q), -QuantityScale) }

// String is the normalised decimal of the contract: "1.5", "0", "-2".
func (q Quantity) String() string { return q.Decimal().String() }

// Fits says whether the quantity stays within twelve integer digits.
func (q Quantity) Fits() bool { return -QuantityMax <= q && q <= QuantityMax }

// HasAtMost says whether the quantity has no more than that many fraction digits.
func (q Quantity) HasAtMost(decimals int) bool {
	step := Quantity(1)
	for range QuantityScale - decimals {
		step *= 10
	}
	return q%step == 0
}

// Value stores the millionths.
func (q Quantity) Value() (driver.Value, error) { return int64(q), nil }

// Scan reads the millionths.
func (q *Quantity) Scan(source any) error {
	millionths, ok := source.(int64)
	if !ok {
		return fmt.Errorf("quantity: cannot read %T as millionths", source)
	}
	*q = Quantity(millionths)
	return nil
}

// Fraction is the size of a pack in base units. A case of 12 is 12/1; nine pieces of a box cut
// into ninths are 1/9 each. Sizes are fractions because 9 x 0.111111 is not 1.
type Fraction struct{ Numerator, Denominator int64 }

// Each is the size of the base pack.
var Each = Fraction{1, 1}

// Base is qty packs in base units; exact is false where that needs more than six digits.
func (f Fraction) Base(qty Quantity) (base Quantity, exact bool) { return f.In(Each, qty) }

// Packs is qty base units in packs; exact is false where a pack would have to be split finer
// than six digits can say.
func (f Fraction) Packs(qty Quantity) (packs Quantity, exact bool) { return Each.In(f, qty) }

// In is qty packs of size f in packs of size other, rounded down; exact is false where that
// leaves a remainder or does not fit.
func (f Fraction) In(other Fraction, qty Quantity) (packs Quantity, exact bool) {
	if f == other {
		return qty, true
	}
	product := new(big.Int).Mul(big.NewInt(int64(qty)), big.NewInt(f.Numerator))
	product.Mul(product, big.NewInt(other.Denominator))
	divisor := new(big.Int).Mul(big.NewInt(f.Denominator), big.NewInt(other.Numerator))
	quotient, rest := new(big.Int).QuoRem(product, divisor, new(big.Int))
	if !quotient.IsInt64() || !Quantity(quotient.Int64()).Fits() {
		return 0, false
	}
	return Quantity(quotient.Int64()), rest.Sign() == 0
}

// Compare is negative where f is the smaller size, positive where it is the larger.
func (f Fraction) Compare(other Fraction) int {
	return big.NewRat(f.Numerator, f.Denominator).
		Cmp(big.NewRat(other.Numerator, other.Denominator))
}
