package graphql

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/graphql-go/graphql/language/parser"
	"github.com/graphql-go/graphql/language/source"

	"tierstock/model"
)

// FuzzGuard looks for documents that pass the guard and hurt what comes after it.
func FuzzGuard(f *testing.F) {
	f.Add(`query q($a:[Int!]=[1] $b:String=null){
		a:b(c:{d:$a,e:"\u00e9",f:"""x"""})@skip(if:true){...g}}`)
	f.Add("query($a:){b}")
	f.Add("# ä\n\uFEFF{a}")
	f.Add(`{a(b:"""\"""`)
	f.Add("fragment a on B{...a ... on C{d}}")
	api := bareAPI(f)
	f.Fuzz(func(t *testing.T, text string) {
		body, refusal := guard(text)
		if refusal != nil {
			return
		}
		tokens, _ := scan(body)
		if len(tokens) > documentTokensMax {
			t.Errorf("%d tokens", len(tokens))
		}
		_, _ = parser.Parse(parser.ParseParams{Source: source.NewSource(&source.Source{Body: body})})
		if doc, refusals := prepare(&api.schema, text, ""); refusals == nil {
			_, _ = doc.readArguments(api.inputs, map[string]any{"a": "1"})
		}
	})
}

// FuzzScalars looks for texts that a scalar neither reads nor refuses.
func FuzzScalars(f *testing.F) {
	for _, seed := range []string{"1.5", "-0", "2026-01-31", "2026-01-31T08:00:00+01:00", "é",
		"\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, read := range readers {
			value, wrong := read(text)
			if (wrong == "") != (value != nil) {
				t.Errorf("%s: %v and %q", name, value, wrong)
			}
		}
		// What is read as a Decimal reads as the same when it is written.
		if qty, wrong := readDecimal(text); wrong == "" {
			again, _ := readDecimal(fmt.Sprint(qty))
			if again != qty {
				t.Errorf("%q is %v, and then %v", text, qty, again)
			}
		}
	})
}

// FuzzScalarShapes looks for values of any shape that a scalar neither reads nor refuses, and for
// what is read differently when it comes as a literal.
func FuzzScalarShapes(f *testing.F) {
	for _, seed := range []string{`1`, `1.5`, `1e400`, `true`, `null`, `[]`, `{}`, `"x"`, `["1"]`,
		`2147483648`, `-0`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var given any
		if decoder.Decode(&given) != nil {
			return
		}
		for name, read := range readers {
			value, wrong := read(given)
			if (wrong == "") != (value != nil) {
				t.Errorf("%s: %v and %q", name, value, wrong)
			}
			plain, isText := given.(string)
			if !isText && wrong == "" && name != "Int" && name != "Boolean" && name != "ID" {
				t.Errorf("%s takes %s", name, text)
			}
			literal, complaint := read(quoted(plain))
			if isText && (literal != value || complaint != wrong) {
				t.Errorf("%s: %q is %v, and as a literal %v", name, plain, value, literal)
			}
		}
	})
}

// FuzzCursor looks for texts that are taken for a place though no list gave them out.
func FuzzCursor(f *testing.F) {
	f.Add("", "zones")
	f.Add(encodeCursor(int64(7), "zones"), "zones")
	f.Add(encodeCursor(int64(7), "zones"), "bins")
	f.Add(encodeCursor("A-1", "zones")+"=", "zones")
	f.Add("eyJwIjo3LCJsIjoieiJ9", "z")
	f.Fuzz(func(t *testing.T, text, list string) {
		if number, refusal := decodeCursor[int64](text, list); refusal == nil && text != "" &&
			encodeCursor(number, list) != text {
			t.Errorf("%q is taken for %d", text, number)
		}
		if code, refusal := decodeCursor[string](text, list); refusal == nil && text != "" &&
			encodeCursor(code, list) != text {
			t.Errorf("%q is taken for %q", text, code)
		}
		if item, refusal := decodeCursor[model.Item](text, list); refusal == nil && text != "" &&
			encodeCursor(item, list) != text {
			t.Errorf("%q is taken for %v", text, item)
		}
	})
}

// FuzzPayload looks for bodies that are taken though a key is in them twice, or that end the
// process.
func FuzzPayload(f *testing.F) {
	f.Add(`{"query":"{a}","variables":{"a":{"b":[1,{"c":"\""}]}}}`)
	f.Add(`{"query":"{a}","query":"{b}"}`)
	f.Add(`{"query":"\ud83d\ude00","x":[[[]]]}`)
	f.Fuzz(func(t *testing.T, body string) {
		if unsafeJSON([]byte(body)) != "" {
			return
		}
		sent, refusal := parsePayload([]byte(body))
		if (sent == nil) != (refusal != nil) {
			t.Errorf("%v and %v", sent, refusal)
		}
	})
}
