package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/sample"
	"tierstock/wmsync"
)

type demoCommand struct {
	listenFlag
	rulesFlag
	watchFlag
	syncing

	Days int `default:"0" help:"${days}" placeholder:"N"`
}

// Validate refuses what is no number of days.
func (c *demoCommand) Validate() error {
	if c.Days < 0 {
		return errors.New("--days: must not be negative")
	}
	return errors.Join(c.listenFlag.Validate(), c.check())
}

func (c *demoCommand) run(ctx context.Context, session *session) error {
	if slices.ContainsFunc(session.systems, func(system wmsync.System) bool {
		return system.Name == sample.System
	}) {
		return usage(errors.New("--config: a system is named " + sample.System + ", as the one that " +
			"the demo brings along; name it otherwise"))
	}
	wms := sample.NewWMS()
	door, site, err := openAll(ctx, session, c.listenFlag, c.rulesFlag, c.watchFlag, wms.Remote())
	if err != nil {
		return err
	}
	site.WMS = wms
	if err := c.play(ctx, session, site); err != nil {
		err = errors.Join(door.close(), site.close(), err)
		return interrupted(ctx, session, err)
	}
	return door.serve(ctx, session, site)
}

// interrupted makes no failure of what somebody wanted.
func interrupted(ctx context.Context, session *session, err error) error {
	if ctx.Err() == nil {
		return err
	}
	session.log.Info("interrupted; the same command goes on from here")
	return nil
}

// play plays the history, or the rest of it, and checks the books afterwards. Where there is
// nothing left to play they have been checked.
func (c *demoCommand) play(ctx context.Context, session *session, site *site) error {
	before, err := site.Progress(ctx)
	if err != nil {
		return err
	}
	progress := newProgress(session.err, "playing three years of orders", "days")
	progress.more = func() string {
		orders, movements := site.WMS.Exchanged()
		return plural(orders, "order") + " pulled, " + plural(movements, "movement") + " pushed"
	}
	outcome, err := site.Play(ctx, sample.Replay{Days: c.Days, Tell: progress.tell})
	progress.end()
	if err != nil {
		return err
	}
	if err := summarise(session, outcome); err != nil {
		return err
	}
	if err := c.compare(ctx, session, site, before.Days != outcome.Days); err != nil {
		return err
	}
	checked, err := isVerified(ctx, site.DB.Reader(), "")
	if err != nil || checked && before.Days == outcome.Days {
		return err
	}
	report, err := verify(ctx, site.DB)
	if err == nil {
		err = report.print(session.out)
	}
	if err == nil && !report.OK {
		err = errors.New("the books are broken; the database is left as it is")
	}
	return err
}

// compare lays the books beside those of the WMS, unless that has been done and nothing was played
// since. That they differ is no failure: it is for people to look at.
func (c *demoCommand) compare(ctx context.Context, session *session, site *site,
	played bool) error {
	done, err := flow.Runs(ctx, site.DB, sample.Warehouse, flow.ScopeExternal, 0, 1)
	if err != nil || len(done.Rows) > 0 && done.Rows[0].State == flow.RunDone && !played {
		return err
	}
	run, err := site.reconciler.Reconcile(ctx, flow.ScopeExternal, sample.Warehouse, "")
	if refusal, ok := errors.AsType[*model.Refusal](err); ok && refusal.Code == model.Busy {
		return nil // of a process that was killed meanwhile; it can be asked for again in the console
	}
	if err != nil || run.State != flow.RunDone {
		return err
	}
	_, err = fmt.Fprintf(session.out, "reconcile: %s of %s in the WMS's books agree; %s explained by "+
		"what is under way, %s to be decided in the console\n", thousands(run.Matched),
		plural(int(run.Compared), "row"), thousands(run.Timing), thousands(run.Open))
	return err
}

// summarise tells what the replay came to, as who runs a warehouse asks for it.
func summarise(session *session, outcome sample.Outcome) error {
	seconds := float64(outcome.Millis) / 1000
	_, err := fmt.Fprintf(session.out, `warehouse %s after %s:
  orders       %s of %s: %s pieces of %s
  fill rate    %.1f %%: %s of %s pieces; %s short
  splits       %s of %s picked from more than one bin, %s of %s from more than one row
  short picks  %s, of which %s re-allocated at once
  exceptions   %s damaged; %s of bins for these and the short picks
  inbound      %s
%s%s  work         %s of calls in %.1f s: %s lines a second
`,
		sample.Warehouse, plural(outcome.Days, "day"),
		plural(outcome.Orders, "order"), plural(outcome.Lines, "line"),
		thousands(outcome.Asked), plural(outcome.SKUs, "SKU"),
		percent(outcome.Held, outcome.Asked), thousands(outcome.Held), thousands(outcome.Asked),
		plural(outcome.Short, "line"),
		thousands(outcome.SplitOrders), plural(outcome.PickedOrders, "order"),
		thousands(outcome.SplitLines), plural(outcome.PickedLines, "line"),
		thousands(outcome.ShortPicks), thousands(outcome.Moved),
		plural(outcome.Damaged, "piece"), plural(outcome.Counts, "count"),
		plural(outcome.Receipts, "receipt"), replenished(outcome.Replenished), synced(outcome.Synced),
		plural(outcome.Work, "line"), seconds,
		thousands(int64(float64(outcome.Work)/max(seconds, 0.001))))
	for _, note := range outcome.Notes {
		session.log.Warn("answered other than planned", "line", note)
	}
	return err
}

// replenished is the summary's line about it, none before it was done.
func replenished(r sample.Replenished) string {
	if r.Runs == 0 {
		return ""
	}
	return fmt.Sprintf("  replenished  %s over %s: %s, %s moved and %s open; %s to buy\n",
		plural(r.Runs, "run"), plural(r.Levels, "level"), plural(r.Tasks, "task"),
		thousands(r.Moved), thousands(r.Tasks-r.Moved), plural(int(r.Buys), "article"))
}

// synced is the summary's line about the WMS.
func synced(s sample.Synced) string {
	line := fmt.Sprintf("  sync         %s pulled from a simulated WMS, %s pushed back",
		plural(s.Pulled, "order"), plural(s.Pushed, "movement"))
	if s.Dead > 0 {
		line += fmt.Sprintf("; %s for you in the console", plural(s.Dead, "dead letter"))
	}
	return line + "\n"
}

// percent is 100 where nothing was asked for: nobody got less.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}
