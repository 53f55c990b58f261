package graphql

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// slow is far above what a guarded document takes, also under -race, and far below the minutes
// that an unguarded one would take there.
const slow = 5 * time.Second

func chain(count int, body func(i int) string) string {
	var out strings.Builder
	for i := range count {
		out.WriteString(body(i))
	}
	return out.String()
}

func TestGuardRefusesBeforeTheParser(t *testing.T) {
	api := bareAPI(t)
	tests := []struct{ name, document, code string }{
		{"a megabyte of brackets", "{a(b:" + strings.Repeat("[", 1<<20), codeTooLarge},
		{"sixty kilobytes of brackets", "{a(b:" + strings.Repeat("[", 60_000), codeTooDeep},
		{"deep selections", strings.Repeat("{a", 16) + strings.Repeat("}", 16), codeTooDeep},
		{"deep types", "query($a:" + strings.Repeat("[", 15) + "Int", codeTooDeep},
		{"many tokens", "{" + strings.Repeat("a ", 2000) + "}", codeTooLarge},
		{"a long document", "{a" + strings.Repeat(" ", 64<<10) + "}", codeTooLarge},
		{"an unfinished string", `{a(b:"`, codeBadRequest},
		{"an unfinished block string", `{a(b:"""`, codeBadRequest},
		{"a tricky block string", `{a(b:"""x\"""` + strings.Repeat("[", 5000) + `""")}`, codeBadRequest},
		{"half a character", `{zones(warehouse:"\ud83d\ude00"){edges{cursor}}}`, codeBadRequest},
		{"nothing", "", codeBadRequest},
		{"types", "type A{b:Int}", codeBadRequest},
		{"a described type", `"about" type A{b:Int}`, codeBadRequest},
		{"a subscription", "subscription{a}", codeBadRequest},
		{"two operations, none named", "query a{__typename}query b{__typename}", codeBadRequest},
		{"a fragment in itself", "{...a}fragment a on Query{...a}", codeBadRequest},
		{"fragments in each other",
			"{...a}fragment a on Query{...b}fragment b on Query{...a}", codeBadRequest},
		{"a variable without a type", "query($a:){b}", codeBadRequest},
		{"an unknown fragment", "{...a}", codeBadRequest},
		{"a fragment of another type", "{... on Mutation{upsertSkus(lines:[]){created}}}",
			codeBadRequest},
		{"a fragment of an input type", "{... on LineKey{jobType}}", codeBadRequest},
		{"a field twice with other arguments",
			`{zones(warehouse:"A"){edges{cursor}}zones(warehouse:"B"){edges{cursor}}}`,
			codeBadRequest},
		{"doubling fragments", "{...f0}" + chain(60, func(i int) string {
			return fmt.Sprintf("fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
		}) + "fragment f60 on Query{__typename}", codeTooCostly},
		{"many aliases", "{" + chain(31, func(i int) string {
			return fmt.Sprintf("a%d:warehouses{code}", i)
		}) + "}", codeTooCostly},
		{"six calls", "mutation{" + chain(6, func(i int) string {
			return fmt.Sprintf("a%d:upsertSkus(lines:[]){created}", i)
		}) + "}", codeTooCostly},
		{"six calls in a fragment", "mutation{...f}fragment f on Mutation{" +
			chain(6, func(i int) string {
				return fmt.Sprintf("a%d:upsertSkus(lines:[]){created}", i)
			}) + "}", codeTooCostly},
		{"pages in pages", `{zoneStocks(warehouse:"W",first:200){edges{node{` +
			`bins(first:200){id zone bin sku}}}}}`, codeTooCostly},
		{"fragments of pages", `{...a ...a}` +
			`fragment a on Query{x:zoneStocks(warehouse:"W",first:200){...b}}` +
			`fragment b on ZoneStockConnection{edges{node{...c}}}` +
			`fragment c on ZoneStock{y:bins(first:200){id zone}z:bins(first:200){id bin}}`,
			codeTooCostly},
		{"introspection in circles", "{__schema{types{fields{type{fields{type{fields{type{" +
			"fields{name}}}}}}}}}}", codeTooCostly},
	}
	for _, test := range tests {
		started := time.Now()
		reply := api.ask(t, test.document, nil)
		if codes := reply.codes(); len(codes) == 0 || codes[0] != test.code {
			t.Errorf("%s: %v %s, not %s", test.name, codes, reply.messages(), test.code)
		}
		if strings.Contains(reply.Body, `"data"`) {
			t.Errorf("%s: was executed", test.name)
		}
		if took := time.Since(started); took > slow {
			t.Errorf("%s: took %v", test.name, took)
		}
	}
}

// TestGuardKeepsValidationFast has documents within every limit, each the worst of its kind.
func TestGuardKeepsValidationFast(t *testing.T) {
	api := bareAPI(t)
	wrong := chain(900, func(i int) string { return fmt.Sprintf("f%d ", i) })
	tests := map[string]string{
		"wrong fields under empty lines": "{" + strings.Repeat(" \n", 20_000) + wrong + "}",
		"one field over and over":        "{" + strings.Repeat("warehouses{code} ", 480) + "}",
		"one leaf over and over":         "{warehouses{" + strings.Repeat("code ", 1900) + "}}",
		"fields in pairs": "{...a0 ...b0}" + chain(50, func(i int) string {
			return fmt.Sprintf("fragment a%d on Query{warehouses{code}...a%d}"+
				"fragment b%d on Query{warehouses{code}...b%d}", i, i+1, i, i+1)
		}) + "fragment a50 on Query{__typename}fragment b50 on Query{__typename}",
		"unused variables": "query(" + chain(450, func(i int) string {
			return fmt.Sprintf("$v%d:Int ", i)
		}) + "){__typename}",
	}
	for name, document := range tests {
		started := time.Now()
		api.ask(t, document, nil)
		if took := time.Since(started); took > slow {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func TestGuardLetsThroughWhatIsUsual(t *testing.T) {
	api := bareAPI(t)
	for _, document := range []string{
		"{__typename}",
		"# Lagerbestände, 在庫 — ünïcode\nquery q # größer\n{ __typename }",
		"\uFEFFquery { __typename }",
		`query { __type(name: "Que\u0072y") { name } __typename }`,
		`query { __type(name: """Query""") { name } }`,
		`query { __type(name: "a # b") { name } }`,
		"query null { null: __typename }",
		"query a { __typename } query b { __typename }",
	} {
		body := map[string]any{"query": document}
		if strings.HasPrefix(document, "query a") {
			body["operationName"] = "b"
		}
		reply := api.send(t, encode(t, body))
		if len(reply.Errors) > 0 || reply.Data == nil {
			t.Errorf("%q: %s", document, reply.Body)
		}
	}
}

func TestGuardKnowsNull(t *testing.T) {
	body, refusal := guard(
		`query($null:Code=null){a(null:null,b:[null,{null:null}]) @null{null:null}}`)
	if refusal != nil {
		t.Fatal(refusal)
	}
	const want = `query($null:Code=__nl){a(null:__nl,b:[__nl,{null:__nl}]) @null{null:null}}`
	if string(body) != want {
		t.Errorf("%s", body)
	}
}

func TestSyntaxErrorsDoNotRepeatTheDocument(t *testing.T) {
	reply := bareAPI(t).ask(t, "{\n a(b: \"secret\" \"secret2\" 1.5.5)}", nil)
	if strings.Contains(reply.Body, "secret") || !strings.Contains(reply.Body, "line 2, column") {
		t.Errorf("%s", reply.Body)
	}
}
