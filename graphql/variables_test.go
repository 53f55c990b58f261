package graphql

import (
	"reflect"
	"strings"
	"testing"

	"tierstock/flow"
	"tierstock/model"
)

const receiveMany = `mutation($lines:[ReceiveLine!]!,$policy:BatchPolicy,$dry:Boolean){
	receive(lines:$lines,policy:$policy,dryRun:$dry){committed applied replayed failed}}`

// receiving is a line that is right, with one field changed or, with nil, taken away. The field
// may be inside, such as at.sku.
func receiving(field string, value any) map[string]any {
	line := map[string]any{
		"key": map[string]any{"jobType": "ASN", "orderId": "A1", "lineId": "1"},
		"at":  map[string]any{"warehouse": "W1", "zone": "DOCK", "sku": "S1"},
		"qty": "2.5"}
	inner, name := line, field
	if outer, rest, nested := strings.Cut(field, "."); nested {
		if line[outer] == nil {
			line[outer] = map[string]any{}
		}
		inner, name = line[outer].(map[string]any), rest
	}
	if inner[name] = value; value == nil {
		delete(inner, name)
	}
	return line
}

func TestWrongValuesAreRefusedByLineAndField(t *testing.T) {
	tests := []struct {
		field string
		value any
		says  string
	}{
		{"qty", 2.5,
			`lines[1].qty: must be a string such as "12" or "0.5", with at most 12 integer ` +
				`and 6 fraction digits, not a number`},
		{"qty", "1e3",
			`lines[1].qty: must be a string such as "12" or "0.5", with at most 12 integer ` +
				`and 6 fraction digits`},
		{"qty", nil, "lines[1].qty: is required"},
		{"at", nil, "lines[1].at: is required"},
		{"at", "S1", "lines[1].at: must be an object, not a string"},
		{"at.sku", 12345678901234, "lines[1].at.sku: must be a string, not a number"},
		{"at.sku", true, "lines[1].at.sku: must be a string, not a boolean"},
		{"at.sku", " S1", "lines[1].at.sku: begins or ends with a space"},
		{"at.sku", "", "lines[1].at.sku: is empty"},
		{"at.skU", "S1", `lines[1].at: ZoneStockKey has no field "skU"`},
		{"at.batch", "b\x00", "lines[1].at.batch: has a character that cannot be printed"},
		{"key.revision", 2,
			`lines[1].key.revision: must be a string of digits such as "42", not a number`},
		{"key.revision", "-2", `lines[1].key.revision: must be a string of digits such as "42"`},
		{"expiresOn", "2026-02-30", `lines[1].expiresOn: must be a date string such as "2026-01-31"`},
		{"audit.reason", "STOLEN", "lines[1].audit.reason: must be one of [ASN COUNT"},
		{"audit.reason", 3, "lines[1].audit.reason: must be one of [ASN COUNT"},
		{"audit.note", strings.Repeat("n", 501), "lines[1].audit.note: has more than 500 characters"},
		{"audit.occurredAt", "2026-01-31", "lines[1].audit.occurredAt: must be an RFC 3339 string"},
		{"audit", []any{}, "lines[1].audit: must be an object, not a list"},
		{"dock", "D", `lines[1]: ReceiveLine has no field "dock"`},
	}
	bench := newBench(t)
	for _, test := range tests {
		reply := bench.ask(t, receiveMany, map[string]any{
			"lines": []any{receiving("bin", "B1"), receiving(test.field, test.value)}})
		if len(reply.Errors) != 1 || !strings.HasPrefix(reply.messages(), test.says) ||
			reply.codes()[0] != codeBadRequest || reply.Status != 200 {
			t.Errorf("%s = %v: %d %s", test.field, test.value, reply.Status, reply.Body)
		}
		if field := reply.Errors[0].Extensions["field"]; !strings.HasPrefix(test.says,
			field.(string)+":") {
			t.Errorf("%s = %v: extensions name %v", test.field, test.value, field)
		}
	}
	if len(bench.recorder.called) != 0 {
		t.Errorf("a verb was called: %v", bench.recorder.called)
	}
}

func TestLiteralsAreReadAsStrictly(t *testing.T) {
	const line = `{key:{jobType:"ASN",orderId:"A1",lineId:"1"},` +
		`at:{warehouse:"W1",zone:"DOCK",sku:"S1"},qty:"1"}`
	call := func(lines, more string) string {
		return "mutation{receive(lines:" + lines + more + "){committed}}"
	}
	tests := []struct{ document, says string }{
		{call("["+strings.Replace(line, `qty:"1"`, "qty:1", 1)+"]", ""),
			"lines[0].qty: must be a string"},
		{call("["+strings.Replace(line, `"S1"`, "S1", 1)+"]", ""),
			"lines[0].at.sku: must be a string, not a bare name"},
		{call("["+strings.Replace(line, `"S1"`, "null", 1)+"]", ""), "lines[0].at.sku: is required"},
		{call("[null]", ""), "lines[0]: is required"},
		{call("null", ""), "lines: is required"},
		{call("[]", ""), "lines: must be at least one"},
		{call(`"x"`, ""), "lines[0]: must be an object, not a string"},
		{"mutation{receive{committed}}", "lines: is required"},
		{call("["+line+"]", `,dryRun:"no"`), "dryRun: must be true or false, not a string"},
		{call("["+line+"]", `,dryRun:0`), "dryRun: must be true or false, not a number"},
		{call("["+line+"]", `,policy:"PER_LINE"`), "policy: must be one of"},
		{call("["+line+"]", `,policy:ANY`), "policy: must be one of"},
		{`{zones(warehouse:"W",first:0){edges{cursor}}}`, "first: must be 1 to 200"},
		{`{zones(warehouse:"W",first:201){edges{cursor}}}`, "first: must be 1 to 200"},
		{`{zones(warehouse:"W",first:"5"){edges{cursor}}}`,
			"first: must be a whole number of 32 bits, not a string"},
		{`{zones(warehouse:"W",after:5){edges{cursor}}}`, "after: must be a string, not a number"},
		{`{zones(warehouse:5){edges{cursor}}}`, "warehouse: must be a string, not a number"},
		{`{__typename @include(if:"no")}`, "if: must be true or false, not a string"},
		{`{__type(name:5){name}}`, "name: must be a string, not a number"},
	}
	bench := newBench(t)
	for _, test := range tests {
		reply := bench.ask(t, test.document, nil)
		if !strings.HasPrefix(reply.messages(), test.says) || strings.Contains(reply.Body, `"data"`) {
			t.Errorf("%s: %s", test.document, reply.Body)
		}
	}
}

func TestVariablesAreReadAsStrictly(t *testing.T) {
	tests := []struct {
		document  string
		variables map[string]any
		says      string
	}{
		{`query($w:Code!){zones(warehouse:$w){edges{cursor}}}`, nil, "$w: is required"},
		{`query($w:Code!){zones(warehouse:$w){edges{cursor}}}`, map[string]any{"w": nil},
			"$w: is required"},
		{`query($w:Code!="W"){zones(warehouse:$w){edges{cursor}}}`, map[string]any{"w": nil},
			"$w: is required"},
		{`query($w:Code="W"){zones(warehouse:$w){edges{cursor}}}`, map[string]any{"w": nil},
			"warehouse: is required"},
		{`query($b:Boolean!){__typename @skip(if:$b)}`, map[string]any{"b": "no"},
			"if: must be true or false"},
		{`query($b:Boolean!){__typename @skip(if:$b)}`, map[string]any{"b": 1},
			"if: must be true or false"},
		{`query($n:String!){__type(name:$n){name}}`, map[string]any{"n": 1}, "name: must be a string"},
		{`query($d:Boolean){__type(name:"Zone"){fields(includeDeprecated:$d){name}}}`,
			map[string]any{"d": "False"}, "includeDeprecated: must be true"},
		{`query($f:Int){zones(warehouse:"W",first:$f){edges{cursor}}}`, map[string]any{"f": true},
			"first: must be a whole number of 32 bits, not a boolean"},
		{`query($f:Int){zones(warehouse:"W",first:$f){edges{cursor}}}`, map[string]any{"f": 1.9},
			"first: must be a whole number of 32 bits"},
		{`query($f:Int){zones(warehouse:$f){edges{cursor}}}`, nil,
			`line 1, column 7: Variable "$f" of type "Int" used in position expecting type "Code!"`},
		{`query($c:[Code!]){skus(codes:$c){edges{cursor}}}`, map[string]any{"c": []any{"a", nil}},
			"codes[1]: is required"},
		{`query($o:Boolean){zoneStocks(warehouse:"W",filter:{onlyAvailable:$o}){edges{cursor}}}`,
			map[string]any{"o": "no"}, "filter.onlyAvailable: must be true or false, not a string"},
	}
	bench := newBench(t)
	for _, test := range tests {
		reply := bench.ask(t, test.document, test.variables)
		if !strings.HasPrefix(reply.messages(), test.says) || strings.Contains(reply.Body, `"data"`) {
			t.Errorf("%s: %s", test.document, reply.Body)
		}
	}
}

func TestLeavingOutNullAndDefaultsAreTheSame(t *testing.T) {
	var want any
	for i, sent := range []map[string]any{
		{"lines": []any{receiving("qty", "2.5")}},
		{"lines": []any{receiving("qty", "2.50")}, "policy": nil, "dry": nil},
		{"lines": receiving("key.revision", "0"), "policy": "ALL_OR_NOTHING", "dry": false},
	} {
		bench := newBench(t)
		reply := bench.ask(t, receiveMany, sent)
		if len(reply.Errors) > 0 {
			t.Fatal(reply.Body)
		}
		if i == 0 {
			want = bench.recorder.lines
		}
		if !reflect.DeepEqual(bench.recorder.lines, want) ||
			bench.recorder.mode != (flow.Mode{AllOrNothing: true, Actor: "ADMIN"}) {
			t.Errorf("%d: %+v %+v", i, bench.recorder.mode, bench.recorder.lines)
		}
	}
}

func TestLinesOfACall(t *testing.T) {
	bench := newBench(t)
	lines := make([]any, linesMax+1)
	for i := range lines {
		lines[i] = receiving("bin", "B1")
	}
	reply := bench.ask(t, receiveMany, map[string]any{"lines": lines})
	if codes := reply.codes(); len(codes) != 1 || codes[0] != codeTooManyLines {
		t.Errorf("%s", reply.Body)
	}
	reply = bench.ask(t, receiveMany, map[string]any{"lines": lines[:linesMax]})
	if len(reply.Errors) > 0 || reply.at("receive.applied") != float64(linesMax) {
		t.Errorf("%s", reply.Body)
	}
	reply = bench.ask(t, "mutation($lines:[ReceiveLine!]!){receive(lines:$lines)"+wholeResult+"}",
		map[string]any{"lines": lines[:linesMax]})
	if len(reply.Errors) > 0 {
		t.Errorf("with every field of the answer: %s", reply.messages())
	}
	if sent, ok := bench.recorder.lines.([]model.ReceiveLine); !ok || len(sent) != linesMax {
		t.Errorf("%T", bench.recorder.lines)
	}
}

func TestManyWrongValuesAreNamedUpToABound(t *testing.T) {
	lines := make([]any, 40)
	for i := range lines {
		lines[i] = receiving("qty", 1)
	}
	reply := bareAPI(t).ask(t, receiveMany, map[string]any{"lines": lines})
	if len(reply.Errors) != refusalsMax || !strings.HasPrefix(reply.messages(), "lines[0].qty") {
		t.Errorf("%d: %s", len(reply.Errors), reply.Body)
	}
}

func TestRefusalsNameTheCall(t *testing.T) {
	reply := bareAPI(t).ask(t, `mutation{a:upsertSkus(lines:{code:"A"}){created}
		b:upsertSkus(lines:{code:5}){created}}`, nil)
	if len(reply.Errors) != 1 || reply.Errors[0].Extensions["call"] != "b" {
		t.Errorf("%s", reply.Body)
	}
}

func TestRefusalsDoNotRepeatValues(t *testing.T) {
	const secret = "s3cr3t"
	for _, field := range []string{"qty", "expiresOn", "key.revision", "audit.reason",
		"audit.occurredAt"} {
		reply := bareAPI(t).ask(t, receiveMany, map[string]any{"lines": []any{receiving(field, secret)}})
		if len(reply.Errors) != 1 || strings.Contains(reply.Body, secret) {
			t.Errorf("%s: %s", field, reply.Body)
		}
	}
}
