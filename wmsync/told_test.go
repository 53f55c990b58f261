package wmsync_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/wmssim"
	"tierstock/wmsync"
)

// counter adds up what a service tells, by system, stream and fate.
type counter struct {
	mu    sync.Mutex
	found map[string]int
}

func (c *counter) watch(told wmsync.Told) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for fate, count := range told.Fates {
		if count != 0 {
			c.found[told.System+"/"+string(told.Stream)+"/"+string(fate)] += count
		}
	}
}

func (c *counter) want(t *testing.T, want map[string]int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !maps.Equal(c.found, want) {
		t.Errorf("%v was told, not %v", c.found, want)
	}
	c.found = map[string]int{}
}

// counted has a bench's service tell what it does.
func (b *bench) counted(change func(*wmsync.System)) *counter {
	counter, system := &counter{found: map[string]int{}}, b.system()
	if change != nil {
		change(&system)
	}
	b.service = wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
		Allocation: b.Allocation, Watch: counter.watch},
		[]wmsync.Remote{{System: system, Source: b.far, Sink: b.far}})
	return counter
}

// TestItemsAndMovementsAreCounted: each try once, and nothing where nothing was new.
func TestItemsAndMovementsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		counter := b.counted(nil)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("7", ""))
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0, delta("0", ""))
		b.pull(wmsync.Stock)
		counter.want(t, map[string]int{"erp1/stock/applied": 1, "erp1/stock/dead": 1})
		b.pull(wmsync.Stock)
		counter.want(t, map[string]int{})
		b.requeue(b.dead("must not be zero")...)
		b.pull(wmsync.Stock)
		counter.want(t, map[string]int{"erp1/stock/dead": 1})

		b.Receive("F1", "5").OK()
		b.relay()
		counter.want(t, map[string]int{"erp1/movements/delivered": 1})
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			return wmsync.Receipt{Outcome: wmsync.Rejected, Message: "no"}
		}
		b.Receive("F1", "5").OK()
		b.relay()
		counter.want(t, map[string]int{"erp1/movements/dead": 1})
		b.far.judge, b.far.down = nil, wmsync.Fail(wmsync.Unreachable, "503")
		b.Receive("F1", "5").OK()
		b.relay()
		counter.want(t, map[string]int{"erp1/movements/retried": 1})
	})
}

// TestWebhooksAreCounted: by system and what came of them; a system that is not there is "".
func TestWebhooksAreCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
		counter := b.counted(func(s *wmsync.System) { s.WebhookSecrets = []string{secret} })
		mux := http.NewServeMux()
		mux.Handle("/webhooks/{system}", b.service.Webhook())
		send := func(system, id, body string, want int) {
			t.Helper()
			header, err := wmssim.Sign(secret, id, time.Now(), []byte(`{"stream":"stock"}`))
			if err != nil {
				t.Fatal(err)
			}
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/"+system,
				strings.NewReader(body))
			request.Header = header
			answer := httptest.NewRecorder()
			if mux.ServeHTTP(answer, request); answer.Code != want {
				t.Errorf("%s %s: %d %s", system, id, answer.Code, answer.Body)
			}
		}
		send("erp1", "1", `{"stream":"stock"}`, http.StatusAccepted)
		send("erp1", "1", `{"stream":"stock"}`, http.StatusAccepted)
		send("erp1", "2", `{"stream":"orders"}`, http.StatusUnauthorized)
		send("erp9", "3", `{"stream":"stock"}`, http.StatusUnauthorized)
		send("erp8", "3", `{"stream":"stock"}`, http.StatusUnauthorized)
		counter.want(t, map[string]int{"erp1/webhooks/accepted": 1, "erp1/webhooks/repeated": 1,
			"erp1/webhooks/refused": 1, "/webhooks/refused": 2})
	})
}
