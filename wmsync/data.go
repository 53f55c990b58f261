package wmsync

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"tierstock/model"
)

// The shapes of each stream's data, as docs/wms-sync.md gives them. What they do not name is left
// alone, so that a system may say more.

type skuData struct {
	Code     string      `json:"code"`
	Name     *string     `json:"name"`
	Unit     *string     `json:"unit"`
	Decimals *int        `json:"decimals"`
	Packs    *[]packData `json:"packs"`
	Active   *bool       `json:"active"`
}

type packData struct {
	Code        string `json:"code"`
	Numerator   whole  `json:"numerator"`
	Denominator *whole `json:"denominator"`
}

type stockData struct {
	Warehouse string  `json:"warehouse"`
	Zone      string  `json:"zone"`
	Owner     string  `json:"owner"`
	SKU       string  `json:"sku"`
	Batch     *string `json:"batch"`
	Pack      string  `json:"pack"`
	ExpiresOn string  `json:"expiresOn"`
	Delta     *amount `json:"delta"`
	OnHand    *amount `json:"onHand"`
	Reason    string  `json:"reason"`
}

type orderData struct {
	OrderID      string          `json:"orderId"`
	JobType      string          `json:"jobType"`
	Warehouse    string          `json:"warehouse"`
	Owner        string          `json:"owner"`
	Priority     whole           `json:"priority"`
	ShipComplete bool            `json:"shipComplete"`
	Lines        []orderLineData `json:"lines"`
	Version      whole           `json:"version"`
}

type orderLineData struct {
	LineID string  `json:"lineId"`
	SKU    string  `json:"sku"`
	Qty    amount  `json:"qty"`
	Batch  *string `json:"batch"`
	Pack   string  `json:"pack"`
}

type noticeData struct {
	ASN       string           `json:"asnId"`
	Warehouse string           `json:"warehouse"`
	Zone      string           `json:"zone"`
	Owner     string           `json:"owner"`
	Lines     []noticeLineData `json:"lines"`
}

type noticeLineData struct {
	LineID    string `json:"lineId"`
	SKU       string `json:"sku"`
	Qty       amount `json:"qty"`
	Batch     string `json:"batch"`
	Pack      string `json:"pack"`
	ExpiresOn string `json:"expiresOn"`
}

// amount is a decimal in a JSON string: a JSON number has been a float somewhere.
type amount model.Quantity

func (a *amount) UnmarshalJSON(text []byte) error {
	var written string
	if json.Unmarshal(text, &written) != nil {
		return fmt.Errorf("%.40s is no quantity: write a decimal in a JSON string, such as \"1.5\"",
			text)
	}
	qty, err := model.ParseQuantity(written)
	*a = amount(qty)
	return err
}

// whole is an integer, as a JSON number or as a string of digits.
type whole int64

func (w *whole) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	number, err := strconv.ParseInt(string(bytes.Trim(text, `"`)), 10, 64)
	if err != nil {
		return fmt.Errorf("%.40s is no whole number", text)
	}
	*w = whole(number)
	return nil
}

// read reads an item's data; what is wrong with it is told by field.
func read[T any](data json.RawMessage) (T, error) {
	var read T
	if len(bytes.TrimSpace(data)) == 0 || string(data) == "null" {
		return read, errors.New("data: is missing")
	}
	err := json.Unmarshal(data, &read)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return read, fmt.Errorf("data.%s: must not be a JSON %s", wrong.Field, wrong.Value)
	}
	if err != nil {
		return read, fmt.Errorf("data: %w", err)
	}
	return read, nil
}

// check is what is wrong with the fields of an item; the first counts.
type check struct{ wrong error }

// code is an identifier, of theirs turned into ours.
func (c *check) code(field, code string, codes map[string]string) string {
	ours := mapped(codes, code)
	c.add(field, model.CheckCode(ours))
	return ours
}

// label is code, with "" for none.
func (c *check) label(field, code string, codes map[string]string) string {
	if mapped(codes, code) == "" {
		return ""
	}
	return c.code(field, code, codes)
}

func (c *check) date(field, text string) model.Date {
	if text == "" {
		return ""
	}
	date, err := model.ParseDate(text)
	c.add(field, err)
	return date
}

func (c *check) add(field string, err error) {
	if err != nil && c.wrong == nil {
		c.wrong = fmt.Errorf("data.%s: %w", field, err)
	}
}

// warehouse is ours; one that the configuration does not name is refused.
func (c *check) warehouse(system *System, theirs string) string {
	ours, known := system.Ours(theirs)
	if !known {
		c.add("warehouse", fmt.Errorf("%q is not among the warehouses of system %s in the "+
			"configuration", theirs, system.Name))
	}
	return ours
}

// errNoZone: nobody says where goods are to go.
var errNoZone = errors.New("is missing, and the configuration names no defaultZone")

// zone is ours, the system's default where none is named, "" where there is none.
func (c *check) zone(system *System, theirs string) string {
	if theirs == "" {
		return system.DefaultZone
	}
	return c.code("zone", theirs, system.Zones)
}

// reason is a reason of ours, SYNC for what we do not know.
func reason(theirs string) model.Reason {
	for _, known := range model.Reasons {
		if string(known) == theirs {
			return known
		}
	}
	return "SYNC"
}

// shortCode is a text as a code of ours: itself, or, where it is none or too long, its hash.
func shortCode(text string) string {
	if model.CheckCode(text) == nil {
		return text
	}
	return hashed(text)
}

// orText is the first text that is not "".
func orText(texts ...string) string { return cmp.Or(texts...) }
