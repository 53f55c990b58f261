package wes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"tierstock/wmsync"
)

const (
	tokenOfTest = "t0ken/secret"
	emptyPage   = `{"items":[],"next":"n"}`
)

// serve starts a server and a client of it, whose URL has all that a URL may have of secrets.
func serve(t *testing.T, options Options, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address := strings.Replace(server.URL, "http://", "http://userName:pass%20word@", 1)
	return New(wmsync.System{Name: "erp", URL: address + "/base/?apikey=keyInQuery",
		Token: tokenOfTest}, options)
}

func changes(c *Client) error {
	_, err := c.Changes(context.Background(), wmsync.Orders, "", 1)
	return err
}

func snapshot(c *Client) error {
	_, err := c.Snapshot(context.Background(), wmsync.Orders, "", "")
	return err
}

func deliver(c *Client) error {
	_, err := c.Deliver(context.Background(), "b", []wmsync.Movement{{ID: "1"}})
	return err
}

// failureOf is the failure that a call ended with; it has words and no secrets.
func failureOf(t *testing.T, err error) wmsync.Failure {
	t.Helper()
	failure, ok := errors.AsType[*wmsync.Failure](err)
	if !ok {
		t.Errorf("%v is no failure", err)
		return wmsync.Failure{}
	}
	for _, secret := range []string{"secret", "pass", "userName", "keyInQuery"} {
		if strings.Contains(failure.Message, secret) {
			t.Errorf("%q tells %q", failure.Message, secret)
		}
	}
	if failure.Message == "" || strings.ContainsAny(failure.Message, "\n\x00") {
		t.Errorf("bad words %q", failure.Message)
	}
	return *failure
}

// TestRequests: what is asked, to the letter.
func TestRequests(t *testing.T) {
	var got []string
	c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		_, _ = w.Write([]byte(`{"items":[],"rows":[]}`))
	})
	ctx := context.Background()
	page, err := c.Changes(ctx, wmsync.SKUs, "", 500)
	if err != nil || page.Next != "" {
		t.Error(page, err)
	}
	page, err = c.Changes(ctx, wmsync.SKUs, "a&b", 0)
	if err != nil || page.Next != "a&b" {
		t.Error("no next cursor is the one before:", page, err)
	}
	for _, each := range [][2]string{{"", ""}, {"MAIN", "p/2"}} {
		if _, err := c.Snapshot(ctx, wmsync.Stock, each[0], each[1]); err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"GET /base/wes/v1/changes?apikey=keyInQuery&limit=500&since=&stream=skus",
		"GET /base/wes/v1/changes?apikey=keyInQuery&since=a%26b&stream=skus",
		"GET /base/wes/v1/snapshot?apikey=keyInQuery&stream=stock",
		"GET /base/wes/v1/snapshot?apikey=keyInQuery&page=p%2F2&stream=stock&warehouse=MAIN",
	}
	for i := range want {
		want[i] += " Bearer " + tokenOfTest
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("asked\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDeliver(t *testing.T) {
	movement := wmsync.Movement{ID: "1", Type: "DEDUCT", From: &wmsync.Place{Zone: "Z", Bin: "B"},
		SKU: "S", Qty: "1.5", Seq: 9}
	c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		var sent struct {
			BatchID   string            `json:"batchId"`
			Movements []wmsync.Movement `json:"movements"`
		}
		err := json.NewDecoder(r.Body).Decode(&sent)
		if err != nil || r.Method != http.MethodPost || sent.BatchID != "b" ||
			r.Header.Get("Content-Type") != "application/json" ||
			!reflect.DeepEqual(sent.Movements, []wmsync.Movement{movement}) {
			t.Error(err, r.Method, sent)
		}
		_, _ = w.Write([]byte(`{"results":[{"id":"1","status":"rejected",
			"error":"not with\n` + tokenOfTest + `"}]}`))
	})
	receipts, err := c.Deliver(context.Background(), "b", []wmsync.Movement{movement})
	want := []wmsync.Receipt{{Outcome: wmsync.Rejected, Message: "not with ***"}}
	if err != nil || !reflect.DeepEqual(receipts, want) {
		t.Error(err, receipts)
	}
	if receipts, err := c.Deliver(context.Background(), "b", nil); err != nil || receipts != nil {
		t.Error(receipts, err)
	}
}

// TestStatuses: what can be done about each status.
func TestStatuses(t *testing.T) {
	const (
		expired     = wmsync.Expired
		refused     = wmsync.Refused
		unreachable = wmsync.Unreachable
		unsupported = wmsync.Unsupported
	)
	for _, c := range []struct {
		status      int
		read, write wmsync.FailureKind
	}{
		{400, refused, refused}, {401, unreachable, unreachable},
		{403, unreachable, unreachable},
		{404, unsupported, refused}, {405, unsupported, refused}, {408, unreachable, unreachable},
		{409, refused, refused}, {410, expired, refused}, {413, refused, refused},
		{422, refused, refused}, {425, unreachable, unreachable}, {429, unreachable, unreachable},
		{500, unreachable, unreachable}, {501, unsupported, unreachable},
		{502, unreachable, unreachable}, {503, unreachable, unreachable},
		{504, unreachable, unreachable}, {599, unreachable, unreachable},
	} {
		client := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(c.status)
			_, _ = fmt.Fprintf(w, "told\x00 off\n%s %s", r.Header.Get("Authorization"), r.URL)
		})
		for name, call := range map[string]func(*Client) error{"changes": changes,
			"snapshot": snapshot, "movements": deliver} {
			want := c.read
			if name == "movements" {
				want = c.write
			}
			failure := failureOf(t, call(client))
			if failure.Kind != want || (failure.RetryAfter == 7*time.Second) != (want == unreachable) ||
				!strings.HasPrefix(failure.Message, name) ||
				!strings.Contains(failure.Message, fmt.Sprint(c.status)) ||
				!strings.Contains(failure.Message, "told off Bearer ***") {
				t.Errorf("%d to %s is %+v, want %s", c.status, name, failure, want)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		text, date string
		want       time.Duration
	}{
		{"", "", 0}, {"30", "", 30 * time.Second}, {" 1.5 ", "", 1500 * time.Millisecond},
		{"0", "", 0}, {"-5", "", 0}, {"NaN", "", 0}, {"+Inf", "", 24 * time.Hour},
		{"90000", "", 24 * time.Hour}, {"99999999999999999999", "", 24 * time.Hour},
		{in(time.Minute), "", time.Minute}, {in(-time.Minute), "", 0},
		{in(48 * time.Hour), "", 24 * time.Hour}, {"soon", "", 0},
		{in(time.Hour), in(59 * time.Minute), time.Minute},
	} {
		header := http.Header{"Retry-After": {c.text}, "Date": {c.date}}
		if got := retryAfter(header, now); got != c.want {
			t.Errorf("%q at %q is %s, want %s", c.text, c.date, got, c.want)
		}
	}
}

// TestRedirects are not followed, to wherever they point.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect is followed")
	}))
	defer elsewhere.Close()
	there := strings.TrimPrefix(elsewhere.URL, "http://")
	for _, c := range []struct{ location, want string }{
		{"http://userName:pass@" + there + "/login?secret=secret#secret", "http://" + there + "/login"},
		{"/wes/v2/changes?x=secret", "/wes/v2/changes"},
		{"", ": redirects are not followed"},
	} {
		for _, status := range []int{301, 302, 303, 304, 307, 308} {
			client := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
				if c.location != "" {
					w.Header().Set("Location", c.location)
				}
				w.WriteHeader(status)
			})
			for _, call := range []func(*Client) error{changes, snapshot, deliver} {
				failure := failureOf(t, call(client))
				if failure.Kind != wmsync.Malformed || !strings.Contains(failure.Message, c.want) {
					t.Errorf("%d to %s: %+v", status, c.location, failure)
				}
			}
		}
	}
}

// TestNoAnswers: what is 200 and no answer is Malformed, for each call.
func TestNoAnswers(t *testing.T) {
	for body, want := range map[string]string{
		"<html>" + tokenOfTest + "</html>": "a page for people",
		`{"items":[{"id":"1"},{"i`:         "cut off",
		emptyPage + "x":                    "goes on after its end",
		"":                                 "empty",
		"OK":                               "not JSON",
		strings.Repeat(" ", bodyBytesMax) + emptyPage: "more than 64 MiB",
	} {
		client := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(body))
		})
		for _, call := range []func(*Client) error{changes, snapshot, deliver} {
			failure := failureOf(t, call(client))
			if failure.Kind != wmsync.Malformed || !strings.Contains(failure.Message, want) {
				t.Errorf("%.40q: %+v", body, failure)
			}
		}
	}
}

// TestBrokenExchanges: connections that end before the answer does, or never come to be.
func TestBrokenExchanges(t *testing.T) {
	hijack := func(w http.ResponseWriter, text string) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = connection.Write([]byte(text))
		_ = connection.Close()
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		kind    wmsync.FailureKind
		want    string
	}{
		{"hung up", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") },
			wmsync.Unreachable, "EOF"},
		{"half a body", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"items\":[")
		}, wmsync.Malformed, "cut off"},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "220 smtp\r\n\r\n") },
			wmsync.Unreachable, "malformed HTTP"},
		{"late", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			wmsync.Unreachable, "no whole answer within 50ms"},
		{"late in the body", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"items"`))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, wmsync.Unreachable, "no whole answer within 50ms"},
	} {
		client := serve(t, Options{Timeout: 50 * time.Millisecond}, c.handler)
		failure := failureOf(t, changes(client))
		if failure.Kind != c.kind || !strings.Contains(failure.Message, c.want) {
			t.Errorf("%s: %+v", c.name, failure)
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	client := New(wmsync.System{URL: strings.Replace(gone.URL, "//", "//userName:pass@", 1)},
		Options{})
	if failure := failureOf(t, deliver(client)); failure.Kind != wmsync.Unreachable {
		t.Error(failure)
	}
	for _, address := range []string{"", "userName:pass@x", "http://", "ftp://x/", "http://[::1"} {
		client := New(wmsync.System{URL: address}, Options{})
		if failure := failureOf(t, changes(client)); failure.Kind != wmsync.Refused {
			t.Error(address, failure)
		}
	}
}

// TestContextEnds: a caller that has enough gets its own context's error, and no failure.
func TestContextEnds(t *testing.T) {
	client := serve(t, Options{}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server looks for the caller's end only then
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := client.Changes(ctx, wmsync.SKUs, "", 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := client.Deliver(ctx, "b", []wmsync.Movement{{ID: "1"}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestLongErrors are cut, and no secret can slip through where they are.
func TestLongErrors(t *testing.T) {
	for shift := range len(tokenOfTest) + 1 {
		client := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			lead := strings.Repeat(" ", excerptBytesMax-shift)
			_, _ = w.Write([]byte(lead + tokenOfTest + strings.Repeat("x", 1<<20)))
		})
		if failure := failureOf(t, changes(client)); strings.Contains(failure.Message, "t0k") {
			t.Error(shift, failure)
		}
	}
	client := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(strings.Repeat("né", 1<<20)))
	})
	failure := failureOf(t, changes(client))
	if count := len([]rune(failure.Message)); count > messageRunesMax+60 || count < messageRunesMax {
		t.Error(count)
	}
}
