package tryton

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"tierstock/model"
)

// moment is an instant as Tryton writes it: in UTC, to the microsecond. null is the zero one.
type moment struct{ time.Time }

type momentFields struct {
	Class       string `json:"__class__"`
	Year        int    `json:"year"`
	Month       int    `json:"month"`
	Day         int    `json:"day"`
	Hour        int    `json:"hour"`
	Minute      int    `json:"minute"`
	Second      int    `json:"second"`
	Microsecond int    `json:"microsecond"`
}

// MarshalJSON writes what Tryton's decoder makes a datetime of.
func (m moment) MarshalJSON() ([]byte, error) {
	t := m.UTC()
	return json.Marshal(momentFields{"datetime", t.Year(), int(t.Month()), t.Day(), t.Hour(),
		t.Minute(), t.Second(), t.Nanosecond() / 1000})
}

// UnmarshalJSON reads what Tryton's encoder makes of a datetime, or null.
func (m *moment) UnmarshalJSON(text []byte) error {
	var fields *momentFields
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	if fields == nil {
		*m = moment{}
		return nil
	}
	if fields.Class != "datetime" {
		return fmt.Errorf("%.20q is no datetime", fields.Class)
	}
	m.Time = time.Date(fields.Year, time.Month(fields.Month), fields.Day, fields.Hour,
		fields.Minute, fields.Second, fields.Microsecond*1000, time.UTC)
	return nil
}

// Decimal is a number as Tryton writes the exact ones, such as prices.
type Decimal string

// MarshalJSON writes what Tryton's decoder makes a Decimal of.
func (d Decimal) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"__class__": "Decimal", "decimal": string(d)})
}

// UnmarshalJSON reads what Tryton's encoder makes of a Decimal.
func (d *Decimal) UnmarshalJSON(text []byte) error {
	var fields struct {
		Class   string `json:"__class__"`
		Decimal string `json:"decimal"`
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	if fields.Class != "Decimal" {
		return fmt.Errorf("%.20q is no Decimal", fields.Class)
	}
	*d = Decimal(fields.Decimal)
	return nil
}

// Limits of a float that stands for a quantity: what double arithmetic leaves behind the digits of
// a unit is far below a billionth of the amount, and no float is longer or further out.
const (
	floatTextMax     = 32
	floatExponentMax = 40
)

// quantityOf reads a float of Tryton's as the decimal with so many digits that it stands for.
func quantityOf(number json.Number, digits int) (model.Quantity, error) {
	text := number.String()
	if len(text) > floatTextMax {
		return 0, fmt.Errorf("%.40q is no quantity", text)
	}
	value, err := decimal.NewFromString(text)
	if err != nil || value.Exponent() > floatExponentMax || value.Exponent() < -floatExponentMax {
		return 0, fmt.Errorf("%.40q is no quantity", text)
	}
	if digits < 0 || digits > model.QuantityScale {
		return 0, fmt.Errorf("its unit has %d digits; at most %d can be kept", digits,
			model.QuantityScale)
	}
	rounded := value.Round(int32(digits))
	allowed := decimal.Max(value.Abs(), decimal.NewFromInt(1)).Shift(-9)
	if value.Sub(rounded).Abs().GreaterThan(allowed) {
		return 0, fmt.Errorf("%s has more digits than its unit, which has %d", text, digits)
	}
	return model.ParseQuantity(rounded.String())
}

// floatOf is a quantity as a float that stands for exactly it.
func floatOf(qty model.Quantity, digits int) (json.Number, error) {
	if !qty.HasAtMost(min(max(digits, 0), model.QuantityScale)) {
		return "", fmt.Errorf("%s has more digits than its unit in Tryton, which has %d", qty, digits)
	}
	value, err := strconv.ParseFloat(qty.String(), 64)
	if err != nil || strconv.FormatFloat(value, 'f', -1, 64) != qty.String() {
		return "", fmt.Errorf("%s is more than Tryton's numbers can hold exactly", qty)
	}
	return json.Number(qty.String()), nil
}
