// Package console serves the console at /, a page of plain modules without a build step: preact
// and htm (htm 3.1.1) and uPlot (1.6.32) come from npm and are kept in vendor with their licences.
// The page holds no data: what it shows it asks of the API, as anybody may who has a token.
package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"
)

//go:embed page.html page.css app vendor
var files embed.FS

// policy lets the page load what comes with it, ask this server, and nothing else.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

// asset is a file with what its answer says.
type asset struct {
	content    []byte
	kind, mark string
}

// Handler serves the page at / and its files.
func Handler() (http.Handler, error) {
	assets := map[string]asset{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		assets["/"+name] = asset{content: content, kind: kindOf(name),
			mark: `"` + hex.EncodeToString(sum[:8]) + `"`}
		return nil
	})
	if err != nil {
		return nil, err
	}
	assets["/"] = assets["/page.html"]
	delete(assets, "/page.html")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		found, known := assets[r.URL.Path]
		switch {
		case !known:
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		default:
			// A browser asks each time whether it has the newest, so that no page is of two versions.
			header.Set("Cache-Control", "no-cache")
			header.Set("Content-Type", found.kind)
			header.Set("ETag", found.mark)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(found.content))
		}
	}), nil
}

// kindOf is a file's media type. That of scripts is not left to the machine's own tables: a browser
// refuses modules of another type.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case "":
		return "text/plain; charset=utf-8" // a licence
	}
	return mime.TypeByExtension(path.Ext(name))
}
