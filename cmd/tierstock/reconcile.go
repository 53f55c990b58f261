package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"tierstock/flow"
	"tierstock/store"
)

type reconcileCommand struct {
	syncing

	Warehouse string `help:"${compared}"      placeholder:"W" required:""`
	Scope     string `help:"${scope}"         placeholder:"S"`
	JSON      bool   `help:"${reconcileJSON}" name:"json"     xor:"form"`
	CSV       bool   `help:"${reconcileCSV}"  name:"csv"      xor:"form"`
}

// differencesListedMax is how many differences of a run are printed: all that one keeps.
const differencesListedMax = 1000

// comparison is a run and what it found, the first of it.
type comparison struct {
	Scope       flow.Scope        `json:"scope"`
	Warehouse   string            `json:"warehouse"`
	RunID       string            `json:"runId"`
	State       flow.RunState     `json:"state"`
	Compared    int64             `json:"compared"`
	Matched     int64             `json:"matched"`
	Timing      int64             `json:"timing"`
	Open        int64             `json:"open"`
	Differences []differencePrint `json:"differences"`
}

// differencePrint is a difference as it is printed.
type differencePrint struct {
	ID       string               `json:"id"`
	Kind     string               `json:"kind"`
	State    flow.DifferenceState `json:"state"`
	Tier     string               `json:"tier"`
	Zone     string               `json:"zone"`
	Bin      string               `json:"bin"`
	Owner    string               `json:"owner"`
	SKU      string               `json:"sku"`
	Batch    string               `json:"batch"`
	Pack     string               `json:"pack"`
	Quantity string               `json:"quantity"`
	Ours     string               `json:"ours"`
	Theirs   string               `json:"theirs"`
	Diff     string               `json:"diff"`
	SeenRuns int64                `json:"seenRuns"`
	Note     string               `json:"note"`
}

// Validate refuses what is no scope.
func (c *reconcileCommand) Validate() error {
	if c.Scope != "" && !slices.Contains(append(flow.InnerScopes(), flow.ScopeExternal),
		flow.Scope(c.Scope)) {
		return fmt.Errorf("--scope: %q is not LEDGER, TIERS, RESERVATIONS or EXTERNAL", c.Scope)
	}
	return nil
}

func (c *reconcileCommand) run(ctx context.Context, session *session) error {
	db, err := openExisting(ctx, session.db)
	if err != nil {
		return usage(err)
	}
	// With the schema current this only gives the process a number of its own for identifiers.
	version, err := db.Migrate(ctx)
	if err != nil {
		return usage(errors.Join(err, db.Close()))
	}
	remotes, hangUp, err := remotesOf(session.systems)
	if err != nil {
		return usage(errors.Join(err, db.Close()))
	}
	quiet := slog.New(slog.DiscardHandler)
	site := newSite(db, version, nil, quiet, newWatch())
	site.connect(remotes, quiet, hangUp)
	compared, err := c.compare(ctx, site)
	if err = errors.Join(err, site.close()); err != nil {
		return usage(err)
	}
	if err := c.print(session.out, compared); err != nil {
		return usage(err)
	}
	for _, each := range compared {
		if each.Open > 0 {
			return &exitError{code: exitFailed}
		}
	}
	return nil
}

func (c *reconcileCommand) compare(ctx context.Context, site *site) ([]comparison, error) {
	scopes := flow.InnerScopes()
	if c.Scope != "" {
		scopes = []flow.Scope{flow.Scope(c.Scope)}
	}
	var compared []comparison
	for _, scope := range scopes {
		run, err := site.reconciler.Reconcile(ctx, scope, c.Warehouse, "")
		if err != nil {
			return nil, err
		}
		if run.State != flow.RunDone {
			return nil, fmt.Errorf("the %s run failed: %s", scope, run.Error)
		}
		each, err := comparisonOf(ctx, site.DB, run)
		if err != nil {
			return nil, err
		}
		compared = append(compared, each)
	}
	return compared, nil
}

func comparisonOf(ctx context.Context, db *store.DB, run *flow.Run) (comparison, error) {
	page, err := flow.Differences(ctx, db, run.Warehouse, run.ID, 0, differencesListedMax)
	found := make([]differencePrint, len(page.Rows))
	for i, d := range page.Rows {
		found[i] = differencePrint{ID: fmt.Sprint(d.ID), Kind: d.Kind, State: d.State,
			Tier: string(d.Tier), Zone: d.Zone, Bin: d.Bin, Owner: d.Owner, SKU: d.SKU,
			Batch: d.Batch, Pack: d.Pack, Quantity: d.Quantity, Ours: d.Ours.String(),
			Theirs: d.Theirs.String(), Diff: d.Diff.String(), SeenRuns: d.SeenRuns, Note: d.Note}
	}
	return comparison{Scope: run.Scope, Warehouse: run.Warehouse, RunID: fmt.Sprint(run.ID),
		State: run.State, Compared: run.Compared, Matched: run.Matched, Timing: run.Timing,
		Open: run.Open, Differences: found}, err
}

// printCSV writes a line for each difference, with a line of names first.
func printCSV(out io.Writer, compared []comparison) error {
	lines := csv.NewWriter(out)
	failures := []error{lines.Write([]string{"scope", "warehouse", "runId", "id", "kind", "state",
		"zone", "bin", "owner", "sku", "batch", "pack", "quantity", "ours", "theirs", "diff",
		"seenRuns", "note"})}
	for _, run := range compared {
		for _, d := range run.Differences {
			failures = append(failures, lines.Write([]string{string(run.Scope), run.Warehouse,
				run.RunID, d.ID, d.Kind, string(d.State), d.Zone, d.Bin, d.Owner, d.SKU, d.Batch, d.Pack,
				d.Quantity, d.Ours, d.Theirs, d.Diff, fmt.Sprint(d.SeenRuns), d.Note}))
		}
	}
	lines.Flush()
	return errors.Join(append(failures, lines.Error())...)
}

func (c *reconcileCommand) print(out io.Writer, compared []comparison) error {
	if c.JSON {
		return printJSON(out, map[string]any{"runs": compared})
	}
	if c.CSV {
		return printCSV(out, compared)
	}
	var failures []error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(out, format+"\n", args...)
		failures = append(failures, err)
	}
	for _, run := range compared {
		for _, d := range run.Differences {
			place := d.Zone
			if d.Bin != "" {
				place = d.Bin
			}
			say("%s %s %s: %s owner %q SKU %s batch %q pack %q: %s is %s, should be %s", d.State,
				run.Scope, d.Kind, place, d.Owner, d.SKU, d.Batch, d.Pack, d.Quantity, d.Ours, d.Theirs)
		}
		say("reconcile %s %s: %s compared, %s matched, %s timing, %s open", run.Warehouse, run.Scope,
			thousands(run.Compared), thousands(run.Matched), thousands(run.Timing),
			thousands(run.Open))
	}
	return errors.Join(failures...)
}
