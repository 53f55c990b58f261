package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tierstock/console"
)

func page(t *testing.T, facts console.Facts, failure error) (*httptest.ResponseRecorder, string) {
	t.Helper()
	handler := console.Handler(func(context.Context) (console.Facts, error) {
		return facts, failure
	})
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	return answer, answer.Body.String()
}

func TestPageSaysWhatVerifySaid(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 15, 14, 0, time.UTC)
	for want, said := range map[string]*console.Verified{
		"Nobody has checked the books yet": nil,
		"The books are whole":              {At: at, Flows: "79,878", StockRows: "19,116"},
		"3 breaches of the ten invariants": {At: at, Breaches: 3, Flows: "1", StockRows: "2"},
	} {
		answer, text := page(t, console.Facts{Database: "SQLite", Verified: said}, nil)
		if answer.Code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%q is not said: %s", want, text)
		}
		if said != nil && !strings.Contains(text, "23 November 2026, 09:15:14 UTC") {
			t.Error("it is not said when:", text)
		}
	}
}

func TestPageOfADatabaseThatDoesNotAnswer(t *testing.T) {
	_, text := page(t, console.Facts{}, errors.New("secret"))
	if !strings.Contains(text, "The database does not answer") || strings.Contains(text, "secret") ||
		strings.Contains(text, "Reservations") {
		t.Error(text)
	}
}

// TestPageWritesCodesSafely: a code may have any printable character.
func TestPageWritesCodesSafely(t *testing.T) {
	facts := console.Facts{Warehouses: []string{`"</textarea><script>`}}
	_, text := page(t, facts, nil)
	if strings.Contains(text, "<script>") || strings.Count(text, "</textarea>") != 1 {
		t.Error(text)
	}
	if !strings.Contains(facts.Example(), `tasks(warehouse: "\"`) {
		t.Error(facts.Example())
	}
}

func TestPageAsksNobodyElse(t *testing.T) {
	answer, text := page(t, console.Facts{}, nil)
	if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy,
		"default-src 'none';") {
		t.Error(policy)
	}
	if strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/2000/svg", ""), "http") {
		t.Error("the page names other addresses")
	}
}

func TestFiles(t *testing.T) {
	handler := console.Handler(func(context.Context) (console.Facts, error) {
		return console.Facts{}, nil
	})
	for path, kind := range map[string]string{"/page.css": "text/css", "/page.js": "text/javascript",
		"/page.html": "", "/nothing": ""} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if found := answer.Code == http.StatusOK; found != (kind != "") ||
			!strings.HasPrefix(answer.Header().Get("Content-Type"), kind) {
			t.Error(path, answer.Code, answer.Header())
		}
	}
}
