package graphql

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/access"
	"tierstock/flow"
	"tierstock/model"
)

// locked is a bench whose callers need tokens.
func locked(t *testing.T) *bench {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("k1 0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	bench := newBench(t)
	var err error
	if bench.keys, err = access.ReadKeys("file:" + path); err != nil {
		t.Fatal(err)
	}
	return bench
}

// as asks with a token of a role for warehouses.
func (b *bench) as(t *testing.T, role access.Role, warehouses ...string) func(*http.Request) {
	t.Helper()
	token, err := b.keys.Sign(access.Principal{Actor: "ann", Role: role, Warehouses: warehouses},
		time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func query(t *testing.T, document string, variables any) string {
	t.Helper()
	return encode(t, map[string]any{"query": document, "variables": variables})
}

func TestWithoutATokenNobodyIsServed(t *testing.T) {
	bench := locked(t)
	for _, change := range []func(*http.Request){
		func(*http.Request) {},
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer nonsense") },
	} {
		reply := bench.send(t, query(t, "{warehouses{code}}", nil), change)
		if reply.Status != http.StatusUnauthorized || reply.Header.Get("WWW-Authenticate") == "" ||
			!slices.Equal(reply.codes(), []string{"UNAUTHENTICATED"}) {
			t.Errorf("%d %s", reply.Status, reply.Body)
		}
	}
}

func TestRatesAreTheTokens(t *testing.T) {
	bench := locked(t)
	bench.rates = access.NewRates(1)
	ann, bob := bench.as(t, access.Auditor, "W"), bench.as(t, access.Auditor, "W")
	for range 5 {
		if reply := bench.send(t, query(t, "{warehouses{code}}", nil), ann); reply.Status != 200 {
			t.Fatal(reply.Body)
		}
	}
	reply := bench.send(t, query(t, "{warehouses{code}}", nil), ann)
	if reply.Status != http.StatusTooManyRequests || reply.Header.Get("Retry-After") != "1" ||
		!slices.Equal(reply.codes(), []string{"RATE_LIMITED"}) {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	if reply := bench.send(t, query(t, "{warehouses{code}}", nil), bob); reply.Status != 200 {
		t.Error("another token pays for it")
	}
}

// calls are a call of every mutation that takes lines, for warehouse W, and of the others.
func calls(t *testing.T, bench *bench) map[string]string {
	t.Helper()
	parts := strings.NewReplacer("LK", lineKeyJSON, "TK", taskKeyJSON, "AT", binJSON, "AU", auditJSON)
	kinds := map[string]string{}
	for _, field := range bench.mutationFields() {
		if args, ok := strings.CutPrefix(field.args, "lines: ["); ok {
			kinds[field.name], _, _ = strings.Cut(args, "!")
		}
	}
	documents := map[string]string{
		"allocate": query(t, `mutation{allocate(orders:[{orderId:"O",jobType:"J",warehouse:"W",
			lines:[{lineId:"1",sku:"S",qty:"1"}]}]){orders{code lines{code}}}}`, nil),
		"runReconciliation": query(t,
			`mutation{runReconciliation(scope:LEDGER,warehouse:"W"){code}}`, nil),
		"resolveDifference": query(t, `mutation{resolveDifference(id:"1",action:IGNORE,
			expectedDiff:"1",note:"n"){code}}`, nil),
		"sourceOrders": query(t, `mutation{sourceOrders(orders:[{orderId:"O",jobType:"J",
			warehouses:["W"],lines:[{lineId:"1",sku:"S",qty:"1"}]}]){orders{code}}}`, nil),
		"runReplenishment": query(t, `mutation{runReplenishment(warehouse:"W"){code}}`, nil),
		"coverShortages":   query(t, `mutation{coverShortages(warehouse:"W")}`, nil),
		"syncNow":          query(t, `mutation{syncNow(system:"erp1"){state}}`, nil),
		"discardMessages":  query(t, `mutation{discardMessages(ids:["1"],note:"n")}`, nil),
		"requeueMessages":  query(t, `mutation{requeueMessages(ids:["1"])}`, nil),
		"cancelShortages":  query(t, `mutation{cancelShortages(warehouse:"W",ids:["1"])}`, nil),
	}
	for _, mapping := range mappings() {
		line := json.RawMessage(parts.Replace(mapping.line))
		documents[mapping.mutation] = query(t, fmt.Sprintf(
			"mutation($lines:[%s!]!){%s(lines:$lines){results{code field}}}",
			kinds[mapping.mutation], mapping.mutation), map[string]any{"lines": []any{line}})
	}
	return documents
}

// TestRolesMayCallWhatIsTheirs walks every mutation for every role.
func TestRolesMayCallWhatIsTheirs(t *testing.T) {
	bench := locked(t)
	documents := calls(t, bench)
	for _, field := range bench.mutationFields() {
		document, known := documents[field.name]
		if !known {
			t.Errorf("%s is not called here", field.name)
			continue
		}
		for _, role := range access.Roles {
			may := role == access.Admin || slices.Contains(mayCall[field.name], role)
			reply := bench.send(t, document, bench.as(t, role, "W"))
			if isForbidden := slices.Equal(reply.codes(), []string{"FORBIDDEN"}); isForbidden == may {
				t.Errorf("%s calls %s: %s", role, field.name, reply.Body)
			}
		}
	}
	for name, roles := range mayCall {
		if documents[name] == "" || slices.Contains(roles, access.Auditor) {
			t.Errorf("%s: there is no such mutation, or auditors may call it", name)
		}
	}
}

// TestTokensSeeTheirWarehouses walks every query and every mutation that names a warehouse with a
// token for another one. Whether the warehouse exists makes no difference.
func TestTokensSeeTheirWarehouses(t *testing.T) {
	bench := locked(t)
	stranger := bench.as(t, access.Admin, "ELSEWHERE")
	// Those show what is the token's, and nothing else: planSourcing below, the last two in wmsync.
	free := []string{"warehouses", "skus", "ruleSets", "planSourcing", "syncStreams", "outbox"}
	for _, field := range bench.queryFields() {
		if slices.Contains(free, field.name) {
			continue
		}
		args := []string{}
		for part := range strings.SplitSeq(field.args, ", ") {
			switch name, kind, _ := strings.Cut(part, ": "); {
			case name == "key":
				args = append(args, `key: {jobType:"J", `+map[bool]string{
					true: `taskId:"T"`, false: `orderId:"O", lineId:"1"`}[kind == "TaskKey!"]+`}`)
			case strings.HasSuffix(kind, "!"):
				args = append(args, name+`: "W"`)
			}
		}
		reply := bench.send(t, query(t, fmt.Sprintf("{%s(%s){__typename}}", field.name,
			strings.Join(args, ", ")), nil), stranger)
		if !slices.Equal(reply.codes(), []string{"FORBIDDEN"}) {
			t.Errorf("%s: %s", field.name, reply.Body)
		}
	}
	documents := calls(t, bench)
	delete(documents, "upsertSkus") // shared by all
	delete(documents, "syncNow")    // a system that the token does not see is not there
	delete(documents, "requeueMessages")
	delete(documents, "discardMessages")
	documents["resolveDifference"] = documents["runReconciliation"]
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		reply := bench.send(t, documents[name], stranger)
		if !strings.Contains(reply.Body, "FORBIDDEN") || len(bench.recorder.called) > 0 {
			t.Errorf("%s: %s; called %v", name, reply.Body, bench.recorder.called)
		}
	}
}

func TestForbiddenLinesStandForThemselves(t *testing.T) {
	bench := locked(t)
	lines := func(warehouses ...string) []any {
		var lines []any
		for i, warehouse := range warehouses {
			lines = append(lines, map[string]any{"warehouse": warehouse, "sku": "S", "qty": "1",
				"key": map[string]any{"jobType": "J", "orderId": "O", "lineId": fmt.Sprint(i)}})
		}
		return lines
	}
	const document = `mutation($lines:[ReserveLine!]!,$policy:BatchPolicy){
		reserve(lines:$lines,policy:$policy){committed results{code field message}}}`
	for _, test := range []struct {
		policy, want string
		committed    bool
	}{
		{"PER_LINE", "APPLIED FORBIDDEN APPLIED", true},
		{"ALL_OR_NOTHING", "SKIPPED FORBIDDEN SKIPPED", false},
	} {
		reply := bench.send(t, query(t, document, map[string]any{"policy": test.policy,
			"lines": lines("W", "X", "W")}), bench.as(t, access.Ops, "W"))
		var codes []string
		for i := range 3 {
			code, _ := reply.at(fmt.Sprintf("reserve.results.%d.code", i)).(string)
			codes = append(codes, code)
		}
		if got := strings.Join(codes, " "); got != test.want ||
			reply.at("reserve.committed") != test.committed ||
			reply.at("reserve.results.1.field") != "warehouse" {
			t.Errorf("%s: %s", test.policy, reply.Body)
		}
		if isDry := bench.recorder.mode.DryRun; isDry == test.committed {
			t.Errorf("%s: %+v", test.policy, bench.recorder.mode)
		}
	}
}

// TestSourcingStaysWithinAToken: sourcing knows of no warehouse but the token's, and an order may
// name no other.
func TestSourcingStaysWithinAToken(t *testing.T) {
	bench := locked(t)
	const document = `query($named:[Code!]){planSourcing(orders:[{orderId:"O",jobType:"J",
		warehouses:$named,lines:[{lineId:"1",sku:"S",qty:"1"}]}]){__typename}}`
	for named, want := range map[string][]string{"": nil, "W2": {"W2"}} {
		variables := map[string]any{}
		if named != "" {
			variables["named"] = []string{named}
		}
		reply := bench.send(t, query(t, document, variables), bench.as(t, access.Ops, "W1", "W2"))
		if asked := bench.recorder.planned; len(reply.Errors) > 0 || len(asked) != 1 ||
			!slices.Equal(asked[0].Allowed, want) {
			t.Errorf("%q: %+v %s", named, asked, reply.Body)
		}
		if sees := bench.recorder.sees; !sees("W1") || !sees("W2") || sees("W3") {
			t.Errorf("%q: it sees W1 %t, W2 %t, W3 %t", named, sees("W1"), sees("W2"), sees("W3"))
		}
	}
	reply := bench.send(t, query(t, document, map[string]any{"named": []string{"W3"}}),
		bench.as(t, access.Ops, "W1"))
	if !slices.Equal(reply.codes(), []string{"FORBIDDEN"}) {
		t.Error(reply.Body)
	}
}

// TestFlowsNameTheirActor: what a token's owner does is written under their name.
func TestFlowsNameTheirActor(t *testing.T) {
	bench := locked(t)
	bench.recorder.answer = func(context.Context, int) ([]model.Result, error) {
		return []model.Result{{Code: model.Applied}}, nil
	}
	reply := bench.send(t, query(t, receiveOne, nil), bench.as(t, access.Ops, access.Everywhere))
	if want := (flow.Mode{AllOrNothing: true, Actor: "ann"}); bench.recorder.mode != want {
		t.Errorf("%+v: %s", bench.recorder.mode, reply.Body)
	}
}
