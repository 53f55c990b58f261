package graphql

import (
	"fmt"
	"testing"

	"github.com/graphql-go/graphql/language/parser"
	"github.com/graphql-go/graphql/language/source"
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
