// Command tierstock runs the stock engine: `tierstock demo` on a sample warehouse, `tierstock
// serve` on one's own. This is the one place that puts the rooms together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"tierstock/wmsync"
)

// The program's answers to a shell: done; failed, or found something broken; not started, because
// of a wrong flag, file or URL, or because it could not look.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// gcPercent lets the heap grow to three times what lives before it is collected. What lives is some
// tens of megabytes, and at Go's own two times a third of a busy engine's time was collecting.
// GOGC, where it is set, still decides.
const gcPercent = 200

// memoryLimit is from where on the heap is collected sooner than that, however much it costs:
// twenty thousand callers that wait at once live in less. GOMEMLIMIT, where it is set, still
// decides.
const memoryLimit = 272 << 20

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal drains; with the handler gone, a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// session is what a command is given: where it writes, and what it may use.
type session struct {
	out, err io.Writer
	log      *slog.Logger
	db       string // the database's URL, checked
	systems  []wmsync.System
}

// exitError ends the program with a code of its own. An error without words has said all.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func usage(err error) error { return &exitError{exitUsage, err} }

// run parses the arguments and runs a command. Errors are one line.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	line, command, done, err := parse(args, out)
	if done {
		return exitDone
	}
	if err != nil {
		return report(errOut, usage(err))
	}
	session := &session{out: out, err: errOut, db: line.DB, systems: line.systems,
		log: newLog(errOut, line.Log)}
	return report(errOut, command.run(ctx, session))
}

func report(errOut io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if text := err.Error(); text != "" {
		_, _ = fmt.Fprintf(errOut, "tierstock: %s\n", oneLine(err))
	}
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	return exitFailed
}
