// Package console is the page at /: what runs here and how it is. It is plain HTML, CSS and
// JavaScript, embedded; the page asks nobody but this server.
package console

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
	"time"
)

// Facts are what the page says. Counts are written out, as people read them.
type Facts struct {
	Version                   string
	Database, DatabaseName    string
	Schema                    int64
	Warehouses                []string
	SKUs, Reservations, Flows string
	// Verified is verify's last word, nil where nobody has asked yet.
	Verified *Verified
}

// Verified says when the books were checked, how much there was, and how many breaches.
type Verified struct {
	At               time.Time
	Breaches         int
	Flows, StockRows string
}

// Example is a query to begin with, for the first warehouse.
func (f Facts) Example() string {
	if len(f.Warehouses) == 0 {
		return "{\n  warehouses { code name timezone }\n}"
	}
	// GraphQL writes strings as JSON does.
	code, _ := json.Marshal(f.Warehouses[0])
	return strings.ReplaceAll(exampleQuery, "WAREHOUSE", string(code))
}

const exampleQuery = `{
  tasks(warehouse: WAREHOUSE, filter: {states: [OPEN]}, first: 3) {
    edges { node { kind orderId sku bin qty } }
  }
  warehouseStocks(warehouse: WAREHOUSE, filter: {onlyAvailable: true}, first: 3) {
    edges { node { sku onHand reserved available promisable } }
  }
}`

// ExampleRows is how tall the example is.
func (f Facts) ExampleRows() int { return strings.Count(f.Example(), "\n") + 2 }

//go:embed page.html page.css page.js
var files embed.FS

// policy lets the page load what comes with it and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the page at / with the facts that read gives, and the page's files.
func Handler(read func(context.Context) (Facts, error)) http.Handler {
	page := template.Must(template.ParseFS(files, "page.html"))
	assets := http.FileServerFS(files)
	mux := http.NewServeMux()
	mux.Handle("GET /page.css", assets)
	mux.Handle("GET /page.js", assets)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		facts, err := read(r.Context())
		shown := struct {
			Facts

			Failed bool
		}{facts, err != nil}
		var text bytes.Buffer
		if err := page.Execute(&text, shown); err != nil {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(text.Bytes())
	})
	return withHeaders(mux)
}

func withHeaders(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		inside.ServeHTTP(w, r)
	})
}
