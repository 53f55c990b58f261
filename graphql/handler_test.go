package graphql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/store"
)

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func method(name string) func(*http.Request) {
	return func(r *http.Request) { r.Method = name }
}

func TestHTTP(t *testing.T) {
	const fine = `{"query":"{__typename}"}`
	accept := func(value string) func(*http.Request) { return header("Accept", value) }
	tests := []struct {
		name   string
		body   string
		change func(*http.Request)
		status int
		code   string
	}{
		{"a query", fine, nil, 200, ""},
		{"spaces and a charset", " \n" + fine + "\n", header("Content-Type",
			"application/json; charset=UTF-8"), 200, ""},
		{"extensions", `{"query":"{__typename}","variables":null,"operationName":null,"extensions":{}}`,
			nil, 200, ""},
		{"GET", "", method(http.MethodGet), 405, codeBadRequest},
		{"PUT", fine, method(http.MethodPut), 405, codeBadRequest},
		{"no type", fine, header("Content-Type", ""), 415, codeBadRequest},
		{"a form", "query={__typename}", header("Content-Type", "application/x-www-form-urlencoded"),
			415, codeBadRequest},
		{"text", fine, header("Content-Type", "text/plain"), 415, codeBadRequest},
		{"latin1", fine, header("Content-Type", "application/json; charset=latin1"), 415, codeBadRequest},
		{"gzip", fine, header("Content-Encoding", "gzip"), 415, codeBadRequest},
		{"HTML wanted", fine, accept("text/html"), 406, codeBadRequest},
		{"JSON not wanted", fine, accept("application/json;q=0, text/html"), 406, codeBadRequest},
		{"a big body", `{"query":"` + strings.Repeat(" ", bodyBytesMax) + `"}`, nil, 413, codeTooLarge},
		{"no body", "", nil, 400, codeBadRequest},
		{"no JSON", "{", nil, 400, codeBadRequest},
		{"two objects", fine + fine, nil, 400, codeBadRequest},
		{"a batch", "[" + fine + "]", nil, 400, codeBadRequest},
		{"a string", `"{__typename}"`, nil, 400, codeBadRequest},
		{"no query", `{"qeury":"{__typename}"}`, nil, 400, codeBadRequest},
		{"null for a query", `{"query":null}`, nil, 400, codeBadRequest},
		{"a number for a query", `{"query":5}`, nil, 400, codeBadRequest},
		{"a list of variables", `{"query":"{__typename}","variables":[7]}`, nil, 400, codeBadRequest},
		{"a number for a name", `{"query":"{__typename}","operationName":7}`, nil, 400, codeBadRequest},
		{"broken UTF-8", `{"query":"{__typename} #` + "\xff" + `"}`, nil, 400, codeBadRequest},
		{"half a character", `{"query":"{__typename}","variables":{"a":"\ud800"}}`, nil, 400,
			codeBadRequest},
		{"the other half", `{"query":"{__typename}","variables":{"a":"\\\udc00\ud800"}}`, nil, 400,
			codeBadRequest},
		{"both halves", `{"query":"{__typename}","variables":{"a":"\\ud800 \ud83d\ude00"}}`, nil, 200,
			""},
		{"an unknown operation", `{"query":"query a{__typename}","operationName":"b"}`, nil, 200,
			codeBadRequest},
		{"no GraphQL", `{"query":"{"}`, nil, 200, codeBadRequest},
		{"an unknown field", `{"query":"{a}"}`, nil, 200, codeBadRequest},
		{"no GraphQL, by type", `{"query":"{"}`, accept(mediaGraphQL), 400, codeBadRequest},
		{"an unknown field, by type", `{"query":"{a}"}`, accept(mediaGraphQL), 422, codeBadRequest},
	}
	api := newBench(t)
	for _, test := range tests {
		change := test.change
		if change == nil {
			change = func(*http.Request) {}
		}
		reply := api.send(t, test.body, change)
		codes := strings.Join(reply.codes(), " ")
		if reply.Status != test.status || codes != test.code {
			t.Errorf("%s: %d %s", test.name, reply.Status, reply.Body)
		}
		if (reply.Data != nil) != (test.code == "") {
			t.Errorf("%s: %s", test.name, reply.Body)
		}
		if test.status == 405 && reply.Header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow is %q", test.name, reply.Header.Get("Allow"))
		}
	}
}

func TestMediaType(t *testing.T) {
	tests := map[string]string{
		"":                       mediaJSON,
		"*/*":                    mediaJSON,
		"application/*":          mediaJSON,
		mediaJSON:                mediaJSON,
		mediaGraphQL:             mediaGraphQL,
		"application/json, */*":  mediaJSON,
		"text/html, */*;q=0.1":   mediaJSON,
		"application/json;q=0.5": mediaJSON,
		mediaGraphQL + ", application/json;q=0.9":          mediaGraphQL,
		mediaGraphQL + ";q=0.5, application/json":          mediaJSON,
		mediaGraphQL + "; charset=utf-8, application/json": mediaGraphQL,
		"application/json;q=0, */*":                        mediaGraphQL,
	}
	api := newBench(t)
	for accept, want := range tests {
		reply := api.send(t, `{"query":"{__typename}"}`, func(r *http.Request) {
			if accept != "" {
				r.Header.Set("Accept", accept)
			}
		})
		if got := reply.Header.Get("Content-Type"); got != want+"; charset=utf-8" {
			t.Errorf("%q: %s", accept, got)
		}
	}
}

const receiveOne = `mutation{receive(lines:{key:{jobType:"ASN",orderId:"A1",lineId:"1"},` +
	`at:{warehouse:"W1",zone:"DOCK",sku:"S1"},qty:"1"}){committed results{code}}}`

func TestFailuresBelow(t *testing.T) {
	secret := errors.New(`SELECT secret FROM users WHERE name = 'bob'`)
	tests := []struct {
		name   string
		answer func(context.Context, int) ([]model.Result, error)
		code   string
	}{
		{"a defect", func(context.Context, int) ([]model.Result, error) { return nil, secret },
			codeInternal},
		{"a panic", func(context.Context, int) ([]model.Result, error) { panic(secret) }, codeInternal},
		{"a panic with no error", func(context.Context, int) ([]model.Result,
			error) {
			panic("secret")
		}, codeInternal},
		{"a missing answer", func(context.Context, int) ([]model.Result, error) {
			return []model.Result{{Code: "SECRET"}}, nil
		}, codeInternal},
		{"contention", func(context.Context, int) ([]model.Result, error) {
			return nil, fmt.Errorf("secret: %w", store.ErrContended)
		}, codeBusy},
		{"an unknown commit", func(context.Context, int) ([]model.Result, error) {
			return nil, fmt.Errorf("secret: %w", store.ErrUnknown)
		}, codeTimeout},
		{"a deadline", func(context.Context, int) ([]model.Result, error) {
			return nil, fmt.Errorf("secret: %w", context.DeadlineExceeded)
		}, codeTimeout},
	}
	bench := newBench(t)
	for _, test := range tests {
		bench.recorder.answer = test.answer
		bench.log.Reset()
		reply := bench.ask(t, receiveOne, nil)
		if codes := reply.codes(); len(codes) != 1 || codes[0] != test.code || reply.Status != 200 {
			t.Errorf("%s: %d %s", test.name, reply.Status, reply.Body)
			continue
		}
		if strings.Contains(strings.ToLower(reply.Body), "secret") {
			t.Errorf("%s: leaks: %s", test.name, reply.Body)
		}
		id, _ := reply.Errors[0].Extensions["requestId"].(string)
		if (test.code == codeInternal) != (id != "" && bytes.Contains(bench.log.Bytes(), []byte(id))) {
			t.Errorf("%s: request %q, log %s", test.name, id, bench.log)
		}
	}
}

func TestTimeout(t *testing.T) {
	bench := newBench(t)
	bench.timeout = 20 * time.Millisecond
	seen := make(chan error, 1)
	bench.recorder.answer = func(ctx context.Context, _ int) ([]model.Result, error) {
		<-ctx.Done()
		seen <- ctx.Err()
		return nil, ctx.Err()
	}
	reply := bench.ask(t, receiveOne, nil)
	if codes := reply.codes(); len(codes) != 1 || codes[0] != codeTimeout ||
		!strings.Contains(reply.messages(), "same key") {
		t.Errorf("%s", reply.Body)
	}
	if err := <-seen; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the verb's context ended with %v", err)
	}
}

func TestBusy(t *testing.T) {
	bench := newBench(t)
	bench.places = make(chan struct{}, 1)
	bench.places <- struct{}{}
	reply := bench.ask(t, "{__typename}", nil)
	if codes := reply.codes(); reply.Status != 503 || len(codes) != 1 || codes[0] != codeBusy ||
		reply.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	<-bench.places
	if reply = bench.ask(t, "{__typename}", nil); reply.Status != 200 {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
}

// TestFirstRequestsTogether is for -race: graphql-go fills its tables on first use, unlocked.
func TestFirstRequestsTogether(t *testing.T) {
	var together sync.WaitGroup
	for range 4 {
		together.Go(func() {
			bench := newBench(t)
			for range 4 {
				together.Go(func() {
					bench.ask(t, receiveOne, nil)
					bench.ask(t, introspection, nil)
				})
			}
		})
	}
	together.Wait()
}

func TestDocumentsAreKeptUpToABound(t *testing.T) {
	api := bareAPI(t)
	for i := range documentsMax + 10 {
		api.ask(t, fmt.Sprintf("{__typename}#%d", i), nil)
		api.ask(t, "{__typename}", nil)
		api.ask(t, "{no}", nil)
	}
	if held := len(api.documents.byText); held != documentsMax || api.documents.used.Len() != held {
		t.Errorf("%d documents", held)
	}
	if api.documents.get(documentKey{text: "{__typename}"}) == nil {
		t.Error("the one that was used last is gone")
	}
	if api.documents.get(documentKey{text: "{no}"}) != nil {
		t.Error("one that is not valid was kept")
	}
}

// TestADocumentServesManyRequests has one document answer different variables at the same time.
func TestADocumentServesManyRequests(t *testing.T) {
	bench := newBench(t)
	bench.recorder.answer = func(_ context.Context, lines int) ([]model.Result, error) {
		return make([]model.Result, lines), nil
	}
	var together sync.WaitGroup
	for lines := 1; lines <= 8; lines++ {
		together.Go(func() {
			sent := make([]any, lines)
			for i := range sent {
				sent[i] = receiving("bin", "B1")
			}
			reply := bench.ask(t, receiveMany, map[string]any{"lines": sent, "dry": lines%2 == 0})
			if reply.at("receive.failed") != float64(lines) {
				t.Errorf("%d: %s", lines, reply.Body)
			}
		})
	}
	together.Wait()
}

func TestCallsOfOneRequestRunInOrder(t *testing.T) {
	bench := newBench(t)
	reply := bench.ask(t, `mutation($skip:Boolean=true){
		b:upsertSkus(lines:{code:"B"}){created}
		a:upsertSkus(lines:{code:"A"}){created}
		c:upsertSkus(lines:{code:"C"}) @skip(if:$skip) {created}
		...more}
		fragment more on Mutation{
			upsertZones(lines:{warehouse:"W",code:"Z"}){created results{index code}}}`, nil)
	if len(reply.Errors) > 0 || reply.at("c") != nil {
		t.Errorf("%s", reply.Body)
	}
	if called := fmt.Sprint(bench.recorder.called); called != "[upsertSkus upsertSkus upsertZones]" {
		t.Errorf("%s", called)
	}
}

// TestProblemsHaveAStatus holds that no kind of failure is answered without one.
func TestProblemsHaveAStatus(t *testing.T) {
	for _, err := range []error{context.Canceled, context.DeadlineExceeded, store.ErrContended,
		store.ErrUnknown, flow.ErrTooCostly, flow.ErrArchivedPlace, flow.ErrArchivedKey,
		malformed("x"), refuse(codeBadRequest, "x")} {
		if known, ok := explain(t.Context(), err); !ok || known.status < 400 || known.code == "" {
			t.Errorf("%v: %+v", err, known)
		}
	}
}
