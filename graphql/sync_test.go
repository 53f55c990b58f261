package graphql

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/access"
	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/store"
	"tierstock/wmsync"
)

// farSide is a system of the tests: deltas by position, and a sink that takes movements, or none.
type farSide struct {
	mu      sync.Mutex
	deltas  []string
	refuses bool
	down    bool
	took    int
}

func (f *farSide) Changes(_ context.Context, stream wmsync.Stream, since string, _ int) (
	wmsync.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	page := wmsync.Page{Next: "0", AsOf: time.Now()}
	if f.down {
		return page, wmsync.Fail(wmsync.Unreachable, "changes of %s: 503", stream)
	}
	if stream != wmsync.Stock {
		return page, nil
	}
	from, _ := strconv.Atoi(since)
	for i, data := range f.deltas[from:] {
		id := fmt.Sprint("d", from+i)
		page.Items = append(page.Items, wmsync.Change{ID: id, Op: wmsync.Delta,
			Data: json.RawMessage(data),
			Raw:  json.RawMessage(fmt.Sprintf(`{"id":%q,"op":"delta","data":%s}`, id, data))})
	}
	page.Next = strconv.Itoa(len(f.deltas))
	return page, nil
}

func (f *farSide) Snapshot(context.Context, wmsync.Stream, string, string) (wmsync.Snapshot,
	error) {
	return wmsync.Snapshot{}, wmsync.Fail(wmsync.Unsupported, "no snapshots here")
}

func (f *farSide) Deliver(_ context.Context, _ string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuses {
		return slices.Repeat([]wmsync.Receipt{{Outcome: wmsync.Rejected, Message: "we do not know it"}},
			len(movements)), nil
	}
	f.took += len(movements)
	return slices.Repeat([]wmsync.Receipt{{Outcome: wmsync.Applied}}, len(movements)), nil
}

// connect has the API sync warehouse W with a system erp1, and V with erp2. Nobody does so by the
// clock.
func (w *whole) connect() (far *farSide) {
	far = &farSide{}
	system := func(name, warehouse string) wmsync.Remote {
		return wmsync.Remote{Source: far, Sink: far, System: wmsync.System{Name: name,
			Warehouses: map[string]string{"MAIN": warehouse}, Push: true,
			ReconcileAt: -1, Pull: wmsync.Pulling{Every: time.Minute,
				Streams: []wmsync.Stream{wmsync.SKUs, wmsync.Stock}}}}
	}
	w.sync = wmsync.New(wmsync.Deps{DB: w.db, Catalog: w.catalog, Engine: w.engine,
		Allocation: allocation.New(w.db, w.engine, nil)},
		[]wmsync.Remote{system("erp1", "W"), system("erp2", "V")})
	return far
}

func ofSKU(sku string) string {
	return fmt.Sprintf(`{"warehouse":"MAIN","zone":"FAST","sku":%q,"delta":"1"}`, sku)
}

const syncStock = `mutation{syncNow(system:"erp1",streams:["stock"]){
	stream direction state pending dead failures lastError lastSuccessAt lagSeconds schedule}}`

// TestStreamsTellHowTheyAre: before they ran, after, with dead letters and with a system away.
func TestStreamsTellHowTheyAre(t *testing.T) {
	w := newWhole(t)
	far := w.connect()
	w.want(`{syncStreams{system stream direction state lagSeconds lastRunAt timezone}}`,
		map[string]any{"syncStreams.0.system": "erp1", "syncStreams.0.stream": "skus",
			"syncStreams.0.direction": "PULL", "syncStreams.0.state": "NEW",
			"syncStreams.0.lagSeconds": nil, "syncStreams.0.lastRunAt": nil,
			"syncStreams.2.stream": "movements", "syncStreams.2.direction": "PUSH",
			"syncStreams.3.system": "erp2", "syncStreams.6": nil})
	w.want(`{syncStreams(system:"erp2"){system}}`, map[string]any{
		"syncStreams.2.system": "erp2", "syncStreams.3": nil})
	far.deltas = []string{ofSKU("TEA"), ofSKU("NONE")}
	w.want(syncStock, map[string]any{"syncNow.1.stream": "stock", "syncNow.1.state": "OK",
		"syncNow.1.dead": 1.0, "syncNow.1.pending": 0.0, "syncNow.1.failures": 0.0,
		"syncNow.1.lastError": nil, "syncNow.1.lagSeconds": 0.0,
		"syncNow.1.schedule": "every 1m", "syncNow.0.state": "OK", // the unknown SKU had it pulled
		"syncNow.2.state": "NEW"})
	w.want(`{warehouseStocks(warehouse:"W",filter:{skus:["TEA"]}){edges{node{onHand}}}}`,
		map[string]any{"warehouseStocks.edges.0.node.onHand": "40"})
	far.down = true
	w.want(`mutation{syncNow(system:"erp1",streams:["skus"]){state failures lastError}}`,
		map[string]any{"syncNow.0.state": "FAILING", "syncNow.0.failures": 1.0,
			"syncNow.0.lastError": "changes of skus: 503", "syncNow.1.state": "OK"})
	w.want(`mutation{syncNow(system:"erp1"){stream state pending}}`, map[string]any{
		"syncNow.2.stream": "movements", "syncNow.2.state": "OK", "syncNow.2.pending": 0.0})
	if far.took != 4 {
		t.Errorf("%d movements were told, not 4", far.took)
	}
}

// TestSyncNowIsRefused: a system or a stream that is not there, or not the token's.
func TestSyncNowIsRefused(t *testing.T) {
	w := newWhole(t)
	w.connect()
	for document, want := range map[string]string{
		`mutation{syncNow(system:"erp9"){state}}`:                      "there is no such system",
		`mutation{syncNow(system:"erp1",streams:["orders"]){state}}`:   `has no stream "orders"`,
		`mutation{syncNow(system:"erp1",streams:["movement"]){state}}`: `has no stream "movement"`,
	} {
		reply := w.ask(t, document, nil)
		if !slices.Equal(reply.codes(), []string{"BAD_REQUEST"}) ||
			!strings.Contains(reply.messages(), want) {
			t.Errorf("%s: %s", document, reply.Body)
		}
	}
}

type seenMessage struct{ id, topic, sku, state, lastError, body string }

// messages reads the outbox to its end, in pages of two.
func (w *whole) messages(args string) (seen []seenMessage) {
	w.t.Helper()
	for after, more := "", true; more; {
		page := w.want(fmt.Sprintf(`{outbox(%s first:2,after:%q){pageInfo{hasNextPage endCursor}
			edges{node{id topic sku state lastError body attempts createdAt}}}}`, args, after), nil)
		for _, edge := range page.at("outbox.edges").([]any) {
			node := edge.(map[string]any)["node"].(map[string]any)
			text := func(name string) string { said, _ := node[name].(string); return said }
			seen = append(seen, seenMessage{text("id"), text("topic"), text("sku"), text("state"),
				text("lastError"), text("body")})
		}
		after, _ = page.at("outbox.pageInfo.endCursor").(string)
		more, _ = page.at("outbox.pageInfo.hasNextPage").(bool)
	}
	return seen
}

// TestOutboxIsPaged: all that is dead, alive or either, each once, by system; a cursor is of its
// list alone.
func TestOutboxIsPaged(t *testing.T) {
	w := newWhole(t)
	far := w.connect()
	for i := range 5 {
		far.deltas = append(far.deltas, ofSKU(fmt.Sprint("NONE-", i)))
	}
	w.want(syncStock, map[string]any{"syncNow.1.dead": 5.0})
	dead := w.messages("dead:true,")
	for i, message := range dead {
		want := seenMessage{message.id, "stock", fmt.Sprint("NONE-", i), "DEAD",
			"NOT_FOUND at.sku: there is no SKU", message.body}
		message.lastError = message.lastError[:min(len(message.lastError), len(want.lastError))]
		if message != want || !strings.Contains(message.body, `"delta":"1"`) {
			t.Errorf("%+v, not %+v", message, want)
		}
	}
	if len(dead) != 5 || len(w.messages("dead:false,")) != 0 || len(w.messages("")) != 5 ||
		len(w.messages(`system:"erp1",`)) != 5 || len(w.messages(`system:"erp2",`)) != 0 {
		t.Errorf("%+v", dead)
	}
	w.want(fmt.Sprintf(`mutation{requeueMessages(ids:[%q,%q])}`, dead[1].id, dead[3].id),
		map[string]any{"requeueMessages": 2.0})
	if alive := w.messages("dead:false,"); len(alive) != 2 || alive[0].state != "QUEUED" ||
		alive[1].id != dead[3].id || len(w.messages("dead:true,")) != 3 ||
		len(w.messages("dead:null,")) != 5 {
		t.Errorf("%+v", alive)
	}
	end := w.want(`{outbox(dead:true,first:1){pageInfo{endCursor}}}`, nil).at(
		"outbox.pageInfo.endCursor")
	reply := w.ask(t, fmt.Sprintf(`{outbox(dead:false,first:1,after:%q){edges{cursor}}}`, end), nil)
	if !slices.Equal(reply.codes(), []string{"BAD_CURSOR"}) {
		t.Error(reply.Body)
	}
}

// TestRequeueMessages: either way they go through once the cause is gone; what is not dead, not
// there or no number is none; and no more at once than a page has.
func TestRequeueMessages(t *testing.T) {
	w := newWhole(t)
	far := w.connect()
	far.deltas, far.refuses = []string{ofSKU("NEW")}, true
	w.want(`mutation{syncNow(system:"erp1"){dead}}`, map[string]any{"syncNow.1.dead": 1.0,
		"syncNow.2.dead": 4.0})
	var ids []string
	for _, message := range w.messages("dead:true,") {
		ids = append(ids, message.id)
	}
	all, _ := json.Marshal(append(ids, "17", "none"))
	w.want(`mutation{upsertSkus(lines:{code:"NEW"}){created}}`, nil)
	far.refuses = false
	requeue := fmt.Sprintf(`mutation{requeueMessages(ids:%s)}`, all)
	w.want(requeue, map[string]any{"requeueMessages": 5.0})
	w.want(requeue, map[string]any{"requeueMessages": 0.0})
	w.want(`mutation{syncNow(system:"erp1"){dead pending}}`, map[string]any{
		"syncNow.1.dead": 0.0, "syncNow.1.pending": 0.0, "syncNow.2.dead": 0.0,
		"syncNow.2.pending": 0.0})
	if left := w.messages(""); len(left) != 0 || far.took != 4 {
		t.Errorf("%d were taken; left are %+v", far.took, left)
	}
	tooMany, _ := json.Marshal(slices.Repeat([]string{"1"}, pageRowsMax+1))
	reply := w.ask(t, fmt.Sprintf(`mutation{requeueMessages(ids:%s)}`, tooMany), nil)
	if !slices.Equal(reply.codes(), []string{"BAD_REQUEST"}) {
		t.Error(reply.Body)
	}
}

// TestSyncIsOfTheTokensWarehouses: a token sees and moves what is of its own, and nothing else.
func TestSyncIsOfTheTokensWarehouses(t *testing.T) {
	w := newWhole(t)
	far := w.connect()
	far.refuses = true
	w.want(`mutation{syncNow(system:"erp1",streams:["movements"]){dead}}`,
		map[string]any{"syncNow.2.dead": 4.0})
	id := w.messages("dead:true,")[0].id
	w.keys = locked(t).keys
	bench := &bench{API: w.API}
	for warehouse, want := range map[string]struct {
		first    any
		messages int
		requeued float64
	}{"V": {"erp2", 0, 0}, "ELSEWHERE": {nil, 0, 0}, "W": {"erp1", 4, 1}} {
		who := bench.as(t, access.Sync, warehouse)
		reply := w.send(t, query(t, `{syncStreams{system} outbox{edges{cursor}}}`, nil), who)
		if reply.at("syncStreams.0.system") != want.first ||
			len(reply.at("outbox.edges").([]any)) != want.messages {
			t.Errorf("%s: %s", warehouse, reply.Body)
		}
		reply = w.send(t, query(t, `mutation{syncNow(system:"erp1",streams:["skus"]){state}}`, nil), who)
		if isRefused := len(reply.Errors) > 0; isRefused != (warehouse != "W") {
			t.Errorf("%s: %s", warehouse, reply.Body)
		}
		reply = w.send(t, query(t, fmt.Sprintf(`mutation{requeueMessages(ids:[%q])}`, id), nil), who)
		if reply.at("requeueMessages") != want.requeued {
			t.Errorf("%s: %s", warehouse, reply.Body)
		}
	}
}

// TestRunsThatFail: a system that does not answer makes the run FAILED, which its caller sees, and
// is no defect; a difference cannot be decided meanwhile.
func TestRunsThatFail(t *testing.T) {
	w := newWhole(t)
	far := w.connect()
	reconciler := flow.NewReconciler(w.db, w.engine.Repair, w.sync)
	w.verbs.reconcile, w.verbs.resolve = reconciler.Reconcile, reconciler.Resolve
	const run = `mutation{runReconciliation(scope:EXTERNAL,warehouse:"W"){
		code message run{id state error open}}}`
	far.down = true
	reply := w.want(run, map[string]any{"runReconciliation.code": "INVALID_STATE",
		"runReconciliation.run.state": "FAILED", "runReconciliation.run.open": 0.0})
	const said = "system erp1: its stock could not be pulled: changes of stock: 503"
	if reply.at("runReconciliation.message") != said ||
		reply.at("runReconciliation.run.error") != said {
		t.Error(reply.Body)
	}
	w.want(`{reconciliationRuns(warehouse:"W",scope:EXTERNAL){edges{node{id state}}}}`,
		map[string]any{"reconciliationRuns.edges.0.node.state": "FAILED",
			"reconciliationRuns.edges.0.node.id": reply.at("runReconciliation.run.id"),
			"reconciliationRuns.edges.1":         nil})
	w.want(`mutation{upsertWarehouses(lines:[{code:"ALONE"}]){created}
		runReconciliation(scope:EXTERNAL,warehouse:"ALONE"){code run{id}}}`,
		map[string]any{"runReconciliation.code": "INVALID", "runReconciliation.run": nil})
	w.want(`{reconciliationRuns(warehouse:"ALONE",scope:EXTERNAL){edges{node{id}}}}`,
		map[string]any{"reconciliationRuns.edges.0": nil})
	id := strconv.FormatInt(w.db.NewID(), 10)
	if err := w.db.Transact(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO differences (warehouse, id, run_id, kind, state,
			quantity, sku, diff) VALUES ('W', ?, ?, 'BOOK:erp1', 'OPEN', 'onHand', 'TEA', 1000000)`, id,
			reply.at("runReconciliation.run.id"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.want(fmt.Sprintf(`mutation{resolveDifference(id:%q,action:ACCEPT_THEIRS,expectedDiff:"1",
		note:"n"){code}}`, id), map[string]any{"resolveDifference.code": "BUSY"})
}
