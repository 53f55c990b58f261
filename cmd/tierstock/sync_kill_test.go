package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmssim"
	"tierstock/wmsync"
)

// How TestKilledSync goes about it.
const (
	tellPace     = 400 * time.Microsecond
	livesAtLeast = 900 * time.Millisecond
	livesUpTo    = 1200 * time.Millisecond
	syncTimeMax  = 60 * time.Second
	floorCalls   = 25
)

// misdeeds are how the WMS is, but when it has been told that this is the end.
var misdeeds = wmssim.Faults{Late: 0.1, LateBy: 20 * time.Millisecond, Doubled: 0.3,
	OutOfOrder: 0.3, Gone: 0.01, Throttle: 0.02, Fail: 0.03, HTML: 0.01, Redirect: 0.01,
	Truncate: 0.02, StuckCursor: 0.05, EmptyPages: 0.05, RetrySome: 0.1, TimeoutButApply: 0.1}

// killedSync is a server that is killed again and again, and the WMS that it is synced with.
type killedSync struct {
	t           *testing.T
	program     string
	databaseURL string
	config      string
	db          *store.DB
	wms         *wmssim.WMS
	changes     *changes
	url         atomic.Pointer[string]
	log         locked
}

// TestKilledSync: ten thousand changes through a WMS that misbehaves in every way, while the server
// is killed at random moments. Each is applied once, none is dead but those that nobody could
// apply, the invariants hold, and both sides' books say the same.
func TestKilledSync(t *testing.T) {
	program := build(t)
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			k := newKilledSync(t, program, backend.URL(t))
			loaded, told := make(chan struct{}), make(chan struct{})
			worked := make(chan struct{})
			go func() {
				defer close(told)
				k.changes.tell(t.Context(), tellPace, loaded)
			}()
			go func() {
				defer close(worked)
				k.awaitLoad()
				close(loaded)
				k.floor()
			}()
			lives := 0
			for began := time.Now(); (isOpen(told) || isOpen(worked)) &&
				time.Since(began) < syncTimeMax; {
				k.liveAndDie()
				lives++
			}
			all := time.Now()
			k.settle(all)
			t.Logf("killed %d times; settled in %s", lives, time.Since(all))
			k.judge()
		})
	}
}

func isOpen(done <-chan struct{}) bool {
	select {
	case <-done:
		return false
	default:
		return true
	}
}

func newKilledSync(t *testing.T, program, databaseURL string) *killedSync {
	t.Helper()
	k := &killedSync{t: t, program: program, databaseURL: databaseURL,
		config: filepath.Join(t.TempDir(), "systems.yaml"),
		wms:    wmssim.New(wmssim.Options{Seed: 5, Faults: misdeeds, PageItems: 150})}
	k.changes = newChanges(t, k.wms)
	remote := httptest.NewServer(k.wms.Handler())
	t.Cleanup(remote.Close)
	text := fmt.Sprintf(`systems:
  - name: erp1
    kind: wes-sync
    url: %s
    warehouses: {MAIN: W1}
    defaultZone: DOCK
    pull: {streams: [skus, orders, stock], every: 1s}
    push: true
`, remote.URL)
	if err := os.WriteFile(k.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if k.db, err = store.Open(t.Context(), databaseURL, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.db.Close() })
	if _, err := k.db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.masters(master.New(k.db))
	return k
}

func (k *killedSync) masters(catalog *master.Catalog) {
	k.t.Helper()
	_, err := catalog.UpsertWarehouses(k.t.Context(), []master.WarehouseInput{{Code: "W1"}})
	if err != nil {
		k.t.Fatal(err)
	}
	_, err = catalog.UpsertZones(k.t.Context(), []master.ZoneInput{{Warehouse: "W1", Code: "DOCK"}})
	if err != nil {
		k.t.Fatal(err)
	}
	_, err = catalog.UpsertBins(k.t.Context(), []master.BinInput{{Warehouse: "W1", Zone: "DOCK",
		Code: "D1", Kind: new(model.StorageBin)}})
	if err != nil {
		k.t.Fatal(err)
	}
}

// awaitLoad waits until the stock from before is there: a warehouse that has stock is not loaded.
func (k *killedSync) awaitLoad() {
	isLoaded := func() bool {
		return k.sums(`SELECT value, 1 FROM marks WHERE warehouse = ?
			AND name = 'sync.load.erp1'`)["LOADED"] == 1
	}
	for until := time.Now().Add(syncTimeMax); !isLoaded() && time.Now().Before(until); {
		time.Sleep(50 * time.Millisecond)
	}
}

// start runs the server until it is ready.
func (k *killedSync) start() *exec.Cmd {
	k.t.Helper()
	command := exec.CommandContext(context.WithoutCancel(k.t.Context()), k.program, "serve",
		"--listen", "127.0.0.1:0", "--db", k.databaseURL, "--config", k.config)
	command.Stderr = &k.log
	out, err := command.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		k.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := consoleLine.FindStringSubmatch(lines.Text()); found != nil {
			k.url.Store(&found[1])
			return command
		}
	}
	k.t.Fatal(k.log.String())
	return nil
}

// liveAndDie lets the server live for a while, then kills it. What it held is free only when that
// is over, some of it before the next is there and some after.
func (k *killedSync) liveAndDie() {
	k.t.Helper()
	command := k.start()
	for end := time.Now().Add(livesAtLeast + rand.N(livesUpTo)); time.Now().Before(end); {
		k.letTimePass(rand.IntN(3) == 0)
		time.Sleep(100 * time.Millisecond)
	}
	if err := command.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	_ = command.Wait()
	if status := command.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
		k.t.Fatalf("it ended by itself: %v %s", command.ProcessState, &k.log)
	}
}

// letTimePass makes what is waited for due, and, where it is to, ends some leases.
func (k *killedSync) letTimePass(leases bool) {
	k.t.Helper()
	statements := []string{`UPDATE sync_streams SET due_at = 0`, `UPDATE sync_places SET retry_at = 0`,
		`UPDATE sync_messages SET next_at = 0, attempts = 1 WHERE state = 'WAITING'`}
	if leases {
		statements = append(statements, fmt.Sprintf(`UPDATE leases SET expires_at = 0
			WHERE name LIKE 'sync.%%' AND epoch %% 2 = %d`, rand.IntN(2)))
	}
	for _, statement := range statements {
		err := k.db.Transact(k.t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(k.t.Context(), statement)
			return err
		})
		if err != nil {
			k.t.Fatal(err)
		}
	}
}

// post sends an operation, until the server takes it.
func (k *killedSync) post(operation string, into any) error {
	body, err := json.Marshal(map[string]string{"query": operation})
	if err != nil {
		return err
	}
	url := k.url.Load()
	if url == nil {
		return io.ErrUnexpectedEOF
	}
	request, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, *url+"graphql",
		bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	failed := response.StatusCode != http.StatusOK || bytes.Contains(text, []byte(`"errors"`))
	if err == nil && failed {
		err = fmt.Errorf("%d: %s", response.StatusCode, text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// floor receives goods and takes some of them away, each call again until it was heard that it is
// done.
func (k *killedSync) floor() {
	for i := range floorCalls {
		k.call(fmt.Sprintf(`mutation{receive(lines:[{key:{jobType:"FLOOR",orderId:"F%d",lineId:"1"},
			at:{warehouse:"W1",zone:"DOCK",sku:"%s"},bin:"D1",qty:"5"}]){results{code}}}`, i, floorSKU(i)))
		k.call(fmt.Sprintf(`mutation{adjust(lines:[{key:{jobType:"FLOOR",taskId:"F%d"},
			at:{warehouse:"W1",bin:"D1",sku:"%s"},delta:"-2",audit:{reason:LOSS}}]){results{code}}}`, i,
			floorSKU(i)))
	}
}

func (k *killedSync) call(operation string) {
	last := ""
	for until := time.Now().Add(syncTimeMax); time.Now().Before(until); {
		var answer struct {
			Data map[string]struct{ Results []struct{ Code model.Code } }
		}
		err := k.post(operation, &answer)
		last = fmt.Sprint(err, answer)
		for _, payload := range answer.Data {
			if err == nil && payload.Results[0].Code.Succeeded() {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	k.t.Errorf("%s is not done: %s", operation, last)
}

// settle starts the server a last time and waits until it has taken in all that was told up to
// then, and has told all.
func (k *killedSync) settle(all time.Time) {
	k.t.Helper()
	faults := misdeeds
	faults.TimeoutButApply = 0 // it would only make us wait
	k.wms.SetFaults(faults)
	command := k.start()
	last := ""
	for until := time.Now().Add(syncTimeMax); !k.settled(all, &last); {
		if time.Now().After(until) {
			k.t.Errorf("it does not come to an end: %s\n%s", last, &k.log)
			break
		}
		k.letTimePass(true)
		time.Sleep(300 * time.Millisecond)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		k.t.Error(err)
	}
	if err := command.Wait(); err != nil {
		k.t.Errorf("%v: %s", err, &k.log)
	}
}

// settled says whether the last run of each stream has begun after a moment and come to the end.
func (k *killedSync) settled(all time.Time, last *string) bool {
	var answer struct {
		Data struct {
			SyncStreams []struct {
				Stream, State, LastError string
				Pending                  int
				LastSuccessAt            *time.Time
				LagSeconds               *int
			}
		}
	}
	err := k.post(`{syncStreams{stream state pending lastError lastSuccessAt lagSeconds}}`, &answer)
	*last = fmt.Sprintf("%v %+v", err, answer.Data.SyncStreams)
	done := 0
	for _, stream := range answer.Data.SyncStreams {
		began := stream.LastSuccessAt
		if stream.Stream != string(wmsync.Movements) && began != nil && stream.LagSeconds != nil {
			began = new(time.Now().Add(-time.Duration(*stream.LagSeconds+1) * time.Second))
		}
		if began != nil && began.After(all) && stream.Pending == 0 && stream.State == "OK" {
			done++
		}
	}
	return err == nil && done == 4
}

// judge compares the books, and looks for what is dead or was told twice.
func (k *killedSync) judge() {
	k.t.Helper()
	wantExit(k.t, exitDone, "all 10 invariants hold", "verify", "--db", k.databaseURL)
	wanted := k.changes.reserved()
	onHand := k.sums(`SELECT sku, SUM(on_hand) FROM zone_stocks WHERE warehouse = ? GROUP BY sku`)
	reserved := k.sums(`SELECT sku, SUM(reserved) FROM zone_stocks WHERE warehouse = ? GROUP BY sku`)
	for sku, qty := range k.wms.Totals() {
		if ours := model.Quantity(onHand[sku]); ours != qty {
			k.t.Errorf("of %s we have %s and they %s", sku, ours, qty)
		}
	}
	for sku, qty := range reserved {
		if model.Quantity(qty) != model.Whole(wanted[sku]) {
			k.t.Errorf("of %s %s are reserved and %d are ordered", sku, model.Quantity(qty), wanted[sku])
		}
	}
	if told := len(k.wms.Ledger()); told != 2*floorCalls ||
		len(k.wms.Complaints())+len(k.wms.Rejected()) > 0 {
		k.t.Errorf("%d movements were told: %v %v", told, k.wms.Complaints(), k.wms.Rejected())
	}
	letters := `SELECT last_error, COUNT(*) FROM sync_messages WHERE warehouse = ? GROUP BY last_error`
	for text, count := range k.sums(letters) {
		k.t.Errorf("%d are dead: %s", count, text)
	}
	for text, count := range k.sumsOf("", letters) {
		if !strings.Contains(text, "decimal in a JSON string") || count != poisoned-1 {
			k.t.Errorf("%d are dead: %s", count, text)
		}
	}
}

// sums reads what there is of each name in the warehouse, and sumsOf in another, or in none.
func (k *killedSync) sums(query string) map[string]int64 {
	k.t.Helper()
	return k.sumsOf("W1", query)
}

func (k *killedSync) sumsOf(warehouse, query string) map[string]int64 {
	k.t.Helper()
	sums := map[string]int64{}
	rows, err := k.db.Reader().Query(k.t.Context(), query, warehouse)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var sum int64
		if err := rows.Scan(&name, &sum); err != nil {
			k.t.Fatal(err)
		}
		sums[name] = sum
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	return sums
}
