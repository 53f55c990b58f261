package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"tierstock/bench"
	"tierstock/store"
)

type benchCommand struct {
	Redis      string   `help:"${redis}"             placeholder:"URL"`
	Workload   []string `help:"${workload}"          placeholder:"W,..."`
	Contenders []string `help:"${contenders}"        placeholder:"C,..."`
	Callers    []int    `help:"${callers}"           placeholder:"N,..."`
	Rounds     int      `default:"${defaultRounds}"  help:"${rounds}"    placeholder:"N"`
	Seconds    float64  `default:"${defaultSeconds}" help:"${seconds}"   placeholder:"S"`
	Seed       uint64   `default:"${defaultSeed}"    help:"${seed}"      placeholder:"N"`
	Growth     int64    `default:"${defaultGrowth}"  help:"${growth}"    placeholder:"N"`
	Rows       int      `default:"${defaultRows}"    hidden:""`
	JSON       string   `help:"${benchJSON}"         name:"json"         placeholder:"FILE"`
	HTML       string   `help:"${benchHTML}"         name:"html"         placeholder:"FILE"`
	SVG        string   `help:"${benchSVG}"          name:"svg"          placeholder:"FILE"`
}

// form is a way to write a report into a file.
type form struct {
	flag, path string
	write      func(io.Writer, bench.Report) error
}

func (c *benchCommand) forms() (wanted []form) {
	all := []form{{"--json", c.JSON, writeReportJSON}, {"--html", c.HTML, bench.WriteHTML},
		{"--svg", c.SVG, bench.WriteSVG}}
	return slices.DeleteFunc(all, func(f form) bool { return f.path == "" })
}

func writeReportJSON(out io.Writer, report bench.Report) error {
	return printJSON(out, report)
}

// Validate refuses what cannot be measured or written before anything is opened.
func (c *benchCommand) Validate() error {
	options := c.options(nil)
	if err := options.Check(); err != nil {
		return err
	}
	for _, form := range c.forms() {
		if err := checkWritable(form.path); err != nil {
			return fmt.Errorf("%s: %s: %w", form.flag, form.path, err)
		}
	}
	return nil
}

// checkWritable says whether a file could be written, and makes none: a run that fails should
// leave nothing.
func checkWritable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("is a folder")
	case err == nil:
		return nil
	}
	info, err = os.Stat(filepath.Dir(path))
	switch {
	case err != nil:
		return errors.New("its folder is not there")
	case !info.IsDir():
		return errors.New("its folder is none")
	}
	return nil
}

func (c *benchCommand) options(session *session) bench.Options {
	options := bench.Options{RedisURL: c.Redis, Workloads: c.Workload, Contenders: c.Contenders,
		Callers: c.Callers, Rounds: c.Rounds, Seconds: c.Seconds, Seed: c.Seed,
		GrowthFlows: c.Growth, Rows: c.Rows, Commit: builtFrom()}
	if session != nil {
		options.DatabaseURL = session.db
	}
	return options
}

// builtFrom is the commit that the program was built from, where the build noted it.
func builtFrom() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}

func (c *benchCommand) run(ctx context.Context, session *session) error {
	options := c.options(session)
	program, err := os.Executable()
	if err != nil {
		return err
	}
	options.Worker = []string{program, "bench-worker"}
	progress := newProgress(session.err, "measuring", "turns")
	options.Tell = progress.tell
	report, err := bench.Run(ctx, options)
	progress.end()
	switch {
	case errors.Is(err, store.ErrNotEmpty):
		return usage(fmt.Errorf("--db: %w; bench needs one that is empty or not there", err))
	case ctx.Err() != nil:
		return errors.Join(errors.New("interrupted; nothing was left behind"), hide(err, ctx.Err()))
	case err != nil:
		return err
	}
	return errors.Join(printReport(session.out, report), c.save(report), oracles(report))
}

// hide is the error unless it only says that the run was interrupted.
func hide(err, interruption error) error {
	if errors.Is(err, interruption) {
		return nil
	}
	return err
}

func (c *benchCommand) save(report bench.Report) error {
	var failures []error
	for _, form := range c.forms() {
		file, err := os.Create(form.path)
		if err == nil {
			err = errors.Join(form.write(file, report), file.Close())
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// oracles fails the run when something was oversold, doubled or lost.
func oracles(report bench.Report) error {
	for _, cell := range report.Cells {
		if cell.Oracle != "ok" {
			return fmt.Errorf("%s, %s with %d callers: %s", cell.Workload, cell.Contender,
				cell.Callers, cell.Oracle)
		}
	}
	return nil
}

// benchWorkerCommand is another process of a bench, started by it.
type benchWorkerCommand struct{}

func (*benchWorkerCommand) run(ctx context.Context, session *session) error {
	return bench.Work(ctx, os.Stdin, session.out)
}
