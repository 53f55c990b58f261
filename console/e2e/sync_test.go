package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// erp is a system that speaks wes-sync: it tells of changes of stock, and takes movements or not.
type erp struct {
	mu      sync.Mutex
	items   []map[string]any
	refuses bool
	away    bool
	slow    time.Duration
}

func (e *erp) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	time.Sleep(e.slow)
	answer := any(map[string]string{"error": "there is nothing of that kind"})
	status := http.StatusOK
	switch {
	case e.away:
		status, answer = http.StatusServiceUnavailable, map[string]string{"error": "closed for the night"}
	case r.URL.Path == "/wes/v1/changes":
		answer = e.changes(r.URL.Query().Get("stream"), r.URL.Query().Get("since"))
	case r.URL.Path == "/wes/v1/movements":
		answer = e.take(r)
	default:
		status = http.StatusNotFound
	}
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_ = json.NewEncoder(out).Encode(answer)
}

func (e *erp) changes(stream, since string) any {
	items := []map[string]any{}
	if from, _ := strconv.Atoi(since); stream == "stock" {
		items = e.items[from:]
	}
	return map[string]any{"items": items, "next": strconv.Itoa(len(e.items)), "hasMore": false,
		"asOf": time.Now().UTC()}
}

func (e *erp) take(r *http.Request) any {
	var batch struct {
		Movements []struct {
			ID string `json:"id"`
		} `json:"movements"`
	}
	_ = json.NewDecoder(r.Body).Decode(&batch)
	results := []map[string]string{}
	for _, movement := range batch.Movements {
		result := map[string]string{"id": movement.ID, "status": "applied"}
		if e.refuses {
			result["status"], result["error"] = "rejected", "place FAST is closed for the year"
		}
		results = append(results, result)
	}
	return map[string]any{"results": results}
}

func (e *erp) change(how func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	how()
}

func (e *erp) tell(id, sku, qty string) {
	e.items = append(e.items, map[string]any{"id": id, "op": "delta", "key": sku, "version": 1,
		"occurredAt": time.Now().UTC(), "data": map[string]any{"warehouse": "MAIN", "sku": sku,
			"delta": qty}})
}

// connected serves an empty database that is synced with an ERP.
func connected(t *testing.T) (system *erp, address string) {
	t.Helper()
	system = &erp{}
	far := httptest.NewServer(system)
	t.Cleanup(far.Close)
	folder := t.TempDir()
	file := filepath.Join(folder, "config.yaml")
	text := "systems:\n  - {name: erp1, kind: wes-sync, url: " + far.URL + ", push: true,\n" +
		"     warehouses: {MAIN: W1}, defaultZone: FAST, pull: {streams: [skus, stock], every: 1h}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address, stop, err := serve(t.Context(), here.program, nil, "serve", "--db",
		"sqlite:"+filepath.Join(folder, "sync.db"), "--config", file)
	t.Cleanup(stop)
	if err != nil {
		t.Fatal(err)
	}
	post(t, address, `mutation { upsertWarehouses(lines: [{code: "W1"}]) { created } }`)
	return system, address
}

// post sends a mutation without a page.
func post(t *testing.T, address, query string) {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"query": query})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"graphql",
		strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Errors []any `json:"errors"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%s: %v %v", query, err, answer.Errors)
	}
}

// row is a stream's row, by its first cell.
func row(stream string) string {
	return `[...document.querySelectorAll('.streams tbody tr')].find((one) =>
		one.querySelector('th')?.innerText.startsWith(` + quoted(stream) + `))`
}

// cell waits for a cell of a stream's row to say something.
func (p *page) cell(stream, column, text string) {
	p.Helper()
	p.until(`((at) => ` + row(stream) + `?.cells[at]?.innerText.trim() === ` + quoted(text) + `)(
		[...document.querySelectorAll('.streams thead tr > *')].findIndex((one) =>
		one.innerText === ` + quoted(column) + `))`)
}

// focus goes to what the selector finds, once it is there: what is pressed then goes there.
func (p *page) focus(selector string) {
	p.Helper()
	p.until(`((found) => { found?.focus(); return document.activeElement === found; })(
		document.querySelector(` + quoted(selector) + `))`)
}

const deadRows = `[...document.querySelectorAll('[aria-label=Messages] .body [role=row]')]`

// TestSyncNotConnected says what to do.
func TestSyncNotConnected(t *testing.T) {
	p := open(t, here.open+"#/sync")
	p.see("No system is connected yet.")
	p.view("sync-none")
}

// TestSync: a stream fails until its zone is there; then an item and a movement are dead, are read,
// and go through when they are queued again after their causes have gone.
func TestSync(t *testing.T) {
	system, address := connected(t)
	p := open(t, address+"#/sync")
	p.see("there is no zone FAST in warehouse W1 yet")
	p.cell("stock", "State", "FAILING 1 in a row")
	p.view("sync-failing")

	post(t, address, `mutation { upsertZones(lines: [{warehouse: "W1", code: "FAST"}]) { created }
		upsertSkus(lines: [{code: "TEA"}]) { created } }`)
	system.change(func() {
		system.tell("d1", "TEA", "10")
		system.tell("d2", "NEW", "3")
		system.refuses = true
	})
	post(t, address, `mutation { receive(lines: [{key: {jobType: "ASN", orderId: "A1", lineId: "1"},
		at: {warehouse: "W1", zone: "FAST", sku: "TEA"}, qty: "5"}]) { applied } }`)
	p.press("Sync now: erp1 · stock")
	p.see("erp1 · stock was synced in")
	p.cell("stock", "State", "OK")
	p.cell("stock", "Dead", "1")
	p.cell("movements", "Dead", "1")
	p.until(deadRows + `.length === 2`)
	p.view("sync-dead")

	p.focus(`[aria-label=Messages] .body [role=row]:first-child button`)
	p.keys(kb.Enter)
	p.see("there is no SKU")
	p.see(`"sku": "NEW"`)
	p.see("Make what is missing here, or map its code in the configuration.")
	p.view("sync-letter")
	post(t, address, `mutation { upsertSkus(lines: [{code: "NEW"}]) { created } }`)
	p.press("Queue it again")
	p.until(`!document.querySelector('dialog[open]')`)
	p.see("1 queued again")
	p.cell("stock", "Dead", "0")
	p.until(deadRows + `.length === 1`)

	p.press("erp1")
	p.see("place FAST is closed for the year")
	p.see(`"type": "RECEIVE"`)
	p.see("The system did not take it.")
	p.escape()
	system.change(func() { system.refuses = false })
	p.focus(`[aria-label^="Choose message"]`)
	p.keys(" ")
	p.see("Queue 1 again")
	p.keys(" ")
	p.see("Queue the chosen again")
	p.click(`.check input`) // all of them
	p.press("Queue 1 again")
	p.cell("movements", "Dead", "0")
	p.cell("movements", "Pending", "0")
	p.see("Every message was delivered, or will be.")
	p.press("All messages")
	p.see("Nothing waits, and nothing is dead.")
	p.press("Sync now: erp1")
	p.see("0 pending, 0 dead")
	p.view("sync-well")
	p.press("Overview")
	p.see("0 dead letters, 0 streams fail")
	p.press("Oldest outbox message")
	p.until(`location.hash === '#/sync'`)
}

// TestFullResync asks first, by keyboard as well, and says what came of it.
func TestFullResync(t *testing.T) {
	system, address := connected(t)
	post(t, address, `mutation { upsertZones(lines: [{warehouse: "W1", code: "FAST"}]) { created } }`)
	p := open(t, address+"#/sync")
	p.press("Full resync …")
	p.see("Stock is taken from it only into a warehouse that is still empty.")
	p.view("sync-resync")
	p.press("Cancel")
	p.until(`!document.querySelector('dialog[open]')`)
	system.change(func() { system.slow = time.Second })
	p.press("Sync now: erp1")
	p.see("Syncing erp1 …")
	p.until(`[...document.querySelectorAll('.titled button, .streams button')].every((one) =>
		one.disabled)`)
	p.view("sync-busy")
	p.see("erp1 was synced in")
	system.change(func() { system.slow, system.away = 0, true })
	p.press("Full resync …")
	p.fill("Streams", "skus")
	p.press("Read all anew")
	p.see("erp1 · skus could not be synced")
	p.see("closed for the night")
	p.see("The system is away or busy. It is tried again by itself.")
	p.view("sync-away")
	p.run(emulation.SetDeviceMetricsOverride(768, 1024, 1, true))
	if wide := evaluate[int](p, `document.documentElement.scrollWidth`); wide > 768 {
		t.Error("it is", wide, "wide")
	}
	p.shot("tablet-sync-away")
	p.fill("Language", "zh")
	t.Cleanup(func() { evaluate[any](p, `localStorage.clear(), null`) })
	p.see("立即同步")
	p.shot("sync-chinese")
}
