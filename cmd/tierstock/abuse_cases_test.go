package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func query(document string) string {
	encoded, _ := json.Marshal(map[string]string{"query": document})
	return string(encoded)
}

func repeated(count int, part func(int) string) string {
	var text strings.Builder
	for i := range count {
		text.WriteString(part(i))
	}
	return text.String()
}

const taken = http.StatusUnprocessableEntity // the request was, and its document was not

func documentAbuse() []abuse {
	fragments := "{...f0}" + repeated(25, func(i int) string {
		return fmt.Sprintf("fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}) + "fragment f25 on Query{warehouses{code}}"
	costly := `{zoneStocks(warehouse:"W",first:200){edges{node{bins(first:200){` +
		`bin zone sku batch pack onHand reserved frozen}}}}}`
	return []abuse{
		{name: "a megabyte of brackets", body: query(strings.Repeat("[", 1<<20)),
			status: http.StatusRequestEntityTooLarge, want: "TOO_LARGE"},
		{name: "400 KB of brackets", body: query(strings.Repeat("[", 400<<10)), status: taken,
			want: "TOO_LARGE"},
		{name: "60 KB of brackets", body: query("{a(b:" + strings.Repeat("[", 60_000)), status: taken,
			want: "TOO_DEEP"},
		{name: "fragment bomb", body: query(fragments), status: taken, want: "TOO_"},
		{name: "fragment cycle", body: query("{...a}fragment a on Query{...b}" +
			"fragment b on Query{...a}"), status: taken, want: "BAD_REQUEST"},
		{name: "5,000 aliases", body: query("{" + repeated(5000, func(i int) string {
			return fmt.Sprintf("a%d:warehouses{code}", i)
		}) + "}"), status: taken, want: "TOO_LARGE"},
		{name: "100 aliases", body: query("{" + repeated(100, func(i int) string {
			return fmt.Sprintf("a%d:warehouses{code}", i)
		}) + "}"), status: taken, want: "TOO_COSTLY"},
		{name: "deep selections", body: query(strings.Repeat("{a", 100) + strings.Repeat("}", 100)),
			status: taken, want: "TOO_DEEP"},
		{name: "pages of pages", body: query(costly), status: taken, want: "TOO_COSTLY"},
		{name: "6 mutations", body: query("mutation{" + repeated(6, func(i int) string {
			return fmt.Sprintf(`m%d:upsertSkus(lines:{code:"S"}){created}`, i)
		}) + "}"), status: taken, want: "TOO_COSTLY"},
		{name: "251 lines", body: `{"query":"mutation($l:[SkuInput!]!){upsertSkus(lines:$l)` +
			`{created}}","variables":{"l":[` +
			strings.Repeat(`{"code":"S"},`, 250) + `{"code":"S"}]}}`, status: taken,
			want: "TOO_MANY_LINES"},
		{name: "a page of 201", body: query(`{zones(warehouse:"W",first:201){edges{cursor}}}`),
			status: taken, want: "BAD_REQUEST"},
		{name: "directives", body: query("{warehouses" + strings.Repeat("@skip(if:false)", 300) +
			"{code}}"), status: taken, want: "TOO_LARGE"},
		{name: "subscription", body: query("subscription{warehouses{code}}"), status: taken,
			want: "BAD_REQUEST"},
		{name: "two operations", body: query("query a{warehouses{code}}query b{warehouses{code}}"),
			status: taken, want: "operationName"},
		{name: "introspection without end", body: query("{__schema{types{" +
			strings.Repeat("fields{type{", 10) + "name" + strings.Repeat("}}", 10) + "}}}"),
			status: taken, want: "TOO_"},
	}
}

// quantityAbuse are quantities of every wrong shape: what is none at all, and what is none here.
func quantityAbuse() []abuse {
	reserve := func(name, qty string, status int, want string) abuse {
		return abuse{name: "qty " + name, status: status, want: want,
			body: `{"query":"mutation($q:Decimal!){reserve(lines:{key:{jobType:\"J\",orderId:\"Q\",` +
				`lineId:\"1\"},warehouse:\"W\",sku:\"T\",qty:$q}){results{code field}}}",` +
				`"variables":{"q":` + qty + `}}`}
	}
	var cases []abuse
	for _, qty := range []string{`1`, `1.5`, `1e3`, `1e999999`, `true`, `null`, `[]`, `["1"]`, `{}`,
		`""`, `" 1"`, `"1 "`, `"1e3"`, `"NaN"`, `"Infinity"`, `"0x10"`, `"1,5"`, `"1_000"`, `"+1"`,
		`"٣"`, `"１"`, `"1.0000001"`, `"1234567890123"`, `"1\u0000"`, `"--1"`, `"."`} {
		cases = append(cases, reserve(qty, qty, taken, "BAD_REQUEST"))
	}
	for _, qty := range []string{`"0"`, `"-1"`, `"-0"`, `"0.5"`} {
		cases = append(cases, reserve(qty, qty, http.StatusOK, `"code":"INVALID","field":"qty"`))
	}
	return append(cases, reserve("of all there could be", `"999999999999"`, http.StatusOK,
		"INSUFFICIENT"))
}

// codeAbuse are codes that are not what they look like, and keys that would be one when joined.
func codeAbuse() []abuse {
	var cases []abuse
	for name, code := range map[string]string{"NUL": `W\u0000`, "a control character": `W\u0007`,
		"half a character": `\ud83d`, "a space behind": `W `, "a space before": ` W`,
		"decomposed": `E\u0301`, "text from right to left": `\u202eW`, "nothing": ``,
		"a line break": `W\n`, "too many characters": strings.Repeat("W", 5000)} {
		status := taken
		if name == "half a character" {
			status = http.StatusBadRequest
		}
		cases = append(cases, abuse{name: "code with " + name, status: status, want: "BAD_REQUEST",
			body: `{"query":"query($w:Code!){zones(warehouse:$w){edges{cursor}}}","variables":{"w":"` +
				code + `"}}`})
	}
	for name, code := range map[string]string{"full width": `Ｗ`, "Cyrillic": `Ш`, "small": `w`,
		"SQL": `W' OR '1'='1`, "a wild card": `%`} {
		cases = append(cases, abuse{name: "code " + name, status: http.StatusOK,
			want: `{"edges":[]}`, body: `{"query":"query($w:Code!){zones(warehouse:$w){edges{cursor}}}"` +
				`,"variables":{"w":"` + code + `"}}`})
	}
	line := func(job, order, line string) string {
		return fmt.Sprintf(`{key:{jobType:%q,orderId:%q,lineId:%q},warehouse:"W",sku:"T",qty:"1"}`, job,
			order, line)
	}
	return append(cases, abuse{name: "keys that are one when joined", status: http.StatusOK,
		body: query("mutation{reserve(lines:[" + line("a|b", "c", "d") + line("a", "b|c", "d") +
			line("a", "b", "c|d") + line("a:b", "c", "d") + line("a", "b:c", "d") +
			line("A", "b:c", "d") + "]){applied replayed results{code}}}"),
		want: `"applied":6,"replayed":0`})
}

var cursorField = regexp.MustCompile(`"endCursor":"([^"]+)"`)

// cursorAbuse are places in other lists, and in none.
func cursorAbuse(t *testing.T, s *server, token string) []abuse {
	t.Helper()
	ask := abuse{body: query(`{zoneStocks(warehouse:"W"){pageInfo{endCursor}}}`)}
	_, answer := ask.send(t, s, token)
	found := cursorField.FindStringSubmatch(answer)
	if found == nil {
		t.Fatal(answer)
	}
	plain, err := base64.RawURLEncoding.DecodeString(found[1])
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	var cases []abuse
	for name, cursor := range map[string]string{"broken": found[1][1:], "padded": found[1] + "=",
		"foreign": found[1], "with a space": found[1] + " ", "no base64": "%%%",
		"of JSON alone": encode([]byte("{}")), "with more in it": encode(append(plain, ' ')),
		"deep": encode([]byte(strings.Repeat("[", 20_000))), "SQL": encode([]byte("1 OR 1=1"))} {
		cases = append(cases, abuse{name: "cursor " + name, status: http.StatusOK, want: "BAD_CURSOR",
			body: query(fmt.Sprintf(`{binStocks(warehouse:"W",after:%q){edges{cursor}}}`, cursor))})
	}
	return cases
}

func bodyAbuse() []abuse {
	nested := func(levels int) string {
		return `{"query":"{warehouses{code}}","variables":{"a":` + strings.Repeat("[", levels) +
			strings.Repeat("]", levels) + `}}`
	}
	bad := func(name, body string) abuse {
		return abuse{name: name, body: body, status: http.StatusBadRequest, want: "BAD_REQUEST"}
	}
	return []abuse{
		bad("no body", ""), bad("a list of operations", "["+query("{warehouses{code}}")+"]"),
		bad("half an object", `{"query":"{`), bad("two objects", query("{a}")+query("{b}")),
		bad("a number", "1"), bad("null", "null"), bad("a null query", `{"query":null}`),
		bad("a query that is a number", `{"query":7}`),
		bad("the same key twice", `{"query":"{warehouses{code}}","query":"{zones{x}}"}`),
		bad("the same variable twice", `{"query":"{warehouses{code}}","variables":{"a":1,"a":2}}`),
		bad("not UTF-8", "{\"query\":\"{warehouses{code}}\xff\"}"),
		bad("variables of 200,000 levels", nested(200_000)),
		bad("variables that are a list", `{"query":"{warehouses{code}}","variables":[]}`),
		{name: "null lines", body: `{"query":"mutation($l:[ReserveLine!]!){reserve(lines:$l)` +
			`{applied}}","variables":{"l":null}}`, status: taken, want: "BAD_REQUEST"},
		{name: "null in lines", body: query(`mutation{upsertSkus(lines:[null]){created}}`),
			status: taken, want: "BAD_REQUEST"},
		{name: "null everywhere else", body: `{"query":"{warehouses{code}}","variables":null,` +
			`"operationName":null,"extensions":null}`, status: http.StatusOK, want: `"code":"W"`},
		{name: "gzip bomb", headers: []string{"Content-Encoding: gzip"},
			body: "\x1f\x8b\x08" + strings.Repeat("\x00", 1000), status: http.StatusUnsupportedMediaType,
			want: "not compressed"},
	}
}

func exchangeAbuse() []abuse {
	var cases []abuse
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x", "application/graphql", "application/json; charset=utf-16",
		"application/json, text/plain", "*/*", ";"} {
		cases = append(cases, abuse{name: "type " + media, body: query("{warehouses{code}}"),
			headers: []string{"Content-Type: " + media}, status: http.StatusUnsupportedMediaType,
			want: "BAD_REQUEST"})
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
		cases = append(cases, abuse{name: method, method: method,
			path: "graphql?query=%7Bwarehouses%7Bcode%7D%7D", status: http.StatusMethodNotAllowed,
			unlike: `"code":"W"`})
	}
	for _, path := range []string{"graphiql/vendor/../../../etc/passwd",
		"graphiql/%2e%2e/%2e%2e/go.mod", "..%2f..%2fetc%2fpasswd", "page.css/..%5c..%5cgo.mod",
		"graphiql/vendor/.env", ".git/config"} {
		status := http.StatusNotFound
		if strings.Contains(path, "/../") {
			status = http.StatusTemporaryRedirect // to the path without dots
		}
		cases = append(cases, abuse{name: "path " + path, method: http.MethodGet, path: path,
			status: status, unlike: "module tierstock"})
	}
	return append(cases,
		abuse{name: "answers as a page", body: query("{warehouses{code}}"),
			headers: []string{"Accept: text/html"}, status: http.StatusNotAcceptable},
		abuse{name: "a web socket", method: http.MethodGet, headers: []string{"Connection: Upgrade",
			"Upgrade: websocket", "Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="},
			status: http.StatusMethodNotAllowed},
		abuse{name: "a page of 64 KB of headers", method: http.MethodGet, path: "healthz",
			headers: []string{"X-A: " + strings.Repeat("a", 64<<10)},
			status:  http.StatusRequestHeaderFieldsTooLarge},
		abuse{name: "1,000 ranges of an asset", method: http.MethodGet,
			path: "graphiql/vendor/graphiql.min.js", headers: []string{"Range: bytes=" +
				strings.Repeat("0-,", 1000) + "0-"}, status: http.StatusOK},
		abuse{name: "another origin with a token", body: query("{warehouses{code}}"),
			headers: []string{"Origin: https://evil.example"}, status: http.StatusOK},
	)
}
