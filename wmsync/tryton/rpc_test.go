package tryton

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tierstock/wmsync"
)

const secret = "pa55word"

// server is as much of Tryton as a session takes; answer is what it says to other calls.
type server struct {
	*httptest.Server

	mutex  sync.Mutex
	logins int
	key    string
	answer http.HandlerFunc
}

func newServer(t *testing.T, answer http.HandlerFunc) (*server, *Client) {
	t.Helper()
	s := &server{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	system := wmsync.System{URL: s.URL + "/wms", User: "admin", Password: secret}
	return s, New(system, Options{})
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var call struct {
		Method string `json:"method"`
		Params []any  `json:"params"`
	}
	if json.NewDecoder(r.Body).Decode(&call) != nil || r.URL.Path != "/wms/" {
		http.Error(w, "what?", http.StatusBadRequest)
		return
	}
	session := &session{user: 7, key: s.key}
	switch {
	case call.Method == "common.db.login":
		parameters, _ := call.Params[1].(map[string]any)
		if call.Params[0] != "admin" || parameters["password"] != secret {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		s.logins++
		s.key = fmt.Sprintf("key%d", s.logins)
		_, _ = fmt.Fprintf(w, `{"id":1,"result":[7,%q]}`, s.key)
	case s.key == "" || r.Header.Get("Authorization") != session.header("admin"):
		http.Error(w, "no", http.StatusUnauthorized)
	case call.Method == "model.res.user.get_preferences":
		_, _ = fmt.Fprint(w, `{"id":1,"result":{"company":3}}`)
	default:
		s.answer(w, r)
	}
}

func (s *server) end() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.key = ""
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, text) }
}

func TestSessionIsRenewed(t *testing.T) {
	s, client := newServer(t, says(`{"id":1,"result":5}`))
	for range 3 {
		var got int
		if err := client.Call(t.Context(), &got, nil, "model.x.y"); err != nil || got != 5 {
			t.Fatal(got, err)
		}
		s.end()
	}
	if s.logins != 3 {
		t.Errorf("%d logins, want one for each session that ended", s.logins)
	}
}

func TestSessionIsRenewedOnceByMany(t *testing.T) {
	s, client := newServer(t, says(`{"id":1,"result":5}`))
	if err := client.Call(t.Context(), nil, nil, "model.x.y"); err != nil {
		t.Fatal(err)
	}
	s.end()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := client.Call(t.Context(), nil, nil, "model.x.y"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if s.logins != 2 {
		t.Errorf("%d logins, want 2", s.logins)
	}
}

func TestWrongPassword(t *testing.T) {
	_, client := newServer(t, says(`{"id":1,"result":5}`))
	client.system.Password = "wrong" + secret
	expectFailure(t, client.Call(t.Context(), nil, nil, "model.x.y"), wmsync.Unreachable, "password")
}

// TestNobodyDiesOfALogin: a password that is wrong, or a user who may not look anything up, refuses
// no movement for good.
func TestNobodyDiesOfALogin(t *testing.T) {
	movements := []wmsync.Movement{{ID: "a", Warehouse: "W"}}
	_, client := newServer(t, says(`{"id":1,"error":["UserError",["You may not read","Shipments"]]}`))
	_, err := client.Deliver(t.Context(), "1", movements)
	expectFailure(t, err, wmsync.Unreachable, "You may not read")
	client.system.Password, client.session = "wrong"+secret, nil
	_, err = client.Deliver(t.Context(), "2", movements)
	expectFailure(t, err, wmsync.Unreachable, "password")
}

func expectFailure(t *testing.T, err error, kind wmsync.FailureKind, words string) {
	t.Helper()
	var failure *wmsync.Failure
	if !errors.As(err, &failure) || failure.Kind != kind || !strings.Contains(err.Error(), words) {
		t.Fatalf("%v, want %s with %q", err, kind, words)
	}
	if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "key1") {
		t.Errorf("%s tells secrets", err)
	}
}

func TestFailures(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(code)
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		kind   wmsync.FailureKind
		words  string
	}{
		{"500", status(500), wmsync.Unreachable, "500"},
		{"429", status(429), wmsync.Unreachable, "429"},
		{"408", status(408), wmsync.Unreachable, "408"},
		{"403", status(403), wmsync.Unsupported, "403"},
		{"404", status(404), wmsync.Refused, "404"},
		{"redirect", status(302), wmsync.Malformed, "302"},
		{"redirect that keeps the method", status(307), wmsync.Malformed, "307"},
		{"user error", says(`{"id":1,"error":["UserError",["No stock","At all",null]]}`),
			wmsync.Refused, "No stock At all"},
		{"warning", says(`{"id":1,"error":["UserWarning",["name.1","In the future?",""]]}`),
			wmsync.Refused, "Tryton: In the future?"},
		{"concurrency", says(`{"id":1,"error":["ConcurrencyException","changed"]}`),
			wmsync.Unreachable, "Tryton"},
		{"any other", says(`{"id":1,"error":["database is locked","Traceback: secret things"]}`),
			wmsync.Unreachable, "database is locked"},
		{"error that is none", says(`{"id":1,"error":[5]}`), wmsync.Malformed, "error"},
		{"HTML", says(`<html>hello</html>`), wmsync.Malformed, "JSON"},
		{"half", says(`{"id":1,"result":[1,2`), wmsync.Malformed, "JSON"},
		{"nothing", says(``), wmsync.Malformed, "JSON"},
		{"neither", says(`{"id":1}`), wmsync.Malformed, "no result"},
		{"another type", says(`{"id":1,"result":"text"}`), wmsync.Malformed, "unreadable"},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, `{"id":1`)
		}, wmsync.Unreachable, "reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, client := newServer(t, c.answer)
			var got int
			err := client.Call(t.Context(), &got, nil, "model.x.y")
			expectFailure(t, err, c.kind, c.words)
			if strings.Contains(err.Error(), "secret things") {
				t.Errorf("%s has the server's stack", err)
			}
			var failure *wmsync.Failure
			if c.name == "429" && errors.As(err, &failure) && failure.RetryAfter != 7*time.Second {
				t.Errorf("retry after %s", failure.RetryAfter)
			}
		})
	}
}

func TestAnswerTooLarge(t *testing.T) {
	_, client := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.CopyN(w, endless{}, answerBytesMax+2)
	})
	expectFailure(t, client.Call(t.Context(), nil, nil, "model.x.y"), wmsync.Malformed, "too large")
}

type endless struct{}

func (endless) Read(text []byte) (int, error) { return len(text), nil }

func TestNoServer(t *testing.T) {
	client := New(wmsync.System{URL: "http://admin:" + secret + "@127.0.0.1:1/wms", User: "admin",
		Password: secret}, Options{})
	err := client.Call(t.Context(), nil, nil, "model.x.y")
	expectFailure(t, err, wmsync.Unreachable, "cannot be reached")
	client.endpoint = "http://admin:" + secret + "@127.0.0.1:%zz/"
	expectFailure(t, client.Call(t.Context(), nil, nil, "model.x.y"), wmsync.Refused, "URL")
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, client := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if err := client.Call(ctx, nil, nil, "model.x.y"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's", err)
	}
}

func TestUnsupportedStream(t *testing.T) {
	_, client := newServer(t, says(`{"id":1,"result":[]}`))
	_, err := client.Changes(t.Context(), "parties", "", 10)
	expectFailure(t, err, wmsync.Unsupported, "parties")
	_, err = client.Snapshot(t.Context(), "parties", "", "")
	expectFailure(t, err, wmsync.Unsupported, "parties")
	_, err = client.Changes(t.Context(), wmsync.SKUs, "12", 10)
	expectFailure(t, err, wmsync.Expired, "cursor")
	_, err = client.Snapshot(t.Context(), wmsync.SKUs, "", "{}")
	expectFailure(t, err, wmsync.Expired, "page")
}

// TestSnapshotLeavesOutWhatIsHidden has a move 9 whose transaction goes on, and an open one: both
// are left to the changes after the snapshot.
func TestSnapshotLeavesOutWhatIsHidden(t *testing.T) {
	calls := 0
	_, client := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		answers := []string{`[{"id":10}]`, `[{"id":8}]`, `[1,2,3,4,5,6,7,8,10]`, `[3]`}
		_, _ = fmt.Fprintf(w, `{"id":1,"result":%s}`, answers[calls])
		calls++
	})
	place := client.after(wmsync.Stock, time.Now())
	if err := client.settle(t.Context(), &place); err != nil {
		t.Fatal(err)
	}
	if place.Base != 10 || !slices.Equal(place.Open, idSet{3, 9}) {
		t.Errorf("base %d, open %v; want 10, 3 and 9", place.Base, place.Open)
	}
}

// TestDeliverIsCutOff loses the server after the first movement: that one is known, the others are
// to be tried again.
func TestDeliverIsCutOff(t *testing.T) {
	calls := 0
	_, client := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		switch calls {
		case 1: // the shipments that there are
			_, _ = fmt.Fprint(w, `{"id":1,"result":[{"id":4,"reference":"tierstock:a","state":"done"},
				{"id":5,"reference":"tierstock:b","state":"assigned"}]}`)
		case 2, 3: // products and warehouses
			_, _ = fmt.Fprint(w, `{"id":1,"result":[]}`)
		default:
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	one, two := wmsync.Movement{ID: "a", Warehouse: "W"}, wmsync.Movement{ID: "b", Warehouse: "W"}
	receipts, err := client.Deliver(t.Context(), "1", []wmsync.Movement{one, two, one})
	if err != nil || len(receipts) != 3 || receipts[0].Outcome != wmsync.Duplicate ||
		receipts[1].Outcome != wmsync.Retry || receipts[2].Outcome != wmsync.Retry {
		t.Errorf("%+v, %v", receipts, err)
	}
	calls = 0
	_, err = client.Deliver(t.Context(), "2", []wmsync.Movement{two, one})
	expectFailure(t, err, wmsync.Unreachable, "502")
}

// TestDeliverStumbles has a movement that the server always fails in: those after it go on.
func TestDeliverStumbles(t *testing.T) {
	calls := 0
	_, client := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		switch calls {
		case 1:
			_, _ = fmt.Fprint(w, `{"id":1,"result":[{"id":4,"reference":"tierstock:a","state":"done"},
				{"id":5,"reference":"tierstock:b","state":"assigned"}]}`)
		case 2, 3:
			_, _ = fmt.Fprint(w, `{"id":1,"result":[]}`)
		default:
			_, _ = fmt.Fprint(w, `{"id":1,"error":["KeyError: 'x'","Traceback"]}`)
		}
	})
	one, two := wmsync.Movement{ID: "a", Warehouse: "W"}, wmsync.Movement{ID: "b", Warehouse: "W"}
	receipts, err := client.Deliver(t.Context(), "1", []wmsync.Movement{two, one})
	if err != nil || len(receipts) != 2 || receipts[0].Outcome != wmsync.Retry ||
		!strings.Contains(receipts[0].Message, "KeyError") ||
		receipts[1].Outcome != wmsync.Duplicate {
		t.Errorf("%+v, %v", receipts, err)
	}
}
