package trytontest

import (
	"encoding/json"

	"tierstock/wmsync/tryton"
)

// Receive books goods from a supplier into a warehouse's storage, and says which move did.
func (e *ERP) Receive(warehouse, code, lot, qty string) int64 {
	e.t.Helper()
	id := e.Draft(warehouse, code, lot, qty)
	e.Do(id)
	return id
}

// Draft makes the move of Receive, and leaves it to be done.
func (e *ERP) Draft(warehouse, code, lot, qty string) int64 {
	e.t.Helper()
	return e.move(e.id("stock.location", list{"type", "=", "supplier"}), e.storage(warehouse), code,
		lot, qty)
}

// Ship books goods from a warehouse's storage to a customer, and says which move did.
func (e *ERP) Ship(warehouse, code, lot, qty string) int64 {
	e.t.Helper()
	id := e.move(e.storage(warehouse), e.id("stock.location", list{"type", "=", "customer"}), code,
		lot, qty)
	e.Do(id)
	return id
}

// Transfer books goods from the storage of one warehouse to that of another.
func (e *ERP) Transfer(from, to, code, lot, qty string) int64 {
	e.t.Helper()
	id := e.move(e.storage(from), e.storage(to), code, lot, qty)
	e.Do(id)
	return id
}

// Do books a move.
func (e *ERP) Do(id int64) {
	e.t.Helper()
	e.Call(nil, "model.stock.move.do", list{id})
}

// Reprice changes the price of a done move, as an invoice does: it is written again, and moves
// nothing.
func (e *ERP) Reprice(id int64) {
	e.t.Helper()
	e.Call(nil, "model.stock.move.write", list{id}, values{"unit_price": tryton.Decimal("3")})
}

func (e *ERP) move(from, to int64, code, lot, qty string) int64 {
	e.t.Helper()
	record := e.line(from, to, code, lot, qty)
	record["unit_price"], record["currency"] = tryton.Decimal("1"), e.id("currency.currency")
	return e.create("stock.move", record)
}

func (e *ERP) line(from, to int64, code, lot, qty string) values {
	e.t.Helper()
	product := e.product(code)
	return values{"product": product, "uom": e.unit(product), "quantity": json.Number(qty),
		"lot": e.Lot(code, lot), "from_location": from, "to_location": to}
}

func (e *ERP) unit(product int64) int64 {
	e.t.Helper()
	return e.field(e.field(product, "product.product", "template"), "product.template",
		"default_uom")
}

// Lose takes stock out of a warehouse's storage so that no stream tells of it, as if it were a
// movement of ours that we know nothing of: the books differ then.
func (e *ERP) Lose(warehouse, code, lot, qty string) {
	e.t.Helper()
	e.Internal("tierstock:lost/"+code+"/"+qty, warehouse, code, lot, qty, "done")
}

// Internal makes an internal shipment from a warehouse's storage to lost and found, and brings it
// to a state: "draft", "waiting", "assigned" or "done".
func (e *ERP) Internal(reference, warehouse, code, lot, qty, state string) {
	e.t.Helper()
	from, to := e.storage(warehouse), e.id("stock.location", list{"type", "=", "lost_found"})
	id := e.create("stock.shipment.internal", values{"reference": reference, "from_location": from,
		"to_location": to, "moves": list{list{"create", list{e.line(from, to, code, lot, qty)}}}})
	for _, step := range []struct{ method, state string }{
		{"wait", "waiting"}, {"assign_try", "assigned"}, {"done", "done"},
	} {
		if state == "draft" {
			return
		}
		e.Call(nil, "model.stock.shipment.internal."+step.method, list{id})
		if step.state == state {
			return
		}
	}
}

// Order makes a customer shipment of one line that waits, and says its number.
func (e *ERP) Order(warehouse, code, qty string) (id int64, number string) {
	e.t.Helper()
	party := e.party()
	output := e.warehouseField(warehouse, "output_location")
	line := e.line(output, e.id("stock.location", list{"type", "=", "customer"}), code, "", qty)
	line["unit_price"], line["currency"] = tryton.Decimal("1"), e.id("currency.currency")
	id = e.create("stock.shipment.out", values{"customer": party,
		"delivery_address": e.id("party.address", list{"party", "=", party}),
		"warehouse":        e.id("stock.location", list{"code", "=", warehouse}),
		"outgoing_moves":   list{list{"create", list{line}}}})
	e.Call(nil, "model.stock.shipment.out.wait", list{id})
	return id, e.text(id, "stock.shipment.out", "number")
}

// CancelOrder cancels a customer shipment.
func (e *ERP) CancelOrder(id int64) {
	e.t.Helper()
	e.Call(nil, "model.stock.shipment.out.cancel", list{id})
}

// Expect makes a supplier shipment of one line, and says its number.
func (e *ERP) Expect(warehouse, code, qty string) (id int64, number string) {
	e.t.Helper()
	party := e.party()
	line := e.line(e.id("stock.location", list{"type", "=", "supplier"}),
		e.warehouseField(warehouse, "input_location"), code, "", qty)
	line["unit_price"], line["currency"] = tryton.Decimal("1"), e.id("currency.currency")
	id = e.create("stock.shipment.in", values{"supplier": party,
		"contact_address": e.id("party.address", list{"party", "=", party}),
		"warehouse":       e.id("stock.location", list{"code", "=", warehouse}),
		"incoming_moves":  list{list{"create", list{line}}}})
	return id, e.text(id, "stock.shipment.in", "number")
}

// Arrive receives a supplier shipment, and brings it into the storage.
func (e *ERP) Arrive(id int64) {
	e.t.Helper()
	e.Call(nil, "model.stock.shipment.in.receive", list{id})
	e.Call(nil, "model.stock.shipment.in.done", list{id})
}

// CancelExpected cancels a supplier shipment.
func (e *ERP) CancelExpected(id int64) {
	e.t.Helper()
	e.Call(nil, "model.stock.shipment.in.cancel", list{id})
}

func (e *ERP) party() int64 {
	e.t.Helper()
	return e.create("party.party", values{"name": "Partner",
		"addresses": list{list{"create", list{values{}}}}})
}

func (e *ERP) warehouseField(warehouse, field string) int64 {
	e.t.Helper()
	return e.field(e.id("stock.location", list{"type", "=", "warehouse"},
		list{"code", "=", warehouse}), "stock.location", field)
}

func (e *ERP) text(id int64, name, field string) string {
	e.t.Helper()
	var records []map[string]any
	e.Call(&records, "model."+name+".read", list{id}, list{field})
	text, _ := records[0][field].(string)
	return text
}
