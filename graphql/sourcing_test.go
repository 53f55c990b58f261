package graphql

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// example is a document in a page of the documentation, and the answer that it says is given.
type example struct{ document, answer string }

// examplesOf reads the fenced blocks of a page: each GraphQL one, with the JSON one after it.
func examplesOf(t *testing.T, page string) (examples []example) {
	t.Helper()
	blocks := regexp.MustCompile("(?s)```(graphql|json)\n(.*?)```").
		FindAllStringSubmatch(readFile(t, page), -1)
	for _, block := range blocks {
		if block[1] == "graphql" {
			examples = append(examples, example{document: block[2]})
		} else {
			examples[len(examples)-1].answer = block[2]
		}
	}
	return examples
}

// sourced is an engine with the warehouses of the documentation, and its goods in them.
func sourced(t *testing.T) (*whole, []example) {
	t.Helper()
	w := newEmpty(t)
	examples := examplesOf(t, "../docs/sourcing.md")
	w.want(examples[0].document, map[string]any{"upsertWarehouses.created": 3.0})
	var zones, receipts []string
	for i, stock := range []string{"HAMBURG LAMP 8", "KOELN LAMP 10", "WIEN LAMP 10",
		"HAMBURG SHADE 5"} {
		var warehouse, sku, qty string
		if _, err := fmt.Sscan(stock, &warehouse, &sku, &qty); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			zones = append(zones, fmt.Sprintf(`{warehouse:%q,code:"Z"}`, warehouse))
		}
		receipts = append(receipts, fmt.Sprintf(`{key:{jobType:"ASN",orderId:"A",lineId:"%d"},
			at:{warehouse:%q,zone:"Z",sku:%q},qty:%q}`, i, warehouse, sku, qty))
	}
	w.want(`mutation{upsertZones(lines:[`+strings.Join(zones, ",")+`]){created}
		upsertSkus(lines:[{code:"LAMP"},{code:"SHADE"}]){created}
		receive(policy:PER_LINE,lines:[`+strings.Join(receipts, ",")+`]){applied}}`,
		map[string]any{"receive.applied": 4.0})
	return w, examples[1:]
}

// The examples of docs/sourcing.md, word for word.
func TestSourcingDocumentation(t *testing.T) {
	w, examples := sourced(t)
	if len(examples) != 2 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, example := range examples {
		reply := w.ask(t, example.document, nil)
		var want map[string]any
		if err := json.Unmarshal([]byte(example.answer), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, reply.Data); diff != "" || len(reply.Errors) > 0 {
			t.Errorf("%s\n%s\n%s", reply.Body, diff, &w.log)
		}
	}
}

func TestSourceOrdersShowsHowItCame(t *testing.T) {
	w, _ := sourced(t)
	const source = `mutation{sourceOrders(orders:[{orderId:"O",jobType:"SO",regions:["SOUTH"],
			excluded:["KOELN"],maxSplits:1,lines:[{lineId:"1",sku:"LAMP",qty:"12"},
			{lineId:"2",sku:"RUM",qty:"1"}]}]){
		orders{orderId code field message lines{lineId code field message qty shortage}
			parts{warehouse round code lines{lineId qty givenBack result{code qtyApplied
				reservation{open}}} tasks{bin qty}}
			rounds{number exact parts{warehouse lines{lineId qty}} explanation{warehouse used reason
				serving regionMatches priority distanceKm linesLeft wholeLines qty}}}}}`
	w.want(source, map[string]any{
		"sourceOrders.orders.0.code":                                    "PARTIAL",
		"sourceOrders.orders.0.lines.0.code":                            "APPLIED",
		"sourceOrders.orders.0.lines.0.qty":                             "12",
		"sourceOrders.orders.0.lines.1.code":                            "NOT_FOUND",
		"sourceOrders.orders.0.lines.1.field":                           "sku",
		"sourceOrders.orders.0.parts.0.warehouse":                       "HAMBURG",
		"sourceOrders.orders.0.parts.0.tasks.0.bin":                     "Z-STAGING",
		"sourceOrders.orders.0.parts.0.lines.0.qty":                     "2",
		"sourceOrders.orders.0.parts.1.warehouse":                       "WIEN",
		"sourceOrders.orders.0.parts.1.lines.0.result.reservation.open": "10",
		"sourceOrders.orders.0.rounds.0.number":                         1.0,
		"sourceOrders.orders.0.rounds.0.parts.0.warehouse":              "WIEN",
		"sourceOrders.orders.0.rounds.0.explanation.0.regionMatches":    true,
		"sourceOrders.orders.0.rounds.0.explanation.2.reason":           "NOT_ALLOWED",
		"sourceOrders.orders.0.rounds.0.explanation.0.distanceKm":       nil,
		"sourceOrders.orders.0.rounds.0.explanation.1.linesLeft":        400.0,
	})
	w.want(source, map[string]any{"sourceOrders.orders.0.lines.0.code": "REPLAYED",
		"sourceOrders.orders.0.parts.0.code": "REPLAYED", "sourceOrders.orders.0.parts.0.round": 0.0})
}

func TestSourcingIsBounded(t *testing.T) {
	api := bareAPI(t)
	order := func(lines int) map[string]any {
		line := map[string]any{"lineId": "1", "sku": "S", "qty": "1"}
		all := make([]any, lines)
		for i := range all {
			all[i] = line
		}
		return map[string]any{"orderId": "O", "jobType": "J", "lines": all}
	}
	many := make([]any, 101)
	for i := range many {
		many[i] = order(1)
	}
	wrong := order(1)
	wrong["destination"] = map[string]any{"latitude": 52.5, "longitude": "13"}
	for _, test := range []struct {
		name   string
		orders []any
		code   string
		field  string
	}{
		{"no orders", []any{}, codeBadRequest, "orders"},
		{"too many orders", many, codeTooManyLines, "orders"},
		{"too many lines", []any{order(1), order(500)}, codeTooManyLines, "orders[1].lines"},
		{"no lines", []any{order(0)}, codeBadRequest, "orders[0].lines"},
		{"a float", []any{wrong}, codeBadRequest, "orders[0].destination.latitude"},
	} {
		for _, call := range []string{`query($o:[SourceOrder!]!){planSourcing(orders:$o){orders{code}}}`,
			`mutation($o:[SourceOrder!]!){sourceOrders(orders:$o){orders{code}}}`} {
			reply := api.ask(t, call, map[string]any{"o": test.orders})
			if len(reply.Errors) != 1 || reply.codes()[0] != test.code ||
				reply.Errors[0].Extensions["field"] != test.field {
				t.Errorf("%s: %s", test.name, reply.Body)
			}
		}
	}
	reply := api.ask(t, `mutation($o:[SourceOrder!]!){sourceOrders(orders:$o){orders{parts{lines{
		result{flows{id} zoneStocks{id bins{id}} explanation{zone bin batch rank}}}}
		rounds{explanation{warehouse}}}}}`, map[string]any{"o": []any{order(500)}})
	if len(reply.Errors) != 1 || reply.codes()[0] != codeTooCostly {
		t.Errorf("%.200s", reply.Body)
	}
}
