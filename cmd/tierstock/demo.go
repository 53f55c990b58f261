package main

import (
	"context"
	"errors"
	"fmt"

	"tierstock/sample"
)

type demoCommand struct {
	listenFlag

	Days int `default:"0" help:"${days}" placeholder:"N"`
}

// Validate refuses what is no number of days.
func (c *demoCommand) Validate() error {
	if c.Days < 0 {
		return errors.New("--days: must not be negative")
	}
	return c.listenFlag.Validate()
}

func (c *demoCommand) run(ctx context.Context, session *session) error {
	door, err := openDoor(ctx, c.listenFlag)
	if err != nil {
		return err
	}
	site, err := openSite(ctx, session.db, session.log)
	if err != nil {
		return errors.Join(err, door.close())
	}
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
	outcome, err := site.Play(ctx, sample.Replay{Days: c.Days, Tell: progress.tell})
	progress.end()
	if err != nil {
		return err
	}
	if err := summarise(session, outcome); err != nil {
		return err
	}
	_, checked, err := readWord(ctx, site.DB.Reader(), "")
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

func summarise(session *session, outcome sample.Outcome) error {
	seconds := float64(outcome.Millis) / 1000
	filled := 100 * float64(outcome.Held) / float64(max(outcome.Asked, 1))
	_, err := fmt.Fprintf(session.out, `warehouse %s after %s:
  %s of %s for %s pieces of %s
  %.1f %% of the pieces were there; %s
  %s of reserve, pin, pick, deduct, receive, move and repack in %.1f s: %.0f lines a second
`,
		sample.Warehouse, plural(outcome.Days, "day"),
		plural(outcome.Lines, "line"), plural(outcome.Orders, "order"), thousands(outcome.Asked),
		plural(outcome.SKUs, "SKU"), filled, plural(outcome.Receipts, "receipt"),
		plural(outcome.Work, "line"), seconds, float64(outcome.Work)/max(seconds, 0.001))
	for _, note := range outcome.Notes {
		session.log.Warn("answered other than planned", "line", note)
	}
	return err
}
