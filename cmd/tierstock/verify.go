package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tierstock/flow"
	"tierstock/store"
)

type verifyCommand struct {
	JSON bool `help:"${verifyJSON}" name:"json"`
}

// verified is a report, and how long it took.
type verified struct {
	OK bool `json:"ok"`
	flow.Report

	Seconds float64 `json:"seconds"`
}

func (c *verifyCommand) run(ctx context.Context, session *session) error {
	db, err := openExisting(ctx, session.db)
	if err != nil {
		return usage(err)
	}
	report, err := verify(ctx, db)
	if err = errors.Join(err, db.Close()); err != nil {
		return usage(err)
	}
	if c.JSON {
		err = printJSON(session.out, report)
	} else {
		err = report.print(session.out)
	}
	if err != nil {
		return usage(err)
	}
	if !report.OK {
		return &exitError{code: exitFailed}
	}
	return nil
}

// verify checks the books and leaves its word, so that a demo that goes on knows they were checked.
func verify(ctx context.Context, db *store.DB) (verified, error) {
	started := time.Now()
	report, err := flow.Verify(ctx, db, flow.VerifyOptions{})
	if err != nil {
		return verified{}, err
	}
	result := verified{OK: report.OK(), Report: report, Seconds: time.Since(started).Seconds()}
	// The word is a courtesy: who may only read can still verify.
	_ = keepWord(ctx, db, word{At: report.CheckedAt, Breaches: report.Breaches(),
		Flows: report.Flows, StockRows: report.StockRows})
	return result, nil
}

// print names each broken row on a line of its own, then sums up.
func (v verified) print(out io.Writer) error {
	var failures []error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(out, format+"\n", args...)
		failures = append(failures, err)
	}
	for _, verdict := range v.Invariants {
		for _, breach := range verdict.Listed {
			say("%s", breach)
		}
		if more := verdict.Breaches - len(verdict.Listed); more > 0 {
			say("invariant %d: %s more", verdict.Number, thousands(more))
		}
	}
	looked := fmt.Sprintf("%s flows and %s stock rows of %s in %.1f s", thousands(v.Flows),
		thousands(v.StockRows), plural(v.Warehouses, "warehouse"), v.Seconds)
	if v.OK {
		say("verify: all %d invariants hold: %s", len(v.Invariants), looked)
	} else {
		say("verify: BROKEN: %s, in %s", plural(v.Breaches(), "breach"), looked)
	}
	return errors.Join(failures...)
}

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
