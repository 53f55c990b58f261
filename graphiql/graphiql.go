// Package graphiql serves GraphiQL, a workbench for the API, from this server alone: its script,
// its style and React's come from npm (graphiql 4.1.2, react and react-dom 18.3.1, all MIT) and
// are kept in vendor with their licences.
package graphiql

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
)

//go:embed page.html page.css page.js examples vendor
var files embed.FS

// policy lets the page load what comes with it and ask this server. GraphiQL's editor and dialogs
// write styles into their elements.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

// Examples are the queries that a new page begins with, by the names of their files.
func Examples() ([]string, error) {
	names, err := fs.Glob(files, "examples/*.graphql")
	if err != nil {
		return nil, err
	}
	examples := make([]string, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		examples[i] = string(text)
	}
	return examples, nil
}

// Handler serves the page at /graphiql and its files below it.
func Handler() (http.Handler, error) {
	examples, err := Examples()
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(examples)
	if err != nil {
		return nil, err
	}
	assets := http.StripPrefix("/graphiql/", http.FileServerFS(files))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /graphiql", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "page.html")
	})
	mux.HandleFunc("GET /graphiql/examples.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(encoded)
	})
	for _, path := range []string{"page.css", "page.js", "vendor/"} {
		mux.Handle("GET /graphiql/"+path, assets)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	}), nil
}
