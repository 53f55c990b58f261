package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tierstock/wmsync"
	"tierstock/wmsync/wes"
)

// startSim runs wms-sim as a shell would and gives its address; it ends with the test.
func startSim(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"wms-sim", "--listen", "127.0.0.1:0"}, args...), writer,
			io.Discard)
		_ = writer.Close()
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case code := <-ended:
			if code != exitDone {
				t.Error("exit", code)
			}
		case <-time.After(10 * time.Second):
			t.Error("it does not end")
		}
	})
	line := make([]byte, 200)
	n, err := reader.Read(line)
	address := regexp.MustCompile(`http://[0-9.:]+`).FindString(string(line[:n]))
	if err != nil || address == "" || !strings.Contains(string(line[:n]), "SKUs and") {
		t.Fatal(err, string(line[:n]))
	}
	return address
}

// TestWMSSim: it serves the sample, takes movements, wakes who listens, and shows what it has.
func TestWMSSim(t *testing.T) {
	var woken atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Webhook-Signature") != "" {
			woken.Add(1)
		}
		out.WriteHeader(http.StatusAccepted)
	}))
	defer hook.Close()
	address := startSim(t, "--token", "t", "--speed", "0", "--stock", "7", "--misbehave",
		"late=0.1,emptyPages=0.5", "--webhook", hook.URL, "--webhook-secret", "whsec_c2VjcmV0")
	client := wes.New(wmsync.System{URL: address, Token: "t"}, wes.Options{})
	ctx := t.Context()
	stock, err := client.Snapshot(ctx, wmsync.Stock, "MAIN", "")
	if err != nil || stock.RowCount < 1000 ||
		!strings.HasSuffix(string(stock.Rows[0]), `"onHand":"7"}`) {
		t.Fatal(err, stock.RowCount, string(stock.Rows[0]))
	}
	var row struct {
		SKU string `json:"sku"`
	}
	if err := json.Unmarshal(stock.Rows[0], &row); err != nil {
		t.Fatal(err)
	}
	receipts, err := client.Deliver(ctx, "1", []wmsync.Movement{{ID: "m", Warehouse: "MAIN",
		SKU: row.SKU, Qty: "2", From: &wmsync.Place{}}})
	if err != nil || receipts[0].Outcome != wmsync.Applied {
		t.Error(receipts, err)
	}
	waitFor(t, "orders and a webhook", func() bool {
		page, err := client.Changes(ctx, wmsync.Orders, "", 10)
		return err == nil && len(page.Items) == 10 && woken.Load() > 0
	})
	for path, want := range map[string]string{"/": "1 movements applied",
		"/wes/v1/ledger": `"id":"m"`, "/wes/v1/books": `"onHand":"5"`} {
		if text := fetch(t, address+path, ""); !strings.Contains(text, want) {
			t.Errorf("%s: %.300s", path, text)
		}
	}
	if text := fetch(t, address, "wms.example"); !strings.Contains(text, "is not this machine") {
		t.Error("a name that only resolves to here is served:", text)
	}
}

// TestWMSSimSpeed: orders come one after another.
func TestWMSSimSpeed(t *testing.T) {
	client := wes.New(wmsync.System{URL: startSim(t, "--speed", "20")}, wes.Options{})
	count := func() int {
		page, err := client.Changes(t.Context(), wmsync.Orders, "", 500)
		if err != nil {
			t.Error(err)
		}
		return len(page.Items)
	}
	early := count()
	waitFor(t, "more orders", func() bool { return count() > early })
	if late := count(); early > 100 || late > 500 {
		t.Error(early, late)
	}
}

// TestWMSSimWebhookFlags: what is wrong with them is told without the secret.
func TestWMSSimWebhookFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--webhook http://127.0.0.1/":                              "go together",
		"--webhook-secret whsec_hidden":                            "go together",
		"--webhook http://127.0.0.1/ --webhook-secret hidden":      "is not whsec_ and base64",
		"--webhook http://127.0.0.1/ --webhook-secret whsec_hidd?": "is not whsec_ and base64",
	} {
		code, out, errOut := tierstock(t, append([]string{"wms-sim"}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errOut, want) ||
			strings.Contains(errOut, "hidd") {
			t.Errorf("%s: %d %q %q", args, code, out, errOut)
		}
	}
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 100 {
		if done() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("waited in vain for", what)
}

func fetch(t *testing.T, address, host string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
