package tryton

import (
	"encoding/json"
	"time"

	"tierstock/model"
	"tierstock/wmsync"
)

// dates are when a record was made and last written.
type dates struct {
	ID      int64  `json:"id"`
	Written moment `json:"write_date"`
	Created moment `json:"create_date"`
}

func (d dates) number() int64 { return d.ID }

func (d dates) changed() time.Time {
	if d.Written.IsZero() {
		return d.Created.Time
	}
	return d.Written.Time
}

func (d dates) wholeChanged() time.Time { return time.Time{} }

type unit struct {
	ID     int64  `json:"id"`
	Symbol string `json:"symbol"`
	Digits int    `json:"digits"`
}

// product is a product.product. Tryton answers active as a number.
type product struct {
	dates
	Code     string `json:"code"`
	Name     string `json:"name"`
	Type     string `json:"type"`
	Active   flag   `json:"active"`
	Unit     *unit  `json:"default_uom."`
	Template *struct {
		Written moment `json:"write_date"`
	} `json:"template."`
}

var productFields = []string{"code", "name", "type", "active", "default_uom.symbol",
	"default_uom.digits", "template.write_date"}

func (p product) wholeChanged() time.Time {
	if p.Template == nil {
		return time.Time{}
	}
	return p.Template.Written.Time
}

// stocked says whether it can be a SKU of ours.
func (p product) stocked() bool {
	return p.Code != "" && p.Active.bool && p.Unit != nil && (p.Type == "goods" || p.Type == "assets")
}

// move is a stock.move, its quantity in the product's default unit.
type move struct {
	dates
	State    string      `json:"state"`
	Quantity json.Number `json:"internal_quantity"`
	From     int64       `json:"from_location"`
	To       int64       `json:"to_location"`
	Shipment string      `json:"shipment"`
	Product  struct {
		ID   int64  `json:"id"`
		Code string `json:"code"`
		Unit unit   `json:"default_uom."`
	} `json:"product."`
	Lot *struct {
		ID     int64  `json:"id"`
		Number string `json:"number"`
	} `json:"lot."`
	FromName *named `json:"from_location."`
	ToName   *named `json:"to_location."`
}

type named struct {
	Name string `json:"rec_name"`
}

var moveFields = []string{"state", "internal_quantity", "from_location", "to_location", "shipment",
	"product.code", "product.default_uom.digits", "lot.number"}

// movedFields are those of a move that is told of by itself, with where it went for people.
var movedFields = append(append([]string{}, moveFields...), "from_location.rec_name",
	"to_location.rec_name")

func (m *move) quantity() (model.Quantity, error) {
	return quantityOf(m.Quantity, m.Product.Unit.Digits)
}

func (m *move) batch() string {
	if m.Lot == nil {
		return ""
	}
	return m.Lot.Number
}

func (m *move) reason() string {
	if m.FromName == nil || m.ToName == nil {
		return ""
	}
	return m.FromName.Name + " > " + m.ToName.Name
}

// flag is a boolean that Tryton may write as a number.
type flag struct{ bool }

// UnmarshalJSON takes null, 0 and false for false.
func (f *flag) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true", "1":
		f.bool = true
	case "false", "0", "null":
		f.bool = false
	default:
		return wmsync.Fail(wmsync.Malformed, "%.20s is no boolean", text)
	}
	return nil
}
