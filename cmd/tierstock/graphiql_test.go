package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tierstock/graphiql"
	"tierstock/stocktest"
)

// TestGraphiQL: the page asks nobody but this server, and its examples work as they stand.
func TestGraphiQL(t *testing.T) {
	examples, err := graphiql.Examples()
	if err != nil || len(examples) == 0 {
		t.Fatal(err)
	}
	backend := stocktest.Backends(t)[0]
	databaseURL := backend.URL(t)
	served(t, func(url string) {
		imported(t, databaseURL)
		for _, path := range []string{"", "/page.css", "/page.js", "/examples.json",
			"/vendor/graphiql.min.js", "/vendor/graphiql.min.css", "/vendor/react.production.min.js",
			"/vendor/react-dom.production.min.js", "/vendor/LICENSE-graphiql"} {
			if status, body := get(t, url+"graphiql"+path); status != http.StatusOK || body == "" {
				t.Error(path, status)
			}
		}
		_, page := get(t, url+"graphiql")
		if strings.Contains(page, "http:") || strings.Contains(page, "https:") {
			t.Error("the page names another server")
		}
		for _, example := range examples {
			body, err := json.Marshal(map[string]any{"query": example,
				"variables": map[string]any{"warehouse": "W1", "sku": "P-1"}})
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"graphql",
				strings.NewReader(string(body)))
			if err != nil {
				t.Fatal(err)
			}
			status, answer := send(t, request, []string{"Content-Type: application/json"})
			if status != http.StatusOK || strings.Contains(answer, `"errors"`) {
				t.Error(example, answer)
			}
		}
	}, "serve", "--db", databaseURL)
}
