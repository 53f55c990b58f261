package main

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tierstock/stocktest"
)

const testSecret = "0123456789abcdef0123456789abcdef"

func tokenFor(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := tierstock(t, append([]string{"token"}, args...)...)
	if code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, code, errOut)
	}
	return strings.TrimSpace(out)
}

// TestServeWithTokens: with a signing key data need a token; pages and signs of life do not.
func TestServeWithTokens(t *testing.T) {
	t.Setenv("TIERSTOCK_SIGNING_KEY", "env:SECRET")
	t.Setenv("SECRET", testSecret)
	said := served(t, func(url string) {
		for _, path := range []string{"", "healthz", "readyz", "page.css"} {
			if status, body := get(t, url+path); status != http.StatusOK {
				t.Error(path, status, body)
			}
		}
		if _, page := get(t, url); strings.Contains(page, ".db") {
			t.Error("the page tells what is here")
		}
		for token, want := range map[string]int{
			"none": http.StatusUnauthorized,
			tokenFor(t, "--role", "AUDITOR", "--warehouse", "W1,W2"):             http.StatusOK,
			tokenFor(t, "--role", "OPS", "--warehouse", "*", "--actor", "ann"):   http.StatusOK,
			tokenFor(t, "--role", "ADMIN", "--warehouse", "W1", "--ttl", "720h"): http.StatusOK,
		} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"graphql",
				strings.NewReader(`{"query":"{warehouses{code}}"}`))
			if err != nil {
				t.Fatal(err)
			}
			// A name that is not loopback is as good as any: there are no cookies to misuse.
			status, body := send(t, request, []string{"Content-Type: application/json",
				"Authorization: Bearer " + token, "Host: stock.example"})
			if status != want {
				t.Error(token, status, body)
			}
		}
	}, "serve", "--db", stocktest.Backends(t)[0].URL(t))
	if strings.Contains(said, "every caller is ADMIN") {
		t.Error(said)
	}
}

func TestWrongTokensAndKeys(t *testing.T) {
	t.Setenv("SECRET", testSecret)
	t.Setenv("SHORT", "hunter2")
	missing := filepath.Join(t.TempDir(), "missing")
	key := []string{"token", "--signing-key", "env:SECRET"}
	for want, args := range map[string][]string{
		"--role":        append(slices.Clip(key), "--role", "ROOT", "--warehouse", "W1"),
		"missing flags": append(slices.Clip(key), "--role", "OPS"),
		"--ttl": append(slices.Clip(key), "--role", "OPS", "--warehouse", "W",
			"--ttl", "0s"),
		"--warehouse: \" W\"": append(slices.Clip(key), "--role", "OPS", "--warehouse", " W"),
		"--actor: \"ann \"": append(slices.Clip(key), "--role", "OPS", "--warehouse", "W",
			"--actor", "ann "),
		"at least 32 bytes": {"token", "--signing-key", "env:SHORT", "--role", "OPS",
			"--warehouse", "W"},
		"no such file":             {"serve", "--signing-key", "file:" + missing},
		"no such environment":      {"serve", "--signing-key", "env:TIERSTOCK_NOT_THERE"},
		"file:PATH or env:NAME":    {"serve", "--signing-key", testSecret},
		"is not a loopback":        {"serve", "--listen", "0.0.0.0:0"},
		"go together":              {"serve", "--tls-cert", missing},
		"--rate":                   {"serve", "--rate=-1"},
		"cannot be read as a pair": {"serve", "--tls-cert", missing, "--tls-key", missing},
	} {
		code, out, errOut := tierstock(t, args...)
		if want == "cannot be read as a pair" {
			want = "no such file"
		}
		if code != exitUsage || out != "" || !strings.Contains(errOut, want) ||
			strings.Contains(errOut, "hunter2") || strings.Contains(errOut, testSecret) ||
			strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q, want %q", args, code, errOut, want)
		}
	}
}
