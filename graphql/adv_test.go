package graphql
import ("testing";"strings";"time";"fmt")
func TestAdv(t *testing.T) {
	b := bareAPI(t)
	docs := map[string]string{
		"brackets": "{a(b:"+strings.Repeat("[", 60000)+")}",
		"wide": "{"+strings.Repeat("warehouses{code} ", 480)+"}",
		"same": "{"+strings.Repeat("a ", 1900)+"}",
		"nestsame": func() string { s:="code"; for i:=0;i<6;i++ { s = "x{"+s+"} x{"+s+"}" }; return "{"+s+"}" }(),
		"unknown": func() string { s:=""; for i:=0;i<900;i++ { s+=fmt.Sprintf("f%d ", i)}; return "{"+strings.Repeat(" \n", 20000)+s+"}" }(),
		"frags": func() string { s:="{...F0} "; for i:=0;i<100;i++ { s+=fmt.Sprintf("fragment F%d on Query{...F%d ...F%d} ", i,i+1,i+1)}; return s+"fragment F100 on Query{warehouses{code}}" }(),
		"fragswide": func() string { s:="{"; for i:=0;i<150;i++ {s+=fmt.Sprintf("...F%d ",i)}; s+="}"; for i:=0;i<150;i++ { s+=fmt.Sprintf("fragment F%d on Query{warehouses{code name}} ", i)}; return s}(),
		"fragsnest": func() string { s:="{...F0 ...G0} "; for i:=0;i<60;i++ { s+=fmt.Sprintf("fragment F%d on Query{warehouses{code} ...F%d} fragment G%d on Query{warehouses{code} ...G%d} ", i,i+1,i,i+1)}; return s+"fragment F60 on Query{warehouses{code}} fragment G60 on Query{warehouses{code}}" }(),
		"directives": "{warehouses"+strings.Repeat("@include(if:true)", 240)+"{code}}",
		"vars": func() string { s:="query("; for i:=0;i<400;i++ { s+=fmt.Sprintf("$v%d:Int ", i)}; return s+"){warehouses{code}}" }(),
		"lists": "query($x:"+strings.Repeat("[",14)+"Int"+strings.Repeat("]",14)+"){warehouses{code}}",
		"garbage": strings.Repeat("\"\"\"", 300),
	}
	for name, doc := range docs {
		start := time.Now()
		r := b.ask(t, doc, nil)
		t.Log(name, len(doc), time.Since(start), len(r.Errors), r.codes()[:min(1,len(r.Errors))], r.messages()[:min(150,len(r.messages()))])
	}
}
