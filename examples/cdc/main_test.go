package cdc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is tierstock, as it is built.
var program string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "cdc:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	directory, err := os.MkdirTemp("", "tierstock-cdc.")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	program = filepath.Join(directory, "tierstock")
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-o", program,
		"./cmd/tierstock")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w: %s", err, out)
	}
	return m.Run(), nil
}

// serve starts the program on a database, and gives the address of its /graphql.
func serve(t *testing.T, database string) (url string) {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "serve",
		"--db", database, "--listen", "127.0.0.1:0")
	var said strings.Builder
	command.Stderr = &said
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, rest, found := strings.Cut(lines.Text(), "console: "); found {
			address, _, _ := strings.Cut(rest, " ")
			return strings.TrimSuffix(address, "/") + "/graphql"
		}
	}
	t.Fatal("it does not serve:", said.String())
	return ""
}

func ask(t *testing.T, url, query string, variables map[string]any, data any) {
	t.Helper()
	err := Ask(t.Context(), http.DefaultClient, url, "", query, variables, data)
	if err != nil {
		t.Fatal(query, variables, err)
	}
}
