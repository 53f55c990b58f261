package console_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"tierstock/console"
)

func get(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	handler, err := console.Handler()
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

func TestFiles(t *testing.T) {
	for path, kind := range map[string]string{"/": "text/html", "/page.css": "text/css",
		"/app/main.js": "text/javascript", "/vendor/preact.js": "text/javascript",
		"/vendor/uplot.css": "text/css", "/vendor/LICENSE-htm": "text/plain",
		"/vendor/LICENSE-preact": "text/plain", "/vendor/LICENSE-uplot": "text/plain",
		"/page.html": "", "/app": "", "/app/": "", "/vendor/": "", "/nothing": "",
		"/console.go": ""} {
		answer := get(t, path)
		if kind == "" {
			if answer.Code != http.StatusNotFound {
				t.Error(path, answer.Code)
			}
			continue
		}
		if answer.Code != http.StatusOK ||
			!strings.HasPrefix(answer.Header().Get("Content-Type"), kind) {
			t.Error(path, answer.Code, answer.Header())
		}
		if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy,
			"default-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Error(path, policy)
		}
		again := get(t, path, "If-None-Match: "+answer.Header().Get("ETag"))
		if again.Code != http.StatusNotModified {
			t.Error(path, "is sent again:", again.Code)
		}
	}
}

func TestOnlyReads(t *testing.T) {
	handler, err := console.Handler()
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	if answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET, HEAD" {
		t.Error(answer.Code, answer.Header())
	}
}

// sources are the page's own files, by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	names, err := fs.Glob(os.DirFS("."), "app/*.js")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, "page.html", "page.css") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = string(text)
	}
	return found
}

// TestAsksNobodyElse: the page works where there is no other network.
func TestAsksNobodyElse(t *testing.T) {
	for name, text := range sources(t) {
		text = strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "")
		if strings.Contains(text, "http:") || strings.Contains(text, "https:") {
			t.Error(name, "names another server")
		}
		if strings.Contains(text, "innerHTML") {
			t.Error(name, "writes HTML of its own: what a code contains would be run")
		}
	}
}

// TestHouseRules: the page's files are as short as those of Go, and so are their lines.
func TestHouseRules(t *testing.T) {
	for name, text := range sources(t) {
		if lines := strings.Count(text, "\n"); lines >= 400 {
			t.Error(name, "has", lines, "lines")
		}
		for line := range strings.Lines(text) {
			// The icon is an address, which cannot be broken.
			if utf8.RuneCountInString(line) > 101 && !strings.Contains(line, "data:image") {
				t.Errorf("%s: longer than 100: %s", name, line)
			}
		}
	}
}

var (
	said  = regexp.MustCompile(`\bt\(\s*'((?:[^'\\]|\\.)*)'`)
	known = regexp.MustCompile(`(?m)^  '((?:[^'\\]|\\.)*)':`)
)

// TestEveryWordIsTranslated: each text that the views say has its Chinese, and none is left over.
func TestEveryWordIsTranslated(t *testing.T) {
	files := sources(t)
	dictionary := map[string]bool{}
	for _, match := range known.FindAllStringSubmatch(files["app/words.js"], -1) {
		dictionary[match[1]] = false
	}
	if len(dictionary) < 100 {
		t.Fatal("the dictionary was not read:", len(dictionary))
	}
	for name, text := range files {
		for _, match := range said.FindAllStringSubmatch(text, -1) {
			if _, translated := dictionary[match[1]]; !translated {
				t.Errorf("%s: no Chinese for %q", name, match[1])
			}
			dictionary[match[1]] = true
		}
	}
	for word, used := range dictionary {
		if !used && !strings.Contains(files["app/main.js"]+files["app/item.js"], "'"+word+"'") {
			t.Errorf("nobody says %q", word)
		}
	}
}
