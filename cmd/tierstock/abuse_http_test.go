package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// rawAbuse are requests that no client of good faith sends.
func rawAbuse() []abuse {
	const head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
		"Authorization: Bearer $TOKEN\r\n"
	wrong := http.StatusBadRequest
	return []abuse{
		{name: "no HTTP at all", raw: "hello\r\n\r\n", status: wrong},
		{name: "a TLS hello", raw: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", status: wrong},
		{name: "no Host", raw: "GET /healthz HTTP/1.1\r\n\r\n", status: wrong},
		{name: "two Hosts", raw: "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", status: wrong},
		{name: "two lengths", raw: head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
			status: wrong},
		{name: "a length below 0", raw: head + "Content-Length: -1\r\n\r\n", status: wrong},
		{name: "an encoding that is none", raw: head + "Transfer-Encoding: x\r\n\r\n",
			status: http.StatusNotImplemented},
		{name: "10,000 headers", raw: "GET /healthz HTTP/1.1\r\nHost: x\r\n" +
			repeated(10_000, func(i int) string { return fmt.Sprintf("X-%d: a\r\n", i) }) + "\r\n",
			status: http.StatusRequestHeaderFieldsTooLarge},
		{name: "a body without end", raw: head + "Transfer-Encoding: chunked\r\n\r\n" +
			strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 20),
			status: http.StatusRequestEntityTooLarge, want: "TOO_LARGE"},
		{name: "a chunk of all memory", raw: head + "Transfer-Encoding: chunked\r\n\r\n" +
			"fffffffffffffffff\r\n", status: wrong},
		{name: "everything's OPTIONS", raw: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
			status: http.StatusMethodNotAllowed},
		{name: "a tunnel", raw: "CONNECT db:3306 HTTP/1.1\r\nHost: db:3306\r\n\r\n",
			status: http.StatusNotFound},
		{name: "two tokens", raw: head + "Authorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}",
			status: http.StatusUnauthorized, want: "UNAUTHENTICATED"},
		{name: "a header in the request's id", raw: "GET /healthz HTTP/1.1\r\nHost: x\r\n" +
			"X-Request-Id: a%0d%0aSet-Cookie:b\r\n\r\n", status: http.StatusOK, unlike: "Set-Cookie"},
	}
}

// tokenAbuse are tokens that nobody here has signed, or not for now.
func tokenAbuse(t *testing.T, good string) []abuse {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(good, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, header, claims map[string]any) string {
		made := jwt.NewWithClaims(method, jwt.MapClaims{})
		copied := parsed.Claims.(jwt.MapClaims)
		maps.Copy(made.Claims.(jwt.MapClaims), copied)
		made.Header["kid"] = parsed.Header["kid"]
		maps.Copy(made.Header, header)
		maps.Copy(made.Claims.(jwt.MapClaims), claims)
		signed, err := made.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	with := func(name string, value any) map[string]any { return map[string]any{name: value} }
	secret, unsigned, hs256 := []byte(testSecret), jwt.UnsafeAllowNoneSignatureType,
		jwt.SigningMethodHS256
	parts := strings.Split(good, ".")
	past := with("exp", time.Now().Add(-time.Hour).Unix())
	bearer := func(token string) string { return "Bearer " + token }
	var cases []abuse
	for name, header := range map[string]string{
		"none": "", "of nothing": "Bearer", "as a password": "Basic YWRtaW46YWRtaW4=",
		"of garbage":              bearer("a.b.c"),
		"with alg none":           bearer(sign(jwt.SigningMethodNone, unsigned, nil, nil)),
		"without a signature":     bearer(parts[0] + "." + parts[1] + "."),
		"with another's claims":   bearer(parts[0] + "." + parts[1] + "A." + parts[2]),
		"signed by another":       bearer(sign(hs256, []byte(strings.Repeat("x", 32)), nil, nil)),
		"of another method":       bearer(sign(jwt.SigningMethodHS512, secret, nil, nil)),
		"with another's key id":   bearer(sign(hs256, secret, with("kid", "../x"), nil)),
		"that has run out":        bearer(sign(hs256, secret, nil, past)),
		"that never runs out":     bearer(sign(hs256, secret, nil, with("exp", nil))),
		"of a role there is none": bearer(sign(hs256, secret, nil, with("role", "ROOT"))),
		"of 30 KB":                bearer(strings.Repeat("a", 30<<10)),
	} {
		c := abuse{name: "token " + name, body: query("{warehouses{code}}"),
			status: http.StatusUnauthorized, want: "UNAUTHENTICATED"}
		if header != "" {
			c.headers = []string{"Authorization: " + header}
		}
		cases = append(cases, c)
	}
	return append(cases,
		abuse{name: "metrics without a token", method: http.MethodGet, path: "metrics",
			status: http.StatusUnauthorized},
		abuse{name: "a token in the address", path: "graphql?access_token=" + good,
			body: query("{warehouses{code}}"), status: http.StatusUnauthorized})
}

// originAbuse is what a page from elsewhere could have a browser send to a server without tokens.
func originAbuse() []abuse {
	var cases []abuse
	for _, header := range []string{"Host: evil.example", "Host: 127.0.0.1.evil.example",
		"Host: 192.0.2.1", "Origin: http://evil.example", "Origin: null",
		"Origin: http://127.0.0.1:1", "Sec-Fetch-Site: cross-site"} {
		cases = append(cases, abuse{name: header, headers: []string{header},
			body: query("{warehouses{code}}"), status: http.StatusForbidden})
	}
	return cases
}
