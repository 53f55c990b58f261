package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tierstock/model"
	"tierstock/sample"
)

type importOrdersCommand struct {
	File      string `arg:""                    help:"${file}"  placeholder:"FILE.csv"`
	Warehouse string `help:"${into}"            placeholder:"W" required:""`
	Stock     string `default:"${defaultStock}" help:"${stock}" placeholder:"N"`
}

// Validate refuses codes and quantities that no warehouse has.
func (c *importOrdersCommand) Validate() error {
	if err := model.CheckCode(c.Warehouse); err != nil && c.Warehouse != "" {
		return fmt.Errorf("--warehouse: %q %w", c.Warehouse, err)
	}
	stock, err := model.ParseQuantity(c.Stock)
	if err != nil || stock < 0 || !stock.HasAtMost(0) {
		return fmt.Errorf("--stock: %q is not a whole number of pieces, 0 or more", c.Stock)
	}
	return nil
}

// run judges the whole file before the database is opened.
func (c *importOrdersCommand) run(ctx context.Context, session *session) error {
	lines, err := c.readFile()
	if err != nil {
		return usage(err)
	}
	stock, err := model.ParseQuantity(c.Stock)
	if err != nil {
		return usage(err)
	}
	site, err := openSite(ctx, session.db, nil, session.log, newWatch())
	if err != nil {
		return err
	}
	progress := newProgress(session.err, "importing", "lines")
	done, err := site.Import(ctx, lines, c.Warehouse, stock, progress.tell)
	progress.end()
	if err = errors.Join(err, site.close()); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; the same command goes on from here")
		}
		return err
	}
	return c.summarise(session, done)
}

func (c *importOrdersCommand) readFile() ([]sample.OrderLine, error) {
	file, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	lines, err := sample.ReadOrders(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return lines, nil
}

func (c *importOrdersCommand) summarise(session *session, done sample.Imported) error {
	_, err := fmt.Fprintf(session.out, `imported into %s: %s of %s for %s in %s, %.1f s
  %s reserved whole, %s in part, %s not at all, %s were there already
`,
		c.Warehouse, plural(done.Lines, "line"), plural(done.Orders, "order"),
		plural(done.SKUs, "SKU"), plural(done.Waves, "wave"), done.Took.Seconds(),
		thousands(done.Whole), thousands(done.Part), thousands(done.None), thousands(done.Again))
	if err != nil || done.Wrong == 0 {
		return err
	}
	for _, note := range done.Notes {
		session.log.Warn("not imported", "line", note)
	}
	return fmt.Errorf("%s could not be imported", plural(done.Wrong, "line"))
}
