package graphql

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/replenish"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

// whole is the API over a whole engine, with a warehouse W of two zones, spoken to in GraphQL
// alone. It counts the statements that the database gets.
type whole struct {
	*API
	t          *testing.T
	engine     *flow.Engine
	log        bytes.Buffer
	mu         sync.Mutex
	statements []string
}

func newWhole(t *testing.T) *whole {
	t.Helper()
	w := newEmpty(t)
	w.build()
	return w
}

// newEmpty is the API over a whole engine without any masters.
func newEmpty(t *testing.T) *whole {
	t.Helper()
	ctx := context.Background()
	w := &whole{t: t}
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "test.db"),
		store.Options{Trace: w.trace})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	catalog := master.New(db)
	engine := flow.New(db, catalog, flow.Options{Choose: allocation.Choose})
	t.Cleanup(func() {
		if err := engine.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.engine = engine
	w.API, err = New(Deps{DB: db, Catalog: catalog, Tier2: tier2.New(db, engine),
		Tier3: tier3.New(db, engine), Allocation: allocation.New(db, engine, nil),
		Replenish:  replenish.New(db, catalog),
		Reconciler: flow.NewReconciler(db, engine.Repair, nil),
		Log:        slog.New(slog.NewTextHandler(&w.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *whole) trace(statement string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.statements = append(w.statements, statement)
}

// counting is how many statements with that text are issued while something is done.
func (w *whole) counting(text string, do func()) int {
	w.mu.Lock()
	w.statements = nil
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Count(strings.Join(w.statements, "\n"), text)
}

// want asks, and fails where there is an error or a value is another.
func (w *whole) want(document string, values map[string]any) reply {
	w.t.Helper()
	reply := w.ask(w.t, document, nil)
	if len(reply.Errors) > 0 {
		w.t.Fatalf("%s: %s\n%s", document, reply.Body, &w.log)
	}
	for path, want := range values {
		if got := reply.at(path); got != want {
			w.t.Errorf("%s: %s is %#v, not %#v: %s", document, path, got, want, reply.Body)
		}
	}
	return reply
}

func (w *whole) build() {
	w.t.Helper()
	w.want(`mutation{
		upsertWarehouses(lines:[{code:"W"},{code:"V",timezone:"Europe/Berlin"}]){created}
		upsertZones(lines:[{warehouse:"W",code:"DOCK"},{warehouse:"W",code:"FAST",priority:5}]){created}
		upsertBins(lines:[{warehouse:"W",zone:"FAST",code:"F1",pickSequence:1},
			{warehouse:"W",zone:"FAST",code:"F2",pickSequence:2},{warehouse:"W",zone:"FAST",code:"T1",
				kind:TOTE}]){created}
		upsertSkus(lines:[{code:"TEA",packs:{code:"CASE",numerator:"12"}},{code:"SALT",decimals:3},
			{code:"OLD",active:false}]){created}
	}`, map[string]any{"upsertWarehouses.created": 2.0, "upsertZones.created": 2.0,
		"upsertBins.created": 3.0, "upsertSkus.created": 3.0})
	w.want(`mutation{receive(lines:[
		{key:{jobType:"ASN",orderId:"A1",lineId:"1"},at:{warehouse:"W",zone:"FAST",sku:"TEA"},qty:"10",
			bin:"F1"},
		{key:{jobType:"ASN",orderId:"A1",lineId:"2"},at:{warehouse:"W",zone:"FAST",sku:"TEA"},qty:"5",
			bin:"F2"},
		{key:{jobType:"ASN",orderId:"A1",lineId:"3"},at:{warehouse:"W",zone:"DOCK",sku:"SALT"},qty:"1.5"},
		{key:{jobType:"ASN",orderId:"A1",lineId:"4"},at:{warehouse:"W",zone:"FAST",sku:"TEA",
			pack:"CASE"},qty:"2",bin:"F2"}
		]){committed applied results{flows{tier onHandDelta} zoneStocks{onHand bins{bin onHand}}
			binStocks{bin}}}}`,
		map[string]any{"receive.committed": true, "receive.applied": 4.0,
			"receive.results.0.flows.0.onHandDelta":        "10",
			"receive.results.0.zoneStocks.0.bins.0.bin":    "F1",
			"receive.results.2.zoneStocks.0.onHand":        "1.5",
			"receive.results.2.binStocks.0.bin":            "DOCK-STAGING",
			"receive.results.1.zoneStocks.0.bins.1.onHand": "5"})
}

func TestAnOrderFromReserveToDeduct(t *testing.T) {
	w := newWhole(t)
	const key = `key:{jobType:"ORDER",orderId:"O1",lineId:"1"}`
	reserve := `mutation{reserve(lines:{` + key + `,warehouse:"W",sku:"TEA",qty:"12"}){
		results{code qtyApplied reservation{id state open holds{zone reserved}} explanation{zone
			taken}}}}`
	first := w.want(reserve, map[string]any{"reserve.results.0.code": "APPLIED",
		"reserve.results.0.reservation.state": "OPEN", "reserve.results.0.reservation.open": "12",
		"reserve.results.0.reservation.holds.0.reserved": "12"})
	again := w.want(reserve, map[string]any{"reserve.results.0.code": "REPLAYED"})
	id := first.at("reserve.results.0.reservation.id")
	if again.at("reserve.results.0.reservation.id") != id {
		t.Errorf("%s", again.Body)
	}
	w.want(`mutation{reserve(lines:{key:{jobType:"ORDER",orderId:"O2",lineId:"1"},warehouse:"W",
		sku:"TEA",qty:"4"}){
		results{code retryable field message}}}`, map[string]any{
		"reserve.results.0.code": "INSUFFICIENT", "reserve.results.0.retryable": true,
		"reserve.results.0.field": "qty"})
	pinned := w.want(`mutation{pin(lines:{key:{jobType:"PICK",taskId:"T-1"},warehouse:"W",
		reservation:{jobType:"ORDER",orderId:"O1",lineId:"1"}}){results{code tasks{id bin qty orderId
			pickSequence}}}}`,
		map[string]any{"pin.results.0.code": "APPLIED", "pin.results.0.tasks.0.bin": "F1",
			"pin.results.0.tasks.0.orderId": "O1"})
	task := pinned.at("pin.results.0.tasks.0.id")
	w.want(`{tasks(warehouse:"W",filter:{orderId:"O1",states:[OPEN]}){edges{node{id bin state}}}
		reservations(warehouse:"W",filter:{orderId:"O1"}){edges{node{id open holds{pinned}}}}
		flowsByTask(warehouse:"W",key:{jobType:"PICK",taskId:"T-1"}){action reservation bin}}`,
		map[string]any{"tasks.edges.0.node.id": task, "reservations.edges.0.node.id": id,
			"reservations.edges.0.node.holds.0.pinned": "12", "flowsByTask.0.action": "PIN",
			"flowsByTask.0.reservation": id})
	w.want(fmt.Sprintf(`mutation{unpin(lines:{key:{jobType:"PICK",taskId:"U-1"},warehouse:"W",
		task:%q}){
		results{code tasks{state}}}}`, task), map[string]any{"unpin.results.0.code": "APPLIED"})
	w.want(`mutation{deduct(lines:{`+key+`,warehouse:"W"}){results{code qtyApplied reservation{state
		deducted}}}}`,
		map[string]any{"deduct.results.0.qtyApplied": "12",
			"deduct.results.0.reservation.state": "DEDUCTED"})
	w.want(`{warehouseStocks(warehouse:"W",filter:{skus:["TEA"]}){edges{node{sku onHand available
		incoming}}}
		flowsByLine(warehouse:"W",`+key+`){action tier seq}}`,
		map[string]any{"warehouseStocks.edges.0.node.onHand": "27",
			"warehouseStocks.edges.0.node.incoming": "0", "flowsByLine.0.action": "RESERVE"})
}

func TestPages(t *testing.T) {
	w := newWhole(t)
	for _, test := range []struct {
		name, list, node string
		rows             int
	}{
		{"zones", `zones(warehouse:"W"`, "code", 2},
		{"bins", `bins(warehouse:"W"`, "code", 5},
		{"bins of a zone", `bins(warehouse:"W",zone:"FAST"`, "code", 4},
		{"skus", `skus(codes:null`, "code", 3},
		{"skus by code", `skus(codes:["TEA","OLD","NONE"]`, "code", 2},
		{"skus by prefix", `skus(prefix:"T"`, "code", 1},
		{"warehouseStocks", `warehouseStocks(warehouse:"W"`, "sku", 2},
		{"zoneStocks", `zoneStocks(warehouse:"W"`, "id", 3},
		{"zoneStocks by filter", `zoneStocks(warehouse:"W",filter:{zones:"FAST",pack:""}`, "id", 1},
		{"binStocks", `binStocks(warehouse:"W"`, "id", 4},
		{"binStocks by filter", `binStocks(warehouse:"W",filter:{bins:["F2"],onlyAvailable:true}`, "id",
			2},
		{"flows", `flows(warehouse:"W"`, "seq", 8},
		{"flows by filter", `flows(warehouse:"W",filter:{sku:"TEA",tier:BIN}`, "seq", 3},
		{"zones of nowhere", `zones(warehouse:"X"`, "code", 0},
		{"zoneStocks of nowhere", `zoneStocks(warehouse:"X"`, "id", 0},
		{"warehouseStocks of nowhere", `warehouseStocks(warehouse:"X"`, "sku", 0},
		{"flows of nowhere", `flows(warehouse:"X"`, "seq", 0},
		{"reservations of nowhere", `reservations(warehouse:"X"`, "id", 0},
		{"tasks of nowhere", `tasks(warehouse:"X"`, "id", 0},
		{"runs of nowhere", `reconciliationRuns(warehouse:"X"`, "id", 0},
	} {
		seen, after := map[any]bool{}, ""
		for more := true; more && len(seen) <= test.rows; {
			reply := w.want(fmt.Sprintf("{a:%s,first:1%s){"+
				"edges{cursor node{%s}}pageInfo{hasNextPage endCursor}}}",
				test.list, after, test.node), nil)
			more = reply.at("a.pageInfo.hasNextPage").(bool)
			if len(reply.at("a.edges").([]any)) == 0 {
				break
			}
			value := reply.at("a.edges.0.node." + test.node)
			if seen[value] || reply.at("a.pageInfo.endCursor") != reply.at("a.edges.0.cursor") {
				t.Errorf("%s: %v again, or the cursors differ: %s", test.name, value, reply.Body)
			}
			seen[value] = true
			after = fmt.Sprintf(",after:%q", reply.at("a.pageInfo.endCursor"))
		}
		if len(seen) != test.rows {
			t.Errorf("%s: %d rows, not %d", test.name, len(seen), test.rows)
		}
	}
}

func TestForeignAndBrokenCursors(t *testing.T) {
	w := newWhole(t)
	end := w.want(`{binStocks(warehouse:"W",first:1){pageInfo{endCursor}}}`,
		nil).at("binStocks.pageInfo.endCursor").(string)
	forged, err := base64.RawURLEncoding.DecodeString(end)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(from, to string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(forged), from, to, 1)))
	}
	for _, list := range []string{
		fmt.Sprintf(`binStocks(warehouse:"W",filter:{skus:["TEA"]},after:%q)`, end),
		fmt.Sprintf(`binStocks(warehouse:"V",after:%q)`, end),
		fmt.Sprintf(`zoneStocks(warehouse:"W",after:%q)`, end),
		fmt.Sprintf(`binStocks(warehouse:"W",after:%q)`, end+"A"),
		fmt.Sprintf(`binStocks(warehouse:"W",after:%q)`, end[:len(end)-2]),
		fmt.Sprintf(`binStocks(warehouse:"W",after:%q)`, forge(`"p":`, `"p":"x","q":`)),
		fmt.Sprintf(`binStocks(warehouse:"W",after:%q)`, forge(`{"p":`, `{"p":1.5,"p":"`)),
		`binStocks(warehouse:"W",after:"nonsense!")`,
		fmt.Sprintf(`binStocks(warehouse:"W",after:%q)`, strings.Repeat("A", 5000)),
		`flows(warehouse:"W",after:"eyJwIjoxfQ")`,
	} {
		reply := w.ask(t, "{"+list+"{edges{cursor}}}", nil)
		if codes := reply.codes(); len(codes) != 1 || codes[0] != codeBadCursor {
			t.Errorf("%s: %s", list, reply.Body)
		}
	}
	w.want(fmt.Sprintf(`{binStocks(warehouse:"W",first:200,after:%q){edges{cursor}}}`, end), nil)
}

func TestBinsOfAPageAreOneStatement(t *testing.T) {
	w := newWhole(t)
	var reply reply
	count := w.counting("bin_stocks", func() {
		reply = w.want(`{zoneStocks(warehouse:"W"){edges{node{zone sku pack onHand bins{bin zone sku
			pack onHand}}}}}`, nil)
	})
	if count != 1 {
		t.Errorf("%d statements read bins: %s", count, w.statements)
	}
	for _, edge := range reply.at("zoneStocks.edges").([]any) {
		row := edge.(map[string]any)["node"].(map[string]any)
		bins := row["bins"].([]any)
		if len(bins) == 0 {
			t.Errorf("no bins: %v", row)
		}
		for _, bin := range bins {
			bin := bin.(map[string]any)
			if bin["sku"] != row["sku"] || bin["zone"] != row["zone"] || bin["pack"] != row["pack"] {
				t.Errorf("%v is not below %v", bin, row)
			}
		}
	}
	count = w.counting("bin_stocks", func() {
		reply = w.want(`{a:zoneStocks(warehouse:"W",filter:{pack:"",skus:["TEA"]}){edges{node{bins{bin}}}}
			b:zoneStocks(warehouse:"W",filter:{pack:"",skus:["TEA"]}){edges{node{bins(first:1){bin}}}}}`,
			nil)
	})
	if len(reply.at("a.edges.0.node.bins").([]any)) != 2 ||
		len(reply.at("b.edges.0.node.bins").([]any)) != 1 {
		t.Errorf("%s", reply.Body)
	}
	if count != 2 {
		t.Errorf("%d statements read bins", count)
	}
}

func TestFlowFilters(t *testing.T) {
	w := newWhole(t)
	for filter, code := range map[string]string{
		`{}`:                               "",
		`{afterSeq:"0"}`:                   "",
		`{sku:"TEA",actions:[RECEIVE]}`:    "",
		`{bin:"F1"}`:                       "",
		`{orderId:"A1",lineId:"1"}`:        "",
		`{taskId:"T"}`:                     "",
		`{reservation:"5"}`:                "",
		`{reservation:"x"}`:                codeBadRequest,
		`{zone:"FAST"}`:                    codeTooCostly,
		`{tier:BIN}`:                       codeTooCostly,
		`{actions:[RECEIVE],afterSeq:"1"}`: codeTooCostly,
		`{zone:"FAST",from:"2026-01-01T00:00:00Z"}`:                           codeTooCostly,
		`{zone:"FAST",from:"2026-01-01T00:00:00Z",to:"2026-02-01T00:00:01Z"}`: codeTooCostly,
		`{zone:"FAST",from:"2026-01-01T00:00:00Z",to:"2026-02-01T00:00:00Z"}`: "",
	} {
		reply := w.ask(t, `{flows(warehouse:"W",filter:`+filter+`){safeSeq edges{node{seq}}}}`, nil)
		if got := strings.Join(reply.codes(), " "); got != code {
			t.Errorf("%s: %s", filter, reply.Body)
		}
	}
	after := w.want(`{flows(warehouse:"W",filter:{afterSeq:"6"}){safeSeq edges{node{seq}}}}`, nil)
	if after.at("flows.edges.0.node.seq") != "7" || after.at("flows.safeSeq") != "8" {
		t.Errorf("%s", after.Body)
	}
}

func TestReconciliation(t *testing.T) {
	w := newWhole(t)
	w.want(`mutation{a:runReconciliation(scope:TIERS,warehouse:"W"){code run{id state open compared}}
		b:runReconciliation(scope:EXTERNAL,warehouse:"W"){code message run{id}}
		c:runReconciliation(scope:LEDGER,warehouse:"X"){code message run{id}}
		d:resolveDifference(id:"7",action:IGNORE,expectedDiff:"1",note:""){code}
		e:resolveDifference(id:"x",action:REBUILD,expectedDiff:"1",note:"n"){code}}`,
		map[string]any{"a.code": "APPLIED", "a.run.state": "DONE", "a.run.open": 0.0,
			"b.code": "INVALID", "b.run": nil, "c.code": "NOT_FOUND", "d.code": "NOT_FOUND",
			"e.code": "NOT_FOUND"})
	err := w.db.Transact(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(context.Background(),
			"UPDATE bin_stocks SET on_hand = on_hand + 1000000 WHERE warehouse = ? AND bin = ?", "W", "F1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.want(`mutation{runReconciliation(scope:TIERS,warehouse:"W"){code run{open}}}`,
		map[string]any{"runReconciliation.run.open": 1.0})
	found := w.want(`{reconciliationRuns(warehouse:"W"){edges{node{id scope state open startedAt
		finishedAt error
		differences{edges{cursor node{id kind state tier zone bin owner sku batch pack quantity ours
			theirs diff seenRuns note}}}}}}}`,
		map[string]any{"reconciliationRuns.edges.0.node.open": 1.0,
			"reconciliationRuns.edges.1.node.open":                         0.0,
			"reconciliationRuns.edges.0.node.differences.edges.0.node.sku": "TEA"})
	difference := found.at("reconciliationRuns.edges.0.node.differences.edges.0.node").(map[string]any)
	w.want(fmt.Sprintf(`mutation{
		a:resolveDifference(id:%q,action:REBUILD,expectedDiff:"5",note:"n"){code}
		b:resolveDifference(id:%q,action:REBUILD,expectedDiff:%q,note:"a hand slipped"){code message
			run{open}}}`,
		difference["id"], difference["id"], difference["diff"]), map[string]any{"a.code": "STALE",
		"b.code": "APPLIED", "b.run.open": 0.0})
	w.want(fmt.Sprintf(`{reconciliationRuns(warehouse:"W",
		first:1){edges{node{differences(after:%q){edges{cursor}}}}}}`,
		found.at("reconciliationRuns.edges.0.node.differences.edges.0.cursor")), nil)
}
