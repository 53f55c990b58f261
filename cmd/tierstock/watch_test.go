package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"tierstock/stocktest"
)

// TestWrongWatching: what would show the process to others, or means nothing, is refused.
func TestWrongWatching(t *testing.T) {
	for args, want := range map[string]string{
		"serve --pprof 0.0.0.0:6060":   "--pprof: 0.0.0.0:6060 is not a loopback address",
		"serve --pprof :6060":          "--pprof: :6060 is not a loopback address",
		"demo --pprof 192.0.2.1:6060":  "--pprof: 192.0.2.1:6060 is not a loopback address",
		"serve --pprof 6060":           "--pprof: \"6060\" is not an address",
		"serve --otlp localhost:4318":  "--otlp: an OTLP address is such as http://localhost:4318",
		"demo --otlp http://u:p@x":     "--otlp: an OTLP address is such as",
		"serve --log yaml":             "--log must be one of",
		"serve --log=xml --db sqlite:": "--log must be one of",
	} {
		code, out, errOut := tierstock(t, strings.Fields(args)...)
		if code != exitUsage || out != "" || !strings.Contains(errOut, want) ||
			strings.Count(errOut, "\n") != 1 {
			t.Errorf("%s: exit %d: %q, want %q", args, code, errOut, want)
		}
	}
}

// TestLogFormat: JSON where nobody looks on, text where it is asked for, and a line for every
// request, with the id that its answer has.
func TestLogFormat(t *testing.T) {
	said := served(t, func(url string) { get(t, url+"healthz", "X-Request-Id: find-me") },
		"serve", "--db", stocktest.Backends(t)[0].URL(t))
	found := false
	for line := range strings.Lines(said) {
		var entry map[string]any
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &entry) == nil {
			found = found || entry["request"] == "find-me" && entry["path"] == "/healthz"
		} else if !strings.HasPrefix(line, "console: ") {
			t.Errorf("it is not JSON: %s", line)
		}
	}
	if !found {
		t.Error(said)
	}
	said = served(t, func(url string) { get(t, url+"healthz", "X-Request-Id: find-me") },
		"serve", "--log", "text", "--db", stocktest.Backends(t)[0].URL(t))
	if !strings.Contains(said, "request=find-me method=GET path=/healthz status=200") {
		t.Error(said)
	}
	var out bytes.Buffer
	newLog(&out, "text").Info("x")
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	newLog(file, "").Info("y") // a file is no terminal
	written, err := os.ReadFile(file.Name())
	if err != nil || !strings.HasPrefix(string(written), "{") || strings.HasPrefix(out.String(), "{") {
		t.Errorf("%q %q %v", written, &out, err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

var profilesLine = regexp.MustCompile(`profiles are served.*?(127\.0\.0\.1:\d+)`)

// judgeProfiles: they are on their own port, not for names that are not this machine's, and without
// the command line.
func judgeProfiles(t *testing.T, server *server) {
	t.Helper()
	found := profilesLine.FindStringSubmatch(server.log.String())
	if found == nil {
		t.Fatal(server.log.String())
	}
	profiles := "http://" + found[1] + "/debug/pprof/"
	for path, want := range map[string]int{"": http.StatusOK, "heap": http.StatusOK,
		"goroutine?debug=1": http.StatusOK, "symbol": http.StatusOK, "cmdline": http.StatusNotFound} {
		if status, _ := get(t, profiles+path); status != want {
			t.Error(path, status)
		}
	}
	if status, _ := get(t, profiles, "Host: evil.example"); status != http.StatusForbidden {
		t.Error("a foreign Host gets", status)
	}
	if status, _ := get(t, server.url+"debug/pprof/"); status != http.StatusNotFound {
		t.Error("profiles are on the open port:", status)
	}
}
