// Package trytontest is a Tryton server for tests, and what people do in it: products, moves and
// shipments made there, quantities read there. scripts/with-tryton.sh starts the server.
package trytontest

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"tierstock/model"
	"tierstock/wmsync"
	"tierstock/wmsync/tryton"
)

// Variable is the environment variable with the URL of the server, its user and password in it.
const Variable = "TIERSTOCK_TEST_TRYTON"

// patience is how long a test may wait for the server in all.
const patience = 5 * time.Minute

// ERP is a Tryton server as somebody in its company uses it. What goes wrong ends the test.
type ERP struct {
	t      testing.TB
	system wmsync.System
	client *tryton.Client
}

type list = []any

type values = map[string]any

// Open is the server that the environment names; the test is skipped where there is none.
func Open(t testing.TB) *ERP {
	t.Helper()
	text := os.Getenv(Variable)
	if text == "" {
		t.Skipf("%s is not set: scripts/with-tryton.sh go test ./wmsync/tryton/...", Variable)
	}
	address, err := url.Parse(text)
	if err != nil || address.User == nil {
		t.Fatalf("%s is no URL with a user in it", Variable)
	}
	password, _ := address.User.Password()
	system := wmsync.System{Name: "erp", Kind: wmsync.KindTryton, User: address.User.Username(),
		Password: password}
	address.User = nil
	system.URL = address.String()
	return &ERP{t: t, system: system, client: tryton.New(system, tryton.Options{})}
}

// System is the server as a system to sync with, whose warehouses have our codes by theirs.
func (e *ERP) System(warehouses map[string]string) wmsync.System {
	system := e.system
	system.Warehouses = warehouses
	return system
}

// Clerk makes a user who may do what the group Stock may and no more, and is the system as that one
// logs in to it.
func (e *ERP) Clerk(system wmsync.System) wmsync.System {
	e.t.Helper()
	system.User = "clerk" + rand.Text()
	system.Password = distinct(rand.Text())
	company := e.id("company.company")
	e.create("res.user", values{"name": system.User, "login": system.User,
		"password": system.Password, "companies": list{list{"add", list{company}}},
		"company": company,
		"groups":  list{list{"add", list{e.id("res.group", list{"name", "=", "Stock"})}}}})
	return system
}

// distinct leaves each character out that was there before: Tryton wants passwords so.
func distinct(text string) string {
	var kept strings.Builder
	for i, letter := range text {
		if !strings.ContainsRune(text[:i], letter) {
			kept.WriteRune(letter)
		}
	}
	return kept.String()
}

// Call asks the server for a method, and tries again where its database was busy.
func (e *ERP) Call(result any, method string, params ...any) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var err error
	for range 10 {
		err = e.client.Call(ctx, result, nil, method, params...)
		var failure *wmsync.Failure
		if !errors.As(err, &failure) || failure.Kind != wmsync.Unreachable {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		e.t.Fatalf("%s: %s", method, err)
	}
}

// create makes a record.
func (e *ERP) create(name string, record values) int64 {
	e.t.Helper()
	var ids []int64
	e.Call(&ids, "model."+name+".create", list{record})
	if len(ids) != 1 {
		e.t.Fatalf("%s: %d were made", name, len(ids))
	}
	return ids[0]
}

// id is the record that a domain finds, which has to be there.
func (e *ERP) id(name string, domain ...any) int64 {
	e.t.Helper()
	var ids []int64
	e.Call(&ids, "model."+name+".search", domain, 0, 1, nil)
	if len(ids) != 1 {
		e.t.Fatalf("Tryton has no %s with %v", name, domain)
	}
	return ids[0]
}

// Warehouse makes a warehouse with a storage zone, and one for what comes and what goes.
func (e *ERP) Warehouse(code string) {
	e.t.Helper()
	zone := func(name string) int64 {
		return e.create("stock.location", values{"name": code + " " + name, "type": "storage"})
	}
	input, storage, output := zone("input"), zone("storage"), zone("output")
	e.create("stock.location", values{"name": code, "code": code, "type": "warehouse",
		"input_location": input, "output_location": output, "storage_location": storage,
		"lost_found_location": e.id("stock.location", list{"type", "=", "lost_found"})})
}

// Bin makes a location in the storage of a warehouse.
func (e *ERP) Bin(warehouse, code string) {
	e.t.Helper()
	e.create("stock.location", values{"name": code, "code": code, "type": "storage",
		"parent": e.storage(warehouse)})
}

func (e *ERP) storage(warehouse string) int64 {
	e.t.Helper()
	return e.field(e.id("stock.location", list{"type", "=", "warehouse"},
		list{"code", "=", warehouse}), "stock.location", "storage_location")
}

// field is a reference that a record has.
func (e *ERP) field(id int64, name, field string) int64 {
	e.t.Helper()
	var records []map[string]any
	e.Call(&records, "model."+name+".read", list{id}, list{field})
	number, ok := records[0][field].(float64)
	if !ok {
		e.t.Fatalf("%s %d has no %s", name, id, field)
	}
	return int64(number)
}

// Product makes a product counted in the unit with a symbol, such as "u" or "kg".
func (e *ERP) Product(code, symbol string) {
	e.t.Helper()
	e.create("product.template", values{"name": "Product " + code, "type": "goods",
		"default_uom": e.id("product.uom", list{"symbol", "=", symbol}),
		"list_price":  tryton.Decimal("2"), "cost_price_method": "fixed",
		"products": list{list{"create", list{values{"suffix_code": code}}}}})
}

// Unit makes a unit for pieces with a symbol, where there is none.
func (e *ERP) Unit(symbol string) {
	e.t.Helper()
	var known []int64
	e.Call(&known, "model.product.uom.search", list{list{"symbol", "=", symbol}}, 0, 1, nil)
	if len(known) > 0 {
		return
	}
	pieces := e.id("product.uom", list{"symbol", "=", "u"})
	e.create("product.uom", values{"name": symbol, "symbol": symbol, "factor": 1.0, "rate": 1.0,
		"rounding": 1.0, "digits": 0, "category": e.field(pieces, "product.uom", "category")})
}

// Rename gives a product another name.
func (e *ERP) Rename(code, name string) {
	e.t.Helper()
	template := e.field(e.product(code), "product.product", "template")
	e.Call(nil, "model.product.template.write", list{template}, values{"name": name})
}

// Retire makes a product inactive.
func (e *ERP) Retire(code string) {
	e.t.Helper()
	e.Call(nil, "model.product.product.write", list{e.product(code)}, values{"active": false})
}

func (e *ERP) product(code string) int64 {
	e.t.Helper()
	return e.id("product.product", list{"code", "=", code})
}

// Lot makes a lot of a product where there is none with that number; "" is none.
func (e *ERP) Lot(code, number string) any {
	e.t.Helper()
	if number == "" {
		return nil
	}
	var ids []int64
	domain := list{list{"product", "=", e.product(code)}, list{"number", "=", number}}
	e.Call(&ids, "model.stock.lot.search", domain, 0, 1, nil)
	if len(ids) > 0 {
		return ids[0]
	}
	return e.create("stock.lot", values{"product": e.product(code), "number": number})
}

// OnHand is what Tryton says there is of a product in a warehouse's storage, of a lot or, with "",
// of all.
func (e *ERP) OnHand(warehouse, code, lot string) model.Quantity {
	e.t.Helper()
	name, id := "product.product", any(e.product(code))
	if lot != "" {
		name, id = "stock.lot", e.Lot(code, lot)
	}
	var records []struct {
		Quantity float64 `json:"quantity"`
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := e.client.Call(ctx, &records, values{"locations": list{e.storage(warehouse)}},
		"model."+name+".read", list{id}, list{"quantity"})
	if err != nil || len(records) != 1 {
		e.t.Fatalf("the quantity of %s: %d records, %v", code, len(records), err)
	}
	return model.Quantity(math.Round(records[0].Quantity * float64(model.One)))
}
