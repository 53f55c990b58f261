package wmsync_test

import (
	"encoding/base64"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tierstock/wmssim"
	"tierstock/wmsync"
)

// secretOf is a webhook's secret of 32 such bytes.
func secretOf(letter string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
}

// hook is a warehouse that is synced with, and the door that its webhooks come to.
type hook struct {
	*bench
	door http.Handler
}

// The secret that is being replaced, and the one that replaces it.
var oldSecret, newSecret = secretOf("o"), secretOf("n")

func newHook(b *bench) *hook {
	system := b.system()
	system.WebhookSecrets = []string{newSecret, oldSecret}
	mute := system
	mute.Name, mute.WebhookSecrets = "mute", nil
	b.service = wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
		Allocation: b.Allocation}, []wmsync.Remote{{System: system, Source: b.far},
		{System: mute, Source: newFarSide()}})
	mux := http.NewServeMux()
	mux.Handle("/webhooks/{system}", b.service.Webhook())
	return &hook{b, mux}
}

// sent is a webhook on its way: signed as it should be, unless it is changed then.
type sent struct {
	verb, system, body string
	header             http.Header
}

func (h *hook) signed(id, secret, body string, at time.Time) *sent {
	h.t.Helper()
	header, err := wmssim.Sign(secret, id, at, []byte(body))
	if err != nil {
		h.t.Fatal(err)
	}
	return &sent{http.MethodPost, "erp1", body, header}
}

// wants sends a webhook and wants an answer, within a second, and these streams to be awake then.
func (h *hook) wants(what string, webhook *sent, status int, awake ...wmsync.Stream) {
	h.t.Helper()
	h.fallAsleep()
	request := httptest.NewRequestWithContext(h.t.Context(), webhook.verb,
		"/webhooks/"+webhook.system, strings.NewReader(webhook.body))
	request.Header = webhook.header
	answer := httptest.NewRecorder()
	began := time.Now()
	h.door.ServeHTTP(answer, request)
	if took := time.Since(began); answer.Code != status || took > time.Second {
		h.t.Errorf("%s: %d after %s, not %d: %s", what, answer.Code, took, status, answer.Body)
	}
	streams, err := h.service.Streams(h.t.Context(), "", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	left := len(awake)
	for _, stream := range streams {
		woken := stream.NextRunAt == 0
		for _, wanted := range awake {
			if woken && wanted == stream.Stream && stream.System == "erp1" {
				left--
				woken = false
			}
		}
		if woken {
			h.t.Errorf("%s: %s of %s is awake", what, stream.Stream, stream.System)
		}
	}
	if left > 0 {
		h.t.Errorf("%s: %d of %s are not awake", what, left, awake)
	}
}

// fallAsleep has no stream be due for an hour.
func (h *hook) fallAsleep() {
	h.t.Helper()
	_, err := h.service.Streams(h.t.Context(), "", nil) // which notes those that are new
	if err != nil {
		h.t.Fatal(err)
	}
	h.Write(`UPDATE sync_streams SET due_at = ?`, time.Now().Add(time.Hour).UnixMicro())
}

// Whatever is sent: a webhook wakes at most, and only one that is signed does.
func TestWebhookStorm(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		h := newHook(b)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, delta("10", ""))
		b.pull(wmsync.Stock)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d2", 0, delta("7", ""))
		h.welcome()
		h.unwelcome()
		h.unsigned()
		h.malformed()
		b.Expect("FAST 10/0/0") // though ten woke the stream
		b.dead()
		h.fallAsleep()
		b.pullDue()
		b.Expect("FAST 10/0/0")
		h.wants("the last", h.signed("last", newSecret, `{"type":"stock.changed"}`, time.Now()),
			http.StatusAccepted, wmsync.Stock)
		b.pullDue()
		b.Expect("FAST 17/0/0")
	})
}

// welcome are those that wake.
func (h *hook) welcome() {
	now, stock := time.Now(), `{"type":"stock.changed","data":{"delta":"1000"}}`
	h.wants("a valid one", h.signed("m1", newSecret, stock, now), http.StatusAccepted, wmsync.Stock)
	h.wants("again", h.signed("m1", newSecret, stock, now), http.StatusAccepted)
	h.wants("its id with another body", h.signed("m1", newSecret, `{}`, now), http.StatusAccepted)
	h.wants("another stream", h.signed("m2", newSecret, `{"stream":"orders"}`, now),
		http.StatusAccepted, wmsync.Orders)
	h.wants("an earlier one later", h.signed("m0", newSecret, stock, now.Add(-4*time.Minute)),
		http.StatusAccepted, wmsync.Stock)
	h.wants("one of tomorrow's clock", h.signed("m9", newSecret, stock, now.Add(4*time.Minute)),
		http.StatusAccepted, wmsync.Stock)
	h.wants("the old secret", h.signed("m3", oldSecret, stock, now), http.StatusAccepted, wmsync.Stock)
	for i, garbage := range []string{"", "garbage", "\xff\x00", `{"type":7}`, `[1]`,
		`{"type":"weather.changed"}`} {
		h.wants("garbage "+garbage, h.signed("garbage-"+strconv.Itoa(i), newSecret, garbage, now),
			http.StatusAccepted, wmsync.Streams...)
	}
	several := h.signed("m4", newSecret, stock, now)
	several.header.Set("Webhook-Signature", "v2,AAAA v1,AAAA v1 , v1,%%% "+
		several.header.Get("Webhook-Signature"))
	h.wants("several signatures", several, http.StatusAccepted, wmsync.Stock)
	h.wants("the largest", h.signed("m5", newSecret, `{"type":"stock.changed"}`+
		strings.Repeat(" ", 256<<10-24), now), http.StatusAccepted, wmsync.Stock)
}

// unwelcome are those that were signed by somebody else, or at another time, or otherwise.
func (h *hook) unwelcome() {
	now, body := time.Now(), `{"type":"stock.changed"}`
	h.wants("another's secret", h.signed("f1", secretOf("x"), body, now), http.StatusUnauthorized)
	h.wants("too old", h.signed("f2", newSecret, body, now.Add(-6*time.Minute)),
		http.StatusUnauthorized)
	h.wants("too new", h.signed("f3", newSecret, body, now.Add(6*time.Minute)),
		http.StatusUnauthorized)
	changes := map[string]func(*sent){
		"another body": func(s *sent) { s.body += " " },
		"another id":   func(s *sent) { s.header.Set("Webhook-Id", "f5") },
		"another time": func(s *sent) {
			s.header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix()+1, 10))
		},
		"no such system": func(s *sent) { s.system = "erp2" },
		"no secrets":     func(s *sent) { s.system = "mute" },
		"another version": func(s *sent) {
			s.header.Set("Webhook-Signature", "v2,"+strings.TrimPrefix(
				s.header.Get("Webhook-Signature"), "v1,"))
		},
		"half a signature": func(s *sent) {
			s.header.Set("Webhook-Signature", s.header.Get("Webhook-Signature")[:20])
		},
		"no key at all": func(s *sent) {
			s.header.Set("Webhook-Signature", "v1,")
		},
	}
	for what, change := range changes {
		webhook := h.signed("f4", newSecret, body, now)
		change(webhook)
		h.wants(what, webhook, http.StatusUnauthorized)
	}
}

// unsigned are those that lack a header, or have one that is none.
func (h *hook) unsigned() {
	for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		webhook := h.signed("u1", newSecret, "{}", time.Now())
		webhook.header.Del(name)
		h.wants("without "+name, webhook, http.StatusUnauthorized)
	}
	farAway := time.Unix(time.Now().Unix()+math.MinInt64, 0)
	h.wants("as far away as can be", h.signed("u2", newSecret, "{}", farAway),
		http.StatusUnauthorized)
	for _, stamp := range []string{"", "soon", "1e9", "9223372036854775808"} {
		webhook := h.signed("u3", newSecret, "{}", time.Now())
		webhook.header.Set("Webhook-Timestamp", stamp)
		h.wants("sent "+stamp, webhook, http.StatusUnauthorized)
	}
	h.wants("a long id", h.signed(strings.Repeat("u", 201), newSecret, "{}", time.Now()),
		http.StatusUnauthorized)
}

// malformed are no webhooks.
func (h *hook) malformed() {
	large := h.signed("l1", newSecret, strings.Repeat(" ", 256<<10+1), time.Now())
	h.wants("too large", large, http.StatusRequestEntityTooLarge)
	for _, verb := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		webhook := h.signed("g1", newSecret, "{}", time.Now())
		webhook.verb = verb
		h.wants(verb, webhook, http.StatusMethodNotAllowed)
	}
	h.wants("what all of that was not", h.signed("g1", newSecret, "{}", time.Now()),
		http.StatusAccepted, wmsync.Streams...)
}
