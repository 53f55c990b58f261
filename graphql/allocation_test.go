package graphql

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierstock/allocation"
)

const allocateMany = `mutation($orders:[AllocateOrder!]!){allocate(orders:$orders){orders{orderId
	code lines{index code qtyApplied shortage field message reservation{id} flows{action}}
	tasks{taskId bin qty}}}}`

// A wave as the contract's client asks for it, with every default left out.
func TestAllocate(t *testing.T) {
	w := newWhole(t)
	orders := func(qty string) string {
		return `orders:[
			{orderId:"LOW",jobType:"SO",warehouse:"W",lines:[{lineId:"1",sku:"TEA",qty:"4"}]},
			{orderId:"HIGH",jobType:"SO",warehouse:"W",priority:5,lines:[
				{lineId:"1",sku:"TEA",qty:"` + qty + `"},{lineId:"2",sku:"TEA",qty:"1",pack:"CASE"}]},
			{orderId:"WHOLE",jobType:"SO",warehouse:"W",shipComplete:true,lines:[
				{lineId:"1",sku:"SALT",qty:"1.5"},{lineId:"2",sku:"TEA",qty:"1"}]}]`
	}
	const answer = `{orders{orderId code tasks{kind jobType state orderId bin qty} lines{index code
		retryable qtyApplied shortage flows{action jobType orderId lineId taskId bin} tasks{bin}
		zoneStocks{reserved} binStocks{bin} explanation{zone taken} reservation{open holds{pinned}}}}}`
	want := map[string]any{
		"allocate.orders.0.orderId": "LOW", "allocate.orders.0.code": "PARTIAL",
		"allocate.orders.0.lines.0.code": "PARTIAL", "allocate.orders.0.lines.0.qtyApplied": "3",
		"allocate.orders.0.lines.0.shortage": "1",
		"allocate.orders.1.orderId":          "HIGH", "allocate.orders.1.code": "APPLIED",
		"allocate.orders.1.lines.1.index":                      1.0,
		"allocate.orders.1.lines.0.flows.0.action":             "RESERVE",
		"allocate.orders.1.lines.0.flows.1.action":             "PIN",
		"allocate.orders.1.lines.0.flows.1.orderId":            "HIGH",
		"allocate.orders.1.lines.0.flows.1.taskId":             "",
		"allocate.orders.1.lines.0.reservation.holds.0.pinned": "12",
		"allocate.orders.1.tasks.0.kind":                       "PICK",
		"allocate.orders.1.tasks.0.jobType":                    "PICK",
		"allocate.orders.1.tasks.0.bin":                        "F1",
		"allocate.orders.1.tasks.0.qty":                        "10",
		"allocate.orders.2.code":                               "INSUFFICIENT",
		"allocate.orders.2.lines.0.code":                       "SKIPPED",
		"allocate.orders.2.lines.0.retryable":                  true,
		"allocate.orders.2.lines.1.code":                       "INSUFFICIENT",
	}
	w.want(`mutation{receive(lines:{key:{jobType:"ASN",orderId:"A2",lineId:"1"},
		at:{warehouse:"W",zone:"FAST",sku:"SALT"},qty:"2"}){applied}}`, nil)
	w.want(`mutation{allocate(`+orders("12")+`,dryRun:true)`+answer+`}`, want)
	w.want(`{shortages(warehouse:"W"){edges{node{id}}} tasks(warehouse:"W"){edges{node{id}}}
		reservations(warehouse:"W"){edges{node{id}}}}`,
		map[string]any{"shortages.edges.0": nil, "tasks.edges.0": nil, "reservations.edges.0": nil})
	w.want(`mutation{allocate(`+orders("12")+`)`+answer+`}`, want)
	w.want(`mutation{allocate(`+orders("12")+`,strategy:"NEAREST",createTasks:false)`+answer+`}`,
		map[string]any{"allocate.orders.0.code": "REPLAYED", "allocate.orders.1.code": "REPLAYED",
			"allocate.orders.0.lines.0.shortage": "1", "allocate.orders.2.code": "INSUFFICIENT"})
	w.want(`mutation{allocate(`+orders("13")+`)`+answer+`}`, map[string]any{
		"allocate.orders.1.lines.0.code": "KEY_CONFLICT", "allocate.orders.1.code": "PARTIAL"})
	w.want(`{flowsByLine(warehouse:"W",key:{jobType:"SO",orderId:"HIGH",lineId:"2"}){action tier}}`,
		map[string]any{"flowsByLine.0.action": "RESERVE", "flowsByLine.1.action": "PIN",
			"flowsByLine.1.tier": "BIN"})
	w.want(`mutation{allocate(`+orders("12")+`,strategy:"NONE")`+answer+`}`,
		map[string]any{"allocate.orders.2.lines.0.code": "INVALID"})
}

func TestShortagesThroughTheAPI(t *testing.T) {
	w := newWhole(t)
	w.want(`mutation{allocate(orders:[{orderId:"A",jobType:"SO",warehouse:"W",priority:2,lines:[
		{lineId:"1",sku:"TEA",qty:"20"},{lineId:"2",sku:"SALT",qty:"4"}]},{orderId:"B",
		jobType:"SO",warehouse:"W",shipComplete:true,lines:[{lineId:"1",sku:"SALT",qty:"3"}]}]){
		orders{code}}}`, map[string]any{"allocate.orders.0.code": "PARTIAL"})
	const fields = `{edges{cursor node{id jobType orderId lineId revision source owner sku qty covered
		state priority shipComplete cover reservation createdAt updatedAt}} pageInfo{hasNextPage}}`
	first := w.want(`{shortages(warehouse:"W",first:1)`+fields+`}`, map[string]any{
		"shortages.edges.0.node.orderId": "A", "shortages.edges.0.node.qty": "5",
		"shortages.edges.0.node.source": "RESERVE SO", "shortages.edges.0.node.state": "OPEN",
		"shortages.edges.0.node.priority": 2.0, "shortages.pageInfo.hasNextPage": true})
	if first.at("shortages.edges.0.node.reservation") == nil {
		t.Errorf("%s", first.Body)
	}
	cursor, _ := first.at("shortages.edges.0.cursor").(string)
	w.want(`{shortages(warehouse:"W",after:"`+cursor+`")`+fields+`}`, map[string]any{
		"shortages.edges.0.node.sku": "SALT", "shortages.edges.0.node.qty": "2.5",
		"shortages.edges.1.node.reservation": nil, "shortages.edges.1.node.source": "",
		"shortages.edges.1.node.shipComplete": true, "shortages.pageInfo.hasNextPage": false})
	only := w.want(`{shortages(warehouse:"W",filter:{orderId:"B",sku:"SALT",states:[OPEN]})`+fields+
		`}`, map[string]any{"shortages.edges.0.node.qty": "3", "shortages.edges.1": nil})
	id, _ := only.at("shortages.edges.0.node.id").(string)
	w.want(`{shortages(warehouse:"V")`+fields+`}`, map[string]any{"shortages.edges.0": nil})
	w.want(`mutation{cancelShortages(warehouse:"W",ids:["`+id+`","no id"])}`,
		map[string]any{"cancelShortages": 1.0})
	w.want(`mutation{receive(lines:[{key:{jobType:"ASN",orderId:"A2",lineId:"1"},
		at:{warehouse:"W",zone:"FAST",sku:"SALT"},qty:"9"},{key:{jobType:"ASN",orderId:"A2",
		lineId:"2"},at:{warehouse:"W",zone:"FAST",sku:"TEA"},qty:"2"}]){applied}}`, nil)
	w.want(`mutation{coverShortages(warehouse:"W")}`, map[string]any{"coverShortages": 2.0})
	w.want(`{shortages(warehouse:"W",filter:{states:[OPEN]})`+fields+`}`, map[string]any{
		"shortages.edges.0.node.qty": "3", "shortages.edges.1": nil})
	w.want(`{reservations(warehouse:"W",filter:{orderId:"A"}){edges{node{jobType lineId open}}}}`,
		map[string]any{"reservations.edges.2.node.jobType": "SHORTAGE",
			"reservations.edges.2.node.open": "2", "reservations.edges.3.node.open": "2.5"})
	w.want(`mutation{coverShortages(warehouse:"W")}`, map[string]any{"coverShortages": 1.0})
}

// orderOf is an order of so many lines; wide makes each code as long as may be.
func orderOf(name string, lines int, wide bool) map[string]any {
	long := func(text string) string {
		if wide {
			text += strings.Repeat("x", 64-len(text))
		}
		return text
	}
	list := make([]any, lines)
	for i := range list {
		line := map[string]any{"lineId": long(fmt.Sprint(i)), "sku": long("TEA"), "qty": "1"}
		if wide {
			line["qty"], line["batch"], line["pack"] = "123456789012.123456", long("L"), long("CASE")
			line["minRemainingDays"], line["revision"] = 365, "1234567890123456789"
		}
		list[i] = line
	}
	order := map[string]any{"orderId": long(name), "jobType": long("SO"), "warehouse": long("W"),
		"lines": list}
	if wide {
		order["owner"], order["channel"] = long("OWN"), long("WEB")
		order["priority"], order["shipComplete"] = 1000, true
	}
	return order
}

// "1 to 250 lines a call (allocate: 1,000 orders and 5,000 lines)".
func TestWaveLimits(t *testing.T) {
	w := newWhole(t)
	wave := func(orders, lines int, wide bool) map[string]any {
		list := make([]any, orders)
		for i := range list {
			list[i] = orderOf(fmt.Sprint("O", i), lines, wide)
		}
		return map[string]any{"orders": list}
	}
	for _, test := range []struct {
		name  string
		sent  map[string]any
		code  string
		field string
	}{
		{"no orders", wave(0, 0, false), codeBadRequest, "orders"},
		{"no lines", wave(1, 0, false), codeBadRequest, "orders[0].lines"},
		{"too many orders", wave(allocation.WaveOrdersMax+1, 1, false), codeTooManyLines, "orders"},
		{"too many lines of one order", wave(1, allocation.WaveLinesMax+1, false), codeTooManyLines,
			"orders[0].lines"},
		{"too many lines of two", wave(2, allocation.WaveLinesMax/2+1, false), codeTooManyLines,
			"orders[1].lines"},
	} {
		reply := w.ask(t, allocateMany, test.sent)
		if codes := reply.codes(); len(codes) == 0 || codes[0] != test.code ||
			!strings.Contains(reply.messages(), test.field) {
			t.Errorf("%s: %.300s", test.name, reply.Body)
		}
	}
	const few = `mutation($orders:[AllocateOrder!]!){allocate(orders:$orders,dryRun:true){orders{
		orderId code lines{code qtyApplied shortage message} tasks{bin qty}}}}`
	for _, wide := range []bool{false, true} {
		for _, shape := range [][2]int{{1000, 5}, {1, 5000}} {
			reply := w.ask(t, few, wave(shape[0], shape[1], wide))
			tooLarge := slices.Equal(reply.codes(), []string{codeTooLarge})
			if tooLarge != wide || !wide && len(reply.Errors) > 0 {
				t.Errorf("%d orders of %d lines, codes long: %t: %.300s", shape[0], shape[1], wide,
					reply.Body)
			}
		}
	}
}

func TestAllocateNamesWhatIsWrong(t *testing.T) {
	w := newWhole(t)
	for field, value := range map[string]string{"qty": `"1e3"`, "lineId": `""`, "sku": `5`,
		"revision": `"x"`, "minRemainingDays": `"1"`, "pack": `5`} {
		line := map[string]string{"lineId": `"1"`, "sku": `"TEA"`, "qty": `"1"`}
		line[field] = value
		var parts []string
		for name, value := range line {
			parts = append(parts, fmt.Sprintf("%q:%s", name, value))
		}
		reply := w.send(t, `{"query":`+encode(t, allocateMany)+`,"variables":{"orders":[{"orderId":"A",
			"jobType":"SO","warehouse":"W","lines":[{`+strings.Join(parts, ",")+`}]}]}}`)
		if codes := reply.codes(); len(codes) == 0 || codes[0] != codeBadRequest ||
			!strings.Contains(reply.messages(), "orders[0].lines[0]."+field) {
			t.Errorf("%s %s: %.300s", field, value, reply.Body)
		}
	}
}
