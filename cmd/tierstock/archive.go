package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tierstock/archive"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

type archiveCommand struct {
	Before    string `help:"${before}"    placeholder:"DATE"      required:""`
	To        string `help:"${directory}" placeholder:"DIRECTORY" required:""`
	Warehouse string `help:"${archived}"  placeholder:"W"`
}

// Validate refuses what is no date, and a directory that is not there.
func (c *archiveCommand) Validate() error {
	if _, err := model.ParseDate(c.Before); err != nil && c.Before != "" {
		return fmt.Errorf("--before: %w", err)
	}
	if c.To == "" {
		return nil
	}
	info, err := os.Stat(c.To)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("--to: %s: no such directory", c.To)
	case err != nil:
		return fmt.Errorf("--to: %w", err)
	case !info.IsDir():
		return fmt.Errorf("--to: %s is not a directory", c.To)
	}
	return nil
}

// run asks each warehouse whether the day may be archived before any of them is touched.
func (c *archiveCommand) run(ctx context.Context, session *session) error {
	db, err := openExisting(ctx, session.db)
	if err != nil {
		return usage(err)
	}
	warehouses, err := c.prepare(ctx, db)
	if err != nil {
		return usage(errors.Join(sentence(err), db.Close()))
	}
	for _, warehouse := range warehouses {
		if err = c.archive(ctx, session, db, warehouse); err != nil {
			break
		}
	}
	return errors.Join(err, db.Close())
}

// prepare gives the process a number of its own for identifiers, and lists the warehouses.
func (c *archiveCommand) prepare(ctx context.Context, db *store.DB) ([]string, error) {
	if _, err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	all, err := master.New(db).Warehouses(ctx)
	if err != nil {
		return nil, err
	}
	var warehouses []string
	for _, warehouse := range all {
		if c.Warehouse == "" || c.Warehouse == warehouse.Code {
			warehouses = append(warehouses, warehouse.Code)
		}
	}
	if c.Warehouse != "" && !slices.Contains(warehouses, c.Warehouse) {
		return nil, fmt.Errorf("--warehouse: there is no warehouse %s", c.Warehouse)
	}
	for _, warehouse := range warehouses {
		if _, err := flow.ArchiveUntil(ctx, db, warehouse, model.Date(c.Before)); err != nil {
			return nil, err
		}
	}
	return warehouses, nil
}

func (c *archiveCommand) archive(ctx context.Context, session *session, db *store.DB,
	warehouse string) error {
	file := archive.New(c.To, warehouse, db.NewID())
	progress := newProgress(session.err, "archiving "+warehouse, "flows")
	done, err := flow.Archive(ctx, db, flow.ArchiveOptions{Warehouse: warehouse,
		Before: model.Date(c.Before), Keep: file.Keep, Tell: progress.tell,
		Waiting: func(rest time.Duration) {
			_, _ = fmt.Fprintf(session.err, "the first archive of %s: waiting %.0f s, until each "+
				"writer has heard of it\n", warehouse, rest.Seconds())
		}})
	progress.end()
	if err = errors.Join(err, file.Close()); err != nil && ctx.Err() != nil {
		err = errors.New("interrupted; what was archived is, and the same command goes on from here")
	}
	switch {
	case isBusy(err):
		return usage(sentence(err))
	case err != nil:
		return sentence(err)
	}
	return c.summarise(session, warehouse, file, done)
}

func (c *archiveCommand) summarise(session *session, warehouse string, file *archive.File,
	done flow.Archived) error {
	where := "no file was needed"
	if file.Bytes() > 0 {
		where = fmt.Sprintf("in %s (%s bytes)", filepath.Base(file.Path()), thousands(file.Bytes()))
	}
	_, err := fmt.Fprintf(session.out,
		"archive %s: %s in %s and %s without flows from before %s, %s; %s remain\n", warehouse,
		plural(done.Flows, "flow"), plural(done.Commits, "commit"), plural(done.Bare, "effect"),
		c.Before, where, plural(done.Remaining, "flow"))
	return err
}

func isBusy(err error) bool {
	refusal, ok := errors.AsType[*model.Refusal](err)
	return ok && refusal.Code == model.Busy
}

// sentence tells a refusal in words, as a person would be told.
func sentence(err error) error {
	refusal, ok := errors.AsType[*model.Refusal](err)
	switch {
	case !ok:
		return err
	case refusal.Field == "before":
		return errors.New("--before: " + refusal.Message)
	}
	return errors.New(refusal.Message)
}
