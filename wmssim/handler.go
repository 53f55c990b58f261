package wmssim

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"tierstock/wmsync"
)

// hangMax ends an answer that never comes, where the caller does not.
const hangMax = 2 * time.Minute

// Handler serves the protocol below /wes/v1/, and for people what was received and the books: as
// JSON at /wes/v1/ledger and /wes/v1/books, summed up at /.
func (w *WMS) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /wes/v1/changes", w.serve(w.changes))
	mux.HandleFunc("GET /wes/v1/snapshot", w.serve(w.snapshot))
	mux.HandleFunc("POST /wes/v1/movements", w.serve(w.movements))
	mux.HandleFunc("GET /wes/v1/ledger", func(out http.ResponseWriter, _ *http.Request) {
		answer(out, http.StatusOK, encode(w.Ledger()))
	})
	mux.HandleFunc("GET /wes/v1/books", func(out http.ResponseWriter, _ *http.Request) {
		answer(out, http.StatusOK, encode(w.Stock()))
	})
	mux.HandleFunc("GET /{$}", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = out.Write([]byte(w.summary()))
	})
	return mux
}

// serve asks who calls, misbehaves before or after, and does what is asked in between.
func (w *WMS) serve(do func(*http.Request, []byte) (int, any)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		token := "Bearer " + w.options.Token
		if w.options.Token != "" &&
			subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(token)) != 1 {
			answer(out, http.StatusUnauthorized, encode(problem("the token is missing or wrong")))
			return
		}
		// Only when all of a request is read does a server notice that its caller has gone.
		body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, postBytesMax))
		if err != nil {
			answer(out, http.StatusRequestEntityTooLarge, encode(problem("the body is too large")))
			return
		}
		mood := w.mood(r.Method == http.MethodPost)
		wait(r, mood.late)
		if mood.instead != nil {
			mood.instead(out)
			return
		}
		status, told := do(r, body)
		if mood.hang {
			wait(r, hangMax)
			return
		}
		text := encode(told)
		if mood.truncate {
			text = text[:len(text)/2]
		}
		answer(out, status, text)
	}
}

// mood is what goes wrong with one answer. instead is given in place of it.
type mood struct {
	late           time.Duration
	instead        func(http.ResponseWriter)
	truncate, hang bool
}

func (w *WMS) mood(posted bool) (drawn mood) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.chance(w.faults.Late) {
		drawn.late = lateDefault
		if w.faults.LateBy > 0 {
			drawn.late = w.faults.LateBy
		}
	}
	switch {
	case w.chance(w.faults.Throttle):
		drawn.instead = throttle
	case w.chance(w.faults.Fail):
		drawn.instead = fail
	case w.chance(w.faults.HTML):
		drawn.instead = html
	case w.chance(w.faults.Redirect):
		drawn.instead = redirect
	case posted && w.chance(w.faults.TimeoutButApply):
		drawn.hang = true
	case w.chance(w.faults.Truncate):
		drawn.truncate = true
	}
	return drawn
}

func throttle(out http.ResponseWriter) {
	out.Header().Set("Retry-After", "1")
	answer(out, http.StatusTooManyRequests, encode(problem("too many requests")))
}

func fail(out http.ResponseWriter) {
	answer(out, http.StatusInternalServerError, encode(problem("something went wrong")))
}

func html(out http.ResponseWriter) {
	out.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.Write([]byte("<!DOCTYPE html><title>Sign in</title><p>Please sign in.\n"))
}

func redirect(out http.ResponseWriter) {
	out.Header().Set("Location", "https://elsewhere.invalid/sign-in?from=wms")
	out.WriteHeader(http.StatusFound)
}

// wait lets time pass until the caller gives up.
func wait(r *http.Request, how time.Duration) {
	if how <= 0 {
		return
	}
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
	}
}

func answer(out http.ResponseWriter, status int, body []byte) {
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_, _ = out.Write(body)
}

func encode(body any) []byte {
	text, _ := json.Marshal(body)
	return append(text, '\n')
}

func problem(format string, values ...any) any {
	return map[string]string{"error": fmt.Sprintf(format, values...)}
}

// summary is what there is, for people.
func (w *WMS) summary() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "A simulated WMS of %s.\n\n", strings.Join(w.options.Warehouses, ", "))
	for _, stream := range wmsync.Streams {
		fmt.Fprintf(&text, "%-8s %7d items told\n", stream, len(w.feeds[stream].items))
	}
	again := 0
	for _, entry := range w.ledger {
		again += entry.Times - 1
	}
	fmt.Fprintf(&text, "\n%d movements applied, %d of them told again, %d rejected\n",
		len(w.ledger), again, len(w.rejected))
	for _, complaint := range w.complaints {
		fmt.Fprintf(&text, "complaint: %s\n", complaint)
	}
	text.WriteString("\nledger: /wes/v1/ledger\nbooks:  /wes/v1/books\n")
	return text.String()
}
