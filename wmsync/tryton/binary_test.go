package tryton_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the built tierstock with a configuration file of its own.
type program struct {
	t              *testing.T
	path, db, file string
	env            []string
	url            string
}

// build builds the program, and writes a configuration with the floor's Tryton as system erp.
func build(t *testing.T, f *floor) *program {
	t.Helper()
	folder := t.TempDir()
	p := &program{t: t, path: filepath.Join(folder, "tierstock"),
		db: "sqlite:" + filepath.Join(folder, "stock.db"), file: filepath.Join(folder, "c.yaml")}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p.path,
		"tierstock/cmd/tierstock").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	system := f.System(nil)
	p.env = append(os.Environ(), "ERP_PASSWORD="+system.Password)
	text := fmt.Sprintf(`systems:
  - name: erp
    kind: tryton
    url: %s
    user: %s
    password: env:ERP_PASSWORD
    warehouses: {%s: MAIN}
    defaultZone: DOCK
    pull: {streams: [skus, inbound, orders, stock], every: 1s}
    push: true
    reconcile: never
`, system.URL, system.User, f.code)
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// run runs a command to its end, and gives its output and the status that it ended with.
func (p *program) run(args ...string) (string, int) {
	p.t.Helper()
	command := exec.CommandContext(p.t.Context(), p.path,
		append(args, "--db", p.db, "--config", p.file)...)
	var errs bytes.Buffer
	command.Env, command.Stderr = p.env, &errs
	out, err := command.Output()
	if command.ProcessState == nil || errs.Len() > 0 {
		p.t.Errorf("%q: %v %s", args, err, &errs)
	}
	return string(out), command.ProcessState.ExitCode()
}

var consoleLine = regexp.MustCompile(`console: (http://\S+)/`)

// serve serves until the test ends, when it has to stop as it should.
func (p *program) serve() {
	p.t.Helper()
	var errs bytes.Buffer
	command := exec.CommandContext(context.WithoutCancel(p.t.Context()), p.path, "serve", "--listen",
		"127.0.0.1:0", "--db", p.db, "--config", p.file)
	command.Env, command.Stderr = p.env, &errs
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		patience := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
		defer patience.Stop()
		if err := command.Wait(); err != nil || p.t.Failed() {
			p.t.Errorf("%v: %s", err, &errs)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := consoleLine.FindStringSubmatch(lines.Text()); found != nil {
			p.url = found[1] + "/graphql"
			return
		}
	}
	p.t.Fatal("it does not serve")
}

// ask sends a document, which must be answered without errors, and reads the answer into data.
func ask[T any](p *program, document string) (data T) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		p.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url,
		bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Data   T `json:"data"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil ||
		len(answer.Errors) > 0 {
		p.t.Fatalf("%s: %v %+v", document, err, answer.Errors)
	}
	return answer.Data
}

// stream is how one of the system's is.
type stream struct {
	Stream, State, LastError string
	Pending, Dead            int
}

const streamFields = `{stream state lastError pending dead}`

// runPayload is a run and what it found.
type runPayload struct {
	Code, Message string
	Run           struct {
		State                           string
		Compared, Matched, Timing, Open int
		Differences                     struct {
			Edges []struct {
				Node struct{ ID, SKU, State, Ours, Theirs, Diff string }
			}
		}
	}
}

const runFields = `{code message run{state compared matched timing open
	differences{edges{node{id sku state ours theirs diff}}}}}`

// compare runs EXTERNAL, and wants so many differences open.
func (p *program) compare(open int) runPayload {
	p.t.Helper()
	payload := ask[struct{ RunReconciliation runPayload }](p,
		`mutation{runReconciliation(scope:EXTERNAL,warehouse:"MAIN")`+runFields+`}`).RunReconciliation
	run := payload.Run
	if payload.Code != "APPLIED" || run.State != "DONE" || run.Open != open || run.Compared == 0 ||
		run.Matched != run.Compared-open {
		p.t.Fatalf("%+v", payload)
	}
	return payload
}

// onHand is what the program says there is of a SKU.
func (p *program) onHand(sku string) string {
	p.t.Helper()
	var found []string
	for _, edge := range ask[struct {
		ZoneStocks struct {
			Edges []struct{ Node struct{ Zone, OnHand string } }
		}
	}](p, fmt.Sprintf(`{zoneStocks(warehouse:"MAIN",filter:{skus:[%q]}){edges{node{zone onHand}}}}`,
		sku)).ZoneStocks.Edges {
		found = append(found, edge.Node.Zone+" "+edge.Node.OnHand)
	}
	return strings.Join(found, ", ")
}

// eventually waits for what the clock of the program does.
func (p *program) eventually(what string, done func() bool) {
	p.t.Helper()
	for range 300 {
		if done() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatal("waited in vain for", what)
}

// TestBinary is the same day through the program: its configuration file, its clock, its API and
// its command line.
func TestBinary(t *testing.T) {
	f := newFloor(t)
	sku := f.product("u")
	f.Receive(f.code, sku, "", "40")
	p := build(t, f)
	p.serve()
	made := ask[struct{ W, Z struct{ Created int } }](p, `mutation{
		w: upsertWarehouses(lines:[{code:"MAIN"}]){created}
		z: upsertZones(lines:[{warehouse:"MAIN",code:"DOCK"}]){created}}`)
	if made.W.Created != 1 || made.Z.Created != 1 {
		t.Fatalf("%+v", made)
	}
	p.eventually("all streams", p.synced)
	if got := p.onHand(sku); got != "DOCK 40" {
		t.Fatal(got)
	}
	_, number := f.Order(f.code, sku, "4")
	received := ask[struct{ Receive struct{ Applied int } }](p, fmt.Sprintf(`mutation{
		receive(lines:[{key:{jobType:"R",orderId:"1",lineId:"1"},
			at:{warehouse:"MAIN",zone:"DOCK",sku:%q},qty:"2"}]){applied}}`, sku))
	if received.Receive.Applied != 1 {
		t.Fatalf("%+v", received)
	}
	p.eventually("the receipt to be told", func() bool {
		return f.OnHand(f.code, sku, "") == quantity(t, "42")
	})
	p.eventually("the order", func() bool { return p.holds(number) })
	p.compare(0)
	p.differences(f, sku)
}

// synced syncs now, and says whether all streams are at their ends, as syncStreams says too.
func (p *program) synced() bool {
	p.t.Helper()
	told := ask[struct{ SyncNow []stream }](p, `mutation{syncNow(system:"erp")`+streamFields+`}`)
	known := ask[struct{ SyncStreams []stream }](p, `{syncStreams(system:"erp")`+streamFields+`}`)
	if len(told.SyncNow) != 5 || len(known.SyncStreams) != 5 {
		p.t.Fatalf("%+v %+v", told, known)
	}
	return !slices.ContainsFunc(slices.Concat(told.SyncNow, known.SyncStreams),
		func(s stream) bool { return s.State != "OK" || s.Pending+s.Dead > 0 })
}

// holds says whether there is a reservation for an order.
func (p *program) holds(order string) bool {
	p.t.Helper()
	found := ask[struct {
		Reservations struct{ Edges []struct{ Cursor string } }
	}](p, fmt.Sprintf(`{reservations(warehouse:"MAIN",filter:{orderId:%q}){edges{cursor}}}`, order))
	return len(found.Reservations.Edges) == 1
}

// differences makes two behind the program's back, which it finds, tells in CSV, and ends.
func (p *program) differences(f *floor, sku string) {
	p.t.Helper()
	f.Lose(f.code, sku, "", "5")
	found := p.compare(1).Run.Differences.Edges[0].Node
	if found.SKU != sku || found.State != "OPEN" || found.Ours != "42" || found.Theirs != "37" ||
		found.Diff != "5" {
		p.t.Errorf("%+v", found)
	}
	lines, status := p.run("reconcile", "--warehouse", "MAIN", "--scope", "EXTERNAL", "--csv")
	if want := "," + sku + ",,,onHand,42,37,5,2,"; status != 1 || !strings.Contains(lines, want) ||
		strings.Count(lines, "\n") != 2 {
		p.t.Errorf("status %d: %s", status, lines)
	}
	p.resolve(p.compare(1), "ACCEPT_THEIRS")
	p.compare(0)
	if got := p.onHand(sku); got != "DOCK 37" {
		p.t.Error(got)
	}
	f.Lose(f.code, sku, "", "6")
	p.resolve(p.compare(1), "ACCEPT_OURS")
	p.compare(0)
	f.expectOnHand(sku, "", "37")
	lines, status = p.run("reconcile", "--warehouse", "MAIN", "--scope", "EXTERNAL", "--csv")
	if status != 0 || strings.Count(lines, "\n") != 1 {
		p.t.Errorf("status %d: %s", status, lines)
	}
	outbox := ask[struct {
		Outbox struct {
			Edges []struct{ Node struct{ LastError string } }
		}
	}](p, `{outbox(system:"erp"){edges{node{lastError}}}}`).Outbox
	if len(outbox.Edges) > 0 {
		p.t.Errorf("%+v", outbox)
	}
}

func (p *program) resolve(payload runPayload, action string) {
	p.t.Helper()
	found := payload.Run.Differences.Edges[0].Node
	answer := ask[struct{ ResolveDifference runPayload }](p, fmt.Sprintf(
		`mutation{resolveDifference(id:%q,action:%s,expectedDiff:%q,note:"looked at")%s}`, found.ID,
		action, found.Diff, runFields)).ResolveDifference
	if answer.Code != "APPLIED" || answer.Run.Open != 0 {
		p.t.Errorf("%+v", answer)
	}
}
