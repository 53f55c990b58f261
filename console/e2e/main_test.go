// Package e2e drives the console in a real Chromium, against the program as it is built and the
// sample warehouse after some days. It is a module of its own, so that go.mod of the program has
// nothing of browsers. TIERSTOCK_SCREENSHOTS names a folder for pictures of every view.
package e2e

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	_ "github.com/glebarez/go-sqlite" // the sample warehouse is broken on purpose, from outside
)

const (
	demoDays = "20"
	// secret signs the tokens of the server that wants some.
	secret = "a secret of the tests, of no use elsewhere"
)

// site is what the tests run against.
type site struct {
	open, closed string // addresses of a server without, and with, a signing key
	token        string
	file         string // the database of both
	program      string
	browser      context.Context
}

var here site

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	directory, err := os.MkdirTemp("", "tierstock-e2e.")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	program := filepath.Join(directory, "tierstock")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "./cmd/tierstock")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w: %s", err, out)
	}
	file := filepath.Join(directory, "demo.db")
	here.file, here.program = file, program
	stop, err := prepare(ctx, program, file)
	defer stop()
	if err != nil {
		return 1, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox,
		chromedp.WindowSize(1400, 900), chromedp.Flag("lang", "en-GB"))
	allocator, endBrowser := chromedp.NewExecAllocator(ctx, options...)
	defer endBrowser()
	browser, endTab := chromedp.NewContext(allocator,
		chromedp.WithErrorf(func(string, ...any) {})) // events newer than the library, mostly
	defer endTab()
	if err := chromedp.Run(browser); err != nil {
		return 1, fmt.Errorf("chromium does not start: %w", err)
	}
	here.browser = browser
	return m.Run(), nil
}

// prepare plays the demo, breaks a row of it, and serves what came of it twice.
func prepare(ctx context.Context, program, file string) (stop func(), err error) {
	stop = func() {}
	_, end, err := serve(ctx, program, nil, "demo", "--days", demoDays, "--db", "sqlite:"+file,
		"--rules", filepath.Join("testdata", "rules.yaml"))
	end()
	if err == nil {
		err = drift(ctx, file)
	}
	if err != nil {
		return stop, err
	}
	address, endOpen, err := serve(ctx, program, nil, "serve", "--db", "sqlite:"+file,
		"--rules", filepath.Join("testdata", "rules.yaml"))
	stop = endOpen
	if err != nil {
		return stop, err
	}
	here.open = address
	signing := []string{"TIERSTOCK_SIGNING_KEY=env:E2E_SECRET", "E2E_SECRET=" + secret}
	address, endClosed, err := serve(ctx, program, signing, "serve", "--db", "sqlite:"+file)
	stop = func() { endClosed(); endOpen() }
	if err != nil {
		return stop, err
	}
	here.closed = address
	command := exec.CommandContext(ctx, program, "token", "--role", "AUDITOR", "--warehouse", "W1")
	command.Env = append(os.Environ(), signing...)
	token, err := command.Output()
	here.token = strings.TrimSpace(string(token))
	return stop, err
}

// serve starts the program and waits until it says where the console is.
func serve(ctx context.Context, program string, environment []string, args ...string) (
	address string, stop func(), err error) {
	command := exec.CommandContext(ctx, program, append(args, "--listen", "127.0.0.1:0")...)
	command.Env = append(os.Environ(), environment...)
	var said strings.Builder
	command.Stderr = &said
	out, err := command.StdoutPipe()
	if err != nil {
		return "", func() {}, err
	}
	if err := command.Start(); err != nil {
		return "", func() {}, err
	}
	stop = func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, rest, found := strings.Cut(lines.Text(), "console: "); found {
			address, _, _ = strings.Cut(rest, " ")
			return address, stop, nil
		}
	}
	return "", stop, fmt.Errorf("%v does not serve: %s", args, said.String())
}

// drift makes stock rows differ from their flows, as only somebody past the engine could.
func drift(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err = db.ExecContext(ctx, `UPDATE zone_stocks SET on_hand = on_hand + 1000000
		WHERE warehouse = 'W1' AND id IN (SELECT id FROM zone_stocks WHERE warehouse = 'W1' AND
			zone = 'SHELF' AND on_hand > 0 ORDER BY id LIMIT 2)`)
	return errors.Join(err, db.Close())
}
